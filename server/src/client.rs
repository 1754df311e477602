//! The provider's side of the HTTP interface: what `publish` and `provider` ask of a log.
//!
//! Every request here may be repeated without harm (a statement that is sent twice is answered with its first index), so
//! a lost connection, 429 and 503 are waited out until the client's patience ends.

pub mod conflicts;
pub mod log;
pub mod mirror;
mod scheme;
pub mod waiting;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use self::waiting::{Listener, Waiting};
use crate::problem::Problem;

/// Greatest answer that is read, in bytes: a receipt holds at most three entries and 32 addenda of 1 MiB, in base64.
const MAX_ANSWER: u64 = 48 << 20;
/// Longest time that one request may take: a batch waits for its round and for witnesses.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time to reach a server, one that may be down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest pause between two attempts, whatever the server asks for.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// What this client calls itself.
const USER_AGENT: &str = concat!("glasshouse/", env!("CARGO_PKG_VERSION"));

/// How long to go on trying.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Time from the first failure of a request to giving up.
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
    let mut text = format!("{}: {}", problem.slug(), problem.detail);
    for error in &problem.errors {
        text.push_str(&format!("\n  {}: {}", error.path, error.rule));
        if let Some(allowed) = &error.allowed {
            text.push_str(&format!(" ({allowed})"));
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
    body: Vec<u8>,
}

/// A client of one log.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    agent: ureq::Agent,
    patience: Patience,
    listener: Option<Listener>,
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
            .timeout_global(Some(REQUEST_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(USER_AGENT)
            .build();
        Ok(Client { base: base.to_owned(), agent: config.into(), patience, listener: None })
    }

    /// Tells somebody when a request has to wait: once for each, at its first pause.
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
        let answer = self.insist(&url, MAX_ANSWER, || self.agent.get(&url).call())?;
        if answer.status == 200 { Ok(answer.body) } else { Err(refusal(url, answer)) }
    }

    /// Fetches at most `limit` bytes as they lie, without a content coding; the answer may have any status.
    fn get_plain(&self, url: &str, limit: u64) -> Result<Answer, ClientError> {
        let send = || self.agent.get(url).header("Accept-Encoding", "identity").call();
        let answer = self.insist(url, limit, send)?;
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
        let answer = self.insist(&url, MAX_ANSWER, || {
            self.agent.post(&url).header("Content-Type", "application/cbor").send(body)
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

    /// Sends a request until there is an answer that is neither 429 nor 503, or patience ends.
    fn insist(
        &self,
        url: &str,
        limit: u64,
        send: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, ClientError> {
        let begun = Instant::now();
        let mut pause = self.patience.first_pause;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = send().and_then(|response| read(response, limit));
            let (wait, failure) = match outcome {
                Ok(answer) if !matches!(answer.status, 429 | 503) => return Ok(answer),
                Ok(answer) => (answer.retry_after.unwrap_or(pause), Ok(answer)),
                Err(error) if is_lost_connection(&error) => (pause, Err(error)),
                Err(error) => return Err(no_answer(url, attempts, &error)),
            };
            if let Some(what) = failure.as_ref().err().and_then(|error| scheme::fault(&self.base, error)) {
                return Err(ClientError::Scheme { url: url.to_owned(), what });
            }
            let wait = wait.min(MAX_PAUSE);
            if begun.elapsed() + wait > self.patience.total {
                return failure.map_err(|error| no_answer(url, attempts, &error));
            }
            if attempts == 1 {
                self.tell(url, &failure);
            }
            std::thread::sleep(wait);
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    fn tell(&self, url: &str, failure: &Result<Answer, ureq::Error>) {
        let Some(Listener(listener)) = &self.listener else { return };
        let reason = match failure {
            Ok(answer) => format!(
                "it answers {} (it has too much to do, waits for its witnesses or for room on its disk, or has stopped)",
                answer.status
            ),
            Err(error) => error.to_string(),
        };
        listener(&Waiting { url: url.to_owned(), reason, at_most: self.patience.total });
    }
}

fn read(response: ureq::http::Response<ureq::Body>, limit: u64) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse().ok())
        .map(Duration::from_secs);
    let coding = response.headers().get("content-encoding");
    let coding = coding.map(|coding| String::from_utf8_lossy(coding.as_bytes()).into_owned());
    let body = response.into_body().into_with_config().limit(limit).read_to_vec()?;
    Ok(Answer { status, retry_after, coding, body })
}

fn is_lost_connection(error: &ureq::Error) -> bool {
    matches!(
        error,
        ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::ConnectionFailed
            | ureq::Error::HostNotFound
            | ureq::Error::Protocol(_)
    )
}

fn no_answer(url: &str, attempts: u32, error: &ureq::Error) -> ClientError {
    ClientError::NoAnswer { url: url.to_owned(), attempts, reason: error.to_string() }
}

fn refusal(url: String, answer: Answer) -> ClientError {
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => ClientError::Problem { url, status: answer.status, problem: Box::new(problem) },
        Err(_) => {
            ClientError::Unexpected { url, what: format!("status {} without a problem", answer.status) }
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
