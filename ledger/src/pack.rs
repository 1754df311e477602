//! Packs of addenda: the texts of 256 neighbouring entries in one file, each of which can be erased for good.
//!
//! `addenda-pack/x001/234` holds the texts of the entries 256 · 1234 to 256 · 1234 + 255, in the order in which they came:
//!
//! ```text
//! "glasshouse-pack/1\n"
//! each record: u8 kind (1 text, 2 tombstone) · u64 entry index · 32 digest · u32 length · that many bytes
//! ```
//!
//! Numbers are big-endian. A tombstone's bytes are zero, and its digest says nothing any more: the text's salt went with
//! the text. A pack is read alone; an index from digest to [`PackPlace`] lies elsewhere and can be rebuilt from packs.

use crate::format_version::later;
use crate::pack_eraser::tombstone;
use crate::stage::ADDENDUM_BYTES_MAX;
use crate::store::{Store, StoreError};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

pub(crate) const MAGIC: &[u8] = b"glasshouse-pack/1\n";
pub(crate) const HEAD_BYTES: usize = 1 + 8 + 32 + 4;
pub(crate) const TEXT: u8 = 1;
pub(crate) const TOMBSTONE: u8 = 2;

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackPlace {
    /// Number of the pack: the entry's index divided by 256.
    pub pack: u64,
    /// Where the record begins in the pack, in bytes.
    pub offset: u64,
    /// How many bytes the text has, without the record's head.
    pub length: u32,
}

/// One record of a pack, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackRecord {
    /// The entry that commits to the text.
    pub entry: LeafIndex,
    /// The text's digest in that entry.
    pub digest: Digest,
    /// Where it lies.
    pub place: PackPlace,
    /// Whether the text was erased, or dropped unwritten.
    pub erased: bool,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackText {
    /// The text; its SHA-256 is the digest.
    Text(Vec<u8>),
    /// It was erased.
    Erased,
}

impl PackText {
    /// The text's bytes, unless it was erased.
    pub(crate) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            PackText::Text(bytes) => Some(bytes),
            PackText::Erased => None,
        }
    }
}

/// Why a pack cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such record.
    #[error("{path} has no record for this text at byte {offset}")]
    NotThere {
        /// The pack.
        path: String,
        /// Where it should have been.
        offset: u64,
    },
    /// A record whose bytes are not what its digest says, or that is none.
    #[error("{path} is damaged at byte {offset}")]
    Damaged {
        /// The pack.
        path: String,
        /// Where the record begins.
        offset: u64,
    },
    /// A later program wrote it.
    #[error(
        "{path} has the format {found}: a later glasshouse wrote it, and this one cannot read it; or it is damaged"
    )]
    Later {
        /// The pack.
        path: String,
        /// Its first line.
        found: String,
    },
    /// A text that is no addendum.
    #[error("an addendum has at most 1 MiB, and is what its digest says")]
    NotAnAddendum,
}

/// The pack with an entry's texts.
pub fn pack_of(entry: LeafIndex) -> u64 {
    entry.get() / 256
}

/// A pack's name: its number in groups of three digits, as tiles have it.
pub fn pack_path(pack: u64) -> String {
    let mut path = format!("{:03}", pack % 1000);
    let mut rest = pack / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    format!("addenda-pack/{path}")
}

/// All records of a pack, in the order in which they lie, by their heads alone; none if there is no pack.
///
/// # Errors
///
/// [`PackError::Damaged`] at the first head that is none.
pub fn scan_pack(store: &dyn Store, pack: u64) -> Result<Vec<PackRecord>, PackError> {
    let scan = Scan::of(store, pack)?;
    match scan.complete {
        true => Ok(scan.records),
        false => Err(PackError::Damaged { path: pack_path(pack), offset: scan.end }),
    }
}

/// All records of a pack up to one that is not whole: what a reader sees beside a writer that is appending.
///
/// # Errors
///
/// [`PackError::Store`].
pub fn scan_beside_writer(store: &dyn Store, pack: u64) -> Result<Vec<PackRecord>, PackError> {
    Ok(Scan::of(store, pack)?.records)
}

/// The record of one text of one entry, by reading the pack; `None` if it never came.
///
/// # Errors
///
/// As [`scan_pack`].
pub fn find_in_pack(
    store: &dyn Store,
    entry: LeafIndex,
    digest: &Digest,
) -> Result<Option<PackRecord>, PackError> {
    let records = scan_pack(store, pack_of(entry))?;
    Ok(records.into_iter().find(|record| record.entry == entry && record.digest == *digest))
}

