//! The files that a ledger and a witness read back from their folders: state, stage, pack, erasures, a witness's record, its
//! list of logs. No panic, and one legal spelling.
//!
//! The first byte says which. Where a file ends with a hash of itself, the right one is put behind the bytes, or no fuzzer
//! would get past it.
#![no_main]

use glasshouse_ledger::fuzzing::{is_erasures, is_later_state, is_signed_logs};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{pack_path, read_text, scan_beside_writer, scan_pack};
use glasshouse_ledger::pack_texts::PackTexts;
use glasshouse_ledger::stage::Stage;
use glasshouse_ledger::state::StateRecord;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_ledger::witness::record::WitnessRecord;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::vkey::Vkey;
use libfuzzer_sys::fuzz_target;

/// The key of the log whose folder `ledger/tests/formats` keeps.
const LOG: &str = include_str!("../../ledger/tests/formats/1/ledger/log.vkey");

/// The keys of the witness there.
const WITNESS: &str = include_str!("../../ledger/tests/formats/1/witness/witness.vkey");

fuzz_target!(|data: &[u8]| {
    let [kind, body @ ..] = data else { return };
    match kind {
        0 => {
            let file = with_line(body);
            if let Ok(record) = StateRecord::parse(&file, &key(LOG.trim_end())) {
                assert_eq!(record.encode(), file);
            }
        }
        1 => {
            let file = [body, Digest::of(body).as_bytes()].concat();
            if let Ok(stage) = Stage::parse(&file, &key(LOG.trim_end())) {
                assert_eq!(stage.encode(), file);
            }
        }
        2 => pack(body),
        3 => assert!(is_erasures(&with_line(body)) != Some(false), "a second spelling"),
        4 => assert!(is_signed_logs(&with_line(body)) != Some(false), "a second spelling"),
        5 => {
            let file = with_line(body);
            let own: Vec<Vkey> = WITNESS.lines().map(key).collect();
            if let Ok(record) = WitnessRecord::parse(&file, LogId::of_origin("log.example/one"), &own) {
                assert_eq!(record.encode(), file);
            }
        }
        _ => assert!(!is_later_state(body) || body.starts_with(b"glasshouse-state/")),
    }
});

fn key(text: &str) -> Vkey {
    let Ok(key) = Vkey::parse(text) else { unreachable!("the keys of the fixture are good") };
    key
}

/// A text and the line with its hash.
fn with_line(body: &[u8]) -> Vec<u8> {
    [body, format!("sha256 {}\n", Digest::of(body).to_hex()).as_bytes()].concat()
}

/// Whatever is taken for a text is what its digest says; a reader beside a writer sees no less than one that wants all.
fn pack(bytes: &[u8]) {
    let store = MemoryStore::new();
    let Ok(()) = store.put(&pack_path(0), bytes) else { unreachable!("a store in memory takes it") };
    let Ok(beside) = scan_beside_writer(&store, 0) else { return };
    if let Ok(records) = scan_pack(&store, 0) {
        assert_eq!(records, beside);
    }
    let texts = PackTexts::read(&store, 0);
    for record in &beside {
        let text = read_text(&store, record.place, &record.digest);
        if let Ok(texts) = &texts {
            let _ = texts.text(record.entry, &record.digest);
        }
        if let Ok(glasshouse_ledger::pack::PackText::Text(text)) = text {
            assert_eq!(Digest::of(&text), record.digest);
        }
    }
}
