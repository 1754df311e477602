//! What every audit of a whole log can be told: where the log is, whom the reader trusts, what the reader kept.

use std::path::PathBuf;

use clap::Args;

use crate::evidence_file::EvidencePlace;
use crate::trust::Trust;

/// Of `log`, and of `export`, which audits first.
#[derive(Args, Clone)]
pub(crate) struct AuditArguments {
    /// The log's URL, or a folder that mirrors it.
    #[arg(value_name = "URL")]
    pub(crate) place: String,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// The origin of the log that you mean. Needed if the policy names several logs: a server could show another of them.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,
    /// A checkpoint of this log that you kept from before, or the folder of an earlier --state, for the checkpoints in it; may
    /// be given many times.
    #[arg(long, value_name = "FILE")]
    pub(crate) old: Vec<PathBuf>,
    /// A receipt of this log that you kept; its entries must still be there. May be given many times.
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Vec<PathBuf>,
    /// A folder in which the audit keeps what it checked; the next run goes on from there.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// With --state: so many seconds of work may be lost when the audit is killed, beside the batch under way; 0 to 3600.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub(crate) save_every: u64,
    /// Another URL of this log, such as a mirror, whose checkpoint is compared; may be given many times.
    #[arg(long, value_name = "URL")]
    pub(crate) also: Vec<String>,
    /// Do not ask the policy's witnesses for the last checkpoint that each of them signed. A folder's are not asked.
    #[arg(long)]
    pub(crate) skip_witnesses: bool,
    /// How many seconds the audit waits for all other places and witnesses together, 1 to 600, each time it asks them.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) patience: u64,
    /// Fetch every text too, and check that those are served that must be, and no others.
    #[arg(long)]
    pub(crate) texts: bool,
    /// The day that embargoes are judged by, YYYY-MM-DD [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    pub(crate) on: Option<String>,
    /// A decision is late that was logged so many days after its date, by the log's ticks.
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(crate) late_after: u64,
    #[command(flatten)]
    pub(crate) evidence: EvidencePlace,
}
