//! Reads bundles of entries beside the packs of their texts.

use std::ops::Range;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::TilePath;
use rayon::prelude::*;

use super::HistoryError;
use crate::texts::{self, Looked};
use crate::tile_reader::TileReader;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// An entry, and its hash in the tree.
pub(super) type Leaf = (LeafHash, Entry);

/// Some bundles, on all cores.
pub(super) fn read_bundles(
    files: &TreeFiles,
    size: TreeSize,
    bundles: Range<u64>,
) -> Result<Vec<(Vec<Leaf>, Looked)>, HistoryError> {
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
) -> Result<(Vec<Leaf>, Looked), HistoryError> {
    let entries = files.entries(size, bundle)?;
    let width = u16::try_from(entries.len()).unwrap_or(256);
    let path = TilePath::new(0, bundle, width).map_err(TreeFilesError::from)?;
    let leaves = files.tiles(size).read_tile(path).map_err(TreeFilesError::from)?;
    let mut parsed = Vec::with_capacity(entries.len());
    for ((index, bytes), leaf) in (bundle * BUNDLE..).zip(&entries).zip(&leaves) {
        let hash = LeafHash::of_entry(bytes);
        if hash.to_node() != *leaf {
            let rule = "not the one whose hash is in the tree".to_owned();
            return Err(HistoryError::Entry { index, rule });
        }
        let entry =
            Entry::parse(bytes).map_err(|error| HistoryError::Entry { index, rule: error.to_string() })?;
        parsed.push((hash, entry));
    }
    let looked = texts::look(files.store(), bundle, &parsed)?;
    Ok((parsed, looked))
}
