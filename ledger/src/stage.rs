//! One round in one file: everything that follows from the moment the state is swapped.
//!
//! A stage is written durably before the state record names it, and dropped after a sync of everything it led to. Until
//! then recovery can do the round's later steps again from it, with the note that was signed then.
//!
//! All numbers big-endian:
//!
//! ```text
//! "glasshouse-stage/1\n"
//! u64 old size · 32 old root · u64 time in ms · u32 length, note
//! u32 number of entries · each: u16 length, entry
//! u32 number of addenda · each: u64 entry index, 32 digest, u32 length, bytes
//! 32 SHA-256 of everything before
//! ```

use crate::right_edge::{EdgeError, Growth, RightEdge};
use glasshouse_verifier::bounds::{ENTRY_MAX, NOTE_MAX};
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::hash::{Digest, LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::vkey::Vkey;

pub(crate) const MAGIC: &[u8] = b"glasshouse-stage/1\n";

/// Most entries of one round: what the sequence window of one provider may hold.
pub const STAGE_ENTRIES_MAX: usize = 65_536;
/// Longest stage in bytes: a few of the greatest batches; a round that would be longer takes fewer entries.
pub const STAGE_BYTES_MAX: usize = 128 << 20;
/// Longest addendum in bytes.
pub const ADDENDUM_BYTES_MAX: usize = 1 << 20;
/// Most addenda of one statement.
pub const ADDENDA_PER_ENTRY_MAX: usize = 32;

/// One text that a round brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedAddendum {
    /// The entry that commits to it: one of the round, or an earlier one that the round opens a text of.
    pub entry: LeafIndex,
    /// SHA-256 of `bytes`.
    pub digest: Digest,
    /// The addendum, at most 1 MiB.
    pub bytes: Vec<u8>,
}

/// One round, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    old: TreeHead,
    checkpoint: SignedCheckpoint,
    time_ms: u64,
    entries: Vec<Vec<u8>>,
    addenda: Vec<StagedAddendum>,
}

