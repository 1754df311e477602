//! A server and its witnesses, which behave as a test tells them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod evidence;
mod fake;
mod hostile;
mod quorum;
mod ticks;
mod town;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../api/world.rs"]
mod world;
