//! Counts the instructions of each piece of [`glasshouse_tests::measured_work`] under callgrind, and compares them with
//! those that were recorded.
//!
//! Unlike times they hardly differ from run to run, and not with what else a machine does; they say nothing about memory and
//! caches. Callgrind shows a program a processor with AVX2 and without SHA extensions or AVX-512.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use glasshouse_tests::measured_work::{Once, PIECES, Piece};
use serde::{Deserialize, Serialize};

/// So many per cent more than recorded fail; so many less should be recorded anew.
const TOLERANCE: f64 = 10.0;

/// Counts instructions of pieces of work, and compares them with the recorded ones.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --release -p glasshouse-tests --bin instructions
  cargo run --release -p glasshouse-tests --bin instructions -- --record

Exit status: 0 nothing became slower, 1 a piece takes more than 10 % more instructions than recorded, 2 wrong arguments.")]
struct Arguments {
    /// Write what is counted into tests/benches/instructions.json, after a change that is meant to cost so much.
    #[arg(long)]
    record: bool,
    /// Do one piece of work: what runs under callgrind.
    #[arg(long, hide = true)]
    work: Option<String>,
}

/// What was counted, and with what.
#[derive(Serialize, Deserialize, PartialEq)]
struct Counts {
    /// Compiler, callgrind, and what of the processor the program uses. Where they differ, counts do too.
    with: String,
    /// Instructions of doing each piece once.
    instructions: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(name) = arguments.work {
        let piece = PIECES.iter().find(|piece| piece.name == name).expect("a piece of work");
        count_this(&mut (piece.prepare)(), piece.times);
        return ExitCode::SUCCESS;
    }
    let instructions = PIECES.iter().map(|piece| (piece.name.to_owned(), counted(piece))).collect();
    let now = Counts { with: tools(), instructions };
    if arguments.record {
        let text = serde_json::to_string_pretty(&now).unwrap() + "\n";
        std::fs::write(record(), text).unwrap();
        println!("recorded {} counts in {}", now.instructions.len(), record().display());
        return ExitCode::SUCCESS;
    }
    let text = std::fs::read(record()).unwrap();
    if compare(&serde_json::from_slice(&text).unwrap(), &now) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Where counts are recorded.
fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.json")
}

/// The function that callgrind looks for: it counts in here alone.
#[inline(never)]
fn count_this(once: &mut Once, times: u32) {
    for _ in 0..times {
        once();
    }
}

/// Runs this program under callgrind with one piece of work; instructions of doing it once.
fn counted(piece: &Piece) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*count_this*"])
        .arg(std::env::current_exe().unwrap())
        .args(["--work", piece.name])
        .output()
        .unwrap_or_else(|error| panic!("valgrind: {error}; Debian has it as the package valgrind"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", piece.name);
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).expect("a count");
    let count = collected.1.trim().parse::<u64>().unwrap();
    assert!(count > 10_000, "{}: only {count} instructions: callgrind did not find the function", piece.name);
    count / u64::from(piece.times)
}

/// What counts depend on.
fn tools() -> String {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    #[cfg(target_arch = "x86_64")]
    let vectors = if std::arch::is_x86_feature_detected!("avx2") { "x86-64 with AVX2" } else { "x86-64" };
    #[cfg(not(target_arch = "x86_64"))]
    let vectors = std::env::consts::ARCH;
    format!("{}, {}, {vectors}", version("rustc"), version("valgrind"))
}

/// Prints a table; false where something became slower. With other tools nothing is compared but by eye.
fn compare(recorded: &Counts, now: &Counts) -> bool {
    println!("{:<28} {:>12} {:>12} {:>8}", "instructions of", "recorded", "now", "change");
    let (mut slower, mut faster) = (Vec::new(), Vec::new());
    for (name, count) in &now.instructions {
        let Some(before) = recorded.instructions.get(name) else {
            println!("{name:<28} {:>12} {count:>12} {:>8}", "-", "new");
            slower.push(name.as_str());
            continue;
        };
        let change = (*count as f64 / *before as f64 - 1.0) * 100.0;
        println!("{name:<28} {before:>12} {count:>12} {change:>+7.1}%");
        if change > TOLERANCE {
            slower.push(name);
        } else if change < -TOLERANCE {
            faster.push(name.as_str());
        }
    }
    let gone = recorded.instructions.keys().filter(|name| !now.instructions.contains_key(*name));
    let gone: Vec<&str> = gone.map(String::as_str).collect();
    let again = "record anew: cargo run --release -p glasshouse-tests --bin instructions -- --record";
    if recorded.with != now.with {
        println!("recorded with {}, counted with {}: not judged; {again}", recorded.with, now.with);
        return true;
    }
    if !faster.is_empty() {
        println!("more than {TOLERANCE} % fewer for {}: {again}", faster.join(", "));
    }
    for (what, names) in [("more than 10 % more, or new", &slower), ("recorded, and gone", &gone)] {
        if !names.is_empty() {
            println!("{what}: {}; if that is meant, {again}", names.join(", "));
        }
    }
    slower.is_empty() && gone.is_empty()
}
