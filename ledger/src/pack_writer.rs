//! Writes the texts of rounds into packs, and completes what a crash left torn.

use crate::pack::{
    HEAD_BYTES, MAGIC, PackError, PackPlace, PackRecord, Scan, TEXT, TOMBSTONE, erase_text, pack_of,
    pack_path, put_head, read_text,
};
use crate::pack_eraser::tombstone;
use crate::stage::{ADDENDUM_BYTES_MAX, StagedAddendum};
use crate::store::Store;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many packs' ends a writer remembers; more than one only where texts are disclosed late.
const ENDS_MAX: usize = 64;

/// Writes the texts of rounds into their packs.
#[derive(Debug, Default)]
pub struct PackWriter {
    /// Where each recently written pack ends, and which texts it has.
    ends: HashMap<u64, PackEnd>,
    /// In recovery, the texts of the rounds that are done again. `None`: a torn end is an error.
    staged: Option<Staged>,
    /// In recovery, records without their text that these rounds do not bring back.
    lost: Vec<PackRecord>,
}

/// The texts of rounds that are done again.
#[derive(Debug, Default)]
struct Staged {
    /// How many bytes they may have in a pack, by pack: so much of a torn end may be cut off.
    bytes: HashMap<u64, u64>,
    texts: HashSet<(LeafIndex, Digest)>,
}

#[derive(Debug, Default, Clone)]
struct PackEnd {
    length: u64,
    present: HashSet<(LeafIndex, Digest)>,
    /// Texts whose record is there, and whose bytes are not what the digest says.
    hollow: HashMap<(LeafIndex, Digest), PackPlace>,
    /// In recovery, the other records.
    whole: HashMap<(LeafIndex, Digest), PackRecord>,
}

impl Staged {
    /// Whether a tombstone is the head of one of these texts that was dropped unwritten, of which only the first bytes reached the
    /// disk.
    fn has_cut(&self, record: &PackRecord) -> bool {
        let head = |entry, digest: &Digest| {
            let mut head = Vec::with_capacity(HEAD_BYTES);
            put_head(&mut head, TOMBSTONE, entry, digest, 0);
            head
        };
        let found = head(record.entry, &record.digest);
        let is_cut = |(entry, digest): &(LeafIndex, Digest)| {
            let whole = head(*entry, digest);
            let same = found.iter().zip(&whole).take_while(|(one, other)| one == other).count();
            same < HEAD_BYTES && found.iter().skip(same).all(|byte| *byte == 0)
        };
        record.erased
            && record.place.length == 0
            && !self.texts.contains(&(record.entry, record.digest))
            && self.texts.iter().any(is_cut)
    }
}

impl PackWriter {
    /// Knows no pack yet: the first write to each reads it and re-hashes its texts. One that is not whole is an error:
    /// without a crash behind us it is damage, and appending would hide it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows that pack, to which the next texts go. Records in it whose text is gone are `lost`.
    pub(crate) fn knowing(store: &dyn Store, pack: u64) -> Result<Self, PackError> {
        let staged = Staged::default();
        let end = PackEnd::of(store, pack, Some(&staged))?;
        let lost = end.lost(Some(&staged));
        Ok(Self { ends: [(pack, end)].into(), lost, ..Self::default() })
    }

