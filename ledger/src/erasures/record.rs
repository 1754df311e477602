//! How far erasing has come, in a small file, so that a start need not look at every text that was ever redacted.
//!
//! ```text
//! glasshouse-erasures/1
//! hold <ms>                        the hold that the operator had set
//! covered <size>                   the size of the tree when this was written
//! looked <index>                   redactions before it are carried out, but for the open ones
//! tombstones <count> <64 hex>      how many there are in all packs, marks too, and the XOR of what stands for each (`tombstones.rs`)
//! open <index>                     a redaction that is not carried out, ascending; at most 4,096
//! moment <index> <ms>              from this entry on redactions were published at that time
//! sha256 <64 hex>                  of everything before
//! ```
//!
//! Nothing depends on it but time: where it is missing, damaged, or not about these packs, everything is looked at again
//! and every hold begins anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use super::Erasures;
use super::moments::{MOMENTS_MAX, Moments};
use crate::tombstones::Tombstones;

/// Its name in the store.
pub(crate) const NAME: &str = "erasures";
pub(crate) const MAGIC: &str = "glasshouse-erasures/1";
/// At most so many open redactions are listed; `looked` then stands at the first that is not.
const OPEN_MAX: usize = 4_096;
/// The longest file: every line has less than 128 bytes.
const BYTES_MAX: usize = (OPEN_MAX + MOMENTS_MAX + 16) * 128;

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErasureRecord {
    /// In milliseconds; `u64::MAX` where none was known.
    pub(crate) hold_ms: u64,
    pub(crate) covered: u64,
    pub(super) looked: u64,
    pub(crate) tombstones: Tombstones,
    pub(super) open: Vec<u64>,
    pub(super) moments: Moments,
}

impl ErasureRecord {
    /// Lists as many open redactions as there may be.
    pub(super) fn list(&mut self, open: impl Iterator<Item = LeafIndex>) {
        self.looked = self.covered;
        self.open.clear();
        for index in open {
            if self.open.len() == OPEN_MAX {
                self.looked = index.get();
                break;
            }
            self.open.push(index.get());
        }
    }

    /// Whether the texts of the redaction at that place were all erased, as far as this tells.
    pub(crate) fn is_carried_out(&self, index: LeafIndex) -> bool {
        index.get() < self.looked && self.open.binary_search(&index.get()).is_err()
    }

    /// Whether the redaction at that place is held at that time, as far as this tells.
    pub(crate) fn is_held(&self, index: LeafIndex, now_ms: u64) -> bool {
        let lasts =
            index.get() >= self.covered || self.moments.of(index).saturating_add(self.hold_ms) > now_ms;
        self.hold_ms > 0 && !self.is_carried_out(index) && lasts
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut text = format!("{MAGIC}\n");
        let Tombstones { count, digests } = &self.tombstones;
        let digests = Digest::from_bytes(*digests).to_hex();
        let line = |text: &mut String, words: std::fmt::Arguments<'_>| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{words}");
        };
        line(&mut text, format_args!("hold {}", self.hold_ms));
        line(&mut text, format_args!("covered {}", self.covered));
        line(&mut text, format_args!("looked {}", self.looked));
        line(&mut text, format_args!("tombstones {count} {digests}"));
        for index in &self.open {
            line(&mut text, format_args!("open {index}"));
        }
        for (index, time) in self.moments.iter() {
            line(&mut text, format_args!("moment {index} {time}"));
        }
        let hash = Digest::of(text.as_bytes()).to_hex();
        line(&mut text, format_args!("sha256 {hash}"));
        text.into_bytes()
    }

    /// Reads what [`ErasureRecord::encode`] wrote; `None` for everything else.
    pub(crate) fn parse(bytes: &[u8]) -> Option<ErasureRecord> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES_MAX)?;
        let (body, hash) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let body_bytes = text.get(..body.len() + 1)?.as_bytes();
        if hash.strip_prefix("sha256 ") != Some(Digest::of(body_bytes).to_hex().as_str()) {
            return None;
        }
        let mut lines = body.split('\n');
        if lines.next() != Some(MAGIC) {
            return None;
        }
        let mut number = |name: &str| lines.next()?.strip_prefix(name)?.parse::<u64>().ok();
        let (hold_ms, covered, looked) = (number("hold ")?, number("covered ")?, number("looked ")?);
        let (count, digests) = lines.next()?.strip_prefix("tombstones ")?.split_once(' ')?;
        let digests = *Digest::from_hex(digests).ok()?.as_bytes();
        let tombstones = Tombstones { count: count.parse().ok()?, digests };
        let (mut open, mut moments) = (Vec::new(), Vec::new());
        for line in lines {
            if let Some(index) = line.strip_prefix("open ") {
                open.push(index.parse::<u64>().ok()?);
            } else {
                let (index, time) = line.strip_prefix("moment ")?.split_once(' ')?;
                moments.push((index.parse().ok()?, time.parse().ok()?));
            }
        }
        let moments = Moments::read(moments)?;
        let ascending = open.is_sorted_by(|a, b| a < b) && open.len() <= OPEN_MAX;
        let record = ErasureRecord { hold_ms, covered, looked, tombstones, open, moments };
        // One spelling.
        (ascending && record.encode() == bytes).then_some(record)
    }
}

