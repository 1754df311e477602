//! Where a log is read from: an HTTP server, or a folder laid out like one. Every answer is bounded.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use flate2::read::GzDecoder;

/// A checkpoint with its signatures (C2SP signed-note allows 64 of them here).
pub(crate) const NOTE_LIMIT: u64 = 256 * 1024;
/// A full tile: 256 hashes.
pub(crate) const TILE_LIMIT: u64 = 256 * 32;
/// A full bundle: 256 entries of 65,535 bytes with their lengths.
pub(crate) const BUNDLE_LIMIT: u64 = 256 * (65_535 + 2);

/// As many answers are waited for at once, each over a connection of its own that is kept open.
pub(crate) const IN_FLIGHT: usize = 8;

/// What gzip adds to bytes that cannot be made smaller, beside a thousandth of them: its head, its tail, its blocks.
const GZIP_FRAME: u64 = 4_096;

/// Whole seconds that one answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Reads resources by their path below the log's prefix.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// An HTTP server; the prefix has no final slash.
    Http(Box<ureq::Agent>, String),
    /// A mirror on disk.
    Folder(PathBuf),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// The connection, the server's status, or the disk.
    #[error("{path}: {why}")]
    Unreadable {
        /// What was asked for.
        path: String,
        /// What went wrong.
        why: String,
    },
    /// More bytes than such a resource can have.
    #[error("{path}: the answer is longer than {limit} bytes, the most that such a resource can have")]
    TooLong {
        /// What was asked for.
        path: String,
        /// The bound in bytes.
        limit: u64,
    },
}

impl Source {
    /// `http://…`, `https://…`, or a folder.
    pub(crate) fn new(place: &str) -> Source {
        if !place.starts_with("http://") && !place.starts_with("https://") {
            return Source::Folder(PathBuf::from(place));
        }
        // A redirect could lead anywhere, and a log that follows the specification never sends one.
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(true)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_idle_connections(IN_FLIGHT)
            .max_idle_connections_per_host(IN_FLIGHT)
            .user_agent(concat!("glasshouse-verify/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Source::Http(Box::new(agent), place.trim_end_matches('/').to_owned())
    }

    /// The bytes of a resource, `None` where there is none (404, or no such file).
    pub(crate) fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.fetch(path, limit, &[404])
    }

    /// The bytes of a text, `None` where it is not served: 404, 410, or 451 for one that was erased.
    pub(crate) fn text(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.fetch(path, limit, &[404, 410, 451])
    }

    /// Whether it has a folder of texts at all. A server is not asked.
    pub(crate) fn may_have_texts(&self) -> bool {
        match self {
            Source::Http(..) => true,
            Source::Folder(folder) => folder.join("addenda").is_dir(),
        }
    }

    /// Whether questions can be put to it.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Source::Http(..))
    }

    fn fetch(&self, path: &str, limit: u64, absent: &[u16]) -> Result<Option<Vec<u8>>, SourceError> {
        let unreadable = |why: String| SourceError::Unreadable { path: path.to_owned(), why };
        let mut bytes = Vec::new();
        match self {
            Source::Http(agent, prefix) => {
                // gzip is asked for, as c2sp.org/tlog-tiles wants it. The bounds are on what comes out and on what goes in, so
                // that neither an answer that is small on the wire and endless when unpacked nor one that never unpacks lasts.
                let request =
                    agent.get(format!("{prefix}/{path}")).header("accept-encoding", "gzip, identity");
                let mut answer = request.call().map_err(|error| unreadable(in_words(&error, prefix)))?;
                match answer.status().as_u16() {
                    200 => {}
                    status if absent.contains(&status) => return Ok(None),
                    status => return Err(unreadable(format!("the server answered with status {status}"))),
                }
                let coding = answer.headers().get("content-encoding").cloned();
                let body = answer.body_mut().as_reader();
                let read = match coding.as_ref().map(|coding| coding.as_bytes()) {
                    None | Some(b"identity") => body.take(limit + 1).read_to_end(&mut bytes),
                    Some(b"gzip") => GzDecoder::new(body.take(limit + limit / 1_000 + GZIP_FRAME))
                        .take(limit + 1)
                        .read_to_end(&mut bytes),
                    Some(_) => {
                        let why = format!("the answer is encoded as {coding:?}, which was not asked for");
                        return Err(unreadable(why));
                    }
                };
                read.map_err(|error| unreadable(error.to_string()))?;
            }
            Source::Folder(folder) => {
                let file = match File::open(folder.join(path)) {
                    Ok(file) => file,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(unreadable(error.to_string())),
                };
                file.take(limit + 1)
                    .read_to_end(&mut bytes)
                    .map_err(|error| unreadable(error.to_string()))?;
            }
        }
        if bytes.len() as u64 > limit {
            return Err(SourceError::TooLong { path: path.to_owned(), limit });
        }
        Ok(Some(bytes))
    }

    /// As [`Source::get`], where a missing resource is an error.
    pub(crate) fn need(&self, path: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
        self.get(path, limit)?.ok_or_else(|| SourceError::Unreadable {
            path: path.to_owned(),
            why: "there is no such resource, and a log of this size must have it".to_owned(),
        })
    }
}

/// A failure in words, with what to do where the scheme of the log's URL is wrong.
fn in_words(error: &ureq::Error, prefix: &str) -> String {
    let text = error.to_string();
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_wrong_scheme_is_named() {
        let plain: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let alert: &[u8] = b"\x15\x03\x03\x00\x02\x02\x0a";
        let without = "if you meant a server without TLS, give http://HOST/ledger: that the log";
        let with = "if the server speaks TLS, give https://HOST/ledger";
        for (scheme, answer, hint) in [("https", plain, without), ("http", alert, with)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let host = listener.local_addr().unwrap().to_string();
            let place = format!("{scheme}://{host}/ledger/");
            let served = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 4096]).unwrap();
                stream.write_all(answer).unwrap();
            });
            let error = Source::new(&place).need("checkpoint", NOTE_LIMIT).unwrap_err().to_string();
            assert!(error.contains(&hint.replace("HOST", &host)), "{error}");
            served.join().unwrap();
        }
    }
}
