//! Numbers that two entries of the log have: the log must not hold both, and a provider who signed both contradicted itself.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;

use crate::audit::Audit;
use crate::found::Conflict;

/// An entry whose number an earlier one has.
#[derive(Debug, Clone)]
pub(crate) struct SecondEntry {
    pub(crate) index: LeafIndex,
    pub(crate) iss: Issuer,
    pub(crate) sequence: Sequence,
}

impl Audit {
    /// Looks for the first entry of each such number, in one more reading of the log; where the provider is proved to have
    /// signed both, and they say different things, the two are listed. Nothing is read where no number was taken twice.
    pub(crate) fn list_second_entries(&mut self, newest: &SignedCheckpoint) {
        let mut seconds = std::mem::take(&mut self.found.seconds);
        let mut index = LeafIndex::ZERO;
        while !seconds.is_empty() {
            let bytes = self.past.read(index).ok().flatten();
            if let Some(first) = bytes.and_then(|bytes| Entry::parse(&bytes).ok()) {
                let claims = first.statement().claims();
                let has_the_number = |second: &SecondEntry| {
                    second.index > index
                        && second.iss == claims.iss
                        && second.sequence == first.statement().sequence()
                };
                let (found, rest) = seconds.into_iter().partition(has_the_number);
                seconds = rest;
                self.list(found, index, newest);
            }
            let Ok(next) = LeafIndex::new(index.get() + 1) else { return };
            index = next;
            seconds.retain(|second| second.index > index);
        }
    }

    fn list(&mut self, seconds: Vec<SecondEntry>, entry: LeafIndex, newest: &SignedCheckpoint) {
        for SecondEntry { index, iss, sequence } in seconds {
            let conflict = Conflict { index, iss, sequence, entry };
            if self.double(&conflict, newest, true).evidence.is_some() {
                self.found.conflict(conflict);
            }
        }
    }
}
