//! A lock that goes to whoever asked for it first, so that one who takes it again and again keeps nobody from it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The lock. It guards no value; a panic under it leaves it free.
#[derive(Debug, Default)]
pub(crate) struct FairLock {
    numbers: Mutex<Numbers>,
    next: Condvar,
}

/// Numbers as in a waiting room.
#[derive(Debug, Default)]
struct Numbers {
    /// The one that the next who comes draws.
    drawn: u64,
    /// Whose turn it is.
    called: u64,
}

/// Held by one at a time, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held<'a>(&'a FairLock);

impl FairLock {
    /// Waits for everybody who came before.
    pub(crate) fn lock(&self) -> Held<'_> {
        let mut numbers = self.numbers();
        let own = numbers.drawn;
        numbers.drawn += 1;
        while numbers.called != own {
            numbers = self.next.wait(numbers).unwrap_or_else(PoisonError::into_inner);
        }
        Held(self)
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.numbers().called += 1;
        self.0.next.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// A mutex went to whoever ended a step and asked again at once, as often as not.
    #[test]
    fn who_asks_again_comes_behind_those_who_wait() {
        let (lock, order) = (FairLock::default(), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            let held = lock.lock();
            for name in 1..=3_u64 {
                let (lock, order) = (&lock, &order);
                scope.spawn(move || {
                    let _held = lock.lock();
                    order.lock().unwrap().push(name);
                });
                // The next one comes when this one has its number.
                while lock.numbers().drawn <= name {
                    std::thread::yield_now();
                }
            }
            drop(held);
            let _again = lock.lock();
            order.lock().unwrap().push(0);
        });
        assert_eq!(order.into_inner().unwrap(), [1, 2, 3, 0]);
    }

    #[test]
    fn a_panic_leaves_it_free() {
        let lock = FairLock::default();
        std::thread::scope(|scope| {
            let panics = scope.spawn(|| {
                let _held = lock.lock();
                panic!("under the lock");
            });
            assert!(panics.join().is_err());
        });
        let _held = lock.lock();
    }
}
