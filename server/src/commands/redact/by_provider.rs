//! A provider erases texts of its own statements, through its outbox.

use std::path::Path;

use glasshouse_verifier::entry_state::TextState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement::Statement;
use serde_json::{Value, json};

use super::foreseen::Foreseen;
use super::{Redact, STAYS};
use crate::commands::CommandError;
use crate::commands::filing::Filing;
use crate::commands::standard_output::say;
use crate::commands::which::{Meant, unknown};
use crate::outbox::Outbox;
use crate::outbox::kept::Kept;
use crate::outbox::line::AuthoredLine;
use crate::outbox::lives::OwnLives;
use crate::outbox::purge::{Purge, Purged};

impl Redact {
    pub(super) fn by_provider(&self, key: &Path, outbox: &Path, json: bool) -> Result<(), CommandError> {
        let kept = Kept::read(outbox)?;
        if let Some(name) = self.names().find(|name| kept.contents().line(name).is_none()) {
            return Err(unknown(&name, kept.contents(), outbox));
        }
        let numbers = self.numbers(&kept);
        let foreseen = Foreseen::of(self, &kept, &numbers)?;
        foreseen.check(self, &kept)?;
        let line = self.line(&kept)?;
        drop(kept);
        if !json {
            foreseen.about.iter().for_each(|meant| say!("about {meant}"));
        }
        let filing = Filing::new(&self.log, &self.provider, key, outbox, self.patience);
        let published = filing.publish(line, json)?;
        let ranges = self.range.iter().map(|range| (range.first().get(), range.last().get())).collect();
        let purge = Purge { numbers, ranges, fields: self.fields(), before: published.index };
        let fields: Vec<&str> = purge.fields.iter().map(|field: &FieldName| field.as_str()).collect();
        if json {
            let event = json!({"event": "redacted", "fields": fields, "sequence": published.sequence,
                "index": published.index, "leaf_hash": published.leaf_hash, "before": published.before,
                "about": foreseen.about.iter().map(Meant::to_json).collect::<Vec<_>>(), "texts": foreseen.texts});
            say!("{event}");
        } else {
            let word = if published.before { "redacted before" } else { "redacted" };
            say!("{word}: {}", fields.join(", "));
            say!("the redaction is entry {}, number {}", published.index, published.sequence);
            if !published.before {
                say!("texts that this erases, as far as this outbox knows: {}", foreseen.texts);
            }
            say!(
                "the log erases them now, or when its operator's hold has passed; before that a line for `publish` takes it back:"
            );
            say!(
                "{}",
                json!({"type": "withdrawal", "targets": [format!("sequence:{}", published.sequence)]})
            );
        }
        self.own_copies(outbox, &purge, json)
    }

    /// Erases the outbox's copies, or says that there are some.
    fn own_copies(&self, outbox: &Path, purge: &Purge, json: bool) -> Result<(), CommandError> {
        let done = match self.purge_outbox {
            true => Outbox::open(outbox)?.purge(purge)?.1,
            false => Purged::default(),
        };
        let left = Kept::read(outbox)?.holds(purge)?;
        if json {
            let event = json!({"event": "outbox", "erased_texts": done.texts, "changed_receipts": done.receipts,
                "texts_left": left.texts, "receipts_left": left.receipts});
            say!("{event}");
            return Ok(());
        }
        if self.purge_outbox {
            say!(
                "erased from {}: {} copies of these texts (the statement's and a disclosure's are two), and those in {} receipts",
                outbox.display(),
                done.texts,
                done.receipts
            );
        }
        if left.texts > 0 || left.receipts > 0 {
            say!(
                "this outbox still holds {} of these texts, and {} receipts with one: --purge-outbox erases them",
                left.texts,
                left.receipts
            );
        }
        say!("{STAYS}");
        Ok(())
    }

    /// The line of the redaction. The same arguments make the same line, unless what it published was withdrawn, or a text
    /// that it passed over was opened since.
    fn line(&self, kept: &Kept) -> Result<AuthoredLine, CommandError> {
        let mut line = json!({
            "type": "redaction",
            "targets": self.targets(),
            "fields": self.fields().iter().map(|field| field.as_str()).collect::<Vec<_>>(),
            "redaction_ground": self.ground,
            "requested_by": self.requested_by,
            "request_received": self.request_received,
            "redaction_explanation": self.explanation,
        });
        let content = AuthoredLine::from_value(1, line.clone()).content();
        let lives = OwnLives::of(kept)?;
        let is_opened = self.is_opened(kept, &lives)?;
        let mut times = 1;
        loop {
            let id = format!("redaction-{}-{times}", content.get(..16).unwrap_or(&content));
            let stands = match kept.contents().line(&format!("id:{id}")) {
                None => true,
                Some(known) => kept.numbered(known.sequence)?.is_none_or(|numbered| {
                    let statement = Statement::parse(&numbered.statement.0);
                    !is_opened && statement.is_ok_and(|statement| lives.state(&statement).withdrawn.is_none())
                }),
            };
            if stands {
                line["id"] = json!(id);
                return Ok(AuthoredLine::from_value(1, line));
            }
            times += 1;
        }
    }

    /// Whether a range holds a text that a disclosure opened and no redaction erased: an earlier one passed over it.
    fn is_opened(&self, kept: &Kept, lives: &OwnLives) -> Result<bool, CommandError> {
        let mut is_opened = false;
        if self.range.is_empty() {
            return Ok(is_opened);
        }
        kept.each(|numbered| {
            let Ok(statement) = Statement::parse(&numbered.statement.0) else { return };
            if self.range.iter().any(|range| range.contains(statement.sequence())) {
                let state = lives.state(&statement);
                let text = |field: &FieldName| state.text(statement.payload(), *field);
                is_opened |=
                    self.field.iter().any(|field| matches!(text(field), Some(TextState::Disclosed(_))));
            }
        })?;
        Ok(is_opened)
    }

    /// Lines of the outbox, by what they are called there.
    fn names(&self) -> impl Iterator<Item = String> {
        let puids = self.puid.iter().map(|puid| format!("puid:{puid}"));
        puids.chain(self.id.iter().map(|id| format!("id:{id}")))
    }

    fn targets(&self) -> Vec<Value> {
        let names = self.names().map(Value::from);
        let numbers = self.sequence.iter().map(|number| json!(format!("sequence:{number}")));
        let entries = self.entry.iter().map(|leaf| json!({"entry": leaf.to_hex()}));
        let ranges =
            self.range.iter().map(|range| json!({"first": range.first().get(), "last": range.last().get()}));
        names.chain(numbers).chain(entries).chain(ranges).collect()
    }

    /// The numbers of what is named one by one, as far as the outbox knows it.
    fn numbers(&self, kept: &Kept) -> Vec<u64> {
        let contents = kept.contents();
        let lines = self.names().filter_map(|id| contents.line(&id).map(|line| line.sequence));
        let entries = self.entry.iter().filter_map(|leaf| contents.number_of(leaf));
        lines.chain(entries).chain(self.sequence.iter().copied()).collect()
    }
}
