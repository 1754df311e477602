//! Who says something: a provider's or a registrar's HTTPS origin, the claim `iss` (RFC 8392 §3.1.1).

use std::fmt;

use thiserror::Error;

use crate::fault::Fault;
use crate::origin::Origin;

const SCHEME: &str = "https://";

/// The most characters of a host name (RFC 1035 §2.3.4, without the final dot).
const HOST_MAX: usize = 253;

/// The text is no issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "issuer: not https://, a lower-case host name of two or more labels, and an optional port other than 443"
)]
pub struct IssuerError;

impl IssuerError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// An HTTPS origin that signs statements. Two kinds have one type, since a log may live at a bare host:
///
/// - a provider: `https://` + lower-case A-label host of at least two labels + optional `:port` other than 443;
/// - a registrar: `https://` + the origin of its log, which may have a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(String);

impl Issuer {
    /// Reads the issuer of a provider.
    pub fn parse_provider(text: &str) -> Result<Issuer, IssuerError> {
        let rest = text.strip_prefix(SCHEME).ok_or(IssuerError)?;
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        };
        if is_host(host) && port.is_none_or(is_port) { Ok(Issuer(text.to_owned())) } else { Err(IssuerError) }
    }

    /// Reads an issuer of either kind.
    pub fn parse(text: &str) -> Result<Issuer, IssuerError> {
        let origin = text.strip_prefix(SCHEME).ok_or(IssuerError)?;
        match Origin::parse(origin) {
            Ok(_) => Ok(Issuer(text.to_owned())),
            Err(_) => Issuer::parse_provider(text),
        }
    }

    /// The registrar's issuer in the log of that origin.
    pub fn of_registrar(origin: &Origin) -> Issuer {
        Issuer(origin.registrar_issuer())
    }

    /// Whether this is the registrar of the log of that origin.
    pub fn is_registrar_of(&self, origin: &Origin) -> bool {
        self.0.strip_prefix(SCHEME) == Some(origin.as_str())
    }

    /// Whether a provider may have this issuer.
    pub fn is_provider(&self) -> bool {
        Issuer::parse_provider(&self.0).is_ok()
    }

    /// The text, as it stands in statements.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows `https://`: host, and port or path if any.
    pub fn authority(&self) -> &str {
        self.0.strip_prefix(SCHEME).unwrap_or_default()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is a lower-case host name in A-labels (RFC 5890 §2.3.2.1) with at least two labels, at most 253
/// characters, without a final dot.
pub(crate) fn is_host(text: &str) -> bool {
    text.len() <= HOST_MAX && text.contains('.') && text.split('.').all(is_label)
}

/// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?` (RFC 1123 §2.1, RFC 1035 §2.3.4).
fn is_label(label: &str) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(inner)
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

/// 1 to 65535 without a leading zero; 443 is not written, so that an origin has one spelling (RFC 6454 §6.2).
fn is_port(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    digits && text.parse::<u16>().is_ok_and(|port| port != 443)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn providers_have_one_spelling() {
        let long = "a".repeat(63);
        let longest = format!("https://{long}.{long}.{long}.{}", "b".repeat(61));
        for good in [
            "https://www.cloudflare.com",
            "https://a.b",
            "https://xn--bcher-kva.example:8443",
            "https://1.2.3.4:1",
            "https://a.example:65535",
            &longest,
        ] {
            assert_eq!(Issuer::parse_provider(good).unwrap().as_str(), good);
            assert!(Issuer::parse(good).unwrap().is_provider());
        }
        let too_long = format!("{longest}b");
        for bad in [
            "",
            "https://",
            "http://a.example",
            "HTTPS://a.example",
            "https://a",
            "https://a.example.",
            "https://.example",
            "https://a..example",
            "https://A.example",
            "https://bücher.example",
            "https://-a.example",
            "https://a-.example",
            "https://a_b.example",
            "https://a.example/",
            "https://a.example/x",
            "https://a.example?x",
            "https://u@a.example",
            "https://a.example:",
            "https://a.example:0",
            "https://a.example:080",
            "https://a.example:443",
            "https://a.example:65536",
            "https://a.example:+80",
            "https://a.example:80:80",
            "https://a.example ",
            &format!("https://{long}a.example"),
            &too_long,
        ] {
            assert_eq!(Issuer::parse_provider(bad), Err(IssuerError), "{bad}");
        }
    }

    #[test]
    fn a_registrar_may_have_a_path_and_port_443() {
        let origin = Origin::parse("log.example:443/takedowns").unwrap();
        let registrar = Issuer::of_registrar(&origin);
        assert_eq!(registrar.as_str(), "https://log.example:443/takedowns");
        assert_eq!(Issuer::parse(registrar.as_str()).unwrap(), registrar);
        assert!(registrar.is_registrar_of(&origin) && !registrar.is_provider());
        assert_eq!(registrar.authority(), origin.as_str());
        assert!(Issuer::parse("https:///").is_err() && Issuer::parse("log.example").is_err());
    }
}
