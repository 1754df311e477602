//! Writes what a round adds to the tree, and takes away the partial tiles that nobody needs any more.

use crate::right_edge::Growth;
use crate::store::{Store, StoreError};

/// Writes a round's tiles and bundles.
///
/// True afterwards: every file of the growth can be read; none is durable before the next [`Store::sync`]. Doing it
/// again writes the same bytes. Only for a growth whose state was swapped in: a file beyond the state stops recovery.
pub fn write_growth(store: &dyn Store, growth: &Growth) -> Result<(), StoreError> {
    for (path, bytes) in growth.files() {
        store.put(path, bytes)?;
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
