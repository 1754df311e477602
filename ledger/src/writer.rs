//! The one writer of a ledger: takes admitted statements, gives them places, and answers when they are published.
//!
//! No thread, socket or clock of its own: the server calls [`Writer::round`] when there is work, with witnesses
//! [`Writer::publish`] when they have answered, and [`Writer::settle`] about once a second. After any error the writer takes nothing more, and the process ends:
//! what the disk then holds is for recovery to judge, not for a program that no longer knows.

use std::collections::VecDeque;
use std::sync::Arc;

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement_type::StatementType;

use crate::admission::Admitted;
use crate::backlog::Backlog;
use crate::clock::Clock;
use crate::contradiction::Contradicted;
use crate::erasures::Erasures;
use crate::held::Held;
use crate::history::keeper::Keeper;
use crate::index::{Index, IndexError};
use crate::log_signer::{LogSigner, SignError};
use crate::look_up_turns::Pool;
use crate::numbering::{self, Books, Numbered};
use crate::pack::PackError;
use crate::pack_writer::PackWriter;
use crate::past_entries::{PastEntries, Patience};
use crate::prove::ProveError;
use crate::published::Shared;
use crate::refused::Refused;
use crate::rejection::Rejection;
use crate::right_edge::{EdgeError, RightEdge};
use crate::stage::StageError;
use crate::state::StateRecord;
use crate::store::{Store, StoreError};
use crate::tile_writer::drop_partials;
use crate::tree_files::{TreeFiles, TreeFilesError};
use crate::witnessing::Witnessing;

/// Stands for one submission until its answer comes. Never used twice by one writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What whoever runs the ledger can do about a pack.
fn pack_advice(error: &PackError) -> &'static str {
    match error {
        PackError::Damaged { .. } => {
            ": put that file back from the newest backup, or see what is wrong with `glasshouse fsck`; nothing is written behind damage"
        }
        _ => "",
    }
}

/// What became of a submission. Given only when a published checkpoint covers what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has a place in the log.
    Accepted {
        /// Its place.
        index: LeafIndex,
        /// Its leaf hash.
        leaf_hash: LeafHash,
    },
    /// The same statement was there already.
    Duplicate {
        /// The first one's place.
        index: LeafIndex,
        /// The first one's leaf hash.
        leaf_hash: LeafHash,
    },
    /// It does not fit what the log holds.
    Rejected(Rejection),
}

/// What one round did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundReport {
    /// An answer for each submission that a published checkpoint covers now, and for redactions of earlier rounds that are
    /// carried out now; not for those that are not carried out yet.
    pub answers: Vec<(Ticket, Answer)>,
    /// The published tree now.
    pub head: TreeHead,
    /// How many entries the round added.
    pub entries: usize,
    /// What an operator should know: what was broken on the way and stopped nothing. At most eight.
    pub remarks: Vec<String>,
}

