//! Ticks: a cosigned checkpoint of the log, logged by the registrar, so that time stands in the log itself.
//!
//! Whatever stands before a tick's checkpoint was logged before its witnesses signed; whatever stands behind the tick was
//! logged after. One is logged at most once in every interval, and only when there is something new to give a time to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Author;
use glasshouse_ledger::key_file;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_ledger::registrar::tick;
use glasshouse_ledger::tick_note::tick_note;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::checkpoint::{Checkpoint, SignedCheckpoint};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::submission::SubmissionSlices;
use tokio::task::JoinHandle;

use crate::app_state::AppState;
use crate::ledger_server::ServerError;
use crate::storage::Matter;

/// Least time between two ticks.
pub const TICK_INTERVAL: Duration = Duration::from_secs(60);
/// So many times in an interval it is looked whether there is something to tick: a checkpoint may be without its quorum at
/// one moment and have it at the next.
const LOOKS: u32 = 20;

/// Who logs ticks, and by which policy a checkpoint is worth one.
#[derive(Debug, Clone)]
pub struct TickOptions {
    /// The registrar's private key.
    pub registrar_key: PathBuf,
    /// Whose cosignatures count.
    pub policy: Policy,
    /// Least time between two ticks; [`TICK_INTERVAL`].
    pub interval: Duration,
}

/// The running task.
#[derive(Debug)]
pub(crate) struct Ticks {
    task: JoinHandle<()>,
}

impl Ticks {
    /// Starts the task.
    pub(crate) fn start(ticker: Ticker, state: Arc<AppState>) -> Ticks {
        Ticks { task: tokio::spawn(run(ticker, state)) }
    }

    /// Ends the task. A tick on its way is logged or not.
    pub(crate) fn stop(self) {
        self.task.abort();
    }
}

async fn run(mut ticker: Ticker, state: Arc<AppState>) {
    let interval = ticker.interval;
    let mut last: Option<Instant> = None;
    loop {
        tokio::time::sleep(interval / LOOKS).await;
        if last.is_some_and(|last| last.elapsed() < interval) {
            continue;
        }
        // What the ledger files of itself can wait like anybody's.
        if state.storage.check(Matter::Ordinary).is_err() {
            continue;
        }
        match ticker.due(&state.reader) {
            Ok(Some(note)) => {
                last = Some(Instant::now());
                if let Err(reason) = ticker.file(&state, &note).await {
                    tracing::error!(reason, "no tick was logged");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the log could not be read for a tick"),
        }
    }
}

/// Who makes ticks.
pub(crate) struct Ticker {
    policy: Policy,
    interval: Duration,
    author: Author,
    /// Size of the last tree that was ticked.
    covered: u64,
    /// The place of the last tick.
    last: Option<u64>,
}

impl Ticker {
    /// Reads the registrar's key. No tick was made yet.
    ///
    /// # Errors
    /// If the key cannot be read, or makes no registrar.
    pub(crate) fn new(options: &TickOptions, origin: &Origin) -> Result<Ticker, ServerError> {
        let name = options.registrar_key.display();
        let failed = |error: &dyn std::fmt::Display| ServerError::RegistrarKey(format!("{name}: {error}"));
        let key = key_file::read_pem(&options.registrar_key).map_err(|error| failed(&error))?;
        let author = Author::new(Issuer::of_registrar(origin), origin.clone(), key);
        let author = author.map_err(|error| failed(&error))?;
        let (policy, interval) = (options.policy.clone(), options.interval);
        Ok(Ticker { policy, interval, author, covered: 0, last: None })
    }

    /// The note to be logged: of a tree that its quorum signed and that has entries that no tick covers, other than ticks.
    fn due(&mut self, reader: &Reader) -> Result<Option<SignedCheckpoint>, ReadError> {
        let Ok(note) = SignedCheckpoint::open(reader.checkpoint_note().as_bytes(), reader.vkey()) else {
            return Ok(None);
        };
        let size = note.head().size().get();
        if self.last.is_none() && is_tick(reader, size)? {
            // An earlier run ended with it, and covered everything before.
            (self.covered, self.last) = (size - 1, Some(size - 1));
        }
        let own = self.last.is_some_and(|last| last >= self.covered && last < size);
        let news = size.saturating_sub(self.covered) > u64::from(own);
        let is_due = news && self.is_witnessed(note.note(), note.checkpoint());
        Ok(is_due.then_some(note))
    }

    fn is_witnessed(&self, note: &Note, checkpoint: &Checkpoint) -> bool {
        let witnesses = self.policy.check_quorum(note, checkpoint);
        witnesses.is_ok_and(|witnesses| !witnesses.is_empty())
    }

    /// Signs the tick and hands it in like any statement.
    async fn file(&mut self, state: &AppState, note: &SignedCheckpoint) -> Result<(), String> {
        let ticked = tick_note(note, |few| self.is_witnessed(few, note.checkpoint()));
        let ticked = ticked.map_err(|error| error.to_string())?.encode();
        let issuer = self.author.issuer();
        let highest = state
            .reader
            .with_registry(|registry| registry.sequence_state(issuer).map_or(0, |window| window.highest()));
        let sequence = Sequence::new(highest.saturating_add(1)).ok_or("the registrar has no numbers left")?;
        let now = state.clock.now_ms() / 1_000;
        let signed = self.author.sign_own(&tick(&ticked), sequence, now);
        let signed = signed.map_err(|error| error.to_string())?;
        let slices = SubmissionSlices { statement: signed.statement(), addenda: signed.served().collect() };
        let admitted = state.admission.admit(&slices, &state.reader.keys(), now);
        let admitted = admitted.map_err(|rejection| rejection.detail)?;
        let weight = admitted.weight();
        let answers = state.queue.hand_in(vec![admitted], weight);
        let answers = answers.map_err(|reason| format!("the queue does not take it: {reason:?}"))?;
        let answers = answers.await.map_err(|_| "the writer has stopped".to_owned())?;
        match answers.first() {
            Some(Answer::Accepted { index, .. } | Answer::Duplicate { index, .. }) => {
                (self.covered, self.last) = (note.head().size().get(), Some(index.get()));
                Ok(())
            }
            Some(Answer::Rejected(rejection)) => Err(rejection.detail.clone()),
            None => Err("there was no answer".to_owned()),
        }
    }
}

/// Whether the last entry of a tree of that size is a tick.
fn is_tick(reader: &Reader, size: u64) -> Result<bool, ReadError> {
    let Some(last) = size.checked_sub(1).and_then(|last| LeafIndex::new(last).ok()) else { return Ok(false) };
    let entry = reader.entry(last)?;
    Ok(entry.is_some_and(|entry| entry.statement().payload().kind() == StatementType::Tick))
}
