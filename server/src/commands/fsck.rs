//! `glasshouse fsck`: everything in a ledger's folder, re-derived and compared.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::fsck::{FINDINGS_MAX, Finding, FsckReport};
use glasshouse_ledger::ledger::Ledger;
use indicatif::ProgressBar;
use serde_json::json;

use super::CommandError;
use crate::commands::standard_output;
use crate::commands::standard_output::say;

/// Check a ledger: every entry, signature, number, tile, text and both copies of the state.
///
/// Nothing in the folder is changed, also where it is damaged or on a file system that cannot be written. It may run beside the
/// server: then the server's embedded copy of the state, and files beyond the checkpoint, are not judged. Where no server runs,
/// none can start before it has ended. The embedded copy is read from a copy in the system's temporary folder (TMPDIR); without
/// room there all else is checked, and that is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse fsck --dir ledger\n\nEnds with 0 if the ledger is whole, 2 if there is none, 1 if it is not whole: what was found is named with its file or entry, the first three of\na kind and how many more there are; --json names each."
)]
pub struct Fsck {
    /// The ledger's folder.
    #[arg(long, value_name = "D")]
    dir: PathBuf,
}

impl Fsck {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let bar = ProgressBar::new_spinner().with_message("checking every entry and text");
        bar.enable_steady_tick(Duration::from_millis(120));
        let report = Ledger::fsck(&self.dir);
        bar.finish_and_clear();
        let report = report?;
        if json {
            say!("{}", as_json(&report));
        } else {
            standard_output::text(format_args!("{}", summary(&report.findings)));
            say!("{}", as_text(&report));
        }
        if report.is_clean() {
            return Ok(());
        }
        let (dir, least) = (self.dir.display(), at_least(&report.findings));
        Err(CommandError::Refused(format!("{dir} is not whole: {least}{} findings", report.findings.len())))
    }
}

/// Findings of one kind that are named; of more only the count is told. An erasure that was interrupted leaves one finding for
/// each of its texts, 40,000 at most.
const NAMED: usize = 3;

/// What is said before a count of findings: a report that is full has left some out.
fn at_least(findings: &[Finding]) -> &'static str {
    if findings.len() < FINDINGS_MAX { "" } else { "at least " }
}

/// The findings by kind, in the order of the first of each.
fn summary(findings: &[Finding]) -> String {
    let mut kinds: Vec<(String, Vec<&Finding>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let kind = kind_of(finding);
        let at = *places.entry(kind.clone()).or_insert(kinds.len());
        match kinds.get_mut(at) {
            Some((_, alike)) => alike.push(finding),
            None => kinds.push((kind, vec![finding])),
        }
    }
    let mut text = String::new();
    for (_, alike) in kinds {
        alike.iter().take(NAMED).for_each(|finding| text.push_str(&format!("{finding}\n")));
        let more = alike.len().saturating_sub(NAMED);
        if more > 0 {
            text.push_str(&format!(
                "  and {more} more like these, {}{} in all (--json names each)\n",
                at_least(findings),
                alike.len()
            ));
        }
    }
    text
}

/// A finding without its numbers and digests.
fn kind_of(finding: &Finding) -> String {
    let folded = |text: &str| {
        let mut kind = String::new();
        for word in text.split_inclusive([' ', '/', ':', ',']) {
            let bare = word.trim_end_matches([' ', '/', ':', ',']);
            let is_number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
            let is_digest = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
            kind.push_str(if is_number || is_digest { "#" } else { bare });
        }
        kind
    };
    let place = finding.place.split(' ').next().unwrap_or_default();
    format!("{place} {}", folded(&finding.rule))
}

fn as_text(report: &FsckReport) -> String {
    let mut text = format!("{} entries checked", report.entries);
    if let Some(head) = &report.head {
        text.push_str(&format!(", tree of size {} with root {}", head.size(), head.root().to_hex()));
    }
    text.push_str(&format!(
        "\ntexts: {} served, {} withheld, {} erased",
        report.served, report.withheld, report.erased
    ));
    if report.held > 0 {
        text.push_str(&format!(", {} redacted and not erased yet: held, or being erased", report.held));
    }
    if !report.stages.is_empty() {
        let count = report.stages.len();
        text.push_str(&format!(
            "\n{count} rounds lie staged: a running server, or the next start, settles them"
        ));
    }
    if let Some(why) = &report.not_judged {
        text.push_str(&format!("\nembedded copy not judged: {why}"));
    }
    text.push_str(if report.is_clean() { "\nthe ledger is whole" } else { "\nthe ledger is NOT whole" });
    text
}

fn as_json(report: &FsckReport) -> serde_json::Value {
    let findings: Vec<_> =
        report.findings.iter().map(|finding| json!({"place": finding.place, "rule": finding.rule})).collect();
    json!({
        "event": "fsck",
        "clean": report.is_clean(),
        "size": report.head.as_ref().map(|head| head.size().get()),
        "root": report.head.as_ref().map(|head| head.root().to_hex()),
        "entries": report.entries,
        "served": report.served,
        "withheld": report.withheld,
        "erased": report.erased,
        "held": report.held,
        "stages": report.stages,
        "embedded_copy_not_judged": report.not_judged,
        "findings": findings,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn finding(place: &str, rule: String) -> Finding {
        Finding { place: place.to_owned(), rule }
    }

    #[test]
    fn many_findings_of_a_kind_are_counted_and_others_are_named() {
        let mut findings: Vec<Finding> = (5..45)
            .map(|entry| {
                let by = 50 + entry % 2;
                let rule = format!(
                    "the text decision_facts was redacted by entry {by}, and its bytes are still there"
                );
                finding(&format!("entry {entry}"), rule)
            })
            .collect();
        findings.insert(7, finding("entry 11", "the text contact is lost".to_owned()));
        findings.push(finding("checkpoint", "not signed by the log".to_owned()));
        let text = summary(&findings);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert!(
            lines[0].starts_with("entry 5: the text decision_facts") && lines[2].starts_with("entry 7: ")
        );
        assert_eq!(lines[3], "  and 37 more like these, 40 in all (--json names each)");
        assert_eq!(lines[4], "entry 11: the text contact is lost");
        assert_eq!(lines[5], "checkpoint: not signed by the log");
        assert_eq!(summary(&[]), "");
        // Digests make no kind of their own.
        let twice = |digit: &str| finding("pack", format!("holds the text {} twice", digit.repeat(64)));
        let text = summary(&[twice("a"), twice("b"), twice("c"), twice("d")]);
        assert!(text.ends_with("and 1 more like these, 4 in all (--json names each)\n"), "{text}");
        let full: Vec<Finding> = (0..FINDINGS_MAX).map(|_| twice("a")).collect();
        let text = summary(&full);
        assert!(
            text.ends_with("and 997 more like these, at least 1000 in all (--json names each)\n"),
            "{text}"
        );
    }
}
