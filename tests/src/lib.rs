//! What the tests, the load program and the outside judges share: a ledger in its own process, and work for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod european;
pub mod forge;
pub mod front;
pub mod liar;
pub mod measured_work;
pub mod mix;
pub mod process;
pub mod simulation;
#[path = "../../ledger/tests/support/slow_tree.rs"]
pub mod slow_tree;
pub mod traces;
pub mod workload;
pub mod world;
