//! What somebody looks for among the entries: a set of conditions with one spelling, which is the query of a URL.
//!
//! Conditions look at an entry as it stands now ([`Current`](crate::current::Current)): at its fields as amended, and at what later entries say.

mod matching;
mod parameter;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use glasshouse_verifier::day::Day;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::targets::SequenceRange;

use crate::near::near;

pub use self::parameter::{NONE, Parameter};

/// What a parameter asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One of these codes.
    AnyOf(Vec<&'static str>),
    /// This issuer.
    Issuer(Issuer),
    /// This subject.
    Subject(Subject),
    /// A number in this range.
    Numbers(SequenceRange),
    /// A day.
    Day(Day),
    /// A place.
    Index(LeafIndex),
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::AnyOf(codes) => f.write_str(&codes.join(",")),
            Wanted::Issuer(issuer) => f.write_str(issuer.authority()),
            Wanted::Subject(subject) => subject.fmt(f),
            Wanted::Numbers(range) => write!(f, "{}-{}", range.first(), range.last()),
            Wanted::Day(day) => day.fmt(f),
            Wanted::Index(index) => index.fmt(f),
        }
    }
}

/// Why a parameter cannot be what was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {allowed}")]
pub struct QueryError {
    /// The parameter's name as it was given.
    pub parameter: String,
    /// The rule that it breaks: `unknown`, `duplicate`, `not-a-code`, `grammar`, or `out-of-range` for an end before its
    /// beginning.
    pub rule: &'static str,
    /// What was given.
    pub given: String,
    /// What would be allowed.
    pub allowed: String,
    /// What may have been meant, the likeliest first.
    pub near: Vec<String>,
}

/// Conditions, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    wanted: BTreeMap<Parameter, Wanted>,
}

