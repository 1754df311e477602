//! A whole log, checked from its first entry to its newest checkpoint. Memory grows by some 25 bytes an entry, so that a
//! statement about an earlier one finds it; with the statements about others, some hundred bytes each; and with the
//! providers: some hundred bytes a key, 8 KiB for each issuer whose numbers have gaps, and a bit for each decision.
//!
//! Steps, in this order:
//! 1. the newest checkpoint, under the policy;
//! 2. every entry: read, hashed into the tree, its rules, its place in the order, its signature; of the genesis, that it
//!    names the key that signed the checkpoint;
//! 3. every tile, against the hashes of the entries;
//! 4. each older checkpoint, against the tree of its size;
//! 5. the root, against the checkpoint.
//!
//! What became of each entry, and its texts, is counted afterwards ([`crate::states`]).

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::{Entry, EntryError};
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::{Statement, StatementError};
use glasshouse_verifier::statement_type::StatementType;
use rayon::prelude::*;

use crate::audit_past::AuditPast;
use crate::finding::{Finding, Findings};
use crate::read_ahead::{Batch, read_ahead};
use crate::source::{Source, SourceError};
use crate::states::States;
use crate::tile_check::TileCheck;
use crate::tile_nodes::{NodeError, TileNodes};

/// As many enrolments without evidence are listed; the rest is counted.
const UNBACKED_LISTED: usize = 1_000;

/// As many conflicts are listed; the rest is counted.
const CONFLICTS_LISTED: usize = 1_000;

/// What ends an audit before its last entry; everything else is a finding.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// A resource could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A bundle that is none: where the next entry begins is unknown.
    #[error("{path}: {why}")]
    Malformed {
        /// Which resource.
        path: String,
        /// The rule that it breaks.
        why: String,
    },
    /// The reader stopped without a word, which no input can bring about.
    #[error("the reader of the entries stopped (a fault of this program)")]
    ReaderStopped,
}

impl From<NodeError> for Stop {
    fn from(error: NodeError) -> Stop {
        match error {
            NodeError::Source(error) => Stop::Source(error),
            NodeError::Tile(path, why) => Stop::Malformed { path, why },
        }
    }
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
    past: AuditPast<'a>,
    findings: Findings,
    fork: Option<Fork>,
    unbacked: Vec<LeafIndex>,
    on_its_word: u64,
    conflicts: Conflicts,
    states: States,
    speaks_of_others: bool,
}

/// Providers that signed two statements under one number, as the registrar put it on record.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    /// The first 1,000.
    pub(crate) listed: Vec<Conflict>,
    /// How many there are.
    pub(crate) count: u64,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// The registrar's statement.
    pub(crate) index: LeafIndex,
    /// Who signed twice.
    pub(crate) iss: Issuer,
    /// Under which number.
    pub(crate) sequence: Sequence,
    /// The entry that has the number.
    pub(crate) entry: LeafIndex,
}

