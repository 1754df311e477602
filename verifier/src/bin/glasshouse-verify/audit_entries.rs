//! How an audit judges entries: each by itself and at its place (steps 2 and 4 of [`crate::audit`]).

use glasshouse_verifier::bad_entry::broken_own_signature;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::{Entry, EntryError};
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::{Statement, StatementError};
use glasshouse_verifier::statement_type::StatementType;
use rayon::prelude::*;

use crate::audit::{Audit, Reading};
use crate::finding::Finding;
use crate::found::Conflict;
use crate::second_entries::SecondEntry;
use crate::signatures::Signed;
use crate::tile_check::FullTile;

/// Entries that one core parses before it asks for more.
const AT_ONCE: usize = 64;

impl Audit {
    /// Takes in entries at the tree's end; gives what signatures are left to check, and the tiles that became full.
    pub(crate) fn check_entries(
        &mut self,
        slices: &[&[u8]],
        newest: &SignedCheckpoint,
        reading: Reading,
    ) -> (Vec<Signed>, Vec<FullTile>) {
        // In small pieces, so that no core waits for the last half of another one.
        let pieces = slices.par_iter().with_max_len(AT_ONCE);
        let parsed: Vec<(LeafHash, Result<Entry, EntryError>)> =
            pieces.map(|bytes| (LeafHash::of_entry(bytes), Entry::parse(bytes))).collect();
        let expected = if reading == Reading::New { slices.len() } else { 0 };
        let (mut signed, mut full) = (Vec::with_capacity(expected), Vec::new());
        for ((leaf, entry), bytes) in parsed.into_iter().zip(slices) {
            let Ok(index) = self.frontier.push(leaf) else { continue };
            full.extend(self.tiles.push(leaf));
            self.compare_older(newest);
            self.past.remember(&leaf, index);
            self.kept.compare(index, bytes, &mut self.found.findings);
            match entry {
                Ok(entry) => {
                    let left = self.take_in(index, entry.into_statement());
                    if reading == Reading::New {
                        signed.extend(left);
                    }
                }
                Err(error) => {
                    self.registry.pass_over();
                    self.ticks.pass_over(index);
                    self.unreadable(index, &error);
                }
            }
        }
        (signed, full)
    }

    /// Entries that are served again, of a bundle that had fewer of them before.
    pub(crate) fn compare_again(&mut self, bundle: u64, entries: &[&[u8]]) {
        let before = self.tiles.edge();
        let again = entries.iter().map(|entry| LeafHash::of_entry(entry).to_node());
        for (at, (_, now)) in before.iter().zip(again).enumerate().filter(|(_, (before, now))| *before != now)
        {
            let index = bundle * 256 + at as u64;
            let detail =
                format!("other bytes than this audit was served before, of the leaf hash {}", now.to_hex());
            let Ok(index) = LeafIndex::new(index) else { continue };
            self.found.findings.add(Finding::entry(index, "rewritten", detail));
        }
    }

    fn unreadable(&mut self, index: LeafIndex, error: &EntryError) {
        let finding = match error {
            EntryError::Statement(StatementError::NotUnderstood { .. }) => {
                Finding::not_understood(index, error.to_string())
            }
            _ => {
                self.found.is_bad(index);
                Finding::entry(index, error.slug(), error.to_string())
            }
        };
        self.found.findings.add(finding);
    }

    /// Judges a statement at its place, and gives back what its signature has to be checked with.
    fn take_in(&mut self, index: LeafIndex, statement: Statement) -> Option<Signed> {
        let genesis = index == LeafIndex::ZERO;
        let key = if genesis {
            // A genesis brings its own key: its signature is checked before it is taken in.
            self.registry.verify(index, &statement).map(|()| None)
        } else {
            self.registry.keys().verifying_key(index, &statement).map(Some)
        };
        self.found.states.count(&EntryState::default(), &statement);
        self.ticks.take(index, &statement, &mut self.found.findings);
        let outcome = self.registry.apply(index, &statement, &self.past);
        if let Ok(naming) = &outcome {
            self.note(index, &statement, naming);
        }
        if let Err(error) = outcome.map(drop).and(key.as_ref().map(|_| ()).map_err(Clone::clone)) {
            if self.registry.size() == index.get() {
                self.registry.pass_over();
            }
            match error.slug() {
                "wrong-audience" => self.found.is_bad(index),
                // A genesis, and a change of the registrar's key that names another one than it brings.
                _ if broken_own_signature(&statement).is_some() => self.found.is_bad(index),
                "sequence-conflict" => {
                    let (iss, sequence) = (statement.claims().iss.clone(), statement.sequence());
                    self.found.is_second(SecondEntry { index, iss, sequence });
                }
                _ => {}
            }
            self.found.findings.add(Finding::entry(index, error.slug(), error.to_string()));
        } else if rests_on_a_word(&statement) {
            self.found.rests_on_a_word(index);
        }
        Some((index, statement, key.ok()??))
    }

    /// Keeps which others a statement is about, and who contradicted himself.
    fn note(&mut self, index: LeafIndex, statement: &Statement, naming: &Naming) {
        self.found.named.take(index, statement, naming);
        let is_conflict = statement.payload().kind() == StatementType::Conflict;
        for named in naming.entries().iter().filter(|_| is_conflict) {
            let (iss, sequence, entry) = (named.owner.clone(), named.sequence, named.index);
            self.found.conflict(Conflict { index, iss, sequence, entry });
        }
    }

    /// Whether the genesis or a change of keys in the tree names the key under which its checkpoint was opened (step 5). Where
    /// nothing names a key, the genesis is none, which was found at its index.
    pub(crate) fn judge_log_key(&mut self, newest: &SignedCheckpoint) {
        if self.registry.log_vkeys().is_empty() || self.registry.named_log_key(newest.log()) {
            return;
        }
        let detail = "neither the genesis nor a change of keys names the key that signed the checkpoint";
        self.found.findings.add(Finding::whole("log-key", detail.to_owned()));
    }
}

/// Whether an entry enrols a key and says nothing of why the registrar believed the request.
fn rests_on_a_word(statement: &Statement) -> bool {
    let payload = statement.payload();
    payload.kind() == StatementType::Enrolment && payload.field(FieldName::EVIDENCE).is_none()
}
