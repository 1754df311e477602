//! A bound on what may be held at the same time, under which nobody keeps the others out.
//!
//! Whoever holds nothing gets what is free; whoever holds something gets more only while at least as much stays free as it
//! holds then. So one holder gets half of all at most, two a third each, and beside n of them one part in n + 1 stays free for
//! whoever comes next. Nothing has to be set, nobody is remembered who holds nothing, and nobody waits. (Dynamic thresholds, as switches share
//! their memory among queues: A. K. Choudhury and E. L. Hahne, IEEE/ACM Transactions on Networking 6(2), 1998; with alpha 1.)

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A number of things that may be held at the same time, by holders `K`. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct FairBudget<K> {
    held: Arc<Mutex<Held<K>>>,
}

#[derive(Debug)]
struct Held<K> {
    free: usize,
    by: HashMap<K, usize>,
}

impl<K: Eq + Hash> Held<K> {
    /// Notes that a holder has so many more; false, and nothing changed, if that leaves too few for the others.
    fn take(&mut self, holder: K, more: usize) -> bool {
        let has = self.by.get(&holder).copied().unwrap_or(0);
        let (Some(rest), Some(then)) = (self.free.checked_sub(more), has.checked_add(more)) else {
            return false;
        };
        if more > 0 && has > 0 && then > rest {
            return false;
        }
        self.free = rest;
        if then > 0 {
            self.by.insert(holder, then);
        }
        true
    }

    fn give_back(&mut self, holder: &K, count: usize) {
        self.free += count;
        match self.by.get_mut(holder) {
            Some(has) if *has > count => *has -= count,
            _ => drop(self.by.remove(holder)),
        }
    }
}

impl<K: Eq + Hash + Clone> FairBudget<K> {
    /// A budget of so many.
    pub(crate) fn new(most: usize) -> FairBudget<K> {
        FairBudget { held: Arc::new(Mutex::new(Held { free: most, by: HashMap::new() })) }
    }

    /// An empty share of a holder, to be grown.
    pub(crate) fn share_of(&self, holder: K) -> FairShare<K> {
        FairShare { budget: self.clone(), holder, count: 0 }
    }

    /// A share of so many; `None` if that leaves too few for the others. Never waits.
    pub(crate) fn take(&self, holder: K, count: usize) -> Option<FairShare<K>> {
        let mut share = self.share_of(holder);
        share.grow(count).then_some(share)
    }

    /// How many are free now.
    pub(crate) fn free(&self) -> usize {
        self.lock().free
    }
}

impl<K> FairBudget<K> {
    fn lock(&self) -> MutexGuard<'_, Held<K>> {
        // Each change is whole before the lock is let go.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one holder has for one purpose, given back when dropped.
#[derive(Debug)]
pub(crate) struct FairShare<K: Eq + Hash> {
    budget: FairBudget<K>,
    holder: K,
    count: usize,
}

impl<K: Eq + Hash + Clone> FairShare<K> {
    /// Adds so many; false, and nothing changed, if that leaves too few for the others.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let taken = self.budget.lock().take(self.holder.clone(), more);
        if taken {
            self.count += more;
        }
        taken
    }
}

impl<K: Eq + Hash> Drop for FairShare<K> {
    fn drop(&mut self) {
        self.budget.lock().give_back(&self.holder, self.count);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// What a holder gets that takes one after the other until it is refused.
    fn fill(budget: &FairBudget<u8>, holder: u8) -> Vec<FairShare<u8>> {
        std::iter::from_fn(|| budget.take(holder, 1)).collect()
    }

    #[test]
    fn one_holder_gets_half_and_the_next_half_of_the_rest() {
        let budget = FairBudget::new(1_200);
        let first = fill(&budget, 1);
        assert_eq!((first.len(), budget.free()), (600, 600));
        let second = fill(&budget, 2);
        assert_eq!((second.len(), budget.free()), (300, 300));
        let third = fill(&budget, 3);
        assert_eq!(third.len(), 150);
        // As what is held is given back and taken anew, all come to hold the same.
        drop(first);
        assert_eq!(fill(&budget, 1).len(), 375);
        drop((second, third));
        assert_eq!(budget.free(), 1_200);
        assert!(budget.lock().by.is_empty(), "nobody is remembered");
    }

    #[test]
    fn whoever_holds_nothing_gets_what_is_free_at_once() {
        let budget = FairBudget::new(1_000);
        let _first = fill(&budget, 1);
        let large = budget.take(2, 500).unwrap();
        assert!(budget.take(3, 1).is_none() && budget.take(2, 0).is_some());
        drop(large);
        assert!(budget.take(2, 501).is_none());
    }

    #[test]
    fn a_share_grows_within_its_holders_bound() {
        let budget = FairBudget::new(100);
        let (mut share, other) = (budget.share_of(1), budget.take(1, 20).unwrap());
        assert!(share.grow(30) && !share.grow(1));
        assert!(!share.grow(usize::MAX));
        drop(other);
        assert!(share.grow(20) && !share.grow(1));
        drop(share);
        assert_eq!(budget.free(), 100);
    }
}
