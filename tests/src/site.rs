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
    /// Requests of providers that were begun and have no answer yet.
    under_way: u64,
}

/// A request of a provider, until it is dropped.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a Site);

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

    /// Counts a request of a provider for as long as it has no answer.
    pub fn begin_request(&self) -> UnderWay<'_> {
        self.state.lock().unwrap().under_way += 1;
        self.changed.notify_all();
        UnderWay(self)
    }

    /// Waits until a provider has a request under way, but no longer than `at_most`; whether one has.
    pub fn await_request(&self, at_most: Duration) -> bool {
        let state = self.state.lock().unwrap();
        let waited = self.changed.wait_timeout_while(state, at_most, |state| state.under_way == 0);
        waited.unwrap().0.under_way > 0
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

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().under_way -= 1;
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

    #[test]
    fn a_request_is_waited_for_while_there_is_none() {
        let site = Site::default();
        let long = Duration::from_secs(60);
        std::thread::scope(|scope| {
            let waited = scope.spawn(|| site.await_request(long));
            let first = site.begin_request();
            assert!(waited.join().unwrap());
            let second = site.begin_request();
            drop(first);
            assert!(site.await_request(Duration::ZERO), "one is left");
            drop(second);
            assert!(!site.await_request(Duration::from_millis(20)), "none is left");
        });
    }
}
