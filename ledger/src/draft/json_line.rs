//! One line of authoring JSON as bytes: bounded before it becomes values, and refused where a member stands twice.
//!
//! A value takes ten times the memory of the shortest JSON for it, so the values are counted first.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json_form::pointer;

/// Longest line, in bytes. A line with every text at its maximum has about 12 MiB.
pub const MAX_LINE: usize = 16 << 20;

/// Most values of a line, at any depth. A line with every list at its greatest length has some 6,000.
pub const MAX_VALUES: usize = 20_000;

/// Lists and objects of a line stand at most so deep inside each other; the deepest member, an order's, stands in 3.
pub const MAX_DEPTH: usize = 16;

/// Longest path to a member that is named, in characters. The longest to a real member has about 60; a member's name can have
/// megabytes.
pub(crate) const MAX_PATH: usize = 200;

/// What some editors put in front of UTF-8; RFC 8259 §8.1 forbids it in JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line that is a JSON object within the bounds, in which no member stands twice.
#[derive(Debug, Clone)]
pub struct JsonLine {
    /// The object.
    pub value: Value,
}

/// Why a line cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Too many bytes.
    #[error("a line has at most {MAX_LINE} bytes")]
    TooLong,
    /// Too many values.
    #[error("a line has at most {MAX_VALUES} values, all lists and objects counted")]
    TooManyValues,
    /// Nested too deeply.
    #[error("lists and objects stand at most {MAX_DEPTH} deep inside each other")]
    TooDeep,
    /// No JSON, or no UTF-8.
    #[error("at column {column}: {why}; each line is one JSON object in UTF-8, on that line alone")]
    NotJson {
        /// Where, in bytes from 1.
        column: usize,
        /// What the parser says; it repeats nothing of the line.
        why: String,
    },
    /// A member stands twice in one object. Readers differ in which of the two they keep (RFC 7493 §2.3 forbids it), and with
    /// `withheld` a text would be served that was to be withheld.
    #[error("a name that stands once in its object: take out the member that is not meant")]
    RepeatedMember {
        /// JSON Pointer to it.
        path: String,
    },
    /// JSON, but no object.
    #[error("each line is one JSON object")]
    NotAnObject,
}

impl LineFault {
    /// The stable name of the rule.
    pub fn rule(&self) -> &'static str {
        match self {
            LineFault::TooLong => "too-long",
            LineFault::TooManyValues => "too-many-values",
            LineFault::TooDeep => "too-deep",
            LineFault::NotJson { .. } => "not-json",
            LineFault::RepeatedMember { .. } => "repeated-member",
            LineFault::NotAnObject => "wrong-type",
        }
    }

    /// JSON Pointer to what is wrong; empty for the line as a whole.
    pub fn path(&self) -> &str {
        match self {
            LineFault::RepeatedMember { path } => path,
            _ => "",
        }
    }
}

impl JsonLine {
    /// Reads a line.
    ///
    /// # Errors
    /// The one reason why it cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<JsonLine, LineFault> {
        if bytes.len() > MAX_LINE {
            return Err(LineFault::TooLong);
        }
        if bytes.starts_with(BYTE_ORDER_MARK) {
            let why = "a byte order mark stands in front of it: save the file without one".to_owned();
            return Err(LineFault::NotJson { column: 1, why });
        }
        let mut census = Census::default();
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let walked = Walk { census: &mut census, depth: 0 }.deserialize(&mut parser);
        if let Err(error) = walked.and_then(|()| parser.end()) {
            return Err(census.stopped.unwrap_or_else(|| not_json(&error)));
        }
        match serde_json::from_slice(bytes) {
            Ok(value @ Value::Object(_)) => Ok(JsonLine { value }),
            Ok(_) => Err(LineFault::NotAnObject),
            Err(error) => Err(not_json(&error)),
        }
    }
}

fn not_json(error: &serde_json::Error) -> LineFault {
    if error.is_eof() {
        let why = "the object does not end on its line".to_owned();
        return LineFault::NotJson { column: error.column(), why };
    }
    let why = error.to_string();
    let end = why.find(" at line ").unwrap_or(why.len());
    LineFault::NotJson { column: error.column(), why: why.get(..end).unwrap_or_default().to_owned() }
}

/// One step of a JSON Pointer.
enum Step {
    Name(String),
    Index(usize),
}

/// What was counted so far.
#[derive(Default)]
struct Census {
    values: usize,
    steps: Vec<Step>,
    stopped: Option<LineFault>,
}

