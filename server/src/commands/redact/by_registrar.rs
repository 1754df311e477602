//! The registrar erases texts of a provider.

use std::path::Path;

use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::key_file;
use glasshouse_ledger::registrar::Redaction;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::targets::Target;
use glasshouse_verifier::vkey::Vkey;
use serde_json::{Value, json};

use super::{Redact, STAYS};
use crate::client::log::RemoteLog;
use crate::commands::CommandError;
use crate::commands::provider::{file_about, log, origin_of, provider, registrar};
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

/// The most statements of a range that the log is asked about, one by one.
const ASKED_MAX: usize = 100;

/// Texts that can be read, and such as were erased before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    open: u64,
    erased: u64,
}

/// What the log says about the texts of ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Texts {
    Counted(Counted),
    /// They were not counted, and why.
    NotCounted(&'static str),
}

impl Texts {
    fn open(self) -> Option<u64> {
        match self {
            Texts::Counted(counted) => Some(counted.open),
            Texts::NotCounted(_) => None,
        }
    }

    fn why_not(self) -> Option<&'static str> {
        match self {
            Texts::Counted(_) => None,
            Texts::NotCounted(why) => Some(why),
        }
    }
}

impl Redact {
    pub(super) fn by_registrar(
        &self,
        key: &Path,
        received: Option<Instant>,
        json: bool,
    ) -> Result<(), CommandError> {
        let provider = provider(&self.provider)?;
        let redaction = Redaction {
            provider: provider.clone(),
            targets: self.named(),
            fields: self.fields(),
            ground: self.ground.clone(),
            requested_by: self.requested_by.clone(),
            request_received: received.map(Instant::seconds),
            explanation: self.explanation.clone(),
        };
        let log = log(&self.log, json)?;
        let author = registrar(&origin_of(&log)?, key_file::read_pem(key)?)?;
        let subject = match redaction.targets.as_slice() {
            [Target::Entry(leaf)] => Some(subject_of(&log, leaf, &provider)?),
            _ => None,
        };
        let texts = self.texts_of_ranges(&log, &provider)?;
        if matches!(texts, Texts::Counted(Counted { open: 0, erased: 0 })) && self.entry.is_empty() {
            return Err(CommandError::Refused(format!(
                "nothing would be erased: by the log's word no statement of {provider} with a number of the range has such a text, served or \
                 erased. A range is of the provider's own numbers (sequence), not of the log's entries, and passes over withheld texts"
            )));
        }
        let filed = file_about(&log, &author, &redaction.draft(), subject, SystemClock.now_ms() / 1_000)?;
        let fields: Vec<&str> = redaction.fields.iter().map(|field| field.as_str()).collect();
        if json {
            let event = json!({"event": "redacted", "provider": self.provider, "fields": fields, "index": filed.index,
                "leaf_hash": filed.leaf_hash, "texts_of_ranges": texts.open(), "not_counted": texts.why_not()});
            say!("{event}");
        } else {
            say!("redacted, of {}: {}", self.provider, fields.join(", "));
            say!("entry {}, the registrar's number {}", filed.index, filed.sequence);
            match texts {
                _ if self.range.is_empty() => {}
                Texts::Counted(Counted { open, .. }) => {
                    say!("texts of the range that this erases, by the log's word: {open}")
                }
                Texts::NotCounted(why) => say!("how many texts of the range that is was not counted: {why}"),
            }
            say!("the log erases them now, or when its operator's hold has passed");
            say!("the provider's own copies are the provider's to erase: tell it");
            say!("{STAYS}");
        }
        Ok(())
    }

    /// The texts of the ranges, as the log says.
    fn texts_of_ranges(&self, log: &RemoteLog, provider: &Issuer) -> Result<Texts, CommandError> {
        let authority = provider.as_str().strip_prefix("https://").unwrap_or(provider.as_str());
        let mut counted = Counted::default();
        for range in &self.range {
            let (first, last) = (range.first(), range.last());
            let path = format!(
                "/api/v1/statements?provider={authority}&numbers={first}-{last}&limit={ASKED_MAX}",
                first = first.get(),
                last = last.get()
            );
            let list: Value = log.client().get_json(&path)?;
            let rows = list["statements"].as_array().map_or(&[][..], Vec::as_slice);
            if list["indexed"] != list["size"] {
                return Ok(Texts::NotCounted("the log's index is behind"));
            }
            if list["total"].as_u64() != Some(rows.len() as u64) {
                return Ok(Texts::NotCounted("the range is long"));
            }
            for index in rows.iter().filter_map(|row| row["index"].as_u64()) {
                let view: Value = log.client().get_json(&format!("/api/v1/statements/{index}"))?;
                for field in self.fields() {
                    match view["state"]["texts"][field.as_str()]["state"].as_str() {
                        Some("served" | "disclosed") => counted.open += 1,
                        Some("redacted") => counted.erased += 1,
                        _ => {}
                    }
                }
            }
        }
        Ok(Texts::Counted(counted))
    }

    fn named(&self) -> Vec<Target> {
        let entries = self.entry.iter().copied().map(Target::Entry);
        entries.chain(self.range.iter().copied().map(Target::Range)).collect()
    }
}

/// The `sub` of an entry of that provider, as its receipt proves it under the key that the log names as its own.
fn subject_of(log: &RemoteLog, leaf: &LeafHash, provider: &Issuer) -> Result<Subject, CommandError> {
    let refused = |why: String| CommandError::Refused(format!("{}: entry {leaf}: {why}", log.url()));
    let vkey = Vkey::parse(&log.identity()?.vkey).map_err(|error| refused(error.to_string()))?;
    let policy = Policy::of_log(vkey).map_err(|error| refused(error.to_string()))?;
    let receipt = Receipt::parse(&log.receipt_of(leaf)?).map_err(|error| refused(error.to_string()))?;
    let proved = receipt.verify(&policy).map_err(|error| refused(error.to_string()))?;
    let claims = proved.statement().claims();
    if proved.leaf_hash() != *leaf || claims.iss != *provider {
        return Err(refused(format!("it is one of {}, not of {provider}", claims.iss)));
    }
    Ok(claims.sub.clone())
}
