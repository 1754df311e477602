//! The interface over a real ledger in a scratch folder, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bodies;
mod drafts;
mod pages;
mod proofs;
mod stopping;
mod submitting;
mod world;
