//! Evidence of every kind, under the key of the log that is asked about.

use glasshouse_verifier::evidence::Evidence;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_of};
use crate::note;

pub(crate) fn judge(input: &Value) -> Verdict {
    let key = note::vkey(text_of(input, "log"))?;
    let text = text_of(input, "evidence");
    let evidence = Evidence::parse(text, &key).map_err(|error| Refusal::new(error.slug(), error))?;
    assert_eq!(evidence.encode(), text);
    assert_eq!(Evidence::log_key(text).as_ref(), Ok(&key));
    let origin = evidence.origin().as_str();
    Ok(match &evidence {
        Evidence::Fork(fork) => json!({"kind": "fork", "origin": origin,
            "old_size": fork.older().head().size().get(), "new_size": fork.newer().head().size().get()}),
        Evidence::RewrittenEntry(rewritten) => {
            json!({"kind": "rewritten-entry", "origin": origin, "index": rewritten.one().index().get()})
        }
        Evidence::DoubleStatement(double) => json!({"kind": "double-statement", "origin": origin,
            "iss": double.other().claims().iss.as_str(), "sequence": double.other().sequence().get(),
            "index": double.filed().index().get()}),
        Evidence::BadEntry(bad) => json!({"kind": "bad-entry", "origin": origin,
            "index": bad.at().index().get(), "broken_rule": bad.rule()}),
    })
}
