//! What a search asks for: conditions as they were given, an order, where the list goes on. The words are the server's to
//! judge; only those that have an option of their own are refused here.

use super::Arguments;
use crate::answer::Trouble;

/// The most rows of one answer (spec/http.md, Lists).
pub(super) const LIMIT_MAX: u64 = 1_000;

/// The most rows of an answer that was asked for without a limit (the same).
const LIMIT_USUAL: u64 = 100;

/// The most bytes of path and query (spec/http.md, Limits), the slash before the path among them. The path of the ledger's own
/// prefix counts, too, where nothing in front of it takes that off, and is short.
const PATH_AND_QUERY_MAX: usize = 2_048;

/// The bytes of a ledger's cursor: 20 bytes in base64 without padding.
const CURSOR_USUAL: usize = 27;

/// Parameters that are no conditions, and the option of each.
const OPTIONS: [(&str, &str); 5] = [
    ("after", "--after INDEX"),
    ("cursor", "--cursor CURSOR"),
    ("limit", "--limit N"),
    ("sort", "--sort ORDER"),
    ("by", "--counts A[,B]"),
];

/// In which order rows have to come, as far as their indexes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Ascending,
    Descending,
    /// By day, or an order that this version does not know.
    Other,
}

impl Order {
    /// Whether a row may stand behind another one.
    pub(super) fn allows(self, before: u64, behind: u64) -> bool {
        match self {
            Order::Ascending => before < behind,
            Order::Descending => before > behind,
            Order::Other => before != behind,
        }
    }
}

/// Where a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Behind {
    Nothing,
    Index(u64),
    Cursor(String),
}

/// A search.
#[derive(Debug)]
pub(super) struct Asked {
    /// The ledger's URL.
    pub(super) place: String,
    /// Whether the list is followed to its end.
    pub(super) all: bool,
    /// Where it begins.
    pub(super) behind: Behind,
    conditions: Vec<(String, String)>,
    sort: Option<String>,
    limit: Option<u64>,
}

impl Asked {
    /// Reads the words of the command line.
    pub(super) fn of(arguments: &Arguments) -> Result<Asked, Trouble> {
        let words = arguments.conditions.iter().map(|word| condition(word));
        let mut conditions = words.collect::<Result<Vec<_>, _>>()?;
        conditions.extend(arguments.q.iter().map(|words| ("q".to_owned(), words.clone())));
        let behind = match (&arguments.cursor, arguments.after) {
            (Some(cursor), _) => Behind::Cursor(cursor.clone()),
            (None, Some(index)) => Behind::Index(index),
            (None, None) => Behind::Nothing,
        };
        let asked = Asked {
            place: arguments.place.clone(),
            all: arguments.all,
            behind,
            conditions,
            sort: arguments.sort.clone(),
            limit: arguments.limit.or(arguments.all.then_some(LIMIT_MAX)),
        };
        let longest = asked.longest(arguments.counts.as_deref());
        match longest > PATH_AND_QUERY_MAX {
            true => Err(Trouble(format!(
                "the conditions: a ledger takes {PATH_AND_QUERY_MAX} bytes of path and query, and these are {longest} where each is escaped"
            ))),
            false => Ok(asked),
        }
    }

    /// The bytes of the longest path with query that is asked for.
    fn longest(&self, by: Option<&str>) -> usize {
        let later = || self.list(&Behind::Cursor("-".repeat(CURSOR_USUAL)));
        let paths = match by {
            Some(by) => vec![self.counts(by)],
            None if self.all => vec![self.list(&self.behind), later()],
            None => vec![self.list(&self.behind)],
        };
        paths.iter().map(|path| "/".len() + path.len()).max().unwrap_or(0)
    }

    /// What has to be true of an entry.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.conditions.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The order that the rows must have.
    pub(super) fn order(&self) -> Order {
        match self.sort.as_deref() {
            None | Some("oldest") => Order::Ascending,
            Some("newest") => Order::Descending,
            Some(_) => Order::Other,
        }
    }

    /// How many rows an answer may have.
    pub(super) fn limit(&self) -> u64 {
        self.limit.unwrap_or(LIMIT_USUAL)
    }

