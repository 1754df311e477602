//! Erasing that the power ends: whoever finds a part of a text gone finds that its redaction was begun, also where it was not
//! written down until when it is held.

use crate::check::{First, Past};
use crate::disk::Loss;
use crate::scenarios::{FACTS, erasing, withdrawing};
use crate::support::decision;
use crate::support::dice::Dice;
use crate::world::{Mode, Step, World, send};

const HOLD: u64 = 3_600_000;

/// Losses that are tried at each moment.
const LOSSES: usize = 100;

/// The first redaction is written down as carried out, not durably; at once the second is, and the power goes. The next start
/// may know of no hold at all, and someone asks for the text back. Fails if zeros can be left of it without a mark.
#[test]
fn nothing_is_gone_without_its_mark() {
    let mut world = World::new(Mode::AtOnce, 64);
    world.hold(HOLD);
    let both = [decision(1), decision(2)];
    let erase = |number, about| {
        let mut step = erasing(number, &[about], &[FACTS]);
        let Step::Send(sent) = &mut step else { panic!() };
        sent.may_be_refused = true;
        step
    };
    let [one, two] = [erase(3, &both[0]), erase(4, &both[1])];
    let Step::Send(sent) = &two else { panic!() };
    let second = sent.signed.clone();
    let (pause, rest) = (Step::Wait(1_000), Step::Wait(HOLD - 1_000));
    let decisions = [send(both[0].clone()), send(both[1].clone()), Step::Round, Step::Settle];
    let redactions = [one, Step::Round, pause.clone(), two, Step::Round, Step::Settle];
    world.run(&[&decisions[..], &redactions, &[rest, Step::Round, pause]].concat());
    let moments = world.run(&[Step::Round]);
    let fresh = withdrawing(5, &second);
    let past = Past::of(&world, &fresh);
    let mut dice = Dice::new(1);
    for moment in &moments {
        for _ in 0..LOSSES {
            let loss = Loss { kept: moment.disk.random_loss(&mut dice), ..moment.disk.loss(true) };
            past.check("the second of two redactions is erased", moment, &loss, First::Fresh);
        }
    }
}
