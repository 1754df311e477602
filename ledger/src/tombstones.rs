//! How many texts were erased, over all packs: two numbers that tell whether packs are those that somebody knew.

use glasshouse_verifier::hash::Digest;

use crate::pack::{PackError, PackRecord};
use crate::pack_eraser::is_tombstone;
use crate::store::Store;

/// A count, and the digests of all erased texts combined by exclusive or, which knows no order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tombstones {
    pub(crate) count: u64,
    pub(crate) digests: [u8; 32],
}

impl Tombstones {
    /// Those among the records of one pack, and marks.
    pub(crate) fn of(store: &dyn Store, records: &[PackRecord]) -> Result<Tombstones, PackError> {
        let mut found = Tombstones::default();
        for record in records.iter().filter(|record| record.erased) {
            match is_tombstone(store, record)? {
                true => found.add(&record.digest),
                false => found.add_mark(&record.digest),
            }
        }
        Ok(found)
    }

    /// One that no packs have: for a time at which nobody knows.
    pub(crate) const UNKNOWN: Tombstones = Tombstones { count: u64::MAX, digests: [0; 32] };

    /// One more text was erased.
    pub(crate) fn add(&mut self, digest: &Digest) {
        self.count = self.count.saturating_add(1);
        for (sum, byte) in self.digests.iter_mut().zip(digest.as_bytes()) {
            *sum ^= byte;
        }
    }

    /// One more is marked as erased, and bytes of it are left: it counts as another text, so that nobody takes the sum for one of
    /// before the mark or behind the zeros.
    pub(crate) fn add_mark(&mut self, digest: &Digest) {
        self.add(&Digest::of(digest.as_bytes()));
    }

    /// Of one that was marked nothing is left any more.
    pub(crate) fn complete(&mut self, digest: &Digest) {
        self.add_mark(digest);
        self.add(digest);
        self.count = self.count.saturating_sub(2);
    }

    /// Those of other packs as well.
    pub(crate) fn join(&mut self, other: &Tombstones) {
        self.count = self.count.saturating_add(other.count);
        for (sum, byte) in self.digests.iter_mut().zip(other.digests) {
            *sum ^= byte;
        }
    }
}
