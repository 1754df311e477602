//! Random lives of decisions: thousands of statements of every type that is about others, right and wrong ones, sent once
//! and twice, against a model that recomputes everything from a list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod driver;
mod lines;
mod model;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::TreeSize;

use crate::driver::{DAYS, Driver, authors};
use crate::model::State;
use crate::support::{assert_clean, index, origin};

/// Statements that are tried in one life of a ledger.
const STEPS: usize = 350;
/// Ledgers.
const SEEDS: u64 = 8;

#[test]
fn every_state_is_the_one_of_a_plain_model() {
    let (mut taken, mut doubles) = (0, 0);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=SEEDS {
        let mut driver = Driver::new(seed);
        for step in 1..=STEPS {
            driver.step();
            if step % 50 == 0 {
                compare(&driver, seed);
            }
            if step % 120 == 0 {
                // Every other start goes on from what was written down.
                if (step / 120 + seed as usize).is_multiple_of(2) {
                    driver.writer.keep_history().unwrap();
                }
                driver.restart();
                compare(&driver, seed);
            }
        }
        driver.writer.settle().unwrap();
        assert_clean(driver.store.as_ref());
        taken += driver.taken;
        doubles += driver.doubles();
        for (rule, count) in &driver.refused {
            *refused.entry(rule).or_default() += count;
        }
    }
    println!("{taken} statements taken, {doubles} double ones, refused: {refused:?}");
    // A run that meets none of a rule proves nothing about it.
    for rule in
        ["duplicate", "sequence-conflict", "target-unknown", "target-owner", "target-type", "target-sub"]
    {
        assert!(refused.get(rule).is_some_and(|count| *count > 2), "{rule}: {refused:?}");
    }
    for rule in ["target-number", "target-text", "target-state"] {
        assert!(refused.get(rule).is_some_and(|count| *count > 2), "{rule}: {refused:?}");
    }
    assert!(taken > 1_200, "{taken}");
}

fn compare(driver: &Driver, seed: u64) {
    let entries = entries(driver);
    driver.reader.with_registry(|registry| {
        for (at, entry) in entries.iter().enumerate() {
            let context = format!("seed {seed}, entry {at} of {}", entries.len());
            assert_eq!(state(registry, entry), driver.model.state(at), "{context}");
            assert_eq!(amended(registry, &entries, at), driver.model.as_amended(at), "{context}");
        }
        for author in authors() {
            let issuer = author.issuer();
            let rows: Vec<_> = registry
                .completeness(issuer)
                .iter()
                .map(|row| (row.declaration.index.get() as usize, row.counted, row.missing_count))
                .collect();
            assert_eq!(rows, driver.model.completeness(issuer.as_str()), "seed {seed}, {issuer}");
            for today in DAYS {
                let counts = registry.account(issuer).unwrap().embargoes().on(Day::parse(today).unwrap());
                let counts = [counts.open, counts.overdue, counts.kept, counts.late, counts.redacted];
                let expected = driver.model.embargoes(issuer.as_str(), today);
                assert_eq!(counts, expected, "seed {seed}, {issuer} on {today}");
            }
        }
    });
    for (at, entry) in entries.iter().enumerate() {
        compare_texts(driver, at, entry, seed);
    }
}

fn entries(driver: &Driver) -> Vec<Entry> {
    (0..driver.model.0.len()).map(|at| driver.reader.entry(index(at as u64)).unwrap().unwrap()).collect()
}

/// What the published tree says about each of its entries.
fn states(driver: &Driver) -> Vec<EntryState> {
    entries(driver).iter().map(|entry| driver.reader.state_of(entry)).collect()
}

#[test]
fn what_a_tree_said_can_be_asked_when_more_is_published() {
    let mut changed = 0;
    for seed in 1..=SEEDS {
        let mut driver = Driver::new(seed);
        let mut before: Vec<(TreeSize, Vec<EntryState>)> = Vec::new();
        for step in 1..=STEPS {
            driver.step();
            if step % 50 == 0 {
                before.push((driver.reader.head().size(), states(&driver)));
            }
        }
        let entries = entries(&driver);
        for (size, states) in before {
            for (entry, state) in entries.iter().zip(states) {
                assert_eq!(driver.reader.state_in(size, entry), state, "seed {seed}, tree of {size}");
                changed += usize::from(driver.reader.state_of(entry) != state);
            }
        }
        let hiding = entries.iter().filter(|entry| driver.reader.hides_texts(entry.statement()));
        assert_eq!(hiding.count() as u64, driver.reader.stats().hiding, "seed {seed}");
    }
    assert!(changed > 500, "{changed}");
}

