//! A whole log, checked from its first entry to a checkpoint, and on from there to the next one. Memory grows by some 41
//! bytes an entry, so that a statement about an earlier one, or about a range of numbers, finds it; with the statements about others, some hundred bytes
//! each; and with the providers: some hundred bytes a key, 8 KiB for each issuer whose numbers have gaps, and a bit for each
//! decision.
//!
//! Steps, in this order:
//! 1. the newest checkpoint, under the policy;
//! 2. every entry: read, hashed into the tree, its rules, its place in the order, its signature;
//! 3. every tile, against the hashes of the entries;
//! 4. each older checkpoint, against the tree of its size;
//! 5. the root, against the checkpoint; and that the log names the key that signed it.
//!
//! The signatures of one batch are checked while the next one is read into the tree. What was checked before, and lies in
//! the copy that a state keeps, goes through the same steps without signatures and tiles ([`Audit::replay`]). What became
//! of each entry, and its texts, is counted afterwards ([`crate::states`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::tile::Tile;
use glasshouse_verifier::vkey::Vkey;

use crate::audit_past::AuditPast;
use crate::audit_state::{AuditState, StateError};
use crate::bundles::Bundles;
use crate::conviction::Kept;
use crate::found::Found;
use crate::read_ahead::{Batch, Span, read_ahead};
use crate::signatures::{Signed, check};
use crate::source::SourceError;
use crate::ticks::Ticks;
use crate::tile_check::{FullTile, TileCheck, TilePlace};
use crate::tile_nodes::NodeError;

/// How soon a signal is noticed while entries are waited for.
const GLANCE: Duration = Duration::from_millis(200);

/// Tiles that are remembered as not found right; where there are more, a state does not reach further.
const DOUBTFUL_MAX: usize = 1_000;

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
    /// What was kept from before cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// A signal.
    #[error("stopped by a signal")]
    Interrupted,
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
pub(crate) struct Audit {
    /// The key under which checkpoints are opened.
    pub(crate) log: Vkey,
    pub(crate) bundles: Bundles,
    pub(crate) frontier: Frontier,
    pub(crate) tiles: TileCheck,
    /// Tiles that could not be read when they became full, or were wrong in an earlier run.
    held_back: Vec<FullTile>,
    /// Tiles that were wrong in this run.
    wrong: Vec<TilePlace>,
    pub(crate) registry: Registry,
    pub(crate) past: AuditPast,
    /// Checkpoints of the same log that are compared when the tree has their size, the smallest first.
    pub(crate) older: Vec<SignedCheckpoint>,
    /// Entries of receipts that a reader kept.
    pub(crate) kept: Kept,
    pub(crate) ticks: Ticks,
    pub(crate) found: Found,
    pub(crate) spent: Spent,
}

/// What the checks cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    /// Entries that were read, hashed and checked, without those that a state had.
    pub(crate) entries: u64,
    /// Entries that a state had, read again without signatures.
    pub(crate) replayed: u64,
    /// Signatures.
    pub(crate) signatures: u64,
    /// CPU time of these, of all threads together.
    pub(crate) signature_cpu: Duration,
}

/// Whether entries are new, or were checked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    New,
    Replay,
}

/// What one batch left to do.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) signed: Vec<Signed>,
    pub(crate) stop: Option<Stop>,
}

impl Audit {
    /// Prepares to audit the log whose checkpoints that key signs. `older` checkpoints are compared on the way.
    pub(crate) fn new(log: Vkey, origin: Origin, bundles: Bundles, ticks: Ticks) -> Self {
        Audit {
            frontier: Frontier::new(),
            tiles: TileCheck::default(),
            held_back: Vec::new(),
            wrong: Vec::new(),
            registry: Registry::new(origin),
            past: AuditPast::new(bundles.clone()),
            older: Vec::new(),
            kept: Kept::default(),
            found: Found::default(),
            spent: Spent::default(),
            log,
            bundles,
            ticks,
        }
    }

