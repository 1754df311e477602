//! Which texts of an outbox a purge takes: what the log erased, and nothing that only the outbox still holds.
//!
//! A redaction by range passes over a text that is withheld and that no disclosure opened before (`spec/lifecycle.md`,
//! "Format: targets"). The outbox has the only copy of such a text, and a later disclosure needs it.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::targets::Target;

use super::OutboxError;
use super::journal::Journal;
use super::kept::Kept;
use super::lives::OwnLives;
use super::purge::Purge;
use super::purged_id::{IdKey, is_digest};
use super::record::{Base64, Numbered, Record};

/// The texts that go, by the numbers of the statements whose texts they are.
#[derive(Debug)]
pub(super) struct ErasedTexts {
    fields: BTreeMap<u64, Vec<FieldName>>,
}

impl ErasedTexts {
    /// The texts that a purge takes from this outbox.
    ///
    /// # Errors
    /// The journal's.
    pub(super) fn of(kept: &Kept, purge: &Purge) -> Result<ErasedTexts, OutboxError> {
        let named = purge.numbers.iter().map(|number| (*number, purge.fields.clone()));
        let mut erased = ErasedTexts { fields: named.collect() };
        let lives = if purge.ranges.is_empty() { OwnLives::default() } else { OwnLives::of(kept)? };
        let rule = RangeRule { kept, lives: &lives, purge };
        let mut refused = Vec::new();
        Journal::read(&kept.journal(), |record, place| {
            let Record::Numbered(numbered) = record else { return };
            let number = numbered.sequence;
            if purge.is_in_range(number) && !erased.fields.contains_key(&number) {
                let fields = rule.erased(&numbered);
                if !fields.is_empty() {
                    erased.fields.insert(number, fields);
                }
            }
            if kept.contents().place(number) != Some(place) {
                refused.extend(numbered.id.map(|id| (number, id)));
            }
        })?;
        // A line that was refused and published again lies in the journal twice, with the same texts.
        for (number, id) in refused {
            let again = kept.contents().line(&id).map(|line| line.sequence);
            if let Some(fields) = again.and_then(|again| erased.fields.get(&again)).cloned() {
                erased.fields.entry(number).or_default().extend(fields);
            }
        }
        Ok(erased)
    }

    /// The numbers of statements that lose texts, if they have any, ascending.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.fields.keys().copied()
    }

    /// Whether that text goes.
    pub(super) fn has(&self, bytes: &[u8]) -> bool {
        Addendum::parse(bytes).is_ok_and(|text| self.takes(text.sequence().get(), text.field()))
    }

    fn takes(&self, number: u64, field: FieldName) -> bool {
        self.fields.get(&number).is_some_and(|fields| fields.contains(&field))
    }

    /// How many texts of a statement go.
    pub(super) fn count(&self, numbered: &Numbered) -> u64 {
        let sent = numbered.addenda.iter().chain(&numbered.withheld).filter(|text| self.has(&text.0));
        let kept = if self.takes_sealed(numbered) { numbered.kept.len() } else { 0 };
        (sent.count() + kept) as u64
    }

    /// What a sealed statement seals goes whole or not at all, with the texts that it withholds in its turn.
    fn takes_sealed(&self, numbered: &Numbered) -> bool {
        self.takes(numbered.sequence, FieldName::SEALED_STATEMENT)
    }

    /// A statement without these texts. What else could tell a text or a puid to whoever tries some goes under the key.
    pub(super) fn strip(&self, mut numbered: Numbered, key: &IdKey) -> Numbered {
        numbered.id = numbered.id.map(|id| match key.over_unkeyed(&id) {
            Some(purged) => purged,
            None if is_digest(&id) => key.purged(&id),
            None => id,
        });
        // A line about another one may name it by its puid.
        numbered.content = numbered.content.map(|content| key.purged(&content));
        if self.count(&numbered) == 0 {
            return numbered;
        }
        let keep = |text: &Base64| !self.has(&text.0);
        numbered.addenda.retain(keep);
        numbered.withheld.retain(keep);
        let takes_sealed = self.takes_sealed(&numbered);
        if takes_sealed {
            numbered.kept.clear();
        }
        if self.fields.contains_key(&numbered.sequence) {
            // The digest of a line with a short text in it would let that text be guessed.
            numbered.content = None;
        }
        if takes_sealed || self.takes(numbered.sequence, FieldName::PUID) {
            let purged = |id: String| if id.starts_with("puid:") { key.purged(&id) } else { id };
            numbered.id = numbered.id.map(purged);
            numbered.subject = numbered.subject.filter(|subject| !subject.starts_with("puid:"));
        }
        if takes_sealed || self.takes(numbered.sequence, FieldName::SUBJECT) {
            numbered.subject = None;
        }
        numbered
    }
}

/// What the redaction by range erased.
struct RangeRule<'a> {
    kept: &'a Kept,
    lives: &'a OwnLives,
    purge: &'a Purge,
}

impl RangeRule<'_> {
    /// The texts of a statement in the range that the log erased.
    fn erased(&self, numbered: &Numbered) -> Vec<FieldName> {
        // What does not read was not written by this program; nothing is known about it, so nothing of it goes.
        let Ok(statement) = Statement::parse(&numbered.statement.0) else { return Vec::new() };
        let payload = statement.payload();
        let state = self.lives.state(&statement);
        let erased = |field: &FieldName| {
            if !payload.withheld().contains_key(field) {
                return true;
            }
            let opened = state.disclosed.get(field);
            let opened_at = opened.and_then(|by| self.index(*by));
            if opened_at.is_some_and(|index| index < self.purge.before) {
                return true;
            }
            // By another redaction: it named the leaf hash, or came behind the disclosure.
            let by = state.redacted.get(field);
            match (by.and_then(|by| self.index(*by)), opened_at) {
                (Some(_), None) => opened.is_none(),
                (Some(erased), Some(opened)) => {
                    opened < erased || by.is_some_and(|by| self.names(*by, numbered))
                }
                (None, _) => false,
            }
        };
        let fields = self.purge.fields.iter().filter(|field| payload.addenda().contains_key(field));
        fields.filter(|field| erased(field)).copied().collect()
    }

    /// Where a statement of this provider stands in the log; `None` while it is not on record. Places in what an outbox
    /// knows are numbers of the provider.
    fn index(&self, number: LeafIndex) -> Option<u64> {
        self.kept.contents().on_record().get(&number.get()).copied()
    }

    /// Whether the statement of that number names this one by its leaf hash: then it erases also what was not disclosed yet.
    fn names(&self, number: LeafIndex, this: &Numbered) -> bool {
        let Some(leaf) = self.kept.contents().leaf(this.sequence) else { return false };
        let by = self.kept.numbered(number.get()).ok().flatten();
        let statement = by.and_then(|by| Statement::parse(&by.statement.0).ok());
        let targets = statement.as_ref().and_then(|statement| statement.payload().targets());
        targets.is_some_and(|targets| targets.iter().any(|target| *target == Target::Entry(leaf)))
    }
}
