//! Keeps the proof that a log, or a provider, contradicted itself.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::hash::Digest;

use crate::answer::{Answer, Verdict};
use crate::evidence::accuse;

/// Where to keep it.
#[derive(Args)]
pub(crate) struct EvidencePlace {
    /// Where to save the proof if the log contradicted itself [default: ./glasshouse-evidence-<8 hex digits>.json]
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl EvidencePlace {
    /// Saves the proof against a log and says so.
    pub(crate) fn convict(&self, evidence: &Evidence) -> Answer {
        self.convict_in(Path::new("."), evidence)
    }

    /// The same, where the file is not named, in that folder. If it cannot be saved, it is printed: it must not be lost.
    pub(crate) fn convict_in(&self, folder: &Path, evidence: &Evidence) -> Answer {
        let text = evidence.encode();
        let path = self.evidence.clone().unwrap_or_else(|| folder.join(file_name(&text)));
        let answer = accuse(evidence).with_verdict(Verdict::Misbehaviour);
        match std::fs::write(&path, &text) {
            Ok(()) => answer
                .line(format!("saved to {}; check it with `glasshouse-verify evidence`", path.display()))
                .member("evidence", path.display().to_string()),
            Err(error) => answer
                .line(format!("{} cannot be written ({error}); this is the proof, keep it:", path.display()))
                .line(&text)
                .member("evidence_text", text),
        }
    }
}

/// A name that follows from the content, so that the same proof is one file.
pub(crate) fn file_name(text: &str) -> String {
    format!("glasshouse-evidence-{:.8}.json", Digest::of(text.as_bytes()).to_hex())
}
