//! `glasshouse publish`: a provider's lines go on record.

pub(super) mod input;
pub(super) mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::key_file;
use glasshouse_verifier::issuer::Issuer;

use self::input::{Input, Lines};
use self::report::Report;
use super::{CommandError, right_log};
use crate::client::log::RemoteLog;
use crate::client::{Client, Patience};
use crate::outbox::Outbox;
use crate::outbox::event::Summary;
use crate::outbox::publisher::{MAX_BATCH, PublishError, Publisher, Settings, Wanted};
use crate::system_clock::SystemClock;

/// Number, sign and publish decisions: one JSON object a line, with the European field names.
///
/// Everything that is numbered lies in the outbox before the first byte is sent. The command may be killed at any moment
/// and run again: what was published is not published twice, what was not is sent. A line is known by its puid.
///
/// Every line gets the next of the provider's own numbers, in the order of the file, whatever its type; a wrong line gets
/// none. Lines that are right are published although others are wrong, unless --all-or-nothing is given. A range in
/// targets, {"first": 120, "last": 160}, names statements by these numbers, not by puids; the last must be on record. It
/// passes over what the line cannot be about: other types, numbers closed with a void, texts that are withheld.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse publish --log https://ledger.example --provider https://www.example.net \\\n    --key provider.pem --outbox outbox decisions.jsonl\n  tail -f decisions.jsonl | glasshouse publish … -\n\nEnds with 1 if a line was wrong (it is named with line, field and rule; the right ones are sent)\nor if the log refused one, for good or until another run; with 2 if the log or a file did not work: run it again then."
)]
pub struct Publish {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// The provider: its HTTPS origin, as it is enrolled.
    #[arg(long, value_name = "https://…")]
    provider: String,

    /// The provider's private key.
    #[arg(long, value_name = "FILE.pem")]
    key: PathBuf,

    /// Folder of the outbox; made at first use. One for each log and provider.
    #[arg(long, value_name = "O")]
    outbox: PathBuf,

    /// The lines; `-` reads standard input and publishes what arrives, as it arrives.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,

    /// Publish nothing unless every line is right. (What a line says about another one of the same file is judged when
    /// they are published.)
    #[arg(long)]
    all_or_nothing: bool,

    /// Begin a new outbox although this provider has published before: the old one is lost.
    #[arg(long)]
    new_outbox: bool,

    /// Statements in one batch.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=MAX_BATCH as i64))]
    batch: u16,

    /// Do not fetch receipts; a later run without this option does.
    #[arg(long)]
    no_receipts: bool,

    /// How long to wait for a log that does not answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
}

impl Publish {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let provider = Issuer::parse_provider(&self.provider)
            .map_err(|error| CommandError::Usage(format!("--provider {}: {error}", self.provider)))?;
        let key = key_file::read_pem(&self.key)?;
        let patience = Patience { total: Duration::from_secs(self.patience), ..Patience::default() };
        let client = Client::new(&self.log, patience)?;
        let settings = Settings {
            batch: usize::from(self.batch),
            receipts: if self.no_receipts { Wanted::Nothing } else { Wanted::Missing },
            new_outbox: self.new_outbox,
        };
        // The input is opened first: a misspelt name should not make an outbox.
        let input = Input::open(&self.file, self.all_or_nothing)?;
        let outbox = Outbox::open(&self.outbox)?;
        let report = Report::new(json, input.count());
        let log = RemoteLog::new(client.telling(report.waiting()));
        right_log::check(outbox.contents().pin(), &self.outbox, &log)?;
        let clock = SystemClock;
        let watch = report.watch();
        let mut publisher = Publisher::start(&log, &clock, outbox, (provider, key), settings, watch)?;
        let ended = self.publish(&mut publisher, input);
        let counted = publisher.count();
        let (summary, failure) = match ended.and_then(|()| Ok(publisher.finish()?)) {
            Ok(summary) => (summary, None),
            Err(error) => (counted, Some(error)),
        };
        report.end(&summary, self.outbox.as_path());
        match failure {
            Some(error) => Err(error),
            None => verdict(&summary, &self.outbox),
        }
    }

    fn publish(&self, publisher: &mut Publisher<'_>, mut input: Input) -> Result<(), CommandError> {
        if self.all_or_nothing {
            if !publisher.are_all_right(input.trial()?)? {
                let wrong = publisher.count().wrong;
                return Err(CommandError::Refused(format!(
                    "{wrong} wrong lines, so nothing was published (--all-or-nothing)"
                )));
            }
            input.rewind()?;
        }
        let mut lines = Lines::of(input);
        loop {
            let chunk = lines.next_chunk(usize::from(self.batch))?;
            if chunk.is_empty() {
                return Ok(());
            }
            publisher.publish(&chunk).map_err(|error: PublishError| CommandError::from(error))?;
        }
    }
}

/// What the counts mean for the exit status.
fn verdict(summary: &Summary, outbox: &Path) -> Result<(), CommandError> {
    let mut faults = Vec::new();
    if summary.wrong > 0 {
        faults.push(format!(
            "{} of {} lines are wrong and were not published; the others, being right, are published all the same (unless --all-or-nothing is given). Mend the wrong ones and run the command again: nothing is published twice. What a rule means: glasshouse check --explain RULE",
            summary.wrong, summary.lines
        ));
    }
    let refused = summary.refused.saturating_add(summary.others.refused);
    if refused > 0 {
        faults.push(format!("the log refused {refused} statements for good"));
    }
    let waiting = summary.waiting.saturating_add(summary.others.waiting);
    if waiting > 0 {
        let outbox = outbox.display();
        faults.push(format!("{waiting} statements wait in {outbox}: run the command again"));
    }
    if faults.is_empty() { Ok(()) } else { Err(CommandError::Refused(faults.join("; "))) }
}
