//! The provider's side of the HTTP interface: what `publish` and `provider` ask of a log.
//!
//! Every request here may be repeated without harm (a statement that is sent twice is answered with its first index), so
//! a lost connection, 429 and 503 are waited out until the client's patience ends.

mod attempts;
pub mod conflicts;
pub mod log;
pub mod mirror;
pub(crate) mod refusal;
mod scheme;
pub mod waiting;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::de::DeserializeOwned;

use self::refusal::{one_line, refusal};
use self::waiting::{Listener, Waiting};
use crate::problem::Problem;

/// Greatest answer that is read, in bytes: a receipt holds at most three entries and 32 addenda of 1 MiB, in base64.
const MAX_ANSWER: u64 = 48 << 20;
/// Longest time to reach a server, one that may be down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What this client calls itself.
const USER_AGENT: &str = concat!("glasshouse/", env!("CARGO_PKG_VERSION"));

/// How long to go on trying.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Time from the beginning of a request to giving up: no attempt lasts longer than what is left of it.
    pub total: Duration,
    /// First pause; each further one is twice as long, up to a minute.
    pub first_pause: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { total: Duration::from_secs(120), first_pause: Duration::from_millis(250) }
    }
}

/// Why the log gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL cannot be a log's.
    #[error("{url}: {rule}")]
    Url {
        /// What was given.
        url: String,
        /// What a URL must be.
        rule: &'static str,
    },
    /// The server speaks another protocol than the URL says.
    #[error("{url}: {what}")]
    Scheme {
        /// What was asked.
        url: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// No answer, after every attempt.
    #[error("{url}: no answer after {attempts} attempts: {reason}")]
    NoAnswer {
        /// What was asked.
        url: String,
        /// How often.
        attempts: u32,
        /// The last failure.
        reason: String,
    },
    /// The log answered with a problem.
    #[error("{url}: {status}: {}", describe(problem))]
    Problem {
        /// What was asked.
        url: String,
        /// HTTP status.
        status: u16,
        /// The answer.
        problem: Box<Problem>,
    },
    /// An answer that a log does not give.
    #[error("{url}: {what}. Is this the URL of a ledger?")]
    Unexpected {
        /// What was asked.
        url: String,
        /// What is wrong with the answer.
        what: String,
    },
}

fn describe(problem: &Problem) -> String {
    let mut text = format!("{}: {}", one_line(problem.slug()), one_line(&problem.detail));
    for error in &problem.errors {
        text.push_str(&format!("\n  {}: {}", one_line(&error.path), one_line(&error.rule)));
        if let Some(allowed) = &error.allowed {
            text.push_str(&format!(" ({})", one_line(allowed)));
        }
    }
    text
}

/// An answer with its status.
#[derive(Debug)]
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    coding: Option<String>,
    /// Where a redirect leads.
    location: Option<String>,
    body: Vec<u8>,
}

/// A client of one log.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    agent: ureq::Agent,
    patience: Patience,
    listener: Option<Listener>,
    /// Whether it was said that the log is slow: once, however many of its answers are.
    is_slow_told: Arc<AtomicBool>,
}

impl Client {
    /// A client of the log at `url`: `http://` or `https://`, host, maybe a path; a slash at the end is dropped.
    ///
    /// # Errors
    /// [`ClientError::Url`].
    pub fn new(url: &str, patience: Patience) -> Result<Client, ClientError> {
        let wrong = |rule| ClientError::Url { url: url.to_owned(), rule };
        let base = url.trim_end_matches('/');
        let rest = base
            .strip_prefix("https://")
            .or_else(|| base.strip_prefix("http://"))
            .ok_or_else(|| wrong("the URL of a log begins with https:// or http://"))?;
        if rest.is_empty() || rest.contains(['?', '#', '@']) || rest.contains(char::is_whitespace) {
            return Err(wrong("the URL of a log is a scheme, a host and maybe a path"));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(USER_AGENT)
            .build();
        let (base, is_slow_told) = (base.to_owned(), Arc::default());
        Ok(Client { base, agent: config.into(), patience, listener: None, is_slow_told })
    }

    /// Tells somebody when a request has to wait: once for each, at its first pause, and once when an answer is long in coming.
    pub fn telling(self, listener: impl Fn(&Waiting) + Send + Sync + 'static) -> Client {
        Client { listener: Some(Listener(Arc::new(listener))), ..self }
    }

    /// The log's URL, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Fetches the bytes at a path.
    ///
    /// # Errors
    /// Anything but a 200.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}{path}", self.base);
        let answer = self.insist(&url, MAX_ANSWER, |most| {
            self.agent.get(&url).config().timeout_global(Some(most)).build().call()
        })?;
        if answer.status == 200 { Ok(answer.body) } else { Err(refusal(url, answer)) }
    }

