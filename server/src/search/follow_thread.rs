//! The thread that follows the published tree in memory. It is woken when something is published, and by requests that find
//! it behind; these wait for it without keeping anybody else from anything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use glasshouse_ledger::index::IndexError;
use glasshouse_ledger::reader::{ReadError, Reader};

use super::Search;
use super::follower::Step;

/// How often it looks by itself.
const INTERVAL: Duration = Duration::from_millis(50);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The running thread.
#[derive(Debug)]
pub(crate) struct FollowThread {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl FollowThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(reader: Reader, search: Search) -> std::io::Result<FollowThread> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stopping);
        let named = std::thread::Builder::new().name("search-follow".to_owned());
        let waker = search.clone();
        let thread = named.spawn(move || run(&reader, &search, &stopped))?;
        waker.wakes(thread.thread().clone());
        Ok(FollowThread { stopping, thread })
    }

    /// Ends the thread.
    pub(crate) fn stop(self) {
        self.stopping.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let _ = self.thread.join();
    }
}

fn run(reader: &Reader, search: &Search, stopping: &AtomicBool) {
    let mut failed: Option<Instant> = None;
    let mut lacks_look_ups = false;
    while !stopping.load(Ordering::Acquire) {
        // What cannot be read of them is told by the step.
        lacks_look_ups = lacks_look_ups && !reader.look_ups_are_near().unwrap_or(true);
        if !lacks_look_ups && failed.is_none_or(|failed| failed.elapsed() >= AFTER_FAILURE) {
            failed = match catch_unwind(AssertUnwindSafe(|| follow(reader, search, stopping))) {
                Ok(Ok(())) => None,
                Ok(Err(ReadError::Index(IndexError::Behind { .. }))) => {
                    lacks_look_ups = true;
                    None
                }
                Ok(Err(error)) => {
                    tracing::error!(%error, "the search could not follow");
                    Some(Instant::now())
                }
                Err(_) => {
                    tracing::error!("the search panicked, and goes on");
                    Some(Instant::now())
                }
            };
        }
        std::thread::park_timeout(INTERVAL);
    }
}

/// Goes on to the published tree, and shows every step.
fn follow(reader: &Reader, search: &Search, stopping: &AtomicBool) -> Result<(), ReadError> {
    while !stopping.load(Ordering::Acquire) {
        let mut follower = search.shared.lock();
        let step = follower.step(reader)?;
        search.shared.show(&follower);
        drop(follower);
        // Between two steps the index's thread may have its turn.
        std::thread::yield_now();
        if step != Step::Further {
            return Ok(());
        }
    }
    Ok(())
}
