//! Where a log is read from: an HTTP server, or a folder laid out like one. Every answer is bounded.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;

use crate::pauses::{Pauses, TELLER};
use crate::unreached::{in_words, of_status};

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

/// So much is read of a page that says that the server has too much to do.
const PAGE_MAX: u64 = 16 * 1024;

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

/// What a server answered to a question, whatever its status.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, unpacked.
    pub(crate) body: Vec<u8>,
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

    /// The answer to a question, which may be a problem with a body of its own.
    pub(crate) fn ask(&self, path: &str, limit: u64) -> Result<Reply, SourceError> {
        let unreadable = |why: String| SourceError::Unreadable { path: path.to_owned(), why };
        let Source::Http(agent, prefix) = self else {
            return Err(unreadable("a folder answers no questions".to_owned()));
        };
        let mut answer = call(agent, prefix, path).map_err(unreadable)?;
        let status = answer.status().as_u16();
        if (300..=399).contains(&status) || status == 429 {
            return Err(unreadable(of_status(status, location(&answer), path)));
        }
        let body = unpacked(&mut answer, prefix, limit).map_err(unreadable)?;
        Ok(Reply { status, body: bounded(body, path, limit)? })
    }

    fn fetch(&self, path: &str, limit: u64, absent: &[u16]) -> Result<Option<Vec<u8>>, SourceError> {
        let unreadable = |why: String| SourceError::Unreadable { path: path.to_owned(), why };
        let bytes = match self {
            Source::Http(agent, prefix) => {
                let mut answer = call(agent, prefix, path).map_err(unreadable)?;
                match answer.status().as_u16() {
                    200 => {}
                    status if absent.contains(&status) => return Ok(None),
                    status => return Err(unreadable(of_status(status, location(&answer), path))),
                }
                unpacked(&mut answer, prefix, limit).map_err(unreadable)?
            }
            Source::Folder(folder) => match from_file(&folder.join(path), limit) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(unreadable(error.to_string())),
            },
        };
        bounded(bytes, path, limit).map(Some)
    }

    /// As [`Source::get`], where a missing resource is an error.
    pub(crate) fn need(&self, path: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
        self.get(path, limit)?.ok_or_else(|| SourceError::Unreadable {
            path: path.to_owned(),
            why: "there is no such resource, and a log of this size must have it".to_owned(),
        })
    }
}

/// GET, again and again while the server has too much to do. gzip is asked for, as c2sp.org/tlog-tiles wants it.
fn call(agent: &ureq::Agent, prefix: &str, path: &str) -> Result<ureq::http::Response<ureq::Body>, String> {
    let mut pauses = Pauses::new();
    loop {
        let request = agent.get(format!("{prefix}/{path}")).header("accept-encoding", "gzip, identity");
        let mut answer = request.call().map_err(|error| in_words(&error, prefix, TIMEOUT))?;
        let status = answer.status().as_u16();
        let Some(pause) = pauses.after(status, header(&answer, "retry-after")) else {
            return Ok(answer);
        };
        if let Some(line) = TELLER.line(status, pause, Instant::now()) {
            eprintln!("{line}");
        }
        // A connection whose answer was read whole is kept open. Whether it was does not matter.
        let _ = std::io::copy(&mut answer.body_mut().as_reader().take(PAGE_MAX), &mut std::io::sink());
        std::thread::sleep(pause);
    }
}

/// The bytes of a file, and one byte more than `limit` where it is longer. Anything else that lies there is not opened: a pipe keeps
/// whoever opens it waiting.
fn from_file(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    // What it says of its length is no more than room.
    let mut bytes = Vec::with_capacity(usize::try_from(about.len().min(limit)).unwrap_or(0));
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A header's text.
fn header<'a>(answer: &'a ureq::http::Response<ureq::Body>, name: &str) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

/// Where a redirect leads.
fn location(answer: &ureq::http::Response<ureq::Body>) -> Option<&str> {
    header(answer, "location")
}

/// The body, and one byte more than `limit` where it is longer. The bounds are on what comes out and on what goes in, so that
/// neither an answer that is small on the wire and endless when unpacked nor one that never unpacks lasts.
fn unpacked(
    answer: &mut ureq::http::Response<ureq::Body>,
    prefix: &str,
    limit: u64,
) -> Result<Vec<u8>, String> {
    let coding = answer.headers().get("content-encoding").cloned();
    let body = answer.body_mut().as_reader();
    let mut bytes = Vec::new();
    let read = match coding.as_ref().map(|coding| coding.as_bytes()) {
        None | Some(b"identity") => body.take(limit + 1).read_to_end(&mut bytes),
        Some(b"gzip") => GzDecoder::new(body.take(limit + limit / 1_000 + GZIP_FRAME))
            .take(limit + 1)
            .read_to_end(&mut bytes),
        Some(_) => return Err(format!("the answer is encoded as {coding:?}, which was not asked for")),
    };
    read.map_err(|error| match error.into() {
        ureq::Error::Io(error) => error.to_string(),
        error => in_words(&error, prefix, TIMEOUT),
    })?;
    Ok(bytes)
}

