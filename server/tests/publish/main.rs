//! Publishing to a real server in the same process: crashes at every record of the journal, lost outboxes, wrong lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod crashes;
mod later;
mod liar;
mod lines;
mod numbers;
mod purges;
mod texts;
mod world;
