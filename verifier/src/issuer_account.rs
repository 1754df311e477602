//! What one issuer's statements add up to: its decisions by number, its own counts, and what it withholds.

use std::collections::HashMap;

use crate::day::Day;
use crate::embargoes::Embargoes;
use crate::fields::FieldName;
use crate::instant::Instant;
use crate::issuer::Issuer;
use crate::lives::Lives;
use crate::naming::Naming;
use crate::number_set::NumberSet;
use crate::payload::Payload;
use crate::sequence::{Sequence, SequenceWindow};
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::StatementType;

/// At most so many ranges of missing numbers are told for one declaration; the rest is counted.
const MISSING_TOLD: usize = 1_000;

/// A provider's own count for a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// Its place.
    pub index: LeafIndex,
    /// Its own number.
    pub sequence: Sequence,
    /// First and last day of the period.
    pub period: (Day, Day),
    /// First and last number of the period's statements; `None` where there were none.
    pub numbers: Option<(Sequence, Sequence)>,
    /// How many decisions were taken.
    pub taken: u64,
    /// How many of them are not filed.
    pub not_published: u64,
}

/// A declaration held against the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// What was declared.
    pub declaration: Declaration,
    /// How many decisions with a number in its range are on record and were not withdrawn.
    pub counted: u64,
    /// Ranges of numbers in its range that are neither taken nor closed: the first 1,000.
    pub missing: Vec<(u64, u64)>,
    /// How many numbers these and the further ones have.
    pub missing_count: u64,
}

impl Completeness {
    /// How many decisions should be on record by the provider's own word.
    pub fn expected(&self) -> u64 {
        self.declaration.taken.saturating_sub(self.declaration.not_published)
    }

    /// Whether what was declared is what is on record, and no number is missing.
    pub fn holds(&self) -> bool {
        self.counted == self.expected() && self.missing_count == 0
    }
}

/// What one issuer's statements add up to.
#[derive(Debug, Clone, Default)]
pub struct IssuerAccount {
    /// The numbers of decisions, sealed ones too.
    decisions: NumberSet,
    declarations: Vec<Declaration>,
    embargoes: Embargoes,
}

impl IssuerAccount {
    /// Takes a statement into the accounts of its issuer and of those that it is about.
    pub(crate) fn take(
        accounts: &mut HashMap<Issuer, IssuerAccount>,
        index: LeafIndex,
        statement: &Statement,
        naming: &Naming,
    ) {
        let payload = statement.payload();
        let own = accounts.entry(statement.claims().iss.clone()).or_default();
        if matches!(payload.kind(), StatementType::Decision | StatementType::Sealed) {
            own.decisions.insert(payload.sequence());
        }
        own.declarations.extend(declaration(index, payload));
        for terms in payload.withheld().values() {
            own.embargoes.withhold(terms.until);
        }
        let issued = Instant::new(statement.claims().iat).and_then(Instant::day);
        for entry in naming.entries() {
            let account = accounts.entry(entry.owner.clone()).or_default();
            for (_, terms) in &entry.embargoed {
                match payload.kind() {
                    StatementType::Disclosure => account.embargoes.disclose(terms.until, issued),
                    StatementType::Redaction => account.embargoes.redact(terms.until),
                    _ => {}
                }
            }
        }
    }

    /// What is withheld.
    pub fn embargoes(&self) -> &Embargoes {
        &self.embargoes
    }

    /// The declarations, in the order of the log; also those whose place a later one takes.
    pub fn declarations(&self) -> &[Declaration] {
        &self.declarations
    }

    /// Each declaration that holds for its period, against the log. `owner` is the account's issuer.
    pub(crate) fn completeness(
        &self,
        owner: &Issuer,
        window: &SequenceWindow,
        lives: &Lives,
    ) -> Vec<Completeness> {
        let mut latest: HashMap<(Day, Day), Declaration> = HashMap::new();
        for declaration in &self.declarations {
            let withdrawn = lives.withdrawn_by(owner, declaration.sequence, StatementType::Declaration);
            if withdrawn.is_none() {
                latest.insert(declaration.period, *declaration);
            }
        }
        let mut rows: Vec<Declaration> = latest.into_values().collect();
        rows.sort_by_key(|declaration| declaration.index);
        rows.into_iter().map(|declaration| self.hold(declaration, owner, window, lives)).collect()
    }

    fn hold(
        &self,
        declaration: Declaration,
        owner: &Issuer,
        window: &SequenceWindow,
        lives: &Lives,
    ) -> Completeness {
        let mut held = Completeness { declaration, counted: 0, missing: Vec::new(), missing_count: 0 };
        let Some((first, last)) = declaration.numbers else { return held };
        held.counted = self.decisions.count(first, last) - self.withdrawn(owner, lives, first, last);
        for (from, to) in missing(window, first, last) {
            held.missing_count = held.missing_count.saturating_add(to - from + 1);
            if held.missing.len() < MISSING_TOLD {
                held.missing.push((from, to));
            }
        }
        held
    }

    /// How many decisions of a range were withdrawn. Only numbers that a withdrawal names are looked at.
    fn withdrawn(&self, owner: &Issuer, lives: &Lives, first: Sequence, last: Sequence) -> u64 {
        let mut spans: Vec<(u64, u64)> = lives
            .withdrawn_spans(owner)
            .iter()
            .map(|span| (span.first().max(first).get(), span.last().min(last).get()))
            .filter(|(from, to)| from <= to)
            .collect();
        spans.sort_unstable();
        let (mut count, mut next) = (0, 0);
        for (from, to) in spans {
            for number in from.max(next)..=to {
                let withdrawn = Sequence::new(number).is_some_and(|number| {
                    // Sealed ones and decisions can be withdrawn by the same statements.
                    self.decisions.contains(number)
                        && lives.withdrawn_by(owner, number, StatementType::Decision).is_some()
                });
                count += u64::from(withdrawn);
            }
            next = next.max(to.saturating_add(1));
        }
        count
    }
}

/// The numbers of a range that are neither taken nor closed, as ranges: below the highest used one as the window has
/// them, and all above it.
fn missing(window: &SequenceWindow, first: Sequence, last: Sequence) -> Vec<(u64, u64)> {
    let (first, last) = (first.get(), last.get());
    let above = window.highest().saturating_add(1).max(first);
    let mut ranges: Vec<(u64, u64)> = window
        .missing(usize::MAX)
        .into_iter()
        .map(|(from, to)| (from.max(first), to.min(last)))
        .filter(|(from, to)| from <= to)
        .collect();
    if above <= last {
        ranges.push((above, last));
    }
    ranges
}

fn declaration(index: LeafIndex, payload: &Payload) -> Option<Declaration> {
    if payload.kind() != StatementType::Declaration {
        return None;
    }
    let number = |field| payload.number(field).and_then(Sequence::new);
    Some(Declaration {
        index,
        sequence: payload.sequence(),
        period: (payload.day(FieldName::PERIOD_START)?, payload.day(FieldName::PERIOD_END)?),
        numbers: number(FieldName::FIRST_SEQUENCE).zip(number(FieldName::LAST_SEQUENCE)),
        taken: payload.number(FieldName::DECISIONS_TAKEN)?,
        not_published: payload.number(FieldName::NOT_PUBLISHED)?,
    })
}
