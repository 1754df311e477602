//! Writes what a round adds to the tree, and takes away the partial tiles that nobody needs any more.

use crate::right_edge::Growth;
use crate::store::{Store, StoreError};

/// Writes a round's tiles and bundles.
///
/// True afterwards: every file of the growth can be read; none is durable before the next [`Store::sync`]. Only for a growth
/// whose state was swapped in: a file beyond the state stops recovery.
pub fn write_growth(store: &dyn Store, growth: &Growth) -> Result<(), StoreError> {
    for (path, bytes) in growth.files() {
        store.put(path, bytes)?;
    }
    Ok(())
}

/// Writes the same in recovery, where all of it may lie already, durably or not.
///
/// True afterwards, as behind [`write_growth`]; and nothing was taken back that was durable: a full tile may be all that is
/// left of a smaller tree, whose partial one is gone.
pub fn write_growth_again(store: &dyn Store, growth: &Growth) -> Result<(), StoreError> {
    for (path, bytes) in growth.files() {
        match store.get(path) {
            // In place: a new file in its stead could be lost, and the durable one with it. Not left alone either: after
            // a sync that failed, bytes can be read that never reached the disk.
            Ok(Some(there)) if there == *bytes => store.rewrite(path, &[(0, there)])?,
            // Also where a disk cannot read any more what was never synced.
            _ => store.put(path, bytes)?,
        }
    }
    Ok(())
}

/// Removes the partial tiles and bundles beside full ones.
///
/// Only after a [`Store::sync`] that covers the full ones, or a loss of power could take both. If we die in between,
/// partial ones lie beside full ones for good; `fsck` does not mind, and they are still true.
pub fn drop_partials(store: &dyn Store, filled: &[String]) -> Result<(), StoreError> {
    for path in filled {
        for partial in store.list(&format!("{path}.p"))? {
            store.delete(&partial)?;
        }
    }
    Ok(())
}
