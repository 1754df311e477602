//! What a note that the log itself signed says against the one that was cosigned: proof of a fork, or a doubt.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::{Digest, NodeHash};
use glasshouse_verifier::inclusion::ProofError;
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde::Serialize;

use super::log_checkpoint::LogCheckpoint;
use super::record::WitnessRecord;
use super::refusal::{AddRefusal, Inconsistency};

const DOUBT_FORMAT: &str = "glasshouse-doubt/1";

/// Why two notes are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Two roots of one size: the log forked, whoever looks at both notes sees it.
    SameSize,
    /// The proof shows nodes of the newer tree from which another older root follows: the log forked.
    OtherPrefix,
    /// A size of 0 with another root than that of the empty tree: no log signs that in earnest.
    EmptyRoot,
    /// The proof does not hold. Somebody may have sent a wrong proof with a right note: this alone proves nothing.
    ProofFails,
}

impl Reason {
    /// As it stands in a file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::SameSize => "same-size",
            Reason::OtherPrefix => "other-prefix",
            Reason::EmptyRoot => "empty-root",
            Reason::ProofFails => "proof-fails",
        }
    }

    /// Whether the notes themselves convict the log.
    pub const fn convicts(self) -> bool {
        !matches!(self, Reason::ProofFails)
    }
}

/// A refused note beside the one that was cosigned, as a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Why they are kept.
    pub reason: Reason,
    /// Whether `text` is a `glasshouse-evidence/1` file, which anybody can check with `glasshouse-verify`.
    pub is_evidence: bool,
    /// What it is about: the reason and the texts of both notes. Whoever sends the same notes with another proof, another
    /// old size or fewer signatures says nothing new.
    pub about: Digest,
    /// What the file holds.
    pub text: String,
}

/// What convicts nobody by itself, or cannot be said as `glasshouse-evidence/1`: one JSON object.
#[derive(Serialize)]
struct DoubtFile<'a> {
    format: &'static str,
    reason: &'static str,
    convicts: bool,
    log: Vec<String>,
    cosigned: Option<String>,
    refused: &'a str,
    old: u64,
    proof: Vec<String>,
}

/// What was refused: a note with the lines of the log's trusted keys only, and how it was to follow.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) note: &'a Note,
    pub(crate) old: TreeSize,
    pub(crate) proof: &'a [NodeHash],
}

impl Contradiction {
    /// What a refused checkpoint says against the one that was cosigned last, if it says anything.
    ///
    /// Two roots of one size convict, also those of size 0, whatever old size and proof came with them. The tree that was
    /// cosigned puts nothing in doubt, whatever proof came with it. Neither does a smaller tree: what it held at that size
    /// is not known here.
    pub(crate) fn of_refusal(
        refusal: &AddRefusal,
        last: Option<&WitnessRecord>,
        checkpoint: &LogCheckpoint,
        refused: &Refused<'_>,
        keys: &[Vkey],
    ) -> Option<Self> {
        if checkpoint.head().is_err() {
            return Some(Self::of(Reason::EmptyRoot, None, last, refused, keys));
        }
        let last = last?;
        if checkpoint.size() == last.head().size() {
            let is_other = checkpoint.root() != last.head().root();
            return is_other.then(|| Self::of_same_size(last, refused, keys));
        }
        match refusal {
            // Everything follows from nothing: with a wrong proof the request was wrong, and nothing is in doubt.
            AddRefusal::Inconsistent(Inconsistency::Proof(error)) if last.head().size() > TreeSize::ZERO => {
                Some(Self::of_growth(*error, last, refused, keys))
            }
            _ => None,
        }
    }

    fn of_same_size(last: &WitnessRecord, refused: &Refused<'_>, keys: &[Vkey]) -> Self {
        let fork = with_common_key(last.note(), refused.note, keys)
            .and_then(|(old, new)| Fork::same_size(old, new).ok());
        Self::of(Reason::SameSize, fork, Some(last), refused, keys)
    }

    /// A larger tree to which the proof does not lead.
    fn of_growth(error: ProofError, last: &WitnessRecord, refused: &Refused<'_>, keys: &[Vkey]) -> Self {
        let fork = with_common_key(last.note(), refused.note, keys)
            .and_then(|(old, new)| Fork::other_prefix(old, new, refused.proof.to_vec()).ok());
        let convicts = fork.is_some() || error == ProofError::OldRootMismatch;
        let reason = if convicts { Reason::OtherPrefix } else { Reason::ProofFails };
        Self::of(reason, fork, Some(last), refused, keys)
    }

    fn of(
        reason: Reason,
        fork: Option<Fork>,
        last: Option<&WitnessRecord>,
        refused: &Refused<'_>,
        keys: &[Vkey],
    ) -> Self {
        let about = about(reason, last, refused.note);
        if let Some(fork) = fork {
            return Self { reason, is_evidence: true, about, text: fork.encode() };
        }
        let file = DoubtFile {
            format: DOUBT_FORMAT,
            reason: reason.as_str(),
            convicts: reason.convicts(),
            log: keys.iter().map(Vkey::encode).collect(),
            cosigned: last.map(|last| last.note().encode()),
            refused: &refused.note.encode(),
            old: refused.old.get(),
            proof: refused.proof.iter().map(NodeHash::to_base64).collect(),
        };
        // Strings, numbers and arrays of strings always become JSON.
        let text = serde_json::to_string(&file).unwrap_or_default();
        Self { reason, is_evidence: false, about, text }
    }
}

/// A checkpoint's text has no empty line, so an empty line between them keeps the parts apart. A tree of size 0 with a
/// wrong root convicts whatever was cosigned.
fn about(reason: Reason, last: Option<&WitnessRecord>, refused: &Note) -> Digest {
    let last = last.filter(|_| reason != Reason::EmptyRoot);
    let cosigned = last.map_or("", |last| last.note().text());
    Digest::of(format!("{}\n\n{cosigned}\n{}", reason.as_str(), refused.text()).as_bytes())
}

/// Both notes under one key of the log. None where the log's key changed between them, or where the checkpoints are
/// not of the form that `glasshouse-evidence/1` takes.
///
/// Only the log's own lines go in: the witness's would be others after every refresh, and the same fork would fill many
/// files.
fn with_common_key(old: &Note, new: &Note, keys: &[Vkey]) -> Option<(SignedCheckpoint, SignedCheckpoint)> {
    let logs_own = |note: &Note| {
        let is_logs = |line: &&SignatureLine| keys.iter().any(|key| line.is_of(key));
        let lines: Vec<SignatureLine> = note.signatures().iter().filter(is_logs).cloned().collect();
        Note::assemble(note.text(), &lines).ok()
    };
    let (old, new) = (logs_own(old)?, logs_own(new)?);
    let mut logs = keys.iter().filter(|key| key.kind() == VkeyKind::Ed25519);
    logs.find_map(|key| {
        let old = SignedCheckpoint::open_note(old.clone(), key).ok()?;
        let new = SignedCheckpoint::open_note(new.clone(), key).ok()?;
        Some((old, new))
    })
}
