//! What a redaction will erase, as the outbox knows it: told beside the result, and looked at before anything is signed.

use std::collections::{BTreeSet, HashSet};

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry_state::TextState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement::Statement;

use super::Redact;
use crate::commands::CommandError;
use crate::commands::which::Meant;
use crate::outbox::kept::Kept;
use crate::outbox::lives::OwnLives;
use crate::outbox::record::Numbered;

/// So many characters that an explanation has in common with an erased text are too many. Fewer are a word or two.
const SHARED: usize = 12;

/// What the outbox knows of the texts that are named.
#[derive(Debug, Default)]
pub(super) struct Foreseen {
    /// The statements that were named one by one.
    pub(super) about: Vec<Meant>,
    /// Texts that will be erased.
    pub(super) texts: u64,
    /// Texts that were erased before.
    before: u64,
    /// Texts of ranges that are withheld: they are passed over.
    withheld: u64,
    /// The number of a statement with a text of which the explanation repeats words.
    repeated: Option<u64>,
}

impl Foreseen {
    /// Looks at the statements with these numbers, and at those of the ranges.
    pub(super) fn of(asked: &Redact, kept: &Kept, numbers: &[u64]) -> Result<Foreseen, CommandError> {
        let lives = OwnLives::of(kept)?;
        let words = asked.explanation.as_deref().map(Words::of);
        let mut foreseen = Foreseen::default();
        let named: BTreeSet<u64> = numbers.iter().copied().collect();
        for number in &named {
            foreseen.about.push(Meant::of(kept, *number)?);
            if let Some(numbered) = kept.numbered(*number)? {
                foreseen.look(asked, &lives, &numbered, (true, words.as_ref()));
            }
        }
        if !asked.range.is_empty() {
            kept.each(|numbered| {
                let number = numbered.sequence;
                let is_in = asked
                    .range
                    .iter()
                    .any(|range| (range.first().get()..=range.last().get()).contains(&number));
                if is_in && !named.contains(&number) {
                    foreseen.look(asked, &lives, &numbered, (false, words.as_ref()));
                }
            })?;
        }
        Ok(foreseen)
    }

    fn look(
        &mut self,
        asked: &Redact,
        lives: &OwnLives,
        numbered: &Numbered,
        (is_named, words): (bool, Option<&Words>),
    ) {
        let Ok(statement) = Statement::parse(&numbered.statement.0) else { return };
        let state = lives.state(&statement);
        for field in asked.fields() {
            match state.text(statement.payload(), field) {
                None => continue,
                Some(TextState::Redacted(_)) => self.before += 1,
                Some(TextState::Withheld) if !is_named => self.withheld += 1,
                Some(_) => self.texts += 1,
            }
            if words.is_some_and(|words| texts_of(numbered, field).any(|text| words.occur_in(&text))) {
                self.repeated.get_or_insert(numbered.sequence);
            }
        }
    }

    /// Whether it should be done: what erases nothing, or says what it erases, should not.
    ///
    /// # Errors
    /// `Refused`, with what to do.
    pub(super) fn check(&self, asked: &Redact, kept: &Kept) -> Result<(), CommandError> {
        if let Some(number) = self.repeated {
            return Err(CommandError::Refused(format!(
                "--explanation repeats {SHARED} characters or more of a text of number {number} that is to be erased, and would stay on \
                 record: say it in other words"
            )));
        }
        let after = kept.contents().started_after();
        let is_known = self.about.is_empty()
            && asked.entry.is_empty()
            && asked.range.iter().all(|range| range.first().get() > after);
        if !is_known || self.texts + self.before > 0 {
            return Ok(());
        }
        let fields: Vec<&str> = asked.fields().iter().map(|field| field.as_str()).collect();
        let fields = fields.join(", ");
        Err(CommandError::Refused(match self.withheld {
            0 => format!(
                "nothing would be erased: no statement with a number of the range has a text {fields}. A range is of the provider's own \
                 numbers (sequence), not of the log's entries"
            ),
            withheld => format!(
                "nothing would be erased: of {fields}, the range has {withheld} texts, all withheld, and a range passes over these. Name \
                 the statements one by one"
            ),
        }))
    }
}

/// The kept texts of a statement under a name, as plain words.
fn texts_of(numbered: &Numbered, field: FieldName) -> impl Iterator<Item = String> {
    let kept = numbered.addenda.iter().chain(&numbered.withheld);
    let addenda = kept.filter_map(|bytes| Addendum::parse(&bytes.0).ok());
    addenda.filter(move |addendum| addendum.field() == field).map(|addendum| words_of(addendum.value()))
}

fn words_of(item: &Item) -> String {
    match item {
        Item::Text(text) => text.clone(),
        Item::Array(items) => items.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        Item::Map(pairs) => pairs.iter().map(|(_, value)| words_of(value)).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// The runs of characters of an explanation, whatever their case and the blanks between words.
struct Words(HashSet<Vec<char>>);

impl Words {
    fn of(text: &str) -> Words {
        Words(plain(text).windows(SHARED).map(<[char]>::to_vec).collect())
    }

    fn occur_in(&self, text: &str) -> bool {
        plain(text).windows(SHARED).any(|run| self.0.contains(run))
    }
}

fn plain(text: &str) -> Vec<char> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().chars().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn twelve_characters_in_common_are_too_many() {
        let text = "The seller lives in the Rue de la Paix, and\nowes nothing.";
        for (explanation, is_repeated) in [
            ("He asked for it: RUE  DE LA  PAIX is his street.", true),
            ("It said: paix, and owes.", true),
            ("It said: paix, and o.", true),
            ("It said: paix, and.", false),
            ("A court asked for it.", false),
            ("", false),
        ] {
            assert_eq!(Words::of(explanation).occur_in(text), is_repeated, "{explanation}");
        }
    }
}
