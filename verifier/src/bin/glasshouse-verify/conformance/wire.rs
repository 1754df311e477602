//! HTTP as it is on the wire: statuses, headers and bodies just as they come, each bounded.

use std::io::Read as _;
use std::time::Duration;

use crate::answer::Trouble;
use crate::source::BUNDLE_LIMIT;

/// Whole seconds that one answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// As much of a body is read: the longest bundle that the specification allows is shorter, with what gzip adds to it where it
/// cannot be made smaller.
const BODY_MAX: u64 = 17 << 20;
const _: () = assert!(BUNDLE_LIMIT + BUNDLE_LIMIT / 1_000 < BODY_MAX);

/// One server, under one prefix.
pub(crate) struct Wire {
    agent: ureq::Agent,
    prefix: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    /// The body as it was sent, still coded.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// A header's value, in lower case; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_ascii_lowercase()
    }

    /// The body without its gzip.
    pub(crate) fn plain(&self) -> Result<Vec<u8>, String> {
        match self.header("content-encoding").as_str() {
            "" | "identity" => Ok(self.body.clone()),
            "gzip" => {
                let mut bytes = Vec::new();
                let mut decoder = flate2::read::GzDecoder::new(self.body.as_slice()).take(BODY_MAX + 1);
                decoder
                    .read_to_end(&mut bytes)
                    .map_err(|error| format!("its gzip cannot be read: {error}"))?;
                if bytes.len() as u64 > BODY_MAX {
                    Err("it unpacks to more than 17 MiB".to_owned())
                } else {
                    Ok(bytes)
                }
            }
            other => Err(format!("it is coded as {other:?}, which was not asked for")),
        }
    }

    /// Whether a cache may keep it for at least a day.
    pub(crate) fn is_cached_long(&self) -> bool {
        let value = self.header("cache-control");
        let age = value.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
        !value.contains("no-store") && !value.contains("no-cache") && age.is_some_and(|age| age >= 86_400)
    }

    /// Whether a cache may keep it for more than ten seconds.
    pub(crate) fn is_cached_too_long(&self) -> bool {
        let value = self.header("cache-control");
        if value.contains("no-store") || value.contains("no-cache") {
            return false;
        }
        let age = |name: &str| {
            value.split(',').find_map(|part| part.trim().strip_prefix(name)?.parse::<u64>().ok())
        };
        age("s-maxage=").or(age("max-age=")).is_none_or(|age| age > 10)
    }
}

impl Wire {
    /// `http://…` or `https://…`; nothing is asked yet.
    pub(crate) fn new(url: &str) -> Result<Wire, Trouble> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Trouble(format!("{url}: a URL begins with https:// or http://")));
        }
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("glasshouse-verify/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Wire { agent, prefix: url.trim_end_matches('/').to_owned() })
    }

    /// GET with these codings allowed.
    pub(crate) fn get(&self, path: &str, accept_encoding: &str) -> Result<Reply, Trouble> {
        let url = format!("{}/{path}", self.prefix);
        let request = self.agent.get(&url).header("accept-encoding", accept_encoding);
        read(request.call(), &url)
    }

    /// GET of plain bytes.
    pub(crate) fn plain(&self, path: &str) -> Result<Reply, Trouble> {
        self.get(path, "identity")
    }

    /// POST of these bytes.
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Reply, Trouble> {
        let url = format!("{}/{path}", self.prefix);
        read(self.agent.post(&url).send(body), &url)
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, url: &str) -> Result<Reply, Trouble> {
    let mut answer = answer.map_err(|error| Trouble(format!("{url}: {error}")))?;
    let mut body = Vec::new();
    let mut reader = answer.body_mut().as_reader().take(BODY_MAX + 1);
    reader.read_to_end(&mut body).map_err(|error| Trouble(format!("{url}: {error}")))?;
    if body.len() as u64 > BODY_MAX {
        return Err(Trouble(format!("{url}: the answer is longer than 17 MiB")));
    }
    Ok(Reply { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
}
