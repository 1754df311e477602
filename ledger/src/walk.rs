//! A published log from its first entry to its last, with the texts that are asked for: what an export reads, beside a
//! running server if there is one, a bundle of 256 entries at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::tile::TilePath;
use glasshouse_verifier::vkey::Vkey;
use rayon::prelude::*;

use crate::file_store::FileStore;
use crate::ledger::read_vkey;
use crate::open::OpenError;
use crate::pack::{PackError, PackText};
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
    /// Bytes of the log that are none of ours.
    #[error("entry {index}: {rule}; `glasshouse fsck` names everything that is wrong")]
    Damaged {
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
}

/// What became of a text that an entry commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkedText {
    /// It is served: its value.
    Served(Item),
    /// The signed statement says that it is withheld.
    Withheld,
    /// It was erased.
    Erased,
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
        let note = store.get("checkpoint")?.ok_or(WalkError::Unpublished)?;
        let checkpoint = SignedCheckpoint::open(&note, log)?;
        let (head, origin) = (*checkpoint.head(), checkpoint.checkpoint().origin().clone());
        Ok(Walk { files: TreeFiles::new(store), head, origin, next: 0 })
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
        let text = if payload.withheld().contains_key(field) {
            WalkedText::Withheld
        } else {
            match pack.text(index, digest)? {
                Some(PackText::Erased) => WalkedText::Erased,
                Some(PackText::Text(bytes)) => {
                    let addendum = Addendum::parse(&bytes).map_err(|error| damaged(field, &error))?;
                    WalkedText::Served(addendum.value().clone())
                }
                None => return Err(damaged(field, &"it is neither served, withheld nor erased")),
            }
        };
        texts.insert(*field, text);
    }
    Ok(texts)
}
