//! What was seen in one full bundle and in its pack of texts, and how to tell that it is still so.

use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{BundlePath, TilePath};

use crate::file_stamp::FileStamp;
use crate::pack::{pack_path, scan_pack};
use crate::store::{Store, StoreError};
use crate::tile_reader::TileReader;
use crate::tombstones::Tombstones;
use crate::tree_files::{BUNDLE, TreeFiles};

/// One bundle, when it was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BundleSeen {
    /// Of its entries, their hashes and its pack, before they were read; `None` if nothing can tell whether they have changed
    /// since.
    pub(crate) stamp: Option<FileStamp>,
    /// The tombstones in its pack.
    pub(crate) tombstones: Tombstones,
}

impl BundleSeen {
    /// Reads a full bundle of a tree of that size, compares its entries with their hashes, and these with the level above, and the
    /// number of texts in its pack with what its entries served from the start. Where anything of it is not so, or cannot be
    /// read, nothing vouches for the bundle: a start reads it, and says what is wrong.
    pub(super) fn look(files: &TreeFiles, size: TreeSize, bundle: u64, texts: u64) -> BundleSeen {
        BundleSeen::try_look(files, size, bundle, texts).unwrap_or_default()
    }

    fn try_look(files: &TreeFiles, size: TreeSize, bundle: u64, texts: u64) -> Option<BundleSeen> {
        // First the stamp: what is written later than that has another one.
        let stamp = stamp(files.store(), bundle).ok()?;
        let hashes = files.tiles(size).read_tile(TilePath::new(0, bundle, 256).ok()?).ok()?;
        let entries = files.entries(size, bundle).ok()?;
        let leaves = entries.iter().map(|entry| LeafHash::of_entry(entry));
        let mut tree = Frontier::new();
        for (leaf, hash) in leaves.zip(hashes) {
            if leaf.to_node() != hash {
                return None;
            }
            tree.push(leaf).ok()?;
        }
        let width = u16::try_from(bundle % 256 + 1).ok()?;
        let above = files.tiles(size).read_tile(TilePath::new(1, bundle / 256, width).ok()?).ok()?;
        if tree.size().get() != BUNDLE || above.last() != Some(&tree.root().to_node()) {
            return None;
        }
        let records = scan_pack(files.store(), bundle).ok()?;
        let tombstones = Tombstones::of(files.store(), &records).ok()?;
        (records.len() as u64 >= texts).then_some(BundleSeen { stamp, tombstones })
    }

    /// Whether all three files are those that were seen, with the same bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub(crate) fn is_still_so(&self, store: &dyn Store, bundle: u64) -> Result<bool, StoreError> {
        Ok(self.stamp.is_some() && stamp(store, bundle)? == self.stamp)
    }
}

/// One stamp for the entries of a full bundle, their hashes, and its pack.
///
/// # Errors
///
/// [`StoreError`].
pub(crate) fn stamp(store: &dyn Store, bundle: u64) -> Result<Option<FileStamp>, StoreError> {
    let (Ok(entries), Ok(hashes)) = (BundlePath::new(bundle, 256), TilePath::new(0, bundle, 256)) else {
        return Ok(None);
    };
    let stamps =
        (store.stamp(&entries.encode())?, store.stamp(&hashes.encode())?, store.stamp(&pack_path(bundle))?);
    let (Some(entries), Some(hashes), Some(texts)) = stamps else { return Ok(None) };
    // Only a pack may be missing, where no entry has texts.
    if [entries, hashes].contains(&FileStamp::ABSENT) {
        return Ok(None);
    }
    Ok(Some(FileStamp::together(&[entries, hashes, texts])))
}
