//! Whom the reader trusts: `--log-key` or `--policy`.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::bounds::{POLICY_MAX, VKEY_MAX};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use crate::answer::Trouble;
use crate::input::read_text;

/// One of the two must be given.
#[derive(Args, Clone)]
#[group(required = true, multiple = false)]
pub(crate) struct Trust {
    /// The log's verifier key, or a file that holds it (a value with '/' and without '+' is a file). No witness is asked for.
    #[arg(long, value_name = "VKEY")]
    log_key: Option<String>,
    /// A policy file (c2sp.org/tlog-policy): the log's key, the witnesses, and how many of them must have signed.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Trust {
    /// The same for a task that may do without: nothing where neither is given.
    pub(crate) fn given(log_key: Option<&String>, policy: Option<&PathBuf>) -> Option<Trust> {
        let trust = Trust { log_key: log_key.cloned(), policy: policy.cloned() };
        (log_key.is_some() || policy.is_some()).then_some(trust)
    }

    /// What a state is bound to: SHA-256 of the policy's text, in hex.
    pub(crate) fn digest(&self) -> Result<String, Trouble> {
        let text = match (&self.policy, &self.log_key) {
            (Some(path), _) => read_text(path, POLICY_MAX)?,
            (None, Some(key)) => format!("log {}\nquorum none\n", log_key(key)?.encode()),
            (None, None) => String::new(),
        };
        Ok(Digest::of(text.as_bytes()).to_hex())
    }

    pub(crate) fn policy(&self) -> Result<Policy, Trouble> {
        let trouble = |error| Trouble(format!("{error}"));
        match (&self.policy, &self.log_key) {
            (Some(path), _) => policy_at(path),
            (None, Some(key)) => Policy::of_log(log_key(key)?).map_err(trouble),
            (None, None) => Err(Trouble("--log-key or --policy is needed".to_owned())),
        }
    }
}

/// Reads a policy file. A verifier key alone is none, and has an option of its own.
pub(crate) fn policy_at(path: &Path) -> Result<Policy, Trouble> {
    let text = read_text(path, POLICY_MAX)?;
    Policy::parse(&text).map_err(|error| {
        let hint = match Vkey::parse(text.trim()) {
            Ok(_) => {
                let place = path.display().to_string();
                let place = if place.contains('/') { place } else { format!("./{place}") };
                format!(
                    "; this is a verifier key and no policy: where the command has --log-key, give --log-key {place}; else write a policy of \
                     two lines, `log KEY` and `quorum none`"
                )
            }
            Err(_) => String::new(),
        };
        Trouble(format!("{}: {error}{hint}", path.display()))
    })
}

/// Reads a verifier key, or the file of one line that holds it.
pub(crate) fn log_key(value: &str) -> Result<Vkey, Trouble> {
    if value.contains('/') && !value.contains('+') {
        let text = read_text(Path::new(value), VKEY_MAX)?;
        let key = text.strip_suffix('\n').unwrap_or(&text);
        return Vkey::parse(key).map_err(|error| Trouble(format!("{value}: {error}")));
    }
    Vkey::parse(value).map_err(|error| {
        let hint = if value.contains('+') { "" } else { "; a file in this folder is written ./FILE" };
        Trouble(format!("--log-key: {error}{hint}"))
    })
}
