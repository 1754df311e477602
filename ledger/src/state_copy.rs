//! The embedded copy of the state, read without touching it. Opening the database writes to its folder, and mends or cuts what is
//! damaged; so its files are copied aside, and the copy is opened.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::embedded_state::EmbeddedState;
use crate::store::{StateCopy, StoreError};

/// What the database in `folder` holds under a key. Nobody may write there meanwhile.
///
/// # Errors
///
/// [`StoreError::Io`] where the files cannot be copied, for instance for lack of room in the system's temporary folder.
pub(crate) fn load_untouched(folder: &Path, key: &'static [u8]) -> Result<StateCopy, StoreError> {
    if !folder.exists() {
        return Ok(StateCopy::Missing);
    }
    let aside = Aside::new()?;
    let copy = aside.0.join("copy");
    copy_all(folder, &copy)?;
    Ok(EmbeddedState::open(&copy)?.load(key))
}

/// A folder in the system's temporary one, for its owner alone; removed when dropped.
struct Aside(PathBuf);

impl Aside {
    fn new() -> Result<Aside, StoreError> {
        let mut name = [0; 8];
        let root = std::env::temp_dir();
        getrandom::fill(&mut name).map_err(|error| {
            StoreError::io("name a folder in", &root)(std::io::Error::other(error.to_string()))
        })?;
        let path = root.join(format!("glasshouse-{}", hex::encode(name)));
        DirBuilder::new().mode(0o700).create(&path).map_err(StoreError::io("make the folder", &path))?;
        Ok(Aside(path))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What stays lies where the system removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_all(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::create_dir(to).map_err(StoreError::io("make the folder", to))?;
    for entry in fs::read_dir(from).map_err(StoreError::io("list", from))? {
        let entry = entry.map_err(StoreError::io("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(StoreError::io("read", &source))?;
        if kind.is_dir() {
            copy_all(&source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target).map_err(StoreError::io("copy", &source))?;
        }
    }
    Ok(())
}
