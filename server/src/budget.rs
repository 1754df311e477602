//! A bound on bytes that lie in memory at the same time, shared by all requests.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes are counted in pages of this size, so that a count fits the semaphore on every platform.
const PAGE: usize = 1 << 10;

/// A number of bytes that may be held at the same time.
#[derive(Debug, Clone)]
pub struct Budget {
    pages: Arc<Semaphore>,
}

/// A part of a [`Budget`], given back when dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Budget {
    /// A budget of so many bytes, rounded down to whole KiB.
    pub fn new(bytes: usize) -> Budget {
        Budget { pages: Arc::new(Semaphore::new(bytes / PAGE)) }
    }

    /// An empty share, to be grown as bytes arrive.
    pub fn share(&self) -> Share {
        Share { budget: self.clone(), permit: None, bytes: 0 }
    }

    /// A share of so many bytes; `None` if the budget has not that much left. Never waits.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let mut share = self.share();
        share.grow(bytes).then_some(share)
    }

    /// Bytes that are free now.
    pub fn free(&self) -> usize {
        self.pages.available_permits() * PAGE
    }
}

impl Share {
    /// Adds bytes to the share; false, and nothing changed, if the budget has not that much left.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let Some(total) = self.bytes.checked_add(bytes) else {
            return false;
        };
        let more = total.div_ceil(PAGE) - self.bytes.div_ceil(PAGE);
        let Ok(more) = u32::try_from(more) else {
            return false;
        };
        let Ok(permit) = Arc::clone(&self.budget.pages).try_acquire_many_owned(more) else {
            return false;
        };
        match &mut self.permit {
            Some(held) => held.merge(permit),
            None => self.permit = Some(permit),
        }
        self.bytes = total;
        true
    }

    /// Ties the share to bytes: it is given back when the last clone of them is dropped, that is, when they were
    /// sent or the reader went away.
    pub fn hold(self, data: Vec<u8>) -> Bytes {
        Bytes::from_owner(Held { data, _share: self })
    }
}

struct Held {
    data: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_share_is_given_back_when_dropped() {
        let budget = Budget::new(10 << 10);
        let share = budget.take(9 << 10).unwrap();
        assert!(budget.take(2 << 10).is_none());
        drop(share);
        assert!(budget.take(10 << 10).is_some());
        assert_eq!(budget.free(), 10 << 10);
    }

    #[test]
    fn growing_counts_whole_pages_once() {
        let budget = Budget::new(4 << 10);
        let mut share = budget.share();
        for _ in 0..4096 {
            assert!(share.grow(1));
        }
        assert_eq!(budget.free(), 0);
        assert!(!share.grow(1));
        assert!(!share.grow(usize::MAX));
    }

    #[test]
    fn held_bytes_give_back_with_their_last_clone() {
        let budget = Budget::new(4 << 10);
        let bytes = budget.take(3000).unwrap().hold(vec![7; 3000]);
        let clone = bytes.clone();
        drop(bytes);
        assert!(budget.take(4000).is_none());
        assert_eq!(clone.len(), 3000);
        drop(clone);
        assert!(budget.take(4000).is_some());
    }
}
