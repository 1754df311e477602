//! One binary for all tests that need more than one crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod add_bench;
mod bad_input;
mod cbor_against_ciborium;
mod changes;
mod conformance;
mod dump_damage;
mod erasure;
mod european;
mod examples;
mod exit_statuses;
mod folders;
mod follower;
mod foreign_cbor;
mod fuzz_seeds;
mod kills;
mod lies;
mod load;
mod modes;
mod notes_against_signed_note;
mod oracles;
mod overload;
mod redactions;
mod registration;
mod restart;
mod scale;
mod scitt;
mod scitt_command;
mod search_command;
mod search_kills;
mod simulation;
mod threats;
mod ticks;
mod tidy;
mod witness;
mod witness_kills;
