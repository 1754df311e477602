//! How the search index is brought up to the log, and how long a request waits for that.

use std::time::Duration;

/// Steps of the index's threads. What a search says of the entries that it covers does not depend on them, only how long it
/// takes, and how many of the newest it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchSteps {
    /// From so many entries behind on it is the index's thread that follows, straight to disk.
    pub far_behind: u64,
    /// Entries that it writes before a commit then, and earlier entries that it writes anew before one. 1 at least.
    pub chunk: u64,
    /// How long a request waits for the newest entries before it is answered from what is covered by then.
    pub follow: Duration,
}

impl Default for SearchSteps {
    /// Some seconds of heavy traffic; some seconds of building; and what nobody notices.
    fn default() -> SearchSteps {
        SearchSteps { far_behind: 4_096, chunk: 40_000, follow: Duration::from_millis(100) }
    }
}
