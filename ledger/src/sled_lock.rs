//! sled's own lock on its folder. Whoever opens a database of ours holds the ledger's lock already, so another holder is
//! a handle of this very process that sled's threads are still letting go of: worth a short wait.

use std::fmt::Display;
use std::thread;
use std::time::Duration;

/// How often it is tried again.
const TRIES: u32 = 100;
/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether the trouble is that somebody holds the lock.
pub(crate) fn is_held(trouble: &impl Display) -> bool {
    trouble.to_string().contains("could not acquire lock")
}

/// Opens, trying again for two seconds while the lock is held.
///
/// # Errors
///
/// What the last try gave.
pub fn open_when_free<T, E: Display>(open: impl Fn() -> Result<T, E>) -> Result<T, E> {
    let mut opened = open();
    for _ in 0..TRIES {
        match &opened {
            Err(trouble) if is_held(trouble) => thread::sleep(PAUSE),
            _ => break,
        }
        opened = open();
    }
    opened
}