/// A registry that was written down and read again at any size goes on to the very one that took in everything.
#[test]
fn a_snapshot_at_every_size_leads_to_the_same_registry() {
    let mut longest = 0;
    for seed in 1..=3 {
        let mut driver = Driver::new(seed);
        (0..STEPS).for_each(|_| driver.step());
        let entries = entries(&driver);
        let (mut registry, mut past) = (Registry::new(origin()), WholePast::default());
        let mut snapshots = vec![registry.to_snapshot()];
        for (at, entry) in (0..).zip(&entries) {
            registry.apply(index(at), entry.statement(), &past).unwrap();
            past.remember(entry.leaf_hash(), index(at), entry.statement().clone());
            snapshots.push(registry.to_snapshot());
        }
        let published = driver.reader.with_registry(Registry::to_snapshot);
        assert_eq!(snapshots.last(), Some(&published), "seed {seed}");
        for (size, snapshot) in snapshots.iter().enumerate() {
            let mut read = Registry::from_snapshot(snapshot).unwrap();
            assert_eq!(read.to_snapshot(), *snapshot, "seed {seed}, another spelling at {size}");
            for (at, entry) in (size as u64..).zip(&entries[size..]) {
                read.apply(index(at), entry.statement(), &past).unwrap();
            }
            assert_eq!(read.to_snapshot(), published, "seed {seed} from {size}");
            if size % 20 == 0 {
                for (at, entry) in entries.iter().enumerate() {
                    assert_eq!(
                        state(&read, entry),
                        driver.model.state(at),
                        "seed {seed} from {size}, entry {at}"
                    );
                }
            }
        }
        longest = longest.max(entries.len());
    }
    assert!(longest > 120, "{longest}");
}

/// What the log serves is exactly what the model says is public.
fn compare_texts(driver: &Driver, at: usize, entry: &Entry, seed: u64) {
    let texts = driver.reader.texts(entry, index(at as u64)).unwrap();
    let served: Vec<&str> = texts.iter().map(|text| text.field().as_str()).collect();
    let state = driver.model.state(at);
    let mut public: Vec<&str> = state
        .texts
        .iter()
        .filter(|(_, (state, _))| ["served", "disclosed"].contains(state))
        .map(|(field, _)| *field)
        .collect();
    public.sort_by_key(|name| (name.len(), *name));
    assert_eq!(served, public, "seed {seed}, texts of entry {at}");
}

fn state(registry: &Registry, entry: &Entry) -> State {
    let payload = entry.statement().payload();
    let state = registry.state_of(entry.statement());
    let place = |index: glasshouse_verifier::size::LeafIndex| index.get() as usize;
    let texts = payload.addenda().keys().map(|field| {
        let text = state.text(payload, *field).unwrap();
        let by = state.redacted.get(field).or(state.disclosed.get(field)).copied().map(place);
        (field.as_str(), (text.as_str(), by))
    });
    State {
        standing: state.standing(payload.kind()).as_str(),
        claims: state.claims.iter().map(|claim| (place(claim.index), claim.counts)).collect(),
        withdrawn: state.withdrawn.map(place),
        lifted: state.lifted.map(place),
        outcomes: state.outcomes.iter().map(|(index, result)| (place(*index), result.as_str())).collect(),
        amendments: state.amendments.iter().copied().map(place).collect(),
        texts: texts.collect(),
    }
}

type Amended = (BTreeMap<&'static str, (String, usize)>, BTreeMap<&'static str, usize>);

fn amended(registry: &Registry, entries: &[Entry], at: usize) -> Amended {
    let entry = &entries[at];
    let mut amended = AsAmended::filed(index(at as u64), entry.statement().payload());
    for by in registry.state_of(entry.statement()).amendments {
        amended.amend(by, entries[by.get() as usize].statement().payload());
    }
    let about_itself = ["targets", "removed", "amendment_reason"];
    let name = |name: &FieldName| name.as_str();
    let fields = amended
        .fields
        .iter()
        .map(|(field, (by, value))| (name(field), (value.to_json().to_string(), by.get() as usize)));
    let texts = amended.texts.iter().map(|(field, by)| (name(field), by.get() as usize));
    (fields.filter(|(name, _)| !about_itself.contains(name)).collect(), texts.collect())
}
