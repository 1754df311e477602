//! Every entry: parsed, signed by a key of that time, in its order; and the tree that the entries give.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::leaf_table::LeafTable;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::{BundlePath, bundles_of, partial_tiles_of};
use rayon::prelude::*;

use super::FsckReport;
use crate::right_edge::{Growth, RightEdge};
use crate::store::{Store, StoreError};

/// What the entries say.
pub(super) struct Read {
    pub(super) registry: Registry,
    table: LeafTable,
}

/// Reads the log bundle by bundle. `expected` gets the partial tiles and the partial bundle of the published size.
pub(super) fn check(
    store: &dyn Store,
    checkpoint: &Checkpoint,
    expected: &mut BTreeMap<String, Vec<u8>>,
    report: &mut FsckReport,
) -> Result<Read, StoreError> {
    let head = checkpoint.head();
    let partial = partial_names(head.size());
    let registry = Registry::new(checkpoint.origin().clone());
    let mut read = Read { registry, table: LeafTable::default() };
    let mut edge = RightEdge::empty();
    for path in bundles_of(head.size()) {
        let Some(bytes) = read_bundle(store, path, report.live)? else {
            report.add(path.encode(), "is missing");
            return Ok(read);
        };
        let entries = match parse_bundle(&bytes, path.width()) {
            Ok(entries) => entries,
            Err(error) => {
                report.add(path.encode(), error);
                return Ok(read);
            }
        };
        let first = path.index() * 256;
        let parsed: Vec<_> = entries.par_iter().map(|bytes| Entry::parse(bytes)).collect();
        let kept = check_order(store, first, parsed, &mut read, report);
        check_signatures(&kept, &read.registry, report);
        report.entries += entries.len() as u64;
        let leaves = entries.iter().map(|entry| (LeafHash::of_entry(entry), *entry));
        let growth = match edge.grow(leaves) {
            Ok(growth) => growth,
            Err(error) => {
                report.add(path.encode(), error);
                return Ok(read);
            }
        };
        compare(store, &growth, &partial, expected, report)?;
        edge = growth.into_edge();
    }
    if edge.head() != *head {
        let rule = format!("signs the root {}, the entries give {}", head.root(), edge.root());
        report.add("checkpoint", rule);
    }
    Ok(read)
}

/// The entries of a bundle that parse; none where the bundle cannot be read. What is wrong with it was said before.
pub(super) fn parsed(
    store: &dyn Store,
    path: BundlePath,
    live: bool,
) -> Result<Vec<(LeafIndex, Entry)>, StoreError> {
    let bytes = read_bundle(store, path, live)?.unwrap_or_default();
    let entries = parse_bundle(&bytes, path.width()).unwrap_or_default();
    let parsed: Vec<_> = entries.par_iter().map(|bytes| Entry::parse(bytes).ok()).collect();
    let numbered = (path.index() * 256..).zip(parsed);
    Ok(numbered.filter_map(|(number, entry)| Some((LeafIndex::new(number).ok()?, entry?))).collect())
}

/// Goes on to a greater tree that a running server has published meanwhile, as far as its entries can be read.
pub(super) fn go_on(store: &dyn Store, size: TreeSize, read: &mut Read) -> Result<(), StoreError> {
    let first = read.registry.size();
    for path in bundles_of(size).filter(|path| (path.index() + 1) * 256 > first) {
        for (index, entry) in parsed(store, path, true)? {
            if index.get() != read.registry.size() {
                continue;
            }
            let past = StoredPast { store, table: &read.table };
            if read.registry.apply(index, entry.statement(), &past).is_err() {
                read.registry.pass_over();
            }
            read.table.insert(&entry.leaf_hash(), index);
        }
    }
    Ok(())
}

/// The bundle as wide as the size has it; beside a server perhaps cut from the full one, which has replaced it.
fn read_bundle(store: &dyn Store, path: BundlePath, live: bool) -> Result<Option<Vec<u8>>, StoreError> {
    let found = store.get(&path.encode())?;
    if found.is_some() || !live {
        return Ok(found);
    }
    let full = store.get(&path.full().encode())?.unwrap_or_default();
    let entries = parse_bundle(&full, 256).unwrap_or_default();
    Ok(entries.get(..usize::from(path.width())).and_then(|entries| encode_bundle(entries).ok()))
}

