//! A row of a list held against the receipt of its entry.

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use serde_json::{Value, json};

use super::asked::Asked;
use super::conditions::Conditions;
use super::list::Row;
use super::question::trouble;
use crate::answer::Answer;
use crate::printable;
use crate::receipt_at::{NoReceipt, receipt_at};
use crate::source::{Source, SourceError};

/// So many rows that do not hold are named at the end; the rest is counted.
const NAMED_MAX: usize = 1_000;

/// The widest value of a row that is repeated, in columns.
const VALUE_MAX: usize = 400;

/// What came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    Fails(String),
    /// The receipt is of a format or type that this version does not know.
    NotUnderstood(String),
}

/// Checks rows, and counts what came of them.
pub(super) struct Checker<'a> {
    source: &'a Source,
    place: &'a str,
    policy: &'a Policy,
    /// What has to be true of the entries.
    pub(super) conditions: Conditions,
    /// The log that all receipts have to be of: that of the first one.
    pub(super) origin: Option<Origin>,
    /// Rows that were checked.
    pub(super) checked: u64,
    /// Of these, rows that say that the entry was amended.
    pub(super) amended: u64,
    pub(super) failed: Tally,
    pub(super) not_understood: Tally,
}

/// How many rows, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) named: Vec<(u64, String)>,
}

