//! A witness of logs (c2sp.org/tlog-witness): cosigns a log's checkpoint if it follows from the one that it cosigned last,
//! and keeps what contradicts that. Sync, no HTTP; store, keys and clock are passed in.
//!
//! For one size of one log, one root is ever cosigned. What makes it hold: the old size is compared under a lock that
//! also spans the durable write; the record is durable before the cosignature leaves; and once a write has failed, no
//! cosignature leaves this process any more, also none of a request that was under way.

pub mod add_request;
mod allowance;
pub mod contradiction;
pub mod evidence_shelf;
pub mod folder;
pub mod folder_store;
pub mod log_checkpoint;
pub mod log_list;
pub mod log_settings;
pub mod memory_store;
pub mod record;
pub mod recover;
pub mod refusal;
pub(crate) mod signed_logs;
mod start;
pub mod store;
mod watched_log;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::vkey::Vkey;

use self::add_request::AddRequest;
use self::contradiction::{Contradiction, Refused};
use self::evidence_shelf::{EvidenceShelf, Kept};
use self::log_settings::{LogId, LogSetError, LogSettings};
use self::record::WitnessRecord;
use self::recover::RecoverError;
use self::refusal::{AddRefusal, Unavailable};
use self::start::take_state;
use self::store::WitnessStore;
use self::watched_log::{LogState, Step, WatchedLog, judge};
use crate::clock::Clock;
use crate::cosign_time::CosignTime;
use crate::cosigner::Cosigner;
use crate::store::StoreError;

/// How far the clock may be behind the last cosignature of a log, in seconds, for that time to be used again: as much as
/// a clock is set back by hand or by its server. Further behind, nothing is signed until the clock has caught up.
const CLOCK_SLACK_S: u64 = 30;

/// Why a witness does not start.
#[derive(Debug, thiserror::Error)]
pub enum WitnessOpenError {
    /// A log that cannot be watched.
    #[error(transparent)]
    Logs(#[from] LogSetError),
    /// The state of a log cannot be told.
    #[error(transparent)]
    State(#[from] RecoverError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A checkpoint that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// One signature line for each key of the witness, each with its line feed.
    pub lines: String,
    /// What is stored.
    pub record: Arc<WitnessRecord>,
}

/// An answer, and what was found on the way to it.
#[derive(Debug)]
pub struct Added {
    /// The origin, if the witness watches the log: a name from its own settings.
    pub origin: Option<Arc<str>>,
    /// The cosignature or the refusal.
    pub answer: Result<Cosigned, AddRefusal>,
    /// The evidence that the refused checkpoint gave.
    pub evidence: Option<(Contradiction, Kept)>,
}

/// One log's state, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStatus {
    /// The first line of its checkpoints.
    pub origin: Arc<str>,
    /// Its name in addresses and file names.
    pub log: LogId,
    /// What was cosigned last; none if nothing was.
    pub last: Option<Arc<WitnessRecord>>,
    /// Files that are kept, each of which convicts the log.
    pub forks: usize,
    /// Doubts that are kept.
    pub doubts: usize,
}

/// A witness. All calls may be made from many threads.
pub struct Witness {
    store: Arc<dyn WitnessStore>,
    cosigner: Cosigner,
    clock: Arc<dyn Clock>,
    by_origin: BTreeMap<Arc<str>, Arc<WatchedLog>>,
    by_id: HashMap<LogId, Arc<WatchedLog>>,
    shelf: EvidenceShelf,
    has_stopped: AtomicBool,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("cosigner", &self.cosigner).finish_non_exhaustive()
    }
}

impl Witness {
    /// Takes the state that the store holds, and watches these logs. Says beside what was found and mended.
    ///
    /// The state of a log that is no longer among them stays where it is: watched again, it goes on from there.
    ///
    /// # Errors
    ///
    /// [`WitnessOpenError`]; nothing may be signed then.
    pub fn open(
        store: Arc<dyn WitnessStore>,
        cosigner: Cosigner,
        clock: Arc<dyn Clock>,
        logs: Vec<LogSettings>,
    ) -> Result<(Self, Vec<String>), WitnessOpenError> {
        logs.iter().try_for_each(|log| log.check(cosigner.vkeys()))?;
        let (mut records, mut remarks) = take_state(store.as_ref(), cosigner.vkeys(), &logs)?;
        let shelf = EvidenceShelf::open(store.as_ref())?;
        let (mut by_origin, mut by_id) = (BTreeMap::new(), HashMap::new());
        let now_ms = clock.now_ms();
        for settings in logs {
            let id = LogId::of_origin(&settings.origin);
            let last = records.remove(&id);
            if last.as_ref().is_some_and(|last| last.note().clone().verify(&settings.keys).is_err()) {
                remarks.push(format!(
                    "{}: none of its keys signed the checkpoint that was cosigned last, and new ones must follow from it",
                    settings.origin
                ));
            }
            let log = Arc::new(WatchedLog::new(settings, last.map(Arc::new), now_ms));
            by_origin.insert(Arc::clone(log.origin()), Arc::clone(&log));
            by_id.insert(id, log);
        }
        let has_stopped = AtomicBool::new(false);
        let witness = Self { store, cosigner, clock, by_origin, by_id, shelf, has_stopped };
        Ok((witness, remarks))
    }