/// The text at a place, re-hashed.
///
/// # Errors
///
/// [`PackError::NotThere`] if another record or none begins there; [`PackError::Damaged`] if the bytes are not the text.
pub fn read_text(store: &dyn Store, place: PackPlace, digest: &Digest) -> Result<PackText, PackError> {
    let path = pack_path(place.pack);
    let not_there = || PackError::NotThere { path: path.clone(), offset: place.offset };
    let length = usize::try_from(place.length).map_err(|_| not_there())?;
    if length > ADDENDUM_BYTES_MAX {
        return Err(not_there());
    }
    let record = store.get_range(&path, place.offset, HEAD_BYTES + length)?.ok_or_else(not_there)?;
    text_of(&record, place, digest)
}

/// The most bytes of a pack that are read at once for neighbouring texts.
const TOGETHER_MAX: u64 = 64 << 10;

/// The bytes in which all of these records of one pack lie, and where these begin; `None` if that is more than is read at once.
pub(crate) fn read_together(
    store: &dyn Store,
    records: &[PackRecord],
) -> Result<Option<(u64, Vec<u8>)>, PackError> {
    let ends = records.iter().map(|record| record.place.offset + record_bytes(record.place));
    let (Some(first), Some(end)) = (records.iter().map(|record| record.place.offset).min(), ends.max())
    else {
        return Ok(None);
    };
    let length = end - first;
    match (records.first(), usize::try_from(length)) {
        (Some(record), Ok(bytes)) if length <= TOGETHER_MAX => {
            let found = store.get_range(&pack_path(record.place.pack), first, bytes)?;
            Ok(found.map(|bytes| (first, bytes)))
        }
        _ => Ok(None),
    }
}

/// A text among bytes that were read together, re-hashed.
///
/// # Errors
///
/// As [`read_text`].
pub(crate) fn text_among(read: &(u64, Vec<u8>), record: &PackRecord) -> Result<PackText, PackError> {
    let (first, bytes) = read;
    let part = record.place.offset.checked_sub(*first).and_then(|start| {
        let start = usize::try_from(start).ok()?;
        let length = usize::try_from(record_bytes(record.place)).ok()?;
        bytes.get(start..start.checked_add(length)?)
    });
    text_of(part.unwrap_or_default(), record.place, &record.digest)
}

/// How many bytes a record has.
fn record_bytes(place: PackPlace) -> u64 {
    HEAD_BYTES as u64 + u64::from(place.length)
}

/// The text of a record, if it is the one that is meant.
pub(crate) fn text_of(record: &[u8], place: PackPlace, digest: &Digest) -> Result<PackText, PackError> {
    let not_there = || PackError::NotThere { path: pack_path(place.pack), offset: place.offset };
    let (head, text) = record.split_first_chunk().ok_or_else(not_there)?;
    let head = Head::parse(head, place.pack).ok_or_else(not_there)?;
    if head.digest != *digest || head.length != place.length {
        return Err(not_there());
    }
    if head.erased {
        return Ok(PackText::Erased);
    }
    if text.len() as u64 != u64::from(place.length) || Digest::of(text) != *digest {
        return Err(PackError::Damaged { path: pack_path(place.pack), offset: place.offset });
    }
    Ok(PackText::Text(text.to_vec()))
}

/// Erases a text for good: its record becomes a tombstone of zeros, in place and synced.
///
/// True afterwards, durably: no byte of the text is in the pack, and [`PackWriter::write`](crate::pack_writer::PackWriter::write) never brings it back. Doing it
/// again is right after a crash, which may have left the mark without all of the zeros, or, with the power, these without the mark: a
/// folder that is being made is made on, and nothing is served from it before. The stage that brought the text must be gone
/// first.
///
/// # Errors
///
/// [`PackError::NotThere`] if another record begins there; [`PackError::Store`].
pub fn erase_text(store: &dyn Store, record: &PackRecord) -> Result<(), PackError> {
    let place = record.place;
    let path = pack_path(place.pack);
    let found = store.get_range(&path, place.offset, HEAD_BYTES)?.unwrap_or_default();
    let head = found.first_chunk().and_then(|head| Head::parse(head, place.pack));
    let same = head.is_some_and(|head| {
        head.entry == record.entry && head.digest == record.digest && head.length == place.length
    });
    if !same {
        return Err(PackError::NotThere { path, offset: place.offset });
    }
    store.overwrite(&path, place.offset, &tombstone(record))?;
    Ok(())
}

pub(crate) fn put_head(bytes: &mut Vec<u8>, kind: u8, entry: LeafIndex, digest: &Digest, length: u32) {
    bytes.push(kind);
    bytes.extend_from_slice(&entry.get().to_be_bytes());
    bytes.extend_from_slice(digest.as_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
}

struct Head {
    erased: bool,
    entry: LeafIndex,
    digest: Digest,
    length: u32,
}

impl Head {
    /// `None` for what is no head of a record of this pack.
    fn parse(bytes: &[u8; HEAD_BYTES], pack: u64) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (entry, rest) = rest.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let entry = LeafIndex::new(u64::from_be_bytes(*entry)).ok()?;
        let length = u32::from_be_bytes(*rest.first_chunk()?);
        let known = matches!(*kind, TEXT | TOMBSTONE);
        if !known || pack_of(entry) != pack || length as usize > ADDENDUM_BYTES_MAX {
            return None;
        }
        Some(Self { erased: *kind == TOMBSTONE, entry, digest: Digest::from_bytes(*digest), length })
    }
}

