//! Lives of ledgers in which nothing is planned: statements of many kinds, rounds, publications, and losses of power, one after the
//! other, each on what the last one left.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;

use crate::check::{First, Past};
use crate::disk::{Embedded, Loss};
use crate::scenarios::{FACTS, disclosing, double, erasing, refused};
use crate::support::decision;
use crate::support::dice::Dice;
use crate::support::lives::secretive;
use crate::torn_store::{Moment, TornStore};
use crate::world::{Mode, Step, World, send};

/// Losses of power in one life.
const LOSSES: usize = 3;

struct Life {
    dice: Dice,
    /// The provider's next number.
    next: u64,
    /// Decisions that no redaction names yet, and whose facts are served.
    open: Vec<Signed>,
    /// Decisions whose facts are withheld.
    withheld: Vec<Signed>,
    /// Numbers for which no second statement was sent.
    single: Vec<u64>,
}

/// One life, from its seed.
pub(crate) fn live(seed: u64) {
    let mut dice = Dice::new(seed);
    let mode = dice.pick(&[Mode::AtOnce, Mode::Open, Mode::Quorum]);
    let block = dice.pick(&[64, 512, 4096]);
    let mut life = Life { dice, next: 1, open: Vec::new(), withheld: Vec::new(), single: Vec::new() };
    let mut world = World::new(mode, block);
    for number in 0..LOSSES {
        let steps = life.steps(mode);
        let moments = world.run(&steps);
        let moment = &moments[life.dice.roll(moments.len())];
        let loss = life.loss(moment);
        let fresh = send(decision(life.next));
        let past = Past::of(&world, &fresh);
        let story = format!("POWER_LOSS_SEED={seed}, loss {number}");
        let first = First::of(life.dice.roll(2));
        let starting = past.check(&story, moment, &loss, first);
        if life.dice.once_in(2) {
            let again = &starting[life.dice.roll(starting.len())];
            let loss = life.loss(again);
            past.check(&format!("{story}, and again"), again, &loss, first);
        }
        let store = TornStore::on(moment.disk.after(&loss));
        let promises = world.promises[..moment.promised].to_vec();
        world = World::on(mode, Arc::clone(&store), world.sent, promises).unwrap();
        world.send_again();
        world.finish();
    }
}

impl Life {
    /// What happens until the power goes.
    fn steps(&mut self, mode: Mode) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..4 + self.dice.roll(12) {
            match self.dice.roll(13) {
                0..3 => {
                    let most = self.dice.pick(&[1, 5, 30, 120]);
                    let count = 1 + self.dice.roll(most);
                    steps.extend((0..count).map(|_| self.decide()));
                }
                3 => steps.extend(self.erase()),
                4 => steps.extend(self.withhold_or_disclose()),
                5 => steps.extend(self.contradict()),
                6 => steps.push(Step::Settle),
                7 => steps.push(Step::Keep),
                8 if mode != Mode::AtOnce => steps.push(Step::Take),
                _ => steps.push(Step::Round),
            }
            if mode != Mode::AtOnce && self.dice.once_in(2) {
                steps.push(Step::Publish(self.dice.pick(&[0, 1, 2, 2, 2, 3])));
            }
        }
        steps
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    fn decide(&mut self) -> Step {
        let number = self.number();
        let signed = decision(number);
        self.single.push(number);
        self.open.push(signed.clone());
        send(signed)
    }

    fn erase(&mut self) -> Option<Step> {
        let mut named = Vec::new();
        for _ in 0..1 + self.dice.roll(6) {
            if !self.open.is_empty() {
                named.push(self.open.swap_remove(self.dice.roll(self.open.len())));
            }
        }
        let targets: Vec<&Signed> = named.iter().collect();
        (!targets.is_empty()).then(|| erasing(self.number(), &targets, &[FACTS]))
    }

    fn withhold_or_disclose(&mut self) -> Option<Step> {
        if self.dice.once_in(2) || self.withheld.is_empty() {
            let signed = secretive(self.number());
            self.withheld.push(signed.clone());
            return Some(send(signed));
        }
        let target = self.withheld.swap_remove(self.dice.roll(self.withheld.len()));
        let number = self.number();
        self.open.push(target.clone());
        Some(disclosing(number, &target))
    }

    fn contradict(&mut self) -> Option<Step> {
        if self.single.is_empty() {
            return None;
        }
        let number = self.single.swap_remove(self.dice.roll(self.single.len()));
        Some(refused(double(number)))
    }

    fn loss(&mut self, moment: &Moment) -> Loss {
        let states = [Embedded::Newest, Embedded::Older, Embedded::Missing, Embedded::Unreadable];
        Loss {
            kept: moment.disk.random_loss(&mut self.dice),
            embedded: self.dice.pick(&states),
            plain_is_new: self.dice.once_in(2),
        }
    }
}
