//! One log at a witness: its keys, its state behind a lock, and what is checked under that lock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::vkey::Vkey;

use super::add_request::AddRequest;
use super::allowance::Allowance;
use super::log_settings::{LogId, LogSettings};
use super::record::WitnessRecord;
use super::refusal::{AddRefusal, Inconsistency};

/// Most requests of each step that wait for one log, so that one log's writes never hold up those of all others.
const WAITING_MAX: usize = 8;

/// Doubts about one log that are written in a day: ten an hour. Anybody can make one with each new checkpoint that the log
/// publishes, and each is a write that others wait for.
const DOUBTS_A_DAY: u32 = 240;

/// What a request asks for, once everything else about it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A larger tree, or the first one.
    Growth,
    /// The same tree again, for a newer time.
    Refresh,
}

/// One log.
#[derive(Debug)]
pub(super) struct WatchedLog {
    origin: Arc<str>,
    id: LogId,
    keys: Vec<Vkey>,
    /// Two queues, as there are two budgets: whoever sends a published checkpoint again and again does not stand before the
    /// log itself.
    growing: AtomicUsize,
    refreshing: AtomicUsize,
    doubts: Mutex<Allowance>,
    state: Mutex<LogState>,
    /// The same record as in `state`, for readers who should not wait for a disk.
    newest: Mutex<Option<Arc<WitnessRecord>>>,
}

/// A place among those who wait for a log; given back when dropped.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The state under its lock; what was stored is shown to readers when the lock is given back.
#[derive(Debug)]
pub(super) struct Locked<'a> {
    guard: MutexGuard<'a, LogState>,
    newest: &'a Mutex<Option<Arc<WitnessRecord>>>,
}

impl std::ops::Deref for Locked<'_> {
    type Target = LogState;

    fn deref(&self) -> &LogState {
        &self.guard
    }
}

impl std::ops::DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut LogState {
        &mut self.guard
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = self.guard.last.clone();
    }
}

/// What was cosigned last, and what may still be asked for today.
#[derive(Debug)]
pub(super) struct LogState {
    last: Option<Arc<WitnessRecord>>,
    /// Two budgets, so that whoever sends a published checkpoint again and again does not use up the log's own.
    growth: Allowance,
    refresh: Allowance,
}

impl WatchedLog {
    pub(super) fn new(settings: LogSettings, last: Option<Arc<WitnessRecord>>, now_ms: u64) -> Self {
        let LogSettings { origin, keys, qpd } = settings;
        let budget = Allowance::full(qpd, now_ms);
        let newest = Mutex::new(last.clone());
        let state = Mutex::new(LogState { last, growth: budget.clone(), refresh: budget });
        let id = LogId::of_origin(&origin);
        let (growing, refreshing) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let doubts = Mutex::new(Allowance::full(DOUBTS_A_DAY, now_ms));
        Self { origin: origin.into(), id, keys, growing, refreshing, doubts, state, newest }
    }

    pub(super) const fn origin(&self) -> &Arc<str> {
        &self.origin
    }

    pub(super) const fn id(&self) -> LogId {
        self.id
    }

    pub(super) fn keys(&self) -> &[Vkey] {
        &self.keys
    }

    pub(super) fn last(&self) -> Option<Arc<WitnessRecord>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The note with the lines of this log's keys only, each of which holds; at least one.
    pub(super) fn signed_note(&self, note: &Note) -> Result<Note, NoteError> {
        let verified = note.clone().verify(&self.keys)?;
        let is_known = |line: &&SignatureLine| self.keys.iter().any(|key| line.is_of(key));
        let lines: Vec<SignatureLine> =
            verified.note().signatures().iter().filter(is_known).cloned().collect();
        Note::assemble(verified.text(), &lines)
    }

    /// A place among those who wait for the same step, if there is one.
    pub(super) fn queue(&self, step: Step) -> Option<Turn<'_>> {
        let waiting = match step {
            Step::Growth => &self.growing,
            Step::Refresh => &self.refreshing,
        };
        let before = waiting.fetch_add(1, Ordering::SeqCst);
        let turn = Turn(waiting);
        (before < WAITING_MAX).then_some(turn)
    }

    /// Whether one more doubt about this log may be written now; it is counted then.
    pub(super) fn may_doubt(&self, now_ms: u64) -> bool {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner).take(now_ms).is_ok()
    }

    /// The state, once nobody else has it; an error if somebody panicked over it.
    pub(super) fn lock(&self) -> Result<Locked<'_>, ()> {
        let guard = self.state.lock().map_err(|_| ())?;
        Ok(Locked { guard, newest: &self.newest })
    }
}

impl LogState {
    pub(super) const fn last(&self) -> Option<&Arc<WitnessRecord>> {
        self.last.as_ref()
    }

    /// Check 6, the budget: 429.
    pub(super) fn spend(&mut self, step: Step, now_ms: u64) -> Result<(), AddRefusal> {
        let budget = match step {
            Step::Growth => &mut self.growth,
            Step::Refresh => &mut self.refresh,
        };
        budget.take(now_ms).map_err(|retry_after_s| AddRefusal::TooOften { retry_after_s })
    }

    /// Takes the record that is stored now.
    pub(super) fn advance(&mut self, record: Arc<WitnessRecord>) {
        self.last = Some(record);
    }
}

/// Checks 4 and 5: that a request goes on from the tree that was cosigned last.
pub(super) fn judge(last: Option<&WitnessRecord>, request: &AddRequest) -> Result<Step, AddRefusal> {
    let is_first = last.is_none();
    let last = last.map_or_else(TreeHead::empty, |last| *last.head());
    // 4. The old size: 409.
    if request.old() != last.size() {
        return Err(AddRefusal::OtherSize { last: last.size() });
    }
    // 5. The empty tree's root, the proof, and one root for one size: 422.
    let head = request.checkpoint().head().map_err(|_| Inconsistency::EmptyRoot)?;
    let proof = ConsistencyProof::new(request.proof().to_vec()).map_err(Inconsistency::Proof)?;
    verify_consistency(&OldTree(last), &NewTree(head), &proof).map_err(Inconsistency::Proof)?;
    let is_same = !is_first && head.size() == last.size();
    Ok(if is_same { Step::Refresh } else { Step::Growth })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// Whoever sends the published checkpoint again and again fills one queue, and the log's growth has another one.
    #[test]
    fn growth_and_refreshes_wait_apart() {
        let settings = LogSettings { origin: "a".to_owned(), keys: vec![], qpd: 24 };
        let log = WatchedLog::new(settings, None, 0);
        for (step, other) in [(Step::Refresh, Step::Growth), (Step::Growth, Step::Refresh)] {
            let mut turns: Vec<Turn<'_>> = (0..WAITING_MAX).filter_map(|_| log.queue(step)).collect();
            assert_eq!(turns.len(), WAITING_MAX);
            assert!(log.queue(step).is_none());
            assert!(log.queue(other).is_some());
            turns.pop();
            assert!(log.queue(step).is_some(), "a place that was given back");
        }
    }
}
