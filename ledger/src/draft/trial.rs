//! A draft tried against every rule of the verifier before it takes a number: what the log would refuse is found here,
//! and its errors point into the authored line.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum_value::check_addendum_value;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::payload_error::{PayloadError, PayloadErrors, Rule};
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::{About, StatementType};
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::targets::Target;

use super::{Draft, map_item};

/// The payload of a draft under a number, with the digests of its addenda.
pub(crate) fn payload_item(draft: &Draft, sequence: u64, digests: &BTreeMap<FieldName, Digest>) -> Item {
    let text = |text: &str| Item::text(text.to_owned());
    let addenda = digests
        .iter()
        .map(|(name, digest)| (text(name.as_str()), Item::bytes(digest.as_bytes().to_vec())))
        .collect();
    let mut pairs = vec![
        (text("type"), text(draft.kind.as_str())),
        (text("vocabulary"), text(draft.vocabulary.as_str())),
        (text("sequence"), Item::Integer(i128::from(sequence))),
        (text("addenda"), map_item(addenda)),
    ];
    if !draft.withheld.is_empty() {
        let withheld = draft
            .withheld
            .iter()
            .map(|(name, withholding)| (text(name.as_str()), withholding.item()))
            .collect();
        pairs.push((text("withheld"), map_item(withheld)));
    }
    let fields = draft.fields.iter();
    pairs.extend(fields.map(|(name, item)| (text(name.as_str()), item.clone())));
    map_item(pairs)
}

/// Every rule that the draft breaks, whoever signs it and under whatever number.
pub(super) fn faults(draft: &Draft) -> Vec<PayloadError> {
    let mut faults: Vec<PayloadError> =
        draft.texts.iter().filter_map(|(name, value)| check_addendum_value(*name, value).err()).collect();
    let Some(claims) = stand_in_claims(draft) else {
        faults.push(subject_fault());
        return faults;
    };
    match Payload::parse(&stand_in_payload(draft), &claims) {
        Ok(_) => {}
        Err(PayloadErrors::Invalid(errors)) => faults.extend(errors),
        Err(PayloadErrors::NotUnderstood { field, given }) => faults.push(PayloadError {
            path: format!("/{field}"),
            rule: Rule::NotACode,
            given: Some(given),
            allowed: None,
        }),
    }
    for fault in &mut faults {
        fault.path = authored_path(&fault.path);
    }
    faults
}

/// The payload as it would stand, with made-up digests; `None` if the draft breaks a rule.
pub(super) fn payload(draft: &Draft) -> Option<Payload> {
    Payload::parse(&stand_in_payload(draft), &stand_in_claims(draft)?).ok()
}

fn stand_in_payload(draft: &Draft) -> Item {
    let digests = draft.texts.keys().map(|name| (*name, stand_in(*name))).collect();
    payload_item(draft, stand_in_number(draft), &digests)
}

fn subject_fault() -> PayloadError {
    PayloadError {
        path: "/subject".to_owned(),
        rule: Rule::Sub,
        given: None,
        allowed: Some("domain:<registrable domain, A-labels> or asn:<number> in the entry".to_owned()),
    }
}

/// A text stands beside the coded fields in a line, not under `addenda`; the subject of the statement is `subject`.
fn authored_path(path: &str) -> String {
    match path.strip_prefix("/addenda/") {
        Some(field) if field == FieldName::SEALED_STATEMENT.as_str() => "/statement".to_owned(),
        Some(field) => format!("/{field}"),
        None if path == "/sub" => "/subject".to_owned(),
        None => path.to_owned(),
    }
}

/// A digest that stands for the one that the addendum will have: distinct for each field.
fn stand_in(name: FieldName) -> Digest {
    Digest::of(name.as_str().as_bytes())
}

/// A number that stands for the statement's own. A `void` has none of those that it closes.
fn stand_in_number(draft: &Draft) -> u64 {
    match (draft.kind, draft.fields.get(&FieldName::LAST)) {
        (StatementType::Void, Some(Item::Integer(last))) if *last < i128::from(Sequence::MAX) => {
            Sequence::MAX
        }
        _ => 1,
    }
}

fn stand_in_claims(draft: &Draft) -> Option<Claims> {
    const PSEUDONYM: &str = "s:00000000000000000000000000000000";
    const PROVIDER: &str = "provider:https://provider.example";
    let subject = match (draft.kind.rules().about, draft.targets().as_slice()) {
        (About::Subject, _) => draft.subject_in_entry().unwrap_or(PSEUDONYM),
        (About::Target, [Target::Entry(_)]) => PSEUDONYM,
        _ => PROVIDER,
    };
    Some(Claims {
        iss: Issuer::parse("https://provider.example").ok()?,
        sub: Subject::parse(subject).ok()?,
        aud: Origin::parse("log.example").ok()?,
        iat: 0,
    })
}
