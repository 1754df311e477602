//! Sending a request until there is an answer, or patience ends.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::refusal::read;
use super::waiting::{Listener, Waiting};
use super::{Answer, Client, ClientError, scheme};

/// Longest time that one request may take: a batch waits for its round and for witnesses.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Shortest time that one request gets, however little patience is left: less is no attempt.
const REQUEST_LEAST: Duration = Duration::from_secs(1);
/// Longest pause between two attempts, whatever the server asks for.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// Time without an answer after which somebody is told.
const SLOW: Duration = Duration::from_millis(1_500);

impl Client {
    /// Sends a request until there is an answer that is neither 429 nor 503, or patience ends. `send` is given the time that
    /// its attempt may take.
    pub(super) fn insist(
        &self,
        url: &str,
        limit: u64,
        send: impl Fn(Duration) -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, ClientError> {
        let begun = Instant::now();
        let mut pause = self.patience.first_pause;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let left = self.patience.total.saturating_sub(begun.elapsed());
            let most = left.clamp(REQUEST_LEAST, REQUEST_TIMEOUT);
            let outcome = self.watched(url, || send(most).and_then(|response| read(response, limit)));
            let (wait, failure) = match outcome {
                Ok(answer) if !matches!(answer.status, 429 | 503) => return Ok(answer),
                Ok(answer) => (answer.retry_after.unwrap_or(pause), Ok(answer)),
                Err(error) if is_lost_connection(&error) => (pause, Err(error)),
                Err(error) => return Err(no_answer(url, attempts, most, &error)),
            };
            if let Some(what) = failure.as_ref().err().and_then(|error| scheme::fault(&self.base, error)) {
                return Err(ClientError::Scheme { url: url.to_owned(), what });
            }
            let wait = wait.min(MAX_PAUSE);
            // An attempt that was given all that was left is the last one, however finely its clock counts.
            let is_out_of_time = matches!(failure, Err(ureq::Error::Timeout(_))) && most >= left;
            if is_out_of_time || begun.elapsed() + wait > self.patience.total {
                return failure.map_err(|error| no_answer(url, attempts, most, &error));
            }
            if attempts == 1 {
                self.tell(url, &failure);
            }
            thread::sleep(wait);
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Does the work, and tells once that it takes long, while it does.
    fn watched<T>(&self, url: &str, work: impl FnOnce() -> T) -> T {
        let Some(Listener(listener)) = &self.listener else { return work() };
        let (done, over) = channel::<()>();
        thread::scope(|scope| {
            let watch = move || {
                let is_slow = over.recv_timeout(SLOW) == Err(RecvTimeoutError::Timeout);
                if is_slow && !self.is_slow_told.swap(true, Ordering::Relaxed) {
                    listener(&self.waiting(url, "no answer yet".to_owned()));
                }
            };
            // Without the thread the same is done, and not told.
            let _ = thread::Builder::new().spawn_scoped(scope, watch);
            let outcome = work();
            drop(done);
            outcome
        })
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
        listener(&self.waiting(url, reason));
    }

    fn waiting(&self, url: &str, reason: String) -> Waiting {
        Waiting { url: url.to_owned(), reason, at_most: self.patience.total }
    }
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

/// `most` is what the last attempt might take.
fn no_answer(url: &str, attempts: u32, most: Duration, error: &ureq::Error) -> ClientError {
    let reason = match error {
        ureq::Error::Timeout(ureq::Timeout::Global) => {
            // What was left of whole seconds is a moment less than they are.
            let seconds = (most + Duration::from_millis(500)).as_secs();
            format!("no whole answer within {seconds} seconds: is it slow, or does it hang?")
        }
        error => error.to_string(),
    };
    ClientError::NoAnswer { url: url.to_owned(), attempts, reason }
}
