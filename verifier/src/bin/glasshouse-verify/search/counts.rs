//! Counts by one or two dimensions, as a ledger answers them (spec/http.md, Counts).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::asked::Asked;
use super::bounded::{List, Members, Plain};
use super::list::check_sizes;
use super::question::{ask, check_index, trouble};
use super::summary::NOT_ALL;
use crate::answer::{Answer, Verdict};
use crate::plural::counted;
use crate::printable::{self, padded, width};
use crate::source::Source;

/// The longest answer that is read, in bytes: a ledger makes none that is longer (spec/http.md, Limits).
const COUNTS_LIMIT: u64 = 48 << 20;

/// The most rows (spec/http.md, Counts).
const ROWS_MAX: usize = 10_000;

/// The most members of a row: two dimensions and the count, and room for what a later version adds.
const MEMBERS_MAX: usize = 8;

/// The widest value that is shown, in columns.
const VALUE_MAX: usize = 72;

/// What is said of every count.
const NOTHING: &str = "Anything of this: a count is the server's word, and no receipt proves one.";

/// Stands in the table where there is no value; a text that is spelt like it stands in quotes.
const ABSENT: &str = "(absent)";

/// A row: how many entries, and the value for each name, nothing where the entries have none.
type Counted<'a> = (u64, Vec<Option<&'a str>>);

#[derive(Deserialize)]
struct Counts {
    size: u64,
    indexed: u64,
    total: u64,
    counts: List<Members<MEMBERS_MAX>, ROWS_MAX>,
    left_out: Option<LeftOut>,
}

/// What the rows that are not shown add up to.
#[derive(Deserialize)]
struct LeftOut {
    rows: u64,
    count: u64,
}

/// Counts by the dimensions of `by`, separated by a comma.
pub(super) fn count(source: &Source, asked: &Asked, by: &str) -> Result<Answer, Box<Answer>> {
    let place = asked.place.as_str();
    let counts: Counts = ask(source, (place, asked.counts(by).as_str()), COUNTS_LIMIT)?;
    let wrong = |why: String| trouble(place, &format!("not the answer of a ledger: {why}"));
    check_sizes(counts.size, counts.indexed, counts.total).map_err(wrong)?;
    check_index(place, counts.size, counts.indexed)?;
    let names: Vec<&str> = by.split(',').collect();
    let rows = counts.counts.0.iter().map(|row| cells(row, &names));
    let rows = rows
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| wrong(format!("a row without a count, or without a value for {by}")))?;
    check_counts(&rows, &counts).map_err(wrong)?;
    Ok(report(asked, &counts, &names, &rows))
}

/// Whether rows can be the counts of so many entries: each value stands there once, for no more entries than there are.
fn check_counts(rows: &[Counted<'_>], counts: &Counts) -> Result<(), String> {
    let mut known = HashSet::new();
    for (count, values) in rows {
        if *count > counts.total || *count == 0 {
            return Err(format!("a row counts {count} of {}", counted(counts.total, "entry", "entries")));
        }
        if !known.insert(values) {
            return Err("two rows have the same values".to_owned());
        }
    }
    Ok(())
}

/// The count of a row, and its value for each name.
fn cells<'a>(row: &'a Members<MEMBERS_MAX>, names: &[&str]) -> Option<Counted<'a>> {
    let Some(Plain::Number(count)) = row.0.get("count") else { return None };
    let values = names.iter().map(|name| match row.0.get(*name) {
        Some(Plain::Text(value)) => Some(Some(value.as_str())),
        Some(Plain::Null) => Some(None),
        _ => None,
    });
    Some((*count, values.collect::<Option<_>>()?))
}

