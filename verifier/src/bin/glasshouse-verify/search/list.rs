//! A page of a list, as a ledger answers it (spec/http.md, Lists), and what must hold between its members.

use glasshouse_verifier::size::TreeSize;
use serde::{Deserialize, Serialize};

use super::asked::{LIMIT_MAX, Order};
use super::bounded::List;

use crate::plural::counted;

/// The longest page that is read, in bytes: a row has at most 1.5 KiB, with the longest issuer and subject and two links.
pub(super) const PAGE_LIMIT: u64 = 4 << 20;

/// The longest cursor, in bytes. A ledger's have 27.
const CURSOR_MAX: usize = 512;

/// A row, in the server's words.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Row {
    pub(super) index: u64,
    pub(super) leaf_hash: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) iss: String,
    pub(super) sequence: u64,
    pub(super) sub: String,
    pub(super) iat: String,
    pub(super) day: Option<String>,
    pub(super) category: Option<String>,
    pub(super) standing: String,
    pub(super) amended: bool,
}

/// A page.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    /// Entries of the published tree.
    pub(super) size: u64,
    /// Entries of the tree that was looked through.
    pub(super) indexed: u64,
    /// Entries that meet the conditions, on all pages.
    pub(super) total: u64,
    statements: List<Row, { LIMIT_MAX as usize }>,
    /// Where the list goes on; nothing at its end.
    pub(super) cursor: Option<String>,
}

impl Page {
    pub(super) fn rows(&self) -> &[Row] {
        &self.statements.0
    }

    /// Whether it can be the answer to a question for so many rows in that order, behind the row of that index.
    pub(super) fn check(&self, limit: u64, order: Order, mut last: Option<u64>) -> Result<(), String> {
        check_sizes(self.size, self.indexed, self.total)?;
        let count = self.rows().len() as u64;
        if count > limit || count > self.total {
            return Err(format!(
                "it names {}, was asked for {limit}, and says that {} the conditions",
                counted(count, "entry", "entries"),
                counted(self.total, "meets", "meet")
            ));
        }
        for row in self.rows() {
            if row.index >= self.indexed {
                return Err(format!(
                    "it names entry {} of a tree of {}",
                    row.index,
                    counted(self.indexed, "entry", "entries")
                ));
            }
            if last.is_some_and(|last| !order.allows(last, row.index)) {
                return Err(format!("entry {} does not come in the order that was asked for", row.index));
            }
            last = Some(row.index);
        }
        match &self.cursor {
            Some(_) if count == 0 => Err("a page without rows says that the list goes on".to_owned()),
            Some(cursor) if !is_cursor(cursor) => {
                Err(format!("a cursor has 1 to {CURSOR_MAX} letters, digits and any of -._~"))
            }
            _ => Ok(()),
        }
    }
}

/// Of a tree, of the part that was looked through, and of what was found there.
pub(super) fn check_sizes(size: u64, indexed: u64, total: u64) -> Result<(), String> {
    match TreeSize::new(size) {
        Ok(_) if total <= indexed && indexed <= size => Ok(()),
        _ => Err(format!("{total} of {indexed} of a tree of {size}: that cannot be")),
    }
}

fn is_cursor(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    !text.is_empty() && text.len() <= CURSOR_MAX && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::fake::page;
    use super::*;

    #[test]
    fn a_page_that_cannot_be_is_refused() {
        let read = |text: &str| serde_json::from_str::<Page>(text).unwrap();
        let whole = page(&[3, 5, 9], Some("AB-_"));
        read(&whole).check(3, Order::Ascending, Some(2)).unwrap();
        for (text, limit, order, last, said) in [
            (&whole, 3, Order::Ascending, Some(3), "order"),
            (&whole, 3, Order::Descending, None, "order"),
            (&whole, 2, Order::Ascending, None, "asked for 2"),
            (&page(&[3, 3], None), 3, Order::Other, None, "order"),
            (&page(&[], Some("A")), 3, Order::Other, None, "without rows"),
            (&page(&[1], Some("A;rm")), 3, Order::Other, None, "cursor"),
            (&page(&[1], Some(&"A".repeat(513))), 3, Order::Other, None, "cursor"),
            (&page(&[1_000_000], None), 3, Order::Other, None, "entry 1000000 of a tree"),
            (&whole.replace("\"total\":500", "\"total\":2"), 3, Order::Ascending, None, "2 meet"),
            (&whole.replace("\"total\":500", "\"total\":70000000"), 3, Order::Ascending, None, "cannot be"),
            (
                &whole.replace("\"size\":1000", "\"size\":18446744073709551615"),
                3,
                Order::Ascending,
                None,
                "cannot be",
            ),
        ] {
            let error = read(text).check(limit, order, last).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
