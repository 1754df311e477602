//! The interface over a real ledger in a scratch folder, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod addresses;
mod annex1;
mod annex1_cells;
mod behind;
mod block_pages;
mod bodies;
mod completeness;
mod drafts;
mod export;
mod feeds;
mod figures;
mod full_disk;
mod lists;
mod lives;
mod logged;
mod markup;
mod pages;
mod people;
mod proofs;
mod redacted_words;
mod script;
mod search;
mod search_build;
mod search_words;
mod stopping;
mod story;
mod subject_page;
mod submitting;
mod tags;
mod texts;
mod verify_page;
mod vocabulary;
mod world;
