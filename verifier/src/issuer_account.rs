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
use crate::runs::{Run, Runs};
use crate::sequence::{Sequence, SequenceWindow};
use crate::size::LeafIndex;
use crate::snapshot::stored;
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

stored!(Declaration { index, sequence, period, numbers, taken, not_published });
stored!(IssuerAccount { decisions, declarations, embargoes });

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
        for entry in naming.entries() {
            let issued = Instant::new(statement.claims().iat).and_then(Instant::day);
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
            if !lives.is_withdrawn(owner, declaration.sequence, StatementType::Declaration) {
                latest.insert(declaration.period, *declaration);
            }
        }
        let mut rows: Vec<Declaration> = latest.into_values().collect();
        rows.sort_by_key(|declaration| declaration.index);
        let missing = Runs::new(missing(window).into_iter(), length);
        let withdrawn = self.withdrawn(owner, lives);
        rows.into_iter().map(|declaration| self.hold(declaration, &missing, &withdrawn)).collect()
    }

    fn hold(&self, declaration: Declaration, missing: &Runs, withdrawn: &Runs) -> Completeness {
        let mut held = Completeness { declaration, counted: 0, missing: Vec::new(), missing_count: 0 };
        let Some((first, last)) = declaration.numbers else { return held };
        let (from, to) = (first.get(), last.get());
        let withdrawn = withdrawn.sum(from, to, |run| self.decisions_in(run));
        held.counted = self.decisions.count(first, last).saturating_sub(withdrawn);
        held.missing = missing.within(from, to).take(MISSING_TOLD).collect();
        held.missing_count = missing.sum(from, to, length);
        held
    }

    fn decisions_in(&self, (first, last): Run) -> u64 {
        let ends = Sequence::new(first).zip(Sequence::new(last));
        ends.map_or(0, |(first, last)| self.decisions.count(first, last))
    }

    /// The numbers that are withdrawn, weighed by how many decisions they have. Between two ends of ranges that
    /// withdrawals name, all numbers are named by the same ones: one of them is looked up for all.
    fn withdrawn(&self, owner: &Issuer, lives: &Lives) -> Runs {
        let spans = lives.withdrawn_spans(owner);
        let mut ends: Vec<u64> =
            spans.iter().flat_map(|span| [span.first().get(), span.last().get().saturating_add(1)]).collect();
        ends.sort_unstable();
        ends.dedup();
        let between = ends.iter().zip(ends.iter().skip(1)).map(|(begin, end)| (*begin, *end - 1));
        let is_withdrawn = |run: &Run| {
            // Sealed ones and decisions can be withdrawn by the same statements.
            Sequence::new(run.0)
                .is_some_and(|number| lives.is_withdrawn(owner, number, StatementType::Decision))
        };
        Runs::new(between.filter(is_withdrawn), |run| self.decisions_in(run))
    }
}

fn length((first, last): Run) -> u64 {
    last - first + 1
}

/// The numbers that are neither taken nor closed, as ranges: below the highest used one as the window has them, and all
/// above it.
fn missing(window: &SequenceWindow) -> Vec<Run> {
    let mut ranges = window.missing(usize::MAX);
    if window.highest() < Sequence::MAX {
        ranges.push((window.highest() + 1, Sequence::MAX));
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
