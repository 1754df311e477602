//! The thread that brings the ledger's look-ups up to the published tree, beside the writer; and waiting for it.
//!
//! Whoever asks brings them on by a step at most. Where that does not do, they are left to this thread, and waiting for it keeps
//! nobody else from anything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::size::TreeSize;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::niceness::let_others_go_first;

/// How often the look-ups are brought up.
const INTERVAL: Duration = Duration::from_millis(250);
/// Steps of tending them in that time, of some tens of milliseconds each.
const TENDED: u32 = 4;

/// The look-ups of one ledger, for those who wait. Clones share one thread.
#[derive(Debug, Clone)]
pub(crate) struct LookUps {
    shared: Arc<Shared>,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    /// Told whenever a step is done.
    steps: watch::Sender<()>,
    /// Who brings them up; nobody before it runs.
    follows: OnceLock<Thread>,
}

impl LookUps {
    /// Nobody waits for them longer than that.
    pub(crate) fn new(patience: Duration) -> LookUps {
        LookUps { shared: Arc::default(), patience }
    }

    /// Waits until the look-ups cover a tree of that size, for a moment.
    pub(crate) async fn reach(&self, reader: &Reader, size: TreeSize) {
        let (mut steps, until) = (self.shared.steps.subscribe(), Instant::now() + self.patience);
        if let Some(thread) = self.shared.follows.get() {
            thread.unpark();
        }
        // What cannot be read now is told to whoever reads it next.
        while !reader.look_ups_cover(size).unwrap_or(true) {
            if !matches!(timeout_at(until, steps.changed()).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Tells those who wait that a step is done.
    pub(crate) fn stepped(&self) {
        self.shared.steps.send_replace(());
    }

    /// How many wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.shared.steps.receiver_count()
    }
}

/// The running thread.
#[derive(Debug)]
pub(crate) struct LookUpsThread {
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl LookUpsThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(reader: Reader, look_ups: LookUps) -> std::io::Result<LookUpsThread> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stopping);
        let shared = Arc::clone(&look_ups.shared);
        let run = move || {
            let_others_go_first();
            let mut told = String::new();
            while !stopped.load(Ordering::Acquire) {
                // They can be dropped and built anew; the log itself does not depend on them.
                let error = match catch_unwind(AssertUnwindSafe(|| follow(&reader, &look_ups, &stopped))) {
                    Ok(Ok(())) => String::new(),
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "they panicked (a fault of this program), and go on".to_owned(),
                };
                // It is tried four times a second, and told once.
                if !error.is_empty() && error != told {
                    tracing::error!(%error, "the look-up indexes could not follow");
                }
                told = error;
                std::thread::park_timeout(INTERVAL);
            }
        };
        let thread = std::thread::Builder::new().name("look-ups".to_owned()).spawn(run)?;
        // There is one thread, so that nobody else stands here.
        let _ = shared.follows.set(thread.thread().clone());
        Ok(LookUpsThread { stopping, thread })
    }

    /// Ends the thread. Blocks for at most one step, behind those of others who asked for theirs before.
    pub(crate) fn stop(self) {
        self.stopping.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let _ = self.thread.join();
    }
}

/// Brings the look-ups up, and tends them for a while.
fn follow(reader: &Reader, look_ups: &LookUps, stopping: &AtomicBool) -> Result<(), ReadError> {
    go_on(stopping, || {
        let is_covered = reader.catch_up_some()?;
        look_ups.stepped();
        Ok(!is_covered)
    })?;
    let mut steps = 0..TENDED;
    go_on(stopping, || Ok(steps.next().is_some() && reader.tend_look_ups()?))
}

/// Takes steps until one says that no more are left, or the server is to end.
fn go_on(stopping: &AtomicBool, mut step: impl FnMut() -> Result<bool, ReadError>) -> Result<(), ReadError> {
    while !stopping.load(Ordering::Acquire) && step()? {}
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// A stop waited until look-ups were built to their end: minutes in a log of many millions.
    #[test]
    fn a_stop_is_seen_between_two_steps() {
        let (stopping, mut steps) = (AtomicBool::new(false), 0);
        let step = || {
            steps += 1;
            stopping.store(steps == 3, Ordering::Release);
            Ok(steps < 10)
        };
        go_on(&stopping, step).unwrap();
        assert_eq!(steps, 3);
        // One that comes at once is seen before anything is done.
        stopping.store(true, Ordering::Release);
        go_on(&stopping, || panic!("a step behind the stop")).unwrap();
    }

    #[test]
    fn steps_end_where_nothing_is_left() {
        let (stopping, mut steps) = (AtomicBool::new(false), 0);
        let step = || {
            steps += 1;
            Ok(steps < 10)
        };
        go_on(&stopping, step).unwrap();
        assert_eq!(steps, 10);
    }
}
