//! Time, passed in: nothing in this crate asks the system what time it is.

/// Where the time comes from.
///
/// The server passes the system's clock in, tests a clock that they move by hand.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    ///
    /// May stand still or jump back, as system clocks do; callers that need an order keep the last time they used.
    fn now_ms(&self) -> u64;
}
