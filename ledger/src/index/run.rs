//! A sorted file of look-ups by hash, written once: from eight bytes that stand for a hash to the entries that have it.
//!
//! | bytes | what |
//! |---|---|
//! | the first 4,096 | `glasshouse run 1`; first entry, end, number of records (8 bytes each); leaf hash of the last entry; the salt of the keys (16 bytes); CRC-32 of these; zeros |
//! | 4,096 each | 255 records of 16 bytes; CRC-32 of the header's, the block's number and its records; 12 zeros |
//!
//! All integers are big-endian. Keys are spread evenly, so that a block is found by where its key would stand, in two or three
//! reads; were they not, by halves. Nothing is synced: what a power cut takes away is found by its CRC-32 when it is read,
//! and is built again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use glasshouse_verifier::hash::LeafHash;

/// Bytes that are read and checked at once.
const BLOCK: usize = 4_096;
/// Bytes of one record.
const RECORD: usize = 16;
/// Records in a full block.
const RECORDS: u64 = 255;
/// Where a block's check stands.
const CHECK: usize = 4_080;
/// Bytes of the salt.
pub(super) const SALT: usize = 16;
/// The layout above.
const MAGIC: &[u8; 16] = b"glasshouse run 1";

/// One look-up. They are sorted by the key, then by the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    /// What stands for the hash.
    pub(super) key: u64,
    /// The entry, and in the first bit what kind of hash it is.
    pub(super) place: u64,
}

/// What a run says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Header {
    /// The first entry that it covers.
    pub(super) first: u64,
    /// The first entry behind it.
    pub(super) end: u64,
    /// How many records it has.
    pub(super) records: u64,
    /// The leaf hash of its last entry, by which it is compared with the log.
    pub(super) last: LeafHash,
    /// What the hashes were mixed with.
    pub(super) salt: [u8; SALT],
}

impl Header {
    /// The name of the file.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.first, self.end)
    }

    /// How many blocks its records take.
    pub(super) fn blocks(&self) -> u64 {
        self.records.div_ceil(RECORDS)
    }

    fn encode(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let (told, check) = self.told();
        for (to, from) in block.iter_mut().zip(told.into_iter().chain(check.to_be_bytes())) {
            *to = from;
        }
        block
    }

    /// Its bytes, and their check.
    fn told(&self) -> (Vec<u8>, u32) {
        let numbers = [self.first, self.end, self.records].map(u64::to_be_bytes).concat();
        let told = [MAGIC.as_slice(), &numbers, self.last.as_bytes(), &self.salt].concat();
        let check = crc32fast::hash(&told);
        (told, check)
    }

    fn decode(block: &[u8; BLOCK]) -> Option<Header> {
        let number =
            |at: usize| block.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let last = LeafHash::from_bytes(block.get(40..72)?.try_into().ok()?);
        let salt = block.get(72..72 + SALT)?.try_into().ok()?;
        let header = Header { first: number(16)?, end: number(24)?, records: number(32)?, last, salt };
        (header.encode() == *block && header.first < header.end).then_some(header)
    }
}

/// The check of a block, whose header has that check.
fn check(header: u32, number: u64, records: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new_with_initial(header);
    hasher.update(&number.to_be_bytes());
    hasher.update(records);
    hasher.finalize().to_be_bytes()
}

/// A run that lies.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    path: PathBuf,
    header: Header,
    check: u32,
    /// Whether a block could not be read.
    damaged: AtomicBool,
}

impl Run {
    /// Opens a run; `None` where the file is none, or not whole as far as its header and its length say.
    pub(super) fn open(path: PathBuf) -> io::Result<Option<Run>> {
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let mut block = [0; BLOCK];
        if length < BLOCK as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut block, 0)?;
        let Some(header) = Header::decode(&block) else { return Ok(None) };
        let is_whole = header.blocks().checked_add(1).and_then(|blocks| blocks.checked_mul(BLOCK as u64))
            == Some(length);
        let (_, check) = header.told();
        Ok(is_whole.then_some(Run { file, path, header, check, damaged: AtomicBool::new(false) }))
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many entries it covers.
    pub(super) fn entries(&self) -> u64 {
        self.header.end - self.header.first
    }

    /// Whether a block of it could not be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// The records of one block.
    pub(super) fn block(&self, number: u64) -> io::Result<Vec<Record>> {
        self.read_block(number).inspect_err(|_| self.damaged.store(true, Ordering::Relaxed))
    }

