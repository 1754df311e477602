//! The HTTP server of a Glasshouse ledger, and the commands of its operators and providers.
pub mod import;
pub mod outbox;
