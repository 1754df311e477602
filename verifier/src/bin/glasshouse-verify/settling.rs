//! How a newest checkpoint is settled: its root is compared with the entries, or nothing is said to hold. Only then is what
//! was found about entries brought against the log, and only after that is the checkpoint written down as checked.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::size::TreeSize;

use crate::audit::Stop;
use crate::audit_state::StateError;
use crate::conviction::Prefix;
use crate::copy_nodes::CopyNodes;
use crate::finding::Finding;
use crate::plural::counted;
use crate::session::Session;

impl Session {
    /// Checks everything up to the newest checkpoint.
    pub(crate) fn advance(&mut self, progress: &dyn Fn(u64)) -> Result<(), Stop> {
        let newest = self.newest().clone();
        if let Some(state) = &mut self.state {
            state.see(&self.place, &newest);
            state.write()?;
        }
        let same = if self.audit.frontier.size() > newest.head().size() {
            // Another place showed more before, or the log did.
            self.audit.compare_held_back(&newest)?;
            self.copied_root(newest.head().size())? == Some(*newest.head().root())
        } else {
            let ended = self.audit.advance(&newest, &mut self.state, &self.stop, progress);
            if ended.is_err() {
                self.write_down(&newest)?;
            }
            ended?
        };
        match same {
            true if self.blames_what_is_not_signed() => self.forget(),
            true => self.settle(&newest),
            false => self.reject(&newest),
        }
    }

    /// What an audit has that did not come to its end.
    fn write_down(&mut self, newest: &SignedCheckpoint) -> Result<(), Stop> {
        if self.audit.frontier.root() == *newest.head().root() {
            // A tile is not served; all entries are there, and what is wrong with them can be proved.
            self.accuse(newest);
        }
        match &mut self.state {
            Some(state) => Ok(state.write()?),
            None => Ok(()),
        }
    }

    /// Brings what was found against the log, whose root the entries have.
    fn accuse(&mut self, newest: &SignedCheckpoint) {
        for old in std::mem::take(&mut self.audit.found.contradicted) {
            if let Prefix::Unknown = self.convict_fork(&old, newest) {
                self.audit.found.contradicted.push(old);
            }
        }
        self.audit.convict_entries(newest);
        self.audit.list_second_entries(newest);
    }

    /// Whether what was found may rest on entries of an earlier run that no signed checkpoint covers. The state has forgotten
    /// them, and an audit that begins anew reads them again.
    pub(crate) fn must_begin_again(&self) -> bool {
        self.rejected && self.unsigned && self.audit.found.evidence.is_empty()
    }

    /// Whether the root of the newest checkpoint was compared in this run, and is that of the entries.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled == Some(*self.newest().head())
    }

    /// The root of the first entries of the copy, as many as that.
    fn copied_root(&self, size: TreeSize) -> Result<Option<RootHash>, StateError> {
        if size == TreeSize::ZERO {
            return Ok(Some(RootHash::empty()));
        }
        let Some(copy) = self.audit.bundles.copy() else { return Ok(None) };
        Ok(CopyNodes::new(copy.clone(), size).root()?)
    }

    /// The entries have the root that was signed.
    fn settle(&mut self, newest: &SignedCheckpoint) -> Result<(), Stop> {
        self.audit.judge_log_key(newest);
        if self.audit.frontier.size() == newest.head().size() {
            self.accuse(newest);
        }
        self.compare_larger(newest);
        if let Some(error) = self.audit.found.unsaved.take() {
            // Nothing may depend on a proof that a kill would lose.
            return Err(Stop::State(StateError::Io(error)));
        }
        if let Some(state) = &mut self.state {
            state.anchor(newest)?;
        }
        self.unsigned &= self.audit.frontier.size() > newest.head().size();
        self.settled = Some(*newest.head());
        Ok(())
    }

    /// The entries have another root.
    fn reject(&mut self, newest: &SignedCheckpoint) -> Result<(), Stop> {
        let detail = "the entries that are served do not have the root that the log signed";
        self.audit.found.findings.add(Finding::whole("root", detail.to_owned()));
        if let Some(before) = self.state.as_ref().map(|state| state.anchored()).transpose()?.flatten() {
            self.convict_fork(&before, newest);
        }
        self.compare_larger(newest);
        self.forget()
    }

    /// Whether there are findings, and some may be about entries that an earlier run read and that no signed root covers, not
    /// even the one that is shown now.
    fn blames_what_is_not_signed(&self) -> bool {
        let (newest, found) = (self.newest().head().size(), &self.audit.found);
        self.unsigned && self.audit.frontier.size() > newest && found.findings.broken() > 0
    }

    /// Keeps of what was read only what a signed checkpoint covers.
    fn forget(&mut self) -> Result<(), Stop> {
        if let Some(state) = &mut self.state {
            state.fall_back()?;
        }
        self.rejected = true;
        Ok(())
    }

    /// Two checkpoints of the log; whether they are proved to be of one history, or of two.
    fn convict_fork(&mut self, one: &SignedCheckpoint, other: &SignedCheckpoint) -> Prefix {
        let prefix = self.audit.prefix(one, other);
        if let Prefix::Fork(fork) = &prefix {
            self.audit.found.convict(Evidence::Fork(fork.clone()));
        }
        prefix
    }

    /// The log signed larger trees than the one that it shows: it may lag, unless they contradict it.
    fn compare_larger(&mut self, newest: &SignedCheckpoint) {
        let size = newest.head().size();
        let mut larger: Vec<SignedCheckpoint> = self.before.iter().chain(&self.in_hand).cloned().collect();
        larger.retain(|signed| signed.head().size() > size);
        larger.sort_by_key(|signed| signed.head().size());
        larger.dedup_by_key(|signed| *signed.head());
        self.lag = larger.last().map(|largest| lags(size, largest.head().size()));
        for signed in &larger {
            match self.convict_fork(signed, newest) {
                Prefix::Consistent => self.in_hand.retain(|old| old.head() != signed.head()),
                Prefix::Fork(_) | Prefix::Unknown => {}
            }
        }
    }

    /// A log that is followed shows a smaller tree, or another one of the same size, than it showed before.
    pub(crate) fn shrank(&mut self, before: &SignedCheckpoint, now: &SignedCheckpoint) {
        let line = lags(now.head().size(), before.head().size());
        if !self.compared.contains(now.head()) {
            match self.convict_fork(before, now) {
                Prefix::Consistent => drop(self.compared.insert(*now.head())),
                // It is tried again.
                Prefix::Fork(_) | Prefix::Unknown => {}
            }
        }
        if before.head().size() != now.head().size() && !self.odd.contains(&line) {
            self.odd.push(line);
        }
    }

    /// What was asked to be compared and could not be, because the log does not show so much.
    pub(crate) fn list_uncompared(&mut self) {
        if !self.is_settled() {
            return;
        }
        let (size, known) = (self.newest().head().size(), self.audit.frontier.size());
        for old in self.in_hand.iter().filter(|old| old.head().size() > known) {
            let detail = format!(
                "the log shows {} as its newest, and you hold its checkpoint of {}, which could not be compared",
                counted(size.get(), "entry", "entries"),
                old.head().size()
            );
            self.audit.found.findings.add(Finding::whole("behind", detail));
        }
    }
}

fn lags(shown: TreeSize, before: TreeSize) -> String {
    format!(
        "the log shows {} as its newest, and it signed a checkpoint of {before} before: it lags, or was set back",
        counted(shown.get(), "entry", "entries")
    )
}
