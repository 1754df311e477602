//! The files of a data set on the disk: written aside, and put under their name together.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::answer::Trouble;

use super::manifest::MANIFEST;

/// The folder of the files with rows, so that programs that read whole folders find nothing else in it.
pub(crate) const ENTRIES: &str = "entries";

/// Bytes that are read at once to hash a file.
const READ_AT_ONCE: usize = 1 << 20;

/// One file, as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataFile {
    /// Its path in the folder.
    pub(crate) name: String,
    /// The month of its entries, YYYY-MM; null for those without one.
    pub(crate) month: Option<String>,
    /// How many rows it has.
    pub(crate) rows: u64,
    /// How long it is.
    pub(crate) bytes: u64,
    /// SHA-256 of it, hex.
    pub(crate) sha256: String,
}

/// Hashes what goes through.
pub(crate) struct Hashing<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(out: W) -> Hashing<W> {
        Hashing { out, hash: Sha256::new(), bytes: 0 }
    }

    /// How many bytes went through, and their SHA-256 in hex.
    pub(crate) fn finish(mut self) -> io::Result<(u64, String)> {
        self.out.flush()?;
        Ok((self.bytes, hex::encode(self.hash.finalize())))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// SHA-256 of a file that is there, hex.
pub(crate) fn sha256_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut some = vec![0; READ_AT_ONCE];
    loop {
        match file.read(&mut some)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(some.get(..read).unwrap_or_default()),
        }
    }
}

/// A folder in the making. Dropped before its end, nothing of it is left.
pub(crate) struct Folder {
    aside: tempfile::TempDir,
    name: PathBuf,
}

impl Folder {
    /// Begins beside the place where the folder is to be, which must be free.
    pub(crate) fn beside(name: &Path) -> Result<Folder, Trouble> {
        let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", name.display()));
        if name.symlink_metadata().is_ok() {
            return Err(trouble(&"it is there already: give the name of a new folder"));
        }
        let last = name.file_name().ok_or_else(|| trouble(&"this is no name of a folder"))?;
        let parent = name.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let prefix = format!(".{}.", last.to_string_lossy());
        let aside = tempfile::Builder::new().prefix(&prefix).suffix(".unfinished").tempdir_in(parent);
        let aside = aside.map_err(|error| trouble(&error))?;
        std::fs::create_dir(aside.path().join(ENTRIES)).map_err(|error| trouble(&error))?;
        Ok(Folder { aside, name: name.to_owned() })
    }

    /// A new file in it.
    pub(crate) fn create(&self, name: &str) -> io::Result<Durable> {
        Ok(Durable(File::create_new(self.aside.path().join(name))?))
    }

    /// Writes the manifest, and gives the folder its name: all of it is on the disk then.
    pub(crate) fn finish(self, manifest: &str) -> Result<PathBuf, Trouble> {
        let name = self.name.clone();
        self.publish(manifest).map_err(|error| Trouble(format!("{}: {error}", name.display())))?;
        Ok(name)
    }

    fn publish(self, manifest: &str) -> io::Result<()> {
        let mut file = self.create(MANIFEST)?;
        file.write_all(manifest.as_bytes())?;
        file.flush()?;
        File::open(self.aside.path().join(ENTRIES))?.sync_all()?;
        File::open(self.aside.path())?.sync_all()?;
        // A folder of that name that came meanwhile is not replaced, unless it is empty.
        let renamed = std::fs::rename(self.aside.path(), &self.name);
        // It has another name now, or is all that hours of work have given: nothing is to be removed.
        let made = self.aside.keep();
        renamed.map_err(|error| {
            io::Error::other(format!("{error}; the finished data set lies in {}: move it", made.display()))
        })?;
        let parent = self.name.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// A file whose bytes are on the disk once it was flushed.
pub(crate) struct Durable(File);

impl Write for Durable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}
