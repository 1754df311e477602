//! Where a witness's thread waits for a tree. Only the newest one lies there: whoever was slow passes over those between.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use glasshouse_ledger::witnessing::ToWitness;

/// A tree that lies at a desk.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Counts up with every tree, also with the same one again.
    pub(crate) number: u64,
    /// The tree.
    pub(crate) tree: ToWitness,
}

#[derive(Debug, Default)]
struct Slot {
    wanted: Option<Wanted>,
    closed: bool,
}

/// The desk of one witness's thread.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    slot: Mutex<Slot>,
    changed: Condvar,
}

impl Desk {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        // What lies there is replaced in one step.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a tree there, in the place of the one before.
    pub(crate) fn put(&self, tree: ToWitness) {
        let mut slot = self.slot();
        let number = slot.wanted.as_ref().map_or(0, |wanted| wanted.number) + 1;
        slot.wanted = Some(Wanted { number, tree });
        self.changed.notify_all();
    }

    /// Sends the thread home.
    pub(crate) fn close(&self) {
        self.slot().closed = true;
        self.changed.notify_all();
    }

    /// Whether the thread was sent home.
    pub(crate) fn is_closed(&self) -> bool {
        self.slot().closed
    }

    /// Waits for a tree with a greater number than `done`, and until `not_before`; `None` if the desk was closed.
    pub(crate) fn wait(&self, done: u64, not_before: Option<Instant>) -> Option<Wanted> {
        let mut slot = self.slot();
        loop {
            if slot.closed {
                return None;
            }
            let pause = not_before.map(|then| then.saturating_duration_since(Instant::now()));
            let pause = pause.filter(|pause| !pause.is_zero());
            match (slot.wanted.as_ref().filter(|wanted| wanted.number > done), pause) {
                (Some(wanted), None) => return Some(wanted.clone()),
                (Some(_), Some(pause)) => {
                    let waited = self.changed.wait_timeout(slot, pause);
                    slot = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                (None, _) => {
                    slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}
