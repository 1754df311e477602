//! A log that is read again says what the ledger says, and what is not the signed log is not believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::cell::Cell;
use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::current::CurrentReader;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::log_source::LogSource;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::mirror::MirrorError;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::replay::{Replay, ReplayError};
use glasshouse_ledger::store::Store;
use glasshouse_verifier::tile::BundlePath;
use serde_json::{Value, json};
use support::*;

/// The files of a store, of which one may be another one than it is, from some reading on.
struct StoreSource {
    store: Arc<dyn Store>,
    changed: Option<(String, Option<Vec<u8>>)>,
    /// Readings of that file that are still true.
    true_readings: Cell<u32>,
}

impl StoreSource {
    fn of(store: &Arc<dyn Store>) -> StoreSource {
        StoreSource { store: Arc::clone(store), changed: None, true_readings: Cell::new(0) }
    }

    fn changed(
        store: &Arc<dyn Store>,
        path: &str,
        bytes: Option<Vec<u8>>,
        true_readings: u32,
    ) -> StoreSource {
        let changed = Some((path.to_owned(), bytes));
        StoreSource { changed, true_readings: Cell::new(true_readings), ..StoreSource::of(store) }
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        match &self.changed {
            Some((changed, bytes)) if changed == path => match self.true_readings.get() {
                0 => bytes.clone(),
                left => {
                    self.true_readings.set(left - 1);
                    self.store.get(path).unwrap()
                }
            },
            _ => self.store.get(path).unwrap(),
        }
    }
}

impl LogSource for StoreSource {
    fn name(&self) -> String {
        "store".to_owned()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        self.file("checkpoint").ok_or_else(|| MirrorError("no checkpoint".to_owned()))
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        Ok(self.file(&path.encode()))
    }
}

fn later(number: u64, line: Value) -> Signed {
    provider().sign_own(&Draft::from_json(&line).unwrap(), sequence(number), NOW).unwrap()
}

/// Two bundles and some: decisions, some of which were amended, lifted and withdrawn, by ranges.
fn log() -> (Arc<dyn Store>, Reader) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let mut statements: Vec<Signed> = (1..=560).map(decision).collect();
    let range = |first: u64, last: u64| json!([{"first": first, "last": last}]);
    let lines = [
        json!({"type": "amendment", "targets": range(5, 300), "amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_VIOLENCE"}),
        json!({"type": "lifted", "targets": range(200, 400), "end_date": "2025-08-01", "lifted_reason": "own_error"}),
        json!({"type": "outcome", "targets": range(390, 410), "procedure": "court", "result": "reversed"}),
        json!({"type": "withdrawal", "targets": range(250, 260)}),
        json!({"type": "withdrawal", "targets": range(562, 562)}),
    ];
    statements.extend((561..).zip(lines).map(|(number, line)| later(number, line)));
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    (store, reader)
}

#[test]
fn a_log_that_is_read_again_says_what_the_ledger_says() {
    let (store, reader) = log();
    let source = StoreSource::of(&store);
    let mut read = 0;
    let replay = Replay::read(&source, reader.vkey(), &mut |more| read += more).unwrap();
    assert_eq!((read, replay.head()), (567, &reader.head()));
    let mut of_ledger = CurrentReader::new(reader.cursor());
    let mut of_replay = CurrentReader::new(replay.entries());
    let pairs = [
        ("type", "decision"),
        ("category", "STATEMENT_CATEGORY_VIOLENCE"),
        ("standing", "in_force,lifted,reversed"),
    ];
    let query = Query::parse(pairs.into_iter()).unwrap();
    let (mut next, mut found) = (0, 0);
    replay
        .for_each::<ReplayError>(&mut |index, entry| {
            assert_eq!(index.get(), next);
            next += 1;
            let known = of_ledger.entry(index).unwrap().unwrap();
            assert_eq!(known.bytes(), entry.bytes());
            let state = replay.registry().state_of(entry.statement());
            assert_eq!(state, reader.with_registry(|registry| registry.state_of(entry.statement())));
            let current = of_replay.current(index, entry, state.clone(), true)?;
            let same = of_ledger.current(index, known, state, true).unwrap();
            assert_eq!((&current.amended, &current.outcomes), (&same.amended, &same.outcomes));
            found += usize::from(query.matches(&current));
            for parameter in Parameter::ALL {
                let of_nothing = Query::default().with(parameter, "\u{e9}");
                assert!(!of_nothing.matches(&current), "{parameter:?}");
            }
            Ok(())
        })
        .unwrap();
    // 296 were amended, of which 11 were withdrawn; that others were lifted was taken back.
    assert_eq!((next, found), (567, 296 - 11));
}

