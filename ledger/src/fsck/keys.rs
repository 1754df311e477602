//! The files beside the store: the ledger's keys, its policy file, and the record of where it lies.

use std::path::Path;

use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::FsckReport;
use crate::key_file;
use crate::log_signer::LogSigner;
use crate::place::check_place;

/// Checks that `log.key` signs as this log, that `receipt.key` is a key, that `policy.txt` names the log's key, and that
/// the folder is the one that the ledger was left in.
pub(super) fn check(folder: &Path, log: &Vkey, report: &mut FsckReport) {
    if let Err(rule) = check_log_key(folder, log) {
        report.add("log.key", rule);
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
}

fn check_log_key(folder: &Path, log: &Vkey) -> Result<(), String> {
    let key = key_file::read_pem(&folder.join("log.key")).map_err(|error| error.to_string())?;
    let origin = Origin::parse(log.name()).map_err(|error| error.to_string())?;
    let signer = LogSigner::new(origin, key).map_err(|error| error.to_string())?;
    if signer.vkey() == log { Ok(()) } else { Err("not the key that log.vkey names".to_owned()) }
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
