//! Where a log is said to be: the URL of a server, or a folder. What can be neither is wrong usage, and is told before
//! anything is asked: an answer that there is no such resource would be blamed on the log.

use std::path::Path;

use ureq::http::Uri;

use crate::answer::Trouble;

/// Whether a log can be read from there: a URL, or a folder that is there.
pub(crate) fn check_place(place: &str) -> Result<(), Trouble> {
    let folder = Path::new(place);
    match folder.is_dir() {
        true if !folder.join("checkpoint").exists() && folder.join("public/checkpoint").exists() => {
            Err(Trouble(format!(
                "{place}: there is no checkpoint here: this is a ledger's own folder, and the log lies in {}",
                folder.join("public").display()
            )))
        }
        true => Ok(()),
        false if is_http(place) => check_url(place),
        false => Err(Trouble(format!(
            "{place}: a log's URL begins with https:// or http://, and there is no folder of that name"
        ))),
    }
}

/// Whether another place than the log's can be asked. One that is not there now is worth a line, and ends no audit.
pub(crate) fn check_other_place(place: &str) -> Result<(), Trouble> {
    if place.contains("://") { check_url(place) } else { Ok(()) }
}

/// Whether questions can be put to it: a URL that paths can be put behind.
pub(crate) fn check_url(place: &str) -> Result<(), Trouble> {
    let trouble = |why: &dyn std::fmt::Display| Err(Trouble(format!("{place}: {why}")));
    let Some(rest) = place.strip_prefix("https://").or_else(|| place.strip_prefix("http://")) else {
        return trouble(&"a log's URL begins with https:// or http://");
    };
    if place.contains(['?', '#']) {
        return trouble(&"a log's URL has no ? and no #: paths are put behind it");
    }
    let host = rest.split('/').next().unwrap_or_default();
    if let Some((_, host)) = host.rsplit_once('@') {
        // What stands before it is not said again: it would be in terminals and in logs.
        let without = "a log's URL has no user name and no password: what a log holds is public";
        return Err(Trouble(format!("a URL at {host}: {without}")));
    }
    // Colons within brackets are those of an IPv6 address.
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    if name.is_empty() {
        return trouble(&"a log's URL names a host");
    }
    // The HTTP library takes a port that is none for the scheme's own.
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return trouble(&"a port is a number from 1 to 65535");
    }
    match place.parse::<Uri>() {
        Ok(_) => Ok(()),
        Err(error) => trouble(&format!("this is not spelt as a URL is: {error}")),
    }
}

fn is_http(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}