impl Erasures {
    /// What is written down, of the published tree: not of what a start found and does not know to be published.
    pub(crate) fn record(&self) -> ErasureRecord {
        let settled = self.begun.is_empty() && self.was_looked_through;
        let size = self.published.min(self.waits_from.max(self.remembered));
        let mut record = ErasureRecord {
            hold_ms: self.hold_ms,
            covered: size,
            looked: size,
            tombstones: if settled { self.tombstones } else { Tombstones::UNKNOWN },
            open: Vec::new(),
            moments: self.moments.before(size),
        };
        let open: BTreeSet<LeafIndex> = self.open.keys().chain(self.aside.places()).copied().collect();
        record.list(open.into_iter().filter(|index| index.get() < size));
        record
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn index(index: u64) -> LeafIndex {
        LeafIndex::new(index).unwrap()
    }

    fn record() -> ErasureRecord {
        let mut moments = Moments::default();
        moments.add(40, 1_000);
        moments.add(50, 2_000);
        let mut tombstones = Tombstones::default();
        tombstones.add(&Digest::of(b"text"));
        ErasureRecord { hold_ms: 500, covered: 60, looked: 60, tombstones, open: vec![45, 52], moments }
    }

    #[test]
    fn it_goes_there_and_back_and_no_damage_is_believed() {
        let bytes = record().encode();
        assert_eq!(ErasureRecord::parse(&bytes), Some(record()));
        for at in 0..bytes.len() {
            assert_eq!(ErasureRecord::parse(&bytes[..at]), None, "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(ErasureRecord::parse(&flipped), None, "flipped at {at}");
        }
    }

    #[test]
    fn it_tells_what_is_carried_out_and_what_is_held() {
        let record = record();
        for (at, carried_out) in [(44, true), (45, false), (46, true), (52, false), (59, true), (60, false)] {
            assert_eq!(record.is_carried_out(index(at)), carried_out, "{at}");
        }
        for (at, now, held) in [
            (45, 1_499, true),
            (45, 1_500, false),
            (52, 2_499, true),
            (52, 2_500, false),
            (46, 0, false),
            (60, 9_999, true),
        ] {
            assert_eq!(record.is_held(index(at), now), held, "{at} at {now}");
        }
        assert!(!ErasureRecord { hold_ms: 0, ..record }.is_held(index(45), 0));
    }

    #[test]
    fn more_open_ones_than_are_listed_lower_what_was_looked_at() {
        let mut record = ErasureRecord { covered: 100_000, ..record() };
        record.list((0..5_000).map(|n| index(n * 2)));
        assert_eq!((record.open.len(), record.looked), (OPEN_MAX, 8_192));
        assert!(!record.is_carried_out(index(8_192)) && !record.is_carried_out(index(9_000)));
        assert!(record.is_carried_out(index(8_191)) && !record.is_carried_out(index(8_190)));
        let bytes = record.encode();
        assert!(bytes.len() <= BYTES_MAX);
        assert_eq!(ErasureRecord::parse(&bytes), Some(record));
    }
}
