//! A body of drafts on its way to its answer: taken apart, looked at one by one, written as it goes. One draft at a time is
//! decoded, and nothing of any is kept or logged.

use glasshouse_ledger::draft::advice::Setting;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Checker;
use crate::body::{JSON, Received};
use crate::limits::{MAX_DRAFTS, MAX_FINDINGS};
use crate::outbox::line::AuthoredLine;
use crate::problem::{Kind, Problem};

/// The answer `{"results": […]}`, one result for each draft in order.
///
/// # Errors
/// The body is refused as a whole: `not-json`, `batch-size`.
pub(crate) fn answer(body: &Received, setting: Setting) -> Result<Vec<u8>, Problem> {
    let drafts = if body.media_type == JSON { of_json(&body.bytes)? } else { of_lines(&body.bytes)? };
    let mut checker = Checker::new(setting);
    let mut left = MAX_FINDINGS;
    let mut out = b"{\"results\":[".to_vec();
    let mut first = true;
    for (number, bytes) in drafts {
        let Some(line) = AuthoredLine::parse(number, bytes).transpose() else { continue };
        // What will not be named is not helped with either, which takes longer than finding it.
        checker.name_errors(left);
        let mut checked = checker.check(&line);
        left -= checked.keep(left);
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        serde_json::to_writer(&mut out, &checked).map_err(|error| Problem::internal(&error))?;
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// A draft and its number, from 1.
type Numbered<'a> = (u64, &'a [u8]);

/// Lines that are not white, under their number among all lines.
fn of_lines(body: &[u8]) -> Result<Vec<Numbered<'_>>, Problem> {
    let lines = body.split(|byte| *byte == b'\n');
    let drafts = (1u64..).zip(lines).filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace));
    sized(drafts.take(MAX_DRAFTS + 1).collect())
}

/// One object, or the elements of an array.
fn of_json(body: &[u8]) -> Result<Vec<Numbered<'_>>, Problem> {
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'[') {
        // What is wrong with it is said as of any line.
        return sized(if begins.is_some() { vec![(1, body)] } else { vec![] });
    }
    let mut parser = serde_json::Deserializer::from_slice(body);
    let drafts = parser.deserialize_seq(Elements).map_err(|error| not_json(&error))?;
    if drafts.len() <= MAX_DRAFTS {
        parser.end().map_err(|error| not_json(&error))?;
    }
    sized((1..).zip(drafts).collect())
}

fn sized(drafts: Vec<Numbered<'_>>) -> Result<Vec<Numbered<'_>>, Problem> {
    if (1..=MAX_DRAFTS).contains(&drafts.len()) {
        return Ok(drafts);
    }
    Err(Problem::new(Kind::BATCH_SIZE, format!("a body holds 1 to {MAX_DRAFTS} drafts")))
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let what =
        "the body is one JSON object, an array of objects, or (application/x-ndjson) one object a line";
    Problem::new(Kind::NOT_JSON, format!("at line {line}, column {column}: {what}"))
}

/// Slices of an array's elements, at most one more than may be.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de [u8]>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<&'de [u8]>, A::Error> {
        let mut slices = Vec::new();
        while let Some(element) = list.next_element::<&'de RawValue>()? {
            slices.push(element.get().as_bytes());
            if slices.len() > MAX_DRAFTS {
                // The rest is not looked at: the body is refused.
                while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            }
        }
        Ok(slices)
    }
}
