//! A server and its witnesses, which behave as a test tells them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod afflictions;
mod at_start;
mod clocks;
mod evidence;
mod fake;
mod held_back;
mod hostile;
mod quorum;
mod scitt;
mod ticks;
mod town;
mod two_keys;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../api/world.rs"]
mod world;
