//! What the bench is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Makes a throw-away ledger and takes any bytes for it at `POST /add`, as other logs' load tools expect.
///
/// The answer is the index of the entry, in decimal; it comes when a published checkpoint covers the entry. GET is passed on to
/// the ledger, so that one URL serves for both; read at the ledger's own URL to measure reading. The bytes, 3,700 at most, are
/// wrapped in a signed decision: a leaf is the hash of that, not of the bytes. The ledger's origin is `add-bench.invalid`; it
/// lies in a temporary folder (TMPDIR says where) and is removed at the end. `glasshouse serve` has no such route.
///
/// Prints one line of JSON when it is ready: {"event":"ready","add":…,"url":…,"origin":…}; `add` takes the bytes, `url` is the
/// ledger's. SIGTERM and SIGINT end it.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin add_bench -- --listen 127.0.0.1:2025
  curl --data-binary 'any bytes' http://127.0.0.1:2025/add")]
pub struct Arguments {
    /// Where `/add` listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    pub glasshouse: Option<PathBuf>,
}
