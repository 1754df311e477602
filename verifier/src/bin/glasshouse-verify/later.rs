//! What later entries say about a statement: the log is asked, and each of its claims is proved by a receipt of its own.

use std::cmp::Reverse;
use std::io::IsTerminal as _;

use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::names::named_by;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::statement_type::StatementType;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Trouble};
use crate::denial::judge;
use crate::plural::counted;
use crate::printable;
use crate::receipt_at::{NoReceipt, receipt_at};
use crate::source::Source;

/// The longest answer about a statement that is read, in bytes: 32 texts of 1 MiB, and 10,000 claims.
const STATEMENT_LIMIT: u64 = 48 << 20;

/// The types that change most what a statement is worth, in the order in which they are followed where not all are.
const FIRST: [&str; 3] = ["withdrawal", "lifted", "outcome"];

/// So many claims are followed: more than a dispute has, and an end where a log makes up endless ones.
const FOLLOWED: usize = 200;

/// The longest piece of a log's words that is repeated, in columns.
const REPEATED: usize = 200;

/// The part of the log's answer that is looked at.
#[derive(Deserialize)]
struct StatementAnswer {
    state: StateAnswer,
}

#[derive(Deserialize)]
struct StateAnswer {
    /// How many there are, by the log's own count.
    claim_count: Option<u64>,
    claims: Vec<ClaimAnswer>,
}

#[derive(Deserialize)]
struct ClaimAnswer {
    #[serde(rename = "type")]
    kind: String,
    index: u64,
    leaf_hash: String,
    #[serde(default = "yes")]
    counts: bool,
}

fn yes() -> bool {
    true
}

/// What was said later.
#[derive(Default)]
pub(crate) struct Later {
    proved: Vec<Said>,
    unproved: Vec<String>,
    not_followed: usize,
    /// Claims that the log named, each once.
    named: u64,
    /// How many it named again.
    repeated: u64,
    /// How many there are, by the log's own count.
    claim_count: Option<u64>,
}

/// A later statement that is on record and names this one.
struct Said {
    index: u64,
    leaf_hash: String,
    kind: &'static str,
    counts: bool,
    fields: Vec<FieldName>,
    sentences: Vec<String>,
}

/// What came of the question.
pub(crate) enum Told {
    /// The log's answer.
    Later(Later),
    /// The log says that it has no such entry; the answer to that.
    Denied(Answer),
}

