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
use crate::conviction::Prefix;
use crate::finding::Finding;
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
    /// What other places showed that breaks no rule.
    pub(crate) odd: Vec<String>,
    /// Trees of other places that were compared.
    pub(crate) compared: HashSet<TreeHead>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Session {
    /// The checkpoint that is audited.
    pub(crate) fn newest(&self) -> &SignedCheckpoint {
        self.newest.signed()
    }

    /// Whether what was read is what the log signed, if all of it was read.
    pub(crate) fn has_root(&self) -> bool {
        let (read, signed) = (&self.audit.frontier, self.newest().head());
        read.size() != signed.size() || read.root() == *signed.root()
    }

    /// Takes up what a state has, and compares on the way.
    pub(crate) fn resume(&mut self, progress: &dyn Fn(u64)) -> Result<(), Stop> {
        let Some(state) = &self.state else { return Ok(()) };
        for evidence in state.evidence().into_iter().filter(Evidence::is_against_the_log) {
            self.audit.found.convict(evidence);
        }
        self.audit.past.grow(TreeSize::new(state.size()).unwrap_or_default());
        self.audit.replay(state, self.newest.signed(), progress)
    }

    /// The tree that was checked before, if the log shows a smaller one now; then nothing more can be audited.
    pub(crate) fn rolled_back(&mut self) -> Result<bool, Stop> {
        let Some(state) = &self.state else { return Ok(false) };
        let size = self.newest().head().size();
        let shown_here = |(from, _): &(String, SignedCheckpoint)| *from == self.place;
        let mut before: Vec<SignedCheckpoint> =
            state.seen().into_iter().filter(shown_here).map(|(_, seen)| seen).collect();
        before.extend(state.anchored()?);
        before.retain(|before| before.head().size() > size);
        let Some(largest) = before.iter().max_by_key(|before| before.head().size()) else {
            // An audit that was cut off may have come further than what is shown now.
            return Ok(self.audit.frontier.size() > size);
        };
        let detail = format!(
            "the log shows {size} entries as its newest, and it showed a checkpoint of {} before",
            largest.head().size()
        );
        self.audit.found.findings.add(Finding::whole("rollback", detail));
        for before in &before {
            if let Prefix::Fork(fork) = self.audit.prefix(before, self.newest.signed()) {
                self.audit.found.convict(Evidence::Fork(fork));
            }
        }
        Ok(true)
    }

    /// Checks everything up to the newest checkpoint.
    pub(crate) fn advance(&mut self, progress: &dyn Fn(u64)) -> Result<(), Stop> {
        if let Some(state) = &mut self.state {
            state.see(&self.place, self.newest.signed());
            state.save(&self.audit.found.findings)?;
        }
        let newest = self.newest.signed().clone();
        let before = self.state.as_ref().map(AuditState::anchored).transpose()?.flatten();
        self.audit.advance(&newest, &mut self.state, &self.stop, progress)?;
        if self.audit.frontier.root() == *newest.head().root() {
            self.audit.convict_entries(&newest);
            self.audit.list_second_entries(&newest);
        } else if let Some(before) = before
            && let Prefix::Fork(fork) = self.audit.prefix(&before, &newest)
        {
            self.audit.found.convict(Evidence::Fork(fork));
        }
        Ok(())
    }

    /// A log that is followed shows a smaller tree, or another one of the same size, than it showed before.
    pub(crate) fn shrank(&mut self, before: &SignedCheckpoint, now: &SignedCheckpoint) {
        if !self.compared.insert(*now.head()) {
            return;
        }
        if let Prefix::Fork(fork) = self.audit.prefix(before, now) {
            self.audit.found.convict(Evidence::Fork(fork));
        }
        let (now, before) = (now.head().size(), before.head().size());
        let detail = format!(
            "the log shows {now} entries as its newest, and it showed a checkpoint of {before} before"
        );
        self.audit.found.findings.add_kept(Finding::whole("rollback", detail));
    }
}