impl Query {
    /// Reads the pairs of a URL's query. A list of codes is separated by commas: any of them.
    ///
    /// # Errors
    ///
    /// [`QueryError`]: an unknown parameter, one that is given twice, an unknown code, a value of another form, a last day
    /// before the first one.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Query, QueryError> {
        let mut query = Query::default();
        for (name, text) in pairs {
            let wrong = |rule, given: &str, allowed: String| QueryError {
                parameter: name.to_owned(),
                rule,
                given: given.to_owned(),
                allowed,
                near: Vec::new(),
            };
            let Some(parameter) = Parameter::find(name) else {
                let names: Vec<&str> = Parameter::ALL.iter().map(|known| known.as_str()).collect();
                let allowed = format!("the parameters are {}", names.join(", "));
                let near = near(name, names).into_iter().map(str::to_owned).collect();
                return Err(QueryError { near, ..wrong("unknown", text, allowed) });
            };
            if query.wanted.contains_key(&parameter) {
                let allowed =
                    "this parameter is given once; several codes are separated by commas".to_owned();
                return Err(wrong("duplicate", text, allowed));
            }
            let wanted = read(parameter, text).map_err(|(rule, given)| QueryError {
                near: meant(parameter, given),
                ..wrong(rule, given, parameter.allowed())
            })?;
            query.wanted.insert(parameter, wanted);
        }
        query.check_days()?;
        Ok(query)
    }

    /// A last day before the first one would find nothing, and say so as if there were nothing.
    fn check_days(&self) -> Result<(), QueryError> {
        let day = |parameter| match self.wanted.get(&parameter) {
            Some(Wanted::Day(day)) => Some(*day),
            _ => None,
        };
        for (first, last) in
            [(Parameter::From, Parameter::To), (Parameter::OutcomeFrom, Parameter::OutcomeTo)]
        {
            if let (Some(from), Some(to)) = (day(first), day(last)) {
                check_order((first.as_str(), from), (last.as_str(), to))?;
            }
        }
        Ok(())
    }

    /// The same conditions and one more, which takes the place of an earlier one for that parameter. For queries that a
    /// program makes: `values` that the parameter does not allow ask for nothing, so nothing is found.
    #[must_use]
    pub fn with(mut self, parameter: Parameter, values: &str) -> Query {
        let wanted = read(parameter, values).unwrap_or(Wanted::AnyOf(Vec::new()));
        self.wanted.insert(parameter, wanted);
        self
    }

    /// What each parameter asks for, in the order in which a query is written.
    pub fn wanted(&self) -> impl Iterator<Item = (Parameter, &Wanted)> {
        self.wanted.iter().map(|(parameter, wanted)| (*parameter, wanted))
    }

    /// The query as it stands in a URL behind the question mark. No value holds a character that is escaped there.
    pub fn encode(&self) -> String {
        let pairs = self.wanted().map(|(parameter, wanted)| format!("{}={wanted}", parameter.as_str()));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// That the last day of a range, a parameter of that name, is not before its first.
///
/// # Errors
///
/// `out-of-range`, for the last one.
pub fn check_order((first, from): (&str, Day), (last, to): (&str, Day)) -> Result<(), QueryError> {
    if from <= to {
        return Ok(());
    }
    Err(QueryError {
        parameter: last.to_owned(),
        rule: "out-of-range",
        given: to.to_string(),
        allowed: format!("a day that is not before {from}, the one of {first}"),
        near: Vec::new(),
    })
}

/// What may have been meant by a value that a parameter does not allow.
fn meant(parameter: Parameter, given: &str) -> Vec<String> {
    let given = given.trim();
    match parameter {
        Parameter::Provider => {
            let lower = given.to_lowercase().trim_end_matches('/').to_owned();
            Some(lower).filter(|lower| read(parameter, lower).is_ok()).into_iter().collect()
        }
        Parameter::Sub => subjects_like(given),
        _ => meant_codes(given, &parameter.codes()).into_iter().map(str::to_owned).collect(),
    }
}

/// The subjects that may be meant by what people write for one: a host in any case, or the address of its first page, a number of
/// a network.
pub fn subjects_like(given: &str) -> Vec<String> {
    let lower = given.trim().to_lowercase();
    let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let plain =
        host.map_or(lower.as_str(), |host| host.strip_suffix('/').unwrap_or(host)).trim_end_matches('.');
    let spellings = [plain.to_owned(), format!("domain:{plain}"), format!("asn:{plain}")];
    spellings.into_iter().filter(|spelling| Subject::parse(spelling).is_ok()).collect()
}

/// The code that is spelt so in another case, or those that look like it; every code of two letters looks like every other.
fn meant_codes(given: &str, codes: &[&'static str]) -> Vec<&'static str> {
    match codes.iter().find(|code| code.eq_ignore_ascii_case(given)) {
        Some(code) => vec![code],
        None if given.len() < 4 => Vec::new(),
        None => near(given, codes.iter().copied()),
    }
}

/// Reads a parameter's value; an error is the rule and the part of the text that breaks it.
fn read(parameter: Parameter, text: &str) -> Result<Wanted, (&'static str, &str)> {
    let grammar = ("grammar", text);
    match parameter {
        Parameter::Provider => {
            let with_scheme = match text.strip_prefix("https://") {
                Some(_) => text.to_owned(),
                None => format!("https://{text}"),
            };
            Issuer::parse(&with_scheme).map(Wanted::Issuer).map_err(|_| grammar)
        }
        Parameter::Sub => Subject::parse(text).map(Wanted::Subject).map_err(|_| grammar),
        Parameter::Numbers => {
            let (first, last) = text.split_once('-').ok_or(grammar)?;
            let number = |text: &str| text.parse().ok().and_then(Sequence::new);
            let range = number(first).zip(number(last)).and_then(|(a, b)| SequenceRange::new(a, b));
            range.map(Wanted::Numbers).ok_or(grammar)
        }
        Parameter::From | Parameter::To | Parameter::OutcomeFrom | Parameter::OutcomeTo => {
            Day::parse(text).map(Wanted::Day).ok_or(grammar)
        }
        Parameter::Before => LeafIndex::parse(text).map(Wanted::Index).map_err(|_| grammar),
        _ => {
            let codes = parameter.codes();
            let known = |text| codes.iter().copied().find(|code| *code == text).ok_or(("not-a-code", text));
            text.split(',').map(known).collect::<Result<_, _>>().map(Wanted::AnyOf)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Query, QueryError> {
        Query::parse(pairs.iter().copied())
    }

    #[test]
    fn every_parameter_is_read_and_written_again() {
        for parameter in Parameter::ALL {
            let codes = parameter.codes().into_iter().take(2).collect::<Vec<_>>().join(",");
            let value = match parameter {
                Parameter::Provider => "host.example:8443",
                Parameter::Sub => "domain:forum.example",
                Parameter::Numbers => "7-9",
                Parameter::Before => "12",
                _ if codes.is_empty() => "2025-07-01",
                _ => codes.as_str(),
            };
            let query = parse(&[(parameter.as_str(), value)]).unwrap();
            assert_eq!(query.encode(), format!("{}={value}", parameter.as_str()));
            assert_eq!(Query::default().with(parameter, value), query);
            assert!(!parameter.allowed().is_empty());
            let wrong = parse(&[(parameter.as_str(), "\u{e9}")]).unwrap_err();
            assert_eq!((wrong.parameter.as_str(), wrong.given.as_str()), (parameter.as_str(), "\u{e9}"));
        }
    }

    #[test]
    fn a_query_has_one_order_and_needs_no_escapes() {
        let pairs = [
            ("to", "2025-12-31"),
            ("type", "decision"),
            ("provider", "https://host.example"),
            ("vocabulary", "dsa-tdb/2"),
        ];
        let text = parse(&pairs).unwrap().encode();
        assert_eq!(text, "provider=host.example&type=decision&vocabulary=dsa-tdb/2&to=2025-12-31");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:,=&".contains(&b);
        assert!(text.bytes().all(plain));
        for codes in Parameter::ALL.iter().flat_map(|parameter| parameter.codes()) {
            assert!(codes.bytes().all(|b| plain(b) && !b",=&".contains(&b)), "{codes}");
        }
    }

    #[test]
    fn errors_name_the_parameter_and_what_it_allows() {
        for (pairs, parameter, rule, given) in [
            (&[("colour", "red")][..], "colour", "unknown", "red"),
            (&[("type", "decision"), ("type", "lifted")], "type", "duplicate", "lifted"),
            (&[("type", "decision,decree")], "type", "not-a-code", "decree"),
            (&[("type", "")], "type", "not-a-code", ""),
            (&[("from", "2025-02-30")], "from", "grammar", "2025-02-30"),
            (&[("numbers", "9-7")], "numbers", "grammar", "9-7"),
            (&[("provider", "HOST")], "provider", "grammar", "HOST"),
            (&[("before", "007")], "before", "grammar", "007"),
            (&[("to", "2025-01-01"), ("from", "2025-01-02")], "to", "out-of-range", "2025-01-01"),
            (
                &[("outcome_from", "2025-01-02"), ("outcome_to", "2025-01-01")],
                "outcome_to",
                "out-of-range",
                "2025-01-01",
            ),
        ] {
            let error = parse(pairs).unwrap_err();
            assert_eq!(
                (error.parameter.as_str(), error.rule, error.given.as_str()),
                (parameter, rule, given)
            );
        }
        assert!(parse(&[("to", "2025-01-01"), ("from", "2025-01-01"), ("outcome_to", "2024-01-01")]).is_ok());
        let error = parse(&[("standing", "gone")]).unwrap_err();
        assert_eq!(
            error.allowed,
            "one or more of in_force, lifted, partially_reversed, reversed, stands, withdrawn, separated by commas"
        );
    }

    #[test]
    fn errors_say_what_may_have_been_meant() {
        for (name, given, meant) in [
            ("territory", "de", &["DE"][..]),
            ("territory", "XX", &[]),
            ("standing", "lift", &["lifted"]),
            ("category", "fraud", &["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]),
            ("teritory", "DE", &["territory"]),
            ("provider", "Host.Example", &["host.example"]),
            ("provider", "host.example/", &["host.example"]),
            ("sub", "Forum.example", &["domain:forum.example"]),
            ("sub", "64496", &["asn:64496"]),
            ("colour", "red", &[]),
            ("from", "yesterday", &[]),
        ] {
            assert_eq!(parse(&[(name, given)]).unwrap_err().near, meant, "{name}={given}");
        }
    }
}
