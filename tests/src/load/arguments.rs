//! What the load program is told.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::process;

/// Signs statements ahead of time, sends them at a fixed rate, reads beside them, and prints percentiles.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "Examples:
  cargo run --release -p glasshouse-tests --bin load -- --rate 5000 --seconds 20 --limits
  cargo run --release -p glasshouse-tests --bin load -- --rate max --seconds 20 --batch 200 --json
  cargo run --release -p glasshouse-tests --bin load -- --rate 100 --batch 1 --witnesses 2 --followers 2 --receipt-readers 2")]
pub struct Arguments {
    /// Statements a second, whatever the answers do (an open loop); or `max`: as many as the connections carry, each of which
    /// sends when its last request is answered (a closed loop).
    #[arg(long, default_value = "1000", value_parser = rate)]
    pub rate: Rate,
    /// How long to send. With `max`, until the signed statements are used up if that is earlier.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// With `--rate max`: statements to sign ahead, 15,000 for each second if not given.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub statements: Option<u64>,
    /// Statements in one request, 1 to 1,000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub batch: u64,
    /// Providers that share the load.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub providers: u64,
    /// What the statements are like.
    #[arg(long, value_enum, default_value = "european")]
    pub mix: Mix,
    /// Requests under way at most; one that is due when all are under way waits, and its time runs on. 512, and 8 with `max`,
    /// if not given.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=800))]
    pub connections: Option<u64>,
    /// Readers who follow the log: each asks for the checkpoint once a second, gets all new tiles and bundles, and checks that
    /// they lead from the last tree to this one.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100))]
    pub followers: u64,
    /// Readers who ask for receipts and inclusion proofs of entries at random.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100))]
    pub receipt_readers: u64,
    /// What all receipt readers together ask for in a second.
    #[arg(long, default_value_t = 20.0, value_parser = positive)]
    pub receipt_rate: f64,
    /// One in so many receipts and proofs is checked.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    pub check_one_in: u64,
    /// Witnesses, each in a process of its own and with both of its keys, so that the time to cosigned can be told.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=16))]
    pub witnesses: u64,
    /// Have the ledger publish nothing without all witnesses.
    #[arg(long, requires = "witnesses")]
    pub require_quorum: bool,
    /// Least time between two publications with witnesses, in milliseconds, as in `serve`.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub witness_interval: u64,
    /// Measure what the machine can do, for about five seconds before and behind the load: strict Ed25519 checks, SHA-256, fsync.
    #[arg(long)]
    pub limits: bool,
    /// Drive this ledger, where it lies, and let it grow; its providers are those of an earlier run that kept it. One that
    /// was copied needs `glasshouse adopt` first.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["keep", "providers"])]
    pub ledger: Option<PathBuf>,
    /// Keep the new ledger here at the end; must not exist.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Pass over `fsck` at the end, which reads the whole ledger.
    #[arg(long)]
    pub no_fsck: bool,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    pub glasshouse: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// How fast to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// So many statements a second.
    Fixed(u64),
    /// As many as the connections carry.
    Max,
}

/// What statements are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mix {
    /// Fields, codes and lengths of texts in about the shares of the European database.
    European,
    /// One small decision, again and again under another number.
    Small,
}

impl Arguments {
    /// What is wrong with them together, or with the folders that they name: before anything is signed or started.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), String> {
        if self.statements.is_some() && self.rate != Rate::Max {
            return Err("--statements goes with --rate max".to_owned());
        }
        if let Some(keep) = self.keep.as_ref().filter(|keep| keep.exists()) {
            return Err(format!("--keep: {} exists; name a folder that does not", keep.display()));
        }
        match self.ledger.as_ref().filter(|ledger| !ledger.join("log.vkey").is_file()) {
            Some(ledger) => Err(format!("--ledger: {} is no ledger: it has no log.vkey", ledger.display())),
            None => Ok(()),
        }
    }

    /// The program to drive.
    pub fn program(&self) -> PathBuf {
        process::program(self.glasshouse.as_deref(), "glasshouse")
    }

    /// How many statements to sign ahead.
    pub fn count(&self) -> u64 {
        match self.rate {
            Rate::Fixed(rate) => rate * self.seconds,
            Rate::Max => self.statements.unwrap_or(15_000 * self.seconds),
        }
    }

    /// How many requests may be under way.
    pub fn connections(&self) -> usize {
        let usual = if self.rate == Rate::Max { 8 } else { 512 };
        usize::try_from(self.connections.unwrap_or(usual)).unwrap()
    }
}

/// What can be asked for in a second.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.001..=10_000.0).contains(number));
    number.ok_or_else(|| "a number from 0.001 to 10000".to_owned())
}

fn rate(text: &str) -> Result<Rate, String> {
    match text.parse::<u64>() {
        _ if text == "max" => Ok(Rate::Max),
        Ok(rate @ 1..=1_000_000) => Ok(Rate::Fixed(rate)),
        _ => Err("statements a second, 1 to 1000000, or `max`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_rate_is_a_number_or_max() {
        assert_eq!(rate("5000"), Ok(Rate::Fixed(5_000)));
        assert_eq!(rate("max"), Ok(Rate::Max));
        for wrong in ["0", "-1", "fast", "", "1000001", "1.5"] {
            rate(wrong).unwrap_err();
        }
        let arguments = Arguments::parse_from(["load", "--rate", "max", "--seconds", "2"]);
        assert_eq!((arguments.count(), arguments.connections()), (30_000, 8));
    }

    #[test]
    fn what_cannot_be_done_is_refused_before_anything_is_signed() {
        let none = tempfile::tempdir().unwrap();
        let here = none.path().to_str().unwrap();
        for wrong in [vec!["--statements", "5"], vec!["--keep", here], vec!["--ledger", here]] {
            let arguments = Arguments::parse_from([vec!["load"], wrong.clone()].concat());
            arguments.check().unwrap_err();
        }
        for wrong in [
            ["--receipt-rate", "0"],
            ["--receipt-rate", "NaN"],
            ["--statements", "10000001"],
            ["--witness-interval", "0"],
        ] {
            Arguments::try_parse_from([vec!["load"], wrong.to_vec()].concat()).unwrap_err();
        }
        Arguments::try_parse_from(["load", "--require-quorum"]).unwrap_err();
        Arguments::parse_from(["load"]).check().unwrap();
    }
}
