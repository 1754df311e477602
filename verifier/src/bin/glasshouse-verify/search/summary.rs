//! What is said of a list at its end: the verdict, what was not met, and what remains the server's word.

use super::asked::{Asked, Behind};
use super::hit::{Checker, Tally};
use super::list::Page;
use crate::answer::{Answer, Verdict};
use crate::plural::counted;

/// What no answer of a search can show.
pub(super) const NOT_ALL: &str = "That these are all: a search is the server's word. It may leave entries out, and nobody can tell from the answer; \
     `glasshouse-verify export` makes the same rows of a log that it has audited.";

/// What no receipt says.
const NOT_BECOME: &str = "What became of them (standing, amended): that follows from other entries; `receipt --log` asks for one entry, and `log` reads all.";

/// The members of a row that its receipt has to confirm, as JSON and as words have them.
const COMPARED: [(&str, &str); 6] = [
    ("leaf_hash", "leaf hash"),
    ("iss", "issuer"),
    ("sequence", "number"),
    ("sub", "subject"),
    ("type", "type"),
    ("iat", "time"),
];

/// Those that are a row's own words where an amendment changed them.
const COMPARED_UNLESS_AMENDED: [&str; 2] = ["category", "day"];

/// What is known at the end of a list.
pub(super) struct Summary<'a> {
    pub(super) asked: &'a Asked,
    /// The page that came last.
    pub(super) newest: &'a Page,
    pub(super) checker: Option<&'a Checker<'a>>,
    /// How many rows went out.
    pub(super) shown: u64,
    /// Where the list goes on.
    pub(super) cursor: Option<&'a str>,
}

impl Summary<'_> {
    /// The answer; `ended` is why the list ended early.
    pub(super) fn answer(&self, ended: Option<Box<Answer>>) -> Answer {
        let mut answer = self.begin(ended);
        if let Some(checker) = self.checker {
            answer = tallies(answer, checker);
        }
        let newest = self.newest;
        if newest.indexed < newest.size {
            answer = answer.line(format!(
                "its index is behind: it has not looked at the entries from {} to the end of its tree of {}",
                newest.indexed, newest.size
            ));
        }
        let not_proved = match self.checker {
            None => {
                vec![
                    "Anything of this: --check proves each entry by its receipt.".to_owned(),
                    NOT_ALL.to_owned(),
                ]
            }
            Some(checker) => not_proved(checker),
        };
        answer = not_proved
            .iter()
            .fold(answer.line("Not proved:"), |answer, sentence| answer.line(format!("- {sentence}")));
        answer
            .member("place", self.asked.place.as_str())
            .member("size", newest.size)
            .member("indexed", newest.indexed)
            .member("total", newest.total)
            .member("shown", self.shown)
            .member("cursor", self.cursor)
            .member("not_proved", not_proved)
    }

    /// The verdict, what the server says, and where the list goes on. A list that ended early is trouble, unless a row was found
    /// that does not hold.
    fn begin(&self, ended: Option<Box<Answer>>) -> Answer {
        let found = self.found();
        let checked = self.checker.filter(|checker| checker.checked > 0).map(verdict);
        let Some(ended) = ended else {
            let answer = match (checked, self.checker) {
                (Some((verdict, sentence)), _) => Answer::new(verdict, sentence).line(found),
                // Whatever was asked, no receipt has confirmed anything.
                (None, Some(_)) => {
                    Answer::new(Verdict::Answered, format!("{found}; there was nothing to check"))
                }
                (None, None) => Answer::new(Verdict::Answered, found),
            };
            let answer = match self.missing().filter(|_| !self.asked.all) {
                Some(sentence) => answer.line(sentence.as_str()).member("warning", sentence),
                None => answer,
            };
            return match self.cursor {
                Some(cursor) => {
                    answer.line(format!("the list goes on: the same with --cursor={cursor}, or --all"))
                }
                None => answer,
            };
        };
        let why = ended.sentence().to_owned();
        let answer = match checked {
            Some((Verdict::DoesNotHold, sentence)) => Answer::new(Verdict::DoesNotHold, sentence)
                .line(found)
                .line(format!("the search ended early: {why}")),
            Some((_, sentence)) => ended.line(format!("before that: {sentence}")).line(found),
            None => ended.line(found),
        };
        let go_on =
            self.cursor.map_or_else(String::new, |cursor| format!("; to go on there: --cursor={cursor}"));
        answer.line(format!("rows before that: {}{go_on}", self.shown)).member("ended", why)
    }

    /// That the list ends on its first page before the server's own count, if it does. A page behind which it goes on may be short.
    fn missing(&self) -> Option<String> {
        let is_whole = self.asked.behind == Behind::Nothing && self.newest.cursor.is_none();
        (is_whole && self.shown < self.newest.total).then(|| {
            format!(
                "warning: the list ends at {} of {} without a cursor: by its own count it leaves entries out",
                self.shown, self.newest.total
            )
        })
    }

    /// What the server says, in a sentence.
    fn found(&self) -> String {
        let (place, total, indexed) = (&self.asked.place, self.newest.total, self.newest.indexed);
        let tree = counted(indexed, "entry", "entries");
        match total {
            0 => format!("{place} names no entry that meets the conditions, of its tree of {tree}"),
            1 => format!(
                "{place} names {} of 1 entry that by its word meets the conditions, of its tree of {tree}",
                self.shown
            ),
            _ => format!(
                "{place} names {} of {total} entries that by its word meet the conditions, of its tree of {tree}",
                self.shown
            ),
        }
    }
}

