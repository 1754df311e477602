//! Which documents of a segment meet a condition, kept for the next request that has it. A segment never changes, so what is
//! kept is right for as long as there is the segment; what was asked for least recently goes when there is too much.

use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tantivy::index::SegmentId;

use super::clause::Clause;
use super::document_set::DocumentSet;
use crate::limits::KEPT_SETS_BYTES;

/// Beside the documents and the condition themselves, about, in bytes.
const OVERHEAD: usize = 256;

/// Sets by segment and condition.
#[derive(Debug)]
pub(crate) struct KeptSets {
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    sets: LruCache<(SegmentId, Clause), Arc<DocumentSet>>,
    bytes: usize,
}

impl Default for KeptSets {
    fn default() -> KeptSets {
        KeptSets { kept: Mutex::new(Kept { sets: LruCache::unbounded(), bytes: 0 }) }
    }
}

impl KeptSets {
    /// The set of a condition, made if it is not kept. Two requests may make the same one at once.
    pub(crate) fn get<E>(
        &self,
        segment: SegmentId,
        clause: &Clause,
        make: impl FnOnce() -> Result<DocumentSet, E>,
    ) -> Result<Arc<DocumentSet>, E> {
        let key = (segment, clause.clone());
        if let Some(set) = self.lock().sets.get(&key) {
            return Ok(Arc::clone(set));
        }
        let made = Arc::new(make()?.cut());
        let own = clause.bytes() + OVERHEAD;
        let mut kept = self.lock();
        kept.bytes += made.bytes() + own;
        if let Some(before) = kept.sets.put(key, Arc::clone(&made)) {
            kept.bytes -= before.bytes() + own;
        }
        while kept.bytes > KEPT_SETS_BYTES
            && let Some(((_, clause), oldest)) = kept.sets.pop_lru()
        {
            kept.bytes -= oldest.bytes() + clause.bytes() + OVERHEAD;
        }
        Ok(made)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // What a panic leaves is a set more or less.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// Fails if long conditions that nothing meets are counted as nothing.
    #[test]
    fn what_a_condition_holds_is_counted() {
        let (sets, segment) = (KeptSets::default(), SegmentId::generate_random());
        let long = 1 << 20;
        for number in 0..2 * KEPT_SETS_BYTES / long {
            let clause = Clause::Issuer(format!("{number}{}", "0".repeat(long)));
            sets.get(segment, &clause, || Ok::<_, ()>(DocumentSet::none(64))).unwrap();
        }
        assert!(sets.lock().sets.len() <= KEPT_SETS_BYTES / long);
    }

    #[test]
    fn what_is_asked_again_is_kept_and_the_rest_is_bounded() {
        let sets = KeptSets::default();
        let segment = SegmentId::generate_random();
        let (of, made) = (8 * 100_000, std::cell::Cell::new(0));
        let ask = |sub: usize| {
            let make = || {
                made.set(made.get() + 1);
                Ok::<_, ()>(DocumentSet::all(of))
            };
            sets.get(segment, &Clause::Sub(sub.to_string()), make).unwrap();
        };
        let many = 2 * KEPT_SETS_BYTES / 100_000;
        for sub in 1..=many {
            ask(0);
            ask(sub);
        }
        assert_eq!(made.get(), many + 1);
        let (bytes, counted) = {
            let kept = sets.lock();
            let of = |clause: &Clause| 100_000 + clause.bytes() + OVERHEAD;
            (kept.bytes, kept.sets.iter().map(|((_, clause), _)| of(clause)).sum::<usize>())
        };
        assert!(bytes <= KEPT_SETS_BYTES);
        assert_eq!(bytes, counted);
        sets.get(SegmentId::generate_random(), &Clause::Sub("0".to_owned()), || {
            made.set(0);
            Ok::<_, ()>(DocumentSet::none(of))
        })
        .unwrap();
        assert_eq!(made.get(), 0, "another segment has its own");
    }
}
