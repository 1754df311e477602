//! Readers who ask at random moments, remember everything that they ever saw, and believe only the verifier.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::head::{NewTree, OldTree};
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::{LeafIndex, TreeSize};

use super::counts::Counts;
use super::dice::Dice;
use super::invariants::{Broken, Held, every_text_has_one_state, must};
use super::known::Known;

/// What an auditor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Checkpoint,
    /// That one tree that it saw grew out of another one.
    Consistency(TreeSize, TreeSize),
    /// That an answered entry is in a tree that it saw.
    Inclusion(LeafIndex, TreeSize),
    Receipt(LeafIndex),
    /// What became of an entry's texts.
    Texts(LeafIndex),
}

/// What it was shown.
#[derive(Debug, Clone)]
pub(super) enum Shown {
    Checkpoint(Vec<u8>),
    Consistency(TreeSize, TreeSize, ConsistencyProof),
    Inclusion(LeafIndex, TreeSize, InclusionProof),
    Receipt(String),
}

#[derive(Default)]
pub(super) struct Auditor {
    /// Every checkpoint that it ever saw, each size once.
    notes: Vec<SignedCheckpoint>,
}

impl Auditor {
    /// What it asks for next.
    pub(super) fn ask(&self, known: &Known, dice: &mut Dice) -> Read {
        if self.notes.is_empty() || dice.percent(40) {
            return Read::Checkpoint;
        }
        let newest = self.notes.iter().map(|note| note.head().size()).max().unwrap_or(TreeSize::ZERO);
        let answered: Vec<LeafIndex> =
            known.answered.values().filter(|index| index.is_in(newest)).copied().collect();
        if answered.is_empty() {
            return Read::Checkpoint;
        }
        let index = *dice.pick(&answered);
        match dice.roll(4) {
            0 => {
                let [one, other] = [(); 2].map(|()| dice.pick(&self.notes).head().size());
                Read::Consistency(one.min(other), one.max(other))
            }
            1 => {
                let covering: Vec<&SignedCheckpoint> =
                    self.notes.iter().filter(|note| index.is_in(note.head().size())).collect();
                Read::Inclusion(index, dice.pick(&covering).head().size())
            }
            2 => Read::Receipt(index),
            _ => Read::Texts(index),
        }
    }

    /// It was shown something, and checks it.
    pub(super) fn hear(
        &mut self,
        shown: &Shown,
        known: &Known,
        policy: &Policy,
        counts: &mut Counts,
    ) -> Held {
        let name = "an_auditor_is_convinced";
        let head = |size: TreeSize| {
            self.notes.iter().find(|note| note.head().size() == size).map(|note| *note.head())
        };
        match shown {
            Shown::Checkpoint(bytes) => {
                counts.add("auditor: checkpoint");
                let trusted = must(name, "a checkpoint", policy.open(bytes))?;
                let signed = trusted.signed().clone();
                if head(signed.head().size()).is_none() {
                    self.notes.push(signed);
                }
            }
            Shown::Consistency(from, to, proof) => {
                counts.add("auditor: consistency");
                let (Some(old), Some(new)) = (head(*from), head(*to)) else { return Ok(()) };
                let story = format!("from {from} to {to}");
                must(name, &story, verify_consistency(&OldTree(old), &NewTree(new), proof))?;
            }
            Shown::Inclusion(index, size, proof) => {
                counts.add("auditor: inclusion");
                let leaf = known.leaves[usize::try_from(index.get()).unwrap()];
                let Some(head) = head(*size) else { return Ok(()) };
                let story = format!("entry {index} in {size}");
                must(name, &story, verify_inclusion(&leaf, *index, &head, proof))?;
            }
            Shown::Receipt(text) => {
                counts.add("auditor: receipt");
                let receipt = must(name, "a receipt", Receipt::parse(text.as_bytes()))?;
                must(name, "a receipt", receipt.verify(policy))?;
            }
        }
        Ok(())
    }
}

/// The log's answer. `None` where the log says that it cannot show that now.
pub(super) fn show(
    reader: &Reader,
    read: Read,
    known: &Known,
    counts: &mut Counts,
) -> Result<Option<Shown>, Broken> {
    let name = "what_was_seen_can_be_proved";
    Ok(Some(match read {
        Read::Checkpoint => Shown::Checkpoint(reader.checkpoint_note().into_bytes()),
        Read::Consistency(from, to) => {
            let proved = must(name, &format!("from {from} to {to}"), reader.prove_consistency(from, to))?;
            Shown::Consistency(from, to, proved.proof)
        }
        Read::Inclusion(index, size) => {
            let proved =
                must(name, &format!("entry {index} in {size}"), reader.prove_inclusion(index, size))?;
            Shown::Inclusion(index, size, proved.proof)
        }
        Read::Receipt(index) => {
            let receipt = must(name, &format!("the receipt of entry {index}"), reader.receipt(index))?;
            match receipt {
                Some(receipt) => Shown::Receipt(receipt.encode()),
                None => return must(name, "a receipt", Err("the answered entry is not published")),
            }
        }
        Read::Texts(index) => {
            counts.add("auditor: text");
            every_text_has_one_state(&known.entries[usize::try_from(index.get()).unwrap()], reader)?;
            return Ok(None);
        }
    }))
}
