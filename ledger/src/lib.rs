//! Makes statements, and builds and stores the log of a Glasshouse ledger. Sync, no HTTP; clock, key and store are passed in.

pub mod draft;
