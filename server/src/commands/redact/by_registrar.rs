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
use serde_json::json;

use super::{Redact, STAYS};
use crate::client::log::RemoteLog;
use crate::commands::CommandError;
use crate::commands::provider::{file_about, log, origin_of, provider, registrar};
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

impl Redact {
    pub(super) fn by_registrar(&self, key: &Path, json: bool) -> Result<(), CommandError> {
        let provider = provider(&self.provider)?;
        let received = self.request_received.as_deref().map(|text| {
            let wrong = format!("--request-received {text}: an instant such as 2026-03-01T00:00:00Z");
            Instant::parse_rfc3339(text).ok_or(CommandError::Usage(wrong))
        });
        let redaction = Redaction {
            provider: provider.clone(),
            targets: self.named(),
            fields: self.fields(),
            ground: self.ground.clone(),
            requested_by: self.requested_by.clone(),
            request_received: received.transpose()?.map(Instant::seconds),
            explanation: self.explanation.clone(),
        };
        let log = log(&self.log, json)?;
        let author = registrar(&origin_of(&log)?, key_file::read_pem(key)?)?;
        let subject = match redaction.targets.as_slice() {
            [Target::Entry(leaf)] => Some(subject_of(&log, leaf, &provider)?),
            _ => None,
        };
        let filed = file_about(&log, &author, &redaction.draft(), subject, SystemClock.now_ms() / 1_000)?;
        let fields: Vec<&str> = redaction.fields.iter().map(|field| field.as_str()).collect();
        if json {
            let event = json!({"event": "redacted", "provider": self.provider, "fields": fields, "index": filed.index,
                "leaf_hash": filed.leaf_hash});
            say!("{event}");
        } else {
            say!("redacted, of {}: {}", self.provider, fields.join(", "));
            say!("entry {}, the registrar's number {}", filed.index, filed.sequence);
            say!("the log erases them now, or when its operator's hold has passed");
            say!("the provider's own copies are the provider's to erase: tell it");
            say!("{STAYS}");
        }
        Ok(())
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
