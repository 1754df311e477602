//! The log's own keys in its folder: `log.key` with `log.vkey`, and `log.ml-dsa-44.key` with `log.ml-dsa-44.vkey`.
//!
//! A ledger that was made before there were ML-DSA-44 keys has only the first pair, and goes on without the other.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

use crate::key_file::{self, KeyFileError};
use crate::ledger::check_made;
use crate::log_signer::LogSigner;
use crate::ml_dsa_key_file;
use crate::open::OpenError;

/// The Ed25519 key.
pub(crate) const KEY: &str = "log.key";
/// Its public half with the log's name.
pub(crate) const VKEY: &str = "log.vkey";
/// The ML-DSA-44 key.
pub(crate) const SECOND_KEY: &str = "log.ml-dsa-44.key";
/// Its public half with the log's name.
pub(crate) const SECOND_VKEY: &str = "log.ml-dsa-44.vkey";

/// What a private key that is lost or damaged is told.
const NO_OTHER: &str = "take it from a backup: there is no other, and with a new key it would be another log";
/// Where the line of `log.vkey` lies, too.
const VKEY_ELSEWHERE: &str = "the same line lies in public/vkey, and in policy.txt behind the first `log`";
/// Where the line of `log.ml-dsa-44.vkey` lies, too.
const SECOND_VKEY_ELSEWHERE: &str = "the same line lies in policy.txt, behind the second `log`";

/// The log's name and Ed25519 key, from `log.vkey`.
pub fn read_vkey(folder: &Path) -> Result<Vkey, OpenError> {
    check_made(folder)?;
    read_vkey_file(&folder.join(VKEY), VKEY_ELSEWHERE)
}

/// The log's ML-DSA-44 key, from `log.ml-dsa-44.vkey`; `None` if neither that file nor the private key is there.
pub fn read_second_vkey(folder: &Path) -> Result<Option<Vkey>, OpenError> {
    let there = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    match there(SECOND_VKEY) || there(SECOND_KEY) {
        true => read_vkey_file(&folder.join(SECOND_VKEY), SECOND_VKEY_ELSEWHERE).map(Some),
        false => Ok(None),
    }
}

/// The log's signer: the name and public keys from the vkey files, the private keys beside them, and that they fit.
pub fn read_signer(folder: &Path) -> Result<LogSigner, OpenError> {
    let vkey = read_vkey(folder)?;
    let key = key_file::read_pem(&folder.join(KEY)).map_err(of_the_log)?;
    let origin = Origin::parse(vkey.name()).map_err(wrong)?;
    let signer = LogSigner::new(origin, key).map_err(wrong)?;
    if *signer.vkey() != vkey {
        return Err(mismatch(KEY, VKEY, VKEY_ELSEWHERE));
    }
    let Some(second) = read_second_vkey(folder)? else { return Ok(signer) };
    let key = ml_dsa_key_file::read_ml_dsa_pem(&folder.join(SECOND_KEY)).map_err(of_the_log)?;
    let signer = signer.with_second(key).map_err(wrong)?;
    match signer.second_vkey() == Some(&second) {
        true => Ok(signer),
        false => Err(mismatch(SECOND_KEY, SECOND_VKEY, SECOND_VKEY_ELSEWHERE)),
    }
}

/// That the log signs with the ML-DSA-44 key that it is bound to by its entries, and with none that they do not name: whose
/// policy asks for that key's line would take no checkpoint without it.
pub(crate) fn check_second(signer: &LogSigner, registry: &Registry) -> Result<(), OpenError> {
    let named: Vec<&Vkey> =
        registry.log_vkeys().iter().filter(|vkey| vkey.kind() == VkeyKind::MlDsa44).collect();
    match signer.second_vkey() {
        None if named.is_empty() => Ok(()),
        None => Err(wrong(format!(
            "the log's entries name an ML-DSA-44 key, and {SECOND_KEY} and {SECOND_VKEY} are not there: take them from a backup"
        ))),
        Some(key) if named.contains(&key) => Ok(()),
        Some(_) => Err(wrong(format!(
            "{SECOND_KEY} is a key that the log's entries do not name: take it away, with {SECOND_VKEY}"
        ))),
    }
}

fn read_vkey_file(path: &Path, elsewhere: &str) -> Result<Vkey, OpenError> {
    let text = fs::read_to_string(path)
        .map_err(|error| wrong(format!("cannot read {}: {error}; {elsewhere}", path.display())))?;
    let vkey = Vkey::parse(text.trim_end_matches('\n'));
    vkey.map_err(|error| wrong(format!("{}: {error}; {elsewhere}", path.display())))
}

/// A key's file that is lost or holds no key: a new key is of no use there.
fn of_the_log(error: KeyFileError) -> KeyFileError {
    match error {
        KeyFileError::NotAKey { path, algorithm, rule, .. } => {
            KeyFileError::NotAKey { path, algorithm, rule, advice: NO_OTHER }
        }
        KeyFileError::Io { action, path, source } if source.kind() == ErrorKind::NotFound => {
            let source = io::Error::new(source.kind(), format!("{source}; {NO_OTHER}"));
            KeyFileError::Io { action, path, source }
        }
        other => other,
    }
}

/// A private key and a public one that are no pair.
fn mismatch(key: &str, vkey: &str, elsewhere: &str) -> OpenError {
    wrong(format!(
        "{key} is not the key that {vkey} names. Of {vkey}, {elsewhere}; if that is no other, it is {key} that is damaged: {NO_OTHER}"
    ))
}

fn wrong(rule: impl std::fmt::Display) -> OpenError {
    OpenError::LogKey(rule.to_string())
}
