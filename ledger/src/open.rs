//! Starting: finds out what was signed last, finishes the rounds that were not, reads the log's history, and hands out
//! the one writer and a reader. Or refuses, says why and what to do, and signs nothing.

use std::collections::HashSet;
use std::sync::Arc;

use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use crate::catch_up::CatchUpError;
use crate::clock::Clock;
use crate::contradiction::{self, Testimony};
use crate::cosigned::WITNESSES_MAX;
use crate::erasures::Erasures;
use crate::erasures::record::{ErasureRecord, NAME};
use crate::evidence::{Evidence, Seen};
use crate::history::keeper::Keeper;
use crate::history::{self, History, HistoryError};
use crate::index::{Index, IndexError};
use crate::log_key_files::check_second;
use crate::log_signer::LogSigner;
use crate::pack_writer::PackWriter;
use crate::published::Shared;
use crate::reader::Reader;
use crate::recover::{self, Decision, Refusal, Replay, Start};
use crate::refused::Refused;
use crate::right_edge::RightEdge;
use crate::store::{Store, StoreError};
use crate::tile_writer::write_growth_again;
use crate::tree_files::TreeFiles;
use crate::witnessing::{Publication, Witnessing};
use crate::writer::{Core, Writer, WriterError};

/// Why a ledger did not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The start rules refuse.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder was copied or restored, or cannot be looked at.
    #[error(transparent)]
    Place(#[from] crate::place::PlaceError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] crate::key_file::KeyFileError),
    /// None of what a ledger has is in the folder.
    #[error("{0} holds no ledger; `glasshouse init` makes one")]
    NoLedger(String),
    /// The log's name and key do not fit.
    #[error("the log's key: {0}")]
    LogKey(String),
    /// Somebody's checkpoint that is none of this log.
    #[error("seen checkpoint {number} is not one of this log: {rule}")]
    Seen {
        /// Which one, from 1.
        number: usize,
        /// What it breaks.
        rule: CheckpointError,
    },
    /// Mirrors.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The entries.
    #[error("the log cannot be read: {0}; `glasshouse fsck` names everything that is wrong")]
    History(#[from] HistoryError),
    /// Finishing a round.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// The look-ups.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// An earlier run kept evidence that this log contradicted itself.
    #[error(
        "{0}, in the ledger's folder, shows a checkpoint with this log's signature that this ledger did not sign, so nothing \
         is signed any more. Find out whether another server signs with the same key or this folder is older than what it \
         signed, restore or `glasshouse adopt` what is missing, and move the file away before the next start"
    )]
    Contradicted(String),
    /// More witnesses than a note should carry.
    #[error("the policy names {given} witnesses, and a ledger works with {WITNESSES_MAX} at most")]
    TooManyWitnesses {
        /// How many it names.
        given: usize,
    },
    /// Recovery ended at another tree than the state's.
    #[error("after recovery the tree is not the one of the state (a fault of this program)")]
    OurBug,
}

/// How long a redaction is held before its texts are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// So many milliseconds from its publication; 0: erased before its submitter is answered.
    Ms(u64),
    /// As the ledger was last opened; where that is not known, until somebody opens it who knows.
    AsBefore,
}

impl Hold {
    /// Erased at once.
    pub const NONE: Hold = Hold::Ms(0);
}

/// A ledger that has started.
#[derive(Debug)]
pub struct Opened {
    /// The one writer.
    pub writer: Writer,
    /// A reader; clone it for every thread.
    pub reader: Reader,
    /// What was found that an operator should know.
    pub remarks: Vec<String>,
}

/// Starts a ledger on a store that is already held. `seen`: checkpoints that others have of this log.
pub fn open_store(
    store: Arc<dyn Store>,
    signer: LogSigner,
    clock: Arc<dyn Clock>,
    index: Index,
    hold: Hold,
    publication: Publication,
    seen: &[Vec<u8>],
) -> Result<Opened, OpenError> {
    if let Some(file) = contradiction::kept(store.as_ref())? {
        return Err(OpenError::Contradicted(file));
    }
    let seen = open_seen(seen, signer.vkey())?;
    let record = store.get(NAME)?.as_deref().and_then(ErasureRecord::parse);
    let remembered = Remembered { hold, trusted: record.clone(), record };
    open_with(store, signer, clock, index, seen, remembered, publication)
}

