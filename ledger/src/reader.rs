//! Reads what the ledger has published, and nothing else. Clones share one state and can go to any thread.

mod look_ups;

use std::sync::Arc;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::{EntryState, TextState};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::registry::{KeySnapshot, Registry};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::vkey::Vkey;

use crate::cose_receipts::CoseReceiptFailure;
use crate::current::hides_texts;
use crate::entry_cursor::EntryCursor;
use crate::index::{Index, IndexError};
use crate::pack::{
    PackError, PackRecord, PackText, pack_of, read_text, read_together, scan_beside_writer, text_among,
};
use crate::prove::{self, ProveError, ProvedConsistency, ProvedInclusion};
use crate::published::{Published, Shared, Stats};
use crate::receipt_signer::ReceiptSigner;
use crate::receipts::{self, ReceiptFailure};
use crate::refused;
use crate::store::StoreError;
use crate::text_cursor::TextCursor;
use crate::tree_files::{TreeFiles, TreeFilesError};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The tree's files.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A pack of texts.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The look-ups.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A proof.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptFailure),
    /// A COSE receipt.
    #[error(transparent)]
    CoseReceipt(#[from] CoseReceiptFailure),
    /// Bytes of the log that are none of ours.
    #[error("entry {index}: {rule}")]
    BadEntry {
        /// The entry.
        index: LeafIndex,
        /// What it breaks.
        rule: String,
    },
}

/// What became of a text that the log commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddendumState {
    /// It is served: its bytes.
    Served {
        /// The entry that commits to it.
        index: LeafIndex,
        /// Its field.
        field: FieldName,
        /// The addendum (spec: addendum).
        bytes: Vec<u8>,
    },
    /// It was withheld, and a later statement opened it.
    Disclosed {
        /// The entry that commits to it.
        index: LeafIndex,
        /// Its field.
        field: FieldName,
        /// The disclosure.
        by: LeafIndex,
        /// The addendum (spec: addendum).
        bytes: Vec<u8>,
    },
    /// The signed statement says that it is withheld.
    Withheld {
        /// The entry that commits to it.
        index: LeafIndex,
        /// Its field.
        field: FieldName,
    },
    /// It is not shown any more, and erased at once or when a hold has passed; a signed statement says so.
    Redacted {
        /// The entry that commits to it.
        index: LeafIndex,
        /// Its field.
        field: FieldName,
        /// The redaction.
        by: LeafIndex,
    },
    /// No published entry commits to such a digest.
    NotFound,
}

