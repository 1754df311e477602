//! Where later statements opened or erased texts: the packs whose texts can be judged only when the whole log is known.

use std::collections::HashMap;

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

/// The numbers of one issuer in one bundle lie between these two.
struct Span {
    bundle: u64,
    first: Sequence,
    last: Sequence,
}

/// What disclosures and redactions name, and in which bundles that may lie. Grows by some 40 bytes for each issuer of a bundle,
/// and for each entry or range that is named.
#[derive(Default)]
pub(super) struct Touched {
    spans: HashMap<Issuer, Vec<Span>>,
    named: HashMap<Issuer, Vec<(Sequence, Sequence)>>,
}

impl Touched {
    /// Remembers where a statement stands, whether or not the registry took it in: what is said about a number is said about
    /// every entry that has it.
    pub(super) fn stands(&mut self, bundle: u64, statement: &Statement) {
        let (issuer, number) = (&statement.claims().iss, statement.sequence());
        let spans = match self.spans.get_mut(issuer) {
            Some(spans) => spans,
            None => self.spans.entry(issuer.clone()).or_default(),
        };
        match spans.last_mut() {
            Some(span) if span.bundle == bundle => {
                (span.first, span.last) = (span.first.min(number), span.last.max(number));
            }
            _ => spans.push(Span { bundle, first: number, last: number }),
        }
    }

    /// Remembers what a statement names that was taken in.
    pub(super) fn take(&mut self, statement: &Statement, naming: &Naming) {
        let payload = statement.payload();
        if !matches!(payload.kind(), StatementType::Disclosure | StatementType::Redaction) {
            return;
        }
        let owner = payload.provider().unwrap_or(&statement.claims().iss);
        for entry in naming.entries() {
            self.named.entry(entry.owner.clone()).or_default().push((entry.sequence, entry.sequence));
        }
        for range in naming.ranges() {
            self.named.entry(owner.clone()).or_default().push((range.first(), range.last()));
        }
    }

    /// The numbers of all bundles in which something named may lie, in order.
    pub(super) fn bundles(self) -> Vec<u64> {
        let mut bundles = Vec::new();
        for (issuer, named) in self.named {
            let named = merged(named);
            for span in self.spans.get(&issuer).into_iter().flatten() {
                let after = named.partition_point(|(_, last)| *last < span.first);
                if named.get(after).is_some_and(|(first, _)| *first <= span.last) {
                    bundles.push(span.bundle);
                }
            }
        }
        bundles.sort_unstable();
        bundles.dedup();
        bundles
    }
}

/// The same numbers in ranges that do not overlap, in order.
fn merged(mut ranges: Vec<(Sequence, Sequence)>) -> Vec<(Sequence, Sequence)> {
    ranges.sort_unstable();
    let mut merged: Vec<(Sequence, Sequence)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= *end => *end = (*end).max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn number(number: u64) -> Sequence {
        Sequence::new(number).unwrap()
    }

    /// Mutation: without `max`, a range inside another ends it early.
    #[test]
    fn named_numbers_find_every_bundle_that_may_hold_them() {
        let issuer = |name: &str| Issuer::parse(&format!("https://{name}.example")).unwrap();
        let span = |bundle, first, last| Span { bundle, first: number(first), last: number(last) };
        let spans = |of: &str| match of {
            "a" => vec![span(0, 1, 100), span(1, 90, 200), span(2, 201, 300), span(3, 301, 301)],
            _ => vec![span(1, 1, 50), span(3, 51, 80)],
        };
        let found = |of: &str, named: &[(u64, u64)]| {
            let touched = Touched {
                spans: ["a", "b"].map(|name| (issuer(name), spans(name))).into(),
                named: [(
                    issuer(of),
                    named.iter().map(|(first, last)| (number(*first), number(*last))).collect(),
                )]
                .into(),
            };
            touched.bundles()
        };
        assert_eq!(found("a", &[(95, 95)]), [0, 1]);
        assert_eq!(found("a", &[(301, 400), (1, 1)]), [0, 3]);
        assert_eq!(found("a", &[(1, 250), (2, 3)]), [0, 1, 2]);
        assert!(found("a", &[(302, 900)]).is_empty());
        assert_eq!(found("b", &[(50, 51)]), [1, 3]);
        assert!(found("c", &[(1, 900)]).is_empty());
    }
}
