//! An auditor replays every registration from the log alone: which keys were trusted when, by which rules, and that each
//! statement was taken by them (RFC 9943).

use std::path::Path;

use glasshouse_ledger::registrar::{key_retirement, policy};
use glasshouse_tests::workload::now;
use glasshouse_tests::world::World;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::past::NoPast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;

/// The entries as any mirror has them.
fn entries(world: &World) -> Vec<Entry> {
    let note = String::from_utf8(world.get("/checkpoint").body).unwrap();
    let size: u16 = note.lines().nth(1).unwrap().parse().unwrap();
    let bundle = world.get(&format!("/tile/entries/000.p/{size}"));
    assert_eq!(bundle.status, 200);
    parse_bundle(&bundle.body, size).unwrap().iter().map(|bytes| Entry::parse(bytes).unwrap()).collect()
}

/// Replays in that order; the place and the rule of the first entry that may not stand there.
fn replay(world: &World, entries: &[Entry]) -> Result<Registry, (usize, &'static str)> {
    let mut registry = Registry::new(world.registrar().origin().clone());
    for (at, entry) in entries.iter().enumerate() {
        let index = LeafIndex::new(at as u64).unwrap();
        let taken = registry.verify_and_apply(index, entry.statement(), &NoPast);
        taken.map_err(|error| (at, error.slug()))?;
    }
    Ok(registry)
}

/// The rules that an entry puts in force: the text that its digest commits to.
fn rules(world: &World, entry: &Entry) -> String {
    let digest = entry.statement().payload().addenda().get(&FieldName::POLICY).unwrap().to_hex();
    let text = world.get(&format!("/addenda/{}/{}/{digest}", &digest[..2], &digest[2..4]));
    let addendum = Addendum::parse(&text.body).unwrap();
    assert_eq!(addendum.digest().to_hex(), digest, "the log commits to these rules");
    let Item::Text(rules) = addendum.value() else { panic!("rules are text") };
    rules.to_string()
}

#[test]
fn policy_and_trust_anchors_are_the_first_entries_and_every_registration_is_replayed() {
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let mut publisher = world.enrol("audited");
    let kid = publisher.author().public_key().kid();
    world.submit(&[publisher.sign_next()]);
    let number = world.next_registrar_number();
    let changed = world.registrar().sign_own(&policy("New rules.", None), number, now()).unwrap();
    assert_eq!(world.submit(&[changed])[0]["status"], "accepted");
    world.submit(&[publisher.sign_next()]);
    let number = world.next_registrar_number();
    let ends = key_retirement(publisher.author().issuer(), &kid, "left", None, None);
    let ends = world.registrar().sign_own(&ends, number, now()).unwrap();
    assert_eq!(world.submit(&[ends])[0]["status"], "accepted");
    let late = publisher.sign_next();
    assert_eq!(world.submit(&[late])[0]["status"], "rejected", "the anchor has ended");

    let entries = entries(&world);
    let kinds: Vec<StatementType> = entries.iter().map(|entry| entry.statement().payload().kind()).collect();
    use StatementType::{Decision, Enrolment, Genesis, KeyRetirement, Policy};
    assert_eq!(kinds, [Genesis, Enrolment, Decision, Policy, Decision, KeyRetirement]);
    assert!(rules(&world, &entries[0]).contains("proof of possession"));
    assert_eq!(rules(&world, &entries[3]), "New rules.");

    let registry = replay(&world, &entries).unwrap();
    assert_eq!(registry.key_at(&kid, LeafIndex::new(4).unwrap()).map(|key| key.enrolled_at().get()), Some(1));
    assert!(registry.key_at(&kid, LeafIndex::new(6).unwrap()).is_none(), "retired at 5");
    assert_eq!(registry.receipt_keys().len(), 1);
    // A log that registers before it trusts, or after it ceased to, is found by the replay.
    let reordered = |order: &[usize]| order.iter().map(|at| entries[*at].clone()).collect::<Vec<_>>();
    assert_eq!(replay(&world, &reordered(&[0, 2, 1])).err(), Some((1, "unknown-key")));
    assert_eq!(replay(&world, &reordered(&[0, 1, 2, 3, 5, 4])).err(), Some((5, "key-retired")));
    assert_eq!(replay(&world, &reordered(&[1, 0])).err(), Some((0, "not-authorised")));
}
