//! A published log read again from its first entry to its last, from a folder or from a mirror: what follows from it all,
//! and then every entry once more in that light.
//!
//! Nothing is believed: each signature is checked, each statement held against everything before it, and all of them
//! against the signed root. A bundle that is read again must be the one that was read first.

use std::cell::RefCell;

use glasshouse_verifier::bundle::{BundleError, parse_bundle};
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::leaf_table::LeafTable;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::{BundlePath, bundles_of};
use glasshouse_verifier::vkey::Vkey;
use rayon::prelude::*;

use crate::current::Entries;
use crate::log_source::LogSource;
use crate::mirror::MirrorError;
use crate::tree_files::BUNDLE;

/// How often a log that grows between two files is asked again.
const ATTEMPTS: usize = 5;

/// Why a log cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Where it is read.
    #[error(transparent)]
    Source(#[from] MirrorError),
    /// The checkpoint is none of this log.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file is not there.
    #[error("{source_name}: {path} is missing")]
    Missing {
        /// Where it was looked for.
        source_name: String,
        /// The file.
        path: String,
    },
    /// A file is damaged.
    #[error("{path} is damaged: {rule}")]
    Damaged {
        /// The file.
        path: String,
        /// What it breaks.
        rule: BundleError,
    },
    /// A file is another one than it was before.
    #[error("{0} has changed while the log was read")]
    Changed(String),
    /// An entry that cannot stand at its place.
    #[error("entry {index}: {rule}")]
    Entry {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
    /// The entries are those of another tree.
    #[error("the entries give another root than the one that the log signed for {0}")]
    OtherRoot(String),
}

/// The bundle at the end of a log that is not full: its place and its bytes.
type Partial = (BundlePath, Vec<u8>);

/// A bundle that was read: its number and its entries.
type Held = (u64, Vec<(LeafIndex, Entry)>);

/// A log that was read.
pub struct Replay<'s> {
    source: &'s dyn LogSource,
    checkpoint: SignedCheckpoint,
    registry: Registry,
    /// For each bundle, a digest of the leaf hashes of its entries.
    bundles: Vec<Digest>,
    /// The bundle that is not full: a running log replaces it.
    partial: Option<Partial>,
}

impl std::fmt::Debug for Replay<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Replay of {} entries", self.head().size())
    }
}

impl<'s> Replay<'s> {
    /// Reads the whole log up to its newest checkpoint, which must be signed with that key. `watch` is told how many
    /// entries were read. Memory grows by some 25 bytes an entry, for finding entries by their leaf hashes.
    ///
    /// # Errors
    ///
    /// [`ReplayError`].
    pub fn read(
        source: &'s dyn LogSource,
        log: &Vkey,
        watch: &mut dyn FnMut(u64),
    ) -> Result<Replay<'s>, ReplayError> {
        let (checkpoint, partial) = newest(source, log)?;
        let origin = checkpoint.checkpoint().origin().clone();
        let mut replay =
            Replay { source, checkpoint, registry: Registry::new(origin), bundles: Vec::new(), partial };
        let mut table = LeafTable::default();
        let mut tree = Frontier::new();
        let mut registry = replay.registry.clone();
        for path in bundles_of(replay.head().size()) {
            let entries = replay.parse(path)?;
            let past = ReplayPast { replay: &replay, table: &mut table, held: RefCell::new(None) };
            take(&mut registry, &entries, past)?;
            for (_, entry) in &entries {
                // No tree of ours has more leaves than fit; a shorter one has another root.
                if tree.push(entry.leaf_hash()).is_err() {
                    break;
                }
            }
            replay.bundles.push(fingerprint(&entries));
            watch(entries.len() as u64);
        }
        if tree.root() != *replay.head().root() {
            return Err(ReplayError::OtherRoot(source.name()));
        }
        replay.registry = registry;
        Ok(replay)
    }

    /// The tree.
    pub fn head(&self) -> &TreeHead {
        self.checkpoint.head()
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        self.checkpoint.checkpoint().origin()
    }

    /// What the entries say, all of them taken together.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Reads single entries.
    pub fn entries(&self) -> ReplayEntries<'_, 's> {
        ReplayEntries { replay: self, held: None }
    }

    /// Goes through all entries in order.
    ///
    /// # Errors
    ///
    /// [`ReplayError`], or what `visit` fails with.
    pub fn for_each<E: From<ReplayError>>(
        &self,
        visit: &mut dyn FnMut(LeafIndex, Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        for path in bundles_of(self.head().size()) {
            for (index, entry) in self.again(path)? {
                visit(index, entry)?;
            }
        }
        Ok(())
    }

    /// A bundle that was read before.
    fn again(&self, path: BundlePath) -> Result<Vec<(LeafIndex, Entry)>, ReplayError> {
        let entries = self.parse(path)?;
        let number = usize::try_from(path.index()).unwrap_or(usize::MAX);
        match self.bundles.get(number) {
            Some(known) if *known == fingerprint(&entries) => Ok(entries),
            _ => Err(ReplayError::Changed(path.encode())),
        }
    }

    fn parse(&self, path: BundlePath) -> Result<Vec<(LeafIndex, Entry)>, ReplayError> {
        let bytes = match &self.partial {
            Some((partial, bytes)) if *partial == path => bytes.clone(),
            _ => self.source.bundle(path)?.ok_or_else(|| missing(self.source, path))?,
        };
        let entries = parse_bundle(&bytes, path.width())
            .map_err(|rule| ReplayError::Damaged { path: path.encode(), rule })?;
        let first = path.index() * BUNDLE;
        let read = |(at, bytes): (usize, &&[u8])| {
            let number = first + at as u64;
            let wrong = |rule: String| ReplayError::Entry { index: number, rule };
            let index = LeafIndex::new(number).map_err(|error| wrong(error.to_string()))?;
            Ok((index, Entry::parse(bytes).map_err(|error| wrong(error.to_string()))?))
        };
        entries.par_iter().enumerate().map(read).collect()
    }
}

