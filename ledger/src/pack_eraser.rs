//! Erases texts from packs, many at once: their records become tombstones of zeros, in place.

use std::collections::HashSet;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use crate::pack::{HEAD_BYTES, PackError, PackRecord, TOMBSTONE, pack_path, put_head, scan_pack};
use crate::stage::ADDENDUM_BYTES_MAX;
use crate::store::Store;

/// At most so many bytes of zeros are held at once: a pack may have texts of 8 GiB.
const ZEROS_AT_ONCE: usize = 4 << 20;

/// How tombstones are taken that lie there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tombstone {
    /// As whole: whoever wrote them has synced them.
    Whole,
    /// As what a crash may have left: a mark before bytes of the text, or zeros that can be read and never reached the disk.
    /// They are overwritten once more.
    PerhapsTorn,
}

/// Erases texts of one pack, and gives back the digests of those that were there. Those that the pack does not have are
/// passed over.
///
/// True afterwards: no byte of them can be read; durable after the next [`Store::sync`]. The stages that brought the texts
/// must be gone first. If we die within, or lose the power: some are erased, some are not, one perhaps half; doing it again,
/// with [`Tombstone::PerhapsTorn`], completes it.
///
/// # Errors
///
/// [`PackError::Damaged`] if the pack cannot be read to its end: then nothing was written; [`PackError::Store`].
pub(crate) fn erase_in_pack(
    store: &dyn Store,
    pack: u64,
    texts: &HashSet<(LeafIndex, Digest)>,
    tombstones: Tombstone,
) -> Result<Vec<Digest>, PackError> {
    let path = pack_path(pack);
    let mut erased = Vec::new();
    let (mut parts, mut held) = (Vec::new(), 0);
    for record in scan_pack(store, pack)? {
        if !texts.contains(&(record.entry, record.digest)) {
            continue;
        }
        if record.erased && tombstones == Tombstone::Whole {
            continue;
        }
        if !record.erased {
            erased.push(record.digest);
        }
        let zeros = tombstone(&record);
        held += zeros.len();
        parts.push((record.place.offset, zeros));
        if held >= ZEROS_AT_ONCE {
            store.rewrite(&path, &parts)?;
            (parts, held) = (Vec::new(), 0);
        }
    }
    if !parts.is_empty() {
        store.rewrite(&path, &parts)?;
    }
    Ok(erased)
}

/// The bytes of a record whose text is gone.
pub(crate) fn tombstone(record: &PackRecord) -> Vec<u8> {
    let length = length_of(record);
    let mut zeros = Vec::with_capacity(HEAD_BYTES + length);
    put_head(&mut zeros, TOMBSTONE, record.entry, &record.digest, record.place.length);
    zeros.resize(HEAD_BYTES + length, 0);
    zeros
}

/// A record's length is at most 1 MiB: no other head is read.
fn length_of(record: &PackRecord) -> usize {
    usize::try_from(record.place.length).unwrap_or(ADDENDUM_BYTES_MAX).min(ADDENDUM_BYTES_MAX)
}
