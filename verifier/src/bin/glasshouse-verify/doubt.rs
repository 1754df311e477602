//! Files that witnesses and ledgers keep of a contradiction that is no evidence: known, and no proof against anybody.

use serde::Deserialize;

use crate::answer::{Answer, Verdict};

/// The members that are looked at.
#[derive(Deserialize)]
struct Doubt {
    format: String,
    #[serde(default)]
    convicts: bool,
}

/// What is said of such a file; `None` for any other.
pub(crate) fn explain(text: &str) -> Option<Answer> {
    let doubt: Doubt = serde_json::from_str(text).ok()?;
    let no_proof = |sentence: &str| Answer::new(Verdict::DoesNotHold, sentence).member("rule", "doubt");
    match (doubt.format.as_str(), doubt.convicts) {
        ("glasshouse-doubt/1", false) => Some(no_proof(
            "a doubt of a witness (glasshouse-doubt/1), which convicts nobody: it refused a checkpoint whose proof did not hold, \
             and anybody can send a wrong proof with a right checkpoint",
        )
        .line("ask the log, or an audit of it (`glasshouse-verify log`), whether the tree in `refused` grew out of the one in `cosigned`")),
        ("glasshouse-doubt/1", true) => Some(
            Answer::new(
                Verdict::NotUnderstood,
                "a fork that glasshouse-evidence/1 has no words for (glasshouse-doubt/1), such as one of a log of another make: \
                 compare the notes in `cosigned` and `refused` by hand",
            )
            .member("rule", "doubt"),
        ),
        ("glasshouse-unknown-checkpoint/1", _) => Some(no_proof(
            "two checkpoints that a ledger kept (glasshouse-unknown-checkpoint/1), which convict nobody by themselves: `shown` \
             carries the log's signature, and the ledger did not know it",
        )
        .line("either the log's key signs elsewhere too, or the ledger's folder was older than what it had signed")),
        _ => None,
    }
}
