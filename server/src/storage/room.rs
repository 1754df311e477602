//! How much room a file system has left, and how that is measured.

use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is left for a process that is not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// Files; `None` where the file system makes them as it needs them.
    pub files: Option<u64>,
}

impl Room {
    /// Asks the file system that a folder lies on.
    ///
    /// # Errors
    /// What the system says, for instance that there is no such folder.
    pub fn on(folder: &Path) -> io::Result<Room> {
        let told = rustix::fs::statvfs(folder)?;
        if told.f_blocks == 0 {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "the file system does not tell its size"));
        }
        let files = (told.f_files > 0).then_some(told.f_favail);
        Ok(Room { bytes: told.f_bavail.saturating_mul(told.f_frsize), files })
    }
}

type MeasureRoom = dyn Fn(&Path) -> io::Result<Room> + Send + Sync;

/// How room is measured: [`Room::on`], but where a test has a disk of its own.
#[derive(Clone)]
pub struct Probe(Arc<MeasureRoom>);

impl Probe {
    /// Measures with that.
    pub fn new(measure: impl Fn(&Path) -> io::Result<Room> + Send + Sync + 'static) -> Probe {
        Probe(Arc::new(measure))
    }

    /// What is left on the file system of a folder.
    ///
    /// # Errors
    /// As [`Room::on`].
    pub(super) fn look(&self, folder: &Path) -> io::Result<Room> {
        (self.0)(folder)
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}
