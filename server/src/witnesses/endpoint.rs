//! One witness's HTTP interface: kept-alive connections, bounded answers, bounded times, no redirects.

use std::time::Duration;

use glasshouse_verifier::hash::Digest;

/// Longest answer of a witness, in bytes: 64 signature lines of the longest kind, each 3.4 KB in base64, are far more than it
/// has to say, and a checkpoint with its cosignatures fits.
pub(crate) const ANSWER_MAX: u64 = 64 << 10;
/// What this client calls itself.
const USER_AGENT: &str = concat!("glasshouse/", env!("CARGO_PKG_VERSION"));

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// For how long it asks not to be asked again.
    pub(crate) retry_after: Option<Duration>,
}

/// A witness by its URL, as one log sees it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    agent: ureq::Agent,
    submit: String,
    monitor: String,
}

impl Endpoint {
    /// The witness whose submission and monitoring prefix is `url`, for the log of that origin.
    pub(crate) fn new(url: &str, origin: &str, timeout: Duration) -> Endpoint {
        let prefix = url.trim_end_matches('/');
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(timeout))
            .user_agent(USER_AGENT)
            .build();
        Endpoint {
            agent: config.into(),
            submit: format!("{prefix}/add-checkpoint"),
            monitor: format!("{prefix}/{}/checkpoint", Digest::of(origin.as_bytes()).to_hex()),
        }
    }

    /// Asks for a cosignature.
    ///
    /// # Errors
    /// In words, for the operator: no connection, no answer in time, or one that is too long.
    pub(crate) fn add_checkpoint(&self, body: &[u8]) -> Result<Answer, String> {
        let request = self.agent.post(&self.submit).header("Accept-Encoding", "identity");
        read(request.header("Content-Type", "text/plain; charset=utf-8").send(body))
    }

    /// Asks for the newest checkpoint of this log that the witness cosigned.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn checkpoint(&self) -> Result<Answer, String> {
        read(self.agent.get(&self.monitor).header("Accept-Encoding", "identity").call())
    }
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, String> {
    let response = response.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    let body = response.into_body().into_with_config().limit(ANSWER_MAX).read_to_vec();
    Ok(Answer { status, body: body.map_err(|error| error.to_string())?, retry_after })
}