    /// For doing the rounds again that stages hold, whose texts these are: a torn end is cut off, and a text whose bytes a
    /// loss of power took is written again in its place. No more is cut off than these texts can have written: what cannot be
    /// read beyond that is damage, and an error. Records further in front whose text is gone stay, and are
    /// `lost`. Use a [`PackWriter::new`] afterwards.
    pub fn recovering<'a>(texts: impl IntoIterator<Item = &'a StagedAddendum>) -> Self {
        let mut staged = Staged::default();
        for text in texts {
            // The first text of a pack also brings the pack's own head.
            let bytes = staged.bytes.entry(pack_of(text.entry)).or_insert(MAGIC.len() as u64);
            *bytes += (HEAD_BYTES + text.bytes.len()) as u64;
            staged.texts.insert((text.entry, text.digest));
        }
        Self { staged: Some(staged), ..Self::default() }
    }

    /// In recovery, once every round was done again: records whose text is gone, and which no round brought back. They were being
    /// erased, or their pack is damaged; only the log can tell.
    pub(crate) fn lost(&self) -> &[PackRecord] {
        &self.lost
    }

    /// Writes the texts of one round behind what their packs hold, and says where they lie.
    ///
    /// A text that its pack already has, erased or not, is left as it is; so doing it again after a crash, from the same
    /// stage, completes what was torn and repeats nothing. In recovery the same bytes are written once more in their place:
    /// behind a sync that failed they can be read, and may never have reached the disk. A text for which `redacted` is true is dropped unwritten and
    /// leaves a tombstone.
    ///
    /// True afterwards: every record can be read; none is durable before the next [`Store::sync`]. After an error the
    /// writer is of no further use: the process ends, and recovery writes the round again.
    ///
    /// # Errors
    ///
    /// [`PackError::NotAnAddendum`] before anything is written; [`PackError::Damaged`]; [`PackError::Store`].
    pub fn write(
        &mut self,
        store: &dyn Store,
        addenda: &[StagedAddendum],
        redacted: &dyn Fn(LeafIndex, &Digest) -> bool,
    ) -> Result<Vec<PackRecord>, PackError> {
        if addenda.iter().any(|addendum| addendum.bytes.len() > ADDENDUM_BYTES_MAX) {
            return Err(PackError::NotAnAddendum);
        }
        let mut packs: BTreeMap<u64, Vec<&StagedAddendum>> = BTreeMap::new();
        for addendum in addenda {
            packs.entry(pack_of(addendum.entry)).or_default().push(addendum);
        }
        let mut written = Vec::new();
        for (pack, addenda) in packs {
            let mut end = match self.ends.remove(&pack) {
                Some(end) => end,
                None => {
                    let end = PackEnd::of(store, pack, self.staged.as_ref())?;
                    self.lost.extend(end.lost(self.staged.as_ref()));
                    end
                }
            };
            let (mut bytes, mut again) = (Vec::new(), Vec::new());
            let begin = end.length;
            if begin == 0 {
                bytes.extend_from_slice(MAGIC);
                end.length = MAGIC.len() as u64;
            }
            for addendum in addenda {
                let key = (addendum.entry, addendum.digest);
                let erased = redacted(addendum.entry, &addendum.digest);
                if end.present.insert(key) {
                    written.push(put_record(&mut bytes, &mut end.length, pack, addendum, erased));
                } else if let Some(place) = end.hollow.remove(&key) {
                    written.push(fill(store, place, addendum, erased)?);
                } else if let Some(record) = end.whole.remove(&key) {
                    again.extend(as_it_was(&record, addendum).map(|bytes| (record.place.offset, bytes)));
                }
            }
            store.append(&pack_path(pack), begin, &bytes)?;
            if !again.is_empty() {
                // The pack's own head lies in one block with the first record's.
                store.rewrite(&pack_path(pack), &again)?;
            }
            if self.ends.len() >= ENDS_MAX {
                self.ends.clear();
            }
            self.ends.insert(pack, end);
        }
        // A full pack far behind is rarely written again.
        let newest = self.ends.keys().max().copied().unwrap_or(0);
        self.ends.retain(|pack, _| pack + ENDS_MAX as u64 > newest);
        Ok(written)
    }
}

