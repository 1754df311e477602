//! Rows into one dump a day, as the European database publishes them. A log does not keep days apart, so several dumps
//! are open at the same time, and if there are more days than that, the log is gone through again for the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::dump_writer::{DumpWriter, Written};
use super::layout::Layout;
use super::row::EuropeanRow;

/// Dumps that are open at the same time; each takes some 500 kB.
const OPEN_MAX: usize = 32;

/// Dumps of many days in one folder.
pub struct Daily {
    folder: PathBuf,
    layout: Layout,
    open: BTreeMap<String, DumpWriter>,
    done: BTreeSet<String>,
    left: BTreeSet<String>,
}

/// The name of a daily dump: `sor-global-2025-07-01-full.zip`.
pub fn dump_name(slug: &str, day: &str, layout: Layout) -> String {
    format!("sor-{slug}-{day}-{}.zip", layout.extent())
}

/// A platform's name as the names of dumps have it: lower-case letters and digits, hyphens between.
pub fn slug(name: &str) -> String {
    /// File names have at most 255 bytes, and the day and the endings stand beside it.
    const MAX: usize = 100;
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "provider".to_owned() } else { slug.to_owned() }
}

impl Daily {
    /// Into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// The file system.
    pub fn new(folder: &Path, layout: Layout) -> io::Result<Daily> {
        std::fs::create_dir_all(folder)?;
        let (open, done, left) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Ok(Daily { folder: folder.to_owned(), layout, open, done, left })
    }

    /// Writes a row into the dump of its day, which is begun with that slug. `false` if it was written by an earlier
    /// pass, or has to wait for a later one.
    ///
    /// # Errors
    /// The file system.
    pub fn row(&mut self, row: &EuropeanRow, slug: &str) -> io::Result<bool> {
        let day = row.day();
        if self.done.contains(day) {
            return Ok(false);
        }
        if !self.open.contains_key(day) {
            if self.open.len() == OPEN_MAX {
                self.left.insert(day.to_owned());
                return Ok(false);
            }
            self.begin(day, slug)?;
        }
        match self.open.get_mut(day) {
            Some(dump) => dump.row(&row.cells).map(|()| true),
            None => Ok(false),
        }
    }

    /// Begins the dump of a day, though it may get no row.
    ///
    /// # Errors
    /// The file system.
    pub fn begin(&mut self, day: &str, slug: &str) -> io::Result<()> {
        let path = self.folder.join(dump_name(slug, day, self.layout));
        self.open.insert(day.to_owned(), DumpWriter::create(&path, self.layout)?);
        Ok(())
    }

    /// The days that are open.
    pub fn is_begun(&self) -> bool {
        !self.open.is_empty()
    }

    /// Ends the dumps that are open. If rows of other days had to wait, the log is to be gone through again.
    ///
    /// # Errors
    /// The file system.
    pub fn end_pass(&mut self) -> io::Result<(Vec<Written>, bool)> {
        let mut written = Vec::with_capacity(self.open.len());
        for (day, dump) in std::mem::take(&mut self.open) {
            written.push(dump.finish()?);
            self.done.insert(day);
        }
        Ok((written, !std::mem::take(&mut self.left).is_empty()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::layout::COLUMNS;
    use super::*;

    fn row(day: usize) -> EuropeanRow {
        let mut cells = vec![String::new(); COLUMNS.len()];
        *cells.last_mut().unwrap() = format!("2025-{:02}-{:02} 10:00:00", day / 28 + 1, day % 28 + 1);
        EuropeanRow { cells, is_own: true, losses: vec![] }
    }

    #[test]
    fn more_days_than_can_be_open_are_written_in_several_passes() {
        let folder = tempfile::tempdir().unwrap();
        let mut daily = Daily::new(&folder.path().join("new"), Layout::ALL[1]).unwrap();
        let rows: Vec<EuropeanRow> = (0..100).chain(0..100).map(row).collect();
        let (mut passes, mut files) = (0, Vec::new());
        loop {
            passes += 1;
            for row in &rows {
                daily.row(row, "global").unwrap();
            }
            let (written, again) = daily.end_pass().unwrap();
            assert!(written.len() <= OPEN_MAX);
            files.extend(written);
            if !again {
                break;
            }
        }
        assert_eq!((passes, files.len()), (4, 100));
        assert!(files.iter().all(|file| file.rows == 2 && file.path.exists()));
        assert!(folder.path().join("new/sor-global-2025-01-01-light.zip.sha1").exists());
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 200);
    }

    #[test]
    fn names_become_slugs() {
        assert_eq!(slug("Example Networks"), "example-networks");
        assert_eq!(slug("  Ökö & Söhne (GmbH) "), "k-s-hne-gmbh");
        assert_eq!(slug("日本"), "provider");
        assert_eq!(slug(&"ab ".repeat(100)).len(), 100);
        assert_eq!(dump_name("global", "2025-07-01", Layout::ALL[0]), "sor-global-2025-07-01-full.zip");
    }
}
