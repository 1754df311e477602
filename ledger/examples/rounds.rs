//! Makes a ledger and grows it without a server, saying aloud what it promises, and holds a ledger against what was promised.
//!
//! ```text
//! rounds FOLDER make                  makes it, and enrols a provider
//! rounds FOLDER grow LAST             publishes statements up to number LAST; each third redacts the one before it
//! rounds FOLDER check LAST PROMISES   whether every promise in that file holds, the folder is clean, and it goes on to LAST
//! ```
//!
//! `tests/outside/faulted.py` runs it while system calls fail. Promises leave on the standard error by `writev`, which nothing else here
//! calls, so that the faults of other calls do not meet them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{IoSlice, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::key_file::write_pem;
use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::open::{Hold, Opened};
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::verify_consistency;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::head::NewTree;
use glasshouse_verifier::targets::Target;
use support::lives::redaction;
use support::*;

const FACTS: &str = "decision_facts";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [folder, "make"] => make(Path::new(folder)),
        [folder, "grow", last] => grow(Path::new(folder), last.parse().unwrap()),
        [folder, "check", last, told] => check(Path::new(folder), last.parse().unwrap(), Path::new(told)),
        _ => panic!("rounds FOLDER make | grow LAST | check LAST PROMISES"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("ended: {why}"));
            ExitCode::FAILURE
        }
    }
}

type Done<T = ()> = Result<T, String>;

fn say(line: &str) {
    let line = format!("{line}\n");
    let written = std::io::stderr().write_vectored(&[IoSlice::new(line.as_bytes()), IoSlice::new(b"")]);
    assert_eq!(written.unwrap(), line.len());
}

fn told<E: Display>(error: E) -> String {
    error.to_string()
}