    fn read_block(&self, number: u64) -> io::Result<Vec<Record>> {
        let mut block = [0; BLOCK];
        self.file.read_exact_at(&mut block, (number + 1) * BLOCK as u64)?;
        let (records, rest) = block.split_at(CHECK);
        if !rest.starts_with(&check(self.check, number, records)) {
            let rule = format!("{}: block {number} is damaged", self.path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, rule));
        }
        let there = self.header.records.saturating_sub(number * RECORDS).min(RECORDS);
        let (chunks, _) = records.as_chunks::<RECORD>();
        let read = chunks.iter().map(|record| u128::from_be_bytes(*record));
        let split = read.map(|both| Record { key: (both >> 64) as u64, place: both as u64 });
        Ok(split.take(usize::try_from(there).unwrap_or(0)).collect())
    }

    /// The records from `from` to `to`, both among them: the first `most`.
    pub(super) fn range(&self, from: Record, to: Record, most: usize) -> io::Result<Vec<Record>> {
        let mut found = Vec::new();
        let read = |number| self.block(number);
        let (mut number, mut block) = last_block_before(from, self.header.blocks(), read)?;
        while number < self.header.blocks() {
            let from_here = block.partition_point(|record| *record < from);
            for record in block.get(from_here..).unwrap_or_default() {
                if *record > to || found.len() >= most {
                    return Ok(found);
                }
                found.push(*record);
            }
            number += 1;
            if number < self.header.blocks() {
                block = self.block(number)?;
            }
        }
        Ok(found)
    }
}

/// The last block that begins below a record, or the first one: what the record would be found in, or behind.
pub(super) fn last_block_before(
    wanted: Record,
    blocks: u64,
    mut read: impl FnMut(u64) -> io::Result<Vec<Record>>,
) -> io::Result<(u64, Vec<Record>)> {
    let mut best = (0, Vec::new());
    // The wanted block is among these; their keys lie between those.
    let mut among: Range<u64> = 0..blocks;
    let mut keys = 0..u64::MAX;
    let mut by_halves = false;
    while !among.is_empty() {
        let number = match by_halves {
            true => among.start + (among.end - among.start) / 2,
            false => guess(&among, &keys, wanted.key),
        };
        by_halves = !by_halves;
        let block = read(number)?;
        match block.first() {
            Some(first) if *first < wanted || number == 0 => {
                keys.start = first.key;
                among.start = number + 1;
                let ends_behind = block.last().is_none_or(|last| *last >= wanted);
                best = (number, block);
                if ends_behind {
                    break;
                }
            }
            Some(first) => {
                keys.end = first.key;
                among.end = number;
            }
            None => among.end = number,
        }
    }
    Ok(best)
}

/// Where a key would stand among blocks whose keys are spread evenly.
fn guess(among: &Range<u64>, keys: &Range<u64>, key: u64) -> u64 {
    let (width, blocks) =
        (u128::from(keys.end.saturating_sub(keys.start)), u128::from(among.end - among.start));
    let into = u128::from(key.saturating_sub(keys.start));
    let offset =
        (into * blocks).checked_div(width).and_then(|blocks| u64::try_from(blocks).ok()).unwrap_or(0);
    (among.start + offset).min(among.end - 1)
}

/// A run that is being written, under a name that nobody looks for.
#[derive(Debug)]
pub(super) struct RunWriter {
    out: BufWriter<File>,
    folder: PathBuf,
    header: Header,
    check: u32,
    block: Vec<u8>,
    written: u64,
    blocks: u64,
}

impl RunWriter {
    /// Begins one, for its owner alone.
    pub(super) fn begin(folder: &Path, header: Header) -> io::Result<RunWriter> {
        let path = unfinished(folder, &header);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let mut writer = RunWriter {
            out: BufWriter::with_capacity(16 * BLOCK, file),
            folder: folder.to_owned(),
            header,
            check: header.told().1,
            block: Vec::with_capacity(BLOCK),
            written: 0,
            blocks: 0,
        };
        writer.out.write_all(&header.encode())?;
        Ok(writer)
    }

    /// Writes the next record, which is greater than all before it.
    pub(super) fn push(&mut self, record: Record) -> io::Result<()> {
        self.block.extend_from_slice(&record.key.to_be_bytes());
        self.block.extend_from_slice(&record.place.to_be_bytes());
        self.written += 1;
        if self.block.len() == CHECK { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.block.resize(CHECK, 0);
        let check = check(self.check, self.blocks, &self.block);
        self.block.extend_from_slice(&check);
        self.block.resize(BLOCK, 0);
        self.out.write_all(&self.block)?;
        self.block.clear();
        self.blocks += 1;
        Ok(())
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> io::Result<Run> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        self.out.flush()?;
        let path = self.folder.join(self.header.name());
        std::fs::rename(unfinished(&self.folder, &self.header), &path)?;
        let run = Run::open(path)?.filter(|_| self.written == self.header.records);
        run.ok_or_else(|| io::Error::other("a run of look-ups has other records than its header says"))
    }

    /// How many records are to come.
    #[cfg(test)]
    pub(super) fn left(&self) -> u64 {
        self.header.records - self.written
    }

    /// Removes what was written. What stays all the same is removed by the next start.
    pub(super) fn give_up(self) {
        let _ = std::fs::remove_file(unfinished(&self.folder, &self.header));
    }
}

fn unfinished(folder: &Path, header: &Header) -> PathBuf {
    folder.join(header.name() + UNFINISHED)
}

/// How the name of a run ends that is being written.
pub(super) const UNFINISHED: &str = ".new";
