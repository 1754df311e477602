//! Payloads under their claims: every error is named.

use glasshouse_verifier::cbor;
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::payload_error::PayloadErrors;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of, text_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "payload");
    let item = cbor::decode(&bytes).map_err(|error| Refusal::new(error.slug(), error))?;
    let claims = Claims {
        iss: Issuer::parse(text_of(input, "iss")).unwrap(),
        sub: Subject::parse(text_of(input, "sub")).unwrap(),
        aud: Origin::parse(text_of(input, "aud")).unwrap(),
        iat: 0,
    };
    let payload = Payload::parse(&item, &claims).map_err(refusal)?;
    assert_eq!(payload.encode(), bytes, "the payload is written otherwise than it was read");
    assert!(payload.to_json().is_object());
    Ok(json!({"type": payload.kind().as_str(), "sequence": payload.sequence().get()}))
}

pub(crate) fn refusal(errors: PayloadErrors) -> Refusal {
    let Some(first) = errors.list().first() else {
        return Refusal::new("not-understood", errors);
    };
    let pairs = errors.list().iter().map(|e| json!({"path": e.path, "rule": e.rule.as_str()}));
    let mut refusal = Refusal::new(first.rule.as_str(), &errors);
    refusal.more.insert("path".into(), first.path.clone().into());
    refusal.more.insert("errors".into(), pairs.collect());
    refusal
}
