//! The keys that this thread found sound lately: the same few stand in every receipt of a log, and in one receipt several times
//! (the genesis, the enrolment, the request in it), and to examine one costs nearly as much as to check a signature.
//!
//! Only the verdict on exactly these 32 bytes is kept, and only a good one. Whoever sends ever new keys gains nothing: each is
//! examined, and pushes an older one out.

use std::cell::RefCell;

use crate::bounds::SOUND_KEYS_MAX;
use crate::key::PublicKey;

thread_local! {
    /// The one that was asked for last stands first.
    static SOUND: RefCell<Vec<PublicKey>> = const { RefCell::new(Vec::new()) };
}

/// The key of these bytes, if this thread found it sound lately.
pub(crate) fn find(bytes: &[u8; 32]) -> Option<PublicKey> {
    ask(|keys| {
        let at = keys.iter().position(|key| key.as_bytes() == bytes)?;
        keys.get_mut(..=at)?.rotate_right(1);
        keys.first().copied()
    })
}

/// Keeps a key that was found sound, instead of the one that was not asked for the longest.
pub(crate) fn keep(key: &PublicKey) {
    ask(|keys| {
        keys.truncate(SOUND_KEYS_MAX - 1);
        keys.insert(0, *key);
        Some(*key)
    });
}

/// Nothing is found or kept where the thread is ending.
fn ask(work: impl FnOnce(&mut Vec<PublicKey>) -> Option<PublicKey>) -> Option<PublicKey> {
    SOUND.try_with(|keys| keys.try_borrow_mut().ok().and_then(|mut keys| work(&mut keys))).ok().flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::example;

    fn on_a_new_thread(test: impl FnOnce() + Send) {
        std::thread::scope(|scope| scope.spawn(test).join().unwrap());
    }

    fn found(seed: u8) -> bool {
        find(example::secret(seed).verifying_key().as_bytes()).is_some()
    }

    /// Mutation: the newest is dropped instead, or the one that was asked for does not move to the front.
    #[test]
    fn a_thread_keeps_the_keys_that_it_asked_for_last() {
        on_a_new_thread(|| {
            let most = u8::try_from(SOUND_KEYS_MAX).unwrap();
            for seed in 0..most {
                assert!(!found(seed));
                assert_eq!(
                    example::public(seed).as_bytes(),
                    example::secret(seed).verifying_key().as_bytes()
                );
            }
            assert!((0..most).all(found));
            assert!(found(0));
            // It takes the place of key 1, which nobody asked for since.
            example::public(most);
            assert!(!found(1) && found(0) && found(most) && found(2));
        });
        on_a_new_thread(|| assert!(!found(0), "another thread's"));
    }

    /// Mutation: what is examined is kept before the verdict.
    #[test]
    fn a_weak_key_is_refused_every_time() {
        on_a_new_thread(|| {
            let mut identity = [0; 32];
            identity[0] = 1;
            for _ in 0..3 {
                assert!(PublicKey::from_bytes(identity).is_err());
                assert!(find(&identity).is_none());
            }
        });
    }
}
