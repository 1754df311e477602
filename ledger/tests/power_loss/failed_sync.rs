//! A sync that fails and a loss of power later: what was written can still be read, the system takes it for written, and no later
//! sync brings it to the disk. The process ends, the next start finds everything whole, or what the system has forgotten, and only what
//! it writes once more lasts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::check::{First, Past};
use crate::disk::{Disk, Loss};
use crate::scenarios::Scenario;
use crate::support::decision;
use crate::support::dice::Dice;
use crate::torn_store::TornStore;
use crate::world::{Step, World, send};

/// Starts after the one failure that may fail as well.
const STARTS: usize = 4;

/// Lets each sync of the scenario fail in its turn, and the power go behind all that follows and at one in so many of its moments.
/// Gives how many syncs there were.
pub(crate) fn each(scenario: &Scenario, one_in: usize) -> usize {
    let mut dice = Dice::new(1);
    (0..).take_while(|syncs| fail(scenario, *syncs, one_in, &mut dice)).count()
}

/// Whether the scenario has so many syncs and one more, which has failed.
fn fail(scenario: &Scenario, syncs: usize, one_in: usize, dice: &mut Dice) -> bool {
    let mut world = scenario.world();
    world.store.fail_sync_after(syncs, dice.pick(&[0, 0, 3, 10]));
    let run = catch_unwind(AssertUnwindSafe(|| drop(world.run(&scenario.steps))));
    if !world.store.has_failed() {
        assert!(run.is_ok(), "{}: fails by itself", scenario.name);
        return false;
    }
    assert!(run.is_err(), "{}: goes on after a sync that failed", scenario.name);
    let story = format!("{}, after sync {syncs} failed", scenario.name);
    let left = world.store.disk().clone();
    let (mut world, store) = start(&story, scenario, left, &world, dice);
    let mut moments = store.take_moments();
    world.send_again();
    world.finish();
    moments.extend(world.run(&[Step::Settle]));
    let fresh = send(decision(scenario.next));
    let past = Past::of(&world, &fresh);
    for (number, moment) in moments.iter().enumerate().rev() {
        // Behind everything, and of the moments before it one in so many.
        if number + 1 < moments.len() && !dice.once_in(one_in) {
            continue;
        }
        let by_chance = Loss { kept: moment.disk.random_loss(dice), ..moment.disk.loss(true) };
        past.check(&story, moment, &by_chance, First::of(number + 1));
        past.check(&story, moment, &moment.disk.loss(false), First::of(number));
    }
    true
}

/// Starts on what can be read, where syncs of the first starts may fail too.
fn start(
    story: &str,
    scenario: &Scenario,
    mut left: Disk,
    old: &World,
    dice: &mut Dice,
) -> (World, Arc<TornStore>) {
    for _ in 0..STARTS {
        let store = TornStore::on(left);
        store.fail_sync_after(dice.roll(5), dice.pick(&[0, 0, 3]));
        let opened = World::on(scenario.mode, Arc::clone(&store), old.sent.clone(), old.promises.clone());
        match opened {
            Ok(world) if !store.has_failed() => {
                store.fail_sync_after(usize::MAX, 0);
                return (world, store);
            }
            Ok(_) => panic!("{story}: the start goes on after a sync that failed"),
            Err(error) => assert!(store.has_failed(), "{story}: the start refuses: {error}"),
        }
        left = store.disk().clone();
    }
    let store = TornStore::on(left);
    let opened = World::on(scenario.mode, Arc::clone(&store), old.sent.clone(), old.promises.clone());
    (opened.unwrap_or_else(|error| panic!("{story}: the start refuses: {error}")), store)
}
