//! `inclusion`: that an entry stands in the log, by a proof file.

use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::{ENTRY_MAX, NOTE_MAX, TLOG_PROOF_MAX};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::{Evidence, Fork};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::policy::{Policy, TrustedCheckpoint};
use glasshouse_verifier::tlog_proof::{TlogProof, TlogProofError};

use crate::answer::{Answer, Trouble, Verdict};
use crate::evidence_file::EvidencePlace;
use crate::input::{read, read_text};
use crate::plural::counted;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  curl -fsS -H 'Accept: text/plain' https://ledger.example/api/v1/receipts/42 -o 42.proof
  glasshouse-verify inclusion --log-key ./ledger.vkey --proof 42.proof --entry entry";

/// Check that an entry stands in the log, by a proof file (c2sp.org/tlog-proof).
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    trust: Trust,
    /// The proof: index, hashes, and a checkpoint.
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    /// The entry's bytes, as they lie in a bundle.
    #[arg(long, value_name = "FILE")]
    entry: PathBuf,
    /// A checkpoint that you have already: the proof must lead to the same tree.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let policy = arguments.trust.policy()?;
    let text = read_text(&arguments.proof, TLOG_PROOF_MAX)?;
    let leaf = LeafHash::of_entry(&read(&arguments.entry, ENTRY_MAX)?);
    let known = arguments.checkpoint.as_ref().map(|path| read(path, NOTE_MAX)).transpose()?;
    let checked = TlogProof::parse(&text).and_then(|proof| Ok((proof.verify(&leaf, &policy)?, proof)));
    let (trusted, proof) = match checked {
        Ok(both) => both,
        Err(error @ TlogProofError::NotUnderstood(_)) => {
            return Ok(Answer::new(Verdict::NotUnderstood, error));
        }
        Err(error) => return Ok(Answer::new(Verdict::DoesNotHold, error)),
    };
    if let Some(known) = known
        && let Some(refusal) = other_tree(&known, &policy, trusted.signed(), &arguments.evidence)
    {
        return Ok(refusal);
    }
    Ok(found(&trusted, &proof, &leaf))
}

fn found(trusted: &TrustedCheckpoint, proof: &TlogProof, leaf: &LeafHash) -> Answer {
    let (checkpoint, head) = (trusted.signed().checkpoint(), trusted.signed().head());
    let sentence =
        format!("the entry is at index {} of {} in {}", proof.index(), head.size(), checkpoint.origin());
    let witnesses: Vec<&str> = trusted.witnesses().iter().map(|w| w.name.as_str()).collect();
    let seen =
        if witnesses.is_empty() { "nobody that the policy knows".to_owned() } else { witnesses.join(", ") };
    Answer::new(Verdict::Holds, sentence)
        .line(format!("leaf hash   {leaf}"))
        .line(format!("root        {}", head.root()))
        .line(format!("witnessed by {seen}"))
        .member("origin", checkpoint.origin().as_str())
        .member("index", proof.index().get())
        .member("size", head.size().get())
        .member("root", head.root().to_hex())
        .member("leaf_hash", leaf.to_hex())
        .member("witnesses", witnesses)
}

/// What to answer if the checkpoint that the reader has is not of the tree that the proof leads to.
fn other_tree(
    known: &[u8],
    policy: &Policy,
    signed: &SignedCheckpoint,
    place: &EvidencePlace,
) -> Option<Answer> {
    let known = match policy.open(known) {
        Ok(known) => known,
        Err(error) => {
            return Some(Answer::new(Verdict::DoesNotHold, format!("the checkpoint given: {error}")));
        }
    };
    let (has, leads) = (known.signed().head(), signed.head());
    if known.signed().checkpoint() == signed.checkpoint() {
        return None;
    }
    if let Ok(fork) = Fork::same_size(known.signed().clone(), signed.clone()) {
        return Some(place.convict(&Evidence::Fork(Box::new(fork))));
    }
    let sentence = format!(
        "the proof is for a tree of {}, the checkpoint given has {}",
        counted(leads.size().get(), "entry", "entries"),
        has.size()
    );
    Some(Answer::new(Verdict::DoesNotHold, sentence))
}