/// What is known of erasing from before.
pub(crate) struct Remembered {
    pub(crate) hold: Hold,
    /// What the last run wrote down: the hold, and the moments from which holds are counted.
    pub(crate) record: Option<ErasureRecord>,
    /// The same, if what it says about the packs may be believed.
    pub(crate) trusted: Option<ErasureRecord>,
}

/// As [`open_store`], with checkpoints whose signature was checked, and also where evidence lies: whoever adopts a folder
/// mends what the evidence is about.
pub(crate) fn open_with(
    store: Arc<dyn Store>,
    signer: LogSigner,
    clock: Arc<dyn Clock>,
    index: Index,
    seen: Vec<Seen>,
    remembered: Remembered,
    publication: Publication,
) -> Result<Opened, OpenError> {
    if let Publication::Witnessed { policy, .. } = &publication
        && policy.witnesses().len() > WITNESSES_MAX
    {
        return Err(OpenError::TooManyWitnesses { given: policy.witnesses().len() });
    }
    let Stand { start, replays, contested } =
        stand(store.as_ref(), signer.vkey(), seen, publication.shown())?;
    let mut remarks = start.remarks.clone();
    let mut core = resume(store, signer, clock, index, &start, replays, &remembered)?;
    if let Some(remark) = core.keeper.remark.take() {
        remarks.push(remark.to_owned());
        core.store.delete(history::record::NAME)?;
        // If we die here: it is gone, or comes back and is no better.
    }
    if let Some(refusal) = contested {
        return Err(convict(&core, publication.shown(), refusal));
    }
    check_second(&core.signer, &core.registry)?;
    remarks.extend(core.show(start.published.as_ref(), &publication)?);
    // If we die here: what may be published is, and every stage still lies.
    let vkey = format!("{}\n", core.signer.vkey().encode());
    if core.store.get("vkey")?.as_deref() != Some(vkey.as_bytes()) {
        core.store.put("vkey", vkey.as_bytes())?;
        remarks.push("vkey did not show this log's key: written anew".to_owned());
    }
    if core.has_unpublished() {
        // The look-ups may reach beyond what is published: compared with that, they would be taken for another log's.
        core.index.catch_up_some(&core.files, &core.edge.head())?;
    }
    let files = core.files.clone();
    let reader = Reader::new(Arc::clone(&core.shared), files, core.index.clone(), core.signer.vkey().clone());
    let (published, now) = (core.shared.current(), core.time_ms() / 1_000);
    let witnessing = Witnessing::new(publication, &published.checkpoint, now, &mut remarks);
    let mut writer = Writer::new(core, witnessing);
    // If we die before this: the stages still lie, and the next start does the same again.
    writer.settle()?;
    writer.core.store.sync()?;
    // If we die before this: torn stages, of this start or of one before, lie or come back, and no greater tree was signed.
    writer.core.refused = Refused::read(writer.core.store.as_ref(), &writer.core.registry)?;
    // If we die before this: nothing was served meanwhile, and the next start erases it.
    writer.core.erase_at_start(remembered.trusted)?;
    writer.core.look_at_newest_pack()?;
    Ok(Opened { writer, reader, remarks })
}

/// Where the ledger goes on.
struct Stand {
    start: Start,
    replays: Vec<Replay>,
    /// Why it does not go on from there all the same: what witnesses show does not fit.
    contested: Option<Refusal>,
}

