//! Everything that an audit has found so far.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;

use crate::audit::Spent;
use crate::evidence_file::EvidenceKeeper;
use crate::finding::{Findings, KeptFindings};
use crate::named::Named;
use crate::second_entries::SecondEntry;
use crate::signatures::Checked;
use crate::states::States;

/// As many enrolments without evidence are listed; the rest is counted.
const UNBACKED_LISTED: usize = 1_000;

/// As many conflicts are listed; the rest is counted.
const CONFLICTS_LISTED: usize = 1_000;

/// For so many entries that break a rule evidence is made; each file convicts by itself.
const BAD_LISTED: usize = 10;

/// For so many entries whose number is taken the earlier one is looked for.
const SECONDS_LISTED: usize = 100;

/// What an audit found.
#[derive(Default)]
pub(crate) struct Found {
    /// Everything that does not hold.
    pub(crate) findings: Findings,
    /// Proof that the log contradicted itself; on the disk, too.
    pub(crate) evidence: Vec<Evidence>,
    /// Where it is kept.
    pub(crate) keeper: EvidenceKeeper,
    /// Why a proof could not be kept in the state.
    pub(crate) unsaved: Option<std::io::Error>,
    /// Checkpoints whose trees the entries that were served did not have, without proof so far.
    pub(crate) contradicted: Vec<SignedCheckpoint>,
    /// Entries whose bytes or signature are wrong: the first ten.
    pub(crate) bad: Vec<LeafIndex>,
    /// Enrolments without evidence, which rest on the registrar's word: the first 1,000.
    pub(crate) unbacked: Vec<LeafIndex>,
    /// How many there are.
    pub(crate) on_its_word: u64,
    /// Entries whose number an earlier one has: the first 100 since they were last looked into.
    pub(crate) seconds: Vec<SecondEntry>,
    /// Providers that signed two statements under one number.
    pub(crate) conflicts: Conflicts,
    /// What there is, as if no statement were about another one.
    pub(crate) states: States,
    /// Which entries others are about.
    pub(crate) named: Named,
}

/// Providers that signed two statements under one number, as the registrar put it on record or as two entries show it.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    /// The first 1,000.
    pub(crate) listed: Vec<Conflict>,
    /// How many there are.
    pub(crate) count: u64,
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    /// The registrar's statement, or the second entry itself.
    pub(crate) index: LeafIndex,
    /// Who signed twice.
    pub(crate) iss: Issuer,
    /// Under which number.
    pub(crate) sequence: Sequence,
    /// The entry that has the number.
    pub(crate) entry: LeafIndex,
}

impl Found {
    /// Takes in what the signatures gave.
    pub(crate) fn take(&mut self, checked: Checked, spent: &mut Spent) {
        spent.signatures += checked.count;
        spent.signature_cpu += checked.cpu;
        for finding in checked.broken {
            if let Some(index) = finding.index.and_then(|index| LeafIndex::new(index).ok()) {
                self.is_bad(index);
            }
            self.findings.add_kept(finding);
        }
    }

    /// Takes in what the signatures gave when the entries were read for the first time.
    pub(crate) fn restore(&mut self, kept: &KeptFindings) {
        self.findings.restore(kept);
        kept.indices().for_each(|index| self.is_bad(index));
    }

    /// An entry that is wrong by itself, whatever stands before it.
    pub(crate) fn is_bad(&mut self, index: LeafIndex) {
        let is_this =
            |evidence: &Evidence| matches!(evidence, Evidence::BadEntry(bad) if bad.at().index() == index);
        let proved = self.evidence.iter().filter(|evidence| matches!(evidence, Evidence::BadEntry(_)));
        if self.bad.len() + proved.count() < BAD_LISTED
            && !self.bad.contains(&index)
            && !self.evidence.iter().any(is_this)
        {
            self.bad.push(index);
        }
    }

    /// An entry whose number is taken.
    pub(crate) fn is_second(&mut self, second: SecondEntry) {
        if self.seconds.len() < SECONDS_LISTED {
            self.seconds.push(second);
        }
    }

    /// An enrolment that rests on the registrar's word.
    pub(crate) fn rests_on_a_word(&mut self, index: LeafIndex) {
        self.on_its_word += 1;
        if self.unbacked.len() < UNBACKED_LISTED {
            self.unbacked.push(index);
        }
    }

    /// A provider contradicted itself.
    pub(crate) fn conflict(&mut self, conflict: Conflict) {
        self.conflicts.count += 1;
        if self.conflicts.listed.len() < CONFLICTS_LISTED {
            self.conflicts.listed.push(conflict);
        }
    }

    /// Keeps a proof, once, on the disk before anything else is done.
    pub(crate) fn convict(&mut self, evidence: Evidence) {
        if self.evidence.contains(&evidence) {
            return;
        }
        self.unsaved = self.keeper.keep_in_state(&evidence).err().or(self.unsaved.take());
        if self.evidence.is_empty() {
            // Where this fails, the report says so and prints the proof.
            let _ = self.keeper.keep_first(&evidence);
        }
        self.evidence.push(evidence);
    }
}
