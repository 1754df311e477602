//! Reads files, never more of one than its format allows.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::answer::Trouble;

/// The bytes of a file; more than `most` is trouble, because no such file has a right content.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Trouble> {
    let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|error| trouble(&error))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| trouble(&error))?;
    if bytes.len() > most {
        return Err(trouble(&format!("larger than the {most} bytes that such a file can have")));
    }
    Ok(bytes)
}

/// The same as text.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String, Trouble> {
    String::from_utf8(read(path, most)?).map_err(|_| Trouble(format!("{}: not UTF-8 text", path.display())))
}
