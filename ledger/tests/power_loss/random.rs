//! Lives of ledgers in which nothing is planned: statements of many kinds, rounds, publications, and losses of power, one after the
//! other, each on what the last one left.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;

use crate::check::{First, Past};
use crate::disk::{Embedded, Loss};
use crate::scenarios::{FACTS, GROUND, disclosing, double, erasing, refused, withdrawing};
use crate::support::decision;
use crate::support::dice::Dice;
use crate::support::lives::secretive;
use crate::torn_store::{Moment, TornStore};
use crate::world::{Mode, Sent, Step, World, send};

/// Losses of power in one life.
const LOSSES: usize = 3;

/// A hold, in milliseconds.
const HOLD: u64 = 3_600_000;

struct Life {
    dice: Dice,
    /// The provider's next number.
    next: u64,
    /// Decisions whose facts are served, or were, and which the next redactions name.
    open: Vec<Signed>,
    /// Redactions, and withdrawals of them, that may be taken back, where they are held at all.
    redactions: Vec<Signed>,
    withdrawals: Vec<Signed>,
    /// Whether the ledger holds redactions, for a while that is another one at each start.
    holds: bool,
    /// Decisions whose facts are withheld.
    withheld: Vec<Signed>,
    /// Numbers for which no second statement was sent.
    single: Vec<u64>,
}

/// What lives have come to.
#[derive(Default)]
pub(crate) struct Reached {
    /// Records of erasing that were lost.
    records: usize,
    /// Redactions that were taken back.
    withdrawals: usize,
    /// And withdrawals.
    given_back: usize,
}

impl Reached {
    pub(crate) fn assert_all(&self) {
        let Reached { records, withdrawals, given_back } = self;
        println!("{records} records lost, {withdrawals} redactions withdrawn, {given_back} withdrawals");
        assert!(
            *records > 0 && *withdrawals > 0 && *given_back > 0,
            "the seeds are too few, or reach too little"
        );
    }

    fn take(&mut self, world: &World) {
        let placed = world.placed();
        let withdrawn =
            |sent: &&&Sent| placed.iter().any(|other| other.withdraws == Some(*sent.signed.leaf_hash()));
        let (withdrawals, redactions): (Vec<&Sent>, Vec<&Sent>) =
            placed.iter().filter(withdrawn).partition(|sent| sent.withdraws.is_some());
        self.withdrawals += redactions.len();
        self.given_back += withdrawals.len();
    }
}

/// One life, from its seed.
pub(crate) fn live(seed: u64, reached: &mut Reached) {
    let mut dice = Dice::new(seed);
    let mode = dice.pick(&[Mode::AtOnce, Mode::Open, Mode::Quorum]);
    let block = dice.pick(&[64, 512, 4096]);
    let holds = !dice.once_in(3);
    let mut life = Life {
        dice,
        next: 1,
        open: Vec::new(),
        redactions: Vec::new(),
        withdrawals: Vec::new(),
        holds,
        withheld: Vec::new(),
        single: Vec::new(),
    };
    let mut world = World::new(mode, block);
    world.hold(life.hold());
    for number in 0..LOSSES {
        let steps = life.steps(mode);
        let moments = world.run(&steps);
        let moment = &moments[life.dice.roll(moments.len())];
        let fresh = life.fresh();
        let holding = world.holding.then(life.hold());
        let past = Past { holding: holding.clone(), ..Past::of(&world, &fresh) };
        let story = format!("POWER_LOSS_SEED={seed}, loss {number}");
        let loss = life.loss(moment);
        let (moment, loss) = &life.lose_record(moment, loss, reached);
        let first = First::of(life.dice.roll(2));
        let starting = past.check(&story, moment, loss, first);
        if life.dice.once_in(2) {
            let again = &starting[life.dice.roll(starting.len())];
            let loss = life.loss(again);
            past.check(&format!("{story}, and again"), again, &loss, first);
        }
        let store = TornStore::on(moment.disk.after(loss));
        let promises = world.promises[..moment.promised].to_vec();
        world = World::held(mode, holding, Arc::clone(&store), world.sent, promises).unwrap();
        world.send_again();
        world.finish();
    }
    reached.take(&world);
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
                10 if self.holds => steps.extend(self.erase()),
                4 => steps.extend(self.withhold_or_disclose()),
                5 => steps.extend(self.contradict()),
                6 => steps.push(Step::Settle),
                7 => steps.push(Step::Keep),
                9 | 11 if self.holds => {
                    steps.push(Step::Wait(self.dice.pick(&[1, 1, HOLD / 2, HOLD])));
                    let number = self.number();
                    let withdrawal = self.withdraw(number);
                    if let Some(Step::Send(sent)) = &withdrawal {
                        self.withdrawals.push(sent.signed.clone());
                    }
                    steps.extend(withdrawal);
                }
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
        if targets.is_empty() {
            return None;
        }
        let fields = self.dice.pick(&[[FACTS].as_slice(), &[GROUND], &[FACTS, GROUND]]);
        let mut erasing = erasing(self.number(), &targets, fields);
        if let Step::Send(sent) = &mut erasing {
            // What it names may have been redacted before.
            sent.may_be_refused = true;
            self.redactions.push(sent.signed.clone());
        }
        for target in named {
            if self.dice.once_in(2) {
                self.open.push(target);
            }
        }
        Some(erasing)
    }

    /// Takes a redaction back, or a withdrawal.
    fn withdraw(&mut self, number: u64) -> Option<Step> {
        let kind = if self.dice.once_in(3) { &self.withdrawals } else { &self.redactions };
        let target = kind.get(self.dice.roll(kind.len().max(1)))?;
        Some(withdrawing(number, target))
    }

    /// For how long the next start holds redactions, in milliseconds.
    fn hold(&mut self) -> u64 {
        if self.holds { self.dice.pick(&[HOLD, HOLD, HOLD, 2 * HOLD, 0]) } else { 0 }
    }

    /// What nobody has sent yet.
    fn fresh(&mut self) -> Step {
        let withdrawal = if self.holds && self.dice.once_in(2) { self.withdraw(self.next) } else { None };
        withdrawal.unwrap_or_else(|| send(decision(self.next)))
    }

    /// Of a ledger that holds redactions, the file that says how far erasing has come may be lost, too.
    fn lose_record(&mut self, moment: &Moment, loss: Loss, reached: &mut Reached) -> (Moment, Loss) {
        let mut left =
            Moment { call: moment.call.clone(), disk: moment.disk.clone(), promised: moment.promised };
        if !self.holds || !self.dice.once_in(4) {
            return (left, loss);
        }
        left.disk = moment.disk.after(&loss);
        reached.records += usize::from(left.disk.get("erasures").is_some());
        left.disk.delete("erasures");
        left.disk.sync();
        let loss = left.disk.loss(true);
        (left, loss)
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
