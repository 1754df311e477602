//! Lines on their way into a file: the file appears whole or not at all, and an import that was killed goes on.
//!
//! Beside `lines.jsonl` lie meanwhile `lines.jsonl.partial`, what was written, and `lines.jsonl.partial.json`, how far
//! that is certain: so many rows of this dump were looked at, and their lines are the first so many bytes. What is true if
//! the process dies: the second is written after the first is on disk, so its bytes are there; what lies behind them
//! is cut off and made again. Once all is written, the first takes the file's name and the second goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes at both ends of a dump that say whether it is the same one. A zip's list of files, with a checksum of each, lies
/// at its end.
const END_BYTES: u64 = 64 << 10;
/// Longest file about progress that is read, in bytes: it holds some ten numbers.
const MAX_PROGRESS: u64 = 64 << 10;

/// What an import counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that were looked at.
    pub rows: u64,
    /// Lines that were written.
    pub lines: u64,
    /// Rows that are wrong.
    pub wrong: u64,
    /// Rows of other platforms.
    pub passed_over: u64,
    /// Rows of which something was left out, as the European database leaves it out.
    pub trimmed: u64,
}

/// How far an import came.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    /// What is imported, and how: another dump or other options begin anew.
    import: String,
    counts: Counts,
    /// Bytes of the lines.
    bytes: u64,
}

/// What is imported, and how: digests of both ends of the dump, its length, and the options.
///
/// # Errors
/// Input.
pub fn identity(mut dump: impl Read + Seek, options: &str) -> io::Result<String> {
    let length = dump.seek(SeekFrom::End(0))?;
    let mut hash = Sha256::new();
    hash.update(length.to_be_bytes());
    for start in [0, length.saturating_sub(END_BYTES)] {
        dump.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        dump.by_ref().take(END_BYTES).read_to_end(&mut bytes)?;
        hash.update(&bytes);
    }
    hash.update(options);
    Ok(hex::encode(hash.finalize()))
}

/// A file of lines that is being written.
pub struct Partial {
    path: PathBuf,
    out: BufWriter<File>,
    import: String,
    bytes: u64,
}

impl Partial {
    /// Begins, or goes on where an import with the same identity was ended. The counts say how far that was.
    ///
    /// # Errors
    /// The file system, and `WouldBlock` if another process writes the same file.
    pub fn open(path: &Path, import: String) -> io::Result<(Partial, Counts)> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(behind(path, ".partial"))?;
        if file.try_lock().is_err() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        // Another process may have given it its name between: then it is no longer ours to cut.
        let there = fs::metadata(behind(path, ".partial"));
        let length = file.metadata()?.len();
        if !there.is_ok_and(|there| there.ino() == file.metadata().map_or(0, |own| own.ino())) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let before = read_progress(path).filter(|before| before.import == import && before.bytes <= length);
        let before = before.unwrap_or(Progress { import, counts: Counts::default(), bytes: 0 });
        file.set_len(before.bytes)?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        out.seek(SeekFrom::Start(before.bytes))?;
        let Progress { import, counts, bytes } = before;
        Ok((Partial { path: path.to_owned(), out, import, bytes }, counts))
    }

    /// Appends a line.
    ///
    /// # Errors
    /// The file system.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.out.write_all(line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Makes certain that an import that is ended now goes on from here.
    ///
    /// # Errors
    /// The file system.
    pub fn settle(&mut self, counts: &Counts) -> io::Result<()> {
        self.sync()?;
        let progress = Progress { import: self.import.clone(), counts: *counts, bytes: self.bytes };
        let text = serde_json::to_vec(&progress).map_err(io::Error::other)?;
        let (place, fresh) = (behind(&self.path, ".partial.json"), behind(&self.path, ".partial.json.new"));
        let mut file = File::create(&fresh)?;
        file.write_all(&text)?;
        file.sync_data()?;
        fs::rename(&fresh, &place)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_data()
    }

    /// The file is whole: it gets its name.
    ///
    /// # Errors
    /// The file system.
    pub fn finish(mut self) -> io::Result<()> {
        self.sync()?;
        fs::rename(behind(&self.path, ".partial"), &self.path)?;
        remove(&behind(&self.path, ".partial.json"))?;
        match self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }

    /// Nothing of it is wanted: what was there before stays.
    ///
    /// # Errors
    /// The file system.
    pub fn discard(self) -> io::Result<()> {
        remove(&behind(&self.path, ".partial.json"))?;
        remove(&behind(&self.path, ".partial"))
    }
}

fn read_progress(path: &Path) -> Option<Progress> {
    let mut bytes = Vec::new();
    let file = File::open(behind(path, ".partial.json")).ok()?;
    file.take(MAX_PROGRESS).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The same name with something behind it.
fn behind(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn counts(rows: u64) -> Counts {
        Counts { rows, lines: rows, ..Counts::default() }
    }

    #[test]
    fn an_import_that_was_ended_goes_on_behind_what_was_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::write(&path, "before").unwrap();
        let (mut partial, begun) = Partial::open(&path, "one".to_owned()).unwrap();
        assert_eq!(begun, Counts::default());
        partial.write(b"a\n").unwrap();
        partial.settle(&counts(1)).unwrap();
        partial.write(b"b is lost\n").unwrap();
        drop(partial);
        let (mut partial, begun) = Partial::open(&path, "one".to_owned()).unwrap();
        assert_eq!(begun, counts(1));
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        partial.write(b"b\n").unwrap();
        partial.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn another_import_begins_anew_and_a_failed_one_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let (mut partial, _) = Partial::open(&path, "one".to_owned()).unwrap();
        partial.write(b"a\n").unwrap();
        partial.settle(&counts(1)).unwrap();
        let error = Partial::open(&path, "one".to_owned()).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "one at a time");
        drop(partial);
        let (partial, begun) = Partial::open(&path, "two".to_owned()).unwrap();
        assert_eq!(begun, Counts::default());
        partial.discard().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_says_more_than_is_there_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let (mut partial, _) = Partial::open(&path, "one".to_owned()).unwrap();
        partial.write(b"a\n").unwrap();
        partial.settle(&counts(1)).unwrap();
        drop(partial);
        fs::write(behind(&path, ".partial"), "a").unwrap();
        assert_eq!(Partial::open(&path, "one".to_owned()).unwrap().1, Counts::default());
        fs::write(behind(&path, ".partial.json"), "{").unwrap();
        assert_eq!(Partial::open(&path, "one".to_owned()).unwrap().1, Counts::default());
    }

    #[test]
    fn two_dumps_that_differ_at_an_end_are_two() {
        let long = vec![b'x'; 3 * (64 << 10)];
        let of = |bytes: &[u8], options| identity(io::Cursor::new(bytes.to_vec()), options).unwrap();
        let mut other = long.clone();
        *other.last_mut().unwrap() = b'y';
        assert_ne!(of(&long, "a"), of(&other, "a"));
        assert_ne!(of(&long, "a"), of(&long, "b"));
        assert_ne!(of(&long, "a"), of(&long[1..], "a"));
        assert_eq!(of(&long, "a"), of(&long.clone(), "a"));
        assert_ne!(of(b"", "a"), of(b"a", "a"));
    }
}
