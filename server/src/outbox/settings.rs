//! How to publish: what a command may choose.

/// Which receipts are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// None.
    Nothing,
    /// Those of what this run puts on record.
    Own,
    /// These, and at the end every one that the outbox lacks: an earlier run may have done without, for a million of lines.
    Missing,
}

/// How to publish.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Statements in one batch, 1 to [`MAX_BATCH`](super::publisher::MAX_BATCH).
    pub batch: usize,
    /// Which receipts to fetch, check and write.
    pub receipts: Wanted,
    /// Whether an outbox that was never used may go on for a provider that has published before.
    pub new_outbox: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { batch: 200, receipts: Wanted::Missing, new_outbox: true }
    }
}
