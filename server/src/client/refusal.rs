//! Answers that are not what was asked for: a problem, a redirect, or something that is no ledger's at all.

use std::time::Duration;

use super::{Answer, ClientError};
use crate::problem::Problem;

/// The most characters of a server's address that are repeated.
const ADDRESS_MAX: usize = 300;

/// Reads at most `limit` bytes of a body, with its status.
pub(super) fn read(response: ureq::http::Response<ureq::Body>, limit: u64) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let seconds = header("retry-after").and_then(|value| value.trim().parse().ok());
    let (retry_after, location) = (seconds.map(Duration::from_secs), header("location"));
    let coding = response.headers().get("content-encoding");
    let coding = coding.map(|coding| String::from_utf8_lossy(coding.as_bytes()).into_owned());
    let body = response.into_body().into_with_config().limit(limit).read_to_vec()?;
    Ok(Answer { status, retry_after, coding, location, body })
}

/// What an answer is that was not asked for.
pub(super) fn refusal(url: String, answer: Answer) -> ClientError {
    let status = answer.status;
    if let Ok(problem) = serde_json::from_slice::<Problem>(&answer.body) {
        return ClientError::Problem { url, status, problem: Box::new(problem) };
    }
    let what = match answer.location.filter(|_| (300..=399).contains(&status)) {
        Some(location) => format!("status {status}, which {}", elsewhere(&url, &location)),
        None if is_page(&answer.body) => format!("status {status} with a page for browsers"),
        None => format!("status {status} without a problem"),
    };
    ClientError::Unexpected { url, what }
}

/// Where a redirect leads. A log sends none, and none is followed: it could lead anywhere.
fn elsewhere(url: &str, location: &str) -> String {
    let address: String = one_line(location).chars().take(ADDRESS_MAX).collect();
    let said = format!("sends to {address}; no redirect is followed");
    let is_whole = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    // The path below the log's own prefix is not known here; what both addresses end with is.
    let base =
        path.and_then(|path| address.strip_suffix(path)).filter(|base| is_whole && base.contains("://"));
    match base {
        Some(base) => format!("{said}. If that is the ledger, give {base}"),
        None => said,
    }
}

/// Whether a body is a page for browsers.
pub(super) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// A server's words on one line: what looks like a line of this program's own is none.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
