//! Which version a file on the disk has, and what is done about one that this program does not know: it is refused, and never
//! taken for damage. A damaged copy of the state is outvoted and written anew, and a stage that is none is dropped; a file of a
//! later program may hold what was signed last.
//!
//! Every version of `state`, a stage, `erasures`, and a witness's files begins with a line `glasshouse-<what>/<version>` and ends
//! with the SHA-256 of everything before: in hex in a line of its own, or as 32 bytes. That holds for versions to come, so that
//! this program can tell them from damage. A pack and `place` begin with such a line too, and have no hash. `history` is no such
//! file: one of another version is passed over, because everything in it follows from the entries.

use glasshouse_verifier::hash::Digest;

use crate::erasures::record::{MAGIC as ERASURES, NAME};
use crate::stage::MAGIC as STAGE;
use crate::state::{FORMAT as STATE, split_hash};
use crate::store::{StateCopy, Store, StoreError};

/// The longest first line that is looked for.
const LINE_MAX: usize = 64;

/// The first line, if it names a later version than `known`, such as `glasshouse-state/1`.
pub(crate) fn later(bytes: &[u8], known: &str) -> Option<String> {
    let line =
        bytes.iter().take(LINE_MAX).position(|byte| *byte == b'\n').and_then(|end| bytes.get(..end))?;
    let line = std::str::from_utf8(line).ok()?;
    let ((what, version), (known, latest)) = (line.rsplit_once('/')?, known.trim_end().rsplit_once('/')?);
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok());
    let is_later = what == known && number(version).flatten()? > number(latest).flatten()?;
    is_later.then(|| line.to_owned())
}

/// Refuses a whole file of a later version; what is damaged passes, for others to judge.
///
/// # Errors
///
/// [`StoreError::Later`].
pub(crate) fn refuse_later(path: &str, bytes: &[u8], known: &str) -> Result<(), StoreError> {
    match later(bytes, known) {
        Some(found) if is_whole(bytes) => Err(StoreError::Later { path: path.to_owned(), found }),
        _ => Ok(()),
    }
}

/// Whether bytes end with the SHA-256 of everything before, in one of the two forms.
fn is_whole(bytes: &[u8]) -> bool {
    let in_hex = || {
        let (body, hash) = split_hash(std::str::from_utf8(bytes).ok()?)?;
        Some(Digest::of(body.as_bytes()).to_hex() == hash)
    };
    let in_bytes = || bytes.split_last_chunk::<32>().map(|(body, hash)| Digest::of(body).as_bytes() == hash);
    in_hex() == Some(true) || in_bytes() == Some(true)
}

/// Refuses a store in which a later program left its state, a round, or how far erasing has come. Reads and writes nothing else.
///
/// # Errors
///
/// [`StoreError::Later`]; [`StoreError`] where the store cannot be read.
pub(crate) fn check_formats(store: &dyn Store) -> Result<(), StoreError> {
    let copies = store.load_state()?;
    for (path, copy) in [("state", copies.plain), ("state.sled", copies.embedded)] {
        if let StateCopy::Bytes(bytes) = copy {
            refuse_later(path, &bytes, STATE)?;
        }
    }
    for name in store.list("stage")? {
        let start = store.get_range(&name, 0, LINE_MAX)?.unwrap_or_default();
        if later(&start, &String::from_utf8_lossy(STAGE)).is_some() {
            let whole = store.get(&name)?.unwrap_or_default();
            refuse_later(&name, &whole, &String::from_utf8_lossy(STAGE))?;
        }
    }
    let erasures = store.get(NAME)?.unwrap_or_default();
    refuse_later(NAME, &erasures, ERASURES)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_greater_number_of_the_same_name_is_later() {
        for (text, expected) in [
            ("glasshouse-state/2\nx", Some("glasshouse-state/2")),
            ("glasshouse-state/10\n", Some("glasshouse-state/10")),
            ("glasshouse-state/1\n", None),
            ("glasshouse-state/0\n", None),
            ("glasshouse-state/2", None),
            ("glasshouse-state/\n", None),
            ("glasshouse-state/+2\n", None),
            ("glasshouse-state/2x\n", None),
            ("glasshouse-stage/2\n", None),
            ("glasshouse-state/99999999999999999999\n", None),
            ("", None),
        ] {
            assert_eq!(later(text.as_bytes(), "glasshouse-state/1").as_deref(), expected, "{text}");
        }
        assert!(later(b"glasshouse-stage/2\n", "glasshouse-stage/1\n").is_some());
    }

    #[test]
    fn only_what_is_whole_is_of_a_later_version() {
        let body = "glasshouse-state/2\nwhatever\n";
        let in_hex = format!("{body}sha256 {}\n", Digest::of(body.as_bytes())).into_bytes();
        let in_bytes = [body.as_bytes(), Digest::of(body.as_bytes()).as_bytes()].concat();
        for whole in [in_hex, in_bytes] {
            let refused = refuse_later("state", &whole, STATE).unwrap_err().to_string();
            assert!(refused.contains("state has the format glasshouse-state/2"), "{refused}");
            for at in 0..whole.len() {
                refuse_later("state", &whole[..at], STATE).unwrap();
                let mut flipped = whole.clone();
                flipped[at] ^= 1;
                refuse_later("state", &flipped, STATE).unwrap();
            }
        }
    }
}
