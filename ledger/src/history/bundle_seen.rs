//! What was seen in one full bundle and in its pack of texts, and how to tell that it is still so.

use glasshouse_verifier::tile::{BundlePath, TilePath};

use crate::file_stamp::FileStamp;
use crate::pack::{PackError, pack_path, scan_beside_writer};
use crate::store::{Store, StoreError};
use crate::tombstones::Tombstones;

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
    /// Reads the heads of the records in its pack. Its entries are those that this process has written or read.
    ///
    /// # Errors
    ///
    /// [`PackError`].
    pub(crate) fn look(store: &dyn Store, bundle: u64) -> Result<BundleSeen, PackError> {
        // First the stamp: what is written later than that has another one.
        let stamp = stamp(store, bundle)?;
        let mut tombstones = Tombstones::default();
        let records = scan_beside_writer(store, bundle)?;
        records.iter().filter(|record| record.erased).for_each(|record| tombstones.add(&record.digest));
        Ok(BundleSeen { stamp, tombstones })
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
    Ok(Some(FileStamp::together(&[entries, hashes, texts])))
}