impl Census {
    /// Where the walk is, as a JSON Pointer, cut after [`MAX_PATH`] characters.
    fn path(&self) -> String {
        let step = |step: &Step| match step {
            Step::Name(name) => format!("/{}", pointer(name)),
            Step::Index(index) => format!("/{index}"),
        };
        let whole: String = self.steps.iter().map(step).collect();
        whole.chars().take(MAX_PATH).collect()
    }
}

/// Walks over a value without keeping it.
struct Walk<'a> {
    census: &'a mut Census,
    depth: usize,
}

impl Walk<'_> {
    fn inner(&mut self) -> Walk<'_> {
        Walk { census: self.census, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.census.values += 1;
        if self.census.values > MAX_VALUES {
            self.census.stopped = Some(LineFault::TooManyValues);
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.enter()?;
        for index in 0.. {
            self.census.steps.push(Step::Index(index));
            let more = list.next_element_seed(self.inner())?;
            self.census.steps.pop();
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.enter()?;
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let repeated = !names.insert(name.clone());
            self.census.steps.push(Step::Name(name));
            if repeated {
                self.census.stopped = Some(LineFault::RepeatedMember { path: self.census.path() });
                return Err(A::Error::custom("a member stands twice"));
            }
            map.next_value_seed(self.inner())?;
            self.census.steps.pop();
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// A list or an object begins.
    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth >= MAX_DEPTH {
            self.census.stopped = Some(LineFault::TooDeep);
            return Err(E::custom("too deep"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn fault(bytes: &[u8]) -> LineFault {
        JsonLine::parse(bytes).unwrap_err()
    }

    #[test]
    fn a_line_within_the_bounds_is_read() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(MAX_DEPTH - 1), "]".repeat(MAX_DEPTH - 1));
        assert!(JsonLine::parse(deep.as_bytes()).is_ok());
        let many = format!("{{\"a\":[0{}]}}", ",0".repeat(MAX_VALUES - 3));
        assert!(JsonLine::parse(many.as_bytes()).is_ok());
    }

    #[test]
    fn each_bound_has_its_own_fault() {
        assert_eq!(fault(&vec![b' '; MAX_LINE + 1]), LineFault::TooLong);
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert_eq!(fault(deep.as_bytes()), LineFault::TooDeep);
        let many = format!("{{\"a\":[0{}]}}", ",0".repeat(MAX_VALUES - 2));
        assert_eq!(fault(many.as_bytes()), LineFault::TooManyValues);
        assert_eq!(fault(b"[1]"), LineFault::NotAnObject);
        assert_eq!(fault(b"7"), LineFault::NotAnObject);
    }

    #[test]
    fn what_is_no_json_is_named_with_its_column_and_nothing_of_it() {
        for (text, column) in [
            (&b"{\"secret\": \xff}"[..], 12),
            (b"{\"secret\": 1e999}", 16),
            (b"{\"secret\": \"", 12),
            (b"{\"secret\": 1} x", 15),
            (b"\xef\xbb\xbf{\"secret\": 1}", 1),
        ] {
            let LineFault::NotJson { column: found, why } = fault(text) else {
                panic!("{}", String::from_utf8_lossy(text));
            };
            assert!(!why.contains("secret") && !why.is_empty(), "{why}");
            assert_eq!(found, column, "{why}");
        }
    }

    #[test]
    fn a_member_that_stands_twice_is_named() {
        for (line, path) in [
            (r#"{"puid":"a","puid":"b"}"#, "/puid"),
            (r#"{"puid":"a","puid":"a"}"#, "/puid"),
            (r#"{"withheld":{"contact":{}},"\u0077ithheld":null}"#, "/withheld"),
            (r#"{"legal_basis":{"kind":"x","kind":"y"},"puid":"a"}"#, "/legal_basis/kind"),
            (r#"{"l":[{},{"a/b":1,"a/b":2}]}"#, "/l/1/a~1b"),
        ] {
            let fault = fault(line.as_bytes());
            assert_eq!((fault.rule(), fault.path()), ("repeated-member", path), "{line}");
        }
        let name = "é".repeat(1 << 20);
        let long = fault(format!("{{\"{name}\":1,\"{name}\":2}}").as_bytes());
        assert_eq!(long.path().chars().count(), MAX_PATH);
        let apart = JsonLine::parse(br#"{"a":{"x":1},"b":{"x":2},"A":[{"x":1},{"x":2}]}"#).unwrap();
        assert_eq!(apart.value["b"]["x"], 2);
    }
}
