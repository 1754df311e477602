//! Redactions: what they name is shown nowhere from their publication on, and nothing of it is left when they are answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod erasing;
mod faults;
mod holding;
mod marked;
mod overdue;
mod overlapping;
mod quorum;
mod starting;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
mod world;