/// Why bytes are no stage of this log, or parts make none.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Torn, cut or damaged: the hash at the end is another one.
    #[error("the stage is torn or damaged: its SHA-256 is another one")]
    Torn,
    /// The bytes end early or late, or a number in them is out of bounds.
    #[error("the stage's {0} is not as this version writes it")]
    Form(&'static str),
    /// The note is not a checkpoint signed by this log.
    #[error("the stage's note: {0}")]
    Note(#[from] CheckpointError),
    /// Old size and number of entries do not give the new size.
    #[error("a stage of {entries} entries leads from size {old} to {new}")]
    Sizes {
        /// The size before.
        old: TreeSize,
        /// How many entries there are.
        entries: usize,
        /// The size in the note.
        new: TreeSize,
    },
    /// An addendum of an entry that is not in the tree, with bytes that are not its digest's, or too long.
    #[error("addendum number {0} belongs to no entry of the tree, or is not what its digest says")]
    Addendum(usize),
    /// The whole is too long.
    #[error("a round has at most 65536 entries and 128 MiB")]
    TooLong,
    /// The entries do not give the signed root.
    #[error("the stage's entries give the root {found}, its note says {signed}")]
    OtherRoot {
        /// The root that was signed.
        signed: RootHash,
        /// The root that the entries give.
        found: RootHash,
    },
    /// The tree cannot grow by these entries.
    #[error(transparent)]
    Edge(#[from] EdgeError),
}

impl Stage {
    /// Puts a round together.
    ///
    /// `old` is the tree before, `checkpoint` the signed tree after, `time_ms` the time that the round used, `entries`
    /// all entries between, `addenda` the texts that came with them, in any order; those of a disclosure are its target's.
    ///
    /// # Errors
    ///
    /// [`StageError`]: the writer put together what does not belong together.
    pub fn new(
        old: TreeHead,
        checkpoint: SignedCheckpoint,
        time_ms: u64,
        entries: Vec<Vec<u8>>,
        addenda: Vec<StagedAddendum>,
    ) -> Result<Self, StageError> {
        let stage = Self { old, checkpoint, time_ms, entries, addenda };
        stage.check_bounds()?;
        for (number, addendum) in stage.addenda.iter().enumerate() {
            if Digest::of(&addendum.bytes) != addendum.digest {
                return Err(StageError::Addendum(number));
            }
        }
        Ok(stage)
    }

    fn check_bounds(&self) -> Result<(), StageError> {
        let (old, new) = (self.old.size(), self.new_head().size());
        let entries = self.entries.len();
        if new.get().checked_sub(old.get()) != Some(entries as u64) {
            return Err(StageError::Sizes { old, entries, new });
        }
        if entries > STAGE_ENTRIES_MAX || self.addenda.len() > entries * ADDENDA_PER_ENTRY_MAX {
            return Err(StageError::TooLong);
        }
        if self.entries.iter().any(|entry| entry.len() > ENTRY_MAX) {
            return Err(StageError::Form("entry"));
        }
        for (number, addendum) in self.addenda.iter().enumerate() {
            // A disclosure brings texts of an earlier entry.
            if !addendum.entry.is_in(new) || addendum.bytes.len() > ADDENDUM_BYTES_MAX {
                return Err(StageError::Addendum(number));
            }
        }
        if self.encoded_length() > STAGE_BYTES_MAX {
            return Err(StageError::TooLong);
        }
        Ok(())
    }

    /// The tree before the round.
    pub fn old_head(&self) -> &TreeHead {
        &self.old
    }

    /// The tree after the round.
    pub fn new_head(&self) -> &TreeHead {
        self.checkpoint.head()
    }

    /// The signed note of the tree after the round.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The time that the round used, in milliseconds since 1970.
    pub fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// The round's entries, in order.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// The texts that came with them.
    pub fn addenda(&self) -> &[StagedAddendum] {
        &self.addenda
    }

    /// Where a stage lies: `stage/<size>-<root in hex>`, of the tree after the round.
    pub fn name(&self) -> String {
        format!("stage/{}-{}", self.new_head().size(), self.new_head().root())
    }

    /// The tree after the round, from the edge before it.
    ///
    /// # Errors
    ///
    /// [`StageError::OtherRoot`] if the entries do not give what was signed; [`StageError::Edge`].
    pub fn grow(&self, edge: &RightEdge) -> Result<Growth, StageError> {
        let entries = self.entries.iter().map(Vec::as_slice);
        let growth = edge.grow(entries.map(|entry| (LeafHash::of_entry(entry), entry)))?;
        let (signed, found) = (self.new_head(), growth.edge().head());
        if found != *signed {
            return Err(StageError::OtherRoot { signed: *signed.root(), found: *found.root() });
        }
        Ok(growth)
    }

    fn encoded_length(&self) -> usize {
        let entries: usize = self.entries.iter().map(|entry| 2 + entry.len()).sum();
        let addenda: usize = self.addenda.iter().map(|addendum| 44 + addendum.bytes.len()).sum();
        MAGIC.len() + 60 + self.checkpoint.note_text().len() + entries + addenda + 32
    }

    /// The bytes that [`parse`](Self::parse) reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_length());
        let note = self.checkpoint.note_text();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.old.size().get().to_be_bytes());
        bytes.extend_from_slice(self.old.root().as_bytes());
        bytes.extend_from_slice(&self.time_ms.to_be_bytes());
        put_count(&mut bytes, note.len());
        bytes.extend_from_slice(note.as_bytes());
        put_count(&mut bytes, self.entries.len());
        for entry in &self.entries {
            // At most 65,535: checked when the stage was made.
            bytes.extend_from_slice(&u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        put_count(&mut bytes, self.addenda.len());
        for addendum in &self.addenda {
            bytes.extend_from_slice(&addendum.entry.get().to_be_bytes());
            bytes.extend_from_slice(addendum.digest.as_bytes());
            put_count(&mut bytes, addendum.bytes.len());
            bytes.extend_from_slice(&addendum.bytes);
        }
        let hash = Digest::of(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes
    }

    /// Reads a stage of the log with this key. Allocates no more than the bytes themselves hold.
    ///
    /// # Errors
    ///
    /// [`StageError::Torn`] for everything that was not written whole; the others for what was written wrongly.
    pub fn parse(bytes: &[u8], log: &Vkey) -> Result<Self, StageError> {
        if bytes.len() > STAGE_BYTES_MAX {
            return Err(StageError::TooLong);
        }
        let (body, hash) = bytes.split_last_chunk::<32>().ok_or(StageError::Torn)?;
        if Digest::of(body).as_bytes() != hash {
            return Err(StageError::Torn);
        }
        let mut rest = Rest(body);
        if rest.take(MAGIC.len(), "format")? != MAGIC {
            return Err(StageError::Form("format"));
        }
        let size = TreeSize::new(rest.u64("old size")?).map_err(|_| StageError::Form("old size"))?;
        let root = RootHash::from_bytes(rest.array("old root")?);
        let old = TreeHead::new(size, root).map_err(|_| StageError::Form("old root"))?;
        let time_ms = rest.u64("time")?;
        let length = rest.count("note", NOTE_MAX)?;
        let checkpoint = SignedCheckpoint::open(rest.take(length, "note")?, log)?;
        let mut entries = Vec::new();
        for _ in 0..rest.count("number of entries", STAGE_ENTRIES_MAX)? {
            let length = usize::from(u16::from_be_bytes(rest.array("entry")?));
            entries.push(rest.take(length, "entry")?.to_vec());
        }
        let mut addenda = Vec::new();
        for _ in 0..rest.count("number of addenda", entries.len() * ADDENDA_PER_ENTRY_MAX)? {
            let entry = LeafIndex::new(rest.u64("addendum")?).map_err(|_| StageError::Form("addendum"))?;
            let digest = Digest::from_bytes(rest.array("addendum")?);
            let length = rest.count("addendum", ADDENDUM_BYTES_MAX)?;
            let bytes = rest.take(length, "addendum")?.to_vec();
            addenda.push(StagedAddendum { entry, digest, bytes });
        }
        if !rest.0.is_empty() {
            return Err(StageError::Form("end"));
        }
        Self::new(old, checkpoint, time_ms, entries, addenda)
    }
}

/// A length or a number; all are checked against bounds far below 2^32 before.
fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], StageError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(StageError::Form(what))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], StageError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(StageError::Form(what))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, StageError> {
        Ok(u64::from_be_bytes(self.array(what)?))
    }

    fn count(&mut self, what: &'static str, most: usize) -> Result<usize, StageError> {
        let count = u32::from_be_bytes(self.array(what)?);
        usize::try_from(count).ok().filter(|count| *count <= most).ok_or(StageError::Form(what))
    }
}
