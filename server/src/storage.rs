//! The room that is left on the file system where the ledger lies. It is measured beside the writer, so that new statements are
//! refused in time: a write that fails ends the writer, and readers with it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::measure::Measure;
use crate::problem::{Kind, Problem};

/// Bytes that must be left, unless told otherwise. What was taken before it was refused needs some 300 MiB at most: the queue and
/// the bodies on their way to it, each statement in a stage, a bundle, a pack, the look-ups and the search index. A merge of the
/// search index needs its segments once more, tens of MiB. The rest is for a second of writing between two looks, and for
/// redactions whose time comes meanwhile.
pub const LEAST_FREE: u64 = 1 << 30;

/// Files that must be left where the file system counts them: a full queue makes some 500, and as many are on their way.
pub const LEAST_FILES: u64 = 4_096;

/// Time between two looks. The fastest log writes some 100 MB in it.
const INTERVAL: Duration = Duration::from_secs(1);

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
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

/// When new statements are refused for lack of room.
#[derive(Debug, Clone)]
pub struct StorageOptions {
    /// Bytes that must be left; 0 refuses nothing for lack of bytes or files.
    pub least_free: u64,
    /// How room is measured.
    pub probe: Probe,
    /// Time between two looks.
    pub interval: Duration,
}

impl Default for StorageOptions {
    fn default() -> StorageOptions {
        StorageOptions { least_free: LEAST_FREE, probe: Probe::new(Room::on), interval: INTERVAL }
    }
}

/// What the last look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Enough,
    TooLittle,
    /// It could not be measured. Nothing is refused: the disk may have room, and a write that fails loses nothing that was
    /// answered.
    Unknown,
}

/// Whether there is room, as routes ask it.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    options: StorageOptions,
    found: Mutex<Found>,
}

impl Storage {
    /// The room for a folder, measured once.
    pub(crate) fn new(folder: PathBuf, options: StorageOptions, measure: &Measure) -> Storage {
        let storage = Storage { folder, options, found: Mutex::new(Found::Enough) };
        storage.look(measure);
        storage
    }

    /// Refuses while there is too little room for what is new.
    ///
    /// # Errors
    /// `storage-full`. How much is left is told to the operator alone.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let detail = "the ledger's disk is almost full; what is on record is shown, and nothing new is taken until there is room again";
        match *self.found.lock().unwrap_or_else(PoisonError::into_inner) {
            Found::TooLittle => Err(Problem::new(Kind::STORAGE_FULL, detail)),
            Found::Enough | Found::Unknown => Ok(()),
        }
    }

    /// Measures, tells the counters, and the log where that changes anything.
    fn look(&self, measure: &Measure) {
        let room = (self.options.probe.0)(&self.folder);
        let before = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match &room {
            Ok(room) => self.judge(*room, before == Found::TooLittle),
            Err(_) => Found::Unknown,
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = now;
        if let Ok(Room { bytes, files }) = room {
            measure.level("glasshouse_storage_free_bytes", bytes);
            files.iter().for_each(|files| measure.level("glasshouse_storage_free_files", *files));
        }
        measure.level("glasshouse_storage_full", u64::from(now == Found::TooLittle));
        if now != before {
            self.tell(now, &room);
        }
    }

    /// What is refused is taken again only when there is an eighth more: else every statement would stop the next one.
    fn judge(&self, room: Room, is_refusing: bool) -> Found {
        let least = |bound: u64| if is_refusing { bound.saturating_add(bound / 8) } else { bound };
        let bounds = (self.options.least_free, room.files);
        let is_too_little = match bounds {
            (0, _) => false,
            (free, files) => {
                room.bytes < least(free) || files.is_some_and(|files| files < least(LEAST_FILES))
            }
        };
        if is_too_little { Found::TooLittle } else { Found::Enough }
    }

    fn tell(&self, now: Found, room: &io::Result<Room>) {
        let (least, folder) = (self.options.least_free, self.folder.display());
        match (now, room) {
            (Found::TooLittle, Ok(Room { bytes, files })) => {
                tracing::error!(bytes, files, least, %folder, "the disk is almost full: new statements are refused");
            }
            (_, Ok(Room { bytes, files })) => {
                tracing::info!(bytes, files, %folder, "there is room on the disk: statements are taken");
            }
            (_, Err(error)) => {
                tracing::error!(%error, %folder, "the room on the disk cannot be measured: nothing is refused for lack of it");
            }
        }
    }
}

/// The thread that looks.
#[derive(Debug)]
pub(crate) struct StorageWatch {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl StorageWatch {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(storage: Arc<Storage>, measure: Arc<Measure>) -> io::Result<StorageWatch> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name("storage".to_owned()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(storage.options.interval) {
                storage.look(&measure);
            }
        })?;
        Ok(StorageWatch { stop, thread })
    }

    /// Ends the thread. Blocks for one look at most.
    pub(crate) fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn storage(least_free: u64, room: impl Fn() -> io::Result<Room> + Send + Sync + 'static) -> Storage {
        let probe = Probe::new(move |_| room());
        let options = StorageOptions { least_free, probe, interval: INTERVAL };
        Storage::new(PathBuf::from("ledger"), options, &Measure::new().unwrap())
    }

    #[test]
    fn bytes_and_files_count_from_their_bounds_on() {
        let refuses = |least, bytes, files| {
            storage(least, move || Ok(Room { bytes, files })).check().is_err_and(|problem| {
                assert_eq!((problem.slug(), problem.status), ("storage-full", 503));
                // Nobody but the operator learns how large the disk is.
                !problem.detail.bytes().any(|byte| byte.is_ascii_digit())
            })
        };
        assert!(refuses(1_000, 999, None));
        assert!(!refuses(1_000, 1_000, None));
        assert!(refuses(1_000, 1_000, Some(LEAST_FILES - 1)));
        assert!(!refuses(1_000, 1_000, Some(LEAST_FILES)));
        assert!(!refuses(0, 0, Some(0)));
    }

    #[test]
    fn it_is_taken_again_when_there_is_an_eighth_more() {
        let free = Arc::new(std::sync::atomic::AtomicU64::new(7_999));
        let probed = Arc::clone(&free);
        let measure = Measure::new().unwrap();
        let storage = storage(8_000, move || {
            Ok(Room { bytes: probed.load(std::sync::atomic::Ordering::SeqCst), files: None })
        });
        for (bytes, is_taken) in
            [(8_000, false), (8_999, false), (9_000, true), (8_000, true), (7_999, false)]
        {
            free.store(bytes, std::sync::atomic::Ordering::SeqCst);
            storage.look(&measure);
            assert_eq!(storage.check().is_ok(), is_taken, "{bytes}");
            let line = format!("glasshouse_storage_full {}", u64::from(!is_taken));
            assert!(measure.render().contains(&line), "{line}: {}", measure.render());
        }
    }

    #[test]
    fn what_cannot_be_measured_is_no_reason_to_refuse() {
        storage(u64::MAX, || Err(io::Error::other("no answer"))).check().unwrap();
    }

    #[test]
    fn the_system_tells_of_a_real_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Room::on(folder.path()).unwrap().bytes > 0);
        Room::on(&folder.path().join("absent")).unwrap_err();
    }
}
