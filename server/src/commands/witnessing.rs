//! The options of `serve` and `adopt` that are about witnesses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_verifier::bounds::POLICY_MAX;

use super::{CommandError, small_file};
use crate::ledger_server::ServerOptions;
use crate::ticks::{TICK_INTERVAL, TickOptions};
use crate::witnesses::WitnessOptions;

/// Whom a ledger asks for cosignatures, and how it publishes with them.
#[derive(Debug, Args)]
pub(super) struct Witnessing {
    /// Policy file (c2sp.org/tlog-policy) with this log's key, its witnesses and their URLs, and the quorum. Every checkpoint
    /// is sent to all of them; it is published at once, and their cosignatures are attached as they come.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Publish and answer nothing without the policy's quorum. While it is missing, submitters are told to come back; the
    /// ledger goes on by itself when the witnesses do.
    #[arg(long, requires = "policy")]
    require_quorum: bool,

    /// Do not start before so many of the policy's witnesses have said what they have seen of this log: a number, or `all`. A
    /// witness with two keys counts once. A note under the witness's own signature counts, no older than the one in the folder; that it
    /// knows nothing counts of one that never signed for this ledger. Without the option one that does not answer is passed over, with a line in the log: if the
    /// disk was set back, and only that witness knows a greater tree, the ledger signs a second history.
    #[arg(long, value_name = "N|all", requires = "policy", value_parser = how_many)]
    require_witnesses_at_start: Option<HowMany>,

    /// Least time between two publications with witnesses, in milliseconds. Public witnesses have a budget: 1000 makes up to
    /// 86,400 requests a day.
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    witness_interval: u64,

    /// Time after which a log without news is cosigned again, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    recosign_interval: u64,

    /// Time that a witness has for one answer, in milliseconds. Where a quorum is required and missing for longer, /readyz
    /// says so.
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=30_000))]
    witness_timeout: u64,

    /// The registrar's private key, to log ticks with: at most once a minute, when there was work, a cosigned checkpoint.
    /// Whoever has this machine then has that key; `glasshouse registrar tick` logs one from elsewhere.
    #[arg(long, value_name = "FILE", requires = "policy")]
    registrar_key: Option<PathBuf>,
}

/// How many witnesses have to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HowMany {
    All,
    Number(usize),
}

fn how_many(text: &str) -> Result<HowMany, String> {
    match text {
        "all" => Ok(HowMany::All),
        number => number.parse().map(HowMany::Number).map_err(|_| "a number, or `all`".to_owned()),
    }
}

impl Witnessing {
    /// Reads the files, and refuses what cannot be asked.
    pub(super) fn add_to(&self, options: &mut ServerOptions) -> Result<(), CommandError> {
        let Some(path) = &self.policy else { return Ok(()) };
        let mut witnesses = read(path, &options.dir, self.require_quorum)?;
        witnesses.interval = Duration::from_millis(self.witness_interval);
        witnesses.recosign = Duration::from_secs(self.recosign_interval);
        witnesses.timeout = Duration::from_millis(self.witness_timeout);
        let count = witnesses.count();
        witnesses.required_at_start = match self.require_witnesses_at_start {
            None => 0,
            Some(HowMany::All) => count,
            Some(HowMany::Number(number)) if number <= count => number,
            Some(HowMany::Number(number)) => {
                let file = path.display();
                return Err(CommandError::Usage(format!(
                    "--require-witnesses-at-start asks for {number}, and {file} names {count} to ask"
                )));
            }
        };
        options.ticks = self.registrar_key.clone().map(|registrar_key| {
            let policy = witnesses.policy.clone();
            TickOptions { registrar_key, policy, interval: TICK_INTERVAL }
        });
        options.witnesses = Some(witnesses);
        Ok(())
    }
}

/// The policy in a file, by which the ledger in a folder is to publish.
pub(super) fn read(path: &Path, dir: &Path, require_quorum: bool) -> Result<WitnessOptions, CommandError> {
    let name = path.display().to_string();
    let text = small_file::read_text(path, POLICY_MAX)?;
    let log = read_vkey(dir)?;
    let options = WitnessOptions::parse(&text, &log, require_quorum);
    options.map_err(|fault| CommandError::Refused(format!("{name}: {fault}")))
}
