//! The newest checkpoint: where and how it is served, its form, its signature.

use glasshouse_verifier::note::Note;
use glasshouse_verifier::vkey::Vkey;

use super::any_checkpoint::AnyCheckpoint;
use super::report::Report;
use super::rules;
use super::wire::{Reply, Wire};
use crate::answer::Trouble;
use crate::plural::counted;

/// Reads the newest checkpoint and judges it. `None` if there is none to go on with.
pub(crate) fn run(
    wire: &Wire,
    key: Option<&Vkey>,
    report: &mut Report,
) -> Result<Option<AnyCheckpoint>, Trouble> {
    let reply = wire.plain("checkpoint")?;
    let served = report.check(rules::CHECKPOINT_SERVED, has_status(&reply, 200));
    if !served {
        return Ok(None);
    }
    let kind = reply.header("content-type");
    let right = kind.replace(' ', "") == "text/plain;charset=utf-8";
    report.check(rules::CHECKPOINT_TYPE, right.then_some(()).ok_or(format!("it is {kind:?}")));
    report.check(
        rules::CHECKPOINT_CACHE,
        (!reply.is_cached_too_long())
            .then_some(())
            .ok_or(format!("Cache-Control is {:?}", reply.header("cache-control"))),
    );
    report.check(
        rules::CHECKPOINT_CORS,
        (reply.header("access-control-allow-origin") == "*")
            .then_some(())
            .ok_or("the header is missing".to_owned()),
    );
    Ok(judge_note(&reply, key, report))
}

fn judge_note(reply: &Reply, key: Option<&Vkey>, report: &mut Report) -> Option<AnyCheckpoint> {
    let parsed = Note::parse(&reply.body).map_err(|error| error.to_string());
    let parsed = parsed.and_then(|note| Ok((AnyCheckpoint::parse(&note)?, note)));
    let outcome = parsed.as_ref().map(|_| ()).map_err(Clone::clone);
    report.check(rules::CHECKPOINT_FORM, outcome);
    let (checkpoint, note) = parsed.ok()?;
    report.check(
        rules::CHECKPOINT_EXTENSIONS,
        (checkpoint.extensions == 0).then_some(()).ok_or(format!("there are {}", checkpoint.extensions)),
    );
    match key {
        Some(key) => {
            let signed =
                note.clone().verify(std::slice::from_ref(key)).map(|_| ()).map_err(|error| error.to_string());
            report.check(rules::CHECKPOINT_SIGNATURE, signed);
            report.check(
                rules::CHECKPOINT_KEY_NAME,
                (key.name() == checkpoint.origin).then_some(()).ok_or(format!(
                    "{:?} signs for {:?}",
                    key.name(),
                    checkpoint.origin
                )),
            );
        }
        None => {
            for rule in [rules::CHECKPOINT_SIGNATURE, rules::CHECKPOINT_KEY_NAME] {
                report.not_tried(rule, "give the log's key with --log-key");
            }
        }
    }
    report.note(format!("{} has {}", checkpoint.origin, counted(checkpoint.size.get(), "entry", "entries")));
    Some(checkpoint)
}

/// Reads a checkpoint again, in whatever form, under the same key.
pub(crate) fn read_again(wire: &Wire, key: Option<&Vkey>) -> Result<Result<AnyCheckpoint, String>, Trouble> {
    let reply = wire.plain("checkpoint")?;
    if reply.status != 200 {
        return Ok(Err(format!("the status is {}", reply.status)));
    }
    let read = || {
        let note = Note::parse(&reply.body).map_err(|error| error.to_string())?;
        if let Some(key) = key {
            note.clone().verify(std::slice::from_ref(key)).map_err(|error| error.to_string())?;
        }
        AnyCheckpoint::parse(&note)
    };
    Ok(read())
}

/// Whether the status is this one.
fn has_status(reply: &Reply, status: u16) -> Result<(), String> {
    (reply.status == status).then_some(()).ok_or(format!("the status is {}", reply.status))
}
