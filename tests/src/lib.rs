//! What the tests, the load program and the outside judges share: a ledger in its own process, and work for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod add_bench;
pub mod european;
pub mod follower;
pub mod forge;
pub mod front;
pub mod latency;
pub mod liar;
pub mod load;
pub mod measured_work;
pub mod mix;
pub mod process;
pub mod read_error;
pub mod reading_client;
pub mod receipt_reader;
pub mod scale;
pub mod simulation;
pub mod site;
#[path = "../../ledger/tests/support/slow_tree.rs"]
pub mod slow_tree;
pub mod soak;
pub mod traces;
pub mod usage;
pub mod witnesses;
pub mod workload;
pub mod world;
