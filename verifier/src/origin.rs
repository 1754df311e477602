//! The name of a log: the first line of its checkpoints, and the `aud` of every statement in it.

use crate::bounds::NAME_MAX;
use crate::fault::Fault;

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Empty, or more than 255 bytes.
    #[error("an origin has 1 to 255 bytes")]
    Length,
    /// A character outside `a-z 0-9 . : / -`.
    #[error("an origin consists of a-z, 0-9, '.', ':', '/' and '-'")]
    Character,
    /// An empty part: a slash at an end, or two together.
    #[error("an origin does not begin or end with '/' and has no two together, so it has no scheme either")]
    Slash,
}

impl OriginError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// A log's public URL without its scheme, such as `ledger.example` or `ledger.example:8080/takedowns`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Checks the grammar: 1 to 255 bytes of `[a-z0-9.:/-]`, no '/' at either end, no "//".
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if text.is_empty() || text.len() > NAME_MAX {
            return Err(OriginError::Length);
        }
        if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b':' | b'/' | b'-')) {
            return Err(OriginError::Character);
        }
        if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
            return Err(OriginError::Slash);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The issuer of the registrar's statements in this log: `https://` and the origin.
    pub fn registrar_issuer(&self) -> String {
        format!("https://{}", self.0)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar() {
        for right in ["a", "ledger.example", "127.0.0.1:8080", "log.example/takedowns/2026-h1"] {
            assert_eq!(Origin::parse(right).map(|o| o.to_string()), Ok(right.to_owned()));
        }
        assert!(Origin::parse(&"a".repeat(255)).is_ok());
        for (wrong, why) in [
            ("", OriginError::Length),
            (&*"a".repeat(256), OriginError::Length),
            ("Ledger.example", OriginError::Character),
            ("ledger example", OriginError::Character),
            ("a+b", OriginError::Character),
            ("ledger.example\n", OriginError::Character),
            ("https://ledger.example", OriginError::Slash),
            ("/ledger", OriginError::Slash),
            ("ledger/", OriginError::Slash),
        ] {
            assert_eq!(Origin::parse(wrong), Err(why), "{wrong:?}");
        }
    }
}