/// Why the writer stopped. After any of these it does no more; the process ends, and recovery decides at the next start.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// An earlier round failed.
    #[error("this writer has stopped after an error; the ledger must be opened again")]
    Stopped,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Signing.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The tree's right edge.
    #[error(transparent)]
    Edge(#[from] EdgeError),
    /// The stage.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The packs of addenda.
    #[error("{0}{advice}", advice = pack_advice(.0))]
    Pack(#[from] PackError),
    /// The tree's files.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// The look-ups.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A proof about the log's own tree.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The registry of the published tree refused what the one of the next tree took.
    #[error("the two registries of this ledger disagree (a fault of this program): {0}")]
    Registry(#[from] RegistryError),
    /// Bytes in the log that are no entry of ours.
    #[error("entry {index} of the log: {rule}")]
    BadEntry {
        /// The entry.
        index: LeafIndex,
        /// What it breaks.
        rule: String,
    },
    /// Texts that are to be erased cannot be found, although the look-ups were built again.
    #[error(
        "number {number} of {owner}, whose texts are to be erased, is not where the look-ups say; `glasshouse fsck` checks \
         the folder, and the next start builds the look-ups again"
    )]
    LookUps {
        /// Whose entry.
        owner: Issuer,
        /// Its number.
        number: Sequence,
    },
    /// The tree has 2^53 − 1 leaves.
    #[error("the tree is full")]
    Full,
    /// Somebody showed a checkpoint with this log's signature that this ledger did not sign.
    #[error(transparent)]
    Contradicted(#[from] Contradicted),
}

/// The ledger's one writer. Holds the store's lock through the store.
pub struct Writer {
    pub(crate) core: Core,
    pool: Pool,
    pool_weight: usize,
    next_ticket: u64,
    /// What is told when a published checkpoint covers it, the oldest first.
    pub(crate) held: VecDeque<Held>,
    /// Answers about redactions that are being carried out.
    pub(crate) awaited: Vec<(Ticket, Answer)>,
    /// Whom publication waits for; `None` where every round is published at once.
    pub(crate) witnessing: Option<Witnessing>,
    stopped: bool,
}

/// Everything that a round works on.
pub(crate) struct Core {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signer: LogSigner,
    /// Who may write what next: the published registry and this round's statements.
    pub(crate) registry: Registry,
    pub(crate) edge: RightEdge,
    /// What the state record says; `None` before the genesis.
    pub(crate) state: Option<StateRecord>,
    /// The size of the checkpoint that lies published.
    pub(crate) published: TreeSize,
    /// Rounds that are durable and not published.
    pub(crate) backlog: Backlog,
    pub(crate) shared: Arc<Shared>,
    pub(crate) files: TreeFiles,
    pub(crate) index: Index,
    /// Where the packs of texts end.
    pub(crate) packs: PackWriter,
    /// Double statements that were refused.
    pub(crate) refused: Refused,
    /// Stages that lie, each with the size of its tree: until that is published and what follows from them is synced.
    pub(crate) lying: Vec<(TreeSize, String)>,
    /// Tiles and bundles that were filled, each with the size of the tree that did, since the last sync behind its
    /// publication.
    pub(crate) filled: Vec<(TreeSize, String)>,
    /// What is to be erased, and when.
    pub(crate) erasures: Erasures,
    /// What a start is spared to read.
    pub(crate) keeper: Keeper,
    /// Whether the look-ups were built again because they lacked an entry whose texts are to be erased.
    pub(crate) rebuilt: bool,
}

impl Core {
    /// A log without entries.
    pub(crate) fn beginning(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        signer: LogSigner,
        shared: Arc<Shared>,
        index: Index,
    ) -> Core {
        Core {
            registry: Registry::new(signer.origin().clone()),
            files: TreeFiles::new(Arc::clone(&store)),
            store,
            clock,
            signer,
            edge: RightEdge::empty(),
            state: None,
            published: TreeSize::ZERO,
            backlog: Backlog::default(),
            shared,
            index,
            packs: PackWriter::new(),
            refused: Refused::default(),
            lying: Vec::new(),
            filled: Vec::new(),
            erasures: Erasures::new(0),
            keeper: Keeper::default(),
            rebuilt: false,
        }
    }

    /// Syncs what the published rounds wrote, and drops their stages and superfluous partial tiles. What is not published
    /// keeps its stage, which vouches for it, and the published tree its partial tiles.
    pub(crate) fn settle(&mut self) -> Result<(), WriterError> {
        let published = self.published;
        let is_over = |(size, _): &mut (TreeSize, String)| *size <= published;
        let stages: Vec<_> = self.lying.extract_if(.., is_over).collect();
        let filled: Vec<_> = self.filled.extract_if(.., is_over).map(|(_, path)| path).collect();
        if stages.is_empty() && filled.is_empty() && !self.refused.take_unsynced() {
            return Ok(());
        }
        self.store.sync()?;
        // If we die here: everything that the stages led to is durable, and they still lie. Recovery carries them out
        // again, which writes the same bytes.
        for (_, name) in stages {
            self.store.delete(&name)?;
        }
        // If we die here: the stages are gone, or come back after a loss of power; both is harmless, see above.
        drop_partials(self.store.as_ref(), &filled)?;
        // If we die here: only superfluous partial tiles are gone; their full ones were synced above.
        Ok(())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Writer(size {}, {} pooled)", self.core.edge.size(), self.pool.len())
    }
}

impl Writer {
    pub(crate) fn new(core: Core, witnessing: Option<Witnessing>) -> Writer {
        Writer {
            core,
            pool: Pool::new(),
            pool_weight: 0,
            next_ticket: 0,
            held: VecDeque::new(),
            awaited: Vec::new(),
            witnessing,
            stopped: false,
        }
    }

    /// Puts a statement into the pool. Its answer comes with a later round.
    pub fn submit(&mut self, admitted: Admitted) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.pool_weight += admitted.weight();
        self.pool.push_back((ticket, admitted));
        ticket
    }

    /// How many statements wait.
    pub fn pooled(&self) -> usize {
        self.pool.len()
    }

    /// How many bytes wait.
    pub fn pooled_bytes(&self) -> usize {
        self.pool_weight
    }

    /// When a round has something to erase although nothing waits in the pool, in milliseconds since 1970; `None` if nothing
    /// is to be erased.
    pub fn next_erasing_ms(&self) -> Option<u64> {
        self.core.erasures.next_due_ms()
    }

    /// Whether an error has stopped this writer for good.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// One round: numbers what waits, makes it durable, and without witnesses publishes it and returns the answers. Takes at
    /// most 8,192 entries or 8 MiB, and looks for some thousands of earlier ones that are named or repeated; what is left waits
    /// for the next round. With nothing to number it writes nothing. Then one bounded step of erasing, if a redaction is due;
    /// whoever submitted it is answered by the round that erases the last of it. With witnesses the answers come from
    /// [`Writer::publish`].
    pub fn round(&mut self) -> Result<RoundReport, WriterError> {
        self.guarded(Writer::try_round)
    }

    /// Syncs what the last rounds wrote and drops their stages and the partial tiles that they made superfluous. Each time that
    /// the published tree has grown by 50,000 entries, writes down what they say, so that no start has to read more of them.
    pub fn settle(&mut self) -> Result<(), WriterError> {
        self.guarded(|writer| {
            writer.core.settle()?;
            writer.core.keep_history()
        })
    }

    /// Writes down what the published entries say, however few are new: the next start reads none of them.
    pub fn keep_history(&mut self) -> Result<(), WriterError> {
        self.guarded(|writer| writer.core.keep_all_history())
    }

    /// Runs one step; after an error no step runs any more.
    pub(crate) fn guarded<T>(
        &mut self,
        step: impl FnOnce(&mut Writer) -> Result<T, WriterError>,
    ) -> Result<T, WriterError> {
        if self.stopped {
            return Err(WriterError::Stopped);
        }
        let done = step(self);
        self.stopped = done.is_err();
        done
    }

    fn try_round(&mut self) -> Result<RoundReport, WriterError> {
        let numbered = if self.is_held_up() { Numbered::default() } else { self.number()? };
        let (entries, remarks) = (numbered.admitted.len(), numbered.remarks);
        let (answers, conflicts) = (numbered.answers, numbered.conflicts);
        let recorded = numbered.admitted.iter().zip(&numbered.namings);
        let recorded =
            recorded.filter(|(one, _)| one.statement().payload().kind() == StatementType::Conflict);
        let recorded = recorded.flat_map(|(_, naming)| naming.entries().iter().cloned()).collect();
        if entries > 0 {
            self.core.write(numbered.admitted, numbered.namings)?;
        }
        let held = Held { size: self.core.edge.size(), answers, conflicts, recorded };
        if !held.is_empty() {
            self.held.push_back(held);
        }
        if self.witnessing.is_none() && self.core.has_unpublished() {
            self.core.publish_newest()?;
        }
        let answers = self.release()?;
        Ok(self.report(answers, entries, remarks))
    }

    /// Takes from the pool what gets a place now.
    fn number(&mut self) -> Result<Numbered, WriterError> {
        let core = &mut self.core;
        let size = core.edge.size();
        let written = PastEntries::new(core.edge.head(), &core.files, &core.index, Patience::OneStep);
        let now_ms = core.time_ms();
        let mut books = Books { registry: &mut core.registry, erasures: &mut core.erasures, now_ms };
        let numbered = numbering::number(&mut self.pool, &mut books, size, &written)?;
        self.pool_weight = self.pool_weight.saturating_sub(numbered.weight);
        Ok(numbered)
    }

    pub(crate) fn report(
        &self,
        answers: Vec<(Ticket, Answer)>,
        entries: usize,
        remarks: Vec<String>,
    ) -> RoundReport {
        RoundReport { answers, head: *self.core.shared.current().head(), entries, remarks }
    }
}
