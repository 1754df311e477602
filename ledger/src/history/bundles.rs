//! Reads bundles of entries beside the packs of their texts.

use std::ops::Range;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::TilePath;
use rayon::prelude::*;

use super::HistoryError;
use super::bundle_seen::stamp;
use crate::file_stamp::FileStamp;
use crate::pack::PackError;
use crate::texts::{self, Looked};
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// An entry, and its hash in the tree.
pub(super) type Leaf = (LeafHash, Entry);

/// A bundle as it was read.
pub(super) struct ReadBundle {
    /// From before it was read.
    pub(super) stamp: Option<FileStamp>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) looked: Looked,
}

/// Some bundles, on all cores.
pub(super) fn read_bundles(
    files: &TreeFiles,
    size: TreeSize,
    bundles: Range<u64>,
) -> Result<Vec<ReadBundle>, HistoryError> {
    bundles.into_par_iter().map(|bundle| read_bundle(files, size, bundle)).collect()
}

/// The entries of one bundle, each checked against its leaf hash in the tiles, and what their pack has and has not.
///
/// # Errors
///
/// [`HistoryError`].
pub(super) fn read_bundle(
    files: &TreeFiles,
    size: TreeSize,
    bundle: u64,
) -> Result<ReadBundle, HistoryError> {
    let stamp = stamp(files.store(), bundle).map_err(PackError::from)?;
    let entries = files.entries(size, bundle)?;
    let width = u16::try_from(entries.len()).unwrap_or(256);
    let path = TilePath::new(0, bundle, width).map_err(TreeFilesError::from)?;
    let hashes = files.tiles(size).read_tile(path).map_err(TreeFilesError::from)?;
    let mut leaves = Vec::with_capacity(entries.len());
    for ((index, bytes), leaf) in (bundle * BUNDLE..).zip(&entries).zip(&hashes) {
        let hash = LeafHash::of_entry(bytes);
        if hash.to_node() != *leaf {
            let rule = "not the one whose hash is in the tree".to_owned();
            return Err(HistoryError::Entry { index, rule });
        }
        let entry =
            Entry::parse(bytes).map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
        leaves.push((hash, entry));
    }
    let looked = texts::look(files.store(), bundle, &leaves)?;
    Ok(ReadBundle { stamp, leaves, looked })
}
