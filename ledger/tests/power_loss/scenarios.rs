//! What a ledger is doing while the power goes.

use std::ops::RangeInclusive;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::registrar::conflict;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;

use crate::support::lives::*;
use crate::support::*;
use crate::world::{Mode, Sent, Step, World, send};

pub(crate) const FACTS: &str = "decision_facts";
pub(crate) const GROUND: &str = "incompatible_content_ground";
/// Everything that a decision says in words and shows.
pub(crate) const TEXTS: [&str; 4] = [FACTS, "incompatible_content_explanation", GROUND, "puid"];

/// A ledger, and the steps during which the power goes.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) mode: Mode,
    /// Bytes in a block of the disk.
    pub(crate) block: usize,
    /// Until now the power held.
    pub(crate) before: Vec<Step>,
    pub(crate) steps: Vec<Step>,
    /// The first number of the provider that no statement has.
    pub(crate) next: u64,
}

impl Scenario {
    pub(crate) fn world(&self) -> World {
        let mut world = World::new(self.mode, self.block);
        world.run(&self.before);
        world
    }
}

/// The redaction of texts of these decisions, and what must be nowhere when it is answered: salts, and the ends of texts that
/// no other statement has.
pub(crate) fn erasing(number: u64, targets: &[&Signed], fields: &[&'static str]) -> Step {
    let named: Vec<Target> = targets.iter().map(|target| leaf(target)).collect();
    let mut sent = Sent::of(redaction(number, &named, fields));
    for target in targets {
        for field in fields {
            let text = text_of(target, field);
            sent.redacts.push((Signed::clone(target), *field));
            sent.erases.push(text[2..18].to_vec());
            if *field == FACTS {
                sent.erases.push(text[text.len() - 14..].to_vec());
            }
        }
    }
    Step::Send(Box::new(sent))
}

pub(crate) fn disclosing(number: u64, target: &Signed) -> Step {
    let mut sent = Sent::of(disclosure(number, target, &[FACTS]));
    sent.opened = texts(target, &[FACTS]).into_iter().map(<[u8]>::to_vec).collect();
    Step::Send(Box::new(sent))
}

/// Another statement under the number of a decision.
pub(crate) fn double(number: u64) -> Signed {
    decision_by(&provider(), number, "another")
}

fn accusing(target: &Signed, second: &Signed) -> Step {
    let draft = conflict(provider().issuer(), target.leaf_hash(), second.statement());
    send(registrar().sign_own(&draft, sequence(3), NOW).unwrap())
}

pub(crate) fn refused(second: Signed) -> Step {
    Step::Send(Box::new(Sent { may_be_refused: true, ..Sent::of(second) }))
}

/// A redaction is taken back, if it still can be.
pub(crate) fn withdrawing(number: u64, redaction: &Signed) -> Step {
    let draft = Draft::new(StatementType::Withdrawal).with_targets([leaf(redaction)]);
    let subject = statement(redaction).claims().sub.clone();
    let signed = provider().sign(&draft, sequence(number), subject, NOW).unwrap();
    let withdraws = Some(*redaction.leaf_hash());
    Step::Send(Box::new(Sent { withdraws, may_be_refused: true, ..Sent::of(signed) }))
}

/// Statements in one round.
fn round_of(statements: &[Signed]) -> Vec<Step> {
    statements.iter().cloned().map(send).chain([Step::Round]).collect()
}

fn scenario(name: &'static str, mode: Mode, block: usize, next: u64, parts: [Vec<Step>; 2]) -> Scenario {
    let [before, steps] = parts;
    Scenario { name, mode, block, before, steps, next }
}

fn steps(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

/// The decisions with these numbers, each in a round of its own.
fn rounds(numbers: RangeInclusive<u64>) -> (Vec<Signed>, Vec<Vec<Step>>) {
    let signed: Vec<Signed> = numbers.map(decision).collect();
    let rounds = signed.iter().map(|one| round_of(std::slice::from_ref(one))).collect();
    (signed, rounds)
}

/// Rounds of each kind, on logs so small that nearly everything that can be left is tried.
pub(crate) fn writing() -> Vec<Scenario> {
    use Mode::AtOnce;
    use Step::{Round, Settle};
    let (signed, rounds) = rounds(1..=3);
    let [one, two, three] = rounds.as_slice() else { panic!() };
    let (withheld, second) = (secretive(1), double(1));
    let disclosed = steps(&[&[send(withheld.clone()), Round], two, &[Settle]]);
    let conflict = vec![refused(second.clone()), Round, Settle, accusing(&signed[0], &second), Round, Settle];
    vec![
        scenario("a round", AtOnce, 512, 2, [vec![], steps(&[one, &[Settle]])]),
        scenario("rounds", AtOnce, 512, 4, [vec![], steps(&[one, two, three, &[Settle]])]),
        scenario("small blocks", AtOnce, 128, 3, [steps(&[one, &[Settle]]), two.clone()]),
        scenario("a disclosure", AtOnce, 512, 4, [disclosed, vec![disclosing(3, &withheld), Round, Settle]]),
        scenario("a double statement", AtOnce, 512, 2, [one.clone(), conflict]),
    ]
}

pub(crate) fn erasures() -> Vec<Scenario> {
    use Step::{Publish, Round, Settle, Take};
    let (signed, rounds) = rounds(1..=3);
    let [one, two, _] = rounds.as_slice() else { panic!() };
    let both = [&signed[0], &signed[1]];
    let begun = steps(&[one, &[Settle], two]);
    let some = vec![erasing(3, &both, &[FACTS, GROUND]), Round, Settle];
    let all = vec![erasing(3, &both, &TEXTS), Round, Settle];
    let at_once = vec![send(signed[0].clone()), erasing(2, &both[..1], &[FACTS]), Round, Settle];
    let waits = steps(&[one, &[Publish(2), Settle, erasing(2, &both[..1], &TEXTS), Round, Take]]);
    let published = steps(&[one, &[Publish(2), Settle]]);
    let beside =
        steps(&[&[send(signed[1].clone()), erasing(3, &both, &TEXTS), Round, Settle, Publish(2), Settle]]);
    let third = [send(signed[2].clone()), Round, Publish(2), Round, Settle, Publish(2), Settle];
    vec![
        scenario("erasing some of what two rounds brought", Mode::AtOnce, 128, 4, [begun.clone(), some]),
        scenario("erasing all that two rounds brought", Mode::AtOnce, 64, 4, [begun, all]),
        scenario("erasing what comes in the same round", Mode::AtOnce, 512, 3, [vec![], at_once]),
        scenario("erasing while a round waits", Mode::Quorum, 128, 4, [waits, third.to_vec()]),
        scenario("a round that waits and erases its own", Mode::Quorum, 512, 4, [published, beside]),
    ]
}

pub(crate) fn publications() -> Vec<Scenario> {
    use Step::{Publish, Round, Settle, Take};
    let (signed, rounds) = rounds(1..=2);
    let [one, two] = rounds.as_slice() else { panic!() };
    let open = steps(&[one, &[Publish(0)], two, &[Publish(2), Publish(3), Settle]]);
    let quorum = steps(&[one, &[Publish(1)], two, &[Publish(2), Settle, Publish(2), Publish(3), Settle]]);
    let given_up = steps(&[one, &[Take, Publish(1)], two, &[Take, Publish(2), Settle]]);
    let together = vec![send(signed[0].clone()), send(signed[1].clone()), Round, Publish(2), Settle];
    vec![
        scenario("publication in the open mode", Mode::Open, 512, 3, [vec![], open]),
        scenario("publication with a quorum", Mode::Quorum, 512, 3, [vec![], quorum]),
        scenario("a tree that is given up for a newer one", Mode::Quorum, 512, 3, [vec![], given_up]),
        scenario("two in one round, with a quorum", Mode::Quorum, 512, 3, [vec![], together]),
    ]
}

/// What the entries say is written down, before and while texts go and come.
pub(crate) fn keeping() -> Vec<Scenario> {
    use Step::{Keep, Publish, Round, Settle};
    let (signed, rounds) = rounds(1..=3);
    let [one, two, _] = rounds.as_slice() else { panic!() };
    let withheld = secretive(1);
    let erased = steps(&[two, &[Keep, erasing(3, &[&signed[0]], &TEXTS), Round, Keep, Settle, Keep]]);
    let disclosed = vec![Keep, disclosing(2, &withheld), Round, Keep, Settle];
    let waits = steps(&[two, &[Keep, Publish(2), Keep, Settle, Keep]]);
    vec![
        scenario("writing down what is erased", Mode::AtOnce, 128, 4, [steps(&[one, &[Keep]]), erased]),
        scenario("writing down a disclosure", Mode::AtOnce, 512, 3, [vec![send(withheld), Round], disclosed]),
        scenario(
            "writing down while a round waits",
            Mode::Quorum,
            512,
            3,
            [steps(&[one, &[Publish(2)]]), waits],
        ),
    ]
}

/// The same of a full bundle, whose pack changes while it is covered.
pub(crate) fn keeping_a_tile() -> Scenario {
    use Step::{Keep, Round, Settle};
    let signed: Vec<Signed> = (1..=255).map(decision).collect();
    let before = steps(&[&round_of(&signed), &[Settle, Keep]]);
    let erased = vec![erasing(256, &[&signed[9]], &[FACTS]), Round, Keep, Settle, Keep];
    scenario("writing down a full tile", Mode::AtOnce, 4096, 257, [before, erased])
}

/// The round that fills the first tile and bundle.
pub(crate) fn filling(mode: Mode) -> Scenario {
    let signed: Vec<Signed> = (1..=255).map(decision).collect();
    let ends = [Step::Publish(2), Step::Settle];
    let parts = [&signed[..252], &signed[252..]].map(|part| steps(&[&round_of(part), &ends]));
    let parts = parts.map(|steps| match mode {
        Mode::AtOnce => steps.into_iter().filter(|step| !matches!(step, Step::Publish(_))).collect(),
        _ => steps,
    });
    scenario("filling a tile", mode, 4096, 256, parts)
}
