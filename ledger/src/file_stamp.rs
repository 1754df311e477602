//! Tells whether a file is the very one that somebody looked at, with the very bytes, without reading it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use glasshouse_verifier::hash::Digest;

use crate::folder_listing::is_absent;

/// A file that changed so short a time ago may change again within the same tick of the file system's clock.
const SETTLED: Duration = Duration::from_secs(2);

/// Two stamps of one name that are equal say that the file was not written in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp([u8; 16]);

impl FileStamp {
    /// That of a file which is not there.
    pub const ABSENT: FileStamp = FileStamp([0; 16]);

    /// That of a file whose bytes are known; for stores that have them at hand.
    pub fn of_bytes(bytes: &[u8]) -> FileStamp {
        FileStamp(Digest::of(bytes).as_bytes().first_chunk().copied().unwrap_or_default())
    }

    /// Of a file on the disk, by its inode, its length and the moment of its last change, which no program can set: whatever
    /// is restored, copied or written into has another one. A whole disk that is set back is set back with them.
    ///
    /// `None` if the last change is less than two seconds ago, or yet to come.
    pub(crate) fn of_file(about: &Metadata, now: SystemTime) -> Option<FileStamp> {
        let now = now.duration_since(UNIX_EPOCH).ok()?;
        let (seconds, nanos) = (u64::try_from(about.ctime()).ok()?, u32::try_from(about.ctime_nsec()).ok()?);
        if now.checked_sub(Duration::new(seconds, nanos))? < SETTLED {
            return None;
        }
        let told = format!("{} {} {} {seconds}.{nanos:09}", about.dev(), about.ino(), about.len());
        Some(FileStamp::of_bytes(told.as_bytes()))
    }

    /// Of what lies at a path, as [`FileStamp::of_file`].
    pub(crate) fn at(path: &Path, now: SystemTime) -> io::Result<Option<FileStamp>> {
        match fs::metadata(path) {
            Ok(about) => Ok(FileStamp::of_file(&about, now)),
            Err(error) if is_absent(&error) => Ok(Some(FileStamp::ABSENT)),
            Err(error) => Err(error),
        }
    }

    /// Gives the file at a path another stamp, if there is one, and leaves its bytes alone.
    pub(crate) fn renew(path: &Path) -> io::Result<()> {
        let file = File::options().write(true).open(path);
        match file.and_then(|file| file.set_modified(SystemTime::now())) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// One for several files, in their order.
    pub(crate) fn together(stamps: &[FileStamp]) -> FileStamp {
        let all: Vec<u8> = stamps.iter().flat_map(|stamp| stamp.0).collect();
        FileStamp::of_bytes(&all)
    }

    /// As it is written down.
    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// As it was written down.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> FileStamp {
        FileStamp(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn stamp(path: &Path, after: u64) -> Option<FileStamp> {
        let about = fs::metadata(path).unwrap();
        let changed =
            UNIX_EPOCH + Duration::new(about.ctime().unsigned_abs(), about.ctime_nsec().try_into().unwrap());
        FileStamp::of_file(&about, changed + Duration::from_secs(after))
    }

    #[test]
    fn whatever_is_written_changes_the_stamp() {
        let scratch = tempfile::tempdir().unwrap();
        let (one, two) = (scratch.path().join("one"), scratch.path().join("two"));
        fs::write(&one, "abc").unwrap();
        let first = stamp(&one, 2).unwrap();
        assert_eq!(stamp(&one, 3), Some(first), "looked at, and nothing else");
        // A copy with the same times, put in its place.
        fs::copy(&one, &two).unwrap();
        let times = fs::metadata(&one).unwrap();
        let times = fs::FileTimes::new().set_modified(times.modified().unwrap());
        fs::File::options().write(true).open(&two).unwrap().set_times(times).unwrap();
        fs::rename(&two, &one).unwrap();
        let restored = stamp(&one, 2).unwrap();
        assert_ne!(restored, first, "another file with the same bytes and times");
        fs::write(&one, "abcd").unwrap();
        assert_ne!(stamp(&one, 2), Some(restored), "longer");
    }

    /// The same length, in the same file: the moment tells, once the clock has gone on.
    #[test]
    fn a_byte_in_place_changes_the_stamp() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("one");
        fs::write(&file, "abc").unwrap();
        let first = stamp(&file, 2).unwrap();
        for _ in 0..100_000 {
            fs::write(&file, "abd").unwrap();
            if stamp(&file, 2) != Some(first) {
                return;
            }
        }
        panic!("the file system's clock stands");
    }

    #[test]
    fn a_stamp_is_renewed_and_the_bytes_stay() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("one");
        FileStamp::renew(&file).unwrap();
        assert_eq!(FileStamp::at(&file, SystemTime::now()).unwrap(), Some(FileStamp::ABSENT), "none is made");
        fs::write(&file, "abc").unwrap();
        let first = stamp(&file, 2);
        for _ in 0..100_000 {
            FileStamp::renew(&file).unwrap();
            if stamp(&file, 2) != first {
                return assert_eq!(fs::read(&file).unwrap(), b"abc");
            }
        }
        panic!("the stamp stays");
    }

    #[test]
    fn a_file_that_has_just_changed_has_none() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("one");
        fs::write(&file, "abc").unwrap();
        assert_eq!((stamp(&file, 0), stamp(&file, 1)), (None, None));
        assert!(stamp(&file, 2).is_some());
        let about = fs::metadata(&file).unwrap();
        assert_eq!(
            FileStamp::of_file(&about, UNIX_EPOCH + Duration::from_secs(1)),
            None,
            "a clock that was set back"
        );
    }
}
