//! A set of a provider's numbers, as runs: most lines of a file get numbers one after the other.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// Numbers, kept as runs that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberRuns {
    /// First number to last number.
    runs: BTreeMap<u64, u64>,
}

/// One run, as a range of targets has it.
#[derive(Serialize)]
struct Run {
    first: u64,
    last: u64,
}

impl NumberRuns {
    /// Puts a number in; one that is there changes nothing.
    pub fn insert(&mut self, number: u64) {
        let before = self.runs.range(..=number).next_back().map(|(first, last)| (*first, *last));
        let mut run = (number, number);
        match before {
            Some((_, last)) if last >= number => return,
            Some((first, last)) if last.saturating_add(1) == number => run.0 = first,
            _ => {}
        }
        if let Some(last) = number.checked_add(1).and_then(|next| self.runs.remove(&next)) {
            run.1 = last;
        }
        self.runs.insert(run.0, run.1);
    }

    /// First and last of each run, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.runs.iter().map(|(first, last)| (*first, *last))
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl Serialize for NumberRuns {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter().map(|(first, last)| Run { first, last }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn runs_grow_and_join_in_whatever_order_numbers_come() {
        let mut runs = NumberRuns::default();
        assert!(runs.is_empty());
        for number in [7, 5, 12, 6, 5, 8, 13, u64::MAX] {
            runs.insert(number);
        }
        assert_eq!(runs.iter().collect::<Vec<_>>(), [(5, 8), (12, 13), (u64::MAX, u64::MAX)]);
        for number in [9, 11, 10] {
            runs.insert(number);
        }
        assert_eq!(runs.iter().collect::<Vec<_>>(), [(5, 13), (u64::MAX, u64::MAX)]);
        assert_eq!(runs.len(), 2);
        let mut small = NumberRuns::default();
        small.insert(3);
        assert_eq!(serde_json::to_string(&small).unwrap(), r#"[{"first":3,"last":3}]"#);
    }
}
