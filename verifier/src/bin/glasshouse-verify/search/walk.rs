//! The pages of a list one behind the other. Memory: one page. A list that turns in a circle, or has more rows than the tree
//! has entries, is noticed.

use super::asked::{Asked, Behind};
use super::list::{PAGE_LIMIT, Page};
use super::question::{ask, check_index, trouble};
use crate::answer::Answer;
use crate::plural::counted;
use crate::source::Source;

/// A list on the way to its end.
pub(super) struct Walk<'a> {
    source: &'a Source,
    asked: &'a Asked,
    /// Where the next page begins; nothing at the end of the list.
    next: Option<Behind>,
    /// Where the page began that was asked for last.
    here: Behind,
    /// The row that came last.
    last: Option<u64>,
    rows: u64,
    largest: u64,
    circle: Circle,
    /// How many entries the tree had, and how many met the conditions, on the page that came first and on the newest one.
    first: Option<Counts>,
    newest: Counts,
}

/// What a page says of the whole list.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    indexed: u64,
    total: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source, asked: &'a Asked) -> Walk<'a> {
        let next = Some(asked.behind.clone());
        let here = Behind::Nothing;
        let (circle, newest) = (Circle::default(), Counts::default());
        Walk { source, asked, next, here, last: None, rows: 0, largest: 0, circle, first: None, newest }
    }

    /// The next page, `None` behind the last one. An answer that is no page of this list is trouble.
    pub(super) fn next(&mut self) -> Result<Option<Page>, Box<Answer>> {
        let Some(behind) = self.next.take() else { return self.check_end().map(|()| None) };
        let page = self.page(&behind).map(Some);
        self.here = behind;
        page
    }

    /// Whether the list has as many rows as it says. One that was not begun at its beginning may have fewer; while the tree grew,
    /// entries may have begun or ceased to meet the conditions.
    fn check_end(&self) -> Result<(), Box<Answer>> {
        let (is_whole, total) = (self.asked.behind == Behind::Nothing, self.newest.total);
        let grew = self.first.is_some_and(|first| first.indexed != self.newest.indexed);
        if !is_whole || grew || self.rows == total {
            return Ok(());
        }
        let why = format!(
            "not the answer of a ledger: the list ends at {} of {total} without a cursor, of one tree of {}",
            self.rows,
            counted(self.newest.indexed, "entry", "entries")
        );
        Err(trouble(&self.asked.place, &why))
    }

    /// What leads to the page that was asked for last; nothing for the first one.
    pub(super) fn here(&self) -> Option<&str> {
        match &self.here {
            Behind::Cursor(cursor) => Some(cursor),
            Behind::Nothing | Behind::Index(_) => None,
        }
    }

    fn page(&mut self, behind: &Behind) -> Result<Page, Box<Answer>> {
        let place = self.asked.place.as_str();
        let page: Page = ask(self.source, (place, self.asked.list(behind).as_str()), PAGE_LIMIT)?;
        let last = match behind {
            Behind::Index(index) => Some(*index),
            _ => self.last,
        };
        let wrong = |why: String| trouble(place, &format!("not the answer of a ledger: {why}"));
        page.check(self.asked.limit(), self.asked.order(), last).map_err(wrong)?;
        check_index(place, page.size, page.indexed)?;
        let (rows, largest) = (self.rows + page.rows().len() as u64, self.largest.max(page.indexed));
        if rows > largest {
            return Err(wrong(format!(
                "the list has {} so far, of a tree of {}",
                counted(rows, "row", "rows"),
                counted(largest, "entry", "entries")
            )));
        }
        if let Some(cursor) = &page.cursor {
            if matches!(behind, Behind::Cursor(before) if before == cursor) || self.circle.closes(cursor) {
                return Err(wrong(format!("the list turns in a circle: {cursor} was its cursor before")));
            }
            self.next = Some(Behind::Cursor(cursor.clone()));
        }
        self.last = page.rows().last().map(|row| row.index).or(last);
        (self.rows, self.largest) = (rows, largest);
        self.newest = Counts { indexed: page.indexed, total: page.total };
        self.first.get_or_insert(self.newest);
        Ok(page)
    }
}

/// Finds that cursors repeat, whatever the length of the circle, and keeps one of them: the one of step 1, 2, 4, 8 … (Brent,
/// "An improved Monte Carlo factorization algorithm", 1980).
#[derive(Default)]
struct Circle {
    kept: Option<String>,
    steps: u64,
    until: u64,
}

