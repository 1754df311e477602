//! `glasshouse disclose`: withheld texts, or what was sealed, become public.

use clap::Args;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement::Statement;
use serde_json::json;

use super::CommandError;
use super::filing::Filing;
use super::which::{Meant, Which, text_field};
use crate::commands::standard_output::say;
use crate::outbox::kept::Kept;
use crate::outbox::line::AuthoredLine;
use crate::outbox::lives::OwnLives;

/// Publish texts that were withheld, or what was sealed.
///
/// The texts come from the outbox; the log checks them against the digests that it took when the statement was filed, and
/// serves them from then on. That cannot be undone: a text can only be redacted later. The command may be killed at any
/// moment and run again.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse disclose --log https://ledger.example --provider https://www.example.net --key provider.pem \\\n    --outbox outbox --puid 2026-0042 --field decision_facts\n  glasshouse disclose … --puid gagged-7 --field sealed_statement\n\nOne reader alone is shown a text with `glasshouse show`."
)]
pub struct Disclose {
    #[command(flatten)]
    filing: Filing,

    #[command(flatten)]
    which: Which,

    /// A text to open; may be given many times.
    #[arg(long, value_name = "FIELD", required = true, value_parser = text_field)]
    field: Vec<FieldName>,

    /// Why it is opened now, in words.
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,
}

/// What is still to be opened, and what was opened before by which number.
struct Work {
    open: Vec<FieldName>,
    before: Vec<(FieldName, u64)>,
    about: Meant,
}

impl Disclose {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let work = self.look()?;
        let names = |fields: &[FieldName]| -> Vec<&'static str> {
            fields.iter().map(|field| field.as_str()).collect()
        };
        if !json {
            say!("about {}", work.about);
        }
        for (field, number) in &work.before {
            match json {
                true => say!(
                    "{}",
                    json!({"event": "disclosed-before", "field": field.as_str(), "sequence": number})
                ),
                false => say!("{field} was disclosed before, by number {number}"),
            }
        }
        if work.open.is_empty() {
            return Ok(());
        }
        let line = json!({
            "type": "disclosure",
            "targets": [self.which.reference()],
            "fields": names(&work.open),
            "disclosure_explanation": self.explanation,
        });
        let published = self.filing.publish(AuthoredLine::from_value(1, line).by_command(), json)?;
        if json {
            let event = json!({"event": "disclosed", "fields": names(&work.open), "sequence": published.sequence,
                "index": published.index, "leaf_hash": published.leaf_hash, "before": published.before,
                "about": work.about.to_json()});
            say!("{event}");
        } else {
            say!("disclosed: {}", names(&work.open).join(", "));
            say!("the disclosure is entry {}, number {}", published.index, published.sequence);
        }
        Ok(())
    }

    /// Compares what is asked for with what the outbox knows of the statement.
    fn look(&self) -> Result<Work, CommandError> {
        let kept = Kept::read(&self.filing.outbox)?;
        let number = self.which.find(kept.contents(), &self.filing.outbox)?;
        let numbered = kept.numbered(number)?;
        let numbered =
            numbered.ok_or_else(|| CommandError::Refused(format!("number {number} is not in the outbox")))?;
        let statement = Statement::parse(&numbered.statement.0)
            .map_err(|error| CommandError::Refused(format!("number {number} in the outbox: {error}")))?;
        let withheld = statement.payload().withheld();
        let state = OwnLives::of(&kept)?.state(&statement);
        let mut work = Work { open: Vec::new(), before: Vec::new(), about: Meant::of(&kept, number)? };
        for field in &self.field {
            if !withheld.contains_key(field) {
                let names: Vec<&str> = withheld.keys().map(|field| field.as_str()).collect();
                let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let what = format!("--field {field}: {} withholds {there}", self.which.reference());
                return Err(CommandError::Refused(what));
            }
            match state.disclosed.get(field) {
                // Places in this state are numbers of the provider.
                Some(by) if kept.contents().on_record().contains_key(&by.get()) => {
                    work.before.push((*field, by.get()))
                }
                _ => work.open.push(*field),
            }
        }
        work.open.sort_by_key(|field| field.as_str());
        work.open.dedup();
        Ok(work)
    }
}
