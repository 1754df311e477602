//! Conditional and range requests (RFC 9110 §13 and §14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// Whether `If-None-Match` names the tag, so that the answer is 304. The tag is given with its quotes; comparison is
/// weak, as RFC 9110 §13.1.2 wants it.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// What a `Range` header asks of a resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range, one that is not understood, several, or one whose `If-Range` does not hold.
    Whole,
    /// These bytes: not empty, within the resource.
    Part(Range<usize>),
    /// Bytes that are not there.
    Outside,
}

/// Reads `Range` and `If-Range` for a resource of `size` bytes with this tag.
pub(super) fn wanted(headers: &HeaderMap, size: usize, tag: &str) -> Wanted {
    let mut ranges = headers.get_all(header::RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Wanted::Whole;
    };
    if headers.get(header::IF_RANGE).is_some_and(|held| held.as_bytes() != tag.as_bytes()) {
        return Wanted::Whole;
    }
    let Some(spec) = range.to_str().ok().and_then(|text| text.strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    match spec.trim().split_once('-') {
        // The last n bytes.
        Some(("", length)) => match decimal(length) {
            None => Wanted::Whole,
            Some(0) => Wanted::Outside,
            Some(_) if size == 0 => Wanted::Outside,
            Some(length) => Wanted::Part(size.saturating_sub(length)..size),
        },
        Some((first, "")) => match decimal(first) {
            None => Wanted::Whole,
            Some(first) => part(first, size, size),
        },
        Some((first, last)) => match (decimal(first), decimal(last)) {
            (Some(first), Some(last)) if first <= last => part(first, last.saturating_add(1), size),
            _ => Wanted::Whole,
        },
        None => Wanted::Whole,
    }
}

fn part(first: usize, end: usize, size: usize) -> Wanted {
    if first < size { Wanted::Part(first..end.min(size)) } else { Wanted::Outside }
}

/// ASCII digits; a number too great to hold is as good as the greatest.
fn decimal(text: &str) -> Option<usize> {
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn range(text: &'static str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, text.parse().unwrap());
        wanted(&headers, 100, "\"t\"")
    }

    #[test]
    fn single_ranges() {
        assert_eq!(range("bytes=0-0"), Wanted::Part(0..1));
        assert_eq!(range("bytes=10-19"), Wanted::Part(10..20));
        assert_eq!(range("bytes=90-"), Wanted::Part(90..100));
        assert_eq!(range("bytes=90-99999999999999999999999"), Wanted::Part(90..100));
        assert_eq!(range("bytes=-7"), Wanted::Part(93..100));
        assert_eq!(range("bytes=-700"), Wanted::Part(0..100));
        assert_eq!(range("bytes=100-"), Wanted::Outside);
        assert_eq!(range("bytes=-0"), Wanted::Outside);
    }

    #[test]
    fn what_is_no_single_range_gives_the_whole() {
        for text in
            ["bytes=0-1,3-4", "bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=+1-2", "0-1"]
        {
            assert_eq!(range(text), Wanted::Whole, "{text}");
        }
    }

    #[test]
    fn a_range_of_another_version_gives_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-1".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"old\"".parse().unwrap());
        assert_eq!(wanted(&headers, 100, "\"new\""), Wanted::Whole);
        assert_eq!(wanted(&headers, 100, "\"old\""), Wanted::Part(0..2));
    }

    #[test]
    fn known_tags() {
        let mut headers = HeaderMap::new();
        assert!(!is_known(&headers, "\"a\""));
        headers.insert(header::IF_NONE_MATCH, "\"x\", W/\"a\"".parse().unwrap());
        assert!(is_known(&headers, "\"a\""));
        assert!(!is_known(&headers, "\"b\""));
        headers.insert(header::IF_NONE_MATCH, "*".parse().unwrap());
        assert!(is_known(&headers, "\"b\""));
    }
}
