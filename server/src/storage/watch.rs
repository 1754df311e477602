//! The thread that looks at the room beside the writer.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Storage;
use crate::measure::Measure;

/// The running thread.
#[derive(Debug)]
pub(crate) struct StorageWatch {
    stop: Sender<()>,
    /// Closed when the thread has ended. Behind a lock, so that servers can be shared between threads.
    ended: Mutex<Receiver<()>>,
    thread: JoinHandle<()>,
    late: Duration,
}

impl StorageWatch {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(storage: Arc<Storage>, measure: Arc<Measure>) -> io::Result<StorageWatch> {
        let (stop, stopped) = channel::<()>();
        let (running, ended) = channel::<()>();
        let late = storage.options.late;
        let thread = std::thread::Builder::new().name("storage".to_owned()).spawn(move || {
            let _running = running;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(storage.options.interval) {
                storage.look(&measure);
            }
        })?;
        Ok(StorageWatch { stop, ended: Mutex::new(ended), thread, late })
    }

    /// Ends the thread. Blocks for one look at most, and leaves one behind that is late.
    pub(crate) fn stop(self) {
        drop(self.stop);
        let ended = self.ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        match ended.recv_timeout(self.late) {
            Err(RecvTimeoutError::Timeout) => tracing::warn!("a look at the room on the disk did not end"),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                let _ = self.thread.join();
            }
        }
    }
}