    /// One of the same log that has read nothing yet, and keeps proofs where this one does.
    pub(crate) fn anew(&self) -> Audit {
        let (origin, bundles) = (self.registry.origin().clone(), self.bundles.clone());
        let mut audit = Audit::new(self.log.clone(), origin, bundles, self.ticks.anew());
        audit.found.keeper = self.found.keeper.clone();
        audit
    }

    /// Has a checkpoint compared when the tree has its size.
    pub(crate) fn expect(&mut self, checkpoint: SignedCheckpoint) {
        if self.older.iter().any(|old| old.head() == checkpoint.head()) {
            return;
        }
        self.older.push(checkpoint);
        self.older.sort_by_key(|old| old.head().size());
    }

    /// Reads what a state has again, from its copy and without signatures.
    pub(crate) fn replay(
        &mut self,
        state: &AuditState,
        newest: &SignedCheckpoint,
        progress: &dyn Fn(u64),
    ) -> Result<(), Stop> {
        self.found.restore(state.bad_signatures());
        self.compare_older(newest);
        let mut reader = state.reader();
        while let Some(entries) = reader.next()? {
            let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
            let (_, full) = self.check_entries(&slices, newest, Reading::Replay);
            self.held_back.extend(full.into_iter().filter(|tile| state.tiles().contains(&tile.place())));
            progress(self.frontier.size().get());
        }
        self.spent.replayed = self.frontier.size().get();
        Ok(state.check(&self.frontier)?)
    }

