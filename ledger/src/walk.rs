//! A published log from its first entry to its last, with the texts that are asked for: what an export reads, beside a
//! running server if there is one, a bundle of 256 entries at a time.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use glasshouse_verifier::tile::TilePath;
use glasshouse_verifier::vkey::Vkey;
use rayon::prelude::*;

use crate::file_store::FileStore;
use crate::log_key_files::read_vkey;
use crate::open::OpenError;
use crate::pack::{PackError, PackText, pack_of};
use crate::pack_texts::PackTexts;
use crate::store::{Store, StoreError};
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The folder is no ledger's.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tree's files.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// The texts.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// Nothing was published.
    #[error("there is no checkpoint: nothing was published")]
    Unpublished,
    /// What is published is not signed by this log.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entries are those of another tree.
    #[error(
        "the {size} entries do not give the root that the log signed; `glasshouse fsck` names everything that is wrong"
    )]
    OtherRoot {
        /// How many there are.
        size: TreeSize,
    },
    /// Bytes of the log that are none of ours.
    #[error("entry {index}: {rule}; `glasshouse fsck` names everything that is wrong")]
    Damaged {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
}

/// What lies in the pack for a text that an entry commits to. Whether it may be shown, the state of the entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkedText {
    /// Its value.
    There(Item),
    /// It was erased.
    Erased,
    /// Nothing: it is withheld, or lost.
    Absent,
}

/// An entry with the texts that were asked for.
#[derive(Debug, Clone)]
pub struct Walked {
    /// Its place.
    pub index: LeafIndex,
    /// The entry.
    pub entry: Entry,
    /// Of the texts that it commits to, those that were asked for.
    pub texts: BTreeMap<FieldName, WalkedText>,
}

/// Goes through a log.
pub struct Walk {
    files: TreeFiles,
    log: Vkey,
    head: TreeHead,
    origin: Origin,
    next: u64,
}

impl Walk {
    /// Begins at the first entry of the ledger in a folder, up to the tree that is published now.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn of_folder(folder: &Path) -> Result<Walk, WalkError> {
        let vkey = read_vkey(folder)?;
        Walk::of_store(Arc::new(FileStore::open_read_only(folder)), &vkey)
    }

    /// The same of a store.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn of_store(store: Arc<dyn Store>, log: &Vkey) -> Result<Walk, WalkError> {
        Walk::of_files(TreeFiles::new(store), log)
    }

    fn of_files(files: TreeFiles, log: &Vkey) -> Result<Walk, WalkError> {
        let note = files.store().get("checkpoint")?.ok_or(WalkError::Unpublished)?;
        let checkpoint = SignedCheckpoint::open(&note, log)?;
        let (head, origin) = (*checkpoint.head(), checkpoint.checkpoint().origin().clone());
        Ok(Walk { files, log: log.clone(), head, origin, next: 0 })
    }

    /// The tree that is gone through.
    pub fn head(&self) -> &TreeHead {
        &self.head
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Begins again at the first entry of the same tree.
    pub fn rewind(&mut self) {
        self.next = 0;
    }

    /// The entries of the next bundle, each held against its leaf hash in the tree, and of their texts the `wanted` ones,
    /// each held against its digest. Empty at the end.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn next_bundle(&mut self, wanted: &[FieldName]) -> Result<Vec<Walked>, WalkError> {
        let bundle = self.next;
        let entries = self.files.entries(self.head.size(), bundle)?;
        let Ok(width @ 1..) = u16::try_from(entries.len()) else { return Ok(Vec::new()) };
        let path = TilePath::new(0, bundle, width).map_err(TreeFilesError::Path)?;
        let leaves = self.files.tiles(self.head.size()).read_tile(path).map_err(TreeFilesError::Tile)?;
        let texts = match wanted {
            [] => None,
            _ => Some(PackTexts::read(self.files.store(), bundle)?),
        };
        let walked: Result<Vec<Walked>, WalkError> = entries
            .par_iter()
            .zip(leaves)
            .enumerate()
            .map(|(at, (bytes, leaf))| {
                walk_one(bundle * BUNDLE + at as u64, bytes, leaf.to_leaf(), texts.as_ref(), wanted)
            })
            .collect();
        let walked = walked?;
        self.next += 1;
        Ok(walked)
    }

    /// One entry, which must be there, with its wanted texts.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn read(&self, index: LeafIndex, wanted: &[FieldName]) -> Result<Walked, WalkError> {
        let damaged =
            |rule: &dyn std::fmt::Display| WalkError::Damaged { index: index.get(), rule: rule.to_string() };
        let bytes = self.files.entry(self.head.size(), index)?;
        let bytes = bytes.ok_or_else(|| damaged(&"it is not in the tree"))?;
        let entry = Entry::parse(&bytes).map_err(|error| damaged(&error))?;
        let pack = PackTexts::read(self.files.store(), pack_of(index))?;
        let texts = texts_of(&pack, index, &entry, wanted)?;
        Ok(Walked { index, entry, texts })
    }

    /// What all entries together say about each of them. Goes through the log once, and holds it against the signed root;
    /// and once more if any statement names an earlier one. Signatures are not checked: that is what `fsck` is for. Memory
    /// grows with the statements about others, not with the log.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn states(&mut self, watch: &mut dyn FnMut(u64)) -> Result<States, WalkError> {
        let mut registry = Registry::new(self.origin.clone());
        let mut past = NamedPast { walk: self, leaves: HashMap::new() };
        if !past.collect(watch)? {
            return Ok(States(registry));
        }
        loop {
            let bundle = past.walk.next_bundle(&[])?;
            if bundle.is_empty() {
                past.walk.rewind();
                return Ok(States(registry));
            }
            for walked in &bundle {
                let damaged = |rule: &dyn std::fmt::Display| WalkError::Damaged {
                    index: walked.index.get(),
                    rule: rule.to_string(),
                };
                registry
                    .apply(walked.index, walked.entry.statement(), &past)
                    .map_err(|error| damaged(&error))?;
                if let Some(place) = past.leaves.get_mut(&walked.entry.leaf_hash()) {
                    *place = place.or(Some(walked.index));
                }
            }
            watch(bundle.len() as u64);
        }
    }

    /// The first redaction that was published behind the tree that is gone through, or withdrawal of a single entry, by which
    /// an earlier redaction may count again: what was read may be erased by now.
    ///
    /// # Errors
    ///
    /// [`WalkError`].
    pub fn erased_since(&self) -> Result<Option<LeafIndex>, WalkError> {
        let mut newer = Walk::of_files(self.files.clone(), &self.log)?;
        newer.next = self.head.size().get() / BUNDLE;
        loop {
            let bundle = newer.next_bundle(&[])?;
            if bundle.is_empty() {
                return Ok(None);
            }
            let mut behind = bundle.iter().filter(|walked| !walked.index.is_in(self.head.size()));
            if let Some(walked) = behind.find(|walked| may_erase(walked.entry.statement())) {
                return Ok(Some(walked.index));
            }
        }
    }
}

