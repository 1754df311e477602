//! The process dies at every record of the journal, before it, in the middle of it and behind it; then it runs again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::journal::JournalFile;

use glasshouse_server::outbox::line::{AuthoredLine, LineError};
use serde_json::json;

use crate::later::{amendment, lifted, sealed};
use crate::world::{World, decision, lines};

/// Five lines, some of them about others among them.
fn life() -> Vec<Result<AuthoredLine, LineError>> {
    let first = [decision("a"), decision("b"), sealed("gagged")];
    let later = [lifted(json!(["puid:a"])), amendment("fix-1", json!(["puid:b"]))];
    lines(&[&first[..], &later].concat())
}

/// Where the journal's file stops to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// The record is not written.
    Before,
    /// Half of the record is written.
    Middle,
    /// The record is written, the next one is not, and nothing is synced.
    Behind,
    /// Never: the records are counted.
    Never,
}

/// A file that stops at one record.
struct Dying {
    file: Box<dyn JournalFile>,
    written: Arc<AtomicUsize>,
    at: usize,
    death: Death,
}

impl Dying {
    fn died(&self) -> bool {
        self.death != Death::Never && self.written.load(Ordering::SeqCst) > self.at
    }
}

fn dead() -> io::Error {
    io::Error::other("the process died here")
}

impl JournalFile for Dying {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        for record in bytes.split_inclusive(|byte| *byte == b'\n') {
            let number = self.written.fetch_add(1, Ordering::SeqCst);
            if self.death != Death::Never && number == self.at {
                let kept = match self.death {
                    Death::Before => 0,
                    Death::Middle => record.len() / 2,
                    Death::Behind | Death::Never => record.len(),
                };
                self.file.append(&record[..kept])?;
                return Err(dead());
            }
            self.file.append(record)?;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.died() { Err(dead()) } else { self.file.sync() }
    }
}

fn dying(
    file: Box<dyn JournalFile>,
    written: &Arc<AtomicUsize>,
    at: usize,
    death: Death,
) -> Box<dyn JournalFile> {
    Box::new(Dying { file, written: Arc::clone(written), at, death })
}

#[test]
fn dying_at_any_record_loses_and_repeats_nothing() {
    let world = World::start();
    let counted = Arc::new(AtomicUsize::new(0));
    let provider = world.enrol("never-dies");
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let outbox = outbox.through(|file| dying(file, &counted, 0, Death::Never));
    provider.publish(&world, outbox, &life(), &mut Vec::new()).unwrap();
    let records = counted.load(Ordering::SeqCst);
    assert!(records >= 10, "only {records} records: pin, start, five lines, three answers are expected");
    for at in 0..records {
        for death in [Death::Before, Death::Middle, Death::Behind] {
            one_death(&world, at, death);
        }
    }
}

fn one_death(world: &World, at: usize, death: Death) {
    let case = format!("{death:?} record {at}");
    let provider = world.enrol(&format!("dies-{}-{at}", format!("{death:?}").to_lowercase()));
    let written = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let outbox = outbox.through(|file| dying(file, &written, at, death));
    let first = provider.publish(world, outbox, &life(), &mut Vec::new());
    assert!(first.is_err(), "{case}: it did not die");
    let before = world.state(&provider).sequence;
    let summary = provider.publish_all(world, &life());
    let after = world.state(&provider).sequence;
    assert_eq!((after.unbroken, after.highest), (5, 5), "{case}: lost or repeated; {before:?}");
    assert_eq!(summary.highest, 5, "{case}");
    assert_eq!((summary.lines, summary.others.on_record), (5, 0), "{case}: {summary:?}");
    let new = summary.numbers.iter().map(|(first, last)| last - first + 1).sum::<u64>();
    assert_eq!(new, summary.on_record, "{case}: {summary:?}");
    let again = provider.publish_all(world, &life());
    assert_eq!((again.on_record, again.already_published), (0, 5), "{case}");
    for number in 1..=5 {
        let receipt = provider.outbox.join("receipts").join(format!("{number}.json"));
        assert!(receipt.exists(), "{case}: no receipt {number}");
    }
}
