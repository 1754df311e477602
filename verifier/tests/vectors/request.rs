//! Requests to enrol a key.

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::request::{EnrolmentRequest, RequestError};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of, text_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let request = EnrolmentRequest::parse(&hex_of(input, "request")).map_err(refusal)?;
    let aud = Origin::parse(text_of(input, "aud")).unwrap();
    let iss = Issuer::parse(text_of(input, "iss")).unwrap();
    request.check(&aud, &iss).map_err(refusal)?;
    Ok(json!({"key": hex::encode(request.key.as_bytes()), "time": request.time}))
}

fn refusal(error: RequestError) -> Refusal {
    Refusal::new(error.slug(), error)
}
