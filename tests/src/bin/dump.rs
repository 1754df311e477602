//! Writes a made-up daily dump of the European database, as large as is asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use clap::Parser;
use glasshouse_server::european::layout::Layout;
use glasshouse_tests::european::Day;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::vocabulary::Vocabulary;

/// Writes rows in the mix of the real database: the same for the same seed.
#[derive(Parser)]
#[command(after_help = "Example:
  cargo run --release -p glasshouse-tests --bin dump -- --rows 1000000 --out /tmp/sor-global-2025-07-01-full.zip")]
struct Arguments {
    /// How many rows.
    #[arg(long)]
    rows: u64,
    /// The dump: .zip, with its .sha1 beside it, or .csv.
    #[arg(long)]
    out: PathBuf,
    /// Another seed gives other rows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day on which all were created.
    #[arg(long, default_value = "2025-07-01")]
    day: String,
    /// Of which version.
    #[arg(long = "dump-version", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    version: u8,
    /// Without the facts, the explanations and the territories.
    #[arg(long)]
    light: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let midnight =
        Instant::parse_rfc3339(&format!("{}T00:00:00Z", arguments.day)).expect("a day, YYYY-MM-DD");
    let version = if arguments.version == 1 { Vocabulary::Version1 } else { Vocabulary::Version2 };
    let layout = Layout { version, full: !arguments.light };
    let day = Day::new(arguments.seed, layout, midnight.seconds(), arguments.rows);
    let written = day.write(&arguments.out).unwrap();
    println!("{}: {} rows", written.path.display(), written.rows);
}