fn make(folder: &Path) -> Done {
    let registrar_key = folder.with_extension("registrar.key");
    write_pem(&registrar_key, &key(2)).map_err(told)?;
    let options = InitOptions {
        folder: folder.to_owned(),
        origin: origin(),
        registrar_key,
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    Ledger::init(&options, TestClock::new()).map_err(told)?;
    let (mut writer, reader) = open_folder(folder)?;
    submit(&mut writer, &reader, &[(enrolment_of(&provider(), 2), Vec::new())])?;
    writer.settle().map_err(told)
}

fn open_folder(folder: &Path) -> Done<(Writer, Reader)> {
    let options = OpenOptions {
        folder: folder.to_owned(),
        clock: TestClock::new(),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    };
    let Opened { writer, reader, .. } = Ledger::open(&options).map_err(told)?;
    Ok((writer, reader))
}

/// A statement, and bytes that are nowhere when it is answered.
type ToSend = (Signed, Vec<u8>);

/// The number after the last one that is on record: number n stands at index n + 1, behind the genesis and the enrolment.
fn next_number(reader: &Reader) -> u64 {
    reader.head().size().get() - 1
}

/// The statement of a number: every third one redacts the facts of the one before it.
fn statement(reader: &Reader, number: u64) -> Done<ToSend> {
    if !number.is_multiple_of(3) {
        return Ok((decision(number), Vec::new()));
    }
    let before = reader.entry(index(number)).map_err(told)?.unwrap();
    let facts = FieldName::find(FACTS).unwrap();
    let digest = before.statement().payload().addenda().get(&facts).copied().unwrap();
    let salt = match reader.addendum(&digest).map_err(told)? {
        // Behind the head of the array, and that of the byte string.
        AddendumState::Served { bytes, .. } => bytes[2..18].to_vec(),
        other => panic!("the facts of number {} are not served: {other:?}", number - 1),
    };
    Ok((redaction(number, &[Target::Entry(before.leaf_hash())], &[FACTS]), salt))
}

/// Submits statements, runs rounds until all are answered, and says what was promised.
fn submit(writer: &mut Writer, reader: &Reader, statements: &[ToSend]) -> Done {
    let mut waiting = BTreeMap::new();
    for (signed, erased) in statements {
        waiting.insert(writer.submit(admit(reader, signed).unwrap()), erased);
    }
    while !waiting.is_empty() {
        let report = writer.round().map_err(told)?;
        for (ticket, answer) in report.answers {
            let (index, leaf_hash) = match answer {
                Answer::Accepted { index, leaf_hash } => (index, leaf_hash),
                // An earlier entry could not be read: nothing is promised, and it can be sent again.
                Answer::Rejected(rejection) if rejection.slug == "not-ready" => return Err(rejection.detail),
                other => panic!("{other:?}"),
            };
            say(&format!("place {index} {}", leaf_hash.to_hex()));
            let erased = waiting.remove(&ticket).unwrap();
            if !erased.is_empty() {
                say(&format!("gone {}", hex::encode(erased)));
            }
        }
        say(&format!("shown {}", hex::encode(reader.checkpoint_note())));
    }
    Ok(())
}

fn grow(folder: &Path, last: u64) -> Done {
    let (mut writer, reader) = open_folder(folder)?;
    loop {
        let number = next_number(&reader);
        if number > last {
            return writer.settle().map_err(told);
        }
        // Two decisions in one round, or one statement.
        let mut statements = vec![statement(&reader, number)?];
        if number % 3 == 1 && number < last {
            statements.push(statement(&reader, number + 1)?);
        }
        submit(&mut writer, &reader, &statements)?;
        if number.is_multiple_of(2) {
            writer.settle().map_err(told)?;
        }
    }
}

fn check(folder: &Path, last: u64, promises: &Path) -> Done {
    let promises = std::fs::read_to_string(promises).map_err(told)?;
    let promises: Vec<(&str, &str)> = promises.lines().filter_map(|line| line.split_once(' ')).collect();
    let gone = |(kind, rest): &(&str, &str)| (*kind == "gone").then(|| hex::decode(rest).unwrap());
    let gone: Vec<Vec<u8>> = promises.iter().filter_map(gone).collect();
    assert_gone(folder, &gone)?;
    for last in [0, last] {
        grow(folder, last)?;
        let (_, reader) = open_folder(folder)?;
        for (kind, rest) in &promises {
            match *kind {
                "place" => check_place(&reader, rest)?,
                "shown" => check_shown(folder, &reader, &hex::decode(rest).unwrap())?,
                _ => {}
            }
        }
        drop(reader);
        let report = Ledger::fsck(folder).map_err(told)?;
        if !report.is_clean() {
            return Err(format!("{:?}", report.findings));
        }
        assert_gone(folder, &gone)?;
    }
    Ok(())
}

fn check_place(reader: &Reader, promise: &str) -> Done {
    let (number, leaf) = promise.split_once(' ').unwrap();
    let place = index(number.parse().unwrap());
    let entry = reader.entry(place).map_err(told)?.ok_or(format!("entry {number} is lost"))?;
    match entry.leaf_hash().to_hex() == leaf {
        true => Ok(()),
        false => Err(format!("entry {number} is another one")),
    }
}

fn check_shown(folder: &Path, reader: &Reader, note: &[u8]) -> Done {
    let old = SignedCheckpoint::open(note, &read_vkey(folder).map_err(told)?).map_err(told)?;
    let head = reader.head();
    let proved = reader.prove_consistency(old.head().size(), head.size()).map_err(told)?;
    if proved.old.0 != *old.head() {
        return Err(format!("the tree of size {} is contradicted", old.head().size()));
    }
    verify_consistency(&proved.old, &NewTree(head), &proved.proof).map_err(told)
}

/// Whether none of these bytes lies in any file of the ledger; its look-ups hold no texts.
fn assert_gone(folder: &Path, gone: &[Vec<u8>]) -> Done {
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for item in std::fs::read_dir(folder).map_err(told)? {
            let path = item.map_err(told)?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(told)?;
            if gone.iter().any(|gone| bytes.windows(gone.len()).any(|window| window == gone)) {
                return Err(format!("{} holds a text that was erased", path.display()));
            }
        }
    }
    Ok(())
}
