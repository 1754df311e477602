//! What a redaction will erase, as the outbox knows it: told beside the result, and looked at before anything is signed.

use std::collections::{BTreeSet, HashMap};

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

/// So many words in a row that an explanation has in common with an erased text are too many.
const SHARED: usize = 3;
/// Where a script has no blanks between words, so many characters stand for one of them: each is taken for a word of its own.
const LETTERS: usize = 4;

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
    /// The number of a statement with a text of which the explanation repeats words, and these words.
    repeated: Option<(u64, String)>,
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
            let Some(words) = words.filter(|_| self.repeated.is_none()) else { continue };
            let run = texts_of(numbered, field).find_map(|text| words.repeated_in(&text));
            self.repeated = run.map(|run| (numbered.sequence, run));
        }
    }

    /// Whether it should be done: what erases nothing, or says what it erases, should not.
    ///
    /// # Errors
    /// `Refused`, with what to do.
    pub(super) fn check(&self, asked: &Redact, kept: &Kept) -> Result<(), CommandError> {
        if let Some((number, run)) = &self.repeated {
            return Err(CommandError::Refused(format!(
                "--explanation repeats words of a text of number {number} that is to be erased, and would stay on record: \"{run}\". Say \
                 it in other words"
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
        Item::Text(text) => text.to_string(),
        Item::Array(items) => items.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        Item::Map(pairs) => pairs.iter().map(|(_, value)| words_of(value)).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// An explanation's words in their order, whatever their case and what stands between them; and where each shortest run begins
/// that is too long to be shared.
struct Words {
    words: Vec<String>,
    runs: HashMap<Vec<String>, usize>,
}

impl Words {
    fn of(text: &str) -> Words {
        let words = plain(text);
        let runs = (0..words.len()).filter_map(|at| Some((run_from(&words, at)?.to_vec(), at)));
        Words { runs: runs.collect(), words }
    }

    /// The first run of words that a text has in common with it, to its end.
    fn repeated_in(&self, text: &str) -> Option<String> {
        let words = plain(text);
        let (here, there) =
            (0..words.len()).find_map(|at| Some((at, *self.runs.get(run_from(&words, at)?)?)))?;
        let pairs = words.iter().skip(here).zip(self.words.iter().skip(there));
        let run: Vec<&str> =
            pairs.take_while(|(one, other)| one == other).map(|(word, _)| word.as_str()).collect();
        Some(run.join(" "))
    }
}

/// The shortest run of words from a place on that is too long to be shared; nothing where fewer are left.
fn run_from(words: &[String], at: usize) -> Option<&[String]> {
    let rest = words.get(at..)?;
    let mut letters = 0;
    let length = rest.iter().position(|word| {
        letters += if word.chars().all(is_unspaced) { 1 } else { LETTERS };
        letters >= SHARED * LETTERS
    })?;
    rest.get(..=length)
}

/// Letters and digits in a row, in lower case; of a script without blanks each letter.
fn plain(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for letter in text.to_lowercase().chars() {
        let is_alone = is_unspaced(letter);
        match words.last_mut() {
            _ if !letter.is_alphanumeric() && !is_alone => {}
            Some(word) if is_open && !is_alone => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        is_open = letter.is_alphanumeric() && !is_alone;
    }
    words
}

/// Thai, Lao, Burmese, Khmer, Japanese, Chinese.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff
        | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn three_words_in_common_are_too_many_and_are_told() {
        let text =
            "The seller lives in the Rue de la Paix, and\nowes nothing. 彼はパリの平和通りに住んでいる。";
        for (explanation, run) in [
            ("He asked for it: RUE  DE LA  PAIX is his street.", Some("rue de la paix")),
            ("It said: paix, and owes.", Some("paix and owes")),
            ("It said: paix, and owe.", None),
            ("One of the sellers, in the street.", None),
            ("He said: lives-in/the", Some("lives in the")),
            ("A court asked for it.", None),
            ("パリの平和通りに住んでいる", Some("パ リ の 平 和 通 り に 住 ん で い る")),
            ("平和通りに住む", None),
            ("the", None),
            ("", None),
        ] {
            assert_eq!(Words::of(explanation).repeated_in(text).as_deref(), run, "{explanation}");
        }
    }
}
