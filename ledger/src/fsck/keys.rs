//! The files beside the store: the ledger's keys, its policy file, and the record of where it lies.

use std::path::Path;

use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::FsckReport;
use crate::file_store::FileStore;
use crate::key_file;
use crate::log_key_files::{KEY, SECOND_KEY, read_second_vkey, read_signer};
use crate::place::{PlaceError, check_place};

/// Checks that the log's keys sign as this log, that the published checkpoint bears both lines, that `receipt.key` is a key, that `policy.txt` names the log's key, and that
/// the folder and its `state` are those that the ledger was left in.
pub(super) fn check(folder: &Path, log: &Vkey, report: &mut FsckReport) {
    match read_signer(folder) {
        Ok(signer) if signer.vkey() == log => {}
        Ok(_) => report.add(KEY, "not the key that log.vkey names"),
        Err(error) => report.add(key_at_fault(folder), error),
    }
    if let Err(rule) = check_second_line(folder) {
        report.add("public/checkpoint", rule);
    }
    if let Err(error) = key_file::read_pem(&folder.join("receipt.key")) {
        report.add("receipt.key", error);
    }
    if let Err(rule) = check_policy(folder, log) {
        report.add("policy.txt", rule);
    }
    if let Err(error) = check_place(folder) {
        report.add("place", error);
    }
    match FileStore::open_read_only(folder).has_own_state() {
        Ok(true) => {}
        Ok(false) => report.add("state", PlaceError::PutBack { folder: folder.display().to_string() }),
        Err(error) => report.add("state", error),
    }
}

/// Which of the two private keys is not as it should be, where one is not.
fn key_at_fault(folder: &Path) -> &'static str {
    match key_file::read_pem(&folder.join(KEY)) {
        Ok(_) => SECOND_KEY,
        Err(_) => KEY,
    }
}

/// Where the log has an ML-DSA-44 key, its line stands below the published checkpoint, and holds.
fn check_second_line(folder: &Path) -> Result<(), String> {
    let Ok(Some(second)) = read_second_vkey(folder) else { return Ok(()) };
    let Ok(bytes) = std::fs::read(folder.join("public/checkpoint")) else { return Ok(()) };
    let note = Note::parse(&bytes).map_err(|error| error.to_string())?;
    match verify_cosignature(&note, &second) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the log's ML-DSA-44 line: {error}")),
    }
}

fn check_policy(folder: &Path, log: &Vkey) -> Result<(), String> {
    let text = std::fs::read_to_string(folder.join("policy.txt")).map_err(|error| error.to_string())?;
    let policy = Policy::parse(&text).map_err(|error| error.to_string())?;
    let origin = Origin::parse(log.name()).map_err(|error| error.to_string())?;
    if policy.log_key(&origin) == Some(log) {
        Ok(())
    } else {
        Err("it does not name this log's key".to_owned())
    }
}
