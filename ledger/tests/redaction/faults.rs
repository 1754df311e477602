//! The fault table of rounds with redactions and disclosures: every call, failed and failed-but-persisted, then the process
//! killed or the power lost; and recovery killed at each of its own calls.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Writer;

use crate::support::faulty_store::{Fault, FaultyStore};
use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, GROUND};

/// What the next start finds of a round: nothing of it, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Before,
    After,
}

use Found::{After, Before};

/// A call, and what the next start finds if it failed without doing anything, and after doing everything.
struct Row(&'static str, Found, Found);

/// The redaction of a text that was settled long ago.
const REDACTION: &[Row] = &[
    Row("put_durable stage/4-", Before, After),
    Row("swap_state", After, After),
    Row("put tile/entries/000.p/4", After, After),
    Row("put tile/0/000.p/4", After, After),
    Row("put_durable checkpoint", After, After),
    // Settle, so that no stage holds the text.
    Row("sync", After, After),
    Row("delete stage/4-", After, After),
    // Erase.
    Row("rewrite addenda-pack/000", After, After),
    Row("sync", After, After),
    Row("rewrite addenda-pack/000", After, After),
    Row("sync", After, After),
    Row("put erasures", After, After),
];

/// The same, where the text came with a round whose stage still lies.
const UNSETTLED: &[Row] = &[
    Row("put_durable stage/4-", Before, After),
    Row("swap_state", After, After),
    Row("put tile/entries/000.p/4", After, After),
    Row("put tile/0/000.p/4", After, After),
    Row("put_durable checkpoint", After, After),
    Row("sync", After, After),
    Row("delete stage/3-", After, After),
    Row("delete stage/4-", After, After),
    Row("rewrite addenda-pack/000", After, After),
    Row("sync", After, After),
    Row("rewrite addenda-pack/000", After, After),
    Row("sync", After, After),
    Row("put erasures", After, After),
];

/// A text and its redaction in one round.
const TOGETHER: &[Row] = &[
    Row("put_durable stage/4-", Before, After),
    Row("swap_state", After, After),
    Row("append addenda-pack/000", After, After),
    Row("put tile/entries/000.p/4", After, After),
    Row("put tile/0/000.p/4", After, After),
    Row("put_durable checkpoint", After, After),
    Row("sync", After, After),
    Row("delete stage/4-", After, After),
    Row("sync", After, After),
    Row("put erasures", After, After),
];

/// A redaction that is held: when it was published is written down durably, and nothing is erased.
const HELD: &[Row] = &[
    Row("put_durable stage/4-", Before, After),
    Row("swap_state", After, After),
    Row("put tile/entries/000.p/4", After, After),
    Row("put tile/0/000.p/4", After, After),
    Row("put_durable checkpoint", After, After),
    Row("put_durable erasures", After, After),
];

/// A disclosure: the text goes into its target's pack.
const DISCLOSURE: &[Row] = &[
    Row("put_durable stage/4-", Before, After),
    Row("swap_state", After, After),
    Row("append addenda-pack/000", After, After),
    Row("put tile/entries/000.p/4", After, After),
    Row("put tile/0/000.p/4", After, After),
    Row("put_durable checkpoint", After, After),
    Row("sync", After, After),
    Row("delete stage/4-", After, After),
];

const HOLD: u64 = 1_000_000;

/// What is in the ledger before the fault, and what is then done to it.
struct Case {
    name: &'static str,
    table: &'static [Row],
    hold_ms: u64,
    /// Published before.
    earlier: Vec<Signed>,
    settled: bool,
    /// Published by the round of the fault, the last one with the texts that it opens.
    later: Vec<Signed>,
    /// The statement whose facts are redacted or disclosed.
    about: Signed,
}

impl Case {
    fn all() -> Vec<Case> {
        let (plain, secret) = (decision(1), secretive(1));
        let redacted = redaction(2, &[leaf(&plain)], &[FACTS]);
        let case =
            |name, table, hold_ms, earlier: &[&Signed], settled, later: &[&Signed], about: &Signed| Case {
                name,
                table,
                hold_ms,
                earlier: earlier.iter().map(|one| (*one).clone()).collect(),
                settled,
                later: later.iter().map(|one| (*one).clone()).collect(),
                about: about.clone(),
            };
        vec![
            case("redaction", REDACTION, 0, &[&plain], true, &[&redacted], &plain),
            case("unsettled", UNSETTLED, 0, &[&plain], false, &[&redacted], &plain),
            case("together", TOGETHER, 0, &[], true, &[&plain, &redacted], &plain),
            case("held", HELD, HOLD, &[&plain], true, &[&redacted], &plain),
            case(
                "disclosure",
                DISCLOSURE,
                0,
                &[&secret],
                true,
                &[&disclosure(2, &secret, &[FACTS])],
                &secret,
            ),
        ]
    }

    fn is_disclosure(&self) -> bool {
        self.name == "disclosure"
    }

    /// The ledger before the fault.
    fn begin(&self) -> (Arc<FaultyStore>, Writer, Reader) {
        let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
        let store: Arc<dyn Store> = faulty.clone();
        drop(enrolled(&store));
        let opened = open_held(&store, &TestClock::new(), self.hold_ms);
        let (mut writer, reader) = (opened.writer, opened.reader);
        publish(&mut writer, &reader, &self.earlier);
        if self.settled {
            writer.settle().unwrap();
        }
        (faulty, writer, reader)
    }

    /// Hands in what the round of the fault publishes.
    fn submit(&self, writer: &mut Writer, reader: &Reader) {
        for signed in &self.later {
            let opened: Vec<&[u8]> =
                if self.is_disclosure() { vec![text_of(&self.about, FACTS)] } else { Vec::new() };
            writer.submit(admit_with(reader, signed, &opened).unwrap());
        }
    }

    /// One round, and settling where that belongs to the table.
    fn act(&self, writer: &mut Writer) -> Result<(), glasshouse_ledger::writer::WriterError> {
        writer.round()?;
        if self.is_disclosure() { writer.settle() } else { Ok(()) }
    }

    /// Opens what is left. The round happened, whole, or it did not, and happens when it is sent again.
    fn check(&self, story: &str, left: &MemoryStore, found: Found) {
        let store = Arc::new(left.after_kill());
        let clock = TestClock::new();
        let opened = open_held(&(store.clone() as Arc<dyn Store>), &clock, self.hold_ms);
        let (mut writer, reader) = (opened.writer, opened.reader);
        let before = 2 + self.earlier.len() as u64;
        let expected = if found == After { before + self.later.len() as u64 } else { before };
        assert_eq!(reader.head().size().get(), expected, "{story}");
        assert_eq!(store.list("stage").unwrap(), Vec::<String>::new(), "{story}");
        assert_clean(store.as_ref());
        if found == After {
            self.check_done(&store, &reader);
        } else if !self.earlier.is_empty() && !self.is_disclosure() {
            assert_served(&reader, &self.about, FACTS);
        }
        // The submitters send again.
        self.submit(&mut writer, &reader);
        let answers = writer.round().unwrap().answers;
        assert_eq!(answers.len(), self.later.len(), "{story}: {answers:?}");
        writer.settle().unwrap();
        self.check_done(&store, &reader);
        assert_clean(store.as_ref());
        if self.hold_ms > 0 {
            clock.advance(self.hold_ms);
            writer.round().unwrap();
            assert_gone(&store, &reader, &self.about, FACTS, 3);
            assert_clean(store.as_ref());
        }
    }

    fn check_done(&self, store: &MemoryStore, reader: &Reader) {
        match (self.is_disclosure(), self.hold_ms) {
            (true, _) => assert_served(reader, &self.about, FACTS),
            (false, 0) => assert_gone(store, reader, &self.about, FACTS, 3),
            (false, _) => assert_redacted(reader, &self.about, FACTS, 3),
        }
        assert_served(reader, &self.about, GROUND);
    }
}

#[test]
fn every_call_fails() {
    let mut faults = 0;
    for case in Case::all() {
        for (at, row) in case.table.iter().enumerate() {
            for (fault, found) in [(Fault::Failed, row.1), (Fault::Persisted, row.2)] {
                let story = format!("{}: {} {fault:?}", case.name, row.0);
                let (faulty, mut writer, reader) = case.begin();
                case.submit(&mut writer, &reader);
                faulty.arm(at, fault);
                case.act(&mut writer).unwrap_err();
                let names = faulty.names();
                assert_eq!(names.len(), at + 1, "{story}: {names:?}");
                assert!(names[at].starts_with(row.0), "{story}: the table has another order: {names:?}");
                assert!(writer.is_stopped());
                for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
                    case.check(&story, &left, found);
                    faults += 1;
                }
            }
        }
    }
    assert_eq!(faults, 4 * (12 + 13 + 10 + 6 + 8));
}

