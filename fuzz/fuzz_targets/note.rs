//! Signed notes, checkpoints and verification keys: no panic, and one legal spelling.
#![no_main]

use glasshouse_verifier::checkpoint::{Checkpoint, SignedCheckpoint};
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;
use libfuzzer_sys::fuzz_target;

/// The log of the test vectors, whose secret key is 32 times 01.
const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

/// That log's key of type 6, whose seed is 32 times 41.
const SECOND: &str = include_str!("../seeds/note/note-valid-vkey-ml-dsa");

fuzz_target!(|data: &[u8]| {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.encode().as_bytes(), data);
    }
    let Ok(log) = Vkey::parse(LOG) else { unreachable!("the key of the vectors is good") };
    let Ok(second) = Vkey::parse(SECOND) else { unreachable!("the key of the vectors is good") };
    let both = Note::parse(data).and_then(|note| note.verify(&[log.clone(), second.clone()]));
    if let Ok(both) = both {
        assert!(both.signers().iter().all(|signer| signer.time().is_some() == (*signer.key() == second)));
    }
    if let Ok(signed) = SignedCheckpoint::open(data, &log) {
        assert_eq!(signed.note_text().as_bytes(), data);
        assert!(data.starts_with(signed.checkpoint().encode_text().as_bytes()));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse_text(text) {
        assert_eq!(checkpoint.encode_text(), text);
    }
    if let Ok(key) = Vkey::parse(text) {
        assert_eq!(key.encode(), text);
    }
    let _ = Policy::parse(text);
});
