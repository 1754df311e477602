//! `receipt`: that a statement is on record, by one file.

use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::RECEIPT_MAX;
use glasshouse_verifier::receipt_error::ReceiptError;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Trouble, Verdict};
use crate::file_kind::FileKind;
use crate::input::read;
use crate::later::{self, Told};
use crate::place::check_url;
use crate::receipt_at::{Refused, proved_by};
use crate::sealed;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  curl -fsS https://ledger.example/api/v1/receipts/42 -o 42.json
  glasshouse-verify receipt 42.json --policy policy.txt
  glasshouse-verify receipt 42.json --policy policy.txt --log https://ledger.example

With --log, the log is asked what later entries say about this one; each of its claims is proved by a receipt of its own.
The log learns from the question that somebody holds this receipt.";

/// How a receipt comes.
pub(crate) const FETCH: &str = "`curl -fsS URL/api/v1/receipts/N -o N.json` fetches the receipt of entry N, and says why where it cannot";

/// Check that a statement is on record, by its receipt; say what that proves and what it does not.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The receipt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    trust: Trust,
    /// The log's URL: ask it whether this was amended, ended, reversed, withdrawn, disclosed or redacted since.
    #[arg(long, value_name = "URL")]
    log: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    arguments.log.as_deref().map_or(Ok(()), check_url)?;
    let policy = arguments.trust.policy()?;
    let bytes = read(&arguments.file, RECEIPT_MAX)?;
    let proved = match proved_by(&bytes, &policy) {
        Ok(proved) => proved,
        Err(error) => return Ok(refused(&error, &bytes)),
    };
    let answer = found(&proved);
    Ok(match &arguments.log {
        Some(place) => match later::ask(place, &policy, &proved)? {
            Told::Later(later) => later.add_to(answer, place),
            Told::Denied(denied) => denied,
        },
        None => answer
            .line("Said later: a file cannot know; --log URL asks the log what became of this statement")
            .member("later", Value::Null),
    })
}

fn refused(refused: &Refused, bytes: &[u8]) -> Answer {
    let error = &refused.error;
    let verdict =
        if error.slug() == "not-understood" { Verdict::NotUnderstood } else { Verdict::DoesNotHold };
    let instead = matches!(error, ReceiptError::Form(_)).then(|| FileKind::of(bytes)).flatten();
    let sentence = match instead.filter(|kind| *kind != FileKind::Receipt) {
        Some(kind) => {
            format!("step {}: receipt: this is no receipt, but {}", error.step(), kind.words(FETCH))
        }
        None => format!("step {}: {error}", error.step()),
    };
    let answer = Answer::new(verdict, sentence).member("step", error.step()).member("rule", error.slug());
    match &refused.other_log {
        Some(other) => answer.member("other_log", other.as_str()).line(other),
        None => answer,
    }
}

fn found(proved: &Proved) -> Answer {
    let (statement, claims) = (proved.statement(), proved.statement().claims());
    let sentence = format!(
        "statement {} of {} is on record in {}, at index {} of {}",
        statement.sequence().get(),
        claims.iss,
        proved.origin(),
        proved.index(),
        proved.size()
    );
    let mut answer = Answer::new(Verdict::Holds, sentence)
        .line(format!("type      {}", statement.payload().kind().as_str()))
        .line(format!("about     {}", claims.sub))
        .line(format!("leaf hash {}", proved.leaf_hash()));
    if let Some(attribution) = statement.payload().to_json()["attribution"].as_str() {
        let iss = &claims.iss;
        answer = answer
            .line(format!("reported  {iss} reports what somebody else decided (attribution: {attribution})"));
    }
    for addendum in proved.addenda() {
        let field = addendum.field();
        let note = match proved.withheld().any(|(withheld, _)| withheld == field) {
            true => " (withheld from the public)",
            false => "",
        };
        if field == FieldName::SEALED_STATEMENT {
            answer = answer.line(format!("{field}{note}: what was sealed:"));
            answer = sealed::lines(answer, addendum, statement);
            continue;
        }
        let text = json_of(addendum.value());
        let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
        answer = answer.line(format!("{field}{note}: {}", text.replace('\n', "\n    ")));
    }
    for (title, sentences) in [("Proved:", proved.proved()), ("Not proved:", proved.not_proved())] {
        answer = answer.line(title);
        for sentence in sentences {
            answer = answer.line(format!("- {sentence}"));
        }
    }
    members(answer, proved)
}

fn members(answer: Answer, proved: &Proved) -> Answer {
    let (statement, claims) = (proved.statement(), proved.statement().claims());
    let texts: Map<String, Value> = proved
        .addenda()
        .iter()
        .map(|addendum| (addendum.field().to_string(), json_of(addendum.value())))
        .collect();
    let withheld: Vec<&str> = proved.withheld().map(|(field, _)| field.as_str()).collect();
    let mut addenda = proved.addenda().iter();
    let sealed = addenda.find(|addendum| addendum.field() == FieldName::SEALED_STATEMENT);
    let sealed = sealed.map_or(Value::Null, |addendum| sealed::json(addendum, statement));
    let witnesses: Vec<Value> = proved
        .witnesses()
        .iter()
        .map(|witness| json!({"name": witness.name, "time": witness.time}))
        .collect();
    answer
        .member("origin", proved.origin().as_str())
        .member("size", proved.size().get())
        .member("root", proved.checkpoint().signed().head().root().to_hex())
        .member("index", proved.index().get())
        .member("leaf_hash", proved.leaf_hash().to_hex())
        .member("iss", claims.iss.to_string())
        .member("sub", claims.sub.to_string())
        .member("iat", claims.iat)
        .member("type", statement.payload().kind().as_str())
        .member("sequence", statement.sequence().get())
        .member("payload", statement.payload().to_json())
        .member("texts", texts)
        .member("withheld_texts", withheld)
        .member("sealed", sealed)
        .member("witnesses", witnesses)
        .member("proved", proved.proved())
        .member("not_proved", proved.not_proved())
}

/// A text's value as JSON: bytes in hex, everything else as it is.
pub(crate) fn json_of(item: &Item) -> Value {
    match item {
        Item::Integer(number) => {
            u64::try_from(*number).map_or_else(|_| number.to_string().into(), Value::from)
        }
        Item::Bytes(bytes) => hex::encode(bytes).into(),
        Item::Text(text) => text.clone().into(),
        Item::Array(items) => items.iter().map(json_of).collect(),
        Item::Map(pairs) => pairs
            .iter()
            .filter_map(|(key, value)| Some((key.as_text()?.to_owned(), json_of(value))))
            .collect::<Map<String, Value>>()
            .into(),
        Item::Bool(value) => (*value).into(),
    }
}
