//! Statements about earlier ones, and what the store holds of their texts.

use std::sync::Arc;

use glasshouse_ledger::admission::{Admission, Admitted};
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, Opened};
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::rejection::Rejection;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Ticket, Writer};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::SubmissionSlices;
use glasshouse_verifier::targets::{SequenceRange, Target};

use super::{NOW, TestClock, admit, index, origin, provider, registrar, sequence, try_open_at};

fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

/// A target by its leaf hash.
pub fn leaf(target: &Signed) -> Target {
    Target::Entry(*target.leaf_hash())
}

/// A target by its numbers.
pub fn range(first: u64, last: u64) -> Target {
    Target::Range(SequenceRange::new(sequence(first), sequence(last)).unwrap())
}

fn names(fields: &[&str]) -> Item {
    Item::Array(fields.iter().map(|field| text(field)).collect())
}

fn about(kind: StatementType, targets: &[Target]) -> Draft {
    Draft::new(kind).with_targets(targets.iter().copied())
}

fn redaction_draft(targets: &[Target], fields: &[&str]) -> Draft {
    about(StatementType::Redaction, targets)
        .with_field(FieldName::FIELDS, names(fields))
        .with_field(FieldName::REDACTION_GROUND, text("erasure_request"))
        .with_field(FieldName::REQUESTED_BY, text("data_subject"))
}

/// Signs a statement about what the provider's decisions in these tests are about, or about several of its statements.
pub fn sign_about(author: &Author, draft: &Draft, number: u64, targets: &[Target]) -> Signed {
    match targets {
        [Target::Entry(_)] => author.sign(draft, sequence(number), Subject::pseudonym([7; 16]), NOW).unwrap(),
        _ => author.sign_own(draft, sequence(number), NOW).unwrap(),
    }
}

/// The provider's redaction of texts of its own.
pub fn redaction(number: u64, targets: &[Target], fields: &[&str]) -> Signed {
    sign_about(&provider(), &redaction_draft(targets, fields), number, targets)
}

/// The registrar's redaction of texts of the provider.
pub fn registrar_redaction(number: u64, targets: &[Target], fields: &[&str]) -> Signed {
    let draft = redaction_draft(targets, fields).with_field(FieldName::PROVIDER, text(super::PROVIDER));
    sign_about(&registrar(), &draft, number, targets)
}

/// The provider's withdrawal.
pub fn withdrawal(number: u64, targets: &[Target]) -> Signed {
    sign_about(&provider(), &about(StatementType::Withdrawal, targets), number, targets)
}

/// The provider's disclosure of texts of one entry.
pub fn disclosure(number: u64, target: &Signed, fields: &[&str]) -> Signed {
    let targets = [leaf(target)];
    let draft = about(StatementType::Disclosure, &targets).with_field(FieldName::FIELDS, names(fields));
    sign_about(&provider(), &draft, number, &targets)
}

/// The texts of a statement, those that it withholds too.
pub fn texts<'a>(signed: &'a Signed, fields: &[&str]) -> Vec<&'a [u8]> {
    fields.iter().map(|field| text_of(signed, field)).collect()
}

pub fn text_of<'a>(signed: &'a Signed, field: &str) -> &'a [u8] {
    &signed.addenda()[&FieldName::find(field).unwrap()]
}

pub fn digest_of(signed: &Signed, field: &str) -> Digest {
    Digest::of(text_of(signed, field))
}

/// A decision whose facts are withheld.
pub fn secretive(number: u64) -> Signed {
    let mut line = super::decision_line(&format!("ad-{number}"));
    line["withheld"] = serde_json::json!({"decision_facts": {"ground": "ongoing_investigation"}});
    let draft = Draft::from_json(&line).unwrap();
    provider().sign(&draft, sequence(number), Subject::pseudonym([7; 16]), NOW).unwrap()
}

/// A statement that says only that something was decided; what, is this value.
pub fn sealing(number: u64, value: Vec<u8>) -> Signed {
    let mut draft =
        Draft::new(StatementType::Sealed).with_text(FieldName::SEALED_STATEMENT, Item::bytes(value));
    draft.withhold_the_rest("confidential_order");
    provider().sign_own(&draft, sequence(number), NOW).unwrap()
}

/// The disclosure of what was sealed, whose subject is the provider.
pub fn unsealing(number: u64, target: &Signed) -> Signed {
    let draft = about(StatementType::Disclosure, &[leaf(target)])
        .with_field(FieldName::FIELDS, names(&["sealed_statement"]));
    provider().sign(&draft, sequence(number), Subject::provider(provider().issuer()), NOW).unwrap()
}

