//! Which identifiers stood in a dump before, as far back as bounded memory goes.

use std::collections::HashSet;

/// Identifiers in one generation: what a table of 2^21 places holds before it grows, so that it never does. Two
/// generations take at most 72 MB.
const GENERATION: usize = 1_835_008;

/// The newest identifiers, at least the last 1,835,008 of them and at most twice as many. A repeated one is found
/// if no more than that stand between; an inner zip of a dump has at most a million rows. Further apart, `publish`
/// finds it: a line is known by its puid.
#[derive(Debug)]
pub struct Recent {
    newer: HashSet<u128>,
    older: HashSet<u128>,
    generation: usize,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent::with_generation(GENERATION)
    }
}

impl Recent {
    fn with_generation(generation: usize) -> Recent {
        let newer = HashSet::with_capacity(generation);
        Recent { newer, older: HashSet::new(), generation }
    }

    /// Takes in a UUID in its usual form; `false` if it stood before. What is no UUID is new each time.
    pub fn insert(&mut self, uuid: &str) -> bool {
        let Some(key) = number(uuid) else { return true };
        if self.older.contains(&key) {
            return false;
        }
        if self.newer.len() >= self.generation && !self.newer.contains(&key) {
            self.older = std::mem::replace(&mut self.newer, HashSet::with_capacity(self.generation));
        }
        self.newer.insert(key)
    }
}

/// The 128 bits of a UUID: equal numbers are equal identifiers.
fn number(uuid: &str) -> Option<u128> {
    if uuid.len() != 36 {
        return None;
    }
    uuid.bytes().filter(|byte| *byte != b'-').try_fold(0_u128, |number, byte| {
        let digit = char::from(byte).to_digit(16)?;
        number.checked_mul(16)?.checked_add(u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn uuid(number: u32) -> String {
        format!("f1e5d3be-e95d-4e51-bb38-6cf1{number:08x}")
    }

    #[test]
    fn a_repeated_identifier_is_found_within_the_bound() {
        let mut recent = Recent::with_generation(10);
        for number in 0..100 {
            assert!(recent.insert(&uuid(number)), "{number}");
            for before in number.saturating_sub(9)..=number {
                assert!(!recent.insert(&uuid(before)), "{before} after {number}");
            }
        }
        assert!(recent.insert(&uuid(3)), "what lies too far back is forgotten");
        assert!(recent.newer.len() <= 10 && recent.older.len() <= 10);
        assert!(recent.insert("") && recent.insert(""));
    }

    #[test]
    fn a_generation_never_grows() {
        let recent = Recent::default();
        let before = recent.newer.capacity();
        assert_eq!(before, GENERATION, "the table has exactly the size that the bound says");
    }
}
