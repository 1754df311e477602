//! `glasshouse witness status`: what a witness cosigned last, and its evidence.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::witness::folder::WitnessFolder;
use glasshouse_verifier::vkey::Vkey;
use serde_json::{Value, json};

use crate::commands::CommandError;
use crate::commands::standard_output;
use crate::commands::standard_output::say;

/// Greatest answer that is read, in bytes: a thousand logs and all evidence's names, several times.
const MAX_ANSWER: u64 = 4 << 20;
/// Longest time for one question.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Show each log's state at a witness, and the evidence that it keeps.
///
/// A folder may be looked at beside the running witness. What a URL tells is not signed: the cosigned checkpoints
/// themselves are at `/<hex SHA-256 of the origin>/checkpoint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse witness status --dir w1\n  glasshouse witness status --url https://witness.example\n\nA fork convicts a log: check it with `glasshouse-verify`. A doubt alone proves nothing."
)]
#[group(required = true, multiple = false)]
pub(super) struct Status {
    /// The witness's folder.
    #[arg(long, value_name = "D")]
    dir: Option<PathBuf>,

    /// The address of a running witness.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Status {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let mut status = match (&self.dir, &self.url) {
            (Some(dir), _) => of_folder(dir)?,
            (None, Some(url)) => of_url(url)?,
            (None, None) => return Err(CommandError::Usage("give --dir or --url".to_owned())),
        };
        if json {
            if let Value::Object(members) = &mut status {
                members.insert("event".to_owned(), "status".into());
            }
            say!("{status}");
        } else {
            standard_output::text(format_args!("{}", as_text(&status)));
        }
        Ok(())
    }
}

fn of_folder(dir: &Path) -> Result<Value, CommandError> {
    let (vkeys, records, evidence) = WitnessFolder::at(dir).look()?;
    let vkeys: Vec<String> = vkeys.iter().map(Vkey::encode).collect();
    let count = |log: &str, kind: &str| {
        let begin = format!("{log}-{kind}-");
        evidence.iter().filter(|name| name.starts_with(&begin)).count()
    };
    let logs: Vec<Value> = records
        .iter()
        .map(|(log, record)| {
            let log = log.to_hex();
            json!({
                "origin": record.checkpoint().origin(),
                "size": record.head().size().get(),
                "root": record.head().root().to_base64(),
                "time": record.time().get(),
                "forks": count(&log, "fork"),
                "doubts": count(&log, "doubt"),
                "log": log,
            })
        })
        .collect();
    Ok(json!({"vkeys": vkeys, "logs_in_all": logs.len(), "logs": logs, "evidence": evidence}))
}

fn of_url(url: &str) -> Result<Value, CommandError> {
    let address = format!("{}/status", url.trim_end_matches('/'));
    let failed = |error: &dyn std::fmt::Display| CommandError::Io {
        what: address.clone(),
        source: std::io::Error::other(error.to_string()),
    };
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(&address).call().map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    let reader = answer.body_mut().as_reader();
    reader.take(MAX_ANSWER).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let status: Value = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
    if status["vkeys"].is_array() && status["logs"].is_array() {
        Ok(status)
    } else {
        Err(failed(&"no status of a witness"))
    }
}

/// What a witness says, for people. Characters that steer a terminal are shown, not obeyed.
fn as_text(status: &Value) -> String {
    let mut text = String::new();
    let shown = |value: &Value| -> String {
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        plain
            .chars()
            .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
            .collect()
    };
    for vkey in status["vkeys"].as_array().into_iter().flatten() {
        text.push_str(&format!("witness  {}\n", shown(vkey)));
    }
    if status["signs"] == false {
        text.push_str("a write failed: it signs nothing until it is started again\n");
    }
    for log in status["logs"].as_array().into_iter().flatten() {
        text.push_str(&format!("log      {}\n", shown(&log["origin"])));
        if log["size"].is_null() {
            text.push_str("         never cosigned\n");
        } else {
            text.push_str(&format!(
                "         size {}, root {}, at {}\n",
                shown(&log["size"]),
                shown(&log["root"]),
                shown(&log["time"])
            ));
        }
        if log["forks"] != 0 || log["doubts"] != 0 {
            let (forks, doubts) = (shown(&log["forks"]), shown(&log["doubts"]));
            text.push_str(&format!("         {forks} forks are proved, {doubts} doubts are kept\n"));
        }
    }
    for name in status["evidence"].as_array().into_iter().flatten() {
        text.push_str(&format!("evidence {}\n", shown(name)));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_witness_steers_no_terminal() {
        let status = json!({
            "vkeys": ["w\u{1b}[2J"],
            "logs": [{"origin": "a", "size": null, "forks": 1, "doubts": 0}],
            "evidence": ["x"],
        });
        let text = as_text(&status);
        assert_eq!(
            text,
            "witness  w\\u{1b}[2J\nlog      a\n         never cosigned\n         1 forks are proved, 0 doubts are kept\nevidence x\n"
        );
    }
}