/// What an audit found.
pub(crate) struct Audited {
    /// The registry after the last entry.
    pub(crate) registry: Registry,
    /// Everything that does not hold.
    pub(crate) findings: Findings,
    /// Proof that the log contradicted itself.
    pub(crate) fork: Option<Fork>,
    /// Enrolments without evidence, which rest on the registrar's word: the first 1,000.
    pub(crate) unbacked: Vec<LeafIndex>,
    /// How many there are.
    pub(crate) on_its_word: u64,
    /// Providers that signed two statements under one number.
    pub(crate) conflicts: Conflicts,
    /// What there is, as if no statement were about another one.
    pub(crate) states: States,
    /// Whether one is: then only a second reading tells what became of the entries.
    pub(crate) speaks_of_others: bool,
    /// Why the audit ended before the last entry, if it did.
    pub(crate) stopped: Option<Stop>,
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
            past: AuditPast::new(source, checkpoint.head().size()),
            findings: Findings::default(),
            fork: None,
            unbacked: Vec::new(),
            on_its_word: 0,
            conflicts: Conflicts::default(),
            states: States::default(),
            speaks_of_others: false,
        }
    }

    /// Reads and checks everything, as far as it can be read; `progress` is told how many entries are done.
    pub(crate) fn run(mut self, progress: &dyn Fn(u64)) -> Audited {
        let stopped = self.read_all(progress).err();
        if let Some(stop @ Stop::Malformed { .. }) = &stopped {
            self.findings.add(Finding::whole("form", stop.to_string()));
        }
        Audited {
            registry: self.registry,
            findings: self.findings,
            fork: self.fork,
            unbacked: self.unbacked,
            on_its_word: self.on_its_word,
            conflicts: self.conflicts,
            states: self.states,
            speaks_of_others: self.speaks_of_others,
            stopped,
        }
    }

    fn read_all(&mut self, progress: &dyn Fn(u64)) -> Result<(), Stop> {
        let size = self.checkpoint.head().size();
        self.compare_older();
        let batches = read_ahead(self.source, size);
        while self.frontier.size() < size {
            let batch = batches.recv().map_err(|_| Stop::ReaderStopped)??;
            self.check_bundles(&batch)?;
            progress(self.frontier.size().get());
        }
        self.tiles.finish(&mut self.findings)?;
        if self.frontier.root() != *self.checkpoint.head().root() {
            self.findings.add(Finding::whole(
                "root",
                "the entries that are served do not have the root that the log signed".to_owned(),
            ));
        }
        Ok(())
    }

    fn check_bundles(&mut self, bundles: &Batch) -> Result<(), Stop> {
        let mut slices = Vec::new();
        let mut broken = None;
        for (path, bytes) in bundles {
            match parse_bundle(bytes, path.width()) {
                Ok(entries) => slices.extend(entries),
                Err(error) => {
                    broken = Some(Stop::Malformed { path: path.encode(), why: error.to_string() });
                    break;
                }
            }
        }
        self.check_entries(&slices)?;
        broken.map_or(Ok(()), Err)
    }

    fn check_entries(&mut self, slices: &[&[u8]]) -> Result<(), Stop> {
        let parsed: Vec<(LeafHash, Result<Entry, EntryError>)> =
            slices.par_iter().map(|bytes| (LeafHash::of_entry(bytes), Entry::parse(bytes))).collect();
        let mut signed: Vec<(LeafIndex, Statement, PublicKey)> = Vec::new();
        let mut stop = None;
        for (leaf, entry) in parsed {
            let Ok(index) = self.frontier.push(leaf) else { continue };
            if stop.is_none() {
                // A tile that is held back does not keep the entries beside it from being judged.
                stop = self.tiles.push(leaf, &mut self.findings).err();
            }
            self.compare_older();
            self.past.remember(&leaf, index);
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
        stop.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Judges a statement at its place, and gives back what its signature has to be checked with.
    fn take_in(
        &mut self,
        index: LeafIndex,
        statement: Statement,
    ) -> Option<(LeafIndex, Statement, PublicKey)> {
        let genesis = index == LeafIndex::ZERO;
        if genesis && !self.names_log_key(&statement) {
            let detail = "the genesis does not name the key that signed the checkpoint as one of the log's";
            self.findings.add(Finding::entry(index, "log-key", detail.to_owned()));
        }
        let key = if genesis {
            // A genesis brings its own key: its signature is checked before it is taken in.
            self.registry.verify(index, &statement).map(|()| None)
        } else {
            self.registry.keys().verifying_key(index, &statement).map(Some)
        };
        self.states.count(&EntryState::default(), &statement);
        let outcome = self.registry.apply(index, &statement, &self.past);
        if let Ok(naming) = &outcome {
            self.note(index, &statement, naming);
        }
        if let Err(error) = outcome.map(drop).and(key.as_ref().map(|_| ()).map_err(Clone::clone)) {
            if self.registry.size() == index.get() {
                self.registry.pass_over();
            }
            self.findings.add(Finding::entry(index, error.slug(), error.to_string()));
        } else if rests_on_a_word(&statement) {
            self.on_its_word += 1;
            if self.unbacked.len() < UNBACKED_LISTED {
                self.unbacked.push(index);
            }
        }
        Some((index, statement, key.ok()??))
    }

    /// Keeps that a statement is about others, and who contradicted himself.
    fn note(&mut self, index: LeafIndex, statement: &Statement, naming: &Naming) {
        self.speaks_of_others |= !naming.is_empty();
        let is_conflict = statement.payload().kind() == StatementType::Conflict;
        for named in naming.entries().iter().filter(|_| is_conflict) {
            self.conflicts.count += 1;
            if self.conflicts.listed.len() < CONFLICTS_LISTED {
                let (iss, sequence, entry) = (named.owner.clone(), named.sequence, named.index);
                self.conflicts.listed.push(Conflict { index, iss, sequence, entry });
            }
        }
    }

    /// Whether a genesis counts the key under which the checkpoint was opened among the log's. What is no genesis has no
    /// such field; the registry says so.
    fn names_log_key(&self, statement: &Statement) -> bool {
        match statement.payload().field(FieldName::LOG_VKEYS) {
            Some(FieldValue::Vkeys(keys)) => keys.contains(self.checkpoint.log()),
            _ => statement.payload().kind() != StatementType::Genesis,
        }
    }

    /// Compares the tree so far with every older checkpoint of its size (step 4). Only a proof makes a fork of a
    /// difference: entries that a broken mirror serves differ too, and the log is not to blame for them.
    fn compare_older(&mut self) {
        while let Some(old) = self.older.first().filter(|old| old.head().size() <= self.frontier.size()) {
            if *old.head().root() != self.frontier.root() {
                let (old, size) = (old.clone(), old.head().size());
                let detail = format!(
                    "the first {size} entries that are served are not those of a checkpoint that you kept"
                );
                self.findings.add(Finding::whole("older-checkpoint", detail));
                // Without the tiles there is no proof; the finding stands all the same.
                let proof = self.prove_fork(old, size).unwrap_or_default();
                self.fork = self.fork.take().or(proof);
            }
            self.older.remove(0);
        }
    }

    /// The evidence, if what the log serves leads to the root that it signed.
    fn prove_fork(&self, old: SignedCheckpoint, size: TreeSize) -> Result<Option<Fork>, NodeError> {
        let new = self.checkpoint.clone();
        if size == new.head().size() {
            return Ok(Fork::same_size(old, new).ok());
        }
        let path = TileNodes::new(self.source, new.head().size()).path_from(size)?;
        Ok(Fork::other_prefix(old, new, path).ok())
    }
}

/// Whether an entry enrols a key and says nothing of why the registrar believed the request.
fn rests_on_a_word(statement: &Statement) -> bool {
    let payload = statement.payload();
    payload.kind() == StatementType::Enrolment && payload.field(FieldName::EVIDENCE).is_none()
}

fn unreadable_entry(index: LeafIndex, error: &EntryError) -> Finding {
    if let EntryError::Statement(StatementError::NotUnderstood { .. }) = error {
        return Finding::not_understood(index, error.to_string());
    }
    Finding::entry(index, error.slug(), error.to_string())
}
