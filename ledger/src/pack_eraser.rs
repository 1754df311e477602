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

/// A record that is marked as erased.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marked {
    /// As it was before.
    pub(crate) record: PackRecord,
    /// Whether it was marked before, and bytes of it were left.
    pub(crate) is_torn: bool,
}

/// Marks texts of one pack as erased: the first of two steps, with a [`Store::sync`] between them. Gives the records that are
/// to be [erased](erase_marked) then. Texts that the pack does not have are passed over.
///
/// True afterwards: nothing of the texts is gone, and once this is durable, whoever finds a part of one gone finds its mark
/// too. The stages that brought the texts must be gone first.
///
/// # Errors
///
/// [`PackError::Damaged`] if the pack cannot be read to its end: then nothing was written; [`PackError::Store`].
pub(crate) fn mark_in_pack(
    store: &dyn Store,
    pack: u64,
    texts: &HashSet<(LeafIndex, Digest)>,
    tombstones: Tombstone,
) -> Result<Vec<Marked>, PackError> {
    let (mut marked, mut marks) = (Vec::new(), Vec::new());
    for record in scan_pack(store, pack)? {
        let is_meant = texts.contains(&(record.entry, record.digest));
        if is_meant && !(record.erased && tombstones == Tombstone::Whole) {
            let is_torn = record.erased && !is_tombstone(store, &record)?;
            marked.push(Marked { record, is_torn });
            marks.push((record.place.offset, vec![TOMBSTONE]));
        }
    }
    if !marks.is_empty() {
        store.rewrite(&pack_path(pack), &marks)?;
    }
    Ok(marked)
}

/// Overwrites records whose marks are durable with tombstones.
///
/// True afterwards: no byte of the texts can be read; durable after the next [`Store::sync`]. If we die within, or lose the
/// power: some are erased, some are not, one perhaps half; doing both steps again, with [`Tombstone::PerhapsTorn`],
/// completes it.
///
/// # Errors
///
/// [`PackError::Store`].
pub(crate) fn erase_marked(store: &dyn Store, pack: u64, marked: &[Marked]) -> Result<(), PackError> {
    let path = pack_path(pack);
    let (mut parts, mut held) = (Vec::new(), 0);
    for Marked { record, .. } in marked {
        let zeros = tombstone(record);
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
    Ok(())
}

/// The bytes of a record whose text is gone.
pub(crate) fn tombstone(record: &PackRecord) -> Vec<u8> {
    let length = length_of(record);
    let mut zeros = Vec::with_capacity(HEAD_BYTES + length);
    put_head(&mut zeros, TOMBSTONE, record.entry, &record.digest, record.place.length);
    zeros.resize(HEAD_BYTES + length, 0);
    zeros
}

/// Whether nothing is left of the text of a record that is marked as erased: a crash may have left the mark alone.
pub(crate) fn is_tombstone(store: &dyn Store, record: &PackRecord) -> Result<bool, PackError> {
    if !record.erased {
        return Ok(false);
    }
    let offset = record.place.offset + HEAD_BYTES as u64;
    let text = store.get_range(&pack_path(record.place.pack), offset, length_of(record))?;
    Ok(text.unwrap_or_default().iter().all(|byte| *byte == 0))
}

/// A record's length is at most 1 MiB: no other head is read.
fn length_of(record: &PackRecord) -> usize {
    usize::try_from(record.place.length).unwrap_or(ADDENDUM_BYTES_MAX).min(ADDENDUM_BYTES_MAX)
}
