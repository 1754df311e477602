//! Which files lie in a folder of a store.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::store::StoreError;

/// Not there: also where a file stands in the place of a folder on the way, or a folder in the place of a file.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// The names of all files in a folder and below it, each behind `name`, in no order.
///
/// # Errors
///
/// [`StoreError::Io`].
pub(crate) fn list_into(folder: &Path, name: &str, names: &mut Vec<String>) -> Result<(), StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if is_absent(&error) => return Ok(()),
        other => other.map_err(StoreError::io("list", folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        // A file with a name that is no text was not written by a store.
        let Ok(below) = entry.file_name().into_string() else {
            continue;
        };
        let below = format!("{name}/{below}");
        let kind = entry.file_type().map_err(StoreError::io("list", folder))?;
        if kind.is_dir() {
            list_into(&entry.path(), &below, names)?;
        } else {
            names.push(below);
        }
    }
    Ok(())
}
