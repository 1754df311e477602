//! What was seen in one pack of texts, and how to tell that it is still so.

use crate::file_stamp::FileStamp;
use crate::pack::{PackError, pack_path, scan_beside_writer};
use crate::store::Store;
use crate::tombstones::Tombstones;

/// One pack, when it was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PackSeen {
    /// That of the file before it was read; `None` if nothing can tell whether it has changed since.
    pub(crate) stamp: Option<FileStamp>,
    /// Its tombstones.
    pub(crate) tombstones: Tombstones,
}

impl PackSeen {
    /// Reads the heads of a pack's records.
    ///
    /// # Errors
    ///
    /// [`PackError`].
    pub(crate) fn look(store: &dyn Store, pack: u64) -> Result<PackSeen, PackError> {
        // First the stamp: what is written later than that has another one.
        let stamp = store.stamp(&pack_path(pack))?;
        let mut tombstones = Tombstones::default();
        let records = scan_beside_writer(store, pack)?;
        records.iter().filter(|record| record.erased).for_each(|record| tombstones.add(&record.digest));
        Ok(PackSeen { stamp, tombstones })
    }

    /// Whether the pack is the one that was seen, with the same bytes.
    ///
    /// # Errors
    ///
    /// [`PackError::Store`].
    pub(crate) fn is_still_so(&self, store: &dyn Store, pack: u64) -> Result<bool, PackError> {
        Ok(self.stamp.is_some() && store.stamp(&pack_path(pack))? == self.stamp)
    }
}
