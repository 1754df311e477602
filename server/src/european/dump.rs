//! The CSV files of a dump as it was published: a zip of zips of them, one of these zips, or one of the files.
//!
//! The outer zip is not compressed, so an inner one is read where it lies. Everything is read once, from front to end, in
//! little memory, however large a zip says its files are.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::window::Window;

/// Most files in one zip. The busiest day of the European database, with 739 million statements, had 739 inner zips.
const MAX_MEMBERS: usize = 10_000;

/// Most bytes that are read to find a zip's list of files, so that it cannot fill the memory: [`MAX_MEMBERS`] lines of
/// some 100 bytes, and room.
const MAX_DIRECTORY: u64 = 2 << 20;

/// Longest name of a file inside, in bytes: what file systems take.
const MAX_NAME: usize = 255;

/// Most bytes of one CSV file, unpacked. One of 100,000 rows has some 100 MB; forty times that is no dump.
const MAX_CSV: u64 = 4 << 30;

/// A dump on disk.
#[derive(Debug)]
pub struct Dump {
    window: Window,
    name: String,
    length: u64,
    is_zip: bool,
}

/// Which CSV file of a dump it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvName {
    /// The file's own name.
    pub name: String,
    /// The inner zip that holds it, if there is one.
    pub zip: Option<String>,
}

impl fmt::Display for CsvName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(zip) = &self.zip {
            write!(out, "{zip}/")?;
        }
        out.write_str(&self.name)
    }
}

/// Why a dump cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The file system failed.
    #[error("{name}: {source}")]
    Io {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A zip without its end.
    #[error("{0} is cut off: it begins as a zip, and its list of files, which stands at the end, is missing")]
    Cut(String),
    /// Bytes that are no zip, or of a kind that is not read.
    #[error("{name} is damaged, or no zip as dumps are: {rule}")]
    Damaged {
        /// The zip.
        name: String,
        /// What is wrong with it.
        rule: String,
    },
    /// A zip with no file in it.
    #[error("{0} holds no file")]
    Hollow(String),
    /// A bound of ours.
    #[error("{name} is no dump: {rule}")]
    Bound {
        /// The zip.
        name: String,
        /// Which bound.
        rule: String,
    },
}

impl Dump {
    /// Opens a file and sees whether it is a zip.
    ///
    /// # Errors
    /// [`DumpError::Io`].
    pub fn open(path: &Path) -> Result<Dump, DumpError> {
        let io = |source| DumpError::Io { name: path.display().to_string(), source };
        let file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_dir() {
            return Err(io(io::ErrorKind::IsADirectory.into()));
        }
        let length = metadata.len();
        let window = Window::whole(Arc::new(file), length);
        let mut begins = [0; 4];
        let found = window.clone().take(4).read(&mut begins).map_err(io)?;
        let is_zip = found == 4 && matches!(&begins, b"PK\x03\x04" | b"PK\x05\x06");
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Dump { window, name, length, is_zip })
    }

    /// How many bytes the file has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// All bytes of the file, as they lie.
    pub fn bytes(&self) -> Window {
        self.window.clone()
    }

    /// Gives every CSV file to `each`, in the order in which they lie.
    ///
    /// # Errors
    /// [`DumpError`], and what `each` fails with.
    pub fn each_csv<E: From<DumpError>>(
        &self,
        each: &mut dyn FnMut(&CsvName, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_zip {
            return each_member(&self.window, &self.name, None, each);
        }
        let name = CsvName { name: self.name.clone(), zip: None };
        each(&name, &mut self.window.clone())
    }
}

