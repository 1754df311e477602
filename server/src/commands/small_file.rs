//! Files that somebody names on the command line, and that are small if they are what they should be.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::CommandError;

/// The rules of a log: 65,536 characters, each of at most four bytes.
pub(super) const RULES_MAX: usize = 4 * 65_536;

/// Reads a file of at most `most` bytes.
///
/// # Errors
///
/// [`CommandError::Refused`] for a larger one, of which no more is read; [`CommandError::Io`].
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<u8>, CommandError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(CommandError::io(name.clone()))?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(CommandError::io(name.clone()))?;
    if bytes.len() > most {
        return Err(CommandError::Refused(format!(
            "{name}: such a file has at most {most} bytes, and this has more; is it the right one?"
        )));
    }
    Ok(bytes)
}

/// The same, of text.
///
/// # Errors
///
/// As [`read`]; [`CommandError::Refused`] for what is not UTF-8.
pub(super) fn read_text(path: &Path, most: usize) -> Result<String, CommandError> {
    let not_text = |_| CommandError::Refused(format!("{}: such a file is text in UTF-8", path.display()));
    String::from_utf8(read(path, most)?).map_err(not_text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// A policy that never ended took all memory.
    #[test]
    fn no_more_is_read_than_such_a_file_can_have() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"0123456789").unwrap();
        assert_eq!(read(file.path(), 10).unwrap(), b"0123456789");
        for (path, most) in [(file.path(), 9), (Path::new("/dev/zero"), 262_144)] {
            let error = read(path, most).unwrap_err();
            assert!(matches!(error, CommandError::Refused(_)), "{error}");
            assert!(error.to_string().contains(&format!("at most {most} bytes")), "{error}");
        }
        assert!(matches!(read(Path::new("/nowhere"), 1), Err(CommandError::Io { .. })));
        std::fs::write(file.path(), b"\xff").unwrap();
        assert!(read_text(file.path(), 1).unwrap_err().to_string().ends_with("text in UTF-8"));
    }
}
