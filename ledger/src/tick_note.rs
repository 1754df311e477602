//! The note that a tick carries: a checkpoint with as many of its cosignatures as there is room for.
//!
//! A note may have 64 lines and 256 KiB, a tick's at most [`TICK_NOTE_MAX`]. What a reader's policy needs must be among the
//! lines that stay, or the tick bounds nothing for him; so lines go, the longest first, only as long as enough of them stay.

use glasshouse_verifier::bounds::TICK_NOTE_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};

/// Why a checkpoint makes no tick.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTick {
    /// Not even all of its lines are enough.
    #[error(
        "the checkpoint of size {size} has not the cosignatures that are asked for, so a tick of it would bound nothing"
    )]
    NotCosigned {
        /// Its size.
        size: u64,
    },
    /// What is needed has no room.
    #[error(
        "the checkpoint of size {size} has {bytes} bytes with the cosignatures that are needed, and a tick has room for \
         {TICK_NOTE_MAX}: ask in the policy's quorum for fewer ML-DSA-44 keys, each of which takes some 3,300 bytes"
    )]
    NoRoom {
        /// Its size.
        size: u64,
        /// What the needed lines come to.
        bytes: usize,
    },
    /// The lines make no note, although they did before.
    #[error("{0} (a fault of this program)")]
    OurBug(#[from] NoteError),
}

/// The note for a tick of that checkpoint: the log's own lines, and all others if there is room for them, else as many of the
/// short ones as leave it enough. `is_enough` says whether a note has the cosignatures that are needed; it must not become
/// wrong by a further line.
///
/// # Errors
///
/// [`NoTick`].
pub fn tick_note(signed: &SignedCheckpoint, is_enough: impl Fn(&Note) -> bool) -> Result<Note, NoTick> {
    let size = signed.head().size().get();
    let mut note = signed.note().clone();
    if !is_enough(&note) {
        return Err(NoTick::NotCosigned { size });
    }
    for line in by_length(signed) {
        if note.encode().len() <= TICK_NOTE_MAX {
            return Ok(note);
        }
        let kept: Vec<SignatureLine> =
            note.signatures().iter().filter(|other| **other != line).cloned().collect();
        let shorter = Note::assemble(note.text(), &kept)?;
        // What is needed among many is needed among fewer, so one look at each line is enough.
        if is_enough(&shorter) {
            note = shorter;
        }
    }
    match note.encode().len() {
        bytes if bytes <= TICK_NOTE_MAX => Ok(note),
        bytes => Err(NoTick::NoRoom { size, bytes }),
    }
}

