//! Writes a dump as the European database publishes it: CSV files of 100,000 rows, ten of them in a zip, these zips in
//! an outer one that is not compressed, and its SHA-1 beside it. The same rows give the same bytes.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::checksum::Checksum;
use super::dialect::encode_row;
use super::layout::Layout;

/// Rows in one CSV file, as real dumps have them.
const ROWS_PER_CSV: u64 = 100_000;
/// Rows in one inner zip, as real dumps have them.
const ROWS_PER_ZIP: u64 = 1_000_000;
/// Bytes from which on a CSV file is ended although it has fewer rows: half of what the plain numbers of a zip hold.
const BYTES_PER_CSV: u64 = 2 << 30;
/// From this length on a member of a zip needs the wider numbers of zip64.
const WIDE: u64 = u32::MAX as u64;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The dump.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: u64,
    /// Its SHA-1, if it is a zip.
    pub sha1: Option<Checksum>,
}

/// A dump that is being written. It appears under its name when it is whole.
pub struct DumpWriter {
    path: PathBuf,
    /// The dump's name without its ending: `sor-global-2025-07-01-full`.
    stem: String,
    layout: Layout,
    body: Body,
    /// Rows in all, in this CSV file, and in this inner zip.
    rows: u64,
    csv_rows: u64,
    zip_rows: u64,
    /// Bytes of this CSV file.
    csv_bytes: u64,
    /// Number of this inner zip, and of the next file in it.
    zips: u64,
    files: u64,
    buffer: Vec<u8>,
}

enum Body {
    /// One unpacked file.
    Csv(BufWriter<NamedTempFile>),
    /// The outer zip, and the inner one that is being filled.
    Zip { outer: ZipWriter<BufWriter<NamedTempFile>>, inner: Option<Inner> },
}

/// An inner zip, in a scratch file.
type Inner = ZipWriter<BufWriter<File>>;

fn failed(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        error => io::Error::other(error),
    }
}

impl DumpWriter {
    /// Begins a dump: a zip of zips, or one unpacked file if the path ends in `.csv`. Nothing stands at the path before
    /// it is whole.
    ///
    /// # Errors
    /// The file system.
    pub fn create(path: &Path, layout: Layout) -> io::Result<DumpWriter> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let out = BufWriter::with_capacity(1 << 16, scratch(path)?);
        let (stem, body) = match name.strip_suffix(".csv") {
            Some(stem) => (stem.to_owned(), Body::Csv(out)),
            None => {
                let stem = name.strip_suffix(".zip").unwrap_or(&name).to_owned();
                (stem, Body::Zip { outer: ZipWriter::new(out), inner: None })
            }
        };
        let (path, buffer) = (path.to_owned(), Vec::new());
        let (rows, csv_rows, zip_rows, csv_bytes, zips, files) = (0, 0, 0, 0, 0, 0);
        let mut writer =
            DumpWriter { path, stem, layout, body, rows, csv_rows, zip_rows, csv_bytes, zips, files, buffer };
        writer.begin()?;
        Ok(writer)
    }

    /// Writes a row: a cell for each column that there is; those that this dump does not have are left out.
    ///
    /// # Errors
    /// The file system.
    pub fn row(&mut self, cells: &[String]) -> io::Result<()> {
        if self.csv_rows == ROWS_PER_CSV || self.csv_bytes > BYTES_PER_CSV {
            self.begin()?;
        }
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        self.buffer.clear();
        encode_row(self.layout.columns().map(|(place, _)| cell(place)), &mut self.buffer);
        (self.rows, self.csv_rows, self.zip_rows) = (self.rows + 1, self.csv_rows + 1, self.zip_rows + 1);
        self.write()
    }

    /// Begins the CSV file into which the next row goes, with its header, and the inner zip if it is time for one.
    fn begin(&mut self) -> io::Result<()> {
        (self.csv_rows, self.csv_bytes) = (0, 0);
        match &self.body {
            Body::Csv(_) if self.rows > 0 => return Ok(()),
            Body::Csv(_) => {}
            Body::Zip { .. } => {
                if self.zip_rows == ROWS_PER_ZIP {
                    self.end_inner()?;
                }
                self.begin_file()?;
            }
        }
        self.buffer.clear();
        encode_row(self.layout.columns().map(|(_, name)| name), &mut self.buffer);
        self.write()
    }

    /// Begins a CSV file in the inner zip.
    fn begin_file(&mut self) -> io::Result<()> {
        let Body::Zip { inner, .. } = &mut self.body else { return Ok(()) };
        let inner = match inner {
            Some(inner) => inner,
            None => {
                let file = scratch(&self.path)?.into_file();
                inner.insert(ZipWriter::new(BufWriter::with_capacity(1 << 16, file)))
            }
        };
        let name = format!("{}-{:05}-{:05}.csv", self.stem, self.zips, self.files);
        self.files += 1;
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        inner.start_file(name, options).map_err(failed)
    }

    fn write(&mut self) -> io::Result<()> {
        self.csv_bytes += self.buffer.len() as u64;
        match &mut self.body {
            Body::Csv(out) => out.write_all(&self.buffer),
            Body::Zip { inner: Some(inner), .. } => inner.write_all(&self.buffer),
            Body::Zip { inner: None, .. } => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Puts the inner zip that is full, or the last one, into the outer one.
    fn end_inner(&mut self) -> io::Result<()> {
        let Body::Zip { outer, inner } = &mut self.body else { return Ok(()) };
        let Some(inner) = inner.take() else { return Ok(()) };
        let mut file =
            inner.finish().map_err(failed)?.into_inner().map_err(io::IntoInnerError::into_error)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let name = format!("{}-{:05}.csv.zip", self.stem, self.zips);
        outer.start_file(name, options.large_file(length >= WIDE)).map_err(failed)?;
        io::copy(&mut file, outer)?;
        (self.zips, self.files, self.zip_rows) = (self.zips + 1, 0, 0);
        Ok(())
    }

    /// Makes it whole: it gets its name, and its SHA-1 beside it.
    ///
    /// # Errors
    /// The file system.
    pub fn finish(mut self) -> io::Result<Written> {
        self.end_inner()?;
        let (out, is_zip) = match self.body {
            Body::Csv(out) => (out, false),
            Body::Zip { outer, .. } => (outer.finish().map_err(failed)?, true),
        };
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let sha1 = match is_zip {
            true => {
                file.seek(SeekFrom::Start(0))?;
                Some(Checksum::of(&mut file)?)
            }
            false => None,
        };
        // The dump first: a checksum without its dump would be taken for another's.
        file.persist(&self.path).map_err(|error| error.error)?;
        if let Some(sha1) = sha1 {
            let beside = Checksum::path_for(&self.path);
            let mut file = scratch(&beside)?;
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            file.write_all(sha1.encode(&name).as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&beside).map_err(|error| error.error)?;
        }
        Ok(Written { path: self.path, rows: self.rows, sha1 })
    }
}

/// A file beside `path` that may take its place.
///
/// # Errors
/// The file system.
pub fn scratch(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".export-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(test)]
mod tests;
