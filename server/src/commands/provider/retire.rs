//! `glasshouse provider retire`: a key ends, by its owner's word or the registrar's.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use glasshouse_ledger::author::Author;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::key_file;
use glasshouse_ledger::registrar::key_retirement;
use glasshouse_verifier::key::Kid;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{file, log, origin_of, provider, registrar};
use crate::commands::CommandError;
use crate::commands::key::kid;
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

/// Why a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// Another key takes its place.
    Rotated,
    /// Somebody else may have it.
    Compromised,
    /// The provider publishes here no more.
    Left,
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Reason::Rotated => "rotated",
            Reason::Compromised => "compromised",
            Reason::Left => "left",
        }
    }
}

/// End a provider's key: statements that it signs are refused from then on.
///
/// The provider does it with that key or another one of its own (--signing-key), the registrar with the registrar's
/// (--registrar-key). What the key signed before stays on record. A retirement that the provider signs takes the number
/// behind its highest one on record: run `publish` first, so that nothing waits in the outbox.
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("which").required(true).args(["kid", "key"])),
    group(ArgGroup::new("who").required(true).args(["registrar_key", "signing_key"])),
    after_help = "Examples:\n  glasshouse provider retire --log https://ledger.example --provider https://www.example.net \\\n    --key old.pem --signing-key new.pem --reason rotated\n  glasshouse provider retire --log https://ledger.example --provider https://www.example.net \\\n    --kid 3f…9c --registrar-key registrar.pem --reason compromised --suspect-from 2026-03-01T00:00:00Z"
)]
pub(super) struct Retire {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// The provider whose key ends.
    #[arg(long, value_name = "https://…")]
    provider: String,

    /// Identifier of the key that ends: 64 hex digits.
    #[arg(long, value_name = "HEX")]
    kid: Option<String>,

    /// The key that ends, if its file is there.
    #[arg(long, value_name = "FILE.pem")]
    key: Option<PathBuf>,

    /// Why it ends.
    #[arg(long, value_enum)]
    reason: Reason,

    /// With compromised: since when its signatures are in doubt (RFC 3339).
    #[arg(long, value_name = "T")]
    suspect_from: Option<String>,

    /// What happened, in words.
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,

    /// The registrar's private key.
    #[arg(long, value_name = "F")]
    registrar_key: Option<PathBuf>,

    /// The provider's private key that signs the retirement: this one or another.
    #[arg(long, value_name = "F")]
    signing_key: Option<PathBuf>,
}

impl Retire {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let provider = provider(&self.provider)?;
        let retired = self.retired()?;
        let suspect_from = self.suspect_from()?;
        let log = log(&self.log, json)?;
        let origin = origin_of(&log)?;
        let author = match (&self.registrar_key, &self.signing_key) {
            (Some(path), _) => registrar(&origin, key_file::read_pem(path)?)?,
            (None, Some(path)) => Author::new(provider.clone(), origin, key_file::read_pem(path)?)?,
            (None, None) => {
                return Err(CommandError::Usage("--registrar-key or --signing-key".to_owned()));
            }
        };
        let code = self.reason.code();
        let explanation = self.explanation.as_deref();
        let draft = key_retirement(&provider, &retired, code, suspect_from, explanation);
        let filed = file(&log, &author, &draft, SystemClock.now_ms() / 1_000)?;
        let (kid, index) = (retired.to_hex(), filed.index);
        if json {
            let answer = json!({"event": "retired", "provider": self.provider, "kid": kid, "index": index, "leaf_hash": filed.leaf_hash});
            say!("{answer}");
        } else {
            say!("the key {kid} of {} is retired ({code})", self.provider);
            say!("entry {index}, number {} of {}", filed.sequence, author.issuer());
        }
        Ok(())
    }

    fn retired(&self) -> Result<Kid, CommandError> {
        if let Some(path) = &self.key {
            return kid(&key_file::read_pem(path)?);
        }
        let text = self.kid.as_deref().unwrap_or_default();
        let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let wrong =
            || CommandError::Usage("--kid: 64 hex digits, as `glasshouse key show` prints".to_owned());
        bytes.map(Kid::from_bytes).ok_or_else(wrong)
    }

    fn suspect_from(&self) -> Result<Option<u64>, CommandError> {
        let Some(text) = &self.suspect_from else { return Ok(None) };
        if self.reason != Reason::Compromised {
            return Err(CommandError::Usage("--suspect-from: only with --reason compromised".to_owned()));
        }
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .and_then(|instant| u64::try_from(instant.unix_timestamp()).ok())
            .map(Some)
            .ok_or_else(|| {
                let example = "an instant such as 2026-03-01T00:00:00Z";
                CommandError::Usage(format!("--suspect-from {text}: {example}"))
            })
    }
}
