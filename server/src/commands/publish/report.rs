//! What a publisher's user sees: a bar on a terminal, faults as they are found, counts at the end.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::client::waiting::Waiting;
use crate::commands::aside;
use crate::commands::standard_output::say;
use crate::commands::waiting;
use crate::outbox::event::{Event, Summary};
use crate::outbox::number_runs::NumberRuns;

/// Shows a run. The bar is drawn only where standard error is a terminal.
pub(in crate::commands) struct Report {
    json: bool,
    bar: ProgressBar,
}

impl Report {
    /// Of an input of so many lines; `None` where nobody knows how many will come.
    pub(in crate::commands) fn new(json: bool, lines: Option<u64>) -> Report {
        let (bar, look) = match lines {
            Some(lines) => (ProgressBar::new(lines), "{bar:30} {pos}/{len} lines, {msg} ({eta} left)"),
            None => (ProgressBar::new_spinner(), "{spinner} {pos} lines, {msg} ({elapsed})"),
        };
        if let Ok(style) = ProgressStyle::with_template(look) {
            bar.set_style(style);
        }
        bar.set_message("0 on record");
        bar.enable_steady_tick(Duration::from_millis(120));
        Report { json, bar }
    }

    /// What a publisher tells as it goes.
    pub(in crate::commands) fn watch(&self) -> Box<dyn FnMut(Event<'_>)> {
        let (bar, json) = (self.bar.clone(), self.json);
        let mut on_record = 0;
        Box::new(move |event| match event {
            Event::Looked(count) => bar.inc(count),
            Event::OnRecord(count) => {
                on_record += count;
                bar.set_message(format!("{on_record} on record"));
            }
            event => {
                let text = if json { as_json(&event) } else { as_text(&event) };
                bar.suspend(|| if json { say!("{text}") } else { aside::tell(&text) });
            }
        })
    }

    /// What a client tells that waits for the log.
    pub(in crate::commands) fn waiting(&self) -> impl Fn(&Waiting) + Send + Sync + 'static {
        let (bar, json) = (self.bar.clone(), self.json);
        move |event| bar.suspend(|| waiting::say(event, json))
    }

    /// Takes the bar away.
    pub(in crate::commands) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The counts.
    pub(super) fn end(&self, summary: &Summary, outbox: &Path) {
        self.bar.finish_and_clear();
        if self.json {
            let mut counts = serde_json::to_value(summary).unwrap_or_default();
            counts["event"] = json!("published");
            counts["outbox"] = json!(outbox);
            say!("{counts}");
            return;
        }
        say!("{} lines, {} new on record", summary.lines, summary.on_record);
        let further = [
            (summary.already_published, "on record before, so left alone"),
            (
                summary.not_compared,
                "of these were purged of a text: whether they say what was published is not known any more",
            ),
            (summary.wrong, "wrong, not published"),
            (summary.refused, "refused by the log for good"),
            (summary.waiting, "kept for another run"),
        ];
        for (count, what) in further.into_iter().filter(|(count, _)| *count > 0) {
            say!("{count} {what}");
        }
        if !summary.numbers.is_empty() {
            say!("{}", numbers(&summary.numbers));
        }
        let others = &summary.others;
        let further = [
            (others.on_record, "left by an earlier run, on record now"),
            (others.refused, "left by an earlier run, refused by the log for good"),
            (others.waiting, "others kept for another run"),
            (summary.voided, "numbers closed with a void"),
        ];
        for (count, what) in further.into_iter().filter(|(count, _)| *count > 0) {
            say!("{count} {what}");
        }
        if summary.receipts > 0 {
            say!("{} receipts checked, in {}", summary.receipts, outbox.join("receipts").display());
        }
    }
}

/// Most runs of numbers that are named; whoever needs the rest has `--json`.
const MAX_RUNS: usize = 8;

/// The numbers that lines got, as `redact --range` and targets take them.
fn numbers(runs: &NumberRuns) -> String {
    let named = runs.iter().take(MAX_RUNS).map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if runs.len() > MAX_RUNS {
        text.push_str(&format!(", and {} more ranges (--json names them)", runs.len() - MAX_RUNS));
    }
    let is_one = runs.iter().map(|(first, last)| last - first).eq([0]);
    format!("{} {text}", if is_one { "number" } else { "numbers" })
}

fn as_text(event: &Event<'_>) -> String {
    match event {
        Event::Wrong(error) => error.to_string(),
        Event::LeftOut { line, why } => format!("line {line}: note: {why}"),
        Event::Refused { sequence, line, problem, waits, advice } => {
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let then = if *waits { "it stays in the outbox" } else { "its line may be published again" };
            let advice = advice.map(|advice| format!(" ({advice})")).unwrap_or_default();
            format!("{line}number {sequence} was not taken: {problem}{advice}; {then}")
        }
        Event::Voided { first, last } if first == last => format!("number {first} is closed with a void"),
        Event::Voided { first, last } => format!("the numbers {first} to {last} are closed with a void"),
        Event::Unknown { known, on_record } => format!(
            "note: the log has numbers of this provider up to {on_record}, and this outbox knows them up to {known}: if it is an old copy, lines that were published since will be published again"
        ),
        Event::Looked(count) | Event::OnRecord(count) => count.to_string(),
    }
}

fn as_json(event: &Event<'_>) -> String {
    match event {
        Event::Wrong(error) => json!({"event": "wrong-line", "error": error}),
        Event::LeftOut { line, why } => json!({"event": "left-out", "line": line, "why": why}),
        Event::Refused { sequence, line, problem, waits, advice } => {
            json!({"event": "refused", "sequence": sequence, "line": line, "problem": problem, "waits": waits, "advice": advice})
        }
        Event::Voided { first, last } => json!({"event": "voided", "first": first, "last": last}),
        Event::Unknown { known, on_record } => {
            json!({"event": "unknown-numbers", "known": known, "on_record": on_record})
        }
        Event::Looked(count) | Event::OnRecord(count) => json!({"event": "progress", "count": count}),
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn text(given: &[u64]) -> String {
        let mut runs = NumberRuns::default();
        given.iter().for_each(|number| runs.insert(*number));
        numbers(&runs)
    }

    #[test]
    fn numbers_are_named_as_runs() {
        assert_eq!(text(&[12]), "number 12");
        assert_eq!(text(&[12, 13, 14]), "numbers 12 to 14");
        assert_eq!(text(&[12, 13, 15]), "numbers 12 to 13, 15");
        let many: Vec<u64> = (0..10).map(|at| at * 2).collect();
        assert_eq!(text(&many), "numbers 0, 2, 4, 6, 8, 10, 12, 14, and 2 more ranges (--json names them)");
    }
}
