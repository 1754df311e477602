//! One statement of a provider, made by a command and published through the outbox like any line: kept before it is sent,
//! and sent again by the next run if this one dies.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::key_file;
use glasshouse_verifier::issuer::Issuer;

use super::publish::report::Report;
use super::{CommandError, right_log, waiting};
use crate::client::log::RemoteLog;
use crate::client::{Client, Patience};
use crate::commands::aside;
use crate::outbox::Outbox;
use crate::outbox::contents::Contents;
use crate::outbox::event::Event;
use crate::outbox::line::AuthoredLine;
use crate::outbox::publisher::{PublishError, Publisher, Settings, Wanted};
use crate::system_clock::SystemClock;

/// Which log, which provider, its key and its outbox.
#[derive(Debug, Args)]
pub(super) struct Filing {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// The provider: its HTTPS origin, as it is enrolled.
    #[arg(long, value_name = "https://…")]
    provider: String,

    /// The provider's private key.
    #[arg(long, value_name = "FILE.pem")]
    key: PathBuf,

    /// Folder of the provider's outbox.
    #[arg(long, value_name = "O")]
    pub(super) outbox: PathBuf,

    /// How long to wait for a log that does not answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
}

/// A statement that is on record.
#[derive(Debug)]
pub(super) struct Published {
    /// The provider's number.
    pub(super) sequence: u64,
    /// The entry's index.
    pub(super) index: u64,
    /// The entry's leaf hash, hex.
    pub(super) leaf_hash: String,
    /// Whether the same was published by an earlier run.
    pub(super) before: bool,
}

/// What went wrong, as it was told.
type Told = Rc<RefCell<Vec<String>>>;

impl Filing {
    /// The same from parts.
    pub(super) fn new(log: &str, provider: &str, key: &Path, outbox: &Path, patience: u64) -> Filing {
        Filing {
            log: log.to_owned(),
            provider: provider.to_owned(),
            key: key.to_owned(),
            outbox: outbox.to_owned(),
            patience,
        }
    }

    /// The provider.
    ///
    /// # Errors
    /// `Usage`.
    pub(super) fn provider(&self) -> Result<Issuer, CommandError> {
        Issuer::parse_provider(&self.provider)
            .map_err(|error| CommandError::Usage(format!("--provider {}: {error}", self.provider)))
    }

    /// The log, to ask it something beforehand.
    ///
    /// # Errors
    /// The URL's.
    pub(super) fn log(&self, json: bool) -> Result<RemoteLog, CommandError> {
        let patience = Patience { total: Duration::from_secs(self.patience), ..Patience::default() };
        let client = Client::new(&self.log, patience)?;
        Ok(RemoteLog::new(client.telling(move |event| waiting::say(event, json))))
    }

    /// Publishes one line that a command made.
    ///
    /// # Errors
    /// `Refused` with every fault of the line, or the log's problem and what to do; input and output.
    pub(super) fn publish(&self, line: AuthoredLine, json: bool) -> Result<Published, CommandError> {
        let provider = self.provider()?;
        let key = key_file::read_pem(&self.key)?;
        let patience = Patience { total: Duration::from_secs(self.patience), ..Patience::default() };
        let client = Client::new(&self.log, patience)?;
        let report = Report::new(json, None);
        let log = RemoteLog::new(client.telling(report.waiting()));
        let told = Told::default();
        let watch = watch(&report, &told);
        let settings = Settings { receipts: Wanted::Own, new_outbox: false, ..Settings::default() };
        let outbox = Outbox::open(&self.outbox)?;
        right_log::check(outbox.contents().pin(), &self.outbox, &log)?;
        let id = line.id();
        let clock = SystemClock;
        let earlier = earlier(outbox.contents(), &id);
        let tell_earlier = |_: &PublishError| self.tell_earlier(earlier);
        let publisher = Publisher::start(&log, &clock, outbox, (provider, key), settings, watch);
        let mut publisher = publisher.inspect_err(tell_earlier)?;
        let sent = publisher.publish(&[Ok(line)]).inspect_err(tell_earlier).map_err(CommandError::from);
        // An index is told only where a receipt proves it, also of what an earlier run published.
        let sent = sent.and_then(|()| publisher.prove_line(&id).map_err(CommandError::from));
        let found = sent.map(|()| find(&publisher, &id));
        let ended = publisher.finish();
        report.clear();
        let found = found?;
        let faults = told.borrow().join("\n");
        match found {
            Some(published) => {
                ended?;
                if !faults.is_empty() {
                    aside::tell(&format!("note: of what an earlier run left: {faults}"));
                }
                Ok(published)
            }
            None if faults.is_empty() => {
                let outbox = self.outbox.display();
                let waits = format!("it waits in {outbox}: run the command again, or `glasshouse publish`");
                Err(ended.err().map_or(CommandError::Refused(waits), CommandError::from))
            }
            None => Err(CommandError::Refused(faults)),
        }
    }

    /// What the log says may be about these alone: that it takes no statement now, for one, and takes redactions.
    fn tell_earlier(&self, earlier: usize) {
        let (outbox, then) = (self.outbox.display(), "`glasshouse publish` sends what waits");
        match earlier {
            0 => {}
            1 => aside::tell(&format!("note: 1 earlier statement waits in {outbox} and goes first; {then}")),
            more => {
                aside::tell(&format!(
                    "note: {more} earlier statements wait in {outbox} and go first; {then}"
                ));
            }
        }
    }
}

/// How many statements without an answer are sent before the line of that id.
fn earlier(contents: &Contents, id: &str) -> usize {
    let own = contents.line(id).map_or(u64::MAX, |line| line.sequence);
    contents.pending().range(..own).count()
}

/// Where the line of that id stands now.
fn find(publisher: &Publisher<'_>, id: &str) -> Option<Published> {
    let contents = publisher.outbox().contents();
    let sequence = contents.line(id)?.sequence;
    let index = publisher.outbox().kept().place_in_log(sequence)?.proved()?;
    let leaf_hash = contents.leaf(sequence)?.to_hex();
    let before = publisher.count().already_published > 0;
    Some(Published { sequence, index, leaf_hash, before })
}

/// Keeps what is said against the one line, and tells the rest.
fn watch(report: &Report, told: &Told) -> Box<dyn FnMut(Event<'_>)> {
    let (mut further, told) = (report.watch(), Rc::clone(told));
    Box::new(move |event| match event {
        Event::Wrong(error) => told.borrow_mut().push(error.without_line()),
        Event::Refused { problem, waits, advice, sequence, .. } => {
            let advice = advice.map(|advice| format!(" ({advice})")).unwrap_or_default();
            let then = if waits { "; it stays in the outbox" } else { "" };
            told.borrow_mut().push(format!("number {sequence} was not taken: {problem}{advice}{then}"));
        }
        event => further(event),
    })
}
