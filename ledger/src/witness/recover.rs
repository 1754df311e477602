//! Which of the two copies of a record is the state, at start.
//!
//! A cosignature leaves only after the plain file holds its record, and the plain file is written behind the embedded
//! copy. So the plain file, as long as it is whole, is at least as new as everything that was ever answered; the embedded
//! copy may be one record ahead, after a kill between the two, or any number behind, after a loss of power or damage:
//! sled tells of neither. Of a log without any copy `signed_logs` knows whether it was signed for.

use glasshouse_verifier::vkey::Vkey;

use super::log_settings::LogId;
use super::record::{RecordError, WitnessRecord};
use crate::store::{StateCopies, StateCopy};

/// Why no copy can be taken for the state. The witness does not start then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    /// The plain file is damaged or lost. The embedded copy may be older than what was answered.
    #[error(
        "state/{log}: the plain copy of the state is {trouble}, and the embedded copy alone may be older than what was \
         cosigned; `glasshouse witness adopt` takes the newest that can be shown"
    )]
    PlainLost {
        /// The log, as its file is named.
        log: String,
        /// What is wrong with it.
        trouble: String,
    },
    /// A log that was signed for, and of which neither copy is there.
    #[error(
        "{origin}{}: this witness has cosigned for it, and both copies of what it cosigned last are lost: begun anew, it could \
         sign a second history. `glasshouse witness adopt` takes a checkpoint that it cosigned (--seen), from the log or from \
         whoever follows it; or leave the log out here, and have a new witness (`glasshouse witness init`, new keys) watch it", and_others(*.others)
    )]
    Lost {
        /// The log.
        origin: String,
        /// How many more logs that are watched are lost.
        others: usize,
    },
    /// Both copies carry this witness's cosignature, on two roots of one size.
    #[error("state/{log}: the two copies of the state are cosigned for one size with two roots")]
    TwoRoots {
        /// The log, as its file is named.
        log: String,
    },
}

fn and_others(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => ", and one more log".to_owned(),
        more => format!(", and {more} more logs"),
    }
}

/// The state of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// What was cosigned last.
    pub record: WitnessRecord,
    /// The plain file is not this record and must be written.
    pub is_plain_behind: bool,
    /// The embedded copy is not this record and must be written; why, for the operator.
    pub embedded_trouble: Option<String>,
}

/// What one copy is worth.
enum Copy {
    Missing,
    Bad(String),
    Good(WitnessRecord),
}

impl Copy {
    fn of(copy: &StateCopy, log: LogId, own: &[Vkey]) -> Copy {
        match copy {
            StateCopy::Missing => Copy::Missing,
            StateCopy::Unreadable(trouble) => Copy::Bad(trouble.clone()),
            StateCopy::Bytes(bytes) => match WitnessRecord::parse(bytes, log, own) {
                Ok(record) => Copy::Good(record),
                Err(error) => Copy::Bad(RecordError::to_string(&error)),
            },
        }
    }

    fn good(self) -> Option<WitnessRecord> {
        match self {
            Copy::Good(record) => Some(record),
            _ => None,
        }
    }
}

/// Every copy that checks itself, the newest last: what `adopt` chooses from.
pub fn sound_copies(copies: &StateCopies, log: LogId, own: &[Vkey]) -> Vec<WitnessRecord> {
    let both = [&copies.embedded, &copies.plain];
    let mut sound: Vec<WitnessRecord> =
        both.into_iter().filter_map(|copy| Copy::of(copy, log, own).good()).collect();
    sound.sort_by_key(WitnessRecord::serial);
    sound
}

/// Chooses the state of a log of which at least one copy is there. `is_signed`: a cosignature for it may have left, because
/// its name is written down.
///
/// # Errors
///
/// [`RecoverError`]: nothing may be signed.
pub fn recover(
    copies: &StateCopies,
    log: LogId,
    own: &[Vkey],
    is_signed: bool,
) -> Result<Recovered, RecoverError> {
    let lost =
        |trouble: &str| Err(RecoverError::PlainLost { log: log.to_hex(), trouble: trouble.to_owned() });
    let plain = Copy::of(&copies.plain, log, own);
    let embedded = Copy::of(&copies.embedded, log, own);
    match (plain, embedded) {
        (Copy::Good(plain), Copy::Good(embedded)) => {
            if is_contradiction(&plain, &embedded) {
                return Err(RecoverError::TwoRoots { log: log.to_hex() });
            }
            let is_plain_behind = embedded.serial() > plain.serial();
            let is_other = !is_plain_behind && embedded != plain;
            let trouble = is_other.then(|| {
                format!("it held record {} and the plain file {}", embedded.serial(), plain.serial())
            });
            let record = if is_plain_behind { embedded } else { plain };
            Ok(Recovered { record, is_plain_behind, embedded_trouble: trouble })
        }
        (Copy::Good(record), Copy::Missing) => {
            let trouble = Some("it was missing".to_owned());
            Ok(Recovered { record, is_plain_behind: false, embedded_trouble: trouble })
        }
        (Copy::Good(record), Copy::Bad(trouble)) => {
            Ok(Recovered { record, is_plain_behind: false, embedded_trouble: Some(trouble) })
        }
        // The log's first record, and killed between the two copies: nothing had been answered.
        (Copy::Missing, Copy::Good(record)) if record.serial() == 1 && !is_signed => {
            Ok(Recovered { record, is_plain_behind: true, embedded_trouble: None })
        }
        (Copy::Missing, _) => lost("missing"),
        (Copy::Bad(trouble), _) => lost(&format!("damaged ({trouble})")),
    }
}

