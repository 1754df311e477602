//! A search as a feed: its newest entries, as Atom (RFC 4287) and as JSON Feed 1.1.
//!
//! An entry of a feed is a line about an entry of the log. It holds codes, names of providers and days; no text of a statement,
//! so that nothing has to be taken back when one is erased.

mod atom;
mod changed;
mod json;
mod line;
mod xml;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::origin::Origin;

pub(crate) use self::changed::changed;
use crate::limits::FEED_ROWS;
use crate::list_view::{ListView, RowView};
use crate::parameters;
use crate::problem::Problem;
use crate::search::{Asked, Conditions};
use crate::texts::feed::FEED;
use crate::texts::{Language, formats};

/// As what a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// RFC 4287.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Form {
    /// The media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Form::Atom => "application/atom+xml; charset=utf-8",
            Form::Json => "application/feed+json; charset=utf-8",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Form::Atom => "/feed.atom",
            Form::Json => "/feed.json",
        }
    }
}

/// What a feed is asked for: conditions, and perhaps where its pages go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedFeed {
    pub(crate) list: Asked,
    /// As it was given.
    cursor: Option<String>,
}

impl AskedFeed {
    /// Reads the pairs of a URL's query. A feed has one order and one length.
    ///
    /// # Errors
    /// `bad-request`, naming the parameter and what it allows.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<AskedFeed, Problem> {
        let known = |name: &str| name == "cursor" || Conditions::has(name);
        if let Some((name, value)) = pairs.iter().find(|(name, _)| !known(name)) {
            let names: Vec<&str> = Conditions::names().into_iter().chain(["cursor"]).collect();
            return Err(parameters::unknown(name, value, &names));
        }
        let fixed = [("sort", "newest".to_owned()), ("limit", FEED_ROWS.to_string())];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
        let list = Asked::parse(&[pairs, &fixed[..]].concat())?;
        let cursor = pairs.iter().find(|(name, _)| name == "cursor").map(|(_, value)| value.clone());
        Ok(AskedFeed { list, cursor })
    }
}

/// A page of a feed.
pub(crate) struct Feed<'a> {
    form: Form,
    language: Language,
    origin: &'a Origin,
    asked: &'a AskedFeed,
    list: &'a ListView,
    /// When each row changed last.
    changed: &'a [String],
}

impl<'a> Feed<'a> {
    /// The feed of a page of a list, in the order that feeds have; and when each of its rows [`changed()`] last.
    pub(crate) fn new(
        (form, language): (Form, Language),
        origin: &'a Origin,
        asked: &'a AskedFeed,
        (list, changed): (&'a ListView, &'a [String]),
    ) -> Feed<'a> {
        Feed { form, language, origin, asked, list, changed }
    }

    /// Every row, and when it changed last.
    fn lines(&self) -> impl Iterator<Item = (&'a RowView, &'a str)> + use<'a> {
        self.list.statements.iter().zip(self.changed.iter().map(String::as_str))
    }

    /// The bytes. They follow from what is shown, so that they change only with it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self.form {
            Form::Atom => self.atom().into_bytes(),
            Form::Json => self.json(),
        }
    }

    /// A name that stays and that no other feed has (RFC 4287 section 4.2.6): of origin, language, form and conditions.
    fn id(&self) -> String {
        let first_page = self.page(None);
        format!("urn:glasshouse:feed:{}", Digest::of(first_page.as_bytes()))
    }

    fn title(&self) -> String {
        let (conditions, texts) = (self.asked.list.conditions().encode(), FEED.in_(self.language));
        match conditions.is_empty() {
            true => format!("{} {}", texts.everything, self.origin),
            false => {
                format!("{} {}{}{conditions}", texts.some, self.origin, formats::colon(self.language))
            }
        }
    }

    /// An address on the ledger. Its origin is its public address without the scheme.
    fn address(&self, path: &str) -> String {
        format!("https://{}{}{path}", self.origin, self.language.prefix())
    }

    fn page(&self, cursor: Option<&String>) -> String {
        let mut pairs = self.asked.list.conditions().pairs();
        pairs.extend(cursor.map(|cursor| ("cursor", cursor.clone())));
        self.with_query(self.form.path(), &pairs)
    }

    fn with_query(&self, path: &str, pairs: &[(&str, String)]) -> String {
        match pairs.is_empty() {
            true => self.address(path),
            false => self.address(&format!("{path}?{}", parameters::encode(pairs))),
        }
    }

    fn own_address(&self) -> String {
        self.page(self.asked.cursor.as_ref())
    }

    fn next_address(&self) -> Option<String> {
        self.list.cursor.as_ref().map(|cursor| self.page(Some(cursor)))
    }

    /// The page for people of the same search.
    fn alternate(&self) -> String {
        self.with_query("/search", &self.asked.list.conditions().pairs())
    }
}

/// Stands for a moment that no calendar has.
const UNKNOWN: &str = "1970-01-01T00:00:00Z";

/// A name of an entry of a feed that no other has, and that stays: its leaf hash.
fn id_of(row: &RowView) -> String {
    format!("urn:glasshouse:entry:{}", row.leaf_hash)
}

