//! One binary for all tests that need more than one crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bad_input;
mod changes;
mod conformance;
mod dump_damage;
mod erasure;
mod european;
mod examples;
mod exit_statuses;
mod folders;
mod fuzz_seeds;
mod kills;
mod lies;
mod modes;
mod oracles;
mod overload;
mod redactions;
mod registration;
mod restart;
mod scitt;
mod scitt_command;
mod search_command;
mod search_kills;
mod simulation;
mod ticks;
mod tidy;
mod witness;
mod witness_kills;
