//! Conditions as the index looks them up. They mean what [`Clause::is_met_by`] says of facts in memory.

use std::ops::Bound;

use tantivy::index::SegmentReader;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Term};

use super::clause::Clause;
use super::coded::{Outcome, OutcomeWanted};
use super::layout::Layout;

/// What is looked up for a condition: it is met where all of the first are found, and none of the others.
pub(crate) struct LookedUp {
    pub(crate) with: Vec<Box<dyn Query>>,
    pub(crate) without: Vec<Box<dyn Query>>,
}

/// One condition. Each phrase of a text is looked up by itself.
pub(crate) fn looked_up(clause: &Clause) -> LookedUp {
    let phrases = |phrases: &[Vec<String>]| phrases.iter().map(|words| phrase(words)).collect();
    match clause {
        Clause::Text(text) => LookedUp { with: phrases(text.with()), without: phrases(text.without()) },
        other => LookedUp { with: vec![one(other)], without: Vec::new() },
    }
}

fn one(clause: &Clause) -> Box<dyn Query> {
    let layout = Layout::get();
    let text = |field, text: &str| Term::from_field_text(field, text);
    match clause {
        Clause::Codes(position, wanted) => match layout.code(*position) {
            Some(field) => any(wanted.iter().map(|code| Term::from_field_u64(field, u64::from(*code)))),
            None => Box::new(EmptyQuery),
        },
        Clause::Issuer(issuer) => any([text(layout.provider, issuer)]),
        Clause::Sub(sub) => any([text(layout.sub, sub)]),
        Clause::Subject(name) => {
            any(name.names().flat_map(|name| [text(layout.sub, name), text(layout.subject, name)]))
        }
        Clause::Authority(name) => any([text(layout.authority, name)]),
        Clause::Numbers(first, last) => range(layout.sequence, *first, last.saturating_add(1)),
        Clause::Days(first, last) => range(layout.day, u64::from(*first), u64::from(*last) + 1),
        Clause::Indexes(from, to) => range(layout.index, *from, *to),
        Clause::Outcome(wanted) => outcome(wanted.clone()),
        // Nothing but phrases, which are looked up one by one.
        Clause::Text(_) => Box::new(EmptyQuery),
    }
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn any(terms: impl IntoIterator<Item = Term>) -> Box<dyn Query> {
    let mut terms: Vec<Box<dyn Query>> = terms.into_iter().map(term).collect();
    match (terms.len(), terms.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            terms.push(last);
            Box::new(BooleanQuery::union(terms))
        }
        (_, None) => Box::new(EmptyQuery),
    }
}

/// Numbers in a range, its end not in it.
fn range(field: Field, from: u64, to: u64) -> Box<dyn Query> {
    if from >= to {
        return Box::new(EmptyQuery);
    }
    let bound = |number| Term::from_field_u64(field, number);
    Box::new(RangeQuery::new(Bound::Included(bound(from)), Bound::Excluded(bound(to))))
}

/// One outcome that meets all conditions on outcomes; among the entries that have one.
fn outcome(wanted: OutcomeWanted) -> Box<dyn Query> {
    let layout = Layout::get();
    let predicate = move |segment: &SegmentReader| -> tantivy::Result<_> {
        let outcomes = segment.fast_fields().column_opt::<u64>("outcomes")?;
        let wanted = wanted.clone();
        Ok(move |document: DocId| {
            outcomes.as_ref().is_some_and(|outcomes| {
                outcomes.values_for_doc(document).any(|outcome| wanted.is_met_by(Outcome(outcome)))
            })
        })
    };
    let predicate = DocPredicateQuery::from(FunctionPredicate::from(predicate));
    let has = term(Term::from_field_u64(layout.has_outcome, 1));
    Box::new(BooleanQuery::new(vec![(Occur::Must, has), (Occur::Must, Box::new(predicate))]))
}

/// Words in a row.
fn phrase(words: &[String]) -> Box<dyn Query> {
    let field = Layout::get().text;
    let mut terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
    match terms.len() {
        // A phrase of two or more; tantivy refuses others.
        2.. => Box::new(PhraseQuery::new(terms)),
        _ => terms.pop().map_or_else(|| Box::new(EmptyQuery) as Box<dyn Query>, term),
    }
}
