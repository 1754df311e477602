//! What a statement is about: the claim `sub` (RFC 8392 §3.1.2). Statements on one subject share it.

use std::fmt;

use thiserror::Error;

use crate::fault::Fault;
use crate::issuer::{Issuer, is_host};
use crate::origin::Origin;

/// The text is no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "subject: not s:<32 lower-case hex digits>, domain:<host>, asn:<1 to 4294967295>, log:<origin> or provider:<issuer>"
)]
pub struct SubjectError;

impl SubjectError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// The kinds of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// `s:` and 32 lower-case hexadecimal digits: a random pseudonym that the provider keeps.
    Pseudonym,
    /// `domain:` and a lower-case host name in A-labels with at least two labels.
    Domain,
    /// `asn:` and the number of an autonomous system, 1 to 4294967295.
    Asn,
    /// `log:` and an origin: statements on the log itself.
    Log,
    /// `provider:` and an issuer: statements on a provider's keys and numbers.
    Provider,
}

/// A subject in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    text: String,
    kind: SubjectKind,
}

impl Subject {
    /// Reads one of the five kinds.
    pub fn parse(text: &str) -> Result<Subject, SubjectError> {
        let (prefix, rest) = text.split_once(':').ok_or(SubjectError)?;
        let (kind, good) = match prefix {
            "s" => (SubjectKind::Pseudonym, is_pseudonym(rest)),
            "domain" => (SubjectKind::Domain, is_host(rest)),
            "asn" => (SubjectKind::Asn, is_asn(rest)),
            "log" => (SubjectKind::Log, Origin::parse(rest).is_ok()),
            "provider" => (SubjectKind::Provider, Issuer::parse(rest).is_ok()),
            _ => return Err(SubjectError),
        };
        if good { Ok(Subject { text: text.to_owned(), kind }) } else { Err(SubjectError) }
    }

    /// The pseudonym made of 16 random bytes.
    pub fn pseudonym(random: [u8; 16]) -> Subject {
        Subject { text: format!("s:{}", hex::encode(random)), kind: SubjectKind::Pseudonym }
    }

    /// The log of that origin.
    pub fn log(origin: &Origin) -> Subject {
        Subject { text: format!("log:{origin}"), kind: SubjectKind::Log }
    }

    /// The provider, or the registrar, of that name.
    pub fn provider(issuer: &Issuer) -> Subject {
        Subject { text: format!("provider:{issuer}"), kind: SubjectKind::Provider }
    }

    /// Which kind it is.
    pub fn kind(&self) -> SubjectKind {
        self.kind
    }

    /// Whether a decision can be about it: a pseudonym, a domain or an autonomous system.
    pub fn is_moderated(&self) -> bool {
        matches!(self.kind, SubjectKind::Pseudonym | SubjectKind::Domain | SubjectKind::Asn)
    }

    /// The text, as it stands in statements.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What follows the prefix and its colon.
    pub fn rest(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, rest)| rest)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_pseudonym(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_asn(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    digits && text.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn each_kind_has_one_spelling() {
        for (good, kind) in [
            ("s:000102030405060708090a0b0c0d0e0f", SubjectKind::Pseudonym),
            ("domain:kiwifarms.net", SubjectKind::Domain),
            ("domain:xn--bcher-kva.example", SubjectKind::Domain),
            ("asn:1", SubjectKind::Asn),
            ("asn:4294967295", SubjectKind::Asn),
            ("log:ledger.example/x", SubjectKind::Log),
            ("provider:https://www.cloudflare.com", SubjectKind::Provider),
            ("provider:https://ledger.example/x", SubjectKind::Provider),
        ] {
            let subject = Subject::parse(good).unwrap();
            assert_eq!((subject.as_str(), subject.kind()), (good, kind));
        }
        for bad in [
            "",
            "s:",
            "s:000102030405060708090A0B0C0D0E0F",
            "s:000102030405060708090a0b0c0d0e",
            "s:000102030405060708090a0b0c0d0e0f00",
            "S:000102030405060708090a0b0c0d0e0f",
            "domain:localhost",
            "domain:Kiwifarms.net",
            "domain:kiwifarms.net.",
            "domain:https://kiwifarms.net",
            "domain:kiwifarms.net:80",
            "asn:0",
            "asn:01",
            "asn:+1",
            "asn:",
            "asn:4294967296",
            "asn:AS1",
            "log:",
            "log:https://ledger.example",
            "provider:www.cloudflare.com",
            "url:https://kiwifarms.net",
            "account:x",
            "kiwifarms.net",
        ] {
            assert_eq!(Subject::parse(bad), Err(SubjectError), "{bad}");
        }
    }

    #[test]
    fn constructors_write_what_the_parser_reads() {
        let origin = Origin::parse("ledger.example").unwrap();
        let issuer = Issuer::of_registrar(&origin);
        for subject in [Subject::pseudonym([0xab; 16]), Subject::log(&origin), Subject::provider(&issuer)] {
            assert_eq!(Subject::parse(subject.as_str()).unwrap(), subject);
        }
        assert_eq!(Subject::log(&origin).rest(), "ledger.example");
    }
}