/// What is to be done by everything that can say what was signed. Where only the testimonies stand against it, what is to be
/// done without them, so that they can be held against the ledger's own tree.
fn stand(
    store: &dyn Store,
    log: &Vkey,
    seen: Vec<Seen>,
    testimonies: &[Testimony],
) -> Result<Stand, OpenError> {
    let own = seen.len();
    let shown = testimonies.iter().filter_map(|testimony| {
        let checkpoint = SignedCheckpoint::open(&testimony.note, log).ok()?;
        Some(Seen { witness: testimony.by.clone(), checkpoint })
    });
    let mut evidence = Evidence::collect(store, log, seen.into_iter().chain(shown).collect())?;
    let refusal = match recover::decide(&evidence, store) {
        Decision::Clean(start) => return Ok(Stand { start, replays: Vec::new(), contested: None }),
        Decision::Replay(start, replays) => return Ok(Stand { start, replays, contested: None }),
        Decision::Refuse(refusal) => refusal,
    };
    if evidence.seen.len() == own {
        return Err(refusal.into());
    }
    evidence.seen.truncate(own);
    match recover::decide(&evidence, store) {
        Decision::Clean(start) => Ok(Stand { start, replays: Vec::new(), contested: Some(refusal) }),
        Decision::Replay(start, replays) => Ok(Stand { start, replays, contested: Some(refusal) }),
        // The folder is not whole by itself.
        Decision::Refuse(_) => Err(refusal.into()),
    }
}

/// Keeps evidence of the first testimony that the ledger's own tree contradicts. Where none does, the refusal stays.
fn convict(core: &Core, testimonies: &[Testimony], refusal: Refusal) -> OpenError {
    for testimony in testimonies {
        let judged = core.judge(&testimony.note, &testimony.by);
        if let Err(error @ (WriterError::Contradicted(_) | WriterError::Store(_))) = judged {
            return error.into();
        }
    }
    refusal.into()
}

/// The notes that others hold, each signed by this log.
pub(crate) fn open_seen(notes: &[Vec<u8>], log: &Vkey) -> Result<Vec<Seen>, OpenError> {
    let mut seen = Vec::with_capacity(notes.len());
    for (number, note) in (1..).zip(notes) {
        let open = SignedCheckpoint::open(note, log);
        let checkpoint = open.map_err(|rule| OpenError::Seen { number, rule })?;
        seen.push(Seen { witness: format!("seen checkpoint {number}"), checkpoint });
    }
    Ok(seen)
}

/// Makes the state whole, carries out the staged rounds, and reads the history, in the order that `recover` asks for.
/// The stages vouch for everything then, and nothing of it is published by this.
fn resume(
    store: Arc<dyn Store>,
    signer: LogSigner,
    clock: Arc<dyn Clock>,
    index: Index,
    start: &Start,
    replays: Vec<Replay>,
    remembered: &Remembered,
) -> Result<Core, OpenError> {
    make_sure(store.as_ref(), start, &replays)?;
    if start.reset_state {
        store.reset_state(&start.record.encode())?;
    }
    // If we die here: the state may be ahead of its files, and the stages hold all of them.
    let packs = PackWriter::recovering(replays.iter().flat_map(|replay| replay.stage.addenda()));
    let (settled, unsettled) = split(replays, start);
    let files = TreeFiles::new(Arc::clone(&store));
    let base = unsettled.first().map_or(start.edge.head(), |first| *first.stage.old_head());
    for replay in &settled {
        // Later rounds were synced, so these were too: only their tiles, and below their texts, are made sure of.
        write_growth_again(store.as_ref(), &replay.growth)?;
    }
    let lying = store.get(history::record::NAME)?;
    let mut history = History::read(&files, &index, signer.origin(), &base, lying.as_deref())?;
    drop(lying);
    // A clock that was set back does not set back the time of a second signature.
    let note = note_of(&base, start, &signer, clock.now_ms().max(start.record.last_used_ms()))?;
    let shared = Arc::new(Shared::new(note, history.registry.clone(), history.stats.clone()));
    let mut core = Core::beginning(store, clock, signer, shared, index);
    core.registry = history.registry.clone();
    core.keeper = Keeper::of(&history);
    core.packs = packs;
    core.state = Some(start.record.clone());
    core.erasures = erasures(&mut history, remembered, &base, core.time_ms());
    for replay in &settled {
        // What is due to be erased is erased behind this.
        core.write_texts(&replay.stage, &HashSet::new())?;
    }
    history.check_texts(&core.files, &base)?;
    drop(history);
    core.lying = settled.iter().map(|replay| (TreeSize::ZERO, replay.stage.name())).collect();
    core.edge = if unsettled.is_empty() { start.edge.clone() } else { RightEdge::empty() };
    core.published = start.published.as_ref().map_or(TreeSize::ZERO, |note| note.head().size());
    for replay in unsettled {
        // Step 4 of the write path, with the stored note. If we die within: the stage is still there.
        core.carry_out_again(&replay.stage, replay.growth)?;
    }
    core.count_dropped(base.size())?;
    core.check_lost()?;
    core.lying.extend(start.torn.iter().map(|name| (TreeSize::ZERO, name.clone())));
    if core.edge != start.edge {
        return Err(OpenError::OurBug);
    }
    Ok(core)
}

