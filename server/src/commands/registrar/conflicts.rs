//! `glasshouse registrar conflicts`: providers that signed two statements under one number, and putting that on record.

use clap::Args;
use glasshouse_ledger::author::Author;
use glasshouse_ledger::registrar::conflict;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement::Statement;
use serde_json::json;

use super::{Desk, put_on_record};
use crate::client::conflicts::Conflict;
use crate::client::log::{IssuerState, RemoteLog};
use crate::commands::CommandError;
use crate::commands::standard_output::say;

/// List the double statements that the log refused, and put them on record.
///
/// A provider that signs two different statements under one number contradicts itself. The log takes the first and keeps
/// the other one for the registrar. Each is checked here: that both are the provider's, under the same number, signed by
/// its keys, and say different things. Then the refused one goes on record, whole, in a statement about the first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse registrar conflicts --log https://ledger.example --registrar-key registrar.pem --dry-run\n  glasshouse registrar conflicts --log https://ledger.example --registrar-key registrar.pem\n\nRunning it again puts nothing on record twice. Exit status 1: a statement that the log shows is no conflict."
)]
pub(super) struct Conflicts {
    #[command(flatten)]
    desk: Desk,

    /// List and check them; put none on record.
    #[arg(long)]
    dry_run: bool,
}

/// What became of one.
enum Outcome {
    /// It is on record, by that entry, since before.
    WasFiled(u64),
    /// It is on record now, by that entry.
    Filed(u64),
    /// It can be put on record.
    Open,
    /// What the log shows is no conflict, and why.
    Wrong(String),
}

impl Conflicts {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let (log, author) = self.desk.open(json)?;
        let issuers = log.issuers()?;
        let mut wrong = 0;
        let conflicts = log.conflicts()?;
        for found in &conflicts {
            let outcome = self.settle(&log, &author, &issuers, found)?;
            wrong += usize::from(matches!(outcome, Outcome::Wrong(_)));
            tell(json, found, &outcome);
        }
        if conflicts.is_empty() && !json {
            say!("{} shows no double statement", log.url());
        }
        match wrong {
            0 => Ok(()),
            _ => Err(CommandError::Refused(format!(
                "{wrong} of the statements that the log shows are no conflict"
            ))),
        }
    }

    fn settle(
        &self,
        log: &RemoteLog,
        author: &Author,
        issuers: &[IssuerState],
        found: &Conflict,
    ) -> Result<Outcome, CommandError> {
        if let Some(index) = found.filed {
            return Ok(Outcome::WasFiled(index));
        }
        let on_record = on_record(log, found.index)?;
        if let Err(why) = check(author, issuers, found, &on_record) {
            return Ok(Outcome::Wrong(why.to_owned()));
        }
        if self.dry_run {
            return Ok(Outcome::Open);
        }
        let draft = conflict(&on_record.statement().claims().iss, &on_record.leaf_hash(), &found.statement);
        Ok(Outcome::Filed(put_on_record(log, author, &draft)?.index))
    }
}

/// The entry that has the number, from its receipt.
fn on_record(log: &RemoteLog, index: u64) -> Result<Entry, CommandError> {
    let receipt = Receipt::parse(&log.receipt(index)?).ok().and_then(|receipt| receipt.entry());
    receipt
        .ok_or_else(|| CommandError::Refused(format!("{}: the receipt of entry {index} is none", log.url())))
}

/// Whether the refused statement is a second one of that provider under the number of the entry. The registrar signs for
/// it, so what the log says is not enough.
fn check(
    author: &Author,
    issuers: &[IssuerState],
    found: &Conflict,
    on_record: &Entry,
) -> Result<(), &'static str> {
    let refused =
        Statement::parse(&found.statement).map_err(|_| "it is no statement that this version reads")?;
    let first = on_record.statement();
    if on_record.leaf_hash().to_hex() != found.leaf_hash {
        return Err("the entry on record is another one than the log says");
    }
    if refused.claims().aud != *author.origin() {
        return Err("it was made for another log");
    }
    if refused.claims().iss != first.claims().iss || refused.sequence() != first.sequence() {
        return Err("it has another issuer or number than the entry on record");
    }
    if refused.says_the_same_as(first) {
        return Err("it says the same as the entry on record");
    }
    for statement in [&refused, first] {
        let signed = keys(issuers, &statement.claims().iss).any(|key| statement.verify(&key).is_ok());
        if !signed {
            return Err("it, or the entry on record, is not signed by a key of that provider");
        }
    }
    Ok(())
}

/// The keys of an issuer, ended ones too.
fn keys<'a>(issuers: &'a [IssuerState], iss: &Issuer) -> impl Iterator<Item = PublicKey> + use<'a> {
    let state = issuers.iter().find(|state| state.iss == iss.as_str());
    state.into_iter().flat_map(|state| &state.keys).filter_map(|key| key.public())
}

fn tell(json: bool, found: &Conflict, outcome: &Outcome) {
    let (status, entry, why) = match outcome {
        Outcome::WasFiled(index) => ("on record", Some(*index), None),
        Outcome::Filed(index) => ("filed", Some(*index), None),
        Outcome::Open => ("open", None, None),
        Outcome::Wrong(why) => ("wrong", None, Some(why)),
    };
    let (iss, sequence, index) = (&found.iss, found.sequence, found.index);
    if json {
        let answer = json!({"event": "conflict", "iss": iss, "sequence": sequence, "index": index,
            "status": status, "filed": entry, "why": why});
        say!("{answer}");
        return;
    }
    let more = match (entry, why) {
        (Some(entry), _) => format!("{status}, by entry {entry}"),
        (None, Some(why)) => format!("{status}: {why}"),
        (None, None) => status.to_owned(),
    };
    say!("{iss} signed number {sequence} twice; entry {index} is one of them: {more}");
}
