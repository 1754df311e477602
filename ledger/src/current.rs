//! An entry as everything after it leaves it: its state, its fields as amended, and how complaints about it ended.
//!
//! Lists, pages and exports look at entries through this one place, so that a count and the list behind it are never
//! made by two rules.

use std::collections::BTreeMap;

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::codes::Code;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::{FieldName, is_locator_keyword};
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

/// Statements that were read for others and are kept for the next one that they are about: a bulk amendment is read
/// once. Their payloads take 64 KiB at most each.
const KEPT: usize = 64;

/// Somebody who reads the entries of one tree.
pub trait Entries {
    /// Why one could not be read.
    type Error;

    /// The entry at a place; `None` beyond the tree's end.
    ///
    /// # Errors
    ///
    /// What the reading failed on.
    fn entry(&mut self, index: LeafIndex) -> Result<Option<Entry>, Self::Error>;
}

/// How a complaint, a dispute or a case ended, as an `outcome` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The outcome's place.
    pub index: LeafIndex,
    /// A code of `procedure`.
    pub procedure: Code,
    /// A code of `result`.
    pub result: Code,
    /// When the complaint came in.
    pub received: Option<Instant>,
    /// When the procedure ended.
    pub decided: Option<Instant>,
    /// The day of that; where it is not said, the day on which the outcome was issued.
    pub day: Option<Day>,
    /// A code of `yes_no`: whether the provider did what the outcome asks.
    pub implemented: Option<Code>,
}

impl Decided {
    /// What an outcome says; `None` for a statement of another type.
    pub fn of(index: LeafIndex, outcome: &Statement) -> Option<Decided> {
        let payload = outcome.payload();
        let instant = |field| match payload.field(field) {
            Some(FieldValue::Instant(instant)) => Some(*instant),
            _ => None,
        };
        let decided = instant(FieldName::DECIDED_AT);
        Some(Decided {
            index,
            procedure: payload.code(FieldName::PROCEDURE)?,
            result: payload.code(FieldName::RESULT)?,
            received: instant(FieldName::COMPLAINT_RECEIVED),
            decided,
            day: decided.and_then(Instant::day).or_else(|| day_issued(outcome)),
            implemented: payload.code(FieldName::IMPLEMENTED),
        })
    }
}

/// The day of `iat` in UTC; `None` where no calendar of ours has it.
pub fn day_issued(statement: &Statement) -> Option<Day> {
    Instant::new(statement.claims().iat).and_then(Instant::day)
}

/// Whether a statement takes texts of others out of sight: a redaction, an amendment under whose keyword locators are shown
/// to nobody, or a withdrawal of withdrawals, after which one of those may count again.
pub(crate) fn hides_texts(payload: &Payload, names_withdrawals: bool) -> bool {
    let keywords = payload.codes(FieldName::CATEGORY_SPECIFICATION);
    match payload.kind() {
        StatementType::Redaction => true,
        StatementType::Withdrawal => names_withdrawals,
        StatementType::Amendment => keywords.iter().any(|code| is_locator_keyword(code.as_str())),
        _ => false,
    }
}

/// An entry as it stands now.
#[derive(Debug, Clone)]
pub struct Current {
    /// Its place.
    pub index: LeafIndex,
    /// What was signed.
    pub entry: Entry,
    /// What later entries say about it.
    pub state: EntryState,
    /// Its fields as amended, each with the entry that gave it.
    pub amended: AsAmended,
    /// The outcomes that count, in the order of the log; of an `outcome`, itself. Empty unless asked for.
    pub outcomes: Vec<Decided>,
}

impl Current {
    /// What was signed.
    pub fn payload(&self) -> &Payload {
        self.entry.statement().payload()
    }

    /// Its type.
    pub fn kind(&self) -> StatementType {
        self.payload().kind()
    }

    /// The value that holds for a field.
    pub fn field(&self, field: FieldName) -> Option<&FieldValue> {
        self.amended.field(field)
    }

    /// The codes that hold for a field of one code or of several.
    pub fn codes(&self, field: FieldName) -> &[Code] {
        self.amended.codes(field)
    }

    /// The day that a statement is counted under: of a decision `application_date`, of all others the day of `iat`.
    pub fn day(&self) -> Option<Day> {
        self.amended.day(self.entry.statement())
    }
}

/// Reads what later entries say about earlier ones.
#[derive(Debug)]
pub struct CurrentReader<E> {
    entries: E,
    amendments: BTreeMap<LeafIndex, Payload>,
    outcomes: BTreeMap<LeafIndex, Option<Decided>>,
    read: u64,
}

impl<E: Entries> CurrentReader<E> {
    /// Reads from these entries.
    pub fn new(entries: E) -> CurrentReader<E> {
        CurrentReader { entries, amendments: BTreeMap::new(), outcomes: BTreeMap::new(), read: 0 }
    }

    /// How many entries were read so far, through this reader.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// The entry at a place; `None` beyond the tree's end.
    ///
    /// # Errors
    ///
    /// Those of the reading.
    pub fn entry(&mut self, index: LeafIndex) -> Result<Option<Entry>, E::Error> {
        self.read = self.read.saturating_add(1);
        self.entries.entry(index)
    }

    /// An entry in its state: reads the amendments that count, and with `outcomes` the outcomes that count.
    ///
    /// # Errors
    ///
    /// Those of the reading.
    pub fn current(
        &mut self,
        index: LeafIndex,
        entry: Entry,
        state: EntryState,
        outcomes: bool,
    ) -> Result<Current, E::Error> {
        let statement = entry.statement();
        let mut amended = AsAmended::filed(index, statement.payload());
        for by in &state.amendments {
            self.amend(&mut amended, *by)?;
        }
        let mut decided = Vec::new();
        if outcomes {
            decided.extend(Decided::of(index, statement));
            for (by, _) in &state.outcomes {
                decided.extend(self.outcome(*by)?);
            }
        }
        Ok(Current { index, entry, state, amended, outcomes: decided })
    }

    fn amend(&mut self, amended: &mut AsAmended, by: LeafIndex) -> Result<(), E::Error> {
        if let Some(known) = self.amendments.get(&by) {
            amended.amend(by, known);
            return Ok(());
        }
        let Some(entry) = self.entry(by)? else { return Ok(()) };
        let payload = entry.statement().payload();
        amended.amend(by, payload);
        if self.amendments.len() >= KEPT {
            self.amendments.pop_first();
        }
        self.amendments.insert(by, payload.clone());
        Ok(())
    }

    fn outcome(&mut self, by: LeafIndex) -> Result<Option<Decided>, E::Error> {
        if let Some(known) = self.outcomes.get(&by) {
            return Ok(*known);
        }
        let entry = self.entry(by)?;
        let decided = entry.and_then(|entry| Decided::of(by, entry.statement()));
        if self.outcomes.len() >= KEPT {
            self.outcomes.pop_first();
        }
        self.outcomes.insert(by, decided);
        Ok(decided)
    }
}
