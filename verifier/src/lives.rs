//! What was said about entries later: by whom, in which order, and what counts (`spec/lifecycle.md`).
//!
//! Entries are known here by issuer and number, so that a range of 40,000 takes as little room as one. Memory grows with
//! the statements about others, not with the log.

use std::collections::HashMap;

use crate::codes::Code;
use crate::fields::{FieldName, FieldSet};
use crate::issuer::Issuer;
use crate::naming::{Naming, brings_locator_keyword};
use crate::sequence::Sequence;
use crate::size::{LeafIndex, TreeSize};
use crate::snapshot::stored;
use crate::span_map::SpanMap;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::targets::SequenceRange;
use crate::withdrawals::Withdrawals;

/// What one statement says about the entries that it names.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Its place.
    pub(crate) index: LeafIndex,
    /// Its type.
    pub(crate) kind: StatementType,
    /// Who says it, and under which number.
    pub(crate) author: (Issuer, Sequence),
    /// `fields` of a disclosure or redaction.
    pub(crate) fields: FieldSet,
    /// `result` of an outcome.
    pub(crate) result: Option<Code>,
    /// Of an amendment, whether it brings a keyword whose locators are never served.
    pub(crate) brings_locator_keyword: bool,
}

/// A mark on an entry, and whether it was named by its leaf hash.
#[derive(Debug, Clone, Copy)]
struct Named {
    mark: u32,
    by_leaf: bool,
}

stored!(Mark { index, kind, author, fields, result, brings_locator_keyword });
stored!(Named { mark, by_leaf });

/// All of it, up to some entry.
#[derive(Debug, Clone, Default)]
pub struct Lives {
    marks: Vec<Mark>,
    named: HashMap<Issuer, SpanMap<Named>>,
    /// How deep a withdrawal of withdrawals goes; those of other entries are not here.
    depths: HashMap<(Issuer, Sequence), u32>,
    /// Which statements are withdrawn now.
    withdrawals: Withdrawals,
    /// The place of each issuer's last withdrawal.
    last_withdrawal: HashMap<Issuer, LeafIndex>,
    /// The numbers that withdrawals name, by issuer: few, and what completeness looks through.
    withdrawn: HashMap<Issuer, Vec<SequenceRange>>,
}

stored!(Lives { marks, named, depths, withdrawals, last_withdrawal, withdrawn });

impl Lives {
    /// Takes in what a statement says about others; `naming` is what the rules of order found that it names. Gives the
    /// numbers of redactions of its issuer, in no order, of which a withdrawal counts no more because of it.
    pub fn take(&mut self, index: LeafIndex, statement: &Statement, naming: &Naming) -> Vec<Sequence> {
        let (claims, payload) = (statement.claims(), statement.payload());
        if naming.is_empty() {
            return Vec::new();
        }
        // More marks than this cannot be: each is a statement, and a log of 2^32 of them is read for days first.
        let Ok(mark) = u32::try_from(self.marks.len()) else { return Vec::new() };
        let mut fields = FieldSet::default();
        payload.names(FieldName::FIELDS).iter().for_each(|field| fields.insert(*field));
        self.marks.push(Mark {
            index,
            kind: payload.kind(),
            author: (claims.iss.clone(), payload.sequence()),
            fields,
            result: payload.code(FieldName::RESULT),
            brings_locator_keyword: brings_locator_keyword(payload),
        });
        let owner = payload.provider().unwrap_or(&claims.iss);
        for entry in naming.entries() {
            if let Some(one) = SequenceRange::new(entry.sequence, entry.sequence) {
                self.insert(&entry.owner, one, Named { mark, by_leaf: true });
            }
        }
        for range in naming.ranges() {
            self.insert(owner, *range, Named { mark, by_leaf: false });
        }
        if payload.kind() != StatementType::Withdrawal {
            return Vec::new();
        }
        self.last_withdrawal.insert(claims.iss.clone(), index);
        self.take_withdrawal(statement, naming)
    }

    fn take_withdrawal(&mut self, statement: &Statement, naming: &Naming) -> Vec<Sequence> {
        let (claims, payload) = (statement.claims(), statement.payload());
        let deepest = naming.entries().iter().filter(|entry| entry.kind == StatementType::Withdrawal);
        let depth = deepest.map(|entry| 1 + self.depth(&entry.owner, entry.sequence)).max().unwrap_or(0);
        if depth > 0 {
            self.depths.insert((claims.iss.clone(), payload.sequence()), depth);
        }
        let spans = self.withdrawn.entry(claims.iss.clone()).or_default();
        spans.extend(naming.entries().iter().filter_map(|e| SequenceRange::new(e.sequence, e.sequence)));
        spans.extend(naming.ranges());
        self.withdrawals.take(&claims.iss, payload.sequence(), naming)
    }

