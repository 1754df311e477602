//! Every entry: parsed, signed by a key of that time, in its order; and the tree that the entries give.
//!
//! While one batch of bundles is judged in its order, the signatures of the one before are checked and the one after is read,
//! with its texts. What is found is told in the order of the log, whatever thread found it first.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::registry::{KeySnapshot, Registry};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::{bundles_of, partial_tiles_of};
use rayon::prelude::*;

use super::bundles::{Bundle, read_batch};
use super::history::KeptHistory;
use super::past::{Places, StoredPast};
use super::texts::{self, Light, Plain};
use super::touched::Touched;
use super::{Finding, FsckReport};
use crate::right_edge::{Growth, RightEdge};
use crate::store::{Store, StoreError};

/// What the entries say.
pub(super) struct Read {
    pub(super) registry: Registry,
    pub(super) places: Places,
    pub(super) touched: Touched,
    /// For each bundle its texts, where nothing about them is out of the ordinary.
    pub(super) plain: Vec<Option<Plain>>,
    /// The partial tiles and the partial bundle of the published size, as the entries give them.
    pub(super) expected: BTreeMap<String, Vec<u8>>,
}

/// A bundle, and its texts if they are plain.
type Looked = (Bundle, Option<Plain>);

/// What was found in one bundle.
struct Judged {
    /// Of the entries, in their order.
    entries: Vec<Finding>,
    /// Of the files that they give.
    files: Vec<Finding>,
    /// The keys after its last entry, for its signatures; `None` where it was not read.
    keys: Option<KeySnapshot>,
}

/// Reads the log up to a checkpoint, as far as its bundles can be read, and its packs.
pub(super) fn check(
    store: &dyn Store,
    checkpoint: &Checkpoint,
    light: &Light<'_>,
    report: &mut FsckReport,
) -> Result<Read, StoreError> {
    let head = checkpoint.head();
    let mut judge = Judge::new(store, checkpoint, KeptHistory::read(store, head, report)?);
    let mut paths = bundles_of(head.size());
    let mut read =
        || read_batch(store, light.live, &mut paths, &|bundle| texts::look_first(store, bundle, light));
    let mut batch = read()?;
    let mut before = (Vec::new(), Vec::new());
    while !batch.is_empty() {
        let (judged, (faults, next)) = rayon::join(
            || judge.take_batch(&batch),
            || rayon::join(|| check_signatures(&before.0, &before.1), &mut read),
        );
        tell(before, faults, report);
        before = (batch, judged?);
        batch = next?;
    }
    let faults = check_signatures(&before.0, &before.1);
    tell(before, faults, report);
    if !judge.is_stopped && judge.edge.head() != *head {
        let rule = format!("signs the root {}, the entries give {}", head.root(), judge.edge.root());
        report.add("checkpoint", rule);
    }
    Ok(judge.read)
}

/// Goes on to a greater tree that a running server has published meanwhile, as far as its entries can be read.
pub(super) fn go_on(store: &dyn Store, size: TreeSize, read: &mut Read) -> Result<(), StoreError> {
    let first = read.registry.size();
    let mut paths = bundles_of(size).filter(|path| (path.index() + 1) * 256 > first);
    loop {
        let batch = read_batch(store, true, &mut paths, &|_| Ok(()))?;
        if batch.is_empty() {
            return Ok(());
        }
        for (bundle, ()) in &batch {
            for (index, entry) in bundle.parsed().filter(|(index, _)| index.get() >= first) {
                if index.get() != read.registry.size() {
                    continue;
                }
                let past = StoredPast { store, places: &read.places, at_hand: &[bundle] };
                if read.registry.apply(index, entry.statement(), &past).is_err() {
                    read.registry.pass_over();
                }
                read.places.insert(&entry.leaf_hash(), index);
            }
        }
    }
}

/// What is taken in in the order of the log.
struct Judge<'a> {
    store: &'a dyn Store,
    /// The names of the files that are not full.
    partial: HashSet<String>,
    edge: RightEdge,
    read: Read,
    /// What the file `history` says, to be compared on the way.
    kept: Option<KeptHistory>,
    /// Whether a bundle was not there or none, so that the entries after it have no place.
    is_stopped: bool,
}

