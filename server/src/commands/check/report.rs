//! What a user of `check` sees: findings as they are found, a bar on a terminal, counts at the end.

use std::io::{self, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::check::checked_line::{CheckedLine, Completeness, Finding};
use crate::commands::CommandError;

/// Shows a run. The bar is drawn only where standard error is a terminal.
pub(super) struct Report {
    json: bool,
    completeness: bool,
    bar: ProgressBar,
    counts: Counts,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Counts {
    lines: u64,
    wrong: u64,
    errors: u64,
    warnings: u64,
    notes: u64,
}

impl Report {
    /// Of an input of so many lines; `None` where nobody knows how many will come.
    pub(super) fn new(json: bool, completeness: bool, lines: Option<u64>) -> Report {
        let (bar, look) = match lines {
            Some(lines) => (ProgressBar::new(lines), "{bar:30} {pos}/{len} lines, {msg} ({eta} left)"),
            None => (ProgressBar::new_spinner(), "{spinner} {pos} lines, {msg} ({elapsed})"),
        };
        if let Ok(style) = ProgressStyle::with_template(look) {
            bar.set_style(style);
        }
        bar.set_message("0 wrong");
        bar.enable_steady_tick(Duration::from_millis(120));
        Report { json, completeness, bar, counts: Counts::default() }
    }

    /// One line was looked at.
    pub(super) fn line(&mut self, line: &CheckedLine) -> Result<(), CommandError> {
        self.counts.lines += 1;
        self.counts.errors += (line.errors.len() + line.left_out) as u64;
        self.counts.warnings += line.warnings.len() as u64;
        self.counts.notes += line.notes.len() as u64;
        if !line.is_right() {
            self.counts.wrong += 1;
            self.bar.set_message(format!("{} wrong", self.counts.wrong));
        }
        self.bar.inc(1);
        let text = if self.json { as_json(line) } else { self.as_text(line) };
        if text.is_empty() { Ok(()) } else { self.bar.suspend(|| say(&text)) }
    }

    fn as_text(&self, line: &CheckedLine) -> String {
        let number = line.line;
        let mut text = String::new();
        let mut put = |findings: &[Finding], weight: &str| {
            findings.iter().for_each(|finding| text.push_str(&format!("line {number}: {weight}{finding}\n")));
        };
        put(&line.errors, "");
        put(&line.warnings, "warning: ");
        put(&line.notes, "note: ");
        if line.left_out > 0 {
            text.push_str(&format!("line {number}: and {} errors more\n", line.left_out));
        }
        if let Some(list) = line.completeness.as_ref().filter(|_| self.completeness) {
            text.push_str(&list_as_text(number, list));
        }
        text
    }

    /// The counts, and what they mean for the exit status.
    pub(super) fn end(self, strict: bool) -> Result<(), CommandError> {
        self.bar.finish_and_clear();
        let Counts { lines, wrong, errors, warnings, notes } = self.counts;
        if self.json {
            say(&format!(
                "{}\n",
                json!({"event": "checked", "lines": lines, "wrong": wrong, "errors": errors, "warnings": warnings, "notes": notes})
            ))?;
        } else {
            let counted =
                |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            let (all, errors_found) = (counted(lines, "line"), counted(errors, "error"));
            let (warned, noted) = (counted(warnings, "warning"), counted(notes, "note"));
            let mut text = format!("{all}: {wrong} wrong, with {errors_found}; {warned}, {noted}\n");
            if errors + warnings + notes > 0 {
                text.push_str(
                    "What a rule means, with an example: glasshouse check --explain RULE (or a field)\n",
                );
            }
            say(&text)?;
        }
        if wrong > 0 {
            return Err(CommandError::Refused(format!("{wrong} of {lines} lines would not be published")));
        }
        if strict && warnings > 0 {
            return Err(CommandError::Refused(format!("{warnings} warnings (--strict)")));
        }
        Ok(())
    }
}

fn list_as_text(number: u64, list: &Completeness) -> String {
    let mut text = format!("line {number}: Article 17(3): {}\n", list.because);
    for point in &list.points {
        let said = match point.state {
            "present" => format!("yes: {}", point.field),
            "missing" => format!("MISSING: {}", point.field),
            _ => "does not apply".to_owned(),
        };
        text.push_str(&format!("  ({}) {:<48} {said}\n", point.letter, point.what));
    }
    text
}

fn as_json(line: &CheckedLine) -> String {
    let mut value = serde_json::to_value(line).unwrap_or_default();
    value["event"] = json!("line");
    format!("{value}\n")
}

/// Writes results. A reader that goes away, as `head` does, is an input/output error and no fault of ours.
pub(super) fn say(text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CommandError::io("standard output"))
}
