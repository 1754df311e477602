//! Look-ups by number that outlast their database: sled never writes again once a write of its own has failed.
//!
//! It is not even asked again then, for it may wait for that write for ever, as it would at its own end, which is therefore left to
//! the end of the process. A new one is made in its place when there is room, and built from the log.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

use super::numbers::Numbers;

/// What must be free before a database is made anew: else its first writes would fail as well.
const ROOM: u64 = 64 << 20;
/// Before the first try, and twice as long before each further one: what is left behind each time takes some memory.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// The look-ups by number of one log, in one database after the other.
#[derive(Debug)]
pub(super) struct LastingNumbers {
    /// Its folder; without it they go with the process.
    path: Option<PathBuf>,
    standing: RwLock<Standing>,
    /// Held by the one who makes a new database.
    making: Mutex<()>,
}

#[derive(Debug)]
struct Standing {
    numbers: Arc<Numbers>,
    failure: Option<Failure>,
    pause: Duration,
}

#[derive(Debug, Clone)]
struct Failure {
    error: sled::Error,
    /// When a new database is due.
    due: Instant,
}

impl LastingNumbers {
    pub(super) fn open(path: PathBuf) -> Result<LastingNumbers, sled::Error> {
        let numbers = Numbers::open(&path)?;
        Ok(LastingNumbers::new(Some(path), numbers))
    }

    pub(super) fn temporary() -> Result<LastingNumbers, sled::Error> {
        Ok(LastingNumbers::new(None, Numbers::temporary()?))
    }

    fn new(path: Option<PathBuf>, numbers: Numbers) -> LastingNumbers {
        let standing = Standing { numbers: Arc::new(numbers), failure: None, pause: FIRST_PAUSE };
        LastingNumbers { path, standing: RwLock::new(standing), making: Mutex::new(()) }
    }

    /// Asks the database that stands, unless it has failed.
    pub(super) fn ask<T>(
        &self,
        ask: impl FnOnce(&Numbers) -> Result<T, sled::Error>,
    ) -> Result<T, sled::Error> {
        let numbers = {
            let standing = self.standing.read().unwrap_or_else(PoisonError::into_inner);
            match &standing.failure {
                Some(failure) => return Err(failure.error.clone()),
                None => Arc::clone(&standing.numbers),
            }
        };
        ask(&numbers).inspect_err(|error| {
            let mut standing = self.standing.write().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&standing.numbers, &numbers) && standing.failure.is_none() {
                let due = Instant::now() + standing.pause;
                standing.failure = Some(Failure { error: error.clone(), due });
                standing.pause = (standing.pause * 2).min(LONGEST_PAUSE);
            }
        })
    }

    /// Makes a new database in the place of one that has failed, when that is due and there is room.
    pub(super) fn renew(&self) -> Result<(), sled::Error> {
        let is_due = |standing: &Standing| {
            standing.failure.as_ref().is_some_and(|failure| failure.due <= Instant::now())
        };
        let Some(path) = &self.path else { return Ok(()) };
        if !is_due(&self.standing.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let parent = path.parent().unwrap_or(path);
        let room = rustix::fs::statvfs(parent).map_err(std::io::Error::from)?;
        if room.f_bavail.saturating_mul(room.f_frsize) < ROOM {
            return Ok(());
        }
        // Whoever asks meanwhile is told of the failure, and waits for nothing.
        let _making = match self.making.try_lock() {
            Ok(making) => making,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        {
            let mut standing = self.standing.write().unwrap_or_else(PoisonError::into_inner);
            if !is_due(&standing) {
                return Ok(());
            }
            let due = Instant::now() + standing.pause;
            standing.failure.iter_mut().for_each(|failure| failure.due = due);
        }
        // The one that failed goes on holding its files, which have no names any more.
        std::fs::remove_dir_all(path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        let numbers = Arc::new(Numbers::open(path)?);
        let mut standing = self.standing.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::forget(std::mem::replace(&mut standing.numbers, numbers));
        standing.failure = None;
        Ok(())
    }
}

impl Drop for LastingNumbers {
    /// The end of a database that has failed is left to that of the process.
    fn drop(&mut self) {
        let standing = self.standing.get_mut().unwrap_or_else(PoisonError::into_inner);
        if standing.failure.is_some() {
            std::mem::forget(Arc::clone(&standing.numbers));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn failed() -> sled::Error {
        std::io::Error::other("no room").into()
    }

    /// A database that failed is not asked again; another one, which knows nothing yet, stands in its place when it is time.
    #[test]
    fn a_database_that_failed_is_not_asked_again_and_another_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let lasting = LastingNumbers::open(folder.path().join("numbers.sled")).unwrap();
        let due_now = |lasting: &LastingNumbers| {
            let mut standing = lasting.standing.write().unwrap();
            standing.failure.iter_mut().for_each(|failure| failure.due = Instant::now());
        };
        for pause in [1, 2, 4] {
            let before = Arc::clone(&lasting.standing.read().unwrap().numbers);
            lasting.renew().unwrap();
            assert!(Arc::ptr_eq(&before, &lasting.standing.read().unwrap().numbers), "nothing has failed");
            lasting.ask(|_| Err::<(), _>(failed())).unwrap_err();
            let mut asked = false;
            let ask = |_: &Numbers| {
                asked = true;
                Ok(())
            };
            let error = lasting.ask(ask).unwrap_err();
            assert!(!asked);
            assert!(error.to_string().contains("no room"), "{error}");
            assert_eq!(lasting.standing.read().unwrap().pause, Duration::from_secs(2 * pause));
            lasting.renew().unwrap();
            assert!(lasting.ask(Numbers::size).is_err(), "it is not time yet");
            due_now(&lasting);
            lasting.renew().unwrap();
            assert_eq!(lasting.ask(Numbers::size).unwrap(), 0);
            // Somebody who was still at the former one says nothing of this one.
            drop(before);
        }
    }

    /// A failure that is told by who began before the new one stood counts against the former one alone.
    #[test]
    fn a_late_failure_is_the_former_ones() {
        let folder = tempfile::tempdir().unwrap();
        let lasting = LastingNumbers::open(folder.path().join("numbers.sled")).unwrap();
        let told = lasting.ask(|_| {
            lasting.ask(|_| Err::<(), _>(failed())).unwrap_err();
            let mut standing = lasting.standing.write().unwrap();
            standing.failure.iter_mut().for_each(|failure| failure.due = Instant::now());
            drop(standing);
            lasting.renew().unwrap();
            Err::<(), _>(failed())
        });
        told.unwrap_err();
        assert_eq!(lasting.ask(Numbers::size).unwrap(), 0);
    }
}
