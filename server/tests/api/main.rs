//! The interface over a real ledger in a scratch folder, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod annex1;
mod annex1_cells;
mod bodies;
mod completeness;
mod drafts;
mod lists;
mod lives;
mod pages;
mod proofs;
mod stopping;
mod submitting;
mod texts;
mod vocabulary;
mod world;