/// Admits a statement with these texts beside its own.
pub fn admit_with(reader: &Reader, signed: &Signed, opened: &[&[u8]]) -> Result<Admitted, Rejection> {
    let addenda = signed.served().chain(opened.iter().copied()).collect();
    let slices = SubmissionSlices { statement: signed.statement(), addenda };
    Admission::new(origin()).admit(&slices, &reader.keys(), NOW)
}

/// Submits one statement with these texts beside its own, and runs one round.
pub fn submit_with(writer: &mut Writer, reader: &Reader, signed: &Signed, opened: &[&[u8]]) -> Answer {
    let ticket = writer.submit(admit_with(reader, signed, opened).unwrap());
    answer_of(writer, ticket)
}

/// Submits one statement, and runs rounds until it is answered.
pub fn submit(writer: &mut Writer, reader: &Reader, signed: &Signed) -> Answer {
    let ticket = writer.submit(admit(reader, signed).unwrap());
    answer_of(writer, ticket)
}

fn answer_of(writer: &mut Writer, ticket: Ticket) -> Answer {
    for _ in 0..10_000 {
        if let Some((_, answer)) = writer.round().unwrap().answers.into_iter().find(|(one, _)| *one == ticket)
        {
            return answer;
        }
    }
    panic!("never answered");
}

/// The place of what was accepted.
#[track_caller]
pub fn accepted(answer: &Answer) -> u64 {
    match answer {
        Answer::Accepted { index, .. } => index.get(),
        other => panic!("{other:?}"),
    }
}

/// The slug of what was refused.
#[track_caller]
pub fn refused(answer: &Answer) -> &'static str {
    match answer {
        Answer::Rejected(rejection) => rejection.slug,
        other => panic!("{other:?}"),
    }
}

/// Opens with a clock and a hold in milliseconds.
pub fn open_held(store: &Arc<dyn Store>, clock: &Arc<TestClock>, hold_ms: u64) -> Opened {
    try_open_at(store, Arc::clone(clock), Hold::Ms(hold_ms)).unwrap()
}

/// The files of a store that hold some bytes.
pub fn holding(store: &dyn Store, needle: &[u8]) -> Vec<String> {
    let mut names =
        vec!["checkpoint".to_owned(), "vkey".to_owned(), "erasures".to_owned(), "history".to_owned()];
    for folder in ["tile", "stage", "addenda-pack"] {
        names.extend(store.list(folder).unwrap());
    }
    names.retain(|name| {
        let bytes = store.get(name).unwrap().unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    });
    names
}

/// No file holds the text or its salt, now or after a loss of power, and readers are told which entry redacted it.
#[track_caller]
pub fn assert_gone(store: &MemoryStore, reader: &Reader, signed: &Signed, field: &str, by: u64) {
    let bytes = text_of(signed, field);
    for left in [store.after_kill(), store.after_power_loss()] {
        // The salt follows the array's head and the head of its byte string.
        for (what, needle) in [("text", bytes), ("salt", &bytes[2..18])] {
            assert_eq!(holding(&left, needle), Vec::<String>::new(), "the {what} of {field}");
        }
    }
    assert_redacted(reader, signed, field, by);
}

/// Readers get the text nowhere, and are told which entry redacted it.
#[track_caller]
pub fn assert_redacted(reader: &Reader, signed: &Signed, field: &str, by: u64) {
    let state = reader.addendum(&digest_of(signed, field)).unwrap();
    assert!(matches!(state, AddendumState::Redacted { by: at, .. } if at == index(by)), "{field}: {state:?}");
    let place = reader.find(signed.leaf_hash()).unwrap().unwrap();
    let entry = reader.entry(place).unwrap().unwrap();
    assert!(reader.texts(&entry, place).unwrap().iter().all(|text| text.field().as_str() != field));
    let receipt = reader.receipt(place).unwrap().unwrap();
    assert!(receipt.addenda().iter().all(|text| text != text_of(signed, field)));
}

/// Readers get the text.
#[track_caller]
pub fn assert_served(reader: &Reader, signed: &Signed, field: &str) {
    let state = reader.addendum(&digest_of(signed, field)).unwrap();
    let (AddendumState::Served { bytes, .. } | AddendumState::Disclosed { bytes, .. }) = state else {
        panic!("{field}: {state:?}")
    };
    assert_eq!(bytes, text_of(signed, field));
}

/// The statement that was signed.
pub fn statement(signed: &Signed) -> Statement {
    Statement::parse(signed.statement()).unwrap()
}
