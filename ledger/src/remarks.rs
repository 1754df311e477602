//! What a start found that an operator should know.

use glasshouse_verifier::checkpoint::SignedCheckpoint;

use crate::evidence::{Evidence, Found};
use crate::state::StateRecord;

/// What was not as it should be, and is mended. `published`: the published checkpoint, as it should be.
pub(crate) fn remarks(
    evidence: &Evidence,
    record: &StateRecord,
    published: Option<&SignedCheckpoint>,
    torn: &[String],
) -> Vec<String> {
    let mut remarks = Vec::new();
    let size = record.head().size();
    let copies =
        [("the embedded copy of the state", &evidence.embedded), ("the state file", &evidence.plain)];
    for (name, found) in copies {
        match found {
            Found::Whole(found) if found == record => {}
            Found::Whole(found) => remarks.push(format!(
                "{name} was at size {}, the greatest signed tree has {size}: written anew",
                found.head().size()
            )),
            Found::Missing => remarks.push(format!("{name} was missing: written anew at size {size}")),
            Found::Damaged(why) => {
                remarks.push(format!("{name} was damaged ({why}): written anew at size {size}"));
            }
        }
    }
    if let Found::Damaged(why) = &evidence.checkpoint {
        remarks.push(format!("the published checkpoint was damaged ({why}): published anew, with a quorum where one is required"));
    }
    if let (Some(lies), Some(published)) = (evidence.checkpoint.whole(), published)
        && lies.note_text() != published.note_text()
    {
        let rule = "the published checkpoint had other lines of this log than those that were signed: published anew";
        remarks.push(rule.to_owned());
    }
    let dropped =
        torn.iter().map(|name| format!("{name} was never finished, nothing was signed away with it"));
    remarks.extend(dropped);
    remarks
}
