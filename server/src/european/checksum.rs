//! The file that lies beside each dump: its SHA-1, in the form of `sha1sum`. It tells a broken download, nothing more.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha1::{Digest as _, Sha1};

/// Longest such file that is read, in bytes: 40 digits, two spaces, and the longest name that file systems take.
const MAX_LENGTH: u64 = 1024;

/// A SHA-1, 20 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum([u8; 20]);

/// Why a dump's checksum cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum ChecksumError {
    /// The file system failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file beside the dump says something else.
    #[error("{0} does not hold a SHA-1: 40 hex digits, two spaces, the name of the dump")]
    Form(PathBuf),
}

impl Checksum {
    /// Of everything that comes.
    ///
    /// # Errors
    /// Input.
    pub fn of(mut source: impl Read) -> io::Result<Checksum> {
        let mut hash = Sha1::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(Checksum(hash.finalize().into())),
                given => hash.update(buffer.get(..given).unwrap_or_default()),
            }
        }
    }

    /// Where the checksum of a dump lies: `.sha1` behind its name.
    pub fn path_for(dump: &Path) -> PathBuf {
        let mut path = dump.as_os_str().to_owned();
        path.push(".sha1");
        path.into()
    }

    /// The one that lies beside a dump; `None` if there is none. The name in it is not compared: a file that was renamed
    /// is the same file.
    ///
    /// # Errors
    /// [`ChecksumError`].
    pub fn beside(dump: &Path) -> Result<Option<Checksum>, ChecksumError> {
        let path = Checksum::path_for(dump);
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ChecksumError::Io { path, source }),
        };
        let mut text = String::new();
        match file.take(MAX_LENGTH).read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(ChecksumError::Form(path));
            }
            Err(source) => return Err(ChecksumError::Io { path, source }),
        }
        Checksum::parse(&text).ok_or(ChecksumError::Form(path)).map(Some)
    }

    /// Reads `<40 hex>` and whatever follows a space.
    pub fn parse(text: &str) -> Option<Checksum> {
        let digits = text.split_ascii_whitespace().next()?;
        let bytes = hex::decode(digits).ok()?;
        Some(Checksum(bytes.try_into().ok()?))
    }

    /// The line beside a dump of that name.
    pub fn encode(&self, name: &str) -> String {
        format!("{}  {name}\n", self.to_hex())
    }

    /// 40 lower-case hex digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// From FIPS 180-4's examples: SHA-1 of "abc".
    const ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

    #[test]
    fn what_is_written_is_read() {
        let sum = Checksum::of(&b"abc"[..]).unwrap();
        assert_eq!(sum.encode("a.zip"), format!("{ABC}  a.zip\n"));
        assert_eq!(Checksum::parse(&sum.encode("a.zip")), Some(sum));
        assert_eq!(Checksum::parse(&ABC.to_uppercase()), Some(sum));
        for wrong in ["", "abc  a.zip", &ABC[1..], &format!("{ABC}0")] {
            assert_eq!(Checksum::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_file_beside_a_dump_is_found_and_must_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let dump = folder.path().join("a.zip");
        assert_eq!(Checksum::beside(&dump).unwrap(), None);
        std::fs::write(folder.path().join("a.zip.sha1"), format!("{ABC}  other.zip\n")).unwrap();
        assert_eq!(Checksum::beside(&dump).unwrap(), Checksum::of(&b"abc"[..]).ok());
        for wrong in [&b"<html>"[..], b"\xff\xfe"] {
            std::fs::write(folder.path().join("a.zip.sha1"), wrong).unwrap();
            assert!(matches!(Checksum::beside(&dump), Err(ChecksumError::Form(_))));
        }
    }
}
