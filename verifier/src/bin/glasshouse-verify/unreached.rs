//! Why a server did not answer, in words, with what to do next.

use std::io::ErrorKind;
use std::time::Duration;

use crate::pauses::PAUSES_MAX;
use crate::printable;

/// The widest address that is repeated, in columns.
const ADDRESS_MAX: usize = 300;

/// A failure of a request to the server with this prefix, which has `patience` for an answer.
pub(crate) fn in_words(error: &ureq::Error, prefix: &str, patience: Duration) -> String {
    let text = error.to_string();
    match error {
        ureq::Error::Timeout(_) => format!(
            "no whole answer within {} seconds: the server or the line is too slow, or the server hangs. Try again later; `log` \
             and `export` with --state go on where they stood",
            patience.as_secs()
        ),
        ureq::Error::Io(io) if io.kind() == ErrorKind::ConnectionRefused => format!(
            "{text}: nothing listens there. Does the server run, and is {prefix} its address, with its port?"
        ),
        ureq::Error::Io(io)
            if matches!(io.kind(), ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) =>
        {
            format!("{text}: there is no way to it. Is this machine connected, and is {prefix} the address?")
        }
        ureq::Error::HostNotFound => {
            format!("{text}: no host has that name. Is {prefix} spelt right, and is this machine connected?")
        }
        ureq::Error::ConnectionFailed => format!("{text}. Does the server run, and is {prefix} its address?"),
        _ => of_scheme(text, prefix),
    }
}

/// What to do where the scheme of the log's URL is wrong.
fn of_scheme(text: String, prefix: &str) -> String {
    // How the TLS library names an answer that is no TLS record, and the HTTP library one that is no HTTP.
    let is_no_tls = text.contains("InvalidContentType");
    let is_no_http = text.contains("http parse fail");
    match (prefix.strip_prefix("https://"), prefix.strip_prefix("http://")) {
        (Some(rest), _) if is_no_tls => format!(
            "{text}: the server does not speak TLS; if you meant a server without TLS, give http://{rest}: that the log is the right one is then shown by the key or policy that you gave, if you have it from elsewhere"
        ),
        (_, Some(rest)) if is_no_http => {
            format!("{text}: this is no HTTP; if the server speaks TLS, give https://{rest}")
        }
        _ => text,
    }
}

/// A status that is no answer to what was asked for at that path. A log sends no redirect, and none is followed: it could lead
/// anywhere.
pub(crate) fn of_status(status: u16, location: Option<&str>, path: &str) -> String {
    let said = format!("the server answered with status {status}");
    let busy = match status {
        429 => "it takes fewer requests of one reader in so much time than were sent",
        503 => "it has too much to do, or is not ready",
        _ => "",
    };
    if !busy.is_empty() {
        return format!(
            "{said}: {busy}. It was waited for as long as it asks, for {} seconds at most. Try again later; `log` and `export` \
             with --state go on where they stood",
            PAUSES_MAX.as_secs()
        );
    }
    let Some(location) = location.filter(|_| (300..=399).contains(&status)) else { return said };
    let is_whole = ["http://", "https://"].iter().any(|scheme| location.starts_with(scheme));
    let base = location.strip_suffix(path).filter(|_| is_whole).map(|base| base.trim_end_matches('/'));
    let next = base.map(|base| format!(": if that is the log, give {}", printable::line(base, ADDRESS_MAX)));
    let location = printable::line(location, ADDRESS_MAX);
    format!("{said}, and sends to {location}. No redirect is followed{}", next.unwrap_or_default())
}