/// Whether a statement can make a text one that is redacted: a redaction, or a withdrawal of a withdrawal of one, which are
/// named by leaf hashes alone.
fn may_erase(statement: &Statement) -> bool {
    let payload = statement.payload();
    let names_entries = || {
        let is_entry = |target: &Target| matches!(target, Target::Entry(_));
        payload.targets().is_some_and(|targets| targets.iter().any(is_entry))
    };
    match payload.kind() {
        StatementType::Redaction => true,
        StatementType::Withdrawal => names_entries(),
        _ => false,
    }
}

/// What everything in a log says about each of its entries.
#[derive(Debug)]
pub struct States(Registry);

impl States {
    /// The state of an entry of that log. The statement is that of the entry.
    pub fn of(&self, statement: &Statement) -> EntryState {
        self.0.state_of(statement)
    }
}

/// The entries that later ones name by their leaf hashes, and where they stand once they were met.
struct NamedPast<'a> {
    walk: &'a mut Walk,
    leaves: HashMap<LeafHash, Option<LeafIndex>>,
}

impl NamedPast<'_> {
    /// Which leaf hashes are named, and whether any statement names another. All entries give the signed root.
    fn collect(&mut self, watch: &mut dyn FnMut(u64)) -> Result<bool, WalkError> {
        let mut any = false;
        let mut tree = Frontier::new();
        self.walk.rewind();
        loop {
            let bundle = self.walk.next_bundle(&[])?;
            if bundle.is_empty() {
                self.walk.rewind();
                let head = self.walk.head;
                return match tree.root() == *head.root() {
                    true => Ok(any),
                    false => Err(WalkError::OtherRoot { size: head.size() }),
                };
            }
            // No tree of ours has more leaves than fit; a shorter one has another root.
            let _ = bundle.iter().try_for_each(|walked| tree.push(walked.entry.leaf_hash()).map(drop));
            for targets in bundle.iter().filter_map(|walked| walked.entry.statement().payload().targets()) {
                any = true;
                for target in targets.iter() {
                    if let Target::Entry(leaf) = target {
                        self.leaves.insert(*leaf, None);
                    }
                }
            }
            watch(bundle.len() as u64);
        }
    }
}

impl Past for NamedPast<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let Some(index) = self.leaves.get(leaf).copied().flatten() else { return Ok(None) };
        let found = self.walk.read(index, &[]).map_err(|error| PastError(error.to_string()))?;
        Ok(Some((index, found.entry.into_statement())))
    }
}

/// One entry, held against its leaf hash, and its texts.
fn walk_one(
    number: u64,
    bytes: &[u8],
    leaf: LeafHash,
    texts: Option<&PackTexts<'_>>,
    wanted: &[FieldName],
) -> Result<Walked, WalkError> {
    let damaged = |rule: String| WalkError::Damaged { index: number, rule };
    if LeafHash::of_entry(bytes) != leaf {
        return Err(damaged("it is not the one whose hash is in the tree".to_owned()));
    }
    let index = LeafIndex::new(number).map_err(|error| damaged(error.to_string()))?;
    let entry = Entry::parse(bytes).map_err(|error| damaged(error.to_string()))?;
    let texts = match texts {
        Some(pack) => texts_of(pack, index, &entry, wanted)?,
        None => BTreeMap::new(),
    };
    Ok(Walked { index, entry, texts })
}

/// The wanted texts of an entry.
fn texts_of(
    pack: &PackTexts<'_>,
    index: LeafIndex,
    entry: &Entry,
    wanted: &[FieldName],
) -> Result<BTreeMap<FieldName, WalkedText>, WalkError> {
    let damaged = |field: &FieldName, rule: &dyn std::fmt::Display| WalkError::Damaged {
        index: index.get(),
        rule: format!("the text {field}: {rule}"),
    };
    let payload = entry.statement().payload();
    let mut texts = BTreeMap::new();
    for (field, digest) in payload.addenda().iter().filter(|(field, _)| wanted.contains(field)) {
        let text = match pack.text(index, digest)? {
            Some(PackText::Erased) => WalkedText::Erased,
            Some(PackText::Text(bytes)) => {
                let addendum = Addendum::parse(&bytes).map_err(|error| damaged(field, &error))?;
                WalkedText::There(addendum.value().clone())
            }
            None => WalkedText::Absent,
        };
        texts.insert(*field, text);
    }
    Ok(texts)
}