    /// Fetches at most `limit` bytes as they lie, without a content coding; the answer may have any status.
    fn get_plain(&self, url: &str, limit: u64) -> Result<Answer, ClientError> {
        let answer = self.insist(url, limit, |most| {
            let request = self.agent.get(url).header("Accept-Encoding", "identity");
            request.config().timeout_global(Some(most)).build().call()
        })?;
        match &answer.coding {
            Some(coding) if coding != "identity" => Err(ClientError::Unexpected {
                url: url.to_owned(),
                what: format!("the answer is coded as {coding}, and identity was asked for"),
            }),
            _ => Ok(answer),
        }
    }

    /// Fetches and reads JSON at a path.
    ///
    /// # Errors
    /// Anything but a 200 with the JSON that is expected.
    pub fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let bytes = self.get(path)?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Unexpected {
            url: format!("{}{path}", self.base),
            what: format!("the answer is not the expected JSON: {error}"),
        })
    }

    /// Fetches text at a path.
    ///
    /// # Errors
    /// Anything but a 200 with UTF-8.
    pub fn get_text(&self, path: &str) -> Result<String, ClientError> {
        String::from_utf8(self.get(path)?).map_err(|_| ClientError::Unexpected {
            url: format!("{}{path}", self.base),
            what: "the answer is not UTF-8".to_owned(),
        })
    }

    /// Sends a body and reads the JSON of a 200, or of a 422 that has the same shape.
    ///
    /// # Errors
    /// Anything else.
    pub fn post_cbor<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Result<T, ClientError> {
        let url = format!("{}{path}", self.base);
        let answer = self.insist(&url, MAX_ANSWER, |most| {
            let request = self.agent.post(&url).header("Content-Type", "application/cbor");
            request.config().timeout_global(Some(most)).build().send(body)
        })?;
        if !matches!(answer.status, 200 | 422) {
            return Err(refusal(url, answer));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(value) => Ok(value),
            Err(_) if answer.status == 422 => Err(refusal(url, answer)),
            Err(error) => {
                let what = format!("the answer is not the expected JSON: {error}");
                Err(ClientError::Unexpected { url, what })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    const SOON: Patience = Patience { total: Duration::from_secs(5), first_pause: Duration::from_millis(1) };

    /// A server that gives each connection the next answer of the list, then ends. An empty answer hangs up.
    fn server(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            }
            answers.len()
        });
        (url, served)
    }

    const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const MANY: &str = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{\"a\": 1}";
    const PROBLEM: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 105\r\nConnection: close\r\n\r\n{\"type\":\"urn:glasshouse:problem:not-found\",\"title\":\"t\",\"status\":404,\"detail\":\"no such entry\",\"errors\":[]}";

    #[test]
    fn overload_and_lost_connections_are_waited_out() {
        let (url, served) = server(&[BUSY, "", MANY, GOOD]);
        let client = Client::new(&url, SOON).unwrap();
        let value: serde_json::Value = client.post_cbor("/api/v1/statements", b"x").unwrap();
        assert_eq!(value["a"], 1);
        assert_eq!(served.join().unwrap(), 4);
    }

    #[test]
    fn who_waits_says_so_once() {
        let (url, served) = server(&[BUSY, "", MANY, GOOD, GOOD]);
        let told = Arc::new(std::sync::Mutex::new(Vec::new()));
        let teller = Arc::clone(&told);
        let client = Client::new(&url, SOON).unwrap();
        let client = client.telling(move |waiting| teller.lock().unwrap().push(waiting.to_string()));
        client.get("/checkpoint").unwrap();
        client.get("/vkey").unwrap();
        served.join().unwrap();
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("/checkpoint, for 5 seconds at most: it answers 503"), "{told:?}");
    }

    #[test]
    fn a_problem_is_repeated_in_plain_words_and_not_retried() {
        let (url, served) = server(&[PROBLEM]);
        let client = Client::new(&url, SOON).unwrap();
        let error = client.get("/api/v1/statements/9").unwrap_err().to_string();
        assert!(error.ends_with(": 404: not-found: no such entry"), "{error}");
        served.join().unwrap();
    }

    /// A server that takes every request and answers none: patience is the bound, and whoever waits is told before it ends.
    #[test]
    fn a_server_that_hangs_is_left_when_patience_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (told, heard) = std::sync::mpsc::channel();
        let patience = Patience { total: Duration::from_secs(3), first_pause: Duration::from_millis(1) };
        let client = Client::new(&url, patience).unwrap();
        let client = client
            .telling(move |waiting| told.send((waiting.to_string(), std::time::Instant::now())).unwrap());
        let begun = std::time::Instant::now();
        let error =
            client.post_cbor::<serde_json::Value>("/api/v1/statements", b"x").unwrap_err().to_string();
        let (took, (words, when)) = (begun.elapsed(), heard.recv().unwrap());
        assert!(took < Duration::from_secs(6), "{took:?}");
        assert!(error.contains("no whole answer within 3 seconds"), "{error}");
        assert!(words.contains("for 3 seconds at most: no answer yet"), "{words}");
        assert!(when < begun + Duration::from_millis(2_900), "said when it was over");
        drop(client);
        assert!(heard.recv().is_err(), "once");
        drop(listener);
    }

    /// A login page of a network, and a server that has moved.
    #[test]
    fn what_answers_and_is_no_ledger_is_said_to_be_none() {
        const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 31\r\nConnection: close\r\n\r\n<!DOCTYPE html>\n<title>x</title";
        const MOVED: &str = "HTTP/1.1 302 Found\r\nLocation: https://portal.example/login/checkpoint\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        const LINES: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 94\r\nConnection: close\r\n\r\n{\"type\":\"urn:glasshouse:problem:x\",\"title\":\"t\",\"status\":404,\"detail\":\"one\\n\\ttwo\",\"errors\":[]}";
        let (url, served) = server(&[PAGE, MOVED, LINES]);
        let log = log::RemoteLog::new(Client::new(&url, SOON).unwrap());
        let error = log.identity().unwrap_err().to_string();
        assert!(error.contains("/checkpoint: this is no ledger: a page for browsers is there"), "{error}");
        assert!(error.ends_with("Is this the URL of a ledger?") && !error.contains("DOCTYPE"), "{error}");
        let error = log.checkpoint().unwrap_err().to_string();
        let expected = "status 302, which sends to https://portal.example/login/checkpoint; no redirect is followed. If that is the ledger, give https://portal.example/login";
        assert!(error.contains(expected), "{error}");
        let error = log.checkpoint().unwrap_err().to_string();
        assert!(error.ends_with("x: one two"), "{error}");
        served.join().unwrap();
    }

    #[test]
    fn patience_ends() {
        let none = Patience { total: Duration::ZERO, first_pause: Duration::from_millis(1) };
        let (url, served) = server(&[BUSY]);
        let error = Client::new(&url, none).unwrap().get("/checkpoint").unwrap_err();
        assert!(matches!(error, ClientError::Unexpected { .. }), "{error}");
        served.join().unwrap();
        let error = Client::new(&url, none).unwrap().get("/checkpoint").unwrap_err().to_string();
        assert!(error.contains("no answer after 1 attempts"), "{error}");
    }

    #[test]
    fn what_cannot_be_a_log_is_refused() {
        for url in ["log.example", "ftp://log.example", "https://", "https://a b", "https://a/?x"] {
            assert!(matches!(Client::new(url, SOON), Err(ClientError::Url { .. })), "{url}");
        }
        assert_eq!(Client::new("https://log.example/a/", SOON).unwrap().base(), "https://log.example/a");
    }
}