#[test]
fn what_is_not_the_signed_log_is_not_believed() {
    let (store, reader) = log();
    let whole = store.get("tile/entries/000").unwrap().unwrap();
    let partial = "tile/entries/002.p/55";
    let read = |source: &StoreSource| Replay::read(source, reader.vkey(), &mut |_| ()).map(|_| ());
    for at in [0, 1, 2, 40, 700, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        read(&StoreSource::changed(&store, "tile/entries/000", Some(flipped), 0)).unwrap_err();
    }
    let gone = read(&StoreSource::changed(&store, "tile/entries/001", None, 0)).unwrap_err();
    assert!(gone.to_string().contains("tile/entries/001 is missing"), "{gone}");
    let gone = read(&StoreSource::changed(&store, partial, None, 0)).unwrap_err();
    assert!(matches!(gone, ReplayError::Missing { .. }), "{gone}");
    let other = Replay::read(&StoreSource::of(&store), &copy_of_key(), &mut |_| ()).unwrap_err();
    assert!(matches!(other, ReplayError::Checkpoint(_)), "{other}");
    // Whole entries, each signed and in an order that can be, but not those that the root was signed for.
    let (other_store, _) = log();
    let swapped = other_store.get(partial).unwrap();
    assert_ne!(swapped, store.get(partial).unwrap(), "every text has its own salt");
    let wrong = read(&StoreSource::changed(&store, partial, swapped, 0)).unwrap_err();
    assert!(matches!(wrong, ReplayError::OtherRoot(_)), "{wrong}");
}

fn copy_of_key() -> glasshouse_verifier::vkey::Vkey {
    let signer = glasshouse_ledger::log_signer::LogSigner::new(origin(), key(9)).unwrap();
    signer.vkey().clone()
}

#[test]
fn a_bundle_that_changes_between_two_readings_is_noticed() {
    let (store, reader) = log();
    let (other_store, _) = log();
    let other = other_store.get("tile/entries/001").unwrap();
    let source = StoreSource::changed(&store, "tile/entries/001", other, 1);
    let replay = Replay::read(&source, reader.vkey(), &mut |_| ()).unwrap();
    let changed = replay.for_each::<ReplayError>(&mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(changed, ReplayError::Changed(_)), "{changed}");
}

#[test]
fn a_log_that_grows_meanwhile_is_asked_again() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let old = store.get("checkpoint").unwrap();
    publish(&mut writer, &reader, &[decision(1)]);
    writer.settle().unwrap();
    store.delete("tile/entries/000.p/2").unwrap();
    // The old checkpoint is shown first, and its bundle is gone.
    let source = Growing { inner: StoreSource::of(&store), first: Cell::new(old) };
    let replay = Replay::read(&source, reader.vkey(), &mut |_| ()).unwrap();
    assert_eq!(replay.head().size().get(), 3);
}

/// Shows an old checkpoint once.
struct Growing {
    inner: StoreSource,
    first: Cell<Option<Vec<u8>>>,
}

impl LogSource for Growing {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        self.first.take().map_or_else(|| self.inner.checkpoint(), Ok)
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        self.inner.bundle(path)
    }
}
