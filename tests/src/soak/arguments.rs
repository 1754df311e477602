//! What the soak is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::load::arguments::{Mix, positive};
use crate::process;

/// Sends statements at a steady rate while the server is killed again and again, and looks whether everything that was
/// promised holds at the end.
#[derive(Debug, Clone, Parser)]
#[command(after_help = "Examples:
  cargo run --release -p glasshouse-tests --bin soak -- --minutes 30 --rate 6000
  cargo run --release -p glasshouse-tests --bin soak -- --minutes 0.5 --kill-every 10 --rate 300 --json

Exit status: 0 everything holds, 1 something does not (the reason is on standard error, and the folder is kept), 2 wrong arguments.")]
pub struct Arguments {
    /// How long to send, in minutes, 0.01 to 100,000.
    #[arg(long, default_value_t = 30.0, value_parser = minutes)]
    pub minutes: f64,
    /// Statements a second, of all providers together.
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub rate: u64,
    /// Providers; each has one request under way.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub providers: u64,
    /// Statements in one request, 1 to 1,000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub batch: u64,
    /// What the statements are like.
    #[arg(long, value_enum, default_value = "european")]
    pub mix: Mix,
    /// Seconds from one SIGKILL of the server to the next.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(2..))]
    pub kill_every: u64,
    /// Witnesses that are asked for cosignatures of what was published; the last of them is killed, and comes back.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=8))]
    pub witnesses: u64,
    /// Least time between two publications with witnesses, in milliseconds, as in `serve`. Each provider waits for one with
    /// each of its requests.
    #[arg(long, default_value_t = 100)]
    pub witness_interval: u64,
    /// Seconds that the last witness is there, and then that it is away.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u64).range(1..))]
    pub witness_turn: u64,
    /// Readers who follow the log from its first entry and check all of it.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=20))]
    pub followers: u64,
    /// Readers who ask for receipts and inclusion proofs of entries at random.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=20))]
    pub receipt_readers: u64,
    /// What all receipt readers together ask for in a second.
    #[arg(long, default_value_t = 20.0, value_parser = positive)]
    pub receipt_rate: f64,
    /// Seconds between two samples of the server's memory and files.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub sample_every: u64,
    /// The program to drive; default: `glasshouse` beside this one.
    #[arg(long)]
    pub glasshouse: Option<PathBuf>,
    /// The verifier that audits the folder at the end; default: `glasshouse-verify` beside this one.
    #[arg(long)]
    pub verify: Option<PathBuf>,
    /// Keep the folder when everything holds, too, and say where it lies
    #[arg(long)]
    pub keep: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    /// How long to send.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.minutes * 60.0)
    }

    /// From one request of a provider to its next.
    pub fn interval(&self) -> Duration {
        Duration::from_secs_f64(self.batch as f64 * self.providers as f64 / self.rate as f64)
    }

    /// The program to drive.
    pub fn program(&self) -> PathBuf {
        process::program(self.glasshouse.as_deref(), "glasshouse")
    }

    /// The verifier.
    pub fn verifier(&self) -> PathBuf {
        process::program(self.verify.as_deref(), "glasshouse-verify")
    }
}

/// Long enough that something is judged, and short enough to be a time: 70 days.
fn minutes(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.01..=100_000.0).contains(number));
    number.ok_or_else(|| "minutes, a number from 0.01 to 100000".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_is_no_time_and_no_rate_is_refused_by_name() {
        let rules = [
            ("--minutes", "minutes, a number from 0.01 to 100000"),
            ("--receipt-rate", "a number from 0.001 to 10000"),
        ];
        for (argument, rule) in rules {
            for wrong in ["nan", "-1", "inf", "1e30", "0", "-0", "1e-9", "", "soon"] {
                let given = format!("{argument}={wrong}");
                let error = Arguments::try_parse_from(["soak", given.as_str()]).expect_err(&given);
                let text = error.to_string();
                assert!(error.exit_code() == 2 && text.contains(argument) && text.contains(rule), "{text}");
            }
        }
    }

    #[test]
    fn the_shortest_and_the_longest_time_are_taken() {
        for (given, milliseconds) in [("0.01", 600), ("100000", 6_000_000_000)] {
            let arguments = Arguments::try_parse_from(["soak", "--minutes", given]).unwrap();
            assert_eq!(arguments.duration().as_millis(), milliseconds);
        }
    }
}
