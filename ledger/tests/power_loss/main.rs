//! Losses of power: at every moment of what a ledger does, what a disk with a volatile write cache can leave. Small logs are tried at every
//! moment, with a sample of what can be left there; longer ones at random. `POWER_LOSS_SEEDS` is the number of random lives, and with
//! more than the usual few of them every subset of what is left in few pieces is tried too, and a larger sample of the rest:
//!
//! ```text
//! POWER_LOSS_SEEDS=2000 cargo test --release -p glasshouse-ledger --test power_loss
//! ```
//!
//! That such a test finds what it is for, `mistakes_are_found` shows: a sync that is skipped, a stage that goes before the sync, a round that
//! is published before its stage is durable, a state that is swapped before its stage is written, a checkpoint that is put without being
//! made durable, no sync behind the overwriting of texts, a tree that is shown before anything of it is on the disk. Nothing but damage lets a start refuse: after a loss of power
//! alone it never may, nor after one behind a sync that has failed (`failed_sync.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod check;
#[path = "../support/disk.rs"]
mod disk;
mod failed_sync;
mod random;
mod scenarios;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/torn_store.rs"]
mod torn_store;
mod unmarked;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{pack_path, scan_pack};
use glasshouse_ledger::store::Store;

use crate::check::{First, Past};
use crate::disk::{Disk, Loss};
use crate::scenarios::{Scenario, TEXTS};
use crate::support::dice::Dice;
use crate::support::faulty_store::{Fault, FaultyStore};
use crate::support::lives::{assert_redacted, leaf, redaction};
use crate::support::*;
use crate::torn_store::{Mistake, Moment, TornStore};
use crate::world::{Mode, Sent, Step, World, send};

/// Random lives, where nobody asks for more.
const FEW_SEEDS: u64 = 16;

fn seeds() -> u64 {
    std::env::var("POWER_LOSS_SEEDS").map_or(FEW_SEEDS, |seeds| seeds.parse().unwrap())
}

/// How much is tried at one moment.
struct Most {
    /// Subsets of what is not durable, see `Moment::losses`.
    subsets: usize,
    /// Of all that makes so many losses are tried, by chance.
    losses: usize,
    /// Of so many losses one is followed by second ones, in the start after it.
    second_in: usize,
    /// At so many of its moments.
    moments: usize,
    /// Second losses at each of those, at random.
    second: usize,
}

impl Most {
    fn usual() -> Most {
        match seeds() > FEW_SEEDS {
            true => Most { subsets: 1024, losses: usize::MAX, second_in: 3, moments: 2, second: 1 },
            false => Most { subsets: 64, losses: 2, second_in: 40, moments: usize::MAX, second: 1 },
        }
    }

    /// Where each start reads hundreds of entries.
    fn of_a_tile() -> Most {
        match seeds() > FEW_SEEDS {
            true => Most { subsets: 256, losses: usize::MAX, second_in: 10, moments: 4, second: 1 },
            false => Most { subsets: 8, losses: 1, second_in: 100, moments: usize::MAX, second: 1 },
        }
    }
}

#[test]
fn the_store_keeps_the_contract() {
    glasshouse_ledger::store_contract::run(|| Arc::into_inner(TornStore::on(Disk::new(64))).unwrap());
}

fn exhaust(scenario: &Scenario, most: &Most) {
    let mut world = scenario.world();
    let moments = world.run(&scenario.steps);
    let fresh = send(decision(scenario.next));
    let past = Past::of(&world, &fresh);
    let mut dice = Dice::new(1);
    let (mut losses, mut second) = (0, 0);
    for moment in &moments {
        for loss in some_losses(moment, most, &mut dice) {
            let starting = past.check(scenario.name, moment, &loss, First::of(losses));
            losses += 1;
            if losses % most.second_in != 0 {
                continue;
            }
            let step = starting.len().div_ceil(most.moments.max(1));
            for again in starting.iter().skip(dice.roll(step)).step_by(step) {
                let losses = again.losses(most.second, &mut dice);
                for _ in 0..most.second {
                    let story = format!("{}, after a loss in {}", scenario.name, moment.call);
                    past.check(&story, again, &losses[dice.roll(losses.len())], First::of(second));
                    second += 1;
                }
            }
        }
    }
    println!("{}: {} moments, {losses} losses, {second} second ones", scenario.name, moments.len());
    // A round makes more moments than these, and at each of them something can be lost.
    assert!(moments.len() >= 5, "{}: {} moments only", scenario.name, moments.len());
    assert!(losses >= moments.len(), "{}: {losses} losses at {} moments", scenario.name, moments.len());
    assert!(second >= losses / most.second_in, "{}: {second} second losses", scenario.name);
}

