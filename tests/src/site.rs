//! Where a server is that is killed and started again: whoever talks to it waits here for its next address.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// One server's address through all its lives, and whether everything is over.
#[derive(Debug, Default)]
pub struct Site {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    url: Option<String>,
    life: u64,
    over: bool,
}

/// An address, and in which of the server's lives it was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `http://127.0.0.1:…`, without a final slash.
    pub url: String,
    /// Counts the starts, from 1.
    pub life: u64,
}

impl Site {
    /// The server has started and answers here.
    pub fn open(&self, url: &str) {
        let mut state = self.state.lock().unwrap();
        state.url = Some(url.to_owned());
        state.life += 1;
        self.changed.notify_all();
    }

    /// The server is gone, or will be in a moment.
    pub fn close(&self) {
        self.state.lock().unwrap().url = None;
    }

    /// Everybody is to finish.
    pub fn end(&self) {
        self.state.lock().unwrap().over = true;
        self.changed.notify_all();
    }

    /// Whether everybody is to finish.
    pub fn is_over(&self) -> bool {
        self.state.lock().unwrap().over
    }

    /// The address; waits for it while the server is down. `None` if it is down for good.
    pub fn address(&self) -> Option<Address> {
        let state = self.state.lock().unwrap();
        let state = self.changed.wait_while(state, |state| state.url.is_none() && !state.over).unwrap();
        state.url.clone().map(|url| Address { url, life: state.life })
    }

    /// Waits until the server has another life than this one, but no longer than `at_most`.
    pub fn await_next(&self, life: u64, at_most: Duration) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_timeout_while(state, at_most, |state| state.life == life && !state.over));
    }

    /// Waits until a moment; false as soon as everything is over.
    pub fn pause_until(&self, moment: Instant) -> bool {
        let wait = |state: MutexGuard<'_, State>| {
            let left = moment.saturating_duration_since(Instant::now());
            let waited = self.changed.wait_timeout_while(state, left, |state| !state.over);
            !waited.unwrap().0.over
        };
        wait(self.state.lock().unwrap())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn an_address_is_waited_for() {
        let site = Site::default();
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| site.address());
            site.open("http://a");
            assert_eq!(asked.join().unwrap(), Some(Address { url: "http://a".to_owned(), life: 1 }));
            site.close();
            let next = scope.spawn(|| site.await_next(1, Duration::from_secs(60)));
            site.open("http://b");
            next.join().unwrap();
            assert_eq!(site.address().unwrap().life, 2);
            let paused = scope.spawn(|| site.pause_until(Instant::now() + Duration::from_secs(60)));
            site.close();
            site.end();
            assert!(!paused.join().unwrap(), "the end interrupts a pause");
            assert_eq!(site.address(), None);
        });
    }
}
