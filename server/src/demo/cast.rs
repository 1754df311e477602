//! Who appears in the story, and what they publish.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::european::line::{Mapping, Place, Signer};
use crate::european::rows::Rows;
use crate::outbox::line::AuthoredLine;

/// The case of September 2022, reconstructed; every line says which demonstration provider publishes it.
const CASE: &str = include_str!("../../../spec/examples/kiwifarms-2022.jsonl");
/// Real rows of the European database (European Commission, CC BY 4.0).
const DUMP: &str = include_str!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
/// The name of that file.
const DUMP_NAME: &str = "sor-global-2025-07-01-full-excerpt.csv";

/// A made-up provider.
pub(super) struct Player {
    /// Its HTTPS origin.
    pub(super) iss: &'static str,
    /// File name of its key, and of its outbox.
    pub(super) short: &'static str,
    /// The organisation's name.
    pub(super) name: &'static str,
    /// In which roles it acts.
    pub(super) roles: &'static [&'static str],
    /// Where it is seated.
    pub(super) country: &'static str,
}

/// Everybody, in the order of their enrolment.
pub(super) const PLAYERS: [Player; 3] = [
    Player {
        iss: "https://reverse-proxy.example",
        short: "reverse-proxy",
        name: "Demonstration: a reverse proxy",
        roles: &["cdn", "reverse_proxy"],
        country: "US",
    },
    Player {
        iss: "https://ddos-protection.example",
        short: "ddos-protection",
        name: "Demonstration: a protection service",
        roles: &["ddos_protection"],
        country: "RU",
    },
    Player {
        iss: "https://archivist.example",
        short: "archivist",
        name: "Demonstration: an archivist of the European database",
        roles: &["other"],
        country: "BE",
    },
];

/// Lines that one provider publishes in a row.
pub(super) struct Run {
    /// The provider's HTTPS origin.
    pub(super) iss: String,
    /// The lines, in order.
    pub(super) lines: Vec<AuthoredLine>,
}

/// The case, in order, cut where the provider changes. The member `provider` is taken out: it is no field of a line.
pub(super) fn case() -> Result<Vec<Run>, String> {
    let mut runs: Vec<Run> = Vec::new();
    for (number, text) in (1..).zip(CASE.lines()) {
        let mut value: Value =
            serde_json::from_str(text).map_err(|error| format!("example line {number}: {error}"))?;
        let provider = value.as_object_mut().and_then(|members| members.remove("provider"));
        let Some(Value::String(iss)) = provider else {
            return Err(format!("example line {number}: no provider"));
        };
        let line = AuthoredLine::from_value(number, value);
        match runs.last_mut() {
            Some(run) if run.iss == iss => run.lines.push(line),
            _ => runs.push(Run { iss, lines: vec![line] }),
        }
    }
    Ok(runs)
}

/// The European rows, as lines.
pub(super) fn mirror() -> Result<Vec<AuthoredLine>, String> {
    let mapping = Mapping { role: "other".to_owned(), signer: Signer::Archivist, withhold_source: false };
    let mut rows = Rows::open(DUMP.as_bytes()).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next_row().map_err(|error| error.to_string())? {
        let at = |fault: &dyn std::fmt::Display| format!("row at line {}: {fault}", row.line);
        let cells = row.cells.as_ref().map_err(|fault| at(fault))?;
        let place = Place { file: DUMP_NAME, number: row.number };
        let value = mapping.line(cells, rows.layout(), place);
        let value = value.map_err(|faults| at(&faults.first().map_or(String::new(), ToString::to_string)))?;
        lines.extend(value.map(|value| AuthoredLine::from_value(row.line, value)));
    }
    Ok(lines)
}

/// How many lines each platform has.
pub(super) fn platforms(lines: &[AuthoredLine]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for name in lines.iter().filter_map(|line| line.value().get("attributed_to")?.as_str()) {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// What a line of the case says, in one row of a table.
pub(super) fn digest_of(line: &Value) -> String {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let day = text("application_date").or(text("puid").and_then(|puid| puid.get(..10))).unwrap_or("?");
    let subject = text("subject").unwrap_or("?").trim_start_matches("domain:");
    let what = match text("type") {
        Some("no_action") => {
            let why = text("refusal_reason").unwrap_or("?");
            format!("no action ({why})")
        }
        Some("amendment") => {
            let why = text("amendment_reason").unwrap_or("?");
            format!("amendment ({why})")
        }
        _ => {
            let measures = line.get("infrastructure_measure").and_then(Value::as_array);
            let measures: Vec<&str> = measures.into_iter().flatten().filter_map(Value::as_str).collect();
            let basis = line.get("legal_basis").and_then(|basis| basis.get("kind")).and_then(Value::as_str);
            format!("{} (basis: {})", measures.join(", "), basis.unwrap_or("?"))
        }
    };
    format!("{day}  {subject:<18} {what}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_line_of_the_case_is_a_reconstruction_by_somebody_of_the_cast() {
        let runs = case().unwrap();
        assert!(runs.len() >= 2);
        for run in &runs {
            assert!(PLAYERS.iter().any(|player| player.iss == run.iss), "{}", run.iss);
            for line in &run.lines {
                let about_others = line.value()["type"] == "amendment";
                assert!(about_others || line.value()["attribution"]["kind"] == "reconstruction");
                assert!(line.value().get("provider").is_none());
                glasshouse_ledger::draft::Draft::from_json(line.value()).unwrap();
            }
        }
    }

    #[test]
    fn the_mirror_has_twenty_rows_of_three_platforms() {
        let lines = mirror().unwrap();
        assert_eq!(lines.len(), 20);
        assert_eq!(platforms(&lines).len(), 3);
    }

    #[test]
    fn everybody_is_made_up() {
        assert!(PLAYERS.iter().all(|player| player.iss.ends_with(".example")));
    }
}