fn report(asked: &Asked, counts: &Counts, names: &[&str], rows: &[Counted<'_>]) -> Answer {
    let sentence = format!(
        "{} counts {} the conditions, of its tree of {}",
        asked.place,
        counted(counts.total, "entry that meets", "entries that meet"),
        counted(counts.indexed, "entry", "entries")
    );
    let mut answer = table(Answer::new(Verdict::Answered, sentence), names, rows);
    if let Some(left) = &counts.left_out {
        answer = answer
            .line(format!(
                "{} up to {}",
                counted(left.rows, "further row, which adds", "further rows, which add"),
                left.count
            ))
            .member("left_out", serde_json::json!({"rows": left.rows, "count": left.count}));
    }
    if counts.indexed < counts.size {
        answer = answer
            .line(format!("its index is behind: its tree has {}", counted(counts.size, "entry", "entries")));
    }
    answer = answer
        .line("An entry with several values counts once for each. Not proved:")
        .line(format!("- {NOTHING}"))
        .line(format!("- {NOT_ALL}"));
    let objects: Vec<Value> = rows.iter().map(|(count, values)| object(*count, names, values)).collect();
    answer
        .member("place", asked.place.as_str())
        .member("size", counts.size)
        .member("indexed", counts.indexed)
        .member("total", counts.total)
        .member("by", names)
        .member("counts", objects)
        .member("not_proved", [NOTHING, NOT_ALL])
}

fn object(count: u64, names: &[&str], values: &[Option<&str>]) -> Value {
    let pairs = names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let mut object: Map<String, Value> = pairs.collect();
    object.insert("count".to_owned(), count.into());
    object.into()
}

fn table(answer: Answer, names: &[&str], rows: &[Counted<'_>]) -> Answer {
    if rows.is_empty() {
        return answer;
    }
    let names = names.iter().map(|name| shown(Some(name))).collect();
    let lines: Vec<(String, Vec<String>)> =
        std::iter::once(("count".to_owned(), names))
            .chain(rows.iter().map(|(count, values)| {
                (count.to_string(), values.iter().map(|value| shown(*value)).collect())
            }))
            .collect();
    let counts = lines.iter().map(|(count, _)| count.len()).max().unwrap_or(0);
    let first =
        lines.iter().filter_map(|(_, values)| values.first()).map(|value| width(value)).max().unwrap_or(0);
    lines.iter().fold(answer, |answer, (count, values)| {
        let values: Vec<String> = values.iter().map(|value| padded(value, first)).collect();
        answer.line(format!("{count:>counts$}  {}", values.join("  ")).trim_end())
    })
}

/// A value as the table has it.
fn shown(value: Option<&str>) -> String {
    match value {
        None => ABSENT.to_owned(),
        Some(ABSENT) => format!("\"{ABSENT}\""),
        Some(value) => printable::line(value, VALUE_MAX),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use serde_json::json;

    use super::super::fake::{Fake, search};
    use super::*;

    fn counts(rows: Value) -> Fake {
        let body = json!({"size": 1_000, "indexed": 900, "by": ["authority", "month"], "total": 15, "counts": rows,
            "left_out": {"rows": 3, "count": 4}});
        Fake::of(vec![("api/v1/counts?type=decision&by=authority,month", 200, body.to_string().into_bytes())])
    }

    #[test]
    fn counts_are_a_table() {
        let fake = counts(json!([{"authority": "Court\u{1b}[2J\u{202e}", "month": "2026-03", "count": 11},
            {"authority": "法院", "month": "none", "count": 4}]));
        let (answer, _) = search(&fake, &["type=decision", "--counts", "authority,month"], false);
        let text = answer.text(false);
        assert!(text.contains("counts 15 entries"), "{text}");
        assert!(text.contains("\n  count  authority   month\n     11  Court\u{fffd}[2J\u{fffd}  2026-03\n      4  法院        none\n"), "{text}");
        for said in ["3 further rows, which add up to 4", "index is behind", "leave entries out"] {
            assert!(text.contains(said), "{text}");
        }
        let json: Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(json["counts"][1], json!({"authority": "法院", "month": "none", "count": 4}));
        assert_eq!(json["left_out"]["rows"], 3);
        assert!(!answer.text(true).contains(['\u{1b}', '\u{202e}']));
    }

    /// What an entry has not is null, and no text: `none` and `(absent)` may be names.
    #[test]
    fn what_is_absent_is_no_name() {
        let rows = json!([{"authority": null, "month": "2026-03", "count": 9},
            {"authority": "none", "month": "2026-03", "count": 4}, {"authority": "(absent)", "month": "2026-03", "count": 2}]);
        let fake = counts(rows.clone());
        let (answer, _) = search(&fake, &["type=decision", "--counts", "authority,month"], false);
        let text = answer.text(false);
        for line in
            ["    9  (absent)    2026-03\n", "    4  none        2026-03\n", "    2  \"(absent)\"  2026-03\n"]
        {
            assert!(text.contains(line), "{text}");
        }
        let json: Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(json["counts"], rows);
    }

    #[test]
    fn rows_of_other_questions_are_refused() {
        for rows in [
            json!([{"authority": "a", "month": "b"}]),
            json!([{"authority": "a", "count": 1}]),
            json!([{"authority": "a", "month": "b", "count": null}]),
            json!([{"authority": 1, "month": "b", "count": 1}]),
            json!([{"authority": [], "month": "b", "count": 1}]),
            json!({}),
            json!([{"authority": "a", "month": "b", "count": 16}]),
            json!([{"authority": "a", "month": "b", "count": 0}]),
            json!([{"authority": "a", "month": "b", "count": 1}, {"authority": "a", "month": "b", "count": 2}]),
            Value::Array(vec![json!({"authority": "a", "month": "b", "count": 1}); 10_001]),
        ] {
            let (answer, _) = search(&counts(rows), &["type=decision", "--counts", "authority,month"], false);
            assert_eq!(answer.verdict(), Verdict::Trouble);
            assert!(answer.sentence().contains("not the answer of a ledger"), "{}", answer.sentence());
        }
    }
}
