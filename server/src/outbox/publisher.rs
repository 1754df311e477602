//! Publishing: lines are checked, numbered, signed, kept, sent, and their receipts fetched.
//!
//! What is true if the process dies, at any moment:
//! before the journal is synced, the log has seen nothing of the new numbers, and they are given again;
//! after it, the statements lie in the journal and are sent until they have a final answer;
//! a lost answer costs a repeated request, which the log answers with the first index.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vkey::Vkey;

use super::event::{Event, Summary};
use super::examiner::{Examined, Examiner, NewLine, Seen};
use super::line::{AuthoredLine, LineError};
use super::lives::OwnLives;
use super::record::{Numbered, Pin, Record};
pub use super::settings::{Settings, Wanted};
use super::signer::{SignError, Signer};
use super::{Outbox, OutboxError};
use crate::client::ClientError;
use crate::client::log::{IssuerState, RemoteLog};

/// Greatest number of statements in one batch (what the log takes).
pub const MAX_BATCH: usize = 1_000;

/// Why publishing ended early. What was kept is sent by the next run.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The log.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Signing.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The log is not what it was, or not what it says.
    #[error("{0}")]
    Log(String),
    /// The provider may not publish there.
    #[error("{0}")]
    NotEnrolled(String),
    /// An outbox that knows nothing of what the provider has published.
    #[error(
        "{provider} has numbers up to {published} on record, and this outbox is new: it cannot tell what was published, and would publish it again. Is it the folder that you used before? If that one is lost, begin another with `glasshouse publish --new-outbox`, and only with lines that are not on record"
    )]
    NewOutbox {
        /// The provider.
        provider: Issuer,
        /// Its highest number on record.
        published: u64,
    },
}

/// A provider that publishes to one log through one outbox.
pub struct Publisher<'a> {
    pub(super) log: &'a RemoteLog,
    pub(super) clock: &'a dyn Clock,
    pub(super) outbox: Outbox,
    pub(super) signer: Signer,
    pub(super) policy: Policy,
    pub(super) settings: Settings,
    pub(super) watch: Box<dyn FnMut(Event<'_>) + 'a>,
    pub(super) summary: Summary,
    /// Statements that this run has sent and that have to wait for another one.
    pub(super) held: BTreeSet<u64>,
    pub(super) highest_on_record: u64,
    /// What this provider said about its own statements; made when it is first asked for.
    pub(super) lives: Option<OwnLives>,
    /// Statements of this provider that the outbox does not know, as their receipts prove them.
    pub(super) elsewhere: HashMap<LeafHash, Statement>,
    /// Which line of the input has which number, while it has no answer.
    pub(super) lines: BTreeMap<u64, u64>,
    /// Statements that an earlier run left and that came on record in this one, while no line of the input is theirs.
    pub(super) caught_up: BTreeSet<u64>,
    roles: Vec<String>,
}

impl<'a> Publisher<'a> {
    /// Ties the outbox to the log, asks the log for the provider's state, closes what an earlier outbox lost, and sends
    /// what an earlier run left.
    ///
    /// # Errors
    /// [`PublishError`]. Nothing was numbered if the provider, its key or the log is not as it must be.
    pub fn start(
        log: &'a RemoteLog,
        clock: &'a dyn Clock,
        mut outbox: Outbox,
        (provider, key): (Issuer, SecretKey),
        settings: Settings,
        watch: Box<dyn FnMut(Event<'_>) + 'a>,
    ) -> Result<Publisher<'a>, PublishError> {
        let identity = log.identity()?;
        let wrong = |what: &str, error: String| PublishError::Log(format!("{}: {what}: {error}", log.url()));
        let origin = Origin::parse(&identity.origin).map_err(|error| wrong("origin", error.to_string()))?;
        let vkey = Vkey::parse(&identity.vkey).map_err(|error| wrong("vkey", error.to_string()))?;
        let policy = Policy::of_log(vkey).map_err(|error| wrong("vkey", error.to_string()))?;
        let signer = Signer::new(provider.clone(), origin, key)?;
        let state = log.issuer(provider.as_str())?;
        let state = check_enrolment(&provider, &signer.kid().to_hex(), state)?;
        let published = state.sequence.highest;
        if published > 0 && outbox.contents().pin().is_none() && !settings.new_outbox {
            return Err(PublishError::NewOutbox { provider, published });
        }
        outbox.pin(Pin {
            version: 1,
            origin: identity.origin,
            vkey: identity.vkey,
            provider: provider.as_str().to_owned(),
        })?;
        let mut publisher = Publisher {
            log,
            clock,
            outbox,
            signer,
            policy,
            settings: Settings { batch: settings.batch.clamp(1, MAX_BATCH), ..settings },
            watch,
            summary: Summary::default(),
            held: BTreeSet::new(),
            highest_on_record: state.sequence.highest,
            lives: None,
            elsewhere: HashMap::new(),
            lines: BTreeMap::new(),
            caught_up: BTreeSet::new(),
            roles: state.roles.clone(),
        };
        let (known, on_record) = (publisher.outbox.contents().highest(), publisher.highest_on_record);
        if publisher.outbox.contents().is_started() && known < on_record {
            (publisher.watch)(Event::Unknown { known, on_record });
        }
        publisher.send_pending()?;
        if !publisher.outbox.contents().is_started() {
            publisher.close_what_was_lost()?;
        }
        publisher.close_refused()?;
        Ok(publisher)
    }