fn some_losses(moment: &Moment, most: &Most, dice: &mut Dice) -> Vec<Loss> {
    let mut losses = moment.losses(most.subsets, dice);
    while losses.len() > most.losses {
        losses.swap_remove(dice.roll(losses.len()));
    }
    losses
}

/// After how many losses in these scenarios there is one that a ledger that makes a mistake does not survive.
fn found(scenarios: &[Scenario], mistake: Mistake, losses: usize) -> Option<usize> {
    let mut tried = 0;
    for scenario in scenarios {
        let mut world = scenario.world();
        world.store.mistake(mistake);
        let moments = world.run(&scenario.steps);
        let fresh = send(decision(scenario.next));
        let past = Past::of(&world, &fresh);
        let (mut dice, most) =
            (Dice::new(1), Most { subsets: 64, losses, second_in: 1, moments: 0, second: 0 });
        for moment in &moments {
            for loss in some_losses(moment, &most, &mut dice) {
                let first = First::of(tried);
                let check = AssertUnwindSafe(|| past.check(scenario.name, moment, &loss, first));
                tried += 1;
                if catch_unwind(check).is_err() {
                    return Some(tried);
                }
            }
        }
    }
    None
}

/// The tests here would find each of these mistakes, with as few losses as they usually try.
#[test]
fn mistakes_are_found() {
    let mistakes = [
        (Mistake::SkipsSync, scenarios::writing()),
        (Mistake::DeletesBeforeSync, scenarios::writing()),
        (Mistake::PutsStage, scenarios::writing()),
        (Mistake::SwapsBeforeStage, scenarios::writing()),
        // Where nobody waits for witnesses, the state alone says what is to be published again.
        (Mistake::PutsCheckpoint, scenarios::publications()),
        (Mistake::SkipsSyncBehindRewrite, scenarios::erasures()),
        // Nobody was answered who could miss something, and whoever sends it again makes the same tree again.
        (Mistake::ShowsBeforeWriting, scenarios::publications()),
    ];
    for (mistake, scenarios) in mistakes {
        let found = found(&scenarios, mistake, Most::usual().losses.min(3));
        println!("{mistake:?}: found after {found:?} losses");
        assert!(found.is_some(), "{mistake:?} is not found");
    }
}

#[test]
fn whatever_is_lost_while_it_writes() {
    scenarios::writing().iter().for_each(|scenario| exhaust(scenario, &Most::usual()));
}

#[test]
fn whatever_is_lost_while_it_erases() {
    scenarios::erasures().iter().for_each(|scenario| exhaust(scenario, &Most::usual()));
}

#[test]
fn whatever_is_lost_while_it_publishes_with_witnesses() {
    scenarios::publications().iter().for_each(|scenario| exhaust(scenario, &Most::usual()));
}

#[test]
fn whatever_is_lost_while_it_writes_down_what_the_entries_say() {
    scenarios::keeping().iter().for_each(|scenario| exhaust(scenario, &Most::usual()));
    exhaust(&scenarios::keeping_a_tile(), &Most::of_a_tile());
}

#[test]
fn whatever_is_lost_while_a_tile_fills() {
    for mode in [Mode::AtOnce, Mode::Quorum] {
        exhaust(&scenarios::filling(mode), &Most::of_a_tile());
    }
}

#[test]
fn what_a_failed_sync_has_lost_is_written_again() {
    let groups =
        [scenarios::writing(), scenarios::erasures(), scenarios::publications(), scenarios::keeping()];
    for scenario in groups.iter().flatten() {
        let syncs = failed_sync::each(scenario, if seeds() > FEW_SEEDS { 1 } else { 8 });
        println!("{}: {syncs} syncs", scenario.name);
        // A round has its stage, its state and its checkpoint; one of these scenarios has a round that keeps a refusal alone.
        let rounds = scenario.steps.iter().filter(|step| matches!(step, Step::Round)).count();
        assert!(syncs + 1 >= 3 * rounds, "{}: {syncs} syncs", scenario.name);
    }
}

