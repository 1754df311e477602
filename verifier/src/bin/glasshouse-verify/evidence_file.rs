//! Keeps the proofs that a log, or a provider, contradicted itself: on the disk as soon as they are found.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::bounds::EVIDENCE_MAX;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::vkey::Vkey;

use crate::answer::{Answer, Verdict};
use crate::evidence::accuse;
use crate::input::read_text;

/// Proofs against the log that are read again at the start of a run; each of them convicts by itself.
const EVIDENCE_READ: usize = 100;

/// How the names of proofs begin, by whom they convict.
const AGAINST_THE_LOG: &str = "glasshouse-evidence-";
const AGAINST_A_PROVIDER: &str = "glasshouse-provider-evidence-";

/// Where to keep it.
#[derive(Args, Clone)]
pub(crate) struct EvidencePlace {
    /// Where to save the proof if the log contradicted itself [default: ./glasshouse-evidence-<8 hex digits>.json]
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl EvidencePlace {
    /// Saves the proof against a log and says so.
    pub(crate) fn convict(&self, evidence: &Evidence) -> Answer {
        self.keeper(None).convict(evidence)
    }

    /// Keeps proofs there, and in the folder of a state.
    pub(crate) fn keeper(&self, state: Option<&Path>) -> EvidenceKeeper {
        EvidenceKeeper { file: self.evidence.clone(), state: state.map(Path::to_owned) }
    }
}

/// Keeps proofs. To keep one again changes nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct EvidenceKeeper {
    /// Asked for by the reader, for the first proof.
    file: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl EvidenceKeeper {
    /// Keeps the first proof against the log in the file that was asked for, else in the state, else in this folder.
    pub(crate) fn keep_first(&self, evidence: &Evidence) -> io::Result<PathBuf> {
        let text = evidence.encode();
        let folder = self.state.as_deref().unwrap_or(Path::new("."));
        let path = self.file.clone().unwrap_or_else(|| folder.join(file_name(AGAINST_THE_LOG, &text)));
        save(&path, &text)?;
        Ok(path)
    }

    /// Keeps a proof against the log or a provider in the state, if there is one: each is a file of its own.
    pub(crate) fn keep_in_state(&self, evidence: &Evidence) -> io::Result<Option<PathBuf>> {
        let Some(state) = &self.state else { return Ok(None) };
        let text = evidence.encode();
        let kind = if evidence.is_against_the_log() { AGAINST_THE_LOG } else { AGAINST_A_PROVIDER };
        let path = state.join(file_name(kind, &text));
        save(&path, &text)?;
        Ok(Some(path))
    }

    /// Saves the first proof and says so. If it cannot be saved, it is printed: it must not be lost.
    pub(crate) fn convict(&self, evidence: &Evidence) -> Answer {
        let answer = accuse(evidence).with_verdict(Verdict::Misbehaviour);
        match self.keep_first(evidence) {
            Ok(path) => answer
                .line(format!("saved to {}; check it with `glasshouse-verify evidence`", path.display()))
                .member("evidence", path.display().to_string()),
            Err(error) => answer
                .line(format!("the proof cannot be written ({error}); this is it, keep it:"))
                .line(evidence.encode())
                .member("evidence_text", evidence.encode()),
        }
    }

    /// The proofs against the log that earlier runs kept in the state; the error names the first file that is none.
    pub(crate) fn kept(&self, log: &Vkey) -> Result<Vec<Evidence>, String> {
        let Some(state) = &self.state else { return Ok(Vec::new()) };
        let entries = std::fs::read_dir(state).map_err(|error| error.to_string())?;
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        // What does not end like this was being written when a run was killed.
        names.retain(|name| name.starts_with(AGAINST_THE_LOG) && name.ends_with(".json"));
        names.sort();
        let open = |name: &String| {
            let text = read_text(&state.join(name), EVIDENCE_MAX).map_err(|error| error.to_string())?;
            Evidence::parse(&text, log).map_err(|error| format!("{name}: {error}"))
        };
        names.iter().take(EVIDENCE_READ).map(open).collect()
    }
}

/// Puts a text into a file, whole or not at all: a kill leaves the old file or the new one, and the new one is durable. The
/// error names the path.
pub(crate) fn save(path: &Path, text: &str) -> io::Result<()> {
    replace(path, text).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut new = path.file_name().unwrap_or_default().to_owned();
    new.push(".new");
    let new = path.with_file_name(new);
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A name that follows from the content, so that the same proof is one file.
fn file_name(kind: &str, text: &str) -> String {
    format!("{kind}{:.8}.json", Digest::of(text.as_bytes()).to_hex())
}
