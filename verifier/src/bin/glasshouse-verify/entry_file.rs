//! The entries that an audit has read, in one file: each behind its length in 16 bits, as bundles hold them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Entries between two places that are remembered: a bundle.
const STEP: u64 = 256;

/// A file that grows at its end. Memory: 8 bytes for 256 entries.
pub(crate) struct EntryFile(Mutex<Inner>);

struct Inner {
    file: File,
    /// Where entry 0, 256, 512 … begins.
    starts: Vec<u64>,
    entries: u64,
    length: u64,
}

impl EntryFile {
    /// Opens the file or makes an empty one. What it holds counts only when [`EntryFile::know`] was told of it.
    pub(crate) fn open(path: &Path) -> io::Result<EntryFile> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(EntryFile(Mutex::new(Inner { file, starts: Vec::new(), entries: 0, length: 0 })))
    }

    /// Bytes on the disk, known or not.
    pub(crate) fn disk_length(&self) -> io::Result<u64> {
        Ok(self.lock().file.metadata()?.len())
    }

    /// Bytes of the entries that are known.
    pub(crate) fn length(&self) -> u64 {
        self.lock().length
    }

    /// Reads bytes at a place, fewer at the end of the file.
    pub(crate) fn read_at(&self, place: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut inner = self.lock();
        inner.file.seek(SeekFrom::Start(place))?;
        let mut bytes = Vec::new();
        (&mut inner.file).take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Takes in that the next entry of the file has this many bytes without its length.
    pub(crate) fn know(&self, entry: usize) {
        self.lock().know(entry);
    }

    /// Knows of nothing any more; the bytes stay.
    pub(crate) fn forget(&self) {
        let mut inner = self.lock();
        inner.starts.clear();
        (inner.entries, inner.length) = (0, 0);
    }

    /// Appends entries. What stood behind the last known one is gone.
    pub(crate) fn append(&self, entries: &[&[u8]]) -> io::Result<()> {
        let mut inner = self.lock();
        let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
        for entry in entries {
            let length = u16::try_from(entry.len()).map_err(io::Error::other)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        let end = inner.length;
        inner.file.seek(SeekFrom::Start(end))?;
        inner.file.write_all(&bytes)?;
        entries.iter().for_each(|entry| inner.know(entry.len()));
        Ok(())
    }

    /// Makes what was appended durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.lock().file.sync_data()
    }

    /// Cuts off what lies behind the known entries.
    pub(crate) fn cut(&self) -> io::Result<()> {
        let inner = self.lock();
        inner.file.set_len(inner.length)
    }

    /// A bundle of that width, if all of it is known.
    pub(crate) fn bundle(&self, index: u64, width: u16) -> io::Result<Option<Vec<u8>>> {
        let mut inner = self.lock();
        let Some(first) = index.checked_mul(STEP) else { return Ok(None) };
        let last = first.saturating_add(u64::from(width));
        if last > inner.entries {
            return Ok(None);
        }
        let at = usize::try_from(index).map_err(io::Error::other)?;
        let Some(start) = inner.starts.get(at).copied() else { return Ok(None) };
        let end = inner.starts.get(at + 1).copied().unwrap_or(inner.length);
        inner.file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
        inner.file.read_exact(&mut bytes)?;
        bytes.truncate(prefix(&bytes, width));
        Ok(Some(bytes))
    }

    /// Bytes of the first entries, as many as that; of all that are known, if these are fewer.
    pub(crate) fn length_of(&self, entries: u64) -> io::Result<u64> {
        {
            let inner = self.lock();
            if entries >= inner.entries {
                return Ok(inner.length);
            }
            let start = usize::try_from(entries / STEP).ok().and_then(|at| inner.starts.get(at).copied());
            if let Some(start) = start.filter(|_| entries.is_multiple_of(STEP)) {
                return Ok(start);
            }
        }
        let width = u16::try_from(entries % STEP).map_err(io::Error::other)?;
        let part = self.bundle(entries / STEP, width)?.unwrap_or_default();
        Ok(self.length_of(entries - entries % STEP)? + part.len() as u64)
    }

    /// One entry, if it is known.
    pub(crate) fn entry(&self, index: u64) -> io::Result<Option<Vec<u8>>> {
        let width = u16::try_from(index % STEP).map_err(io::Error::other)?;
        let Some(bytes) = self.bundle(index / STEP, width + 1)? else { return Ok(None) };
        Ok(bytes.get(prefix(&bytes, width) + 2..).map(<[u8]>::to_vec))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn know(&mut self, entry: usize) {
        if self.entries.is_multiple_of(STEP) {
            self.starts.push(self.length);
        }
        self.entries += 1;
        self.length += 2 + entry as u64;
    }
}

/// The bytes of the first entries of a bundle.
fn prefix(bytes: &[u8], width: u16) -> usize {
    let mut end = 0;
    for _ in 0..width {
        let Some([high, low]) = bytes.get(end..end + 2) else { return bytes.len() };
        end += 2 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    end
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn bundles_come_back_and_what_is_not_known_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = EntryFile::open(&folder.path().join("entries")).unwrap();
        let entries: Vec<Vec<u8>> = (0..600_u16).map(|n| vec![7; usize::from(n % 5)]).collect();
        let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        file.append(&slices[..300]).unwrap();
        file.append(&slices[300..]).unwrap();
        for (index, width) in [(0, 256), (0, 3), (1, 256), (2, 88), (2, 1)] {
            let first = usize::try_from(index * STEP).unwrap();
            let expected =
                glasshouse_verifier::bundle::encode_bundle(&slices[first..first + usize::from(width)]);
            assert_eq!(file.bundle(index, width).unwrap(), expected.ok(), "{index} {width}");
        }
        assert_eq!(file.bundle(2, 89).unwrap(), None);
        assert_eq!(file.bundle(3, 1).unwrap(), None);
        let again = EntryFile::open(&folder.path().join("entries")).unwrap();
        assert_eq!((again.disk_length().unwrap(), again.length()), (file.length(), 0));
        again.cut().unwrap();
        assert_eq!(again.disk_length().unwrap(), 0);
    }
}
