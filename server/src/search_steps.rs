//! How the search index is brought up to a log that it is far behind.

/// Steps of the index's thread. What a search answers does not depend on them, only how long it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchSteps {
    /// From so many entries behind on it is the index's thread that follows, straight to disk.
    pub far_behind: u64,
    /// Entries that it writes before a commit then, and earlier entries that it writes anew before one. 1 at least.
    pub chunk: u64,
}

impl Default for SearchSteps {
    /// Some seconds of heavy traffic; and some seconds of building.
    fn default() -> SearchSteps {
        SearchSteps { far_behind: 4_096, chunk: 40_000 }
    }
}
