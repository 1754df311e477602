//! Grows a ledger to a number of entries in uneven rounds, and keeps some of its checkpoints.
//!
//! The outside judges read what it leaves behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use clap::Parser;
use glasshouse_tests::workload::batch;
use glasshouse_tests::world::World;

/// Grows a ledger through its HTTP interface.
#[derive(Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin grow -- --dir /tmp/ledger --entries 70000 --checkpoints /tmp/old")]
struct Arguments {
    /// Where the ledger goes; must not exist.
    #[arg(long)]
    dir: PathBuf,
    /// How many entries it gets, genesis and enrolment among them.
    #[arg(long)]
    entries: u64,
    /// Where checkpoints are kept, each under the name of its size.
    #[arg(long)]
    checkpoints: PathBuf,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    glasshouse: Option<PathBuf>,
}

fn main() {
    let arguments = Arguments::parse();
    let program = arguments
        .glasshouse
        .unwrap_or_else(|| std::env::current_exe().unwrap().parent().unwrap().join("glasshouse"));
    std::fs::create_dir_all(&arguments.checkpoints).unwrap();
    let mut world = World::start(&program);
    let mut publisher = world.enrol("grower");
    let (mut size, mut step) = (2, 1_u64);
    while size < arguments.entries {
        // 1, 4, 13, 40, … modulo 1,000: no round is like the one before.
        step = (3 * step + 1) % 1_000;
        let many = step.max(1).min(arguments.entries - size);
        let signed: Vec<_> = (0..many).map(|_| publisher.sign_next()).collect();
        let results = world.post(&batch(&signed)).json();
        for (at, result) in results["results"].as_array().unwrap().iter().enumerate() {
            assert_eq!(result["status"], "accepted", "{result}");
            assert_eq!(result["index"].as_u64(), Some(size + at as u64));
        }
        size += many;
        // Checkpoints of small, odd and tile-aligned neighbourhoods, about 40 of them.
        if size < 600 || step % 32 == 1 {
            let note = world.get("/checkpoint").body;
            let shown: u64 = String::from_utf8_lossy(&note).lines().nth(1).unwrap().parse().unwrap();
            std::fs::write(arguments.checkpoints.join(shown.to_string()), note).unwrap();
        }
    }
    assert_eq!(world.take_server().stop(), Some(0));
    // A rename keeps folder and file on their inodes: the ledger is moved, not copied.
    std::fs::rename(world.dir(), &arguments.dir).unwrap();
    println!("{size} entries in {}", arguments.dir.display());
}
