//! How far the search index was when a page was made of its answers. What lies beyond is not counted, and nothing can be said
//! to be absent.

use std::cell::Cell;

use maud::{Markup, html};

use super::value;
use crate::problem::{Problem, Progress};
use crate::texts::language::Visit;
use crate::texts::search::SEARCH;

/// The smallest tree that an answer on the page covers.
#[derive(Debug, Default)]
pub(super) struct Coverage(Cell<Option<Progress>>);

impl Coverage {
    /// One more answer is on the page.
    pub(super) fn see(&self, indexed: u64, size: u64) {
        let least = self.0.get().filter(|seen| seen.indexed <= indexed);
        self.0.set(Some(least.unwrap_or(Progress { indexed, size })));
    }

    /// How far the index was, if it did not cover everything.
    pub(super) fn behind(&self) -> Option<Progress> {
        self.0.get().filter(|seen| seen.indexed < seen.size)
    }

    /// Refuses to say that something is not on record.
    ///
    /// # Errors
    /// `index-behind`, while the index does not cover everything.
    pub(super) fn check_absence(&self) -> Result<(), Problem> {
        self.behind().map_or(Ok(()), |progress| Err(Problem::index_behind(progress)))
    }
}

/// What stands above figures and lists that leave out what is not covered.
pub(super) fn remark(visit: &Visit, behind: Option<Progress>) -> Markup {
    let texts = SEARCH.in_(visit.language);
    html! {
        @if let Some(behind) = behind {
            p.remark role="note" {
                ((texts.behind)(&value::number(visit, behind.indexed), &value::number(visit, behind.size)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_answer_that_covers_least_counts() {
        let coverage = Coverage::default();
        assert_eq!(coverage.behind(), None);
        coverage.see(9, 9);
        assert!(coverage.check_absence().is_ok());
        coverage.see(3, 9);
        coverage.see(9, 9);
        assert_eq!(coverage.behind(), Some(Progress { indexed: 3, size: 9 }));
        let problem = coverage.check_absence().unwrap_err();
        assert_eq!((problem.slug(), problem.status), ("index-behind", 503));
    }
}
