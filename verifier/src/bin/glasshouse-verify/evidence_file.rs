//! Keeps the proof that a log contradicted itself.

use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::Digest;

use crate::answer::{Answer, Verdict};

/// Where to keep it.
#[derive(Args)]
pub(crate) struct EvidencePlace {
    /// Where to save the proof if the log contradicted itself [default: ./glasshouse-evidence-<8 hex digits>.json]
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl EvidencePlace {
    /// Saves the proof and says so. If it cannot be saved, it is printed: it must not be lost.
    pub(crate) fn convict(&self, fork: &Fork) -> Answer {
        let text = fork.encode();
        let name = format!("glasshouse-evidence-{:.8}.json", Digest::of(text.as_bytes()).to_hex());
        let path = self.evidence.clone().unwrap_or_else(|| PathBuf::from(".").join(name));
        let (old, new) = (fork.older().head(), fork.newer().head());
        let answer = Answer::new(
            Verdict::Misbehaviour,
            format!(
                "the log signed two histories, of {} and of {} entries, that exclude each other",
                old.size(),
                new.size()
            ),
        )
        .line(format!("older root  {}", old.root()))
        .line(format!("newer root  {}", new.root()))
        .member("old", serde_json::json!({"size": old.size().get(), "root": old.root().to_hex()}))
        .member("new", serde_json::json!({"size": new.size().get(), "root": new.root().to_hex()}));
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
