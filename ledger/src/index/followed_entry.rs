//! An entry of the log as those who follow it for look-ups need it.

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::statement::Statement;

use super::numbers::Numbered;
use crate::tree_files::BUNDLE;

/// An entry as the look-ups need it.
pub(super) struct FollowedEntry {
    pub(super) index: u64,
    pub(super) leaf: LeafHash,
    /// An entry that does not parse cannot be in a log of ours; fsck says so, a look-up by anything but its hash passes it by.
    entry: Option<Entry>,
}

impl FollowedEntry {
    pub(super) fn statement(&self) -> Option<&Statement> {
        self.entry.as_ref().map(Entry::statement)
    }

    pub(super) fn numbered(&self) -> Option<Numbered<'_>> {
        let statement = self.statement()?;
        Some(Numbered { index: self.index, iss: &statement.claims().iss, sequence: statement.sequence() })
    }
}

/// Reads the entries of a bundle behind those that are covered.
pub(super) fn followed_entries(bundle: &[Vec<u8>], covered: u64) -> Vec<FollowedEntry> {
    let skipped = usize::try_from(covered % BUNDLE).unwrap_or(usize::MAX);
    let entries = (covered..).zip(bundle.get(skipped..).unwrap_or_default());
    let read = |(index, bytes): (u64, &Vec<u8>)| FollowedEntry {
        index,
        leaf: LeafHash::of_entry(bytes),
        entry: Entry::parse(bytes).ok(),
    };
    entries.map(read).collect()
}
