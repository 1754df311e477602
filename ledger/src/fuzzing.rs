//! Readers that nobody outside this crate calls, for `fuzz/`. It is compiled for fuzzers alone (`cfg(fuzzing)`).

use crate::erasures::record::ErasureRecord;
use crate::format_version::later;
use crate::state::FORMAT;
use crate::witness::signed_logs;

/// Whether bytes are the file `erasures`; `Some(false)` where they are taken for it in a second spelling.
pub fn is_erasures(bytes: &[u8]) -> Option<bool> {
    ErasureRecord::parse(bytes).map(|record| record.encode() == bytes)
}

/// Whether bytes are the list of logs that a witness has signed for; `Some(false)` as above.
pub fn is_signed_logs(bytes: &[u8]) -> Option<bool> {
    signed_logs::parse(bytes).map(|origins| signed_logs::encode(&origins) == bytes)
}

/// Whether bytes begin as a state record of a later version does.
pub fn is_later_state(bytes: &[u8]) -> bool {
    later(bytes, FORMAT).is_some()
}