/// The process is killed, and the power goes while it starts again: what could be read then had not come to the disk.
#[test]
fn whatever_is_lost_in_the_start_after_a_kill() {
    let groups =
        [scenarios::writing(), scenarios::erasures(), scenarios::publications(), scenarios::keeping()];
    let mut dice = Dice::new(1);
    for scenario in groups.iter().flatten() {
        let mut world = scenario.world();
        let moments = world.run(&scenario.steps);
        let fresh = send(decision(scenario.next));
        let past = Past::of(&world, &fresh);
        for moment in &moments {
            let (store, promises) = (TornStore::on(moment.disk.clone()), &world.promises[..moment.promised]);
            let story = format!("{}, killed in {}", scenario.name, moment.call);
            let again = World::on(world.mode, Arc::clone(&store), world.sent.clone(), promises.to_vec());
            again.unwrap_or_else(|error| panic!("{story}: the start refuses: {error}"));
            let starting = store.take_moments();
            // Behind everything, and somewhere within.
            for at in [starting.len() - 1, dice.roll(starting.len())] {
                past.check(&story, &starting[at], &starting[at].disk.loss(false), First::of(at));
            }
        }
    }
}

/// The published checkpoint is lost on top of it: a redaction that was published, and was being carried out, waits for its
/// witnesses again.
#[test]
fn whatever_is_lost_together_with_the_checkpoint() {
    let mut dice = Dice::new(1);
    let scenarios = [scenarios::erasures(), scenarios::publications()];
    for scenario in scenarios.iter().flatten().filter(|scenario| scenario.mode == Mode::Quorum) {
        let mut world = scenario.world();
        let moments = world.run(&scenario.steps);
        let fresh = send(decision(scenario.next));
        let past = Past { is_checkpoint_lost: true, ..Past::of(&world, &fresh) };
        for moment in &moments {
            for loss in moment.losses(16, &mut dice) {
                let mut disk = moment.disk.after(&loss);
                disk.delete("checkpoint");
                disk.sync();
                let lost = Moment { call: moment.call.clone(), disk, promised: moment.promised };
                past.check(scenario.name, &lost, &lost.disk.loss(true), First::Again);
            }
        }
    }
}

/// A double statement was kept, the sync behind it failed, and later ones went well: it is evidence, and lies there still.
#[test]
fn a_double_statement_outlives_a_failed_sync() {
    let mut world = World::new(Mode::AtOnce, 64);
    world.run(&[
        send(decision(1)),
        Step::Round,
        Step::Settle,
        scenarios::refused(scenarios::double(1)),
        Step::Round,
    ]);
    world.store.fail_sync_after(0, 0);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(world.run(&[Step::Settle])))).is_err());
    let store = TornStore::on(world.store.disk().clone());
    World::on(Mode::AtOnce, Arc::clone(&store), world.sent, Vec::new()).unwrap().run(&[Step::Settle]);
    let left = store.disk().clone();
    let store = TornStore::on(left.after(&left.loss(false)));
    World::on(Mode::AtOnce, Arc::clone(&store), Vec::new(), Vec::new()).unwrap();
    assert_eq!(store.list("refused").unwrap().len(), 1);
}

/// A stage was torn, the next start removed it, and what removes it was never synced: behind a tree that has grown beyond it, it
/// looked like a round that is needed.
#[test]
fn a_torn_stage_does_not_come_back_behind_a_greater_tree() {
    let mut world = World::new(Mode::AtOnce, 64);
    let moments = world.run(&[send(decision(1)), Step::Round]);
    let torn = moments.iter().find(|moment| moment.call.starts_with("put_durable stage/")).unwrap();
    let left = torn.disk.after(&torn.disk.loss_of_blocks());
    let torn = left.names().find(|name| name.starts_with("stage/")).and_then(|name| left.get(name)).unwrap();
    assert!(torn.iter().all(|byte| *byte == 0), "the stage is not torn");
    let store = TornStore::on(left.clone());
    let starting = TornStore::on(left);
    drop(World::on(Mode::AtOnce, Arc::clone(&starting), Vec::new(), Vec::new()).unwrap());
    // Killed when the stage was deleted, and before anything was synced, a start finds none.
    let gone = |moment: &Moment| !moment.disk.names().any(|name| name.starts_with("stage/"));
    let killed = starting.take_moments().into_iter().find(gone).unwrap();
    assert!(killed.disk.pieces() > 0, "{} is behind the sync", killed.call);
    for store in [store, TornStore::on(killed.disk)] {
        go_on_behind_a_torn_stage(store, &world.sent);
    }
}

