//! What the scale program is told.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::grower::ROUND;
use crate::process;

/// Grows one ledger through powers of ten, and tells at each what an append, a proof, a receipt, a start and the disk cost.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "Examples:
  cargo run --release -p glasshouse-tests --bin scale
  cargo run --release -p glasshouse-tests --bin scale -- --entries 100000 --json
  cargo run --release -p glasshouse-tests --bin scale -- --entries 10000000 --dir /var/tmp

`glasshouse` has to be built beside it. A million entries take some 2.5 GB, which are removed at the end.")]
pub struct Arguments {
    /// The last size; those before it are the powers of ten from 1,000.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    pub entries: u64,
    /// Where the ledger lies while it is measured; default: the system's temporary folder.
    #[arg(long, value_name = "D")]
    pub dir: Option<PathBuf>,
    /// Providers who sign in turn.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub providers: u64,
    /// Rounds of 1,000 statements that are timed at each size, as far as the next size leaves room.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub rounds: u64,
    /// Inclusion proofs that are asked for at each size, each twice.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub proofs: u64,
    /// Receipts that are asked for and checked at each size.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub receipts: u64,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    pub glasshouse: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Open this ledger and tell what that took: how a process of its own is measured.
    #[arg(long, hide = true)]
    pub open: Option<PathBuf>,
    /// Open it without its look-ups.
    #[arg(long, hide = true, requires = "open")]
    pub without_look_ups: bool,
}

impl Arguments {
    /// The sizes, the smallest first, each followed by a measured round at least before the next.
    pub fn sizes(&self) -> Vec<u64> {
        let powers = std::iter::successors(Some(1_000_u64), |size| size.checked_mul(10));
        powers.take_while(|size| self.entries.saturating_sub(*size) >= ROUND).chain([self.entries]).collect()
    }

    /// The program to drive.
    pub fn program(&self) -> PathBuf {
        process::program(self.glasshouse.as_deref(), "glasshouse")
    }

    /// A folder that goes at the end.
    pub fn scratch(&self) -> tempfile::TempDir {
        let beside = self.dir.as_deref().map_or_else(std::env::temp_dir, Path::to_owned);
        std::fs::create_dir_all(&beside).unwrap();
        tempfile::tempdir_in(beside).unwrap()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn the_sizes_are_powers_of_ten_and_the_last_is_what_was_asked_for() {
        let sizes = |entries: &str| Arguments::parse_from(["scale", "--entries", entries]).sizes();
        assert_eq!(sizes("1000"), [1_000]);
        assert_eq!(sizes("1999"), [1_999]);
        assert_eq!(sizes("2000"), [1_000, 2_000]);
        assert_eq!(sizes("20000"), [1_000, 10_000, 20_000]);
        assert_eq!(sizes("1000000"), [1_000, 10_000, 100_000, 1_000_000]);
    }
}