/// What is true of every entry, and, behind it, of those that were not amended; nothing where that is nothing.
fn unless_amended(checker: &Checker<'_>, always: &[&str], unless: &[&str]) -> String {
    let all = [always, unless].concat();
    match (unless, checker.amended) {
        ([], _) | (_, 0) => all.join(", "),
        (_, amended) if amended == checker.checked => always.join(", "),
        (_, _) if always.is_empty() => format!("where it was not amended {}", unless.join(", ")),
        _ => format!("{}, and where it was not amended {}", always.join(", "), unless.join(", ")),
    }
}

/// What the receipts do not show.
fn not_proved(checker: &Checker<'_>) -> Vec<String> {
    let mut list = vec![NOT_ALL.to_owned()];
    let (undecided, (_, of_fields)) = (checker.conditions.undecided(), checker.conditions.decided());
    if !undecided.is_empty() {
        list.push(format!(
            "That they meet what was asked of {}: a receipt does not decide that; `glasshouse-verify export` makes rows that can be filtered again.",
            undecided.join(", ")
        ));
    }
    list.push(NOT_BECOME.to_owned());
    if checker.amended > 0 {
        let (rows, were) = (rows(checker.amended), if checker.amended == 1 { "was" } else { "were" });
        let they = if checker.amended == 1 { "it meets" } else { "they meet" };
        let meets = match of_fields.as_slice() {
            [] => String::new(),
            names => format!(", and that {they} what was asked of {}", names.join(", ")),
        };
        list.push(format!(
            "Category and day of {rows}, which by the server's word {were} amended{meets}: that is the amendment's."
        ));
    }
    list
}

fn rows(count: u64) -> String {
    counted(count, "row", "rows")
}

/// What came of the receipts that were checked.
fn verdict(checker: &Checker<'_>) -> (Verdict, String) {
    let (checked, failed, unknown) = (checker.checked, checker.failed.count, checker.not_understood.count);
    match (failed, unknown) {
        (0, 0) => (Verdict::Holds, holds(checker)),
        (0, count) => (
            Verdict::NotUnderstood,
            format!("{} checked, of which this version does not understand {count}", rows(checked)),
        ),
        (count, _) => (
            Verdict::DoesNotHold,
            format!(
                "{} checked, of which {count} {} not hold",
                rows(checked),
                if count == 1 { "does" } else { "do" }
            ),
        ),
    }
}

/// What the receipts showed, where all of them hold.
fn holds(checker: &Checker<'_>) -> String {
    let log = checker.origin.as_ref().map_or_else(|| "a log of the policy".to_owned(), ToString::to_string);
    let each = if checker.checked == 1 { "its entry" } else { "each entry" };
    let compared = unless_amended(checker, &COMPARED.map(|(_, words)| words), &COMPARED_UNLESS_AMENDED);
    let (always, of_fields) = checker.conditions.decided();
    let signed = format!("was signed as its row says ({compared})");
    let proved = match unless_amended(checker, &always, &of_fields).as_str() {
        "" => format!("is on record in {log}, and {signed}"),
        met => format!("is on record in {log}, {signed}, and meets what was asked of {met}"),
    };
    format!("{} checked: {each} {proved}", rows(checker.checked))
}

/// The rows that do not hold or are not understood, and all figures.
fn tallies(answer: Answer, checker: &Checker<'_>) -> Answer {
    let (checked, failed, unknown) = (checker.checked, &checker.failed, &checker.not_understood);
    let (always, of_fields) = checker.conditions.decided();
    let compared = serde_json::json!({"always": COMPARED.map(|(name, _)| name), "unless_amended": COMPARED_UNLESS_AMENDED});
    let conditions = serde_json::json!({"always": always, "unless_amended": of_fields,
        "not_checked": checker.conditions.undecided()});
    named(named(answer, failed), unknown)
        .member("checked", checked)
        .member("held", checked - failed.count - unknown.count)
        .member("amended", checker.amended)
        .member("origin", checker.origin.as_ref().map(ToString::to_string))
        .member("compared", compared)
        .member("conditions", conditions)
        .member("failed", failed.json())
        .member("failed_count", failed.count)
        .member("not_understood", unknown.json())
        .member("not_understood_count", unknown.count)
}

