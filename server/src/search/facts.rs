//! What a search knows of one entry, as it stands now: everything that conditions look at and counts count, and the words of
//! its public texts. It is made in one place, from the ledger.

use glasshouse_ledger::current::{Current, CurrentReader, Entries};
use glasshouse_ledger::entry_cursor::EntryCursor;
use glasshouse_ledger::pack::PackError;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_ledger::text_cursor::TextCursor;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::{FieldName, Form};
use glasshouse_verifier::size::LeafIndex;
use tantivy::tokenizer::TextAnalyzer;

use super::coded::{Coded, Ordinal, Outcome};
use super::day_number::day_number;
use super::logged::Tick;
use super::ticking::Ticking;
use super::words::{analyzer, padded, words};

/// What is known of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its place.
    pub(crate) index: u64,
    /// Who issued it.
    pub(crate) issuer: String,
    /// Its number among the issuer's.
    pub(crate) sequence: u64,
    /// What it is about: the claim `sub`.
    pub(crate) sub: String,
    /// The published text that `sub` stands for.
    pub(crate) subject: Option<String>,
    /// The published name of the authority behind its order.
    pub(crate) authority: Option<String>,
    /// The number of its day, 0 for none.
    pub(crate) day: u32,
    /// Its values for every parameter of codes, in the order of [`Coded::all`].
    pub(crate) codes: Vec<Vec<Ordinal>>,
    /// Outcomes that count.
    pub(crate) outcomes: Vec<Outcome>,
    /// What it proves about days, if it is a tick.
    pub(crate) tick: Option<Tick>,
    /// The words of each of its public texts, with a space before and behind each.
    pub(crate) texts: Vec<String>,
}

impl Facts {
    /// How much memory its words take, about, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.texts.iter().map(String::len).sum::<usize>() + 1_000
    }
}

/// Makes facts, one entry after the other.
pub(crate) struct FactsReader {
    reader: Reader,
    later: CurrentReader<EntryCursor>,
    texts: TextCursor,
    amendments: EntryCursor,
    analyzer: TextAnalyzer,
    ticking: Ticking,
}

impl FactsReader {
    /// Reads from the newest published tree, also one that is published meanwhile.
    pub(crate) fn new(reader: &Reader, ticking: &Ticking) -> FactsReader {
        FactsReader {
            reader: reader.clone(),
            later: CurrentReader::new(reader.cursor()),
            texts: TextCursor::new(reader.clone()),
            amendments: reader.cursor(),
            analyzer: analyzer(),
            ticking: ticking.clone(),
        }
    }

    /// The entry at a place as it stands now, with what is known of it; `None` beyond the published end.
    pub(crate) fn facts(&mut self, index: LeafIndex) -> Result<Option<(Current, Facts)>, ReadError> {
        let Some(entry) = self.later.entry(index)? else { return Ok(None) };
        let state = self.reader.state_of(&entry);
        let current = self.later.current(index, entry, state, true)?;
        let mut facts = of_fields(&current);
        facts.tick = self.ticking.tick(index, current.entry.statement());
        self.add_texts(&current, &mut facts)?;
        Ok(Some((current, facts)))
    }

    /// Takes in the texts of the entry, and those that amendments give it.
    fn add_texts(&mut self, current: &Current, facts: &mut Facts) -> Result<(), ReadError> {
        let hidden = current.state.hidden_locators(current.entry.statement());
        let own = self.read_texts(&current.entry, current.index, &current.state)?;
        let shown = |text: &Addendum| !hidden.contains(text.field());
        for text in own.iter().filter(|text| shown(text)) {
            let holds = current.amended.texts.get(&text.field()) == Some(&current.index);
            self.add(text, holds, facts);
        }
        let mut given: Vec<(FieldName, LeafIndex)> =
            current.amended.texts.iter().map(|(field, by)| (*field, *by)).collect();
        given.retain(|(_, by)| *by != current.index);
        given.sort_by_key(|(_, by)| *by);
        for amendment in given.chunk_by(|(_, a), (_, b)| a == b) {
            let Some((_, by)) = amendment.first() else { continue };
            let Some(entry) = self.amendments.entry(*by)? else { continue };
            for text in self.texts_of(&entry, *by)? {
                if shown(&text) && amendment.iter().any(|(field, _)| *field == text.field()) {
                    self.add(&text, true, facts);
                }
            }
        }
        Ok(())
    }

    /// The texts of an amendment that may be shown.
    fn texts_of(&mut self, entry: &Entry, index: LeafIndex) -> Result<Vec<Addendum>, ReadError> {
        let state = self.reader.state_of(entry);
        let hidden = state.hidden_locators(entry.statement());
        let mut texts = self.read_texts(entry, index, &state)?;
        texts.retain(|text| !hidden.contains(text.field()));
        Ok(texts)
    }

    /// The public texts of an entry. One that was lost is found nowhere, and keeps nobody from finding others; `fsck` tells
    /// of it.
    fn read_texts(
        &mut self,
        entry: &Entry,
        index: LeafIndex,
        state: &EntryState,
    ) -> Result<Vec<Addendum>, ReadError> {
        match self.texts.texts(entry, index, state) {
            Err(error @ (ReadError::BadEntry { .. } | ReadError::Pack(PackError::Damaged { .. }))) => {
                tracing::error!(%error, "a text cannot be searched");
                Ok(Vec::new())
            }
            read => read,
        }
    }

    /// Takes in one text; `holds` for the one that is as amended.
    fn add(&mut self, text: &Addendum, holds: bool, facts: &mut Facts) {
        if matches!(text.field().form(), Form::Digest32 | Form::Sealed | Form::Statement) {
            return;
        }
        let values: Vec<&str> = match text.value() {
            Item::Array(values) => values.iter().filter_map(as_text).collect(),
            value => as_text(value).into_iter().collect(),
        };
        if let (true, [value]) = (holds, values.as_slice()) {
            match text.field() {
                FieldName::SUBJECT => facts.subject = Some((*value).to_owned()),
                FieldName::ORDER_AUTHORITY => facts.authority = Some((*value).to_owned()),
                _ => {}
            }
        }
        for value in values {
            facts.texts.push(padded(&words(&mut self.analyzer, value)));
        }
    }
}

fn as_text(item: &Item) -> Option<&str> {
    match item {
        Item::Text(text) => Some(text),
        _ => None,
    }
}

/// What is known without its texts.
fn of_fields(current: &Current) -> Facts {
    let statement = current.entry.statement();
    let claims = statement.claims();
    Facts {
        index: current.index.get(),
        issuer: claims.iss.as_str().to_owned(),
        sequence: statement.sequence().get(),
        sub: claims.sub.to_string(),
        day: current.day().map_or(0, day_number),
        codes: Coded::all().iter().map(|coded| coded.ordinals(current)).collect(),
        outcomes: current.outcomes.iter().map(Outcome::of).collect(),
        ..Facts::default()
    }
}
