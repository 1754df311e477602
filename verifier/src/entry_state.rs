//! The state of an entry: what follows for it from everything that was said about it later (`spec/lifecycle.md`).

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::codes::Code;
use crate::fields::{FieldName, FieldSet};
use crate::lives::{Lives, Mark};
use crate::naming::brings_locator_keyword;
use crate::payload::Payload;
use crate::size::{LeafIndex, TreeSize};
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::subject::SubjectKind;
use crate::type_table;

/// What became of a decision, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The restriction holds as far as the log tells. Dates that have passed are not looked at.
    InForce,
    /// A statement that restricts nothing, and that nobody took back.
    Stands,
    /// The last outcome reversed it in part.
    PartiallyReversed,
    /// The restriction was ended.
    Lifted,
    /// The last outcome reversed it.
    Reversed,
    /// Its issuer says that it was not its own.
    Withdrawn,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Standing; 6] = [
        Standing::InForce,
        Standing::Stands,
        Standing::PartiallyReversed,
        Standing::Lifted,
        Standing::Reversed,
        Standing::Withdrawn,
    ];

    /// The name in the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::InForce => "in_force",
            Standing::Stands => "stands",
            Standing::PartiallyReversed => "partially_reversed",
            Standing::Lifted => "lifted",
            Standing::Reversed => "reversed",
            Standing::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of a text that an entry commits to. Exactly one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextState {
    /// The log serves it, and always did.
    Served,
    /// Its issuer keeps it.
    Withheld,
    /// Its issuer opened it later, by that entry; the log serves it.
    Disclosed(LeafIndex),
    /// It was erased, by that entry.
    Redacted(LeafIndex),
}

impl TextState {
    /// The name in the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            TextState::Served => "served",
            TextState::Withheld => "withheld",
            TextState::Disclosed(_) => "disclosed",
            TextState::Redacted(_) => "redacted",
        }
    }

    /// Whether the log gives the text out.
    pub fn is_public(self) -> bool {
        matches!(self, TextState::Served | TextState::Disclosed(_))
    }
}

/// What a later statement says about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The later statement's place.
    pub index: LeafIndex,
    /// Its type.
    pub kind: StatementType,
    /// Whether it counts: no withdrawal that counts took it back.
    pub counts: bool,
}

/// Everything that was said about one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryState {
    /// Every statement about it, in the order of the log, also those that do not count.
    pub claims: Vec<Claim>,
    /// The first withdrawal that counts.
    pub withdrawn: Option<LeafIndex>,
    /// The first `lifted` that counts.
    pub lifted: Option<LeafIndex>,
    /// The outcomes that count, each with its `result`.
    pub outcomes: Vec<(LeafIndex, Code)>,
    /// The amendments that count.
    pub amendments: Vec<LeafIndex>,
    /// The registrar's statement that its issuer signed two under its number.
    pub conflict: Option<LeafIndex>,
    /// Texts that were opened.
    pub disclosed: BTreeMap<FieldName, LeafIndex>,
    /// Texts that were erased.
    pub redacted: BTreeMap<FieldName, LeafIndex>,
    /// How many statements name it.
    pub(crate) named: usize,
    /// Texts that a redaction named by the leaf hash, also one that was withdrawn since: their embargo ended.
    pub(crate) embargo_ended: FieldSet,
    /// Whether an amendment that counts brings a keyword whose locators are never served.
    pub(crate) under_locator_keyword: bool,
}

impl EntryState {
    /// What the log says about the entry of this statement, as far as it was read.
    pub fn of(lives: &Lives, statement: &Statement) -> EntryState {
        EntryState::of_marks(lives, statement, |mark| Some(lives.counts(mark)))
    }

    /// What the log said about it in its tree of that size; `lives` may have read further.
    pub fn in_tree(lives: &Lives, statement: &Statement, size: TreeSize) -> EntryState {
        let mut known = HashMap::new();
        EntryState::of_marks(lives, statement, |mark| {
            mark.index.is_in(size).then(|| lives.counted_in(size, mark, &mut known))
        })
    }

    /// From the marks on it: whether each counts, or `None` for one that is not looked at.
    fn of_marks(
        lives: &Lives,
        statement: &Statement,
        mut weigh: impl FnMut(&Mark) -> Option<bool>,
    ) -> EntryState {
        let payload = statement.payload();
        let mut state = EntryState::default();
        for (mark, by_leaf) in lives.marks(&statement.claims().iss, payload.sequence(), payload.kind()) {
            let Some(counts) = weigh(mark) else { continue };
            state.named += 1;
            if by_leaf && mark.kind == StatementType::Redaction {
                state.embargo_ended = state.embargo_ended.union(mark.fields);
            }
            state.claims.push(Claim { index: mark.index, kind: mark.kind, counts });
            if counts {
                state.take(mark, by_leaf, payload);
            }
        }
        state
    }

