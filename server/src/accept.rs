//! Which media types a request asks for (RFC 9110 §12.5.1), as far as a route has several forms of one answer.

use axum::http::{HeaderMap, header};

/// One COSE message, whatever it is (RFC 9052 §2).
pub(crate) const COSE: &str = "application/cose";
/// A signed or transparent statement (RFC 9943).
pub(crate) const STATEMENT_COSE: &str = "application/scitt-statement+cose";
/// A COSE receipt (RFC 9943).
pub(crate) const RECEIPT_COSE: &str = "application/scitt-receipt+cose";

/// The media types that a request names, without those that it declines by `q=0`.
#[derive(Debug)]
pub(crate) struct Accepted<'h>(Vec<&'h str>);

impl<'h> Accepted<'h> {
    /// Reads the fields `Accept`.
    pub(crate) fn of(headers: &'h HeaderMap) -> Accepted<'h> {
        let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let named = ranges.flat_map(|value| value.split(',')).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let declined = parts.any(|part| matches!(part, "q=0" | "q=0." | "q=0.0" | "q=0.00" | "q=0.000"));
            (!declined).then_some(name)
        });
        Accepted(named.collect())
    }

    /// Whether it names this one.
    pub(crate) fn names(&self, media_type: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(media_type))
    }

    /// Whether it names any JSON.
    pub(crate) fn names_json(&self) -> bool {
        self.0.iter().any(|name| name.ends_with("json"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_is_named_and_not_declined_counts() {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, "application/cose; q=0, text/plain;q=0.5".parse().unwrap());
        headers.append(header::ACCEPT, "Application/SCITT-Receipt+COSE".parse().unwrap());
        let accepted = Accepted::of(&headers);
        assert!(accepted.names("text/plain") && accepted.names(RECEIPT_COSE));
        assert!(!accepted.names(COSE) && !accepted.names_json() && !accepted.names(STATEMENT_COSE));
    }
}
