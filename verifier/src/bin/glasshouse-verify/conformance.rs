//! `conformance`: whether a server keeps to c2sp.org/tlog-tiles, or a witness to c2sp.org/tlog-witness, as seen from outside.
//!
//! Any log and any witness, not ours alone: nothing here knows what an entry means. A rule that a specification calls MUST and that
//! is broken decides the exit status; one that it calls SHOULD, or says without a word of demand, or that we would wish for, is told and
//! decides nothing.

mod any_checkpoint;
mod bad_paths;
mod bundles;
mod checkpoint_checks;
mod growth;
mod published;
mod report;
mod requests;
mod rules;
mod test_log;
mod tiles;
mod wire;
mod witness_checks;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::Vkey;

use crate::answer::{Answer, Trouble};
use crate::trust::log_key;
use report::Report;
use test_log::TestLog;
use wire::Wire;

const EXAMPLE: &str = "\
Examples:
  glasshouse-verify conformance https://ledger.example --log-key ./ledger.vkey
  glasshouse-verify conformance https://ledger.example --watch 60 --json
  openssl genpkey -algorithm ed25519 -out test.pem
  glasshouse-verify conformance https://witness.example --witness VKEY --test-key test.pem

A witness is asked to cosign the checkpoints of a small log that this command makes up. It has to know that log: put the vkey that the
command prints on the witness's list, with nothing real under that name. Nothing is ever signed with a key of yours but checkpoints
of that made-up log. Asking again goes on where the witness stands.";

/// Check a log or a witness of anybody from outside: paths, statuses, types, caching, hashes, order.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The log's URL prefix, or the witness's submission prefix.
    #[arg(value_name = "URL")]
    url: String,
    /// The log's verifier key, or a file that holds it (a value with '/' and without '+' is a file). Without it no signature is checked.
    #[arg(long, value_name = "VKEY", conflicts_with = "witness")]
    log_key: Option<String>,
    /// Watch a log for so many seconds, to see it grow.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    watch: u64,
    /// The URL is a witness's, and this is its verifier key.
    #[arg(long, value_name = "VKEY", requires = "test_key")]
    witness: Option<String>,
    /// The Ed25519 key of the made-up log, PEM as `openssl genpkey` writes it.
    #[arg(long, value_name = "FILE", requires = "witness")]
    test_key: Option<PathBuf>,
    /// The made-up log's origin.
    #[arg(long, value_name = "ORIGIN", default_value = "conformance.invalid/test-log")]
    test_origin: String,
    /// The witness's monitoring prefix, where it is another one.
    #[arg(long, value_name = "URL", requires = "witness")]
    monitoring: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let wire = Wire::new(&arguments.url)?;
    match (&arguments.witness, &arguments.test_key) {
        (Some(witness), Some(test_key)) => {
            let witness = Vkey::parse(witness).map_err(|error| Trouble(format!("--witness: {error}")))?;
            if !witness.kind().is_cosignature() {
                return Err(Trouble("--witness: a witness's key has the algorithm 4 or 6".to_owned()));
            }
            let origin = Origin::parse(&arguments.test_origin)
                .map_err(|error| Trouble(format!("--test-origin: {error}")))?;
            let log = TestLog::open(origin, test_key)?;
            let monitoring = Wire::new(arguments.monitoring.as_ref().unwrap_or(&arguments.url))?;
            let mut report = Report::new(rules::WITNESS);
            witness_checks::run(&wire, &monitoring, &log, &witness, &mut report)?;
            Ok(report
                .answer(&format!("the witness {}", witness.name()))
                .member("test_log", log.vkey().encode()))
        }
        _ => {
            let key = arguments.log_key.as_deref().map(log_key).transpose()?;
            let mut report = Report::new(rules::LOG);
            let newest = checkpoint_checks::run(&wire, key.as_ref(), &mut report)?;
            if let Some(newest) = newest {
                tiles::run(&wire, &newest, &mut report)?;
                bundles::run(&wire, &newest, &mut report)?;
                bad_paths::run(&wire, &newest, &mut report)?;
                growth::run(&wire, key.as_ref(), newest, Duration::from_secs(arguments.watch), &mut report)?;
            }
            Ok(report.answer(&format!("the log at {}", arguments.url)))
        }
    }
}
