//! What a ledger does when it starts: go on, do some rounds' last steps again, or refuse and sign nothing.
//!
//! The state is the greatest tree that carries our signature, among both copies of the state record, the published
//! checkpoint, the stages, and what others have seen. All of them must be one history, and every byte up to it must be
//! there. A stage whose state was never swapped in counts too: its note was signed, so that tree is the next one, and no
//! other may be.
//!
//! [`decide`] reads and writes nothing. Whoever acts on it keeps this order, so that dying in between is harmless:
//!
//! 0. the newest stage and the published checkpoint are made durable: their names may be ones that can be read alone.
//! 1. if [`Start::reset_state`]: [`Store::reset_state`] with [`Start::record`]. If we die before: as at the start. After:
//!    the state is ahead of its files, and the stages hold all of them.
//! 2. for each [`Replay`], in order: its files ([`crate::tile_writer::write_growth_again`], [`crate::pack_writer`]). Nothing is
//!    signed again. If we die within: the stages are still there, and doing it again writes the same bytes.
//! 3. publication, unless it waits for witnesses. If we die before or after: the stages are still there.
//! 4. a [`Store::sync`], and only then the stages of what is published go, and [`Start::torn`] with them;
//! 5. a [`Store::sync`], before a greater tree is signed: behind a greater tree a torn one that came back would look like a round
//!    that is needed.

use crate::cosigned::{under_lines_of, under_own_lines};
use crate::evidence::{Evidence, Found, stage_advice};
use crate::prove::root_at;
use crate::remarks::remarks;
use crate::right_edge::{EdgeError, Growth, RightEdge};
use crate::stage::Stage;
use crate::state::StateRecord;
use crate::store::{Store, StoreError};
use crate::tile_reader::{MemoryTiles, ReadTileError, StoreTiles, TileReader};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::{Digest, NodeHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};

/// What to do at start.
#[derive(Debug)]
pub enum Decision {
    /// Every round was finished; go on from here.
    Clean(Start),
    /// Do the last steps of these rounds, oldest first, then go on.
    Replay(Start, Vec<Replay>),
    /// Sign nothing.
    Refuse(Refusal),
}

/// Where the ledger goes on.
#[derive(Debug)]
pub struct Start {
    /// The state: the greatest tree that was signed.
    pub record: StateRecord,
    /// The right edge of that tree, after all rounds that are to be done again.
    pub edge: RightEdge,
    /// The published checkpoint that lies here, with its cosignatures; `None` where there is none, or a damaged one.
    pub published: Option<SignedCheckpoint>,
    /// Whether a copy of the state is not `record`, and both are to be written anew.
    pub reset_state: bool,
    /// Names of stages that were never finished writing; nothing was signed away with them, and they may go.
    pub torn: Vec<String>,
    /// What was found that an operator should know.
    pub remarks: Vec<String>,
}

/// One round that is to be finished.
#[derive(Debug)]
pub struct Replay {
    /// The round.
    pub stage: Stage,
    /// What it adds to the tree; its root was compared with the signed one.
    pub growth: Growth,
}

