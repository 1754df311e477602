//! Statements under a key.

use glasshouse_verifier::statement::{Statement, StatementError};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};
use crate::key;

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "statement");
    let statement = Statement::parse(&bytes).map_err(refusal)?;
    assert_eq!(statement.bytes(), bytes);
    statement.verify(&key::raw(input, "key")?).map_err(|error| Refusal::new(error.slug(), error))?;
    let claims = statement.claims();
    Ok(json!({
        "iss": claims.iss.as_str(),
        "sub": claims.sub.as_str(),
        "aud": claims.aud.as_str(),
        "iat": claims.iat,
        "kid": statement.kid().to_hex(),
        "alg": i64::try_from(statement.algorithm().number()).unwrap(),
        "type": statement.payload().kind().as_str(),
        "sequence": statement.sequence().get(),
    }))
}

pub(crate) fn refusal(error: StatementError) -> Refusal {
    let mut refusal = Refusal::new(error.slug(), &error);
    let errors = error.payload_errors().iter();
    let errors: Vec<Value> =
        errors.map(|error| json!({"path": error.path, "rule": error.rule.as_str()})).collect();
    if !errors.is_empty() {
        refusal.more.insert("errors".to_owned(), errors.into());
    }
    refusal
}
