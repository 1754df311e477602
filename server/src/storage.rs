//! The room that is left on the file system where the ledger lies. It is measured beside the writer, so that new statements are
//! refused in time: a write that fails ends the writer, and readers with it.
//!
//! There are two floors. Below the first nothing is taken that only adds to the record; what protects people and keys (withdrawals,
//! redactions, retirements and changes of keys) is taken down to the second. A look that does not end changes nothing, and is told.

mod room;
mod watch;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use glasshouse_verifier::statement_type::StatementType;

pub use self::room::{Probe, Room};
pub(crate) use self::watch::StorageWatch;
use crate::measure::Measure;
use crate::problem::{Kind, Problem};

/// Bytes that must be left, unless told otherwise. What was taken before it was refused needs some 300 MiB at most: the queue and
/// the bodies on their way to it, each statement in a stage, a bundle, a pack, the look-ups and the search index. A merge of the
/// search index needs its segments once more, tens of MiB; those of the look-ups 450 MB at most. The rest is for a second of
/// writing between two looks, and for redactions whose time comes meanwhile.
pub const LEAST_FREE: u64 = 1 << 30;

/// Files that must be left where the file system counts them: a full queue makes some 500, and as many are on their way.
pub const LEAST_FILES: u64 = 4_096;

/// The share of both that is kept when what protects people is refused too: a half. What was taken before the first floor was
/// reached fits into the other half.
const SECOND_FLOOR: u64 = 2;

/// Time after which a look should have ended: a local disk answers within microseconds, a network's within seconds.
const LATE: Duration = Duration::from_secs(10);

/// Time between two looks. The fastest log writes some 100 MB in it.
const INTERVAL: Duration = Duration::from_secs(1);

/// When new statements are refused for lack of room.
#[derive(Debug, Clone)]
pub struct StorageOptions {
    /// Bytes that must be left; 0 refuses nothing for lack of bytes or files.
    pub least_free: u64,
    /// How room is measured.
    pub probe: Probe,
    /// Time between two looks.
    pub interval: Duration,
    /// Time after which a look that has not ended is told.
    pub late: Duration,
}

impl Default for StorageOptions {
    fn default() -> StorageOptions {
        StorageOptions { least_free: LEAST_FREE, probe: Probe::new(Room::on), interval: INTERVAL, late: LATE }
    }
}

/// What a statement is to the people that it is about, as far as room is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// It adds to the record, and can wait.
    Ordinary,
    /// It ends what should not go on: a text that is shown, a key that others may have, a statement that was never made.
    Protecting,
}

impl Matter {
    /// Of a statement of that type.
    pub(crate) fn of(kind: StatementType) -> Matter {
        match kind {
            StatementType::Withdrawal
            | StatementType::Redaction
            | StatementType::KeyRetirement
            | StatementType::Keys => Matter::Protecting,
            _ => Matter::Ordinary,
        }
    }
}

/// What the last look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Enough,
    /// Less than the first floor.
    Little,
    /// Less than the second.
    TooLittle,
    /// It could not be measured. Nothing is refused: the disk may have room, and a write that fails loses nothing that was
    /// answered.
    Unknown,
}

/// What is known of the room, and since when.
#[derive(Debug)]
struct Known {
    found: Found,
    /// When the last look ended.
    looked: Instant,
    /// Whether it was told that the next one does not end.
    is_late_told: bool,
}

/// Whether there is room, as routes ask it.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    options: StorageOptions,
    known: Mutex<Known>,
}

impl Storage {
    /// The room for a folder, measured once. Blocks until that has ended or is late.
    pub(crate) fn new(folder: PathBuf, options: StorageOptions, measure: &Measure) -> Storage {
        let known = Known { found: Found::Enough, looked: Instant::now(), is_late_told: false };
        let storage = Storage { folder, options, known: Mutex::new(known) };
        storage.take(&storage.first_look(), measure);
        storage
    }

