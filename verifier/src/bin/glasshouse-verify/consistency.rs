//! `consistency`: that a newer tree of a log contains an older one.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::bounds::{CONSISTENCY_PROOF_MAX, NOTE_MAX};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::hash::{HashTextError, NodeHash};
use glasshouse_verifier::inclusion::ProofError;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::view::{AdvanceError, View};
use serde::Deserialize;

use crate::answer::{Answer, Trouble, Verdict};
use crate::evidence_file::EvidencePlace;
use crate::file_kind::FileKind;
use crate::input::read;
use crate::plural::counted;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  curl -fsS 'https://ledger.example/api/v1/proofs/consistency?from=12&to=15' -o proof.json
  glasshouse-verify consistency --log-key ./ledger.vkey OLD NEW --proof proof.json

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
    let opened =
        open(&policy, &arguments.old, &old).and_then(|old| Ok((old, open(&policy, &arguments.new, &new)?)));
    let (old, new) = match opened {
        Ok(both) => both,
        Err(why) => return Ok(Answer::new(Verdict::DoesNotHold, why)),
    };
    let given = match Wanted::between(&old, &new) {
        Some(wanted) => wanted.given(arguments.proof.as_deref())?,
        None => Given::default(),
    };
    judge(old, new, &given, &arguments.evidence)
}

fn open(policy: &Policy, path: &Path, bytes: &[u8]) -> Result<SignedCheckpoint, String> {
    let trusted = policy.open(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(trusted.signed().clone())
}

fn judge(
    old: SignedCheckpoint,
    new: SignedCheckpoint,
    given: &Given,
    place: &EvidencePlace,
) -> Result<Answer, Trouble> {
    let (from, to) = (*old.head(), *new.head());
    let origin = new.checkpoint().origin().clone();
    if from.size() > to.size() {
        let sentence = format!(
            "the older checkpoint has {}, the newer one {}: swap them",
            counted(from.size().get(), "entry", "entries"),
            to.size()
        );
        return Ok(Answer::new(Verdict::DoesNotHold, sentence));
    }
    Ok(match View::new(old).advance(new, &given.proof) {
        Ok(_) => Answer::new(Verdict::Holds, unchanged(from.size().get(), to.size().get(), origin.as_str()))
            .member("origin", origin.as_str())
            .member("old", serde_json::json!({"size": from.size().get(), "root": from.root().to_hex()}))
            .member("new", serde_json::json!({"size": to.size().get(), "root": to.root().to_hex()})),
        Err(AdvanceError::Fork(fork)) => place.convict(&Evidence::Fork(fork)),
        // The length follows from the sizes. A file that names no sizes may be of other trees, which is nobody's lie.
        Err(AdvanceError::Unproven(ProofError::WrongLength)) if !given.names_sizes => {
            return Err(Trouble(format!(
                "the proof has {}, which a proof between {} and {} entries has not: it is for other sizes, or a part is missing",
                counted(given.proof.hashes().len() as u64, "hash", "hashes"),
                from.size(),
                to.size()
            )));
        }
        Err(error) => Answer::new(Verdict::DoesNotHold, error),
    })
}

/// What a proof shows, in words.
fn unchanged(from: u64, to: u64, origin: &str) -> String {
    let of = format!("of {} in {origin}", counted(to, "entry", "entries"));
    match from {
        1 => format!("the first one {of} is what it was"),
        _ => format!("the first {from} {of} are what they were"),
    }
}

/// A proof that was given.
#[derive(Default)]
struct Given {
    proof: ConsistencyProof,
    /// Whether its file says between which sizes it leads, and these are the right ones.
    names_sizes: bool,
}

/// The sizes between which a proof is needed.
struct Wanted {
    from: u64,
    to: u64,
}

/// The log's answer, as far as it is looked at.
#[derive(Deserialize)]
struct ProofAnswer {
    from: Option<u64>,
    to: Option<u64>,
    hashes: Vec<String>,
}

impl Wanted {
    /// Nothing where none is needed, or where none could help.
    fn between(old: &SignedCheckpoint, new: &SignedCheckpoint) -> Option<Wanted> {
        let (from, to) = (old.head().size().get(), new.head().size().get());
        let is_one_log = old.checkpoint().origin() == new.checkpoint().origin();
        (is_one_log && 0 < from && from < to).then_some(Wanted { from, to })
    }

    /// How it comes.
    fn fetch(&self) -> String {
        format!(
            "`curl -fsS 'URL/api/v1/proofs/consistency?from={}&to={}' -o proof.json` fetches it from the log at URL",
            self.from, self.to
        )
    }

    /// Reads the proof: hashes in hex under `"hashes"`, or in base64 line by line. A file that is none, or is for other sizes,
    /// says nothing about the log.
    fn given(&self, path: Option<&Path>) -> Result<Given, Trouble> {
        let (from, to, fetch) = (self.from, self.to, self.fetch());
        let Some(path) = path else {
            return Err(Trouble(format!(
                "that {to} entries begin with {from} takes a proof: {fetch}, and --proof proof.json gives it"
            )));
        };
        let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
        let bytes = read(path, PROOF_FILE_MAX)?;
        if let Some(kind) = FileKind::of(&bytes).filter(|kind| *kind != FileKind::ConsistencyProof) {
            return Err(trouble(&format!("this is no proof of consistency, but {}", kind.words(&fetch))));
        }
        let text = String::from_utf8(bytes).map_err(|_| trouble(&"not UTF-8 text"))?;
        let mut given = Given::default();
        let hashes: Result<Vec<NodeHash>, HashTextError> = if text.trim_start().starts_with('{') {
            let answer: ProofAnswer = serde_json::from_str(&text)
                .map_err(|error| trouble(&format!("no proof of consistency: {error}; {fetch}")))?;
            given.names_sizes = (answer.from, answer.to) == (Some(from), Some(to));
            if let (Some(first), Some(last)) = (answer.from, answer.to)
                && !given.names_sizes
            {
                let other = format!(
                    "this proof leads from {first} to {last} entries, the checkpoints from {from} to {to}"
                );
                return Err(trouble(&format!("{other}: {fetch}")));
            }
            answer
                .hashes
                .iter()
                .take(CONSISTENCY_PROOF_MAX + 1)
                .map(|hash| NodeHash::from_hex(hash))
                .collect()
        } else {
            text.lines().take(CONSISTENCY_PROOF_MAX + 1).map(NodeHash::from_base64).collect()
        };
        let hashes =
            hashes.map_err(|error| trouble(&format!("no proof of consistency: {error}; {fetch}")))?;
        given.proof = ConsistencyProof::new(hashes).map_err(|error| trouble(&error))?;
        Ok(given)
    }
}
