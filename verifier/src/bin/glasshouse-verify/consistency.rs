//! `consistency`: that a newer tree of a log contains an older one.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::bounds::{CONSISTENCY_PROOF_MAX, NOTE_MAX};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::hash::{HashTextError, NodeHash};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::view::{AdvanceError, View};
use serde_json::Value;

use crate::answer::{Answer, Trouble, Verdict};
use crate::evidence_file::EvidencePlace;
use crate::input::{read, read_text};
use crate::plural::counted;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  curl 'https://ledger.example/api/v1/proofs/consistency?from=12&to=15' > proof
  glasshouse-verify consistency --log-key ./ledger.vkey OLD NEW --proof proof

The proof is a JSON object whose member \"hashes\" lists hashes in hex, or one
hash in base64 a line. Between equal sizes, and from an empty log, none is needed.";

/// Check that a newer checkpoint contains all that an older one has, in the same order.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    trust: Trust,
    /// The older checkpoint.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer checkpoint.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The proof.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    evidence: EvidencePlace,
}

/// A proof's file: 54 hashes of 64 digits, and a checkpoint beside them as the ledger's answer has it.
const PROOF_FILE_MAX: usize = 2 * NOTE_MAX;

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let policy = arguments.trust.policy()?;
    let old = read(&arguments.old, NOTE_MAX)?;
    let new = read(&arguments.new, NOTE_MAX)?;
    let proof = arguments.proof.as_ref().map(|path| read_text(path, PROOF_FILE_MAX)).transpose()?;
    let checked = open(&policy, &arguments.old, &old)
        .and_then(|old| Ok((old, open(&policy, &arguments.new, &new)?)))
        .and_then(|both| Ok((both, parse_proof(proof.as_deref().unwrap_or_default())?)));
    match checked {
        Ok(((old, new), proof)) => Ok(judge(old, new, &proof, &arguments.evidence)),
        Err(why) => Ok(Answer::new(Verdict::DoesNotHold, why)),
    }
}

fn open(policy: &Policy, path: &Path, bytes: &[u8]) -> Result<SignedCheckpoint, String> {
    let trusted = policy.open(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(trusted.signed().clone())
}

fn judge(
    old: SignedCheckpoint,
    new: SignedCheckpoint,
    proof: &ConsistencyProof,
    place: &EvidencePlace,
) -> Answer {
    let (from, to) = (*old.head(), *new.head());
    let origin = new.checkpoint().origin().clone();
    if from.size() > to.size() {
        let sentence = format!(
            "the older checkpoint has {}, the newer one {}: swap them",
            counted(from.size().get(), "entry", "entries"),
            to.size()
        );
        return Answer::new(Verdict::DoesNotHold, sentence);
    }
    match View::new(old).advance(new, proof) {
        Ok(_) => Answer::new(Verdict::Holds, unchanged(from.size().get(), to.size().get(), origin.as_str()))
            .member("origin", origin.as_str())
            .member("old", serde_json::json!({"size": from.size().get(), "root": from.root().to_hex()}))
            .member("new", serde_json::json!({"size": to.size().get(), "root": to.root().to_hex()})),
        Err(AdvanceError::Fork(fork)) => place.convict(&Evidence::Fork(fork)),
        Err(error) => Answer::new(Verdict::DoesNotHold, error),
    }
}

/// What a proof shows, in words.
fn unchanged(from: u64, to: u64, origin: &str) -> String {
    let of = format!("of {} in {origin}", counted(to, "entry", "entries"));
    match from {
        1 => format!("the first one {of} is what it was"),
        _ => format!("the first {from} {of} are what they were"),
    }
}

/// Hashes in hex under `"hashes"`, or in base64 line by line.
fn parse_proof(text: &str) -> Result<ConsistencyProof, String> {
    let hashes: Result<Vec<NodeHash>, HashTextError> = if text.trim_start().starts_with('{') {
        let answer: Value = serde_json::from_str(text).map_err(|error| format!("the proof: {error}"))?;
        let list =
            answer.get("hashes").and_then(Value::as_array).ok_or("the proof has no list \"hashes\"")?;
        list.iter()
            .take(CONSISTENCY_PROOF_MAX + 1)
            .map(|hash| NodeHash::from_hex(hash.as_str().unwrap_or("")))
            .collect()
    } else {
        text.lines().take(CONSISTENCY_PROOF_MAX + 1).map(NodeHash::from_base64).collect()
    };
    let hashes = hashes.map_err(|error| format!("the proof: {error}"))?;
    ConsistencyProof::new(hashes).map_err(|error| error.to_string())
}
