//! A mirror of a log over HTTP, as a ledger that catches up asks it.

use glasshouse_ledger::mirror::{Mirror, MirrorError, MirrorText};
use glasshouse_ledger::stage::ADDENDUM_BYTES_MAX;
use glasshouse_verifier::bounds::{ENTRY_MAX, NOTE_MAX};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::tile::{BundlePath, TilePath};

use super::{Answer, Client, ClientError, refusal};
use crate::problem::Kind;

/// Longest bundle: 256 entries, each behind its length.
const BUNDLE_MAX: usize = 256 * (2 + ENTRY_MAX);
/// Longest tile: 256 hashes.
const TILE_MAX: usize = 256 * 32;

/// A mirror by its URL.
#[derive(Debug, Clone)]
pub struct RemoteMirror {
    client: Client,
}

impl RemoteMirror {
    /// The mirror that a client talks to.
    pub fn new(client: Client) -> RemoteMirror {
        RemoteMirror { client }
    }

    fn ask(&self, path: &str, limit: usize) -> Result<(String, Answer), MirrorError> {
        let url = format!("{}/{path}", self.client.base());
        // One more, so that a body of exactly `limit` bytes can be told from a longer one.
        let answer = self.client.get_plain(&url, limit as u64 + 1).map_err(failed)?;
        if answer.body.len() > limit {
            return Err(MirrorError(format!("{url}: the answer has more than {limit} bytes")));
        }
        Ok((url, answer))
    }

    /// A file of the static side; `None` if there is none.
    fn file(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, MirrorError> {
        match self.ask(path, limit)? {
            (_, answer) if answer.status == 200 => Ok(Some(answer.body)),
            (_, answer) if matches!(answer.status, 404 | 410) => Ok(None),
            (url, answer) => Err(failed(refusal(url, answer))),
        }
    }
}

fn failed(error: ClientError) -> MirrorError {
    MirrorError(error.to_string())
}

impl Mirror for RemoteMirror {
    fn name(&self) -> String {
        self.client.base().to_owned()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        match self.ask("checkpoint", NOTE_MAX)? {
            (_, answer) if answer.status == 200 => Ok(answer.body),
            (url, answer) => Err(failed(refusal(url, answer))),
        }
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        self.file(&path.encode(), BUNDLE_MAX)
    }

    fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, MirrorError> {
        self.file(&path.encode(), TILE_MAX)
    }

    fn addendum(&self, digest: &Digest) -> Result<MirrorText, MirrorError> {
        let hex = digest.to_hex();
        let (url, answer) =
            self.ask(&format!("addenda/{}/{}/{hex}", &hex[..2], &hex[2..4]), ADDENDUM_BYTES_MAX)?;
        match answer.status {
            200 => return Ok(MirrorText::Served(answer.body)),
            451 => return Ok(MirrorText::Redacted),
            _ => {}
        }
        match refusal(url, answer) {
            ClientError::Problem { status: 404, problem, .. }
                if problem.slug() == Kind::ADDENDUM_WITHHELD.slug =>
            {
                Ok(MirrorText::Withheld)
            }
            error => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::client::Patience;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    /// A mirror that answers one request, and the request that it was sent.
    fn answering(answer: String) -> (RemoteMirror, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        });
        let none = Patience { total: Duration::ZERO, first_pause: Duration::from_millis(1) };
        (RemoteMirror::new(Client::new(&url, none).unwrap()), served)
    }

    fn answer(status: &str, headers: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
            body.len()
        )
    }

    #[test]
    fn files_come_as_they_lie_or_not_at_all() {
        let path = BundlePath::new(0, 4).unwrap();
        let ask = |text: String| {
            let (mirror, served) = answering(text);
            let result = mirror.bundle(path);
            (result, served.join().unwrap())
        };
        let (found, request) = ask(answer("200 OK", "", "bytes"));
        assert_eq!(found.unwrap().unwrap(), b"bytes");
        assert!(request.starts_with("GET /tile/entries/000.p/4 "), "{request}");
        assert!(request.to_ascii_lowercase().contains("accept-encoding: identity\r\n"), "{request}");
        assert_eq!(ask(answer("404 Not Found", "", "")).0, Ok(None));
        let (moved, _) = ask(answer("302 Found", "Location: http://127.0.0.1:1/\r\n", ""));
        assert!(moved.unwrap_err().to_string().contains("302"));
        let (coded, _) = ask(answer("200 OK", "Content-Encoding: br\r\n", "bytes"));
        assert!(coded.unwrap_err().to_string().contains("identity"));
    }

    #[test]
    fn answers_are_bounded() {
        let (mirror, served) = answering(answer("200 OK", "", &"x".repeat(TILE_MAX + 1)));
        mirror.tile(TilePath::new(0, 0, 256).unwrap()).unwrap_err();
        served.join().unwrap();
        let (mirror, served) = answering(answer("200 OK", "", &"x".repeat(TILE_MAX)));
        let tile = mirror.tile(TilePath::new(0, 0, 256).unwrap()).unwrap().unwrap();
        assert_eq!(tile.len(), TILE_MAX);
        served.join().unwrap();
    }

    #[test]
    fn a_text_is_served_withheld_or_erased_and_all_else_is_a_failure() {
        let digest = Digest::of(b"text");
        let ask = |status: &str, slug: &str| {
            let body = format!(
                "{{\"type\":\"urn:glasshouse:problem:{slug}\",\"title\":\"t\",\"status\":404,\"detail\":\"d\",\"errors\":[]}}"
            );
            let (mirror, served) = answering(answer(status, "", &body));
            let result = mirror.addendum(&digest);
            let request = served.join().unwrap();
            let hex = digest.to_hex();
            assert!(
                request.starts_with(&format!("GET /addenda/{}/{}/{hex} ", &hex[..2], &hex[2..4])),
                "{request}"
            );
            result
        };
        assert!(matches!(ask("200 OK", ""), Ok(MirrorText::Served(_))));
        assert_eq!(ask("404 Not Found", "addendum-withheld"), Ok(MirrorText::Withheld));
        assert_eq!(ask("451 Unavailable For Legal Reasons", "addendum-redacted"), Ok(MirrorText::Redacted));
        ask("404 Not Found", "not-found").unwrap_err();
        ask("500 Internal Server Error", "internal").unwrap_err();
    }
}