impl PackEnd {
    /// Reads a pack. `staged`: in recovery, what tells how much may be cut off its end.
    fn of(store: &dyn Store, pack: u64, staged: Option<&Staged>) -> Result<Self, PackError> {
        let scan = Scan::of(store, pack)?;
        let recovering = staged.is_some();
        let damaged = |offset| PackError::Damaged { path: pack_path(pack), offset };
        if !scan.complete && !recovering {
            return Err(damaged(scan.end));
        }
        // Where the file ends; of one that reaches further behind its last record than is staged, that it does.
        let most = staged.and_then(|staged| staged.bytes.get(&pack)).copied().unwrap_or(0);
        let length = match scan.complete {
            true => scan.end,
            false => {
                let some = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
                let behind = store.get_range(&pack_path(pack), scan.end, some)?;
                scan.end + behind.map_or(0, |bytes| bytes.len() as u64)
            }
        };
        let mut end = Self { length: scan.end, ..Self::default() };
        let hollow = |record: &PackRecord| match read_text(store, record.place, &record.digest) {
            _ if record.erased => Ok(false),
            Err(PackError::Store(error)) => Err(PackError::Store(error)),
            read => Ok(read.is_err()),
        };
        let mut records = scan.records;
        // A loss of power can leave any part of a head at the end too: what is not whole there never was, nor a tombstone that was
        // dropped unwritten and whose digest is cut. Further in front than what is staged lie texts that were being erased, and stay.
        let is_cut = |record: &PackRecord| staged.is_some_and(|staged| staged.has_cut(record));
        while let Some(last) = records.last()
            && length.saturating_sub(last.place.offset) <= most
            && (is_cut(last) || hollow(last)?)
        {
            end.length = last.place.offset;
            records.pop();
        }
        if length.saturating_sub(end.length) > most {
            return Err(damaged(end.length));
        }
        for record in records {
            end.present.insert((record.entry, record.digest));
            if hollow(&record)? {
                if !recovering {
                    return Err(damaged(record.place.offset));
                }
                end.hollow.insert((record.entry, record.digest), record.place);
            } else if recovering {
                end.whole.insert((record.entry, record.digest), record);
            }
        }
        Ok(end)
    }

    /// The records without their text that are none of the staged ones.
    fn lost(&self, staged: Option<&Staged>) -> Vec<PackRecord> {
        let is_staged = |key: &(LeafIndex, Digest)| staged.is_none_or(|staged| staged.texts.contains(key));
        let lost = self.hollow.iter().filter(|(key, _)| !is_staged(key));
        lost.map(|((entry, digest), place)| PackRecord {
            entry: *entry,
            digest: *digest,
            place: *place,
            erased: false,
        })
        .collect()
    }
}

/// Writes a text into the record that waits for it, or erases the record.
fn fill(
    store: &dyn Store,
    place: PackPlace,
    addendum: &StagedAddendum,
    erased: bool,
) -> Result<PackRecord, PackError> {
    let record = PackRecord { entry: addendum.entry, digest: addendum.digest, place, erased };
    if erased {
        erase_text(store, &record)?;
        return Ok(record);
    }
    let damaged = || PackError::Damaged { path: pack_path(place.pack), offset: place.offset };
    // With its head, which can be read and may not have reached the disk.
    let bytes = as_it_was(&record, addendum).ok_or_else(damaged)?;
    store.overwrite(&pack_path(place.pack), place.offset, &bytes)?;
    Ok(record)
}

/// The bytes of a record, with its text or as a tombstone; `None` if it has another length than the text that is at hand.
fn as_it_was(record: &PackRecord, addendum: &StagedAddendum) -> Option<Vec<u8>> {
    if record.erased {
        return Some(tombstone(record));
    }
    if addendum.bytes.len() as u64 != u64::from(record.place.length) {
        return None;
    }
    let mut bytes = Vec::with_capacity(HEAD_BYTES + addendum.bytes.len());
    put_head(&mut bytes, TEXT, record.entry, &record.digest, record.place.length);
    bytes.extend_from_slice(&addendum.bytes);
    Some(bytes)
}

fn put_record(
    bytes: &mut Vec<u8>,
    end: &mut u64,
    pack: u64,
    addendum: &StagedAddendum,
    erased: bool,
) -> PackRecord {
    let text = if erased { &[] } else { addendum.bytes.as_slice() };
    // At most 1 MiB: checked by the caller.
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let kind = if erased { TOMBSTONE } else { TEXT };
    put_head(bytes, kind, addendum.entry, &addendum.digest, length);
    bytes.extend_from_slice(text);
    let place = PackPlace { pack, offset: *end, length };
    *end += (HEAD_BYTES + text.len()) as u64;
    PackRecord { entry: addendum.entry, digest: addendum.digest, place, erased }
}
