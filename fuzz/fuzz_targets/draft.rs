//! Lines of authoring JSON, and what is said of them: no panic, and bounds that hold.
#![no_main]

use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::draft::advice::{Setting, advise};
use glasshouse_ledger::draft::json_line::JsonLine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let line = match JsonLine::parse(data) {
        Ok(line) => line,
        Err(fault) => return assert!(!fault.rule().is_empty() && !fault.to_string().is_empty()),
    };
    if let Err(errors) = Draft::from_json(&line.value) {
        assert!(!errors.is_empty());
    }
    let _ = Draft::disclosure_from_json(&line.value);
    // 2026-01-01.
    let setting = Setting { now: 1_767_225_600, role: Some("host".to_owned()), most_errors: 256 };
    let advice = advise(&line, &setting);
    assert!(advice.errors.len() <= 256);
    assert!(advice.statement.is_none() || advice.errors.is_empty());
});