    /// Reads and checks everything from where the audit stands to a checkpoint, as far as it can be read; whether the
    /// entries have its root. What was checked is kept in `state` now and then. `progress` is told how many entries are done.
    pub(crate) fn advance(
        &mut self,
        newest: &SignedCheckpoint,
        state: &mut Option<AuditState>,
        stop: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> Result<bool, Stop> {
        let size = newest.head().size();
        self.past.grow(size);
        self.compare_older(newest);
        let ended = self.read_all(newest, state, stop, progress).and_then(|()| {
            self.compare_held_back(newest)?;
            self.tiles.compare_edge(self.bundles.source(), size, &mut self.found.findings)?;
            Ok(())
        });
        ended.map(|()| self.frontier.root() == *newest.head().root())
    }

    fn read_all(
        &mut self,
        newest: &SignedCheckpoint,
        state: &mut Option<AuditState>,
        stop: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> Result<(), Stop> {
        if self.held_back.len() >= DOUBTFUL_MAX {
            self.compare_held_back(newest)?;
        }
        let span = Span { from: self.frontier.size(), to: newest.head().size(), with_tiles: true };
        let batches = read_ahead(&self.bundles, span);
        let mut signed = Vec::new();
        let mut ended = None;
        while self.frontier.size() < span.to && ended.is_none() {
            let next = match stop.load(Ordering::Relaxed) {
                true => Err(Stop::Interrupted),
                false => next_batch(&batches, stop),
            };
            let before = self.frontier.clone();
            let (taken, checked) =
                rayon::join(|| self.take_next(next, newest), || check(std::mem::take(&mut signed)));
            self.found.take(checked, &mut self.spent);
            self.reach(state, &before)?;
            (signed, ended) = (taken.signed, taken.stop);
            progress(self.frontier.size().get());
        }
        self.found.take(check(signed), &mut self.spent);
        match ended {
            // The batch in which it ended is read again.
            Some(stop) => Err(stop),
            None => {
                let tree = self.frontier.clone();
                self.reach(state, &tree)
            }
        }
    }

    /// Tells the state that everything of that tree was checked, with the tiles that have to be compared again.
    fn reach(&self, state: &mut Option<AuditState>, tree: &Frontier) -> Result<(), Stop> {
        let held_back = self.held_back.iter().map(FullTile::place);
        let mut tiles: Vec<TilePlace> = held_back.chain(self.wrong.iter().copied()).collect();
        tiles.sort();
        tiles.dedup();
        match state {
            Some(state) if tiles.len() <= DOUBTFUL_MAX => {
                Ok(state.reach(tree, self.found.findings.kept(), tiles)?)
            }
            _ => Ok(()),
        }
    }

    fn take_next(&mut self, next: Result<Batch, Stop>, newest: &SignedCheckpoint) -> Taken {
        match next {
            Ok(batch) => self.take_batch(batch, newest),
            Err(stop) => Taken { signed: Vec::new(), stop: Some(stop) },
        }
    }

    /// Takes in the bundles of one batch; their signatures are left to do.
    fn take_batch(&mut self, batch: Batch, newest: &SignedCheckpoint) -> Taken {
        let mut slices = Vec::new();
        let mut broken = None;
        let mut known = self.frontier.size().get();
        for one in &batch {
            let path = one.path;
            match parse_bundle(&one.bytes, path.width()) {
                Ok(entries) => {
                    // Of the first bundle, the audit may have some entries already.
                    let have = known.saturating_sub(path.index() * 256).min(256);
                    let have = usize::try_from(have).unwrap_or(0);
                    self.compare_again(path.index(), entries.get(..have).unwrap_or_default());
                    let fresh = entries.get(have..).unwrap_or_default();
                    known += fresh.len() as u64;
                    slices.extend_from_slice(fresh);
                }
                Err(error) => {
                    broken = Some(Stop::Malformed { path: path.encode(), why: error.to_string() });
                    break;
                }
            }
        }
        let copied = self.bundles.copy().map_or(Ok(()), |copy| copy.append(&slices));
        let (signed, full) = self.check_entries(&slices, newest, Reading::New);
        self.spent.entries += slices.len() as u64;
        let mut served: Vec<_> = batch.into_iter().map(|one| (one.path.index(), one.tile)).collect();
        let mut held_back = None;
        for tile in full {
            let read = served.iter_mut().find(|(index, _)| tile.is_over_bundle(*index));
            let read = read.and_then(|(_, served)| served.take());
            let read = read.unwrap_or_else(|| tile.fetch(self.bundles.source(), newest.head().size()));
            match read {
                Ok(read) => self.compare_tile(&tile, &read),
                // A tile that is held back does not keep the entries beside it from being judged.
                Err(error) => {
                    held_back = held_back.or(Some(error));
                    self.held_back.push(tile);
                }
            }
        }
        let copied = copied.err().map(|error| Stop::State(StateError::from(error)));
        Taken { signed, stop: copied.or(held_back.map(Stop::from)).or(broken) }
    }

    /// A log may serve a tile the next time, and the right one. Those that the tree of that checkpoint has are compared.
    pub(crate) fn compare_held_back(&mut self, newest: &SignedCheckpoint) -> Result<(), NodeError> {
        let size = newest.head().size();
        let (mut left, later) = std::mem::take(&mut self.held_back)
            .into_iter()
            .partition::<Vec<FullTile>, _>(|tile| tile.is_within(size));
        self.held_back = later;
        while let Some(tile) = left.pop() {
            match tile.fetch(self.bundles.source(), size) {
                Ok(served) => self.compare_tile(&tile, &served),
                Err(error) => {
                    left.push(tile);
                    self.held_back.append(&mut left);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn compare_tile(&mut self, tile: &FullTile, served: &Tile) {
        if !tile.compare(served, &mut self.found.findings) {
            self.wrong.push(tile.place());
        }
    }
}

/// What the reader of the entries has next; a signal is noticed while a server lets it wait.
fn next_batch(batches: &Receiver<Result<Batch, SourceError>>, stop: &AtomicBool) -> Result<Batch, Stop> {
    loop {
        match batches.recv_timeout(GLANCE) {
            Ok(got) => return Ok(got?),
            Err(RecvTimeoutError::Disconnected) => return Err(Stop::ReaderStopped),
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => return Err(Stop::Interrupted),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
