//! Conformance of the static side with C2SP tlog-tiles, over real sockets and a folder made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod client;
mod encodings;
mod grammar;
mod headers;
mod stopping;
mod world;