impl<'a> Judge<'a> {
    fn new(store: &'a dyn Store, checkpoint: &Checkpoint, kept: Option<KeptHistory>) -> Judge<'a> {
        let read = Read {
            registry: Registry::new(checkpoint.origin().clone()),
            places: Places::default(),
            touched: Touched::default(),
            plain: Vec::new(),
            expected: BTreeMap::new(),
        };
        let partial = partial_names(checkpoint.head().size());
        Judge { store, partial, edge: RightEdge::empty(), read, kept, is_stopped: false }
    }

    fn take_batch(&mut self, batch: &[Looked]) -> Result<Vec<Judged>, StoreError> {
        let at_hand: Vec<&Bundle> = batch.iter().map(|(bundle, _)| bundle).collect();
        let mut judged = Vec::with_capacity(batch.len());
        for (bundle, plain) in batch {
            self.read.plain.push(*plain);
            for (_, entry) in bundle.parsed() {
                self.read.touched.stands(bundle.path.index(), entry.statement());
            }
            if !self.is_stopped {
                judged.push(self.take(bundle, &at_hand)?);
            }
        }
        Ok(judged)
    }

    fn take(&mut self, bundle: &Bundle, at_hand: &[&Bundle]) -> Result<Judged, StoreError> {
        let mut judged = Judged { entries: Vec::new(), files: Vec::new(), keys: None };
        let path = bundle.path.encode();
        if let Some(fault) = &bundle.fault {
            judged.files.push(Finding::new(path, fault));
            self.is_stopped = true;
            return Ok(judged);
        }
        self.take_entries(bundle, at_hand, &mut judged.entries);
        judged.keys = Some(self.read.registry.keys());
        let slices = parse_bundle(&bundle.bytes, bundle.path.width()).unwrap_or_default();
        let leaves = bundle.entries.iter().zip(slices).map(|((leaf, _), bytes)| (*leaf, bytes));
        match self.edge.grow(leaves) {
            Ok(growth) => {
                self.compare(&growth, bundle, &mut judged.files)?;
                self.edge = growth.into_edge();
            }
            Err(error) => {
                judged.files.push(Finding::new(path, error));
                self.is_stopped = true;
            }
        }
        Ok(judged)
    }

    /// Entries that parse, in the order in which the registry takes them. One that it does not take is passed over, or every
    /// later one would be out of order too.
    fn take_entries(&mut self, bundle: &Bundle, at_hand: &[&Bundle], findings: &mut Vec<Finding>) {
        let Read { registry, places, touched, .. } = &mut self.read;
        for (number, (leaf, parsed)) in (bundle.first()..).zip(&bundle.entries) {
            let Ok(index) = LeafIndex::new(number) else { break };
            let place = || format!("entry {number}");
            match parsed {
                Ok(entry) => {
                    let past = StoredPast { store: self.store, places, at_hand };
                    match registry.apply(index, entry.statement(), &past) {
                        Ok(naming) => {
                            touched.take(entry.statement(), &naming);
                            let kept = self.kept.as_mut();
                            let found =
                                kept.and_then(|kept| kept.take(index, entry.statement(), &naming, registry));
                            findings.extend(found);
                        }
                        Err(error) => {
                            findings.push(Finding::new(place(), error));
                            registry.pass_over();
                        }
                    }
                    places.insert(leaf, index);
                }
                Err(error) => {
                    findings.push(Finding::new(place(), error));
                    registry.pass_over();
                }
            }
        }
    }

    /// What was filled stands on disk as it was computed; what is partial is kept for the end.
    fn compare(
        &mut self,
        growth: &Growth,
        bundle: &Bundle,
        findings: &mut Vec<Finding>,
    ) -> Result<(), StoreError> {
        for (path, bytes) in growth.files() {
            if self.partial.contains(path) {
                self.read.expected.insert(path.clone(), bytes.clone());
            } else if growth.filled().contains(path) {
                let is_same = match *path == bundle.path.encode() {
                    // It was read for its entries.
                    true => Some(bundle.bytes == *bytes),
                    false => self.store.get(path)?.map(|found| found == *bytes),
                };
                match is_same {
                    None => findings.push(Finding::new(path, "is missing")),
                    Some(false) => findings.push(Finding::new(path, "is not what the entries give")),
                    Some(true) => {}
                }
            }
        }
        Ok(())
    }
}

/// Signatures, on all cores: for each bundle those that do not hold. Whether the key was valid at its index, the registry has
/// said.
fn check_signatures(batch: &[Looked], judged: &[Judged]) -> Vec<Vec<Finding>> {
    let check = |((bundle, _), judged): (&Looked, &Judged)| {
        let Some(keys) = &judged.keys else { return Vec::new() };
        let entries = bundle.entries.par_iter().enumerate();
        let faults = entries.filter_map(|(at, (_, entry))| {
            let rule = signature_fault(entry.as_ref().ok()?.statement(), keys)?;
            Some(Finding::new(format!("entry {}", bundle.first() + at as u64), rule))
        });
        faults.collect()
    };
    batch.par_iter().zip(judged).map(check).collect()
}

/// Why a statement's signature does not hold; `None` if it does.
fn signature_fault(statement: &Statement, keys: &KeySnapshot) -> Option<String> {
    match keys.get(statement.kid()) {
        Some(key) => statement.verify_known(key.known()).err().map(|error| error.to_string()),
        None => Some(format!("no key {} was enrolled", statement.kid())),
    }
}

/// Tells what was found in a batch, bundle by bundle.
fn tell((batch, judged): (Vec<Looked>, Vec<Judged>), signatures: Vec<Vec<Finding>>, report: &mut FsckReport) {
    for (((bundle, _), judged), signatures) in batch.iter().zip(judged).zip(signatures) {
        report.extend(judged.entries);
        report.extend(signatures);
        if judged.keys.is_some() {
            report.entries += bundle.entries.len() as u64;
        }
        report.extend(judged.files);
    }
}

/// Names of the partial tiles and the partial bundle of a size.
fn partial_names(size: TreeSize) -> HashSet<String> {
    let mut names: HashSet<String> = partial_tiles_of(size).map(|path| path.encode()).collect();
    names.extend(bundles_of(size).filter(|path| path.width() < 256).map(|path| path.encode()));
    names
}
