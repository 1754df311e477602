//! The dishonest operator: one lie a test. Each says who notices it, with which status, and who cannot, and why.
//!
//! Status 3 comes with a file that convicts the log before others; 1 says that something does not hold, and accuses nobody of
//! it, because a broken mirror does the same; 2 says that the log could not be read. What a witness is asked to sign is in
//! `witness.rs`, and what it does to a log that lies to it in the server's tests of witnessing.

mod entries;
mod history;
mod keys;
pub(crate) mod operator;
mod receipts;
mod texts;
mod time;
mod transport;