/// The records of a pack up to the first that is none.
pub(crate) struct Scan {
    pub(crate) records: Vec<PackRecord>,
    /// Where the next record goes; 0 if not even the pack's own head is there.
    pub(crate) end: u64,
    /// Whether the file ends there.
    pub(crate) complete: bool,
}

impl Scan {
    /// Reads head after head, and no texts.
    pub(crate) fn of(store: &dyn Store, pack: u64) -> Result<Self, PackError> {
        Scan::walk(store, pack, WINDOW_BYTES, &mut |_, _| Ok(()))
    }

    /// Reads at least `size` bytes at once, and shows each record's head and the bytes around it before the record is known to
    /// be whole.
    fn walk(store: &dyn Store, pack: u64, size: usize, visit: &mut Visit<'_>) -> Result<Self, PackError> {
        let path = pack_path(pack);
        let mut scan = Scan { records: Vec::new(), end: 0, complete: true };
        let Some(start) = store.get_range(&path, 0, size)? else {
            return Ok(scan);
        };
        let mut window = Window { store, path: &path, start: 0, size, bytes: start };
        let beginning = window.get(0, MAGIC.len() + 8)?;
        if let Some(found) = later(beginning, &String::from_utf8_lossy(MAGIC)) {
            return Err(PackError::Later { path, found });
        }
        if !beginning.starts_with(MAGIC) {
            scan.complete = false;
            return Ok(scan);
        }
        scan.end = MAGIC.len() as u64;
        loop {
            let head = window.get(scan.end, HEAD_BYTES)?;
            if head.is_empty() {
                return Ok(scan);
            }
            let Some(head) = head.first_chunk().and_then(|head| Head::parse(head, pack)) else {
                scan.complete = false;
                return Ok(scan);
            };
            let place = PackPlace { pack, offset: scan.end, length: head.length };
            let Head { erased, entry, digest, .. } = head;
            let record = PackRecord { entry, digest, place, erased };
            visit(&record, &mut window)?;
            let end = scan.end + record_bytes(place);
            if window.get(end - 1, 1)?.is_empty() {
                scan.complete = false;
                return Ok(scan);
            }
            scan.records.push(record);
            scan.end = end;
        }
    }
}

/// What is done with each record while a pack is walked through.
type Visit<'a> = dyn FnMut(&PackRecord, &mut Window<'_>) -> Result<(), StoreError> + 'a;

/// Reads a pack once, from front to end: each record, and what `judge` makes of its bytes, head and text. At most some 1 MiB is
/// held at once. Nothing if there is no pack.
///
/// # Errors
///
/// [`PackError::Damaged`] at the first head that is none.
pub(crate) fn walk_pack<J>(
    store: &dyn Store,
    pack: u64,
    judge: &mut dyn FnMut(&PackRecord, &[u8]) -> J,
) -> Result<Vec<(PackRecord, J)>, PackError> {
    let mut judged = Vec::new();
    let scan = Scan::walk(store, pack, HEAD_BYTES + ADDENDUM_BYTES_MAX, &mut |record, window| {
        // Where the file ends within it, the scan says so.
        let length = usize::try_from(record_bytes(record.place)).unwrap_or(usize::MAX);
        judged.push(judge(record, window.get(record.place.offset, length)?));
        Ok(())
    })?;
    match scan.complete {
        true => Ok(scan.records.into_iter().zip(judged).collect()),
        false => Err(PackError::Damaged { path: pack_path(pack), offset: scan.end }),
    }
}

/// How much of a pack is read at once while its heads are looked at.
const WINDOW_BYTES: usize = 64 * 1024;

/// A part of a pack in memory, so that neighbouring small records cost one read.
struct Window<'a> {
    store: &'a dyn Store,
    path: &'a str,
    start: u64,
    /// How many bytes are read at once.
    size: usize,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// Up to `length` bytes from `offset`, at most [`Window::size`]; fewer where the file ends.
    fn get(&mut self, offset: u64, length: usize) -> Result<&[u8], StoreError> {
        let covered = |start: u64, bytes: &[u8]| {
            offset >= start && offset + length as u64 <= start + bytes.len() as u64
        };
        if !covered(self.start, &self.bytes) {
            self.bytes = self.store.get_range(self.path, offset, self.size)?.unwrap_or_default();
            self.start = offset;
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let to = from.saturating_add(length).min(self.bytes.len());
        Ok(self.bytes.get(from..to).unwrap_or_default())
    }
}
