//! `glasshouse registrar rotate-key`: the announced key becomes the registrar's, and the next one is announced.
//!
//! With F the registrar's key, N the announced one and N.new the one after: N.new is made, the statement goes on record,
//! F is kept as F.ended-…, N's key is written over F, and N.new takes the name of N. Every file is written whole, and
//! none is missing at any moment. Which key is in use, the log says: while it is F's, nothing has happened yet; as soon
//! as it is N's, the statement is on record, and only the files remain to be moved.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::key_file::{self, SecretKey};
use glasshouse_ledger::registrar::key_change;
use glasshouse_verifier::key::Kid;
use glasshouse_verifier::origin::Origin;
use serde_json::json;

use super::{Desk, put_on_record};
use crate::client::log::RemoteLog;
use crate::commands::CommandError;
use crate::commands::aside;
use crate::commands::key::kid;
use crate::commands::provider::{Filed, log, origin_of, registrar};
use crate::commands::standard_output::say;

/// So many changes fit into a receipt beside statement, genesis and enrolment (64 entries).
const CHANGES_IN_A_RECEIPT: usize = 61;

/// Change the registrar's key to the one that was announced.
///
/// A statement that the announced key signs goes on record; the key before ends with it. The file of the registrar's key
/// then holds the new one, the key before lies beside it (`.ended-…`), and the file of the next key holds a new one,
/// which the statement announces. It may be killed at any moment: run it again, and it finishes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse registrar rotate-key --log https://ledger.example --registrar-key registrar.pem\n\nreads registrar.pem.next too, and writes both anew. Afterwards move registrar.pem.next to where it is kept, and\nregistrar.pem.ended-… to the copies: no statement needs it any more, but a log that is restored from an old backup may."
)]
pub(super) struct RotateKey {
    #[command(flatten)]
    desk: Desk,

    /// The announced key [default: the registrar's key file with .next behind its name].
    #[arg(long, value_name = "F.next")]
    next: Option<PathBuf>,
}

/// The files of one change.
struct Files {
    current: PathBuf,
    next: PathBuf,
    coming: PathBuf,
}

/// What a change of keys came to.
struct Changed {
    kid: Kid,
    next: Kid,
    /// `None`: the statement was on record before.
    filed: Option<Filed>,
}

impl RotateKey {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let current = self.desk.registrar_key.clone();
        let next = self.next.clone().unwrap_or_else(|| beside(&current, ".next"));
        let files = Files { coming: beside(&next, ".new"), current, next };
        let log = log(&self.desk.log, json)?;
        let origin = origin_of(&log)?;
        let (in_use, changes) = key_in_use(&log, &origin)?;
        let changed = files.change(&log, &origin, &in_use)?;
        if changed.filed.is_some() && changes >= CHANGES_IN_A_RECEIPT {
            aside::tell(&format!(
                "this was change {}: receipts have room for {CHANGES_IN_A_RECEIPT}",
                changes + 1
            ));
        }
        files.report(json, &changed);
        Ok(())
    }
}

impl Files {
    fn change(&self, log: &RemoteLog, origin: &Origin, in_use: &str) -> Result<Changed, CommandError> {
        let (current, next) = (self.read(&self.current)?, self.read(&self.next)?);
        let (old, new) = (kid(&current)?, kid(&next)?);
        let filed = if new.to_hex() == in_use {
            if !self.coming.exists() {
                let (next, coming) = (self.next.display(), self.coming.display());
                return Err(CommandError::Refused(format!(
                    "the key of {next} is the registrar's already, and {coming}, with the key that was announced then, is \
                     missing: put it there and run this again"
                )));
            }
            None
        } else if old.to_hex() == in_use {
            Some(self.put_on_record(log, origin, next.clone())?)
        } else {
            let (current, next) = (self.current.display(), self.next.display());
            return Err(CommandError::Refused(format!(
                "neither {current} ({old}) nor {next} ({new}) is the registrar's key of {origin}, which is {in_use}"
            )));
        };
        // If we die here: the statement is on record, and the next run comes to this line without filing it again.
        if old != new {
            self.keep(&old, &current)?;
            // If we die here: the key before has two names.
            key_file::replace_pem(&self.current, &next)?;
        }
        // If we die here: two files hold the key in use, and the announced one still waits under its first name.
        let announced = kid(&key_file::read_pem(&self.coming)?)?;
        let moved = std::fs::rename(&self.coming, &self.next);
        moved.map_err(CommandError::io(self.next.display().to_string()))?;
        Ok(Changed { kid: new, next: announced, filed })
    }

    fn read(&self, path: &Path) -> Result<SecretKey, CommandError> {
        Ok(key_file::read_pem(path)?)
    }

    /// Signs the change with the announced key and sends it. The key after it is on the disk before it is announced.
    fn put_on_record(
        &self,
        log: &RemoteLog,
        origin: &Origin,
        next: SecretKey,
    ) -> Result<Filed, CommandError> {
        if !self.coming.exists() {
            key_file::replace_pem(&self.coming, &SecretKey::generate()?)?;
        }
        let announced = kid(&key_file::read_pem(&self.coming)?)?;
        let author = registrar(origin, next)?;
        // If we die from here on: whether it is on record, the log says at the next run.
        put_on_record(log, &author, &key_change(author.public_key(), &announced))
    }

    /// The key that ends stays readable: a log that was restored from before the change wants it again.
    fn keep(&self, kid: &Kid, key: &SecretKey) -> Result<(), CommandError> {
        Ok(key_file::replace_pem(&beside(&self.current, &format!(".ended-{:.8}", kid.to_hex())), key)?)
    }

    fn report(&self, json: bool, changed: &Changed) {
        let (kid, next) = (changed.kid.to_hex(), changed.next.to_hex());
        if json {
            let filed = changed.filed.as_ref();
            let mut answer = json!({"event": "rotated", "kid": kid, "next": next, "new": filed.is_some()});
            answer["index"] = json!(filed.map(|filed| filed.index));
            answer["leaf_hash"] = json!(filed.map(|filed| &filed.leaf_hash));
            say!("{answer}");
            return;
        }
        match &changed.filed {
            Some(filed) => say!("the registrar's key is {kid}, by entry {}", filed.index),
            None => say!("the change was on record already; the files now say so too: the key is {kid}"),
        }
        say!("key   {}", self.current.display());
        say!("next  {} ({next}, announced)", self.next.display());
    }
}

/// The registrar's key that has not ended, hex, and how often it changed before.
fn key_in_use(log: &RemoteLog, origin: &Origin) -> Result<(String, usize), CommandError> {
    let state = log.issuer(origin.as_str())?;
    let keys = state.map(|state| state.keys).unwrap_or_default();
    let in_use = keys.iter().find(|key| key.until_index.is_none()).map(|key| key.kid.clone());
    let none = || CommandError::Refused(format!("{}: the log names no key of its registrar", log.url()));
    Ok((in_use.ok_or_else(none)?, keys.len().saturating_sub(1)))
}

/// The same name with something behind it.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