    /// The path of a page of the list, below the ledger's URL.
    pub(super) fn list(&self, behind: &Behind) -> String {
        let mut pairs = self.pairs();
        pairs.extend(self.sort.iter().map(|sort| ("sort", sort.clone())));
        pairs.extend(self.limit.iter().map(|limit| ("limit", limit.to_string())));
        match behind {
            Behind::Nothing => {}
            Behind::Index(index) => pairs.push(("after", index.to_string())),
            Behind::Cursor(cursor) => pairs.push(("cursor", cursor.clone())),
        }
        format!("api/v1/statements?{}", encode(&pairs))
    }

    /// The path of the counts by these dimensions.
    pub(super) fn counts(&self, by: &str) -> String {
        let mut pairs = self.pairs();
        pairs.push(("by", by.to_owned()));
        format!("api/v1/counts?{}", encode(&pairs))
    }

    fn pairs(&self) -> Vec<(&str, String)> {
        self.conditions.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
    }
}

fn condition(word: &str) -> Result<(String, String), Trouble> {
    let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err(Trouble(format!(
            "{word}: a condition is written NAME=VALUE, such as territory=DE; words of texts q=WORDS"
        )));
    };
    match OPTIONS.iter().find(|(taken, _)| *taken == name) {
        Some((name, option)) => Err(Trouble(format!("{word}: {name} is no condition: write {option}"))),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

/// Pairs as they stand in a URL behind the question mark. What is no letter, no digit and none of `-._~,` is escaped.
fn encode(pairs: &[(&str, String)]) -> String {
    let escaped = |text: &str| {
        let mut escaped = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'-' | b'.' | b'_' | b'~' | b',' => escaped.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
                _ => escaped.push_str(&format!("%{byte:02X}")),
            }
        }
        escaped
    };
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::fake::arguments;
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked, Trouble> {
        Asked::of(&arguments("http://127.0.0.1:9", words))
    }

    #[test]
    fn words_are_sent_as_they_are() {
        let all =
            asked(&["q=\"fake shop\" -refund", "territory=DE,AT", "a&b=c=d%20é\u{1b}", "--sort", "-day"])
                .unwrap();
        let query = "q=%22fake%20shop%22%20-refund&territory=DE,AT&a%26b=c%3Dd%2520%C3%A9%1B";
        assert_eq!(all.list(&Behind::Nothing), format!("api/v1/statements?{query}&sort=-day"));
        assert_eq!(all.counts("provider,month"), format!("api/v1/counts?{query}&by=provider,month"));
        assert_eq!((all.order(), all.limit()), (Order::Other, 100));
        let all = asked(&["--q", "-x", "--all", "--cursor", "-A b"]).unwrap();
        assert_eq!(all.list(&all.behind), "api/v1/statements?q=-x&limit=1000&cursor=-A%20b");
        let some = asked(&["--sort", "newest", "--limit", "5", "--after", "7"]).unwrap();
        assert_eq!(some.list(&some.behind), "api/v1/statements?sort=newest&limit=5&after=7");
        assert_eq!(some.order(), Order::Descending);
    }

    /// As many bytes as a ledger takes, and one more: with the slash before the path, and with the cursor of a later page.
    #[test]
    fn the_longest_question_is_one_that_a_ledger_takes() {
        for (more, rest) in [
            (&[][..], "/api/v1/statements?q=".len()),
            (&["--all"], "/api/v1/statements?q=&limit=1000&cursor=".len() + 27),
            (&["--counts", "type"], "/api/v1/counts?q=&by=type".len()),
        ] {
            for (bytes, is_taken) in [(2_048, true), (2_049, false)] {
                let condition = format!("q={}", "x".repeat(bytes - rest));
                let taken = asked(&[&[condition.as_str()], more].concat());
                assert_eq!(taken.is_ok(), is_taken, "{more:?} {bytes}");
            }
        }
    }

    #[test]
    fn what_is_no_condition_is_named() {
        let long = format!("q={}", "é".repeat(500));
        for (word, said) in [
            ("territory", "NAME=VALUE"),
            ("=x", "NAME=VALUE"),
            ("cursor=x", "--cursor CURSOR"),
            ("after=1", "--after INDEX"),
            ("limit=5", "--limit N"),
            ("sort=day", "--sort ORDER"),
            ("by=provider", "--counts A[,B]"),
            (long.as_str(), "2048 bytes"),
        ] {
            let error = asked(&[word]).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