    fn insert(&mut self, owner: &Issuer, range: SequenceRange, named: Named) {
        match self.named.get_mut(owner) {
            Some(map) => map.insert(range, named),
            None => self.named.entry(owner.clone()).or_default().insert(range, named),
        }
    }

    /// The marks on an entry that may name its type, in the order of the log, each with whether it was by leaf hash.
    pub(crate) fn marks(
        &self,
        owner: &Issuer,
        sequence: Sequence,
        kind: StatementType,
    ) -> Vec<(&Mark, bool)> {
        let Some(map) = self.named.get(owner) else { return Vec::new() };
        let mut found: Vec<(&Mark, bool)> = map
            .at(sequence)
            .filter_map(|named| self.marks.get(named.mark as usize).map(|mark| (mark, named.by_leaf)))
            .filter(|(mark, by_leaf)| mark.kind.may_name(kind, *by_leaf))
            .collect();
        // A statement can name an entry by its leaf hash and by a range that holds its number: that is one mark.
        found.sort_by_key(|(mark, by_leaf)| (mark.index, !by_leaf));
        found.dedup_by_key(|(mark, _)| mark.index);
        found
    }

    /// Whether a mark counts: its statement was not withdrawn by a withdrawal that counts.
    pub(crate) fn counts(&self, mark: &Mark) -> bool {
        let (author, sequence) = &mark.author;
        !self.is_withdrawn(author, *sequence, mark.kind)
    }

    /// Whether a mark counted in the tree of that size. `known` has what was found of other marks of that tree, so that
    /// withdrawals which name the same ones are followed once.
    pub(crate) fn counted_in(
        &self,
        size: TreeSize,
        mark: &Mark,
        known: &mut HashMap<LeafIndex, bool>,
    ) -> bool {
        let (author, sequence) = &mark.author;
        if self.last_withdrawal.get(author).is_none_or(|last| last.is_in(size)) {
            return self.counts(mark);
        }
        if let Some(counted) = known.get(&mark.index) {
            return *counted;
        }
        let mut later = self.marks(author, *sequence, mark.kind).into_iter().map(|(later, _)| later);
        // They name each other at most MAX_DEPTH deep, and so deep does this call itself.
        let withdrawn = later.any(|later| {
            later.kind == StatementType::Withdrawal
                && later.index.is_in(size)
                && self.counted_in(size, later, known)
        });
        known.insert(mark.index, !withdrawn);
        !withdrawn
    }

    /// Whether a withdrawal that counts names the statement of that issuer, number and type.
    pub(crate) fn is_withdrawn(&self, owner: &Issuer, sequence: Sequence, kind: StatementType) -> bool {
        self.withdrawals.has(owner, sequence, kind)
    }

    /// The withdrawals that name the entry of that issuer, number and type: place, number, and whether it counts.
    pub(crate) fn withdrawals_of(
        &self,
        owner: &Issuer,
        sequence: Sequence,
        kind: StatementType,
    ) -> Vec<(LeafIndex, Sequence, bool)> {
        let marks = self.marks(owner, sequence, kind).into_iter().map(|(mark, _)| mark);
        let withdrawals = marks.filter(|mark| mark.kind == StatementType::Withdrawal);
        withdrawals.map(|mark| (mark.index, mark.author.1, self.counts(mark))).collect()
    }

    /// How deep a withdrawal of withdrawals goes; 0 for one that withdraws none.
    pub(crate) fn depth(&self, owner: &Issuer, sequence: Sequence) -> u32 {
        self.depths.get(&(owner.clone(), sequence)).copied().unwrap_or(0)
    }

    /// How many marks there are at most on one number of the range.
    pub(crate) fn crowd(&self, owner: &Issuer, range: SequenceRange) -> usize {
        self.named.get(owner).map_or(0, |map| map.crowd(range))
    }

    /// The ranges that withdrawals of the issuer name, in no order, perhaps overlapping.
    pub(crate) fn withdrawn_spans(&self, owner: &Issuer) -> &[SequenceRange] {
        self.withdrawn.get(owner).map_or(&[], Vec::as_slice)
    }
}