/// Everybody's lines but the log's, the longest first, and of equal ones the last first.
fn by_length(signed: &SignedCheckpoint) -> Vec<SignatureLine> {
    let others = |line: &&SignatureLine| line.name() != signed.log().name();
    let mut lines: Vec<SignatureLine> = signed.note().signatures().iter().filter(others).cloned().collect();
    lines.reverse();
    lines.sort_by_key(|line| std::cmp::Reverse(line.encode().len()));
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::author::Author;
    use crate::cosign_time::CosignTime;
    use crate::cosigner::Cosigner;
    use crate::key_file::SecretKey;
    use crate::log_signer::LogSigner;
    use crate::ml_dsa_key_file::MlDsaSecretKey;
    use crate::registrar::tick;
    use crate::witness::log_checkpoint::LogCheckpoint;
    use glasshouse_verifier::hash::{Digest, RootHash};
    use glasshouse_verifier::head::TreeHead;
    use glasshouse_verifier::issuer::Issuer;
    use glasshouse_verifier::origin::Origin;
    use glasshouse_verifier::policy::Policy;
    use glasshouse_verifier::sequence::Sequence;
    use glasshouse_verifier::size::TreeSize;

    const NOW: u64 = 1_750_000_000;

    /// A log with both of its keys, and witnesses with both of theirs.
    struct Scene {
        signed: SignedCheckpoint,
        policy: String,
    }

    fn scene(witnesses: u8) -> Scene {
        let origin = Origin::parse("log.example").unwrap();
        let signer = LogSigner::new(origin, SecretKey::from_seed(&[1; 32])).unwrap();
        let signer = signer.with_second(MlDsaSecretKey::from_seed(&[2; 32])).unwrap();
        let root = RootHash::from_bytes(*Digest::of(b"a root").as_bytes());
        let head = TreeHead::new(TreeSize::new(7).unwrap(), root).unwrap();
        let signed = signer.sign(&head, NOW).unwrap();
        let text = signed.note().text().to_owned();
        let checkpoint = LogCheckpoint::parse(&text).unwrap();
        let mut lines = signed.note().signatures().to_vec();
        let mut policy: String = signer.vkeys().map(|vkey| format!("log {}\n", vkey.encode())).collect();
        for number in 1..=witnesses {
            let cosigner =
                Cosigner::new(&format!("w{number}.example"), SecretKey::from_seed(&[10 + number; 32]));
            let second = MlDsaSecretKey::from_seed(&[60 + number; 32]);
            let cosigner = cosigner.unwrap().with_second(second).unwrap();
            lines.extend(cosigner.cosign(&checkpoint, CosignTime::new(NOW).unwrap()).unwrap());
            for (kind, vkey) in ["old", "new"].iter().zip(cosigner.vkeys()) {
                policy.push_str(&format!("witness {kind}{number} {}\n", vkey.encode()));
            }
        }
        let note = Note::assemble(&text, &lines).unwrap();
        let signed = SignedCheckpoint::open_note(note, signer.vkey()).unwrap();
        Scene { signed, policy }
    }

    impl Scene {
        fn under(&self, quorum: &str) -> Policy {
            Policy::parse(&format!("{}{quorum}", self.policy)).unwrap()
        }

        fn tick(&self, policy: &Policy) -> Result<Note, NoTick> {
            let checkpoint = self.signed.checkpoint();
            tick_note(&self.signed, |note| policy.check_quorum(note, checkpoint).is_ok())
        }
    }

    fn names(kind: &str, numbers: std::ops::RangeInclusive<u8>) -> String {
        numbers.map(|number| format!(" {kind}{number}")).collect()
    }

    #[test]
    fn what_fits_stays_whole() {
        let scene = scene(8);
        let policy = scene.under("quorum old1\n");
        assert_eq!(scene.tick(&policy).unwrap(), *scene.signed.note());
    }

    /// Twelve witnesses with two keys each: what a policy needs is there, every short line too, and the tick can be signed.
    #[test]
    fn the_long_lines_go_as_far_as_the_quorum_allows() {
        let scene = scene(12);
        assert!(scene.signed.note_text().len() > TICK_NOTE_MAX);
        let only_old = format!("group q 9{}\nquorum q\n", names("old", 1..=12));
        let last_new = format!("group q all{}\nquorum q\n", names("new", 8..=12));
        for quorum in [only_old, last_new] {
            let policy = scene.under(&quorum);
            let note = scene.tick(&policy).unwrap();
            assert!(note.encode().len() <= TICK_NOTE_MAX);
            let trusted = policy.open(note.encode().as_bytes()).unwrap();
            // The log's two lines, all twelve short ones, and as many long ones as there is room for.
            let signed: Vec<&str> = trusted.witnesses().iter().map(|one| one.name.as_str()).collect();
            assert_eq!(signed.iter().filter(|name| name.starts_with("old")).count(), 12, "{signed:?}");
            assert_eq!(note.signatures().len(), 2 + signed.len());
            assert!(signed.len() >= 12 + 7, "{signed:?}");
            // The statement itself takes it.
            let origin = scene.signed.checkpoint().origin();
            let key = SecretKey::from_seed(&[3; 32]);
            let author = Author::new(Issuer::of_registrar(origin), origin.clone(), key).unwrap();
            author.sign_own(&tick(&note.encode()), Sequence::new(2).unwrap(), NOW).unwrap();
        }
    }

    #[test]
    fn a_quorum_that_has_no_room_or_is_missing_says_so() {
        let scene = scene(12);
        let all_new = format!("group q all{}\nquorum q\n", names("new", 1..=12));
        let error = scene.tick(&scene.under(&all_new)).unwrap_err();
        assert!(matches!(error, NoTick::NoRoom { size: 7, bytes } if bytes > TICK_NOTE_MAX), "{error}");
        assert!(error.to_string().contains("fewer ML-DSA-44 keys"), "{error}");
        let nobody = tick_note(&scene.signed, |_| false).unwrap_err();
        assert_eq!(nobody, NoTick::NotCosigned { size: 7 });
    }
}