/// Makes durable what the start goes by: a process that ended before it synced a folder leaves names that can be read alone.
fn make_sure(store: &dyn Store, start: &Start, replays: &[Replay]) -> Result<(), StoreError> {
    // Each stage before the last was durable when the next one was begun.
    if let Some(last) = replays.last() {
        store.put_durable(&last.stage.name(), &last.stage.encode())?;
    }
    if let Some(note) = &start.published {
        let note = note.note_text();
        // Where no stage lies, all that was published was synced, but for lines of witnesses that were put below it since: the sync behind recovery makes these durable. A clean start asks for no room on the disk.
        if !replays.is_empty() || store.get("checkpoint")?.as_deref() != Some(note.as_bytes()) {
            store.put_durable("checkpoint", note.as_bytes())?;
        }
    }
    // If we die here: all lies as it did, and a checkpoint whose lines were damaged as it was signed.
    Ok(())
}

/// The signed note of the tree up to which every round was settled, and so published. Where it is not the state's and not
/// the one that lies published, the log's keys sign that very tree once more, with the time `now_ms` where one stands.
fn note_of(
    base: &TreeHead,
    start: &Start,
    signer: &LogSigner,
    now_ms: u64,
) -> Result<SignedCheckpoint, OpenError> {
    let known = [start.published.as_ref(), Some(start.record.checkpoint())];
    match known.into_iter().flatten().find(|note| note.head() == base) {
        Some(note) => Ok(note.clone()),
        None => Ok(signer.sign(base, now_ms / 1_000).map_err(WriterError::from)?),
    }
}

/// What is to be erased, as the entries of a tree say and the last run has written down.
fn erasures(history: &mut History, remembered: &Remembered, base: &TreeHead, now_ms: u64) -> Erasures {
    let recorded = remembered.record.as_ref().map_or(u64::MAX, |record| record.hold_ms);
    let mut erasures = Erasures::new(match remembered.hold {
        Hold::Ms(hold_ms) => hold_ms,
        Hold::AsBefore => recorded,
    });
    erasures.tombstones = history.tombstones;
    for (index, redaction) in history.redactions.drain(..) {
        erasures.know(index, redaction);
    }
    erasures.remember(remembered.record.as_ref(), base.size().get(), now_ms);
    erasures
}

/// The rounds that lead, one after the other, to the state's tree; and those before a gap, which were settled.
fn split(mut replays: Vec<Replay>, start: &Start) -> (Vec<Replay>, Vec<Replay>) {
    let mut head = *start.record.head();
    let mut first = replays.len();
    for (number, replay) in replays.iter().enumerate().rev() {
        if *replay.stage.new_head() != head {
            break;
        }
        head = *replay.stage.old_head();
        first = number;
    }
    let unsettled = replays.split_off(first);
    (replays, unsettled)
}
