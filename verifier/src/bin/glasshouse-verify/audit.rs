//! A whole log, checked from its first entry to its newest checkpoint, with constant memory.
//!
//! Steps, in this order:
//! 1. the newest checkpoint, under the policy;
//! 2. every entry: read, hashed into the tree, its rules, its place in the order, its signature;
//! 3. every tile, against the hashes of the entries;
//! 4. each older checkpoint, against the tree of its size;
//! 5. the root, against the checkpoint.

use std::sync::mpsc::sync_channel;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::{Entry, EntryError};
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::{Statement, StatementError};
use glasshouse_verifier::tile::BundlePath;
use rayon::prelude::*;

use crate::finding::{Finding, Findings};
use crate::source::{BUNDLE_LIMIT, Source, SourceError};
use crate::tile_check::TileCheck;
use crate::tile_nodes::{NodeError, TileNodes};

/// Bundles whose signatures are checked together: 4,096 entries, at most 256 MiB where every entry is as long as allowed.
const BUNDLES_AT_ONCE: usize = 16;

/// What stops an audit; everything else is a finding.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    /// A resource could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A tile could not be read.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The reader stopped without a word, which no input can bring about.
    #[error("the reader of the entries stopped (a fault of this program)")]
    ReaderStopped,
}

/// One audit under way.
pub(crate) struct Audit<'a> {
    source: &'a Source,
    checkpoint: &'a SignedCheckpoint,
    /// Older checkpoints of the same log, the smallest first.
    older: Vec<SignedCheckpoint>,
    frontier: Frontier,
    tiles: TileCheck<'a>,
    registry: Registry,
    findings: Findings,
    fork: Option<Fork>,
}

/// What an audit found.
pub(crate) struct Audited {
    /// The registry after the last entry.
    pub(crate) registry: Registry,
    /// Everything that does not hold.
    pub(crate) findings: Findings,
    /// Proof that the log contradicted itself.
    pub(crate) fork: Option<Fork>,
}

impl<'a> Audit<'a> {
    /// Prepares to audit everything below a checkpoint that was opened under the policy (step 1).
    pub(crate) fn new(
        source: &'a Source,
        checkpoint: &'a SignedCheckpoint,
        mut older: Vec<SignedCheckpoint>,
    ) -> Self {
        older.sort_by_key(|old| old.head().size());
        Audit {
            source,
            checkpoint,
            older,
            frontier: Frontier::new(),
            tiles: TileCheck::new(source, checkpoint.head().size()),
            registry: Registry::new(checkpoint.checkpoint().origin().clone()),
            findings: Findings::default(),
            fork: None,
        }
    }

    /// Reads and checks everything; `progress` is told how many entries are done.
    pub(crate) fn run(mut self, progress: &dyn Fn(u64)) -> Result<Audited, AuditError> {
        let size = self.checkpoint.head().size().get();
        self.compare_older()?;
        let source = self.source.clone();
        // The reader is ahead of the checks by a few bundles, no more.
        let (send, receive) = sync_channel::<Result<Vec<u8>, SourceError>>(2 * BUNDLES_AT_ONCE);
        std::thread::spawn(move || {
            for index in 0..size.div_ceil(256) {
                if send.send(read_bundle(&source, index, width_of(size, index))).is_err() {
                    return;
                }
            }
        });
        let mut next = 0;
        while next < size.div_ceil(256) {
            let many = (size.div_ceil(256) - next).min(BUNDLES_AT_ONCE as u64);
            let mut bundles = Vec::new();
            for index in next..next + many {
                let bytes = receive.recv().map_err(|_| AuditError::ReaderStopped)??;
                bundles.push((index, bytes));
            }
            self.check_bundles(size, &bundles)?;
            next += many;
            progress(self.frontier.size().get());
        }
        self.tiles.finish(&mut self.findings)?;
        if self.frontier.root() != *self.checkpoint.head().root() {
            self.findings.add(Finding::whole(
                "root",
                "the entries that are served do not have the root that the log signed".to_owned(),
            ));
        }
        Ok(Audited { registry: self.registry, findings: self.findings, fork: self.fork })
    }

