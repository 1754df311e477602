//! A last line by which a file knows itself: its inode and the moment when that was made.
//!
//! Programs that restore files write others, or write into files that lie there; neither can set these two numbers, while
//! content, times and owner come back as they were. A crash, a rename and a move of the whole file system change neither.
//! Where a file system tells no such moment, the inode alone is marked; inodes are used again, so a restore into the same
//! folder may then pass. A whole file system or disk that is set back is set back with its inodes: nothing on it can tell.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::time::UNIX_EPOCH;

/// Begins the line. No state record's last line does.
const WORD: &[u8] = b"file ";
/// Ends it where the moment is not known.
const UNKNOWN: &[u8] = b" -\n";

/// Writes bytes that end with a line feed, and the mark behind them, into a file that was just made.
pub(crate) fn write_marked(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.write_all(&mark_of(&file.metadata()?))
}

/// What stands before the mark, and whether it is the mark of the file that it was read from. A file without one is not.
pub(crate) fn split_marked<'b>(bytes: &'b [u8], file: &Metadata) -> (&'b [u8], bool) {
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let start = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (before, mark) = bytes.split_at(start);
    if mark.starts_with(WORD) { (before, is_same(mark, &mark_of(file))) } else { (bytes, false) }
}

/// Whether two marks are of one file: the same inode, made at the same moment, as far as both know one. A kernel or a file
/// system that begins to tell such moments changes no file.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let unknown = |mark: &[u8]| mark.strip_suffix(UNKNOWN).map(<[u8]>::to_vec);
    let inode = |mark: &[u8]| {
        mark.iter().rposition(|byte| *byte == b' ').and_then(|at| mark.get(..at)).map(<[u8]>::to_vec)
    };
    match (unknown(one), unknown(other)) {
        (None, None) => one == other,
        (Some(one), Some(other)) => one == other,
        (Some(known), None) => inode(other) == Some(known),
        (None, Some(known)) => inode(one) == Some(known),
    }
}

fn mark_of(file: &Metadata) -> Vec<u8> {
    let made = file.created().ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    let made = made.map_or("-".to_owned(), |made| format!("{}.{:09}", made.as_secs(), made.subsec_nanos()));
    [WORD, format!("{} {made}\n", file.ino()).as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::fs;

    #[test]
    fn a_mark_holds_in_its_own_file_only() {
        let scratch = tempfile::tempdir().unwrap();
        let (one, two) = (scratch.path().join("one"), scratch.path().join("two"));
        for before in [b"a\nb\n".as_slice(), b"", b"\n"] {
            write_marked(&mut File::create(&one).unwrap(), before).unwrap();
            let bytes = fs::read(&one).unwrap();
            assert_eq!(split_marked(&bytes, &fs::metadata(&one).unwrap()), (before, true));
            fs::write(&two, &bytes).unwrap();
            assert_eq!(split_marked(&bytes, &fs::metadata(&two).unwrap()), (before, false));
            // Written into the same file, as `cp` does: it is the same one.
            fs::write(&one, &bytes).unwrap();
            assert_eq!(split_marked(&bytes, &fs::metadata(&one).unwrap()), (before, true));
            fs::remove_file(&one).unwrap();
        }
    }

    /// As where a later kernel tells the moment, or an earlier one does not.
    #[test]
    fn an_unknown_moment_leaves_the_inode() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("one");
        write_marked(&mut File::create(&file).unwrap(), b"a\n").unwrap();
        let (bytes, about) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap());
        let (own, other) = (format!("file {} -\n", about.ino()), format!("file {} -\n", about.ino() + 1));
        for (mark, is_own) in [(&own, true), (&other, false)] {
            let bytes = [b"a\n", mark.as_bytes()].concat();
            assert_eq!(split_marked(&bytes, &about), (b"a\n".as_slice(), is_own), "{mark}");
        }
        let told = bytes.strip_prefix(b"a\n").unwrap();
        assert!(is_same(told, own.as_bytes()) && is_same(own.as_bytes(), own.as_bytes()));
        assert!(!is_same(told, other.as_bytes()) && !is_same(other.as_bytes(), own.as_bytes()));
        let later = [own.strip_suffix("-\n").unwrap(), "1.000000000\n"].concat();
        assert_eq!(is_same(told, later.as_bytes()), told.ends_with(UNKNOWN), "two moments that are known");
    }

    #[test]
    fn what_has_no_mark_is_given_whole() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("one");
        fs::write(&file, "").unwrap();
        let file = fs::metadata(&file).unwrap();
        for bytes in [b"a\nsha256 0\n".as_slice(), b"", b"\n", b"a", b"xfile 1 2\n"] {
            assert_eq!(split_marked(bytes, &file), (bytes, false));
        }
        for mark in ["file \n", "file 1 2", "file  1 2\n", "file"] {
            let bytes = [b"a\n", mark.as_bytes()].concat();
            assert!(!split_marked(&bytes, &file).1, "{mark}");
        }
    }
}