impl Circle {
    fn closes(&mut self, cursor: &str) -> bool {
        if self.kept.as_deref() == Some(cursor) {
            return true;
        }
        if self.steps == self.until {
            self.kept = Some(cursor.to_owned());
            self.until = self.until.saturating_mul(2).max(1);
            self.steps = 0;
        }
        self.steps += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::fake::{Fake, page, search};
    use super::*;
    use crate::answer::Verdict;

    #[test]
    fn circles_of_every_length_are_found() {
        for (tail, length) in (0..20).flat_map(|tail| (1..20).map(move |length| (tail, length))) {
            let mut circle = Circle::default();
            let cursors = (0..tail).chain((0..).map(|step| tail + step % length));
            let found = cursors.take(200).position(|cursor: u64| circle.closes(&cursor.to_string())).unwrap();
            assert!(found as u64 >= tail + length, "{tail} {length}");
            let mut straight = Circle::default();
            assert!((0..200).all(|cursor: u64| !straight.closes(&cursor.to_string())));
        }
    }

    /// A list of five rows on three pages, which says that it has so many, and that the tree grew to that size before the last.
    fn three_pages(total: u64, grown: u64) -> Fake {
        let of = |indexes: &[u64], cursor| page(indexes, cursor).replace("500", &total.to_string());
        let last = of(&[9], None).replace("1000", &grown.to_string());
        Fake::of(vec![
            ("cursor=BB", 200, last.into_bytes()),
            ("cursor=AA", 200, of(&[5, 7], Some("BB")).into_bytes()),
            ("api/v1/statements?", 200, of(&[1, 3], Some("AA")).into_bytes()),
        ])
    }

    /// A server that leaves out the rest of a list, and says so itself, is caught by its own count.
    #[test]
    fn a_list_that_ends_before_its_own_total_does_not_pass() {
        let (answer, _) = search(&three_pages(7, 1_000), &["--all"], false);
        assert_eq!(answer.verdict(), Verdict::Trouble);
        let text = answer.text(false);
        assert!(text.contains("the list ends at 5 of 7 without a cursor"), "{text}");
        let empty = page(&[], None).replace("500", "35");
        let fake = Fake::of(vec![("api/v1/statements?", 200, empty.clone().into_bytes())]);
        let (answer, _) = search(&fake, &["--all"], true);
        assert_eq!(answer.verdict(), Verdict::Trouble);
        assert!(answer.text(true).contains("ends at 0 of 35 without a cursor"), "{}", answer.text(true));
        // While the tree grew, and from a cursor on, fewer rows are right.
        for (fake, words) in
            [(three_pages(7, 1_001), &["--all"][..]), (three_pages(7, 1_000), &["--all", "--cursor=AA"])]
        {
            let (answer, _) = search(&fake, words, false);
            assert_eq!(answer.verdict(), Verdict::Answered, "{}", answer.text(false));
        }
        // One page alone: a warning.
        let fake = Fake::of(vec![("api/v1/statements?", 200, empty.into_bytes())]);
        let (answer, _) = search(&fake, &["--limit", "20"], false);
        let text = answer.text(false);
        assert_eq!(answer.verdict(), Verdict::Answered);
        assert!(text.contains("warning: the list ends at 0 of 35 without a cursor"), "{text}");
    }

    #[test]
    fn a_list_is_followed_to_its_end() {
        let fake = three_pages(5, 1_000);
        let (answer, rows) = search(&fake, &["type=decision", "--all"], true);
        assert_eq!(answer.verdict(), Verdict::Answered, "{}", answer.text(false));
        let rows: Vec<serde_json::Value> =
            rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let indexes: Vec<u64> = rows.iter().map(|row| row["index"].as_u64().unwrap()).collect();
        assert_eq!(indexes, [1, 3, 5, 7, 9]);
        assert!(rows.iter().all(|row| row["event"] == "row"));
        assert_eq!(fake.asked().len(), 3);
    }

    #[test]
    fn a_list_without_an_end_is_noticed() {
        let same = page(&[5], Some("AA"));
        for sort in ["oldest", "newest", "day"] {
            let fake = Fake::of(vec![("api/v1/", 200, same.clone().into_bytes())]);
            let (answer, _) = search(&fake, &["--all", "--sort", sort], false);
            assert_eq!(answer.verdict(), Verdict::Trouble);
            assert!(
                answer.text(false).contains("entry 5 does not come in the order"),
                "{}",
                answer.text(false)
            );
            assert!(
                answer.text(false).contains("rows before that: 1; to go on there: --cursor=AA"),
                "{}",
                answer.text(false)
            );
            assert_eq!(fake.asked().len(), 2);
        }
        // Two pages that lead to each other.
        let fake = Fake::of(vec![
            ("cursor=AA", 200, page(&[6], Some("BB")).into_bytes()),
            ("api/v1/", 200, page(&[5], Some("AA")).into_bytes()),
        ]);
        let (answer, _) = search(&fake, &["--all", "--sort", "day"], false);
        assert!(answer.text(false).contains("circle"), "{}", answer.text(false));
        // The row of the page that closes the circle was not shown.
        assert!(answer.text(false).contains("rows before that: 3;"), "{}", answer.text(false));
        // Ever new cursors.
        let fake = Fake::endless();
        let (answer, _) = search(&fake, &["--all", "--sort", "day"], false);
        assert!(
            answer.text(false).contains("1002 rows so far, of a tree of 1000 entries"),
            "{}",
            answer.text(false)
        );
    }
}
