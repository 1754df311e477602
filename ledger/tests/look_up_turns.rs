//! Statements that make the writer look for earlier entries have a bound of their own in each round, whatever is answered: one provider,
//! or somebody who sends others' statements again, does not hold the writer, and keeps nobody else out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::collections::HashMap;
use std::sync::Arc;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Ticket, Writer};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use support::faulty_store::FaultyStore;
use support::lives::{accepted, leaf, refused, sign_about};
use support::*;

/// A provider with some decisions on record, the first with the number 1.
struct Shop {
    author: Author,
    decisions: Vec<Signed>,
}

impl Shop {
    /// The withdrawal of all its decisions and of an entry that is in no log: refused when everything before it was looked for, and
    /// its number stays free.
    fn futile(&self) -> Signed {
        let unknown = Target::Entry(LeafHash::from_bytes([0xff; 32]));
        let mut targets: Vec<Target> = self.decisions.iter().map(leaf).collect();
        targets.push(unknown);
        self.withdrawal(self.decisions.len() as u64 + 1, &targets)
    }

    fn withdrawal(&self, number: u64, targets: &[Target]) -> Signed {
        let draft = Draft::new(StatementType::Withdrawal).with_targets(targets.iter().copied());
        sign_about(&self.author, &draft, number, targets)
    }
}

/// A log, and what was asked of it.
struct World {
    store: Arc<FaultyStore>,
    writer: Writer,
    reader: Reader,
    tickets: HashMap<Ticket, &'static str>,
}

impl World {
    /// A log with so many shops of so many decisions each, all settled.
    fn new(shops: u8, decisions: u64) -> (World, Vec<Shop>) {
        let store = Arc::new(FaultyStore::new(MemoryStore::new()));
        let (mut writer, reader) = enrolled(&(store.clone() as Arc<dyn Store>));
        let shops = (0..shops).map(|at| {
            let issuer = Issuer::parse(&format!("https://shop-{at}.example")).unwrap();
            let author = Author::new(issuer, origin(), key(20 + at)).unwrap();
            publish(&mut writer, &reader, &[enrolment_of(&author, 3 + u64::from(at))]);
            let decisions: Vec<_> = (1..=decisions)
                .map(|number| decision_by(&author, number, &format!("{at}-{number}")))
                .collect();
            publish(&mut writer, &reader, &decisions);
            Shop { author, decisions }
        });
        let shops = shops.collect();
        writer.settle().unwrap();
        reader.catch_up().unwrap();
        (World { store, writer, reader, tickets: HashMap::new() }, shops)
    }

    fn submit(&mut self, name: &'static str, signed: &Signed) {
        let ticket = self.writer.submit(admit(&self.reader, signed).unwrap());
        self.tickets.insert(ticket, name);
    }

    /// What one round answers, in its order.
    fn round(&mut self) -> Vec<(&'static str, Answer)> {
        let answers = self.writer.round().unwrap().answers;
        answers.into_iter().map(|(ticket, answer)| (self.tickets[&ticket], answer)).collect()
    }

    /// How many bundles were read so far.
    fn bundles_read(&self) -> usize {
        self.store.reads().iter().filter(|path| path.starts_with("tile/entries/")).count()
    }
}

fn count(answers: &[(&str, Answer)], name: &str) -> usize {
    answers.iter().filter(|(one, _)| *one == name).count()
}

/// One round looked for everything that the pool named: 370,000 entries, each of them with its bundle, for which all others waited. And what
/// is refused could be sent again for ever.
#[test]
fn what_is_refused_counts_as_well() {
    let (mut world, shops) = World::new(2, 999);
    let (futile, other) = (shops[0].futile(), &shops[1]);
    for _ in 0..12 {
        world.submit("futile", &futile);
    }
    world.submit("behind", &decision_by(&shops[0].author, 1_001, "late"));
    world.submit("plain", &decision_by(&other.author, 1_000, "plain"));
    world.submit("naming", &other.withdrawal(1_001, &[leaf(&other.decisions[0])]));
    let before = world.bundles_read();
    let answers = world.round();
    // The 999 lie in five bundles, and were looked for five times.
    let read = world.bundles_read() - before;
    assert!(read <= 6, "{read} bundles were read");
    // 4,096 look-ups, and those of the statement that reaches it.
    assert_eq!(count(&answers, "futile"), 5);
    for (name, answer) in &answers {
        match *name {
            "futile" => assert_eq!(refused(answer), "target-unknown"),
            _ => _ = accepted(answer),
        }
    }
    // Others wait for nothing, and what the provider sent behind waits its turn.
    assert_eq!([count(&answers, "plain"), count(&answers, "naming"), count(&answers, "behind")], [1, 1, 0]);
    let answers = world.round();
    assert_eq!([count(&answers, "futile"), count(&answers, "behind")], [5, 0]);
    let answers = world.round();
    assert_eq!([count(&answers, "futile"), count(&answers, "behind")], [2, 1]);
    assert_eq!((world.writer.pooled(), world.writer.pooled_bytes()), (0, 0));
}

/// As many as it takes to use up every round do not keep out who comes behind them.
#[test]
fn who_got_nothing_in_a_round_is_first_in_the_next() {
    let (mut world, shops) = World::new(6, 250);
    for shop in &shops[..5] {
        let futile = shop.futile();
        (0..20).for_each(|_| world.submit("futile", &futile));
    }
    let honest = &shops[5];
    world.submit("first", &honest.withdrawal(251, &[leaf(&honest.decisions[0])]));
    world.submit("second", &decision_by(&honest.author, 252, "second"));
    let answers = world.round();
    // Four had their share, the last of them what was left, and the fifth nothing.
    assert_eq!((answers.len(), count(&answers, "futile")), (17, 17));
    let answers = world.round();
    assert_eq!([count(&answers, "first"), count(&answers, "second")], [1, 1]);
    let honest: Vec<u64> =
        answers.iter().filter(|(name, _)| *name != "futile").map(|(_, answer)| accepted(answer)).collect();
    assert!(honest.is_sorted(), "{honest:?}");
    // In turns, all are answered in the end.
    let mut left = 100 - 17 - count(&answers, "futile");
    while world.writer.pooled() > 0 {
        left -= count(&world.round(), "futile");
    }
    assert_eq!(left, 0);
}

/// Nothing that was sent again filled a round, so one took everything that waited. Anybody may send what is public again: its author
/// waits for none of it.
#[test]
fn repeats_are_bounded_and_take_nothing_from_their_author() {
    let (mut world, shops) = World::new(1, 300);
    let shop = &shops[0];
    for at in 0..5_000 {
        world.submit("repeat", &shop.decisions[at % 300]);
    }
    world.submit("new", &decision_by(&shop.author, 301, "new"));
    world.submit("naming", &shop.withdrawal(302, &[leaf(&shop.decisions[0])]));
    let before = world.bundles_read();
    let answers = world.round();
    assert_eq!(count(&answers, "repeat"), 2_048, "of {}", answers.len());
    assert_eq!([count(&answers, "new"), count(&answers, "naming")], [1, 1]);
    let read = world.bundles_read() - before;
    assert!(read <= 6, "{read} bundles were read");
    let rounds: Vec<usize> = (0..2).map(|_| count(&world.round(), "repeat")).collect();
    assert_eq!((rounds, world.writer.pooled()), (vec![2_048, 904], 0));
}