impl Tally {
    fn add(&mut self, index: u64, why: &str) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push((index, why.to_owned()));
        }
    }

    pub(super) fn json(&self) -> Value {
        self.named.iter().map(|(index, why)| json!({"index": index, "why": why})).collect()
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(source: &'a Source, asked: &'a Asked, policy: &'a Policy) -> Checker<'a> {
        let (place, conditions) = (asked.place.as_str(), Conditions::of(asked));
        let (failed, not_understood) = (Tally::default(), Tally::default());
        Checker {
            source,
            place,
            policy,
            conditions,
            origin: None,
            checked: 0,
            amended: 0,
            failed,
            not_understood,
        }
    }

    /// Fetches the receipt of a row's entry and compares. That it cannot be had is trouble, and nothing against the row.
    pub(super) fn check(&mut self, row: &Row) -> Result<Outcome, Box<Answer>> {
        let outcome = match receipt_at(self.source, self.policy, row.index) {
            Ok(proved) => match self.compare(row, &proved) {
                differences if differences.is_empty() => Outcome::Holds,
                differences => Outcome::Fails(differences.join("; ")),
            },
            Err(NoReceipt::Source(error @ SourceError::Unreadable { .. })) => {
                return Err(trouble(self.place, &error));
            }
            Err(NoReceipt::Refused(refused)) if refused.error.slug() == "not-understood" => {
                Outcome::NotUnderstood(said(&refused.to_string()))
            }
            Err(error) => Outcome::Fails(said(&error.to_string())),
        };
        self.checked += 1;
        self.amended += u64::from(row.amended);
        match &outcome {
            Outcome::Holds => {}
            Outcome::Fails(why) => self.failed.add(row.index, why),
            Outcome::NotUnderstood(why) => self.not_understood.add(row.index, why),
        }
        Ok(outcome)
    }

    /// Everything in which a row and what its receipt proves differ, and the conditions that the entry does not meet.
    fn compare(&mut self, row: &Row, proved: &Proved) -> Vec<String> {
        let origin = &*self.origin.get_or_insert_with(|| proved.origin().clone());
        if origin != proved.origin() {
            return vec![format!("it is on record in {}, and others in {origin}", proved.origin())];
        }
        let (statement, claims) = (proved.statement(), proved.statement().claims());
        let iat = Instant::new(claims.iat).map_or_else(|| claims.iat.to_string(), |iat| iat.to_string());
        let mut pairs = vec![
            ("leaf_hash", Some(row.leaf_hash.clone()), Some(proved.leaf_hash().to_hex())),
            ("iss", Some(row.iss.clone()), Some(claims.iss.to_string())),
            ("sequence", Some(row.sequence.to_string()), Some(statement.sequence().get().to_string())),
            ("sub", Some(row.sub.clone()), Some(claims.sub.to_string())),
            ("type", Some(row.kind.clone()), Some(statement.payload().kind().as_str().to_owned())),
            ("iat", Some(row.iat.clone()), Some(iat)),
        ];
        if !row.amended {
            let filed = AsAmended::filed(proved.index(), statement.payload());
            let category = filed.codes(FieldName::CATEGORY).first().map(|code| code.as_str().to_owned());
            let day = filed.day(statement).map(|day| day.to_string());
            pairs.extend([("category", row.category.clone(), category), ("day", row.day.clone(), day)]);
        }
        let told = |value: Option<String>| value.map_or_else(|| "none".to_owned(), |value| said(&value));
        let differing = pairs.into_iter().filter(|(_, row, receipt)| row != receipt);
        let differing = differing.map(|(name, row, receipt)| {
            format!("its row says {name} {}, its receipt {}", told(row), told(receipt))
        });
        differing.chain(self.conditions.not_met(row.amended, proved)).collect()
    }
}

/// One line of others' words.
pub(super) fn said(text: &str) -> String {
    printable::line(text, VALUE_MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use serde_json::{Value, json};

    use super::super::fake::{check, receipt_of, true_row};
    use crate::answer::Verdict;

    #[test]
    fn a_row_that_says_what_its_receipt_says_holds() {
        let (verdict, answer, text) = check(&[], &[true_row()], (200, receipt_of("decision")));
        assert_eq!((verdict, &answer["checked"]), (Verdict::Holds, &1.into()), "{text}");
        assert_eq!(answer["origin"], "log.example/takedowns");
        assert!(
            text.contains(
                "was signed as its row says (leaf hash, issuer, number, subject, type, time, category, day)"
            ),
            "{text}"
        );
        assert_eq!(answer["compared"]["unless_amended"], json!(["category", "day"]));
        assert!(text.contains("leave entries out"), "{text}");
        let mut amended = true_row();
        (amended["amended"], amended["category"]) = (true.into(), "STATEMENT_CATEGORY_VIOLENCE".into());
        let (verdict, answer, text) = check(&[], &[amended], (200, receipt_of("decision")));
        assert_eq!((verdict, &answer["amended"]), (Verdict::Holds, &1.into()), "{text}");
        assert!(
            text.contains("Category and day of 1 row, which by the server's word was amended: "),
            "{text}"
        );
        // Nothing of a row is said to be signed that was not compared.
        assert!(
            text.contains("was signed as its row says (leaf hash, issuer, number, subject, type, time)\n"),
            "{text}"
        );
    }

    #[test]
    fn a_row_that_lies_is_named() {
        for (member, lie) in [
            ("leaf_hash", json!("00".repeat(32))),
            ("iss", json!("https://other.example")),
            ("sequence", json!(3)),
            ("sub", json!("s:\u{202e}\u{1b}[2J")),
            ("type", json!("no_action")),
            ("iat", json!("2025-06-15T15:06:41Z")),
            ("category", json!("STATEMENT_CATEGORY_VIOLENCE")),
            ("category", Value::Null),
            ("day", json!("2022-09-04")),
            ("day", Value::Null),
        ] {
            let mut row = true_row();
            row[member] = lie;
            let (verdict, answer, text) = check(&[], &[row], (200, receipt_of("decision")));
            assert_eq!((verdict, &answer["failed"][0]["index"]), (Verdict::DoesNotHold, &4.into()), "{text}");
            let why = answer["failed"][0]["why"].as_str().unwrap();
            assert!(why.starts_with(&format!("its row says {member} ")), "{why}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            assert!(text.contains("FAILS"), "{text}");
        }
    }

    #[test]
    fn what_is_no_receipt_of_the_entry_does_not_hold() {
        let mut changed = receipt_of("decision");
        let at = changed.windows(4).position(|bytes| bytes == b"path").unwrap() + 10;
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let later =
            String::from_utf8(receipt_of("decision")).unwrap().replace("receipt/1", "receipt/2").into_bytes();
        for (receipt, verdict, said) in [
            ((200, receipt_of("no-action")), Verdict::DoesNotHold, "another entry"),
            ((404, vec![]), Verdict::DoesNotHold, "no such entry"),
            ((200, changed), Verdict::DoesNotHold, "step 4"),
            ((200, b"<html>\x1b".to_vec()), Verdict::DoesNotHold, "no receipt"),
            ((200, later), Verdict::NotUnderstood, "not understood"),
            ((500, vec![]), Verdict::Trouble, "status 500"),
        ] {
            let (found, answer, text) = check(&[], &[true_row()], receipt);
            assert_eq!(found, verdict, "{answer}");
            assert!(text.contains(said), "{said}: {text}");
        }
        // A failure counts although a later row cannot be looked at.
        let mut absent = true_row();
        absent["index"] = 2.into();
        let (verdict, answer, text) = check(&[], &[absent, true_row()], (500, vec![]));
        assert_eq!((verdict, &answer["failed"][0]["index"]), (Verdict::DoesNotHold, &2.into()), "{text}");
        assert!(text.contains("ended early"), "{text}");
    }
}