    /// Looks at lines without keeping any. The answer is whether all are right; wrong ones are named. What a line says
    /// about another one of the same input is judged only when they are published.
    ///
    /// # Errors
    /// [`PublishError`], and what reading the input fails with.
    pub fn are_all_right<E: From<PublishError>>(
        &mut self,
        lines: impl Iterator<Item = Result<Result<AuthoredLine, LineError>, E>>,
    ) -> Result<bool, E> {
        let mut seen = Seen::of_trial();
        let mut sequence = self.outbox.contents().next_sequence(self.highest_on_record);
        for line in lines {
            self.summary.lines += 1;
            let tried = match line? {
                Ok(line) => self.try_line(&line, sequence, &mut seen)?,
                Err(error) => Err(vec![error]),
            };
            match tried {
                Ok(()) => sequence = sequence.saturating_add(1),
                Err(errors) => self.wrong(&errors),
            }
        }
        // What was only tried is not said yet.
        self.lives = None;
        self.signer.forget_fresh();
        let all_right = self.summary.wrong == 0;
        if all_right {
            self.summary.lines = 0;
        }
        Ok(all_right)
    }

    fn try_line(
        &mut self,
        line: &AuthoredLine,
        sequence: u64,
        seen: &mut Seen,
    ) -> Result<Result<(), Vec<LineError>>, PublishError> {
        let examiner = Examiner { contents: self.outbox.contents(), seen, roles: &self.roles };
        let mut new = match examiner.examine(line) {
            Ok(Examined::New(new)) => new,
            Ok(Examined::Known { .. } | Examined::Repeated) => return Ok(Ok(())),
            Err(errors) => return Ok(Err(errors)),
        };
        seen.remember(&new.id, &new.content);
        // What a decision or a refusal breaks is found without a signature.
        if matches!(new.draft.kind(), StatementType::Decision | StatementType::NoAction) {
            return Ok(Ok(()));
        }
        let signed = self.sign(line, &mut new, sequence, seen, &[])?;
        Ok(signed.map(drop))
    }