#[test]
fn the_tables_name_every_call() {
    for case in Case::all() {
        let (faulty, mut writer, reader) = case.begin();
        case.submit(&mut writer, &reader);
        faulty.arm(usize::MAX, Fault::Failed);
        case.act(&mut writer).unwrap();
        let names = faulty.names();
        let rows: Vec<_> = case.table.iter().map(|row| row.0).collect();
        assert_eq!(names.len(), rows.len(), "{}: {names:#?}", case.name);
        for (name, row) in names.iter().zip(rows) {
            assert!(name.starts_with(row), "{}: {name} is not {row}", case.name);
        }
    }
}

/// Dies at each call of the round, then at each call of the start, and ends at the same state.
#[test]
fn recovery_can_die_at_every_call() {
    let mut deaths = 0;
    for case in Case::all() {
        // From the swap on the round is to be finished; the later ones leave erasing to the start.
        for died_at in 1..case.table.len() {
            let (faulty, mut writer, reader) = case.begin();
            case.submit(&mut writer, &reader);
            faulty.arm(died_at, Fault::Failed);
            case.act(&mut writer).unwrap_err();
            for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
                deaths += die_while_starting(&case, died_at, &left);
            }
        }
    }
    println!("{deaths} starts died");
    assert!(deaths > 500, "{deaths}");
}

fn die_while_starting(case: &Case, died_at: usize, left: &MemoryStore) -> usize {
    let mut deaths = 0;
    for fault in [Fault::Failed, Fault::Persisted] {
        for at in 0.. {
            let again = Arc::new(FaultyStore::new(left.after_kill()));
            again.arm(at, fault);
            let store: Arc<dyn Store> = again.clone();
            let hold = glasshouse_ledger::open::Hold::Ms(case.hold_ms);
            if try_open_at(&store, TestClock::new(), hold).is_ok() {
                break;
            }
            deaths += 1;
            let story = format!("{}: died at {died_at}, the start at {at} {fault:?}", case.name);
            // In turn, for the sake of time; the other fault and the neighbouring deaths see the other one.
            let left = match (at + died_at) % 2 {
                0 => again.inner().after_kill(),
                _ => again.inner().after_power_loss(),
            };
            case.check(&story, &left, After);
        }
    }
    deaths
}
