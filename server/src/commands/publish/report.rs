//! What a publisher's user sees: a bar on a terminal, faults as they are found, counts at the end.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::client::waiting::Waiting;
use crate::commands::waiting;
use crate::outbox::event::{Event, Summary};

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
                bar.suspend(|| if json { println!("{text}") } else { eprintln!("{text}") });
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
            println!("{counts}");
            return;
        }
        println!("{} lines, {} new on record", summary.lines, summary.on_record);
        let further = [
            (summary.already_published, "published before, so left alone"),
            (summary.wrong, "wrong, not published"),
            (summary.refused, "refused by the log for good"),
            (summary.waiting, "kept for another run"),
            (summary.voided, "numbers closed with a void"),
        ];
        for (count, what) in further.into_iter().filter(|(count, _)| *count > 0) {
            println!("{count} {what}");
        }
        if summary.receipts > 0 {
            println!("{} receipts checked, in {}", summary.receipts, outbox.join("receipts").display());
        }
    }
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
