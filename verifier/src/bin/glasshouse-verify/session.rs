//! One audit with everything around it: the log, its state, and the other places that show its checkpoints.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::policy::TrustedCheckpoint;
use glasshouse_verifier::size::TreeSize;

use crate::audit::{Audit, Stop};
use crate::audit_state::AuditState;
use crate::split_view::SplitView;

/// Everything that one run of the auditor carries.
pub(crate) struct Session {
    /// The log's URL or folder, as it was given.
    pub(crate) place: String,
    pub(crate) audit: Audit,
    pub(crate) state: Option<AuditState>,
    pub(crate) view: SplitView,
    /// The checkpoint that is audited.
    pub(crate) newest: TrustedCheckpoint,
    /// Checkpoints that the reader holds and wants to be compared, his receipts' too; those larger than the newest that were
    /// compared are taken out.
    pub(crate) in_hand: Vec<SignedCheckpoint>,
    /// Checkpoints that the log, or another place, showed in earlier runs.
    pub(crate) before: Vec<SignedCheckpoint>,
    /// The checkpoint whose root was compared in this run and is that of the entries.
    pub(crate) settled: Option<TreeHead>,
    /// Whether entries were taken over from the state that no signed checkpoint covers.
    pub(crate) unsigned: bool,
    /// Whether entries turned out to be none that were signed, as far as that can be told; nothing can be built on them.
    pub(crate) rejected: bool,
    /// What other places showed that breaks no rule.
    pub(crate) odd: Vec<String>,
    /// That the log shows less than it signed before.
    pub(crate) lag: Option<String>,
    /// Trees of other places that were compared.
    pub(crate) compared: HashSet<TreeHead>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Session {
    /// Nothing is read yet.
    pub(crate) fn new(
        place: String,
        audit: Audit,
        state: Option<AuditState>,
        view: SplitView,
        newest: TrustedCheckpoint,
        stop: Arc<AtomicBool>,
    ) -> Session {
        Session {
            place,
            audit,
            state,
            view,
            newest,
            in_hand: Vec::new(),
            before: Vec::new(),
            settled: None,
            unsigned: false,
            rejected: false,
            odd: Vec::new(),
            lag: None,
            compared: HashSet::new(),
            stop,
        }
    }

    /// The checkpoint that is audited.
    pub(crate) fn newest(&self) -> &SignedCheckpoint {
        self.newest.signed()
    }

    /// Takes up what a state has, and compares on the way.
    pub(crate) fn resume(&mut self, progress: &dyn Fn(u64)) -> Result<(), Stop> {
        let Some(state) = &self.state else { return Ok(()) };
        let found = &mut self.audit.found;
        let kept = found.keeper.kept(&self.audit.log).map_err(|why| state.damaged(why))?;
        let kept = kept.into_iter().filter(|evidence| evidence.is_against_the_log());
        // What was found in this run lies there, too.
        let new = kept.filter(|evidence| !found.evidence.contains(evidence)).collect::<Vec<Evidence>>();
        found.evidence.extend(new);
        self.unsigned = state.size() > state.anchored_size();
        self.audit.past.grow(TreeSize::new(state.size()).unwrap_or_default());
        self.audit.replay(state, self.newest.signed(), progress)
    }

    /// What breaks no rule and yet is worth a line, of other places and of the log.
    pub(crate) fn odd_lines(&self) -> impl Iterator<Item = &String> {
        self.odd.iter().chain(&self.lag)
    }
}