fn bounded(bytes: Vec<u8>, path: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
    match bytes.len() as u64 > limit {
        true => Err(SourceError::TooLong { path: path.to_owned(), limit }),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

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

    /// A pipe that nobody writes to kept an audit waiting for ever.
    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("checkpoint"), b"note").unwrap();
        assert_eq!(from_file(&folder.path().join("checkpoint"), 2).unwrap(), b"not");
        for path in [folder.path(), Path::new("/dev/null")] {
            assert_eq!(from_file(path, 9).unwrap_err().to_string(), "it is no file");
        }
    }

    /// What a server answers, as it is read with so much patience.
    fn told(answer: &'static [u8], patience: Option<Duration>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        let (done, over) = std::sync::mpsc::channel::<()>();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer).unwrap();
            // The connection stays open until the reader has had enough.
            let _ = over.recv();
        });
        let source = match (Source::new(&place), patience) {
            (Source::Http(_, prefix), Some(_)) => {
                let agent = ureq::Agent::config_builder().timeout_global(patience).build().new_agent();
                Source::Http(Box::new(agent), prefix)
            }
            (source, _) => source,
        };
        let error = source.need("checkpoint", NOTE_LIMIT).unwrap_err().to_string();
        drop(done);
        served.join().unwrap();
        error
    }

    /// A server that gives these answers, one a connection, and the last one for ever.
    fn answering(answers: &'static [&'static [u8]]) -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let last = answers.last().unwrap();
            for answer in answers.iter().chain(std::iter::repeat(last)) {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 4096]).unwrap();
                stream.write_all(answer).unwrap();
            }
        });
        Source::new(&place)
    }

    /// A proxy in front of a log allows so many requests a second, and an audit of a long log needs more.
    #[test]
    fn a_server_that_has_too_much_to_do_is_asked_again() {
        let many: &[u8] =
            b"HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwait";
        let busy: &[u8] =
            b"HTTP/1.1 503 x\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let good: &[u8] = b"HTTP/1.1 200 x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
        let source = answering(Box::leak(Box::new([many, many, busy, good])));
        assert_eq!(source.need("checkpoint", NOTE_LIMIT).unwrap(), b"abc");
        let source = answering(Box::leak(Box::new([many, good])));
        assert_eq!(source.ask("api/v1/statements", NOTE_LIMIT).unwrap().body, b"abc");
        // One that never has less to do.
        let source = answering(Box::leak(Box::new([many])));
        for error in [
            source.need("checkpoint", NOTE_LIMIT).unwrap_err(),
            source.ask("api/v1/statements", NOTE_LIMIT).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.contains("status 429: it takes fewer requests of one reader"), "{error}");
            assert!(error.contains("--state go on where they stood"), "{error}");
        }
        let source = answering(Box::leak(Box::new([busy])));
        let error = source.need("checkpoint", NOTE_LIMIT).unwrap_err().to_string();
        assert!(error.contains("status 503: it has too much to do"), "{error}");
    }

    #[test]
    fn what_to_do_is_said_of_a_server_that_does_not_answer() {
        // The port of a client's end: it is taken, and nothing listens there.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let dead = client.local_addr().unwrap();
        let error =
            Source::new(&format!("http://{dead}")).need("checkpoint", NOTE_LIMIT).unwrap_err().to_string();
        assert!(error.contains(&format!("Does the server run, and is http://{dead} its address")), "{error}");
        let nowhere = b"HTTP/1.1 301 x\r\nContent-Length: 0\r\n\r\n";
        assert!(told(nowhere, None).ends_with("the server answered with status 301"));
        let elsewhere =
            b"HTTP/1.1 302 x\r\nLocation: https://elsewhere.example/checkpoint\r\nContent-Length: 0\r\n\r\n";
        let error = told(elsewhere, None);
        assert!(error.contains("status 302, and sends to https://elsewhere.example/checkpoint"), "{error}");
        assert!(error.ends_with("give https://elsewhere.example"), "{error}");
        // One that says nothing, and one that stops within its answer.
        let begun = b"HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\nabc";
        for answer in [&b""[..], begun] {
            let error = told(answer, Some(Duration::from_millis(200)));
            assert!(error.contains("no whole answer within 60 seconds"), "{error}");
            assert!(error.contains("--state go on where they stood"), "{error}");
        }
    }
}
