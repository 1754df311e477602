//! Gets what a ledger serves, as a reader with one connection does.

use std::io::Read as _;
use std::time::Duration;

use serde_json::Value;

use crate::read_error::ReadError;

/// The greatest answer that is read, in bytes, packed or not.
const ANSWER_MAX: u64 = 64 << 20;
/// Time for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A reader's connection.
#[derive(Debug, Clone)]
pub struct ReadingClient {
    agent: ureq::Agent,
}

impl Default for ReadingClient {
    fn default() -> ReadingClient {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        ReadingClient { agent: config.new_agent() }
    }
}

impl ReadingClient {
    /// The body of a 200, unpacked; `None` for a 404.
    ///
    /// # Errors
    /// [`ReadError::Away`] without an answer and for one that says to come back, [`ReadError::Wrong`] for any other.
    pub fn find(&self, url: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let away = |error: &dyn std::fmt::Display| ReadError::Away(format!("{url}: {error}"));
        let request = self.agent.get(url).header("Accept-Encoding", "gzip");
        let mut answer = request.call().map_err(|error| away(&error))?;
        let is_packed = answer.headers().get("content-encoding").is_some_and(|coding| coding == "gzip");
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
        let body = body.map_err(|error| away(&error))?;
        match status {
            200 if is_packed => unpacked(&body).map(Some),
            200 => Ok(Some(body)),
            404 => Ok(None),
            429 | 503 => Err(away(&String::from_utf8_lossy(&body))),
            _ => Err(ReadError::wrong(format!("{url}: {status}: {}", String::from_utf8_lossy(&body)))),
        }
    }

    /// The body of a 200.
    ///
    /// # Errors
    /// Those of [`find`](ReadingClient::find); a 404 is wrong.
    pub fn get(&self, url: &str) -> Result<Vec<u8>, ReadError> {
        self.find(url)?.ok_or_else(|| ReadError::wrong(format!("{url}: 404")))
    }

    /// The body of a 200 as JSON.
    ///
    /// # Errors
    /// Those of [`get`](ReadingClient::get); what is no JSON is wrong.
    pub fn json(&self, url: &str) -> Result<Value, ReadError> {
        serde_json::from_slice(&self.get(url)?).map_err(|error| ReadError::wrong(format!("{url}: {error}")))
    }
}

fn unpacked(body: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(body).take(ANSWER_MAX);
    reader.read_to_end(&mut bytes).map_err(|error| ReadError::wrong(format!("gzip: {error}")))?;
    Ok(bytes)
}