/// Entries that parse, in the order in which the registry takes them. One that it does not take is passed over, or every
/// later one would be out of order too.
fn check_order(
    store: &dyn Store,
    first: u64,
    parsed: Vec<Result<Entry, glasshouse_verifier::entry::EntryError>>,
    read: &mut Read,
    report: &mut FsckReport,
) -> Vec<(LeafIndex, Entry)> {
    let Read { registry, table } = read;
    let mut kept = Vec::with_capacity(parsed.len());
    for (number, parsed) in (first..).zip(parsed) {
        let place = format!("entry {number}");
        let Ok(index) = LeafIndex::new(number) else { break };
        match parsed {
            Ok(entry) => {
                let past = StoredPast { store, table };
                if let Err(error) = registry.apply(index, entry.statement(), &past) {
                    report.add(place, error);
                    registry.pass_over();
                }
                table.insert(&entry.leaf_hash(), index);
                kept.push((index, entry));
            }
            Err(error) => {
                report.add(place, error);
                registry.pass_over();
            }
        }
    }
    kept
}

/// Earlier entries, read again from their bundles.
struct StoredPast<'a> {
    store: &'a dyn Store,
    table: &'a LeafTable,
}

impl Past for StoredPast<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        for index in self.table.candidates(leaf) {
            let found = self.read(index)?;
            if let Some(entry) = found.filter(|entry| entry.leaf_hash() == *leaf) {
                return Ok(Some((index, entry.into_statement())));
            }
        }
        Ok(None)
    }
}

impl StoredPast<'_> {
    /// The entry at a place, from the widest bundle that there is; `None` if it is not there or is none.
    fn read(&self, index: LeafIndex) -> Result<Option<Entry>, PastError> {
        let (bundle, at) = (index.get() / 256, (index.get() % 256) as usize);
        let failed = |error: &dyn std::fmt::Display| PastError(error.to_string());
        let full = BundlePath::new(bundle, 256).map_err(|error| failed(&error))?;
        let mut names = vec![full.encode()];
        names.extend(self.store.list(&format!("{}.p", full.encode())).map_err(|error| failed(&error))?);
        for name in names {
            let Some(bytes) = self.store.get(&name).map_err(|error| failed(&error))? else { continue };
            let width = name.rsplit_once(".p/").map_or(Ok(256), |(_, width)| width.parse());
            let entries = width.ok().and_then(|width| parse_bundle(&bytes, width).ok()).unwrap_or_default();
            if let Some(entry) = entries.get(at) {
                return Ok(Entry::parse(entry).ok());
            }
        }
        Ok(None)
    }
}

/// Signatures, on all cores; whether the key was valid at its index, the registry has said.
fn check_signatures(kept: &[(LeafIndex, Entry)], registry: &Registry, report: &mut FsckReport) {
    let keys = registry.keys();
    let faults: Vec<(LeafIndex, String)> = kept
        .par_iter()
        .filter_map(|(index, entry)| {
            let statement = entry.statement();
            let verdict = match keys.get(statement.kid()) {
                Some(key) => statement.verify(key.key()).map_err(|error| error.to_string()),
                None => Err(format!("no key {} was enrolled", statement.kid())),
            };
            verdict.err().map(|rule| (*index, rule))
        })
        .collect();
    for (index, rule) in faults {
        report.add(format!("entry {index}"), rule);
    }
}

/// Names of the partial tiles and the partial bundle of a size.
fn partial_names(size: TreeSize) -> HashSet<String> {
    let mut names: HashSet<String> = partial_tiles_of(size).map(|path| path.encode()).collect();
    names.extend(bundles_of(size).filter(|path| path.width() < 256).map(|path| path.encode()));
    names
}

/// What was filled stands on disk as it was computed; what is partial is kept for the end.
fn compare(
    store: &dyn Store,
    growth: &Growth,
    partial: &HashSet<String>,
    expected: &mut BTreeMap<String, Vec<u8>>,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    for (path, bytes) in growth.files() {
        if partial.contains(path) {
            expected.insert(path.clone(), bytes.clone());
        } else if growth.filled().contains(path) {
            match store.get(path)? {
                None => report.add(path.clone(), "is missing"),
                Some(found) if found != *bytes => {
                    report.add(path.clone(), "is not what the entries give");
                }
                Some(_) => {}
            }
        }
    }
    Ok(())
}