    fn check_bundles(&mut self, size: u64, bundles: &[(u64, Vec<u8>)]) -> Result<(), AuditError> {
        let mut slices = Vec::new();
        for (index, bytes) in bundles {
            match parse_bundle(bytes, width_of(size, *index)) {
                Ok(entries) => slices.extend(entries),
                Err(error) => {
                    let name = format!("bundle {index}");
                    let why = SourceError::Unreadable { path: name, why: error.to_string() };
                    return Err(AuditError::Source(why));
                }
            }
        }
        let parsed: Vec<(LeafHash, Result<Entry, EntryError>)> =
            slices.par_iter().map(|bytes| (LeafHash::of_entry(bytes), Entry::parse(bytes))).collect();
        let mut signed: Vec<(LeafIndex, Statement, PublicKey)> = Vec::new();
        for (leaf, entry) in parsed {
            let Ok(index) = self.frontier.push(leaf) else { continue };
            self.tiles.push(leaf, &mut self.findings)?;
            self.compare_older()?;
            match entry {
                Ok(entry) => signed.extend(self.take_in(index, entry.into_statement())),
                Err(error) => {
                    self.registry.pass_over();
                    self.findings.add(unreadable_entry(index, &error));
                }
            }
        }
        let broken: Vec<Finding> = signed
            .par_iter()
            .filter_map(|(index, statement, key)| {
                let error = statement.verify(key).err()?;
                Some(Finding::entry(*index, "bad-signature", error.to_string()))
            })
            .collect();
        for finding in broken {
            self.findings.add(finding);
        }
        Ok(())
    }

    /// Judges a statement at its place, and gives back what its signature has to be checked with.
    fn take_in(&mut self, index: LeafIndex, statement: Statement) -> Option<(LeafIndex, Statement, PublicKey)> {
        let genesis = index.get() == 0;
        let key = if genesis {
            // A genesis brings its own key: its signature is checked before it is taken in.
            self.registry.verify(index, &statement).map(|()| None)
        } else {
            self.registry.keys().signer(index, &statement).map(|enrolled| Some(enrolled.key().clone()))
        };
        let outcome = self.registry.apply(index, &statement);
        if let Err(error) = outcome.and(key.as_ref().map(|_| ()).map_err(Clone::clone)) {
            if self.registry.size() == index.get() {
                self.registry.pass_over();
            }
            self.findings.add(Finding::entry(index, error.slug(), error.to_string()));
        }
        Some((index, statement, key.ok()??))
    }

    /// Compares the tree so far with every older checkpoint of its size (step 4).
    fn compare_older(&mut self) -> Result<(), AuditError> {
        while let Some(old) = self.older.first().filter(|old| old.head().size() <= self.frontier.size()) {
            if *old.head().root() != self.frontier.root() {
                let size = old.head().size();
                self.findings.add(Finding::whole(
                    "fork",
                    format!("the log signed another tree of {} entries before", size.get()),
                ));
                self.fork = self.prove_fork(old.clone(), size)?;
            }
            self.older.remove(0);
        }
        Ok(())
    }

    /// The evidence, if what the log serves leads to the root that it signed.
    fn prove_fork(&self, old: SignedCheckpoint, size: TreeSize) -> Result<Option<Fork>, AuditError> {
        let new = self.checkpoint.clone();
        if size == new.head().size() {
            return Ok(Fork::same_size(old, new).ok());
        }
        let path = TileNodes::new(self.source, new.head().size()).path_from(size)?;
        Ok(Fork::other_prefix(old, new, path).ok())
    }
}

fn unreadable_entry(index: LeafIndex, error: &EntryError) -> Finding {
    if let EntryError::Statement(StatementError::NotUnderstood { .. }) = error {
        return Finding::not_understood(index, error.to_string());
    }
    Finding::entry(index, error.slug(), error.to_string())
}

/// How many entries the bundle of this number has in a log of this size.
fn width_of(size: u64, index: u64) -> u16 {
    u16::try_from(size.saturating_sub(index.saturating_mul(256)).min(256)).unwrap_or(256)
}

/// A bundle as wide as the checkpoint says. Where the log has dropped the partial one, the full one is cut.
fn read_bundle(source: &Source, index: u64, width: u16) -> Result<Vec<u8>, SourceError> {
    let name = |width| BundlePath::new(index, width).map(|path| path.encode()).unwrap_or_default();
    if let Some(bytes) = source.get(&name(width), BUNDLE_LIMIT)? {
        return Ok(bytes);
    }
    let full = source.need(&name(256), BUNDLE_LIMIT)?;
    let cut: usize = match parse_bundle(&full, 256) {
        Ok(entries) => entries.iter().take(usize::from(width)).map(|entry| entry.len() + 2).sum(),
        Err(_) => full.len(),
    };
    Ok(full.get(..cut).unwrap_or_default().to_vec())
}
