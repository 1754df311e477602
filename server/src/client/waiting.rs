//! What a client tells while it waits for a log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A request got no answer yet, and is sent again after a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What was asked.
    pub url: String,
    /// Why it is sent again.
    pub reason: String,
    /// Time after which the client gives up.
    pub at_most: Duration,
}

impl fmt::Display for Waiting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at_most.as_secs();
        write!(out, "waiting for {}, for {seconds} seconds at most: {}", self.url, self.reason)
    }
}

/// Who is told, once for each request that has to wait.
#[derive(Clone)]
pub(super) struct Listener(pub(super) Arc<dyn Fn(&Waiting) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Listener")
    }
}
