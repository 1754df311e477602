//! A log over some seconds: it has one history, every checkpoint is contained in the largest, and partial tiles of published sizes
//! stay.

use std::time::{Duration, Instant};

use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::partial_tiles_of;
use glasshouse_verifier::vkey::Vkey;

use super::any_checkpoint::AnyCheckpoint;
use super::checkpoint_checks::read_again;
use super::published::{Published, tiles_lead_to};
use super::report::Report;
use super::rules;
use super::wire::Wire;
use crate::answer::Trouble;
use crate::plural::counted;

/// Time between two looks.
const BETWEEN: Duration = Duration::from_millis(500);

/// What was seen: each checkpoint once, and the first look that broke each rule.
struct Seen {
    first: AnyCheckpoint,
    later: Vec<AnyCheckpoint>,
    unserved: Option<String>,
    smaller: Option<String>,
    forked: Option<String>,
}

impl Seen {
    fn all(&self) -> impl Iterator<Item = &AnyCheckpoint> {
        std::iter::once(&self.first).chain(&self.later)
    }

    fn largest(&self) -> TreeSize {
        self.all().map(|one| one.size).fold(TreeSize::ZERO, TreeSize::max)
    }

    fn look(&mut self, answer: Result<AnyCheckpoint, String>) {
        let next = match answer {
            Ok(next) => next,
            Err(why) => {
                self.unserved = Some(why);
                return;
            }
        };
        let is_other = |one: &AnyCheckpoint| one.size == next.size && one.root != next.root;
        if next.origin != self.first.origin {
            self.forked = Some(format!("the origin was {:?} and is {:?}", self.first.origin, next.origin));
        } else if self.all().any(is_other) {
            self.forked = Some(format!("two roots at size {}", next.size));
        }
        let largest = self.largest();
        if next.size < largest {
            self.smaller.get_or_insert(format!("its size was {largest} and is {}", next.size));
        }
        if !self.all().any(|one| *one == next) {
            self.later.push(next);
        }
    }

    /// Whether there is nothing more to look for. A place that lags behind may catch up.
    fn is_over(&self) -> bool {
        self.unserved.is_some() || self.forked.is_some()
    }
}

/// Watches for so long, and judges what was seen.
pub(crate) fn run(
    wire: &Wire,
    key: Option<&Vkey>,
    first: AnyCheckpoint,
    watch: Duration,
    report: &mut Report,
) -> Result<(), Trouble> {
    let until = Instant::now() + watch;
    let mut seen = Seen { first, later: vec![], unserved: None, smaller: None, forked: None };
    let mut looks = 0;
    while Instant::now() < until && !seen.is_over() {
        std::thread::sleep(BETWEEN.min(until.saturating_duration_since(Instant::now())));
        seen.look(read_again(wire, key)?);
        looks += 1;
    }
    if looks == 0 {
        for rule in [rules::GROWTH_SERVED, rules::GROWTH_MONOTONE, rules::GROWTH_UNFORKED] {
            report.not_tried(rule, "--watch SECONDS was 0");
        }
    } else {
        report.check(rules::GROWTH_SERVED, seen.unserved.take().map_or(Ok(()), Err));
        report.check(rules::GROWTH_MONOTONE, seen.smaller.take().map_or(Ok(()), Err));
        report.check(rules::GROWTH_UNFORKED, seen.forked.take().map_or(Ok(()), Err));
    }
    judge_tiles(wire, &seen, report)
}

fn judge_tiles(wire: &Wire, seen: &Seen, report: &mut Report) -> Result<(), Trouble> {
    let (first, largest) = (seen.first.size, seen.largest());
    // A fork at one size has been told; only one of its roots can be that of the tiles.
    let sizes_differ = seen.later.iter().any(|one| one.size != first);
    if !sizes_differ {
        let why = "the log did not grow meanwhile; --watch SECONDS looks for longer";
        report.not_tried(rules::GROWTH_CONSISTENT, why);
        report.not_tried(rules::GROWTH_RETAINED, why);
        return Ok(());
    }
    let mut odd = Ok(());
    for one in seen.all() {
        odd = tiles_lead_to(wire, largest, one)?;
        if odd.is_err() {
            break;
        }
    }
    report.check(rules::GROWTH_CONSISTENT, odd);
    let mut lost = Ok(());
    for path in partial_tiles_of(seen.first.size) {
        lost = lost.and(Published::tile(wire, path)?.is_served());
    }
    report.check(rules::GROWTH_RETAINED, lost);
    if largest > first {
        let many = seen.later.len();
        report.note(format!(
            "it grew from {first} to {} while we looked, in {}",
            counted(largest.get(), "entry", "entries"),
            counted(many as u64, "checkpoint", "checkpoints")
        ));
    }
    Ok(())
}
