//! A log over some seconds: it never shrinks, every checkpoint contains the one before, and partial tiles of published sizes stay.

use std::time::{Duration, Instant};

use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{TilePath, partial_tiles_of};
use glasshouse_verifier::vkey::Vkey;

use super::any_checkpoint::AnyCheckpoint;
use super::checkpoint_checks::read_again;
use super::report::{Demand, Report};
use super::wire::Wire;
use crate::answer::Trouble;
use crate::source::Source;
use crate::tile_nodes::TileNodes;

/// Time between two looks.
const BETWEEN: Duration = Duration::from_millis(500);

const MONOTONE: &str =
    "a later checkpoint is never smaller, has the same origin, and at one size one root (tlog-checkpoint)";
const CONSISTENT: &str =
    "the tiles of the newest tree lead to every earlier root too (tlog-checkpoint, RFC 6962 section 2.1.2)";
const RETAINED: &str =
    "partial tiles of a published size stay until the full one exists (tlog-tiles, Partial Tiles)";

/// Watches for so long, and judges what was seen.
pub(crate) fn run(
    wire: &Wire,
    key: Option<&Vkey>,
    first: AnyCheckpoint,
    watch: Duration,
    report: &mut Report,
) -> Result<(), Trouble> {
    let until = Instant::now() + watch;
    let mut seen = vec![first];
    let mut wrong = None;
    while Instant::now() < until && wrong.is_none() {
        std::thread::sleep(BETWEEN.min(until.saturating_duration_since(Instant::now())));
        match read_again(wire, key)? {
            Ok(next) => {
                wrong = seen.last().and_then(|last| contradicts(last, &next));
                if seen.last() != Some(&next) {
                    seen.push(next);
                }
            }
            Err(why) => wrong = Some(why),
        }
    }
    let grown = seen.len() - 1;
    report.check(Demand::Must, "growth.monotone", MONOTONE, wrong.map_or(Ok(()), Err));
    let (Some(newest), true) = (seen.last(), grown > 0) else {
        let why = "the log did not grow meanwhile; --watch SECONDS looks for longer";
        report.not_tried(Demand::Must, "growth.consistent", CONSISTENT, why);
        report.not_tried(Demand::Must, "growth.retained", RETAINED, why);
        return Ok(());
    };
    let source = Source::new(wire.prefix());
    let nodes = TileNodes::new(&source, newest.size);
    let odd =
        seen.iter().filter(|one| one.size > TreeSize::ZERO).find_map(|one| leads_elsewhere(&nodes, one));
    report.check(Demand::Must, "growth.consistent", CONSISTENT, odd.map_or(Ok(()), Err));
    let mut lost = None;
    for path in partial_tiles_of(seen[0].size) {
        if wire.plain(&path.encode())?.status != 200 {
            let full = path.full();
            let is_full = newest.size.get() >> (8 * u32::from(path.level())) >= (path.index() + 1) * 256;
            if !is_full || wire.plain(&full.encode())?.status != 200 {
                lost.get_or_insert(format!(
                    "{} is gone, and so is {}",
                    path.encode(),
                    TilePath::encode(&full)
                ));
            }
        }
    }
    report.check(Demand::Must, "growth.retained", RETAINED, lost.map_or(Ok(()), Err));
    report.note(format!(
        "it grew from {} to {} entries while we looked, in {grown} checkpoints",
        seen[0].size, newest.size
    ));
    Ok(())
}

fn contradicts(last: &AnyCheckpoint, next: &AnyCheckpoint) -> Option<String> {
    if next.origin != last.origin {
        return Some(format!("the origin was {:?} and is {:?}", last.origin, next.origin));
    }
    if next.size < last.size {
        return Some(format!("it had {} entries and has {}", last.size, next.size));
    }
    (next.size == last.size && next.root != last.root).then(|| format!("two roots at {} entries", next.size))
}

fn leads_elsewhere(nodes: &TileNodes<'_>, one: &AnyCheckpoint) -> Option<String> {
    match nodes.node(0, one.size.get()) {
        Ok(node) if node.to_root() == one.root => None,
        Ok(node) => Some(format!(
            "at {} entries they lead to {}, and {} was signed",
            one.size,
            node.to_root(),
            one.root
        )),
        Err(error) => Some(error.to_string()),
    }
}
