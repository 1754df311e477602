//! The state of every log at start, out of what lies in a store; both copies of each are made equal again, and no log that
//! was ever signed for is begun anew.

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::vkey::Vkey;

use super::WitnessOpenError;
use super::log_settings::{LogId, LogSettings};
use super::record::WitnessRecord;
use super::recover::{RecoverError, Recovered, recover};
use super::store::WitnessStore;

/// The records of all logs, and what was found and mended.
///
/// # Errors
///
/// [`WitnessOpenError`]; nothing may be signed then.
pub(super) fn take_state(
    store: &dyn WitnessStore,
    own: &[Vkey],
    watched: &[LogSettings],
) -> Result<(BTreeMap<LogId, WitnessRecord>, Vec<String>), WitnessOpenError> {
    let (mut records, mut remarks) = (BTreeMap::new(), Vec::new());
    let signed: BTreeMap<LogId, String> =
        store.signed_logs()?.into_iter().map(|origin| (LogId::of_origin(&origin), origin)).collect();
    let copies = store.load()?;
    let is_lost = |log: &LogId| !copies.contains_key(log);
    let lost = signed.iter().filter(|(log, _)| is_lost(log)).map(|(_, origin)| origin.as_str()).collect();
    remarks.extend(check_lost(&lost, watched)?);
    let (mut is_embedded_wrong, mut unnamed) = (false, BTreeSet::new());
    for (log, copies) in copies {
        let is_signed = signed.contains_key(&log);
        let Recovered { record, is_plain_behind, embedded_trouble } = recover(&copies, log, own, is_signed)?;
        let origin = record.checkpoint().origin();
        if is_plain_behind {
            // The plain file first: it is the one that survives a loss of power.
            store.replace_plain(log, &record.encode())?;
            remarks.push(format!("{origin}: cosigned, and not answered, when it stopped"));
        }
        if !is_signed {
            unnamed.insert(origin.to_owned());
        }
        if let Some(trouble) = embedded_trouble {
            is_embedded_wrong = true;
            remarks.push(format!("{origin}: the embedded copy of the state was made anew: {trouble}"));
        }
        records.insert(log, record);
    }
    if !unnamed.is_empty() {
        // First records that were not answered when it stopped. From here on each may be.
        store.add_signed_logs(&unnamed)?;
    }
    if is_embedded_wrong {
        let all = records.iter().map(|(log, record)| (*log, record.encode())).collect();
        store.reset_embedded(&all)?;
    }
    Ok((records, remarks))
}

/// Remarks about the logs that were signed for and of which nothing is left, none of which may be watched.
fn check_lost(lost: &BTreeSet<&str>, watched: &[LogSettings]) -> Result<Vec<String>, RecoverError> {
    let mut needed = watched.iter().map(|log| log.origin.as_str()).filter(|origin| lost.contains(origin));
    if let Some(first) = needed.next() {
        return Err(RecoverError::Lost { origin: first.to_owned(), others: needed.count() });
    }
    let remark = |origin: &&str| {
        format!(
            "{origin}: what was cosigned for it is lost; it is not watched, and cannot be until that is shown"
        )
    };
    Ok(lost.iter().map(remark).collect())
}