    /// Publishes lines: the wrong ones are named and get no number, the right ones are kept, then sent.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish(&mut self, lines: &[Result<AuthoredLine, LineError>]) -> Result<(), PublishError> {
        let mut seen = Seen::default();
        let mut kept: Vec<Numbered> = Vec::new();
        let mut numbered_lines = Vec::new();
        let first = self.outbox.contents().next_sequence(self.highest_on_record);
        for line in lines {
            self.summary.lines += 1;
            let line = match line {
                Ok(line) => line,
                Err(error) => {
                    self.wrong(std::slice::from_ref(error));
                    continue;
                }
            };
            let sequence = first.saturating_add(kept.len() as u64);
            if let Some(numbered) = self.keep(line, sequence, &mut seen, &kept)? {
                numbered_lines.push((sequence, line.number()));
                kept.push(numbered);
            }
        }
        (self.watch)(Event::Looked(lines.len() as u64));
        if kept.is_empty() {
            return Ok(());
        }
        let records: Vec<Record> = kept.into_iter().map(Record::Numbered).collect();
        // Dying before this returns: nothing was sent, the numbers are free. After it: everything is sent some day.
        self.outbox.append_durable(&records)?;
        self.lines.extend(numbered_lines);
        self.signer.forget_fresh();
        self.send_pending()?;
        self.close_refused()
    }

    fn keep(
        &mut self,
        line: &AuthoredLine,
        sequence: u64,
        seen: &mut Seen,
        kept: &[Numbered],
    ) -> Result<Option<Numbered>, PublishError> {
        let examiner = Examiner { contents: self.outbox.contents(), seen, roles: &self.roles };
        let mut new = match examiner.examine(line) {
            Ok(Examined::New(new)) => new,
            Ok(Examined::Known { sequence, is_compared }) => {
                self.know(line, sequence);
                self.summary.not_compared += u64::from(!is_compared);
                return Ok(None);
            }
            Ok(Examined::Repeated) => {
                self.summary.already_published += 1;
                return Ok(None);
            }
            Err(errors) => {
                self.wrong(&errors);
                return Ok(None);
            }
        };
        for warning in new.draft.warnings() {
            (self.watch)(Event::LeftOut { line: line.number(), why: &warning.why });
        }
        match self.sign(line, &mut new, sequence, seen, kept)? {
            Ok((numbered, leaf)) => {
                seen.remember(&new.id, &new.content);
                seen.place(&new.id, sequence, leaf);
                Ok(Some(numbered))
            }
            Err(errors) => {
                self.wrong(&errors);
                Ok(None)
            }
        }
    }

    /// Signs a line, unless what it is about stands against it. Nothing is kept yet.
    fn sign(
        &mut self,
        line: &AuthoredLine,
        new: &mut NewLine,
        sequence: u64,
        seen: &Seen,
        kept: &[Numbered],
    ) -> Result<Result<(Numbered, LeafHash), Vec<LineError>>, PublishError> {
        let faults = self.prepare(line, new, sequence, seen, kept)?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let now = self.now();
        let signed = match self.signer.sign_line(self.outbox.contents(), new, sequence, now) {
            Ok(signed) => signed,
            Err(SignError::Random(error)) => return Err(SignError::Random(error).into()),
            Err(error) => {
                let error = LineError::whole(line.number(), "cannot-be-signed", error.to_string());
                return Ok(Err(vec![error]));
            }
        };
        let faults = self.judge(line, &new.draft, &signed.0.statement.0, seen, kept)?;
        Ok(if faults.is_empty() { Ok(signed) } else { Err(faults) })
    }

    /// Counts a line that has its number already: what an earlier run left is new in this one.
    fn know(&mut self, line: &AuthoredLine, sequence: u64) {
        if self.caught_up.remove(&sequence) {
            self.summary.on_record += 1;
            self.summary.numbers.insert(sequence);
        } else if self.outbox.contents().pending().contains_key(&sequence)
            && !self.lines.contains_key(&sequence)
        {
            self.lines.insert(sequence, line.number());
        } else {
            self.summary.already_published += 1;
        }
    }

    fn wrong(&mut self, errors: &[LineError]) {
        self.summary.wrong += 1;
        for error in errors {
            (self.watch)(Event::Wrong(error));
        }
    }

    /// The run's last acts: what is still missing of receipts. Gives the counts.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn finish(mut self) -> Result<Summary, PublishError> {
        if self.settings.receipts == Wanted::Missing {
            self.fetch_missing_receipts()?;
        }
        Ok(self.count())
    }

    /// The outbox.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The counts, without fetching anything more.
    pub fn count(&self) -> Summary {
        let contents = self.outbox.contents();
        let mut summary = self.summary.clone();
        summary.highest = contents.highest();
        summary.waiting = self.lines.len() as u64;
        self.lines.keys().for_each(|number| summary.numbers.insert(*number));
        summary.others.on_record = self.caught_up.len() as u64;
        let is_other = |number: &&u64| !self.lines.contains_key(number);
        summary.others.waiting = contents.pending().keys().filter(is_other).count() as u64;
        summary
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.now_ms() / 1_000
    }
}

/// The state of a provider whose key may sign.
fn check_enrolment(
    provider: &Issuer,
    kid: &str,
    state: Option<IssuerState>,
) -> Result<IssuerState, PublishError> {
    let Some(state) = state else {
        return Err(PublishError::NotEnrolled(format!(
            "{provider} is not enrolled in this log: send the registrar the file that `glasshouse provider request` makes"
        )));
    };
    match state.keys.iter().find(|key| key.kid == kid) {
        None => Err(PublishError::NotEnrolled(format!(
            "the key {kid} is not enrolled for {provider}: send the registrar a request for it"
        ))),
        Some(key) => match key.until_index {
            Some(index) => Err(PublishError::NotEnrolled(format!(
                "the key {kid} of {provider} was retired by entry {index}: use another key"
            ))),
            None => Ok(state),
        },
    }
}