fn go_on_behind_a_torn_stage(store: Arc<TornStore>, sent: &[Sent]) {
    let mut world = World::on(Mode::AtOnce, store, sent.to_vec(), Vec::new()).unwrap();
    let fresh = send(decision(4));
    let moments = world.run(&[send(decision(2)), send(decision(3)), Step::Round]);
    let past = Past::of(&world, &fresh);
    for moment in &moments {
        past.check("behind a torn stage", moment, &moment.disk.loss(false), First::Fresh);
    }
}

/// A round was settled, and with it the partial tile that it had filled was gone; its stage came back, and doing it again put a new
/// file in the full tile's stead, without a sync.
#[test]
fn doing_a_round_again_takes_no_tile_back() {
    let world = scenarios::filling(Mode::AtOnce).world();
    let (store, mut world) = (world.store.clone(), world);
    world.run(&scenarios::filling(Mode::AtOnce).steps);
    assert!(store.get("tile/0/000").unwrap().is_some() && store.list("tile/0/000.p").unwrap().is_empty());
    let settled = store.disk().clone();
    let store = TornStore::on(settled.after(&settled.loss_of_deletions("stage/")));
    assert!(!store.list("stage").unwrap().is_empty(), "no stage comes back");
    let world = World::on(Mode::AtOnce, store.clone(), world.sent, world.promises).unwrap();
    let fresh = send(decision(300));
    let past = Past::of(&world, &fresh);
    let moments = store.take_moments();
    assert!(
        moments.iter().any(|moment| moment.call == "rewrite tile/0/000"),
        "the tile is not written again"
    );
    for moment in moments {
        past.check("a stage that came back", &moment, &moment.disk.loss_of_blocks(), First::Fresh);
    }
}

/// Texts of two rounds were being erased, the stage of the later one lay still, and the disk had kept zeros without their marks: the start
/// took the earlier one's for damage that no stage could mend, and refused.
#[test]
fn texts_that_were_being_erased_are_no_torn_end() {
    let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
    let store: Arc<dyn Store> = faulty.clone();
    let (mut writer, reader) = enrolled(&store);
    let both = [decision(1), decision(2)];
    publish(&mut writer, &reader, &both[..1]);
    writer.settle().unwrap();
    publish(&mut writer, &reader, &both[1..]);
    faulty.arm(5, Fault::Failed);
    writer.submit(admit(&reader, &redaction(3, &both.each_ref().map(leaf), &TEXTS)).unwrap());
    writer.round().unwrap_err();
    assert_eq!(faulty.names().last().unwrap(), "sync");
    let left: Arc<dyn Store> = Arc::new(faulty.inner().after_kill());
    for record in scan_pack(left.as_ref(), 0).unwrap().iter().filter(|record| record.entry.get() >= 2) {
        let text = vec![0; record.place.length as usize];
        left.overwrite(&pack_path(0), record.place.offset + 45, &text).unwrap();
    }
    let (_, reader) = open(&left);
    assert_eq!(reader.head().size().get(), 5);
    for signed in &both {
        TEXTS.iter().for_each(|field| assert_redacted(&reader, signed, field, 4));
    }
    assert_clean(left.as_ref());
}

/// The same bytes gone from texts that nobody redacted are damage: a start that passed it over would append behind it.
#[test]
fn settled_texts_that_are_gone_stop_the_start() {
    let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
    let store: Arc<dyn Store> = faulty.clone();
    let (mut writer, reader) = enrolled(&store);
    let both = [decision(1), decision(2)];
    publish(&mut writer, &reader, &both[..1]);
    writer.settle().unwrap();
    publish(&mut writer, &reader, &both[1..]);
    let left: Arc<dyn Store> = Arc::new(faulty.inner().after_kill());
    let settled: Vec<_> =
        scan_pack(left.as_ref(), 0).unwrap().into_iter().filter(|record| record.entry.get() == 2).collect();
    let last = settled.last().unwrap();
    left.overwrite(&pack_path(0), last.place.offset + 45, &[0]).unwrap();
    let error = try_open(&left).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains(&format!("damaged at byte {}", last.place.offset)), "{error}");
}

/// A failure names its seed; `POWER_LOSS_SEED` runs that one alone.
#[test]
fn whatever_is_lost_in_random_lives() {
    if let Ok(seed) = std::env::var("POWER_LOSS_SEED") {
        return random::live(seed.parse().unwrap(), &mut random::Reached::default());
    }
    let mut reached = random::Reached::default();
    for seed in 0..seeds() {
        random::live(seed, &mut reached);
    }
    reached.assert_all();
}