/// A reader of published state.
#[derive(Debug, Clone)]
pub struct Reader {
    shared: Arc<Shared>,
    files: TreeFiles,
    index: Index,
    vkey: Vkey,
    receipt_signer: Option<Arc<ReceiptSigner>>,
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>, files: TreeFiles, index: Index, vkey: Vkey) -> Reader {
        Reader { shared, files, index, vkey, receipt_signer: None }
    }

    /// A reader that also signs COSE receipts of what is published.
    pub fn with_receipt_signer(mut self, signer: ReceiptSigner) -> Reader {
        self.receipt_signer = Some(Arc::new(signer));
        self
    }

    fn current(&self) -> Arc<Published> {
        self.shared.current()
    }

    /// The newest published tree.
    pub fn head(&self) -> TreeHead {
        *self.current().head()
    }

    /// Up to which size files of the tree may be served: not those of rounds that wait for their publication. Never less
    /// than the size of the checkpoint that lies published.
    pub fn announced(&self) -> u64 {
        self.shared.announced()
    }

    /// The newest checkpoint, the signed note as it is served.
    pub fn checkpoint_note(&self) -> String {
        self.current().checkpoint.note_text()
    }

    /// The key that checks checkpoints.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// The keys that admission checks signatures with.
    pub fn keys(&self) -> KeySnapshot {
        self.current().keys.clone()
    }

    /// Counts over the published entries.
    pub fn stats(&self) -> Stats {
        self.current().stats.clone()
    }

    /// Looks at the registry of the newest published tree: providers, keys, numbers, states of entries. Publishing waits
    /// while `look` runs, so that [`Reader::head`] is the head of the same tree in there.
    pub fn with_registry<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        look(&self.shared.registry())
    }

    /// A file of the static read side, by its address: `checkpoint`, `tile/…`, `addenda.v1`, `vkey`.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.files.store().get(path)
    }

    /// The bytes of an entry; `None` beyond the published end.
    pub fn entry_bytes(&self, index: LeafIndex) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.files.entry(self.head().size(), index)?)
    }

    /// An entry; `None` beyond the published end.
    pub fn entry(&self, index: LeafIndex) -> Result<Option<Entry>, ReadError> {
        self.entry_in(self.head().size(), index)
    }

    fn entry_in(&self, size: TreeSize, index: LeafIndex) -> Result<Option<Entry>, ReadError> {
        let Some(bytes) = self.files.entry(size, index)? else { return Ok(None) };
        let entry =
            Entry::parse(&bytes).map_err(|error| ReadError::BadEntry { index, rule: error.to_string() })?;
        Ok(Some(entry))
    }

    /// The entries from `first` on, at most to the end of their bundle: what a page or a follower reads at once.
    pub fn entries_from(&self, first: LeafIndex) -> Result<Vec<Vec<u8>>, ReadError> {
        let bundle = first.get() / crate::tree_files::BUNDLE;
        let entries = self.files.entries(self.head().size(), bundle)?;
        let skipped = usize::try_from(first.get() % crate::tree_files::BUNDLE).unwrap_or(usize::MAX);
        Ok(entries.into_iter().skip(skipped).collect())
    }

    /// Reads published entries one after the other.
    pub fn cursor(&self) -> EntryCursor {
        EntryCursor::new(Arc::clone(&self.shared), self.files.clone())
    }

    /// What the published entries say about an entry.
    pub fn state_of(&self, entry: &Entry) -> EntryState {
        self.shared.registry().state_of(entry.statement())
    }

    /// What the published entries of the tree of that size say about an entry, also when more are published.
    pub fn state_in(&self, size: TreeSize, entry: &Entry) -> EntryState {
        self.shared.registry().state_in(size, entry.statement())
    }

    /// Whether a published statement takes texts of others out of sight, as [`Stats::hiding`] counts them.
    pub fn hides_texts(&self, statement: &Statement) -> bool {
        let names_withdrawals = self.with_registry(|registry| registry.withdraws_withdrawals(statement));
        hides_texts(statement.payload(), names_withdrawals)
    }

    /// What became of one text of an entry, and its bytes if it is public.
    pub(crate) fn text(
        &self,
        entry: &Entry,
        index: LeafIndex,
        field: FieldName,
        digest: &Digest,
    ) -> Result<(TextState, Option<Vec<u8>>), ReadError> {
        let payload = entry.statement().payload();
        // What the log says decides, and not what the pack still has or has no more.
        let state = || self.state_of(entry).text(payload, field).unwrap_or(TextState::Withheld);
        let before = state();
        if !before.is_public() {
            return Ok((before, None));
        }
        let rule = match self.read_text(index, digest) {
            Ok(Some(bytes)) => return Ok((before, Some(bytes))),
            Ok(None) => format!("the text of {field} is gone, and no redaction says so"),
            Err(ReadError::Pack(error)) => error.to_string(),
            Err(other) => return Err(other),
        };
        // It may be erased at this very moment.
        match state() {
            now if now.is_public() => Err(ReadError::BadEntry { index, rule }),
            now => Ok((now, None)),
        }
    }

    /// The bytes of a text in its pack; `None` if there are none.
    fn read_text(&self, index: LeafIndex, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        let records = self.pack_records(index)?;
        let record = records.iter().find(|found| found.entry == index && found.digest == *digest);
        let text = record.map(|record| read_text(self.files.store(), record.place, digest)).transpose()?;
        Ok(text.and_then(PackText::bytes))
    }

    /// What lies in the pack of an entry.
    pub(crate) fn pack_records(&self, index: LeafIndex) -> Result<Vec<PackRecord>, ReadError> {
        Ok(scan_beside_writer(self.files.store(), pack_of(index))?)
    }

    /// Texts of one pack whose records are known, each re-hashed: in their order, and `None` where one is not there any more.
    pub(crate) fn read_records(&self, records: &[PackRecord]) -> Vec<Option<Vec<u8>>> {
        let store = self.files.store();
        let together = if records.len() > 1 { read_together(store, records).ok().flatten() } else { None };
        let read = |record: &PackRecord| {
            let text = match &together {
                Some(together) => text_among(together, record),
                None => read_text(store, record.place, &record.digest),
            };
            text.ok().and_then(PackText::bytes)
        };
        records.iter().map(read).collect()
    }

    /// The texts of an entry that are public, by field: served or disclosed, and not redacted.
    pub fn texts(&self, entry: &Entry, index: LeafIndex) -> Result<Vec<Addendum>, ReadError> {
        TextCursor::new(self.clone()).texts(entry, index, &self.state_of(entry))
    }

    /// The root of the tree when it had `size` leaves, at most as many as are published.
    pub fn root_at(&self, size: TreeSize) -> Result<TreeHead, ReadError> {
        Ok(prove::root_at(&self.files.tiles(self.head().size()), size)?)
    }

    /// The proof of an entry under the newest checkpoint as a `.tlog-proof` file (c2sp.org/tlog-proof); `None` beyond
    /// the published end.
    pub fn tlog_proof(&self, index: LeafIndex) -> Result<Option<TlogProof>, ReadError> {
        let published = self.current();
        if !index.is_in(published.head().size()) {
            return Ok(None);
        }
        Ok(Some(receipts::tlog_proof(self, &published.checkpoint, index)?))
    }

    /// Proves that an entry is in the tree of that size, which must not exceed the published one.
    pub fn prove_inclusion(&self, index: LeafIndex, size: TreeSize) -> Result<ProvedInclusion, ReadError> {
        Ok(prove::prove_inclusion(&self.files.tiles(self.head().size()), index, size)?)
    }

    /// Proves that the tree of size `to` begins with the tree of size `from`.
    pub fn prove_consistency(&self, from: TreeSize, to: TreeSize) -> Result<ProvedConsistency, ReadError> {
        Ok(prove::prove_consistency(&self.files.tiles(self.head().size()), from, to)?)
    }

    /// Double statements that were refused and are kept for the registrar, in the order of their digests: those behind
    /// `after`, at most `most`.
    pub fn refused(&self, after: Option<&Digest>, most: usize) -> Result<Vec<Statement>, ReadError> {
        Ok(refused::list(self.files.store(), after, most)?)
    }

    /// The receipt of an entry under the newest checkpoint, checked by the verifier; `None` beyond the
    /// published end.
    pub fn receipt(&self, index: LeafIndex) -> Result<Option<Receipt>, ReadError> {
        let published = self.current();
        if !index.is_in(published.head().size()) {
            return Ok(None);
        }
        Ok(Some(receipts::make(self, &published.checkpoint, index)?))
    }
    /// Who signs COSE receipts; [`crate::cose_receipts`] has what he signs.
    pub(crate) fn receipt_signer(&self) -> Option<&ReceiptSigner> {
        self.receipt_signer.as_deref()
    }
}