/// Asks the log what was said about a statement since, and proves it.
pub(crate) fn ask(place: &str, policy: &Policy, about: &Proved) -> Result<Told, Trouble> {
    let trouble = |why: &dyn std::fmt::Display| {
        Trouble(format!("the receipt holds, and what was said since is not known: {place}: {why}"))
    };
    let source = Source::new(place);
    let path = format!("api/v1/statements/{}?claims=all", about.leaf_hash());
    let Some(bytes) = source.get(&path, STATEMENT_LIMIT).map_err(|error| trouble(&error))? else {
        return judge(&source, place, about).map(Told::Denied).map_err(|why| trouble(&why));
    };
    let answer: StatementAnswer = serde_json::from_slice(&bytes)
        .map_err(|error| trouble(&format!("not the answer of a log: {error}")))?;
    let claim_count = answer.state.claim_count;
    let (claims, mut later) = chosen(answer.state.claims);
    later.claim_count = claim_count;
    let mut opened: Vec<FieldName> = Vec::new();
    let bar = progress_bar(claims.len() as u64);
    for claim in &claims {
        match prove(&source, policy, about, claim, &opened) {
            Ok(said) => {
                if said.kind == StatementType::Disclosure.as_str() {
                    opened.extend(&said.fields);
                }
                later.proved.push(said);
            }
            Err(why) => {
                let kind = printable::line(&claim.kind, REPEATED);
                later.unproved.push(format!("in entry {} ({kind}): {why}", claim.index));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Told::Later(later))
}

/// The claims that are followed, in the order of the log: each once, and where there are too many of them those first that change
/// most and count, then the newest. Beside them, what is known before any is followed.
fn chosen(mut claims: Vec<ClaimAnswer>) -> (Vec<ClaimAnswer>, Later) {
    let given = claims.len();
    claims.sort_by_key(|claim| claim.index);
    claims.dedup_by_key(|claim| claim.index);
    let named = claims.len();
    let rank = |claim: &ClaimAnswer| match FIRST.iter().position(|kind| *kind == claim.kind) {
        Some(rank) if claim.counts => rank,
        _ => FIRST.len(),
    };
    claims.sort_by_key(|claim| (rank(claim), Reverse(claim.index)));
    claims.truncate(FOLLOWED);
    claims.sort_by_key(|claim| claim.index);
    let later = Later {
        not_followed: named - claims.len(),
        named: named as u64,
        repeated: (given - named) as u64,
        ..Later::default()
    };
    (claims, later)
}

/// One claim, by the receipt of the entry that is said to make it.
fn prove(
    source: &Source,
    policy: &Policy,
    about: &Proved,
    claim: &ClaimAnswer,
    opened: &[FieldName],
) -> Result<Said, String> {
    let proved = receipt_at(source, policy, claim.index).map_err(|error| error.to_string())?;
    if proved.origin() != about.origin() {
        return Err(format!("it is on record in {}, another log", proved.origin()));
    }
    if proved.leaf_hash().to_hex() != claim.leaf_hash {
        return Err(NoReceipt::OfAnother.to_string());
    }
    if proved.index() <= about.index() {
        return Err("it does not stand behind this one".to_owned());
    }
    let later = proved.statement();
    let named = named_by(later, about.statement(), &about.leaf_hash())
        .ok_or("that entry says nothing about this one")?;
    let kind = later.payload().kind();
    let fields = match kind {
        StatementType::Redaction => named.erases(later, about.statement(), opened),
        _ => named.texts,
    };
    let sentences = sentences(&proved, &fields, claim.counts);
    let leaf_hash = proved.leaf_hash().to_hex();
    Ok(Said { index: claim.index, leaf_hash, kind: kind.as_str(), counts: claim.counts, fields, sentences })
}

/// What a later statement says, one sentence for each thing.
fn sentences(proved: &Proved, fields: &[FieldName], counts: bool) -> Vec<String> {
    let payload = proved.statement().payload();
    let code = |field| payload.code(field).map(|code| code.as_str().to_owned()).unwrap_or_default();
    let entry = match counts {
        true => format!("(entry {})", proved.index()),
        false => {
            format!("(entry {}; the log says that this was withdrawn and does not count)", proved.index())
        }
    };
    let texts = |verb: &str| -> Vec<String> {
        fields.iter().map(|field| format!("the text {field} has since been {verb} {entry}")).collect()
    };
    match payload.kind() {
        StatementType::Redaction if fields.is_empty() => {
            vec![format!("texts of it were redacted that the log did not hold {entry}")]
        }
        StatementType::Redaction => texts("redacted"),
        StatementType::Disclosure => texts("disclosed"),
        StatementType::Lifted => {
            let day = payload.day(FieldName::END_DATE).map(|day| day.to_string()).unwrap_or_default();
            vec![format!("it has since been lifted, from {day}, {} {entry}", code(FieldName::LIFTED_REASON))]
        }
        StatementType::Outcome => {
            let (procedure, result) = (code(FieldName::PROCEDURE), code(FieldName::RESULT));
            vec![format!("it has since been {result} after the procedure {procedure} {entry}")]
        }
        StatementType::Amendment => {
            vec![format!("it has since been amended, {} {entry}", code(FieldName::AMENDMENT_REASON))]
        }
        StatementType::Withdrawal => {
            vec![format!("it has since been withdrawn: its issuer says that it was not its own {entry}")]
        }
        StatementType::Conflict => {
            vec![format!(
                "the registrar has since shown that its issuer signed two statements under this number {entry}"
            )]
        }
        other => vec![format!("a statement of type {other} names it {entry}")],
    }
}

impl Later {
    /// Adds it to an answer.
    pub(crate) fn add_to(&self, mut answer: Answer, place: &str) -> Answer {
        answer = answer.line(format!("Said later, by {place}, and proved by receipts:"));
        match self.named {
            0 => answer = answer.line("- the server names nothing, which is its word and proves no absence"),
            _ if self.proved.is_empty() => answer = answer.line("- nothing of what the server names"),
            _ => {}
        }
        for sentence in self.proved.iter().flat_map(|said| &said.sentences) {
            answer = answer.line(format!("- {sentence}"));
        }
        if !self.unproved.is_empty() {
            answer = answer.line("Claimed by it, and not proved (it is broken, or it lies):");
        }
        for sentence in &self.unproved {
            answer = answer.line(format!("- {sentence}"));
        }
        for sentence in self.of_the_list() {
            answer = answer.line(format!("- {sentence}"));
        }
        answer = answer.line("- a log need not tell everything: following it can (glasshouse-verify log)");
        let later: Vec<Value> = self.proved.iter().map(Said::to_json).collect();
        answer
            .member("later", later)
            .member("later_unproved", self.unproved.clone())
            .member("later_not_followed", self.not_followed)
            .member("later_named", self.named)
            .member("later_claim_count", self.claim_count)
    }

    /// What is odd about the list of claims itself.
    fn of_the_list(&self) -> Vec<String> {
        let mut odd = Vec::new();
        if self.not_followed > 0 {
            odd.push(format!(
                "{} not followed: withdrawals, ends and outcomes were followed first, then the newest",
                counted(self.not_followed as u64, "further claim was", "further claims were")
            ));
        }
        if self.repeated > 0 {
            odd.push(format!(
                "it names {} again: each is told once",
                counted(self.repeated, "claim", "claims")
            ));
        }
        match self.claim_count {
            Some(count) if count == self.named => {}
            Some(count) => odd.push(format!(
                "it contradicts itself: by its own count {} about this one, and it names {}",
                counted(count, "statement says something", "statements say something"),
                self.named
            )),
            None => odd.push("it does not say how many there are (claim_count)".to_owned()),
        }
        odd
    }
}

impl Said {
    fn to_json(&self) -> Value {
        let fields: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
        json!({"index": self.index, "leaf_hash": self.leaf_hash, "type": self.kind, "counts": self.counts,
            "fields": fields, "says": self.sentences})
    }
}

fn progress_bar(claims: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() || claims < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} later entries checked");
    ProgressBar::new(claims).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn claim(index: u64, kind: &str) -> ClaimAnswer {
        ClaimAnswer { kind: kind.to_owned(), index, leaf_hash: String::new(), counts: true }
    }

    /// A log with much to say of little weight hides neither the end of a decision nor what came last.
    #[test]
    fn of_too_many_claims_the_weightiest_are_followed_then_the_newest() {
        let mut claims: Vec<ClaimAnswer> = (10..1_010).map(|index| claim(index, "amendment")).collect();
        claims[600].kind = "lifted".to_owned();
        claims[500].kind = "outcome".to_owned();
        claims[400].kind = "withdrawal".to_owned();
        // One that was taken back weighs as any other.
        claims[0].kind = "withdrawal".to_owned();
        claims[0].counts = false;
        let (followed, later) = chosen(claims);
        let indexes: Vec<u64> = followed.iter().map(|claim| claim.index).collect();
        let expected: Vec<u64> = [410, 510, 610].into_iter().chain(813..1_010).collect();
        assert_eq!(indexes, expected);
        assert_eq!((later.not_followed, later.named, later.repeated), (800, 1_000, 0));
    }

    /// A log may leave out what it likes: its silence is its word, and no proof.
    #[test]
    fn silence_proves_nothing() {
        let answer = Answer::new(crate::answer::Verdict::Holds, "x");
        let told = Later { claim_count: Some(0), ..Later::default() }
            .add_to(answer, "https://log.example")
            .text(false);
        assert!(
            told.contains("- the server names nothing, which is its word and proves no absence\n"),
            "{told}"
        );
        assert!(!told.contains("contradicts"), "{told}");
    }

    #[test]
    fn what_is_named_again_is_followed_once() {
        let (followed, later) = chosen(vec![claim(7, "lifted"), claim(5, "outcome"), claim(7, "lifted")]);
        assert_eq!(followed.iter().map(|claim| claim.index).collect::<Vec<_>>(), [5, 7]);
        assert_eq!((later.named, later.repeated), (2, 1));
        let told = Later { claim_count: Some(3), ..later }.of_the_list().join("; ");
        assert!(told.contains("names 1 claim again"), "{told}");
        assert!(
            told.contains("by its own count 3 statements say something about this one, and it names 2"),
            "{told}"
        );
    }
}
