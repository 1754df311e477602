//! Which file each entry goes into.

use std::collections::BTreeMap;

use glasshouse_verifier::size::LeafIndex;
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::row_maker::RowMaker;
use super::tree_at::TreeAt;
use super::writing::Failure;
use crate::audit::Stop;

/// An entry that no file has.
const LEFT_OUT: u16 = u16::MAX;

/// The months of all entries: two bytes an entry.
pub(crate) struct Months {
    /// The months that there are, the entries without one first. Days go from 1990 to 2099, so that they are 1,321 at most.
    names: Vec<Option<String>>,
    /// For each entry, its place among the months.
    of: Vec<u16>,
    /// How many entries are not understood.
    pub(crate) left_out: u64,
}

impl Months {
    /// Looks at every entry of a tree once.
    pub(crate) fn of(tree: &TreeAt<'_>, maker: &RowMaker<'_>, bar: &ProgressBar) -> Result<Months, Failure> {
        // Numbered as they come, then by their order.
        let mut seen: BTreeMap<Option<String>, u16> = BTreeMap::new();
        let (mut of, mut failed, mut left_out) = (Vec::new(), None, 0);
        let read = tree.each_bundle(&mut |first, entries| {
            bar.inc(entries.len() as u64);
            let months: Vec<Result<Option<Option<String>>, Failure>> = entries
                .par_iter()
                .enumerate()
                .map(|(at, bytes)| maker.month(place(first, at)?, bytes))
                .collect();
            for month in months {
                let number = match month {
                    Ok(Some(month)) => {
                        let next = u16::try_from(seen.len()).unwrap_or(LEFT_OUT);
                        *seen.entry(month).or_insert(next)
                    }
                    Ok(None) => {
                        left_out += 1;
                        LEFT_OUT
                    }
                    Err(failure) => {
                        failed = Some(failure);
                        return Err(Stop::Interrupted);
                    }
                };
                of.push(number);
            }
            Ok(())
        });
        match (failed, read) {
            (Some(failure), _) => return Err(failure),
            (None, read) => read?,
        }
        let order: BTreeMap<u16, u16> = seen.values().copied().zip(0_u16..).collect();
        for number in &mut of {
            *number = order.get(number).copied().unwrap_or(LEFT_OUT);
        }
        Ok(Months { names: seen.into_keys().collect(), of, left_out })
    }

    /// The months, the entries without one first.
    pub(crate) fn names(&self) -> &[Option<String>] {
        &self.names
    }

    /// The place of an entry's month among them; `None` if no file has it.
    pub(crate) fn month(&self, index: LeafIndex) -> Option<usize> {
        let at = usize::try_from(index.get()).ok()?;
        self.of.get(at).copied().filter(|number| *number != LEFT_OUT).map(usize::from)
    }
}

/// The place of an entry so many behind the first one of its bundle.
pub(crate) fn place(first: LeafIndex, at: usize) -> Result<LeafIndex, Failure> {
    let index = first.get().saturating_add(at as u64);
    LeafIndex::new(index).map_err(|error| Failure::Io(std::io::Error::other(error)))
}
