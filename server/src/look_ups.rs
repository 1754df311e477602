//! The thread that brings the ledger's look-up indexes up to the published tree, beside the writer.
//!
//! A look-up brings them up itself if it must, so nothing is wrong while this thread lags; it only keeps the first
//! look-up after a busy time from waiting.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use glasshouse_ledger::reader::{ReadError, Reader};

use crate::niceness::let_others_go_first;

/// How often the indexes are brought up.
const INTERVAL: Duration = Duration::from_millis(250);
/// Steps of tending them in that time, of some tens of milliseconds each.
const TENDED: u32 = 4;

/// The running thread.
#[derive(Debug)]
pub(crate) struct LookUps {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl LookUps {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(reader: Reader) -> std::io::Result<LookUps> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name("look-ups".to_owned()).spawn(move || {
            let_others_go_first();
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                if let Err(error) = follow(&reader) {
                    // They can be dropped and built anew; the log itself does not depend on them.
                    tracing::error!(%error, "the look-up indexes could not follow");
                }
            }
        })?;
        Ok(LookUps { stop, thread })
    }

    /// Ends the thread. Blocks for at most one run.
    pub(crate) fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

/// Brings the indexes up, and tends them for a while.
fn follow(reader: &Reader) -> Result<(), ReadError> {
    reader.catch_up()?;
    let mut steps = 0..TENDED;
    while steps.next().is_some() && reader.tend_look_ups()? {}
    Ok(())
}
