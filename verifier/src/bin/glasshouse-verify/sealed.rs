//! What a sealed statement holds back, for whoever was shown it.

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::statement::Statement;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::receipt::json_of;

/// The sealed statement, or why the bytes that were committed to are none.
fn open(addendum: &Addendum, statement: &Statement) -> Result<Sealed, String> {
    let bytes = addendum.value().as_bytes().ok_or("not bytes")?;
    Sealed::parse(bytes, statement).map_err(|error| error.to_string())
}

/// Its lines for people.
pub(crate) fn lines(answer: Answer, addendum: &Addendum, statement: &Statement) -> Answer {
    let sealed = match open(addendum, statement) {
        Ok(sealed) => sealed,
        Err(why) => {
            return answer.line(format!("    not what the rules ask for, so nobody can open it: {why}"));
        }
    };
    let mut answer = answer
        .line(format!("    type  {}", sealed.payload().kind()))
        .line(format!("    about {}", sealed.claims().sub))
        .line(format!("    says  {}", sealed.payload().to_json()));
    for text in sealed.addenda() {
        let value = json_of(text.value());
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        answer = answer.line(format!("    {}: {}", text.field(), value.replace('\n', "\n        ")));
    }
    for field in sealed.payload().withheld().keys() {
        answer = answer.line(format!("    {field}: withheld even there"));
    }
    answer
}

/// The same for programs.
pub(crate) fn json(addendum: &Addendum, statement: &Statement) -> Value {
    match open(addendum, statement) {
        Ok(sealed) => {
            let texts = sealed.addenda().iter().map(|text| (text.field().to_string(), json_of(text.value())));
            let texts: Map<String, Value> = texts.collect();
            json!({"sub": sealed.claims().sub.to_string(), "payload": sealed.payload().to_json(), "texts": texts})
        }
        Err(why) => json!({"error": why}),
    }
}
