//! A sync that fails and a loss of power later: what was written can still be read, the system takes it for written, and no later
//! sync brings it to the disk. The process ends, the next start finds everything whole, and only what it writes once more lasts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::check::{First, Past};
use crate::disk::Loss;
use crate::scenarios::Scenario;
use crate::support::decision;
use crate::support::dice::Dice;
use crate::torn_store::TornStore;
use crate::world::{Step, World, send};

/// Lets each sync of the scenario fail in its turn. Gives how many there were.
pub(crate) fn each(scenario: &Scenario) -> usize {
    let mut dice = Dice::new(1);
    (0..).take_while(|syncs| fail(scenario, *syncs, &mut dice)).count()
}

/// Whether the scenario has so many syncs and one more, which has failed.
fn fail(scenario: &Scenario, syncs: usize, dice: &mut Dice) -> bool {
    let mut world = scenario.world();
    world.store.fail_sync_after(syncs);
    let run = catch_unwind(AssertUnwindSafe(|| drop(world.run(&scenario.steps))));
    if !world.store.has_failed() {
        assert!(run.is_ok(), "{}: fails by itself", scenario.name);
        return false;
    }
    assert!(run.is_err(), "{}: goes on after a sync that failed", scenario.name);
    let store = TornStore::on(world.store.disk().clone());
    let opened = World::on(scenario.mode, Arc::clone(&store), world.sent, world.promises);
    let story = format!("{}, after sync {syncs} failed", scenario.name);
    let mut world = opened.unwrap_or_else(|error| panic!("{story}: the start refuses: {error}"));
    let mut moments = store.take_moments();
    world.send_again();
    world.finish();
    moments.extend(world.run(&[Step::Settle]));
    let fresh = send(decision(scenario.next));
    let past = Past { mode: world.mode, promises: &world.promises, sent: &world.sent, fresh: &fresh };
    for (number, moment) in moments.iter().enumerate() {
        let by_chance = Loss { kept: moment.disk.random_loss(dice), ..moment.disk.loss(true) };
        past.check(&story, moment, &by_chance, First::of(number + 1));
        past.check(&story, moment, &moment.disk.loss(false), First::of(number));
    }
    true
}