    fn take(&mut self, mark: &Mark, by_leaf: bool, payload: &Payload) {
        let index = mark.index;
        let first = |place: &mut Option<LeafIndex>| *place = place.or(Some(index));
        match mark.kind {
            StatementType::Withdrawal => first(&mut self.withdrawn),
            StatementType::Lifted => first(&mut self.lifted),
            StatementType::Conflict => first(&mut self.conflict),
            StatementType::Amendment => {
                self.amendments.push(index);
                self.under_locator_keyword |= mark.brings_locator_keyword;
            }
            StatementType::Outcome => self.outcomes.extend(mark.result.map(|result| (index, result))),
            StatementType::Disclosure => {
                for field in mark.fields.iter().filter(|field| payload.withheld().contains_key(field)) {
                    self.disclosed.entry(field).or_insert(index);
                }
            }
            StatementType::Redaction => {
                for field in mark.fields.iter().filter(|field| payload.addenda().contains_key(field)) {
                    // A range passes over what the ledger did not hold.
                    if by_leaf || self.was_held(payload, field, index) {
                        self.redacted.entry(field).or_insert(index);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a disclosure opened the text.
    pub fn is_disclosed(&self, field: FieldName) -> bool {
        self.disclosed.contains_key(&field)
    }

    /// Whether the ledger held the text of this entry, whose payload it is, before the entry `at`: it was not withheld, or a
    /// disclosure had opened it. A redaction of a range passes over what was not held.
    pub fn was_held(&self, payload: &Payload, field: FieldName, at: LeafIndex) -> bool {
        !payload.withheld().contains_key(&field)
            || self.disclosed.get(&field).is_some_and(|opened| *opened < at)
    }

    /// Whether a redaction erased the text.
    pub fn is_redacted(&self, field: FieldName) -> bool {
        self.redacted.contains_key(&field)
    }

    /// The texts of the entry that hold locators, if it stands under a keyword of `locator_keywords`, as filed or as
    /// amended: shown to nobody, whatever their state. Empty under other keywords. The keywords of an amendment stand in
    /// what it amends, so that its locators are always among them.
    pub fn hidden_locators(&self, statement: &Statement) -> FieldSet {
        let mut locators = type_table::LOCATORS;
        if statement.payload().kind() == StatementType::Amendment {
            return locators;
        }
        if !self.under_locator_keyword && !brings_locator_keyword(statement.payload()) {
            return FieldSet::default();
        }
        if !matches!(statement.claims().sub.kind(), SubjectKind::Domain | SubjectKind::Asn) {
            locators.insert(FieldName::SUBJECT);
        }
        locators
    }

    /// What became of a text of the entry; `None` if the payload commits to no such text.
    pub fn text(&self, payload: &Payload, field: FieldName) -> Option<TextState> {
        payload.addenda().get(&field)?;
        Some(match (self.redacted.get(&field), self.disclosed.get(&field)) {
            (Some(index), _) => TextState::Redacted(*index),
            (None, Some(index)) => TextState::Disclosed(*index),
            (None, None) if payload.withheld().contains_key(&field) => TextState::Withheld,
            (None, None) => TextState::Served,
        })
    }

    /// The entry that its standing follows from; `None` where nothing was said that changes it.
    pub fn standing_by(&self) -> Option<LeafIndex> {
        let last = self.outcomes.last().map(|(index, result)| (Some(*index), result.as_str()));
        let outcome = |wanted| last.filter(|(_, result)| *result == wanted).and_then(|(index, _)| index);
        self.withdrawn
            .or_else(|| outcome("reversed"))
            .or(self.lifted)
            .or_else(|| outcome("partially_reversed"))
    }

    /// What became of an entry of that type.
    pub fn standing(&self, kind: StatementType) -> Standing {
        let last = self.outcomes.last().map(|(_, result)| result.as_str());
        let is_decision = kind == StatementType::Decision;
        match last {
            _ if self.withdrawn.is_some() => Standing::Withdrawn,
            Some("reversed") => Standing::Reversed,
            _ if self.lifted.is_some() => Standing::Lifted,
            Some("partially_reversed") => Standing::PartiallyReversed,
            _ if is_decision => Standing::InForce,
            _ => Standing::Stands,
        }
    }
}
