//! The embedded copy of the state, read without touching it. Opening the database writes to its folder, and mends or cuts what is
//! damaged; so its files are copied aside, and the copy is opened.

use std::fs::{self, DirBuilder, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::embedded_state::EmbeddedState;
use crate::store::{StateCopy, StoreError};

/// So many bytes are copied at once.
const CHUNK: usize = 64 << 10;
/// What sled may want to write into a copy of a database that is in order, in bytes, and more.
const ROOM: usize = 1 << 20;

/// What was found of the embedded copy.
#[derive(Debug)]
pub(crate) enum Untouched {
    /// This is what it holds.
    Judged(StateCopy),
    /// Nothing is known of it: it could not be copied aside. Why, and what helps.
    NotJudged(String),
}

/// What the database in `folder` holds under a key. Nobody may write there meanwhile.
///
/// # Errors
///
/// [`StoreError::Io`] where its files cannot be read. That there is no room for the copy is no error.
pub(crate) fn load_untouched(folder: &Path, key: &'static [u8]) -> Result<Untouched, StoreError> {
    if !folder.exists() {
        return Ok(Untouched::Judged(StateCopy::Missing));
    }
    match look(folder, key) {
        Ok(copy) => Ok(Untouched::Judged(copy)),
        Err(Trouble::Source(error)) => Err(error),
        Err(Trouble::Aside(error)) => Ok(Untouched::NotJudged(format!(
            "{error}; TMPDIR names another folder with room for a copy of it"
        ))),
    }
}

/// Which side of the copy failed.
enum Trouble {
    /// The database's own files.
    Source(StoreError),
    /// The system's temporary folder.
    Aside(StoreError),
}

fn look(folder: &Path, key: &'static [u8]) -> Result<StateCopy, Trouble> {
    let aside = Aside::new().map_err(Trouble::Aside)?;
    let copy = aside.0.join("copy");
    copy_all(folder, &copy)?;
    let found = EmbeddedState::open(&copy).map_err(Trouble::Aside)?.load(key);
    if matches!(found, StateCopy::Unreadable(_)) {
        // It may be the copy that sled could not open, and not the database.
        aside.check_room().map_err(Trouble::Aside)?;
    }
    Ok(found)
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

    /// Writes a little.
    fn check_room(&self) -> Result<(), StoreError> {
        let path = self.0.join("room");
        fs::write(&path, vec![0; ROOM]).map_err(StoreError::io("write", &path))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What stays lies where the system removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy_all(from: &Path, to: &Path) -> Result<(), Trouble> {
    let source_io = |what, path: &Path| {
        let path = path.to_owned();
        move |error| Trouble::Source(StoreError::io(what, &path)(error))
    };
    fs::create_dir(to).map_err(|error| Trouble::Aside(StoreError::io("make the folder", to)(error)))?;
    for entry in fs::read_dir(from).map_err(source_io("list", from))? {
        let entry = entry.map_err(source_io("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(source_io("read", &source))?;
        if kind.is_dir() {
            copy_all(&source, &target)?;
        } else if kind.is_file() {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

fn copy_file(source: &Path, target: &Path) -> Result<(), Trouble> {
    let read = |error| Trouble::Source(StoreError::io("read", source)(error));
    let write = |error| Trouble::Aside(StoreError::io("write", target)(error));
    let (mut from, mut to) = (File::open(source).map_err(read)?, File::create(target).map_err(write)?);
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk).map_err(read)? {
            0 => return Ok(()),
            length => to.write_all(chunk.get(..length).unwrap_or_default()).map_err(write)?,
        }
    }
}
