//! Watches `/checkpoint` for the witnesses' lines, to tell when each entry was cosigned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use glasshouse_verifier::policy::Policy;

use super::outcome::Answered;
use crate::latency::{Latency, Percentiles};
use crate::reading_client::ReadingClient;

/// Between two looks: what is told is exact to that.
pub const LOOK: Duration = Duration::from_millis(20);
/// How long the last checkpoint may take to be cosigned, once everything is answered.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watch over the cosigned checkpoint.
#[derive(Debug)]
pub struct CosignWatch {
    /// The size at which it ends; the greatest number as long as that is not known.
    until: Arc<AtomicU64>,
    thread: JoinHandle<Result<Vec<Seen>, String>>,
}

/// When a cosigned tree of some size was first seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    size: u64,
}

impl CosignWatch {
    /// Begins to watch the log at this URL, for checkpoints with the quorum of this policy.
    pub fn start(url: &str, policy: Policy) -> CosignWatch {
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let (url, end) = (url.to_owned(), Arc::clone(&until));
        CosignWatch { until, thread: std::thread::spawn(move || watch(&url, &policy, &end)) }
    }

    /// Waits until everything below `published` is cosigned, and tells how long it took from when each statement was due.
    ///
    /// # Errors
    /// When the witnesses do not get there in a minute.
    pub fn finish(self, published: u64, answers: &[Answered]) -> Result<Percentiles, String> {
        self.until.store(published, Ordering::Relaxed);
        let seen = self.thread.join().unwrap()?;
        let latency = Latency::default();
        for answer in answers {
            let covered = seen.partition_point(|seen| seen.size <= answer.index);
            let at = seen.get(covered).expect("the last size was seen").at;
            latency.record_many(at.saturating_duration_since(answer.due), answer.accepted);
        }
        Ok(latency.percentiles())
    }
}

/// Looks until the size is reached at which it is to end.
fn watch(url: &str, policy: &Policy, until: &AtomicU64) -> Result<Vec<Seen>, String> {
    let client = ReadingClient::default();
    let mut seen: Vec<Seen> = Vec::new();
    let mut ending: Option<Instant> = None;
    loop {
        let next = Instant::now() + LOOK;
        if let Some(size) = cosigned_size(&client, url, policy)
            && seen.last().is_none_or(|last| last.size < size)
        {
            seen.push(Seen { at: Instant::now(), size });
        }
        let until = until.load(Ordering::Relaxed);
        if seen.last().is_some_and(|last| last.size >= until) {
            return Ok(seen);
        }
        if until != u64::MAX {
            let begun = *ending.get_or_insert_with(Instant::now);
            if begun.elapsed() > PATIENCE {
                return Err(format!("size {until} is not cosigned after {PATIENCE:?}"));
            }
        }
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn cosigned_size(client: &ReadingClient, url: &str, policy: &Policy) -> Option<u64> {
    let bytes = client.get(&format!("{url}/checkpoint")).ok()?;
    Some(policy.open(&bytes).ok()?.signed().head().size().get())
}
