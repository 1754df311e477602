//! Who reads while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::subject::Subject;
use crate::follower::{FollowFigures, Follower};
use crate::receipt_reader::{ReceiptFigures, ReceiptReader, ReceiptSource};
use crate::site::Site;

/// Between two looks of a follower.
const FOLLOW_PAUSE: Duration = Duration::from_secs(1);

/// All of them, at work.
#[derive(Debug)]
pub struct Readers {
    site: Arc<Site>,
    published: Arc<AtomicU64>,
    figures: Read,
    threads: Vec<JoinHandle<Result<(), String>>>,
}

/// What they measured.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Followers.
    pub follow: Arc<FollowFigures>,
    /// Receipt readers.
    pub receipts: Arc<ReceiptFigures>,
}

impl Readers {
    /// Starts as many as were asked for.
    pub fn start(arguments: &Arguments, subject: &Subject) -> Readers {
        let site = Arc::new(Site::default());
        site.open(subject.url());
        let (log, figures) = (subject.log_key(), Read::default());
        let published = Arc::new(AtomicU64::new(subject.server().size_at_start().max(1)));
        let mut threads = Vec::new();
        for _ in 0..arguments.followers {
            let mut follower = Follower::new(log.clone(), Arc::clone(&figures.follow));
            let (site, url) = (Arc::clone(&site), subject.url().to_owned());
            threads.push(std::thread::spawn(move || {
                follower.skip_to_now(&url).map_err(|error| error.to_string())?;
                follower.follow(&site, FOLLOW_PAUSE)?;
                // What was published last is checked too.
                follower.look(&url).map_err(|error| error.to_string())
            }));
        }
        let source = ReceiptSource {
            policy: subject.policy(),
            log,
            published: Arc::clone(&published),
            check_one_in: arguments.check_one_in,
        };
        for seed in 0..arguments.receipt_readers {
            let figures = Arc::clone(&figures.receipts);
            let mut reader = ReceiptReader::new(source.clone(), seed, figures);
            let (site, rate) = (Arc::clone(&site), arguments.receipt_rate / arguments.receipt_readers as f64);
            threads.push(std::thread::spawn(move || reader.read(&site, rate)));
        }
        Readers { site, published, figures, threads }
    }

    /// How many entries are published, as far as anybody told: receipt readers pick among these.
    pub fn published(&self) -> &Arc<AtomicU64> {
        &self.published
    }

    /// Has them finish.
    ///
    /// # Panics
    /// When one of them saw something wrong.
    pub fn finish(self) -> Read {
        self.site.end();
        for thread in self.threads {
            thread.join().unwrap().unwrap_or_else(|wrong| panic!("a reader saw something wrong: {wrong}"));
        }
        self.figures
    }
}

impl Read {
    /// As lines of a table: a name, and what was measured.
    pub fn lines(&self) -> Vec<(&'static str, crate::latency::Percentiles)> {
        let lines = [
            ("checkpoints", &self.follow.checkpoints),
            ("tiles", &self.follow.files),
            ("consistency", &self.follow.proofs),
            ("receipts", &self.receipts.receipts),
            ("inclusion", &self.receipts.proofs),
        ];
        let lines = lines.map(|(name, latency)| (name, latency.percentiles()));
        lines.into_iter().filter(|(_, told)| told.count > 0).collect()
    }

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut object: serde_json::Map<String, Value> =
            self.lines().into_iter().map(|(name, told)| (format!("{name}_ms"), told.to_json())).collect();
        object.insert("checkpoints_proved".to_owned(), json!(count(&self.follow.steps)));
        object.insert("checkpoints_before_interface".to_owned(), json!(count(&self.follow.early)));
        object.insert("entries_checked".to_owned(), json!(count(&self.follow.entries)));
        object.insert("receipts_and_proofs_checked".to_owned(), json!(count(&self.receipts.checked)));
        object.insert("turned_away".to_owned(), json!(count(&self.receipts.away)));
        Value::Object(object)
    }
}
