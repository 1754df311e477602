//! `glasshouse fsck`: everything in a ledger's folder, re-derived and compared.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::fsck::FsckReport;
use glasshouse_ledger::ledger::Ledger;
use indicatif::ProgressBar;
use serde_json::json;

use super::CommandError;

/// Check a ledger: every entry, signature, number, tile, text and both copies of the state.
///
/// Nothing is changed. It may run beside the server.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse fsck --dir ledger\n\nEnds with 0 if the ledger is whole, 1 if not: each finding is named with its file or entry."
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
            println!("{}", as_json(&report));
        } else {
            for finding in &report.findings {
                println!("{finding}");
            }
            println!("{}", as_text(&report));
        }
        if report.is_clean() {
            return Ok(());
        }
        let dir = self.dir.display();
        Err(CommandError::Refused(format!("{dir} is not whole: {} findings", report.findings.len())))
    }
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
        "findings": findings,
    })
}
