//! What every version of a JSON file of ours begins with, judged before anything else in it: a later one may have other members.
//!
//! Such a file is an object of bounded depth and of a bounded number of parts. Names and texts that are not asked for are JSON, and
//! may hold escaped halves of surrogate pairs; numbers have any length.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::bounds::{JSON_DEPTH_MAX, JSON_PARTS_MAX};

/// The texts of these members of the outermost object. `None` if the file is no JSON object within the bounds, or one of the members
/// is no text or does not stand there once.
pub(crate) fn texts_of<const N: usize>(bytes: &[u8], names: [&str; N]) -> Option<[String; N]> {
    // serde_json looks for UTF-8 only in the texts that it keeps.
    let text = std::str::from_utf8(bytes).ok()?;
    if !is_bounded(text) {
        return None;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let texts = Texts(names).deserialize(&mut json).ok()?;
    json.end().ok()?;
    texts.iter().all(Option::is_some).then(|| texts.map(Option::unwrap_or_default))
}

/// Whether no more arrays and objects stand inside each other, and no more parts in all, than a reader must take. The text need
/// not be JSON: where it is none, either answer leads to a refusal.
fn is_bounded(text: &str) -> bool {
    let (mut in_string, mut escaped) = (false, false);
    let (mut depth, mut parts) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            // serde_json looks for these in texts, and not in names.
            ..0x20 if in_string => return false,
            _ if in_string => {}
            b'[' | b'{' => (depth, parts) = (depth.saturating_add(1), parts.saturating_add(1)),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => parts = parts.saturating_add(1),
            _ => {}
        }
        if depth > JSON_DEPTH_MAX || parts > JSON_PARTS_MAX {
            return false;
        }
    }
    true
}

/// Reads the texts of some members of an object, and passes over all others.
struct Texts<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Texts<'_, N> {
    type Value = [Option<String>; N];

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Texts<'_, N> {
    type Value = [Option<String>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the texts {:?}", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { None::<String> }; N];
        while let Some(Name(name)) = map.next_key()? {
            let mut asked_for = self.0.iter().zip(&mut found);
            match asked_for.find(|(asked, _)| asked.as_bytes() == &*name) {
                None => _ = map.next_value::<IgnoredAny>()?,
                Some((_, text)) if text.is_none() => *text = Some(map.next_value()?),
                Some(_) => return Err(A::Error::custom("a member twice")),
            }
        }
        Ok(found)
    }
}

/// A name, read as bytes: half of a surrogate pair, escaped, makes it none of ours, and is no error.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, [u8]>);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn members_are_found_wherever_they_stand() {
        let text = br#" {"x":{"b":[1e999,"\ud800"]},"b":"2","\u0061":"1\n","\udfff":null} "#;
        assert_eq!(texts_of(text, ["a", "b"]), Some(["1\n".to_owned(), "2".to_owned()]));
        assert_eq!(texts_of(text, []), Some([]));
        for names in [["a", "x"], ["a", "c"]] {
            assert_eq!(texts_of(text, names), None);
        }
    }

    #[test]
    fn what_is_no_object_or_has_a_member_twice_has_no_texts() {
        for text in [
            &br#"["a"]"#[..],
            br#""a""#,
            b"",
            br#"{"a":"1","\u0061":"1"}"#,
            br#"{"a":"\ud800"}"#,
            br#"{"a":"1"} {}"#,
            br#"{"a":"1",}"#,
            br#"{"a":"1","b":01}"#,
            b"\xef\xbb\xbf{\"a\":\"1\"}",
            b"{\"a\":\"1\",\"b\":\"\xff\"}",
            b"{\"a\":\"1\",\"b\t\":1}",
            b"{\"a\":\"1\",\"b\":\"\xed\xa0\x80\"}",
        ] {
            assert_eq!(texts_of(text, ["a"]), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn depth_and_parts_are_bounded_and_texts_are_not_looked_into() {
        let nested = |count: usize| format!(r#"{{"a":"1","b":{}{}}}"#, "[".repeat(count), "]".repeat(count));
        let listed = |count: usize| format!(r#"{{"a":"1","b":[{}0]}}"#, "0,".repeat(count));
        let quoted = format!(r#"{{"a":"1","b":"\\\"{}"}}"#, "[,".repeat(JSON_PARTS_MAX));
        let is_read = |text: String| texts_of(text.as_bytes(), ["a"]).is_some();
        assert!(is_read(nested(JSON_DEPTH_MAX - 1)) && !is_read(nested(JSON_DEPTH_MAX)));
        assert!(is_read(listed(JSON_PARTS_MAX - 3)) && !is_read(listed(JSON_PARTS_MAX - 2)));
        assert!(is_read(quoted));
        assert!(!is_read("[".repeat(5_000_000)));
    }
}