/// Gives every CSV file of a zip to `each`. `outer` is the name of this zip if it lies in another one.
fn each_member<E: From<DumpError>>(
    window: &Window,
    name: &str,
    outer: Option<&str>,
    each: &mut dyn FnMut(&CsvName, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = open_zip(window, name)?;
    for at in 0..archive.len() {
        let stored = stored_member(&mut archive, at, name)?;
        let place = outer.map_or_else(|| stored.name.clone(), |outer| format!("{outer}/{}", stored.name));
        if stored.name.ends_with(".zip") {
            if outer.is_some() {
                let rule = format!("{} is a zip three deep", stored.name);
                return Err(DumpError::Bound { name: name.to_owned(), rule }.into());
            }
            let inner = stored.window(window, name)?;
            each_member(&inner, &stored.name, Some(&stored.name), each)?;
            continue;
        }
        let mut file = archive.by_index(at).map_err(|error| of_zip(error, &place))?;
        let csv = CsvName { name: stored.name, zip: outer.map(str::to_owned) };
        each(&csv, &mut Bounded { source: &mut file, left: MAX_CSV })?;
    }
    Ok(())
}

/// Opens a zip, reading no more than its list of files may take.
fn open_zip(window: &Window, name: &str) -> Result<ZipArchive<Window>, DumpError> {
    window.allow(MAX_DIRECTORY);
    // An inner zip lies whole in the outer one. Where that is cut off, the list of the last inner one is found at its end,
    // and must not be taken for its own: so the list says where it lies from the first byte of the file on.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let opened = ZipArchive::with_config(config, window.clone());
    window.allow(u64::MAX);
    let archive = opened.map_err(|error| match error {
        // The list is looked for from the end on; where it is not, the search is stopped by the bound.
        ZipError::InvalidArchive(_) => DumpError::Cut(name.to_owned()),
        ZipError::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => DumpError::Cut(name.to_owned()),
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            DumpError::Cut(name.to_owned())
        }
        error => of_zip(error, name),
    })?;
    let bound = |rule: String| Err(DumpError::Bound { name: name.to_owned(), rule });
    if archive.is_empty() {
        return Err(DumpError::Hollow(name.to_owned()));
    }
    if archive.len() > MAX_MEMBERS {
        return bound(format!("it holds {} files, more than {MAX_MEMBERS}", archive.len()));
    }
    if archive.has_duplicate_names() {
        return bound("it holds two files of one name".to_owned());
    }
    Ok(archive)
}

/// A member of a zip, and where its bytes lie.
struct Member {
    name: String,
    start: Option<u64>,
    length: u64,
    is_stored: bool,
}

impl Member {
    /// Its bytes, which are stored as they are.
    fn window(&self, window: &Window, zip: &str) -> Result<Window, DumpError> {
        let damaged =
            |rule: &str| DumpError::Damaged { name: zip.to_owned(), rule: format!("{} {rule}", self.name) };
        if !self.is_stored {
            return Err(damaged(
                "is compressed once more; the inner zips of a dump are stored (unpack this one and import what is in it)",
            ));
        }
        let start = self.start.ok_or_else(|| damaged("lies nowhere"))?;
        window.part(start, self.length).ok_or_else(|| damaged("lies outside of it"))
    }
}

/// Looks at a member without reading it.
fn stored_member(archive: &mut ZipArchive<Window>, at: usize, zip: &str) -> Result<Member, DumpError> {
    let file = archive.by_index_raw(at).map_err(|error| of_zip(error, zip))?;
    let bound = |rule: String| DumpError::Bound { name: zip.to_owned(), rule };
    let entry = file.entry();
    let name = entry.name().map_err(|error| of_zip(error, zip))?.into_owned();
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !is_plain || name.len() > MAX_NAME || !(name.ends_with(".csv") || name.ends_with(".csv.zip")) {
        let shown: String = name.chars().take(80).collect();
        return Err(bound(format!("it holds {shown:?}; the files of a dump are named ….csv or ….csv.zip")));
    }
    if name.ends_with(".csv") && entry.size() > MAX_CSV {
        return Err(bound(format!("{name} would have {} bytes, more than {MAX_CSV}", entry.size())));
    }
    if entry.encrypted() {
        return Err(bound(format!("{name} is encrypted")));
    }
    let is_stored = entry.compression() == CompressionMethod::Stored;
    Ok(Member { start: file.data_start(), length: entry.compressed_size(), is_stored, name })
}

/// What the zip reader failed with.
fn of_zip(error: ZipError, name: &str) -> DumpError {
    match error {
        ZipError::Io(source) => DumpError::Io { name: name.to_owned(), source },
        error => DumpError::Damaged { name: name.to_owned(), rule: error.to_string() },
    }
}

/// Input that ends with an error once there is more of it than there can be, whatever was announced.
struct Bounded<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.source.read(buffer)?;
        match self.left.checked_sub(given as u64) {
            Some(left) => self.left = left,
            None => {
                let rule = format!("the file has more than {MAX_CSV} bytes and is no dump's");
                return Err(io::Error::new(io::ErrorKind::InvalidData, rule));
            }
        }
        Ok(given)
    }
}

#[cfg(test)]
mod tests;
