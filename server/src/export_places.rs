//! The places of exports that are streamed at the same time, and whether others wait for one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{EXPORT_CROWDED_FOR, EXPORTS_AT_ONCE};

/// The places; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct ExportPlaces {
    turns: Arc<Semaphore>,
    /// When somebody was refused last.
    refused: Arc<Mutex<Option<Instant>>>,
}

impl Default for ExportPlaces {
    fn default() -> ExportPlaces {
        ExportPlaces { turns: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)), refused: Arc::default() }
    }
}

impl ExportPlaces {
    /// Takes a place until it is dropped; `None` where there is none.
    pub(crate) fn take(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.turns).try_acquire_owned().ok();
        if turn.is_none() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        turn
    }

    /// Whether all are taken, and somebody was refused of late.
    pub(crate) fn is_crowded(&self) -> bool {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        self.turns.available_permits() == 0 && refused.is_some_and(|at| at.elapsed() < EXPORT_CROWDED_FOR)
    }
}
