//! What the routes of one server share.

use std::sync::Arc;

use crate::measure::Measure;

/// Shared by all routes, behind an [`Arc`].
#[derive(Debug)]
pub struct AppState {
    /// The server's counters.
    pub measure: Arc<Measure>,
}