/// The newest checkpoint and its partial bundle. A log that grew between the two has replaced the bundle: it is asked
/// again.
fn newest(source: &dyn LogSource, log: &Vkey) -> Result<(SignedCheckpoint, Option<Partial>), ReplayError> {
    let mut absent = None;
    for _ in 0..ATTEMPTS {
        let checkpoint = SignedCheckpoint::open(&source.checkpoint()?, log)?;
        let last =
            bundles_of(checkpoint.head().size()).last().filter(|path| u64::from(path.width()) < BUNDLE);
        let Some(path) = last else { return Ok((checkpoint, None)) };
        match source.bundle(path)? {
            Some(bytes) => return Ok((checkpoint, Some((path, bytes)))),
            None => absent = Some(path),
        }
    }
    let path = absent.map(|path| path.encode()).unwrap_or_default();
    Err(ReplayError::Missing { source_name: source.name(), path })
}

fn missing(source: &dyn LogSource, path: BundlePath) -> ReplayError {
    ReplayError::Missing { source_name: source.name(), path: path.encode() }
}

fn fingerprint(entries: &[(LeafIndex, Entry)]) -> Digest {
    let leaves: Vec<u8> =
        entries.par_iter().flat_map_iter(|(_, entry)| *entry.leaf_hash().as_bytes()).collect();
    Digest::of(&leaves)
}

/// Takes the entries of a bundle in, in order, and checks their signatures, on all cores.
fn take(
    registry: &mut Registry,
    entries: &[(LeafIndex, Entry)],
    past: ReplayPast<'_, '_>,
) -> Result<(), ReplayError> {
    let wrong = |index: LeafIndex, rule: &dyn std::fmt::Display| ReplayError::Entry {
        index: index.get(),
        rule: rule.to_string(),
    };
    for (index, entry) in entries {
        registry.apply(*index, entry.statement(), &past).map_err(|error| wrong(*index, &error))?;
        past.table.insert(&entry.leaf_hash(), *index);
    }
    let keys = registry.keys();
    entries.par_iter().try_for_each(|(index, entry)| {
        let statement = entry.statement();
        let key = keys.get(statement.kid()).ok_or_else(|| wrong(*index, &"its key was never enrolled"))?;
        statement.verify(key.key()).map_err(|error| wrong(*index, &error))
    })
}

/// Earlier entries by their leaf hashes.
struct ReplayPast<'a, 's> {
    replay: &'a Replay<'s>,
    table: &'a mut LeafTable,
    held: RefCell<Option<Held>>,
}

impl ReplayPast<'_, '_> {
    fn read(&self, index: LeafIndex) -> Result<Option<Entry>, ReplayError> {
        let mut held = self.held.borrow_mut();
        find(self.replay, &mut held, index)
    }
}

impl Past for ReplayPast<'_, '_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        for index in self.table.candidates(leaf) {
            let found = self.read(index).map_err(|error| PastError(error.to_string()))?;
            if let Some(entry) = found.filter(|entry| entry.leaf_hash() == *leaf) {
                return Ok(Some((index, entry.into_statement())));
            }
        }
        Ok(None)
    }
}

/// An entry from the bundle that is held, or from its own, which then is held.
fn find(
    replay: &Replay<'_>,
    held: &mut Option<Held>,
    index: LeafIndex,
) -> Result<Option<Entry>, ReplayError> {
    let (bundle, place) = (index.get() / BUNDLE, usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX));
    if held.as_ref().is_none_or(|(number, _)| *number != bundle) {
        let there = replay.head().size().get().saturating_sub(bundle * BUNDLE).min(BUNDLE);
        let Ok(width @ 1..) = u16::try_from(there) else { return Ok(None) };
        let path = BundlePath::new(bundle, width)
            .map_err(|error| ReplayError::Entry { index: index.get(), rule: error.to_string() })?;
        let known = usize::try_from(bundle).is_ok_and(|bundle| bundle < replay.bundles.len());
        // The bundle that is being read for the first time may name entries of its own.
        let entries = if known { replay.again(path)? } else { replay.parse(path)? };
        *held = Some((bundle, entries));
    }
    Ok(held.as_ref().and_then(|(_, entries)| entries.get(place)).map(|(_, entry)| entry.clone()))
}

/// Reads single entries of a log that was read, and keeps the bundle that it read last.
#[derive(Debug)]
pub struct ReplayEntries<'r, 's> {
    replay: &'r Replay<'s>,
    held: Option<Held>,
}

impl Entries for ReplayEntries<'_, '_> {
    type Error = ReplayError;

    fn entry(&mut self, index: LeafIndex) -> Result<Option<Entry>, ReplayError> {
        if !index.is_in(self.replay.head().size()) {
            return Ok(None);
        }
        find(self.replay, &mut self.held, index)
    }
}
