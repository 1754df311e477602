//! What a witness reads: requests to add a checkpoint, the checkpoints of any logs, lists of logs. No panic, and one legal
//! spelling.
#![no_main]

use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::log_checkpoint::LogCheckpoint;
use glasshouse_ledger::witness::log_list::parse_log_list;
use glasshouse_ledger::witness::log_settings::LogSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = AddRequest::parse(data) {
        assert!(request.old() <= request.checkpoint().size() && request.proof().len() <= 63);
        assert_eq!(AddRequest::encode(request.old(), request.proof(), &request.note().encode()), data);
    }
    if let Ok(list) = parse_log_list(data) {
        let mut logs = LogSet::new();
        let _ = logs.add_list(&list);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = LogCheckpoint::parse(text) {
        assert_eq!(checkpoint.text(), text);
        assert!(text.starts_with(checkpoint.origin()));
        let _ = checkpoint.head();
    }
});
