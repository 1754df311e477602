//! Counts of entries by the values of one or two dimensions.

use std::collections::HashMap;

use super::dimension::{Dimension, Value};
use super::facts::Facts;
use crate::limits::{MAX_COUNT_BYTES, MAX_COUNT_GROUPS, MAX_COUNT_ROWS};

/// Values of one or two dimensions that stand together.
pub(crate) type Group = (Value, Option<Value>);

/// More different values than can be held apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyGroups;

/// Counts that grow.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: HashMap<Group, u64>,
    bytes: usize,
}

/// Counts in the order in which they are shown: the greatest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The values of each row in words, nothing for an absent text, and how often they stand together.
    pub(crate) rows: Vec<(Vec<Option<String>>, u64)>,
    /// How many rows are not among them.
    pub(crate) rows_left_out: u64,
    /// What these add up to.
    pub(crate) left_out: u64,
}

impl Tally {
    /// Counts so many entries with these values.
    pub(crate) fn add(&mut self, group: Group, many: u64) -> Result<(), TooManyGroups> {
        let bytes = group.0.bytes() + group.1.as_ref().map_or(0, Value::bytes);
        let before = self.counts.len();
        *self.counts.entry(group).or_default() += many;
        if self.counts.len() > before {
            self.bytes += bytes;
        }
        match self.counts.len() > MAX_COUNT_GROUPS || self.bytes > MAX_COUNT_BYTES {
            true => Err(TooManyGroups),
            false => Ok(()),
        }
    }

    /// Counts one entry, once for each value that it has.
    pub(crate) fn add_facts(&mut self, by: &[Dimension], facts: &Facts) -> Result<(), TooManyGroups> {
        let Some(first) = by.first() else { return Ok(()) };
        let seconds: Vec<Option<Value>> = match by.get(1) {
            Some(second) => second.values(facts).into_iter().map(Some).collect(),
            None => vec![None],
        };
        for value in first.values(facts) {
            for second in &seconds {
                self.add((value.clone(), second.clone()), 1)?;
            }
        }
        Ok(())
    }

    /// The counts in words.
    pub(crate) fn finish(self, by: &[Dimension]) -> Counted {
        let mut groups: Vec<(Group, u64)> = self.counts.into_iter().collect();
        groups.sort_unstable_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        let rest = groups.split_off(groups.len().min(MAX_COUNT_ROWS));
        let words = |(first, second): &Group| {
            let values = [Some(first), second.as_ref()];
            by.iter().zip(values.into_iter().flatten()).map(|(by, value)| by.text(value)).collect()
        };
        Counted {
            rows: groups.iter().map(|(group, many)| (words(group), *many)).collect(),
            rows_left_out: rest.len() as u64,
            left_out: rest.iter().map(|(_, many)| many).sum(),
        }
    }
}