fn named(answer: Answer, tally: &Tally) -> Answer {
    let lines = tally.named.iter().map(|(index, why)| format!("entry {index}: {why}"));
    let answer = lines.fold(answer, Answer::line);
    match tally.count.saturating_sub(tally.named.len() as u64) {
        0 => answer,
        more => answer.line(format!("and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use serde_json::{Value, json};

    use super::super::fake::{
        Fake, check, ledger, page, policy_file, receipt_of, search, search_under, true_row,
    };
    use crate::answer::Verdict;

    #[test]
    fn where_nothing_was_checked_nothing_holds() {
        let (verdict, answer, text) = check(&["type=decision"], &[], (404, vec![]));
        assert_eq!((verdict, &answer["checked"]), (Verdict::Answered, &0.into()), "{text}");
        assert!(text.starts_with("the server's word: "), "{text}");
        assert!(text.contains("there was nothing to check"), "{text}");
    }

    /// The rows that were checked, and what is said of them, are told although a later receipt cannot be had.
    #[test]
    fn a_search_that_ends_early_says_what_it_has_found() {
        let policy = policy_file();
        let fake = Fake::of(vec![
            ("api/v1/receipts/4", 200, receipt_of("decision")),
            ("api/v1/receipts/", 500, vec![]),
            ("cursor=BB", 200, list(&[row(4), row(5)], None)),
            ("api/v1/statements?", 200, list(&[row(1)], Some("BB"))),
        ]);
        let (answer, _) = search_under(&fake, &["--check", "--cursor=BB"], policy.path(), true);
        let json: Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(
            (answer.verdict(), &json["checked"], &json["held"]),
            (Verdict::Trouble, &1.into(), &1.into())
        );
        assert_eq!((&json["statements"][0]["index"], &json["shown"]), (&4.into(), &1.into()), "{json}");
        assert!(json["message"].as_str().unwrap().contains("status 500"), "{json}");
        // The row behind the one that was checked was not looked at: the same page once more.
        assert_eq!(json["cursor"], "BB");
        let text = answer.text(false);
        assert!(text.contains("before that: 1 row checked: its entry is on record"), "{text}");
        assert!(text.contains("rows before that: 1; to go on there: --cursor=BB"), "{text}");
    }

    #[test]
    fn what_is_not_understood_is_told_although_the_search_ends_early() {
        let newer = String::from_utf8(receipt_of("decision")).unwrap().replace("receipt/1", "receipt/2");
        let fake = Fake::of(vec![
            ("api/v1/receipts/4", 200, newer.into_bytes()),
            ("api/v1/receipts/", 500, vec![]),
            ("api/v1/statements?", 200, list(&[row(4), row(5)], None)),
        ]);
        let (answer, _) = search_under(&fake, &["--check"], policy_file().path(), true);
        let json: Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(
            (answer.verdict(), &json["not_understood"][0]["index"]),
            (Verdict::Trouble, &4.into()),
            "{json}"
        );
    }

    #[test]
    fn a_refusal_on_a_later_page_is_told_with_what_was_shown() {
        let problem = json!({"title": "busy", "status": 503, "detail": "later"}).to_string().into_bytes();
        let fake = Fake::of(vec![
            ("cursor=AA", 503, problem),
            ("api/v1/statements?", 200, page(&[1, 3], Some("AA")).into_bytes()),
        ]);
        let (answer, _) = search(&fake, &["--all"], false);
        let json: Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(
            (answer.verdict(), &json["shown"], &json["cursor"]),
            (Verdict::Trouble, &2.into(), &"AA".into())
        );
        assert_eq!(json["problem"]["title"], "busy");
        assert!(answer.text(false).contains("rows before that: 2; to go on there: --cursor=AA"));
    }

    #[test]
    fn one_is_one() {
        let fake = ledger(&[true_row()], (404, vec![]));
        let (answer, _) = search(&fake, &[], false);
        assert!(
            answer.sentence().contains("names 1 of 1 entry that by its word meets"),
            "{}",
            answer.sentence()
        );
    }

    fn row(index: u64) -> Value {
        let mut row = true_row();
        row["index"] = index.into();
        row
    }

    fn list(rows: &[Value], cursor: Option<&str>) -> Vec<u8> {
        json!({"size": 6, "indexed": 6, "total": 6, "statements": rows, "cursor": cursor})
            .to_string()
            .into_bytes()
    }
}