/// When it was stated. What no calendar has stands at its beginning.
fn time_of(row: &RowView) -> &str {
    match Instant::parse_rfc3339(&row.iat) {
        Some(_) => &row.iat,
        None => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::state_view::EntryLink;
    use glasshouse_verifier::size::LeafIndex;

    fn row(kind: &str, category: Option<&str>) -> RowView {
        RowView {
            entry: EntryLink::to(LeafIndex::new(7).unwrap()),
            leaf_hash: "ab".repeat(32),
            kind: kind.to_owned(),
            iss: "https://host.example".to_owned(),
            sequence: 3,
            sub: "s:00".to_owned(),
            iat: "2026-11-26T09:00:00Z".to_owned(),
            day: Some("2026-11-25".to_owned()),
            category: category.map(str::to_owned),
            standing: "in_force".to_owned(),
            amended: true,
        }
    }

    fn list(rows: Vec<RowView>, cursor: Option<&str>) -> ListView {
        ListView {
            size: 9,
            indexed: 9,
            total: 9,
            statements: rows,
            cursor: cursor.map(str::to_owned),
            next: None,
        }
    }

    fn asked(pairs: &[(&str, &str)]) -> Result<AskedFeed, Problem> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        AskedFeed::parse(&pairs)
    }

    fn encode(form: Form, language: Language, asked: &AskedFeed, list: &ListView) -> String {
        let origin = Origin::parse("log.example/takedowns").unwrap();
        let changed = vec!["2026-11-27T10:00:00Z".to_owned(); list.statements.len()];
        String::from_utf8(Feed::new((form, language), &origin, asked, (list, &changed)).encode()).unwrap()
    }

    #[test]
    fn a_feed_says_what_it_is_of_and_where_it_goes_on() {
        let asked = asked(&[("q", "<script>&\"x\""), ("type", "decision")]).unwrap();
        let list = list(vec![row("decision", Some("STATEMENT_CATEGORY_VIOLENCE"))], Some("abc"));
        let atom = encode(Form::Atom, Language::English, &asked, &list);
        assert!(
            !atom.contains("<script") && atom.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
        );
        for part in [
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://log.example/takedowns/feed.atom?type=decision&amp;q=%3Cscript%3E%26%22x%22\"/>",
            "<link rel=\"next\" type=\"application/atom+xml\" href=\"https://log.example/takedowns/feed.atom?type=decision&amp;q=%3Cscript%3E%26%22x%22&amp;cursor=abc\"/>",
            "<link rel=\"alternate\" type=\"text/html\" href=\"https://log.example/takedowns/e/7\"/>",
            "<updated>2026-11-27T10:00:00Z</updated>",
            "<published>2026-11-26T09:00:00Z</published>",
            "<category term=\"STATEMENT_CATEGORY_VIOLENCE\"/>",
        ] {
            assert!(atom.contains(part), "{part}\n{atom}");
        }
        let json: serde_json::Value =
            serde_json::from_str(&encode(Form::Json, Language::French, &asked, &list)).unwrap();
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(
            (&json["language"], &json["items"][0]["url"]),
            (&"fr".into(), &"https://log.example/takedowns/fr/e/7".into())
        );
        assert!(json["next_url"].as_str().unwrap().ends_with("&cursor=abc"));
        assert_eq!(json["items"][0]["id"], format!("urn:glasshouse:entry:{}", "ab".repeat(32)));
    }

    #[test]
    fn an_empty_feed_is_one_too_and_the_bytes_follow_from_the_rows() {
        let asked = asked(&[]).unwrap();
        let empty = encode(Form::Atom, Language::English, &asked, &list(vec![], None));
        assert!(empty.contains("<updated>1970-01-01T00:00:00Z</updated>") && !empty.contains("<entry>"));
        let mut grown = list(vec![row("decision", None)], None);
        let before = encode(Form::Json, Language::English, &asked, &grown);
        (grown.size, grown.indexed, grown.total) = (99, 99, 99);
        assert_eq!(
            before,
            encode(Form::Json, Language::English, &asked, &grown),
            "the log grew, the result did not"
        );
        grown.statements[0].standing = "lifted".to_owned();
        assert_ne!(before, encode(Form::Json, Language::English, &asked, &grown));
    }

    #[test]
    fn no_two_feeds_have_one_name() {
        let (decisions, refusals) =
            (asked(&[("type", "decision")]).unwrap(), asked(&[("type", "no_action")]).unwrap());
        let id = |language, asked| {
            let atom = encode(Form::Atom, language, asked, &list(vec![], Some("abc")));
            atom.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned()
        };
        let english = id(Language::English, &decisions);
        assert!(english.starts_with("urn:glasshouse:feed:"));
        assert_ne!(english, id(Language::French, &decisions));
        assert_ne!(english, id(Language::English, &refusals));
        let mut behind = decisions.clone();
        behind.cursor = Some("abc".to_owned());
        assert_eq!(english, id(Language::English, &behind), "a page of a feed is the same feed");
    }

    #[test]
    fn a_feed_has_one_order_and_one_length() {
        for (name, value) in [("sort", "oldest"), ("limit", "3"), ("after", "7"), ("colour", "red")] {
            let problem = asked(&[(name, value)]).unwrap_err();
            assert_eq!((problem.errors[0].path.as_str(), problem.errors[0].rule.as_str()), (name, "unknown"));
        }
        assert_eq!(asked(&[("cursor", "!")]).unwrap_err().errors[0].path, "cursor");
    }
}