    /// What verifiers need, one for each key.
    pub fn vkeys(&self) -> &[Vkey] {
        self.cosigner.vkeys()
    }

    /// Whether a write failed, so that nothing is signed any more: the process is to end.
    pub fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::SeqCst)
    }

    /// Answers the body of an `add-checkpoint` request. The numbers are the order of the checks.
    pub fn add_checkpoint(&self, body: &[u8]) -> Added {
        let refused = |origin, refusal| Added { origin, answer: Err(refusal), evidence: None };
        if let Err(stopped) = self.check_running() {
            return refused(None, stopped.into());
        }
        // 1. The form, and that the old size is not beyond the new one: 400.
        let request = match AddRequest::parse(body) {
            Ok(request) => request,
            Err(error) => return refused(None, error.into()),
        };
        // 2. The log: 404.
        let Some(log) = self.by_origin.get(request.checkpoint().origin()) else {
            return refused(None, AddRefusal::UnknownLog);
        };
        let origin = Some(Arc::clone(log.origin()));
        // 3. A signature of a trusted key, and none of them wrong: 403.
        let signed = match log.signed_note(request.note()) {
            Ok(signed) => signed,
            Err(error) => return refused(origin, error.into()),
        };
        // 4 and 5. The size and the proof: 409, 422. By what is shown, which is never older than what was answered: who is
        // refused stands in nobody's way.
        let last = log.last();
        let step = match judge(last.as_deref(), &request) {
            Ok(step) => step,
            Err(refusal) => return self.refuse(log, last.as_deref(), &request, &signed, refusal),
        };
        // 6. A place in the queue: 503.
        let Some(turn) = log.queue(step) else {
            return refused(origin, Unavailable::Busy.into());
        };
        let Ok(mut state) = log.lock() else {
            // A panic while a record was written: what lies there is not known.
            self.stop();
            return refused(origin, Unavailable::Stopped.into());
        };
        // 4 and 5 again, by what was stored meanwhile. The budget, 429, comes last, so that nobody but the log uses it up.
        match judge(state.last().map(AsRef::as_ref), &request) {
            Ok(step) => {
                let answer = self.cosign(log, &mut state, &request, &signed, step);
                Added { origin, answer, evidence: None }
            }
            Err(refusal) => {
                let last = state.last().cloned();
                drop((state, turn));
                self.refuse(log, last.as_deref(), &request, &signed, refusal)
            }
        }
    }

    /// The note of the checkpoint that was cosigned last, with the log's signatures and the witness's: what
    /// `GET <monitoring prefix>/<log>/checkpoint` answers. None for a log that is not watched or was never cosigned.
    pub fn last(&self, log: LogId) -> Option<Arc<WitnessRecord>> {
        self.by_id.get(&log)?.last()
    }

    /// The first logs that are watched, ordered by origin.
    pub fn status(&self, most: usize) -> Vec<LogStatus> {
        let status = |log: &Arc<WatchedLog>| {
            let (forks, doubts) = self.shelf.counts_of(log.id());
            LogStatus { origin: Arc::clone(log.origin()), log: log.id(), last: log.last(), forks, doubts }
        };
        self.by_origin.values().take(most).map(status).collect()
    }

    /// How many logs are watched.
    pub fn logs(&self) -> usize {
        self.by_id.len()
    }

    /// The names of the files of evidence, those that convict first.
    pub fn evidence(&self) -> Vec<String> {
        self.shelf.names()
    }

    /// How many files of evidence there are.
    pub fn evidence_files(&self) -> usize {
        self.shelf.files()
    }

    /// A file of evidence.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if !store::is_evidence_name(name) {
            return Ok(None);
        }
        self.store.get_evidence(name)
    }

    /// Keeps what the refused checkpoint proves or puts in doubt. No lock is held and no place in a queue.
    fn refuse(
        &self,
        log: &WatchedLog,
        last: Option<&WitnessRecord>,
        request: &AddRequest,
        signed: &Note,
        refusal: AddRefusal,
    ) -> Added {
        let origin = Some(Arc::clone(log.origin()));
        let refused = Refused { note: signed, old: request.old(), proof: request.proof() };
        let found = Contradiction::of_refusal(&refusal, last, request.checkpoint(), &refused, log.keys());
        let Some(found) = found else {
            return Added { origin, answer: Err(refusal), evidence: None };
        };
        let may_doubt = || log.may_doubt(self.clock.now_ms());
        match self.shelf.keep(self.store.as_ref(), log.id(), &found, may_doubt) {
            Ok(kept) => Added { origin, answer: Err(refusal), evidence: Some((found, kept)) },
            Err(error) => {
                self.stop();
                Added { origin, answer: Err(Unavailable::Store(error).into()), evidence: None }
            }
        }
    }

    /// Signs, stores, and only then gives the cosignature out.
    fn cosign(
        &self,
        log: &WatchedLog,
        state: &mut LogState,
        request: &AddRequest,
        signed: &Note,
        step: Step,
    ) -> Result<Cosigned, AddRefusal> {
        // Another log's write may have failed while this one waited.
        self.check_running()?;
        let time = self.time_after(state.last().map(|last| last.time()))?;
        if let Some(last) = state.last()
            && last.is_whole()
            && (last.time(), last.checkpoint()) == (time, request.checkpoint())
        {
            // Asked again within the same second: the same bytes, which lie there already.
            return Ok(self.answer(Arc::clone(last)));
        }
        state.spend(step, self.clock.now_ms())?;
        let lines = self.cosigner.cosign(request.checkpoint(), time).map_err(Unavailable::Signing)?;
        let all: Vec<_> = signed.signatures().iter().cloned().chain(lines).collect();
        let note = Note::assemble(signed.text(), &all).map_err(|e| Unavailable::Signing(e.into()))?;
        let old = state.last().map(|last| last.encode());
        let serial = state.last().map_or(0, |last| last.serial()).saturating_add(1);
        let record = WitnessRecord::new(serial, note, self.vkeys()).map_err(|_| Unavailable::Stopped)?;
        // True here: nothing is stored, nothing was let out.
        let new = record.encode();
        self.written(self.store.swap_embedded(log.id(), old.as_deref(), &new))?;
        // If we die here: the embedded copy may be one record ahead. Nobody was answered; the next start takes whichever
        // of both is newer, and each is a tree that follows from everything that was answered.
        self.written(self.store.replace_plain(log.id(), &new))?;
        if state.last().is_none() {
            // If we die here: both copies hold a first record, and the log's name is not written down. Nobody was answered;
            // the next start writes it before it signs anything. The other way round, a start could not tell this first
            // record, never answered, from a state that was lost.
            let origin = BTreeSet::from([log.origin().to_string()]);
            self.written(self.store.add_signed_logs(&origin))?;
        }
        // True here: the record survives a kill and a loss of power, and its loss would be noticed. If we die before the
        // answer, whoever asked is told the new size next time. So if another log's write failed meanwhile.
        self.check_running()?;
        let record = Arc::new(record);
        state.advance(Arc::clone(&record));
        Ok(self.answer(record))
    }

    fn answer(&self, record: Arc<WitnessRecord>) -> Cosigned {
        let is_own = |line: &&SignatureLine| self.vkeys().iter().any(|key| line.is_of(key));
        let lines = record.note().signatures().iter().filter(is_own).map(|line| line.encode()).collect();
        Cosigned { lines, record }
    }

    /// Now, and never before the last time of this log.
    fn time_after(&self, last: Option<CosignTime>) -> Result<CosignTime, Unavailable> {
        let now = self.clock.now_ms() / 1000;
        let last = last.map_or(0, CosignTime::get);
        let from_s = last.saturating_sub(CLOCK_SLACK_S).max(1);
        let behind = Unavailable::Clock { now_s: now, last_s: last, from_s };
        if now < from_s {
            return Err(behind);
        }
        CosignTime::new(now.max(last)).ok_or(behind)
    }

    fn written(&self, result: Result<(), StoreError>) -> Result<(), AddRefusal> {
        result.map_err(|error| {
            self.stop();
            Unavailable::Store(error).into()
        })
    }

    fn check_running(&self) -> Result<(), Unavailable> {
        if self.has_stopped() { Err(Unavailable::Stopped) } else { Ok(()) }
    }

    fn stop(&self) {
        self.has_stopped.store(true, Ordering::SeqCst);
    }
}