/// Why nothing may be signed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No ledger was ever made here.
    #[error("there is no ledger here; `glasshouse init` makes one")]
    NoLedger,
    /// Neither copy of the state record can be believed.
    #[error(
        "both copies of the state record are gone (embedded: {embedded}; file: {plain}), so nothing here says what was \
         signed last; `glasshouse adopt` catches up with everything known elsewhere"
    )]
    NoState {
        /// What is wrong with the embedded copy.
        embedded: String,
        /// What is wrong with the plain copy.
        plain: String,
    },
    /// Two trees of one history were signed that cannot both be.
    #[error("the log's key has signed two histories: {one} and {other} contradict each other at size {size}")]
    Fork {
        /// Who shows the one.
        one: String,
        /// Who shows the other.
        other: String,
        /// The lesser of their sizes.
        size: TreeSize,
    },
    /// A tree was signed whose bytes are not here.
    #[error(
        "{witness} shows a signed tree of size {size}, and not all of its files are here: {missing}; \
         restore them from a mirror, or `glasshouse adopt --mirror URL`"
    )]
    BytesMissing {
        /// Who shows it.
        witness: String,
        /// Its size.
        size: TreeSize,
        /// The first thing that is missing or wrong.
        missing: String,
    },
    /// A round that may be needed cannot be read.
    #[error("{name} is damaged ({why}), and the state is not before it; {}", stage_advice(name))]
    StageDamaged {
        /// The stage.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// Files lie beyond the greatest signed tree that is known here: the state is older than what was signed.
    #[error(
        "{file} lies beyond size {size}, the greatest tree that is known to be signed here: the state is older than \
         the files; `glasshouse adopt` catches up with everything known elsewhere"
    )]
    Beyond {
        /// A file that only a greater tree has.
        file: String,
        /// The greatest known size.
        size: TreeSize,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says what to do, from everything that can say what was signed, and from the files.
pub fn decide(evidence: &Evidence, store: &dyn Store) -> Decision {
    match stand(evidence, store, TreeSize::ZERO) {
        Ok((start, replays)) if replays.is_empty() => Decision::Clean(start),
        Ok((start, replays)) => Decision::Replay(start, replays),
        Err(refusal) => Decision::Refuse(refusal),
    }
}

type Stand = (Start, Vec<Replay>);

/// Where a ledger stands by this evidence, if files up to the size `known` are known to belong to a signed tree.
pub(crate) fn stand(evidence: &Evidence, store: &dyn Store, known: TreeSize) -> Result<Stand, Refusal> {
    if evidence.is_empty() {
        return Err(Refusal::NoLedger);
    }
    let records = [&evidence.plain, &evidence.embedded];
    if records.iter().all(|record| record.whole().is_none()) {
        let (embedded, plain) = (trouble(&evidence.embedded), trouble(&evidence.plain));
        return Err(Refusal::NoState { embedded, plain });
    }
    let heads = signed_heads(evidence);
    for (one, other) in heads.iter().zip(heads.iter().skip(1)) {
        if one.head().size() == other.head().size() && one.head() != other.head() {
            let (one, other, size) = (one.witness.clone(), other.witness.clone(), one.head().size());
            return Err(Refusal::Fork { one, other, size });
        }
    }
    // At least one copy of the state is whole.
    let Some(greatest) = heads.last() else {
        return Err(Refusal::NoLedger);
    };
    let torn = torn_stages(evidence, greatest.head().size())?;
    let walk = Walk::over(evidence, greatest, store)?;
    walk.compare(&heads, store)?;
    let size = greatest.head().size().max(known);
    if let Some(file) = file_beyond(store, size)? {
        return Err(Refusal::Beyond { file, size });
    }
    let record = record_for(evidence, greatest);
    let reset_state = records.iter().any(|found| found.whole() != Some(&record));
    let published = evidence.checkpoint.whole().map(|note| under_lines_of(note, record.checkpoint()));
    let remarks = remarks(evidence, &record, published.as_ref(), &torn);
    let Walk { replays, edge, .. } = walk;
    Ok((Start { record, edge, published, reset_state, torn, remarks }, replays))
}

fn trouble<T>(found: &Found<T>) -> String {
    match found {
        Found::Missing => "missing".to_owned(),
        Found::Damaged(why) => why.clone(),
        Found::Whole(_) => "whole".to_owned(),
    }
}

/// A signed tree, and who shows it.
struct Signed<'a> {
    witness: String,
    checkpoint: &'a SignedCheckpoint,
}

impl Signed<'_> {
    fn head(&self) -> &TreeHead {
        self.checkpoint.head()
    }
}

/// Every tree that carries our signature, the greatest last; at one size the state's copies last.
fn signed_heads(evidence: &Evidence) -> Vec<Signed<'_>> {
    let mut heads = Vec::new();
    let mut add = |witness: String, checkpoint| heads.push(Signed { witness, checkpoint });
    for seen in &evidence.seen {
        add(seen.witness.clone(), &seen.checkpoint);
    }
    if let Some(checkpoint) = evidence.checkpoint.whole() {
        add("the published checkpoint".to_owned(), checkpoint);
    }
    for found in &evidence.stages {
        if let Some(stage) = found.stage.whole() {
            add(found.name.clone(), stage.checkpoint());
        }
    }
    if let Some(record) = evidence.embedded.whole() {
        add("the embedded state".to_owned(), record.checkpoint());
    }
    if let Some(record) = evidence.plain.whole() {
        add("the state file".to_owned(), record.checkpoint());
    }
    heads.sort_by_key(|signed| signed.head().size());
    heads
}

/// The stages that were never finished: beyond everything that was signed. One below may be needed.
fn torn_stages(evidence: &Evidence, greatest: TreeSize) -> Result<Vec<String>, Refusal> {
    let mut torn = Vec::new();
    for found in &evidence.stages {
        if let Found::Damaged(why) = &found.stage {
            if found.size_in_name().is_none_or(|size| size <= greatest) {
                return Err(Refusal::StageDamaged { name: found.name.clone(), why: why.clone() });
            }
            torn.push(found.name.clone());
        }
    }
    Ok(torn)
}

/// The rounds that lie staged, done again in memory.
struct Walk {
    replays: Vec<Replay>,
    /// The edge of the greatest tree.
    edge: RightEdge,
    /// The greatest size up to which the files alone vouch for everything.
    settled: TreeSize,
}