    /// On a thread of its own: nothing ends a call that the file system does not answer.
    fn first_look(&self) -> io::Result<Room> {
        let (tell, told) = channel();
        let (probe, folder) = (self.options.probe.clone(), self.folder.clone());
        let look = move || {
            // Nobody listens to an answer that came late.
            let _ = tell.send(probe.look(&folder));
        };
        std::thread::Builder::new().name("storage-first".to_owned()).spawn(look)?;
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the file system does not answer");
        told.recv_timeout(self.options.late).map_err(late)?
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each change leaves it whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses while there is too little room for what is new.
    ///
    /// # Errors
    /// `storage-full`. How much is left is told to the operator alone.
    pub(crate) fn check(&self, matter: Matter) -> Result<(), Problem> {
        let found = self.known().found;
        let detail = match (found, matter) {
            (Found::Little, Matter::Ordinary) => {
                "the ledger's disk is almost full; what is on record is shown, and until there is room again nothing is taken but \
                 withdrawals, redactions, retirements and changes of keys"
            }
            (Found::TooLittle, _) => {
                "the ledger's disk is almost full; what is on record is shown, and nothing new is taken until there is room again"
            }
            _ => return Ok(()),
        };
        Err(Problem::new(Kind::STORAGE_FULL, detail))
    }

    /// Tells the counters how old the last look is, and the log once if the next one does not end. What it found stays.
    pub(crate) fn measure(&self, measure: &Measure) {
        let mut known = self.known();
        let age = known.looked.elapsed();
        let is_late = age > self.options.interval + self.options.late;
        measure.level("glasshouse_storage_look_age_seconds", age.as_secs());
        measure.level("glasshouse_storage_unknown", u64::from(is_late || known.found == Found::Unknown));
        if is_late && !std::mem::replace(&mut known.is_late_told, true) {
            let (seconds, folder) = (age.as_secs(), self.folder.display());
            tracing::error!(seconds, %folder, "the file system does not answer how much room is left: the last answer stands");
        }
    }

    fn look(&self, measure: &Measure) {
        self.take(&self.options.probe.look(&self.folder), measure);
    }

    /// Takes what a look found, tells the counters, and the log where that changes anything.
    fn take(&self, room: &io::Result<Room>, measure: &Measure) {
        let before = self.known().found;
        let now = room.as_ref().map_or(Found::Unknown, |room| self.judge(*room, before));
        *self.known() = Known { found: now, looked: Instant::now(), is_late_told: false };
        if let Ok(Room { bytes, files }) = room {
            measure.level("glasshouse_storage_free_bytes", *bytes);
            files.iter().for_each(|files| measure.level("glasshouse_storage_free_files", *files));
        }
        let is_refusing = matches!(now, Found::Little | Found::TooLittle);
        measure.level("glasshouse_storage_full", u64::from(is_refusing));
        if now != before {
            self.tell(now, room);
        }
    }

    /// What is refused is taken again only when there is an eighth more: else every statement would stop the next one.
    fn judge(&self, room: Room, before: Found) -> Found {
        if self.options.least_free == 0 {
            return Found::Enough;
        }
        let is_below = |share: u64, is_refusing: bool| {
            let least = |bound: u64| match is_refusing {
                true => (bound / share).saturating_add(bound / share / 8),
                false => bound / share,
            };
            room.bytes < least(self.options.least_free)
                || room.files.is_some_and(|files| files < least(LEAST_FILES))
        };
        if is_below(SECOND_FLOOR, before == Found::TooLittle) {
            Found::TooLittle
        } else if is_below(1, matches!(before, Found::Little | Found::TooLittle)) {
            Found::Little
        } else {
            Found::Enough
        }
    }

    fn tell(&self, now: Found, room: &io::Result<Room>) {
        let (least, folder) = (self.options.least_free, self.folder.display());
        match (now, room) {
            (Found::Little, Ok(Room { bytes, files })) => {
                tracing::error!(
                    bytes, files, least, %folder,
                    "the disk is almost full: new statements are refused, but for withdrawals, redactions and changes of keys"
                );
            }
            (Found::TooLittle, Ok(Room { bytes, files })) => {
                tracing::error!(bytes, files, least, %folder, "the disk is almost full: all new statements are refused");
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::sync::Arc;

    use super::*;

    fn storage(least_free: u64, room: impl Fn() -> io::Result<Room> + Send + Sync + 'static) -> Storage {
        let probe = Probe::new(move |_| room());
        let options = StorageOptions { least_free, probe, ..StorageOptions::default() };
        Storage::new(PathBuf::from("ledger"), options, &Measure::new().unwrap())
    }

    #[test]
    fn bytes_and_files_count_from_their_bounds_on() {
        let refuses = |least, bytes, files| {
            storage(least, move || Ok(Room { bytes, files })).check(Matter::Ordinary).is_err_and(|problem| {
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
            assert_eq!(storage.check(Matter::Ordinary).is_ok(), is_taken, "{bytes}");
            let line = format!("glasshouse_storage_full {}", u64::from(!is_taken));
            assert!(measure.render().contains(&line), "{line}: {}", measure.render());
        }
    }

    #[test]
    fn what_cannot_be_measured_is_no_reason_to_refuse() {
        let measure = Measure::new().unwrap();
        let storage = storage(u64::MAX, || Err(io::Error::other("no answer")));
        storage.check(Matter::Ordinary).unwrap();
        storage.measure(&measure);
        assert!(measure.render().contains("glasshouse_storage_unknown 1\n"), "{}", measure.render());
    }

    /// Down to half of the bound, and from there on nobody; each comes back when there is an eighth more.
    #[test]
    fn what_protects_people_is_taken_longer() {
        let free = Arc::new(std::sync::atomic::AtomicU64::new(8_000));
        let probed = Arc::clone(&free);
        let measure = Measure::new().unwrap();
        let storage = storage(8_000, move || {
            Ok(Room { bytes: probed.load(std::sync::atomic::Ordering::SeqCst), files: None })
        });
        for (bytes, is_ordinary_taken, is_protecting_taken) in [
            (8_000, true, true),
            (7_999, false, true),
            (4_000, false, true),
            (3_999, false, false),
            (4_499, false, false),
            (4_500, false, true),
            (8_999, false, true),
            (0, false, false),
            (9_000, true, true),
        ] {
            free.store(bytes, std::sync::atomic::Ordering::SeqCst);
            storage.look(&measure);
            let taken = [Matter::Ordinary, Matter::Protecting].map(|matter| storage.check(matter).is_ok());
            assert_eq!(taken, [is_ordinary_taken, is_protecting_taken], "{bytes}");
        }
        let protecting = StatementType::ALL.iter().filter(|kind| Matter::of(**kind) == Matter::Protecting);
        let protecting: Vec<&str> = protecting.map(|kind| kind.as_str()).collect();
        assert_eq!(protecting, ["key_retirement", "withdrawal", "redaction", "keys"]);
    }

    /// A file system that hangs, as a network's does: the start goes on, it is told, and the end comes.
    #[test]
    fn a_look_that_does_not_end_stops_nothing_and_is_told() {
        let (answer, answers) = channel::<()>();
        let answers = Mutex::new(answers);
        let probe = Probe::new(move |_| match answers.lock().unwrap().recv() {
            Ok(()) => Ok(Room { bytes: 1, files: None }),
            Err(_) => Err(io::Error::other("the test has ended")),
        });
        let short = Duration::from_millis(20);
        let options = StorageOptions { least_free: 2, probe, interval: short, late: short };
        let measure = Arc::new(Measure::new().unwrap());
        let storage = Arc::new(Storage::new(PathBuf::from("ledger"), options, &measure));
        let unknown = |value: u8| {
            storage.measure(&measure);
            measure.render().contains(&format!("glasshouse_storage_unknown {value}\n"))
        };
        assert!(unknown(1) && storage.check(Matter::Ordinary).is_ok());
        // The answer to the first look, which nobody waits for any more, and the one to the next.
        answer.send(()).unwrap();
        let watch = StorageWatch::start(Arc::clone(&storage), Arc::clone(&measure)).unwrap();
        answer.send(()).unwrap();
        while storage.check(Matter::Ordinary).is_ok() {
            std::thread::yield_now();
        }
        // The third does not end. What the second found stands, and its age is told.
        while !unknown(1) {
            std::thread::yield_now();
        }
        assert!(storage.known().is_late_told && storage.check(Matter::Ordinary).is_err());
        watch.stop();
        drop(answer);
    }

    #[test]
    fn the_system_tells_of_a_real_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Room::on(folder.path()).unwrap().bytes > 0);
        Room::on(&folder.path().join("absent")).unwrap_err();
    }
}