/// One size, two roots.
pub fn is_contradiction(one: &WitnessRecord, other: &WitnessRecord) -> bool {
    one.head().size() == other.head().size() && one.head().root() != other.head().root()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::cosign_time::CosignTime;
    use crate::cosigner::Cosigner;
    use crate::key_file::SecretKey;
    use crate::witness::log_checkpoint::LogCheckpoint;
    use glasshouse_verifier::hash::RootHash;
    use glasshouse_verifier::note::Note;

    fn cosigner() -> Cosigner {
        Cosigner::new("w", SecretKey::from_seed(&[2; 32])).unwrap()
    }

    fn record(serial: u64, size: u64, root: u8) -> WitnessRecord {
        let text = format!("a\n{size}\n{}\n", RootHash::from_bytes([root; 32]).to_base64());
        let checkpoint = LogCheckpoint::parse(&text).unwrap();
        let lines = cosigner().cosign(&checkpoint, CosignTime::new(serial).unwrap()).unwrap();
        let note = Note::assemble(&text, &lines).unwrap();
        WitnessRecord::new(serial, note, cosigner().vkeys()).unwrap()
    }

    fn recovered(plain: StateCopy, embedded: StateCopy) -> Result<Recovered, RecoverError> {
        recover(&StateCopies { embedded, plain }, LogId::of_origin("a"), cosigner().vkeys(), false)
    }

    fn bytes(record: &WitnessRecord) -> StateCopy {
        StateCopy::Bytes(record.encode())
    }

    #[test]
    fn the_newest_copy_that_checks_itself_is_the_state() {
        let (old, new) = (record(4, 7, 1), record(5, 9, 2));
        let same = recovered(bytes(&new), bytes(&new)).unwrap();
        assert_eq!((same.record, same.is_plain_behind, same.embedded_trouble), (new.clone(), false, None));
        let killed = recovered(bytes(&old), bytes(&new)).unwrap();
        assert_eq!((killed.record, killed.is_plain_behind), (new.clone(), true));
        let unpowered = recovered(bytes(&new), bytes(&old)).unwrap();
        assert_eq!((unpowered.record, unpowered.is_plain_behind), (new.clone(), false));
        assert!(unpowered.embedded_trouble.is_some());
        for trouble in [StateCopy::Missing, StateCopy::Unreadable("x".into()), StateCopy::Bytes(vec![1])] {
            let found = recovered(bytes(&new), trouble).unwrap();
            assert_eq!(found.record, new);
            assert!(found.embedded_trouble.is_some() && !found.is_plain_behind);
        }
        // The very first record, between the two copies.
        let first = record(1, 3, 1);
        assert!(recovered(StateCopy::Missing, bytes(&first)).unwrap().is_plain_behind);
        let copies = StateCopies { embedded: bytes(&first), plain: StateCopy::Missing };
        let refused = recover(&copies, first.log(), cosigner().vkeys(), true);
        assert!(matches!(refused, Err(RecoverError::PlainLost { .. })), "it was answered: {refused:?}");
    }

    #[test]
    fn without_the_plain_copy_nothing_is_signed() {
        let new = record(5, 9, 2);
        let mut damaged = new.encode();
        damaged[40] ^= 1;
        for (plain, is) in [
            (StateCopy::Missing, "missing, and"),
            (StateCopy::Unreadable("x".into()), "damaged (x), and"),
            (StateCopy::Bytes(damaged), "damaged (the record is damaged: its SHA-256 is another one), and"),
        ] {
            let refused = recovered(plain, bytes(&new)).unwrap_err();
            assert!(matches!(refused, RecoverError::PlainLost { .. }), "{refused:?}");
            let text = refused.to_string();
            assert!(text.contains(&format!("the plain copy of the state is {is}")), "{text}");
        }
        let refused = recovered(StateCopy::Missing, StateCopy::Unreadable("x".into()));
        assert!(matches!(refused, Err(RecoverError::PlainLost { .. })));
    }

    #[test]
    fn two_roots_of_one_size_stop_everything() {
        let refused = recovered(bytes(&record(5, 9, 2)), bytes(&record(6, 9, 3)));
        assert!(matches!(refused, Err(RecoverError::TwoRoots { .. })));
    }
}