impl Walk {
    fn over(evidence: &Evidence, greatest: &Signed<'_>, store: &dyn Store) -> Result<Self, Refusal> {
        let mut walk = Walk { replays: Vec::new(), edge: RightEdge::empty(), settled: TreeSize::ZERO };
        for found in &evidence.stages {
            let Some(stage) = found.stage.whole() else {
                continue;
            };
            // The stages between this one and the one before were dropped: then their files were synced.
            walk.move_to(stage.old_head(), &found.name, store)?;
            let growth = stage.grow(&walk.edge).map_err(|error| Refusal::StageDamaged {
                name: found.name.clone(),
                why: error.to_string(),
            })?;
            walk.edge = growth.edge().clone();
            walk.replays.push(Replay { stage: stage.clone(), growth });
        }
        walk.move_to(greatest.head(), &greatest.witness, store)?;
        Ok(walk)
    }

    /// Takes the edge of this tree from the files, if the last round does not lead there.
    fn move_to(&mut self, head: &TreeHead, witness: &str, store: &dyn Store) -> Result<(), Refusal> {
        if self.edge.head() == *head {
            return Ok(());
        }
        self.edge = RightEdge::load(store, head).map_err(|error| match error {
            EdgeError::Tile(ReadTileError::Store(error)) => Refusal::Store(error),
            other => Refusal::BytesMissing {
                witness: witness.to_owned(),
                size: head.size(),
                missing: other.to_string(),
            },
        })?;
        self.settled = self.settled.max(head.size());
        Ok(())
    }

    /// Every signed tree must be a part of the greatest.
    fn compare(&self, heads: &[Signed<'_>], store: &dyn Store) -> Result<(), Refusal> {
        let Some(greatest) = heads.last() else {
            return Ok(());
        };
        let tiles = Overlay::new(self, store);
        for signed in heads {
            let size = signed.head().size();
            let ours = if signed.head() == greatest.head() {
                *greatest.head()
            } else {
                root_at(&tiles, size).map_err(|error| Refusal::BytesMissing {
                    witness: signed.witness.clone(),
                    size,
                    missing: error.to_string(),
                })?
            };
            if ours != *signed.head() {
                let (one, other) = (signed.witness.clone(), greatest.witness.clone());
                return Err(Refusal::Fork { one, other, size });
            }
        }
        Ok(())
    }
}

/// The tiles as they will be when the rounds have been done again.
///
/// The files come first, up to where they vouch for themselves: a staged round of another history must not be compared
/// with its own tiles.
struct Overlay<'a> {
    rounds: MemoryTiles,
    files: StoreTiles<'a>,
}

impl<'a> Overlay<'a> {
    fn new(walk: &Walk, store: &'a dyn Store) -> Self {
        let mut rounds = MemoryTiles::new();
        for (name, bytes) in walk.replays.iter().flat_map(|replay| replay.growth.files()) {
            if let Ok(path) = TilePath::parse(name)
                && let Ok(tile) = Tile::parse(bytes, path.width())
            {
                rounds.insert(path, &tile);
            }
        }
        Self { rounds, files: StoreTiles::new(store, walk.settled) }
    }
}

impl TileReader for Overlay<'_> {
    fn read_tile(&self, path: TilePath) -> Result<Vec<NodeHash>, ReadTileError> {
        self.files.read_tile(path).or_else(|_| self.rounds.read_tile(path))
    }
}

/// A tile or bundle on the right edge that the tree of this size does not have. Files are only written for a state that
/// was swapped in, so one that is there shows that a greater tree was signed.
fn file_beyond(store: &dyn Store, size: TreeSize) -> Result<Option<String>, StoreError> {
    let (index, width) = (size.get() / 256, size.get() % 256);
    let names = [
        TilePath::new(0, index, 256).map(|path| path.encode()),
        BundlePath::new(index, 256).map(|path| path.encode()),
    ];
    for full in names.into_iter().flatten() {
        for partial in store.list(&format!("{full}.p"))? {
            let its_width = partial.rsplit('/').next().and_then(|width| width.parse::<u64>().ok());
            if its_width.is_none_or(|its_width| its_width > width) {
                return Ok(Some(partial));
            }
        }
        if store.get_range(&full, 0, 1)?.is_some() {
            return Ok(Some(full));
        }
    }
    Ok(None)
}

/// The record of the greatest tree: a copy that says so, or a new one from whoever showed it.
fn record_for(evidence: &Evidence, greatest: &Signed<'_>) -> StateRecord {
    let records = [&evidence.plain, &evidence.embedded];
    let whole = || records.iter().filter_map(|found| found.whole());
    let same = whole().filter(|record| record.head() == greatest.head());
    if let Some(record) = same.max_by_key(|record| record.last_used_ms()) {
        return record.clone();
    }
    let stages = || evidence.stages.iter().filter_map(|found| found.stage.whole());
    let times = whole().map(StateRecord::last_used_ms).chain(stages().map(Stage::time_ms));
    let stage = stages().find(|stage| stage.new_head() == greatest.head());
    let hash = stage.map(|stage| Digest::of(&stage.encode()));
    StateRecord::new(under_own_lines(greatest.checkpoint), hash, times.max().unwrap_or(0))
}
