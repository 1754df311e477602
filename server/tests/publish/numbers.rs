//! Numbers: lost outboxes, refused statements, keys that were retired.

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::registrar::key_retirement;
use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::publisher::PublishError;
use glasshouse_verifier::key::PublicKey;

use crate::world::{World, decision, decisions, lines};

#[test]
fn a_new_outbox_goes_on_above_the_highest_number_and_closes_the_hole() {
    let world = World::start();
    let mut provider = world.enrol("loses-its-outbox");
    // The first outbox gave out 1 to 4, which never arrived, then 5, which did.
    world.hole(&provider, 4);
    provider.outbox = world.dir.path().join("second.outbox");
    let summary = provider.publish_all(&world, &lines(&[decision("after")]));
    assert_eq!((summary.voided, summary.highest), (4, 7));
    let state = world.state(&provider).sequence;
    assert_eq!((state.unbroken, state.highest), (7, 7));
}

/// Syncs so often, then never again: what was written may be there or not.
pub(crate) struct SyncsUntil(
    pub(crate) Box<dyn glasshouse_server::outbox::journal::JournalFile>,
    pub(crate) usize,
);

impl glasshouse_server::outbox::journal::JournalFile for SyncsUntil {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.append(bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.1 = self.1.checked_sub(1).ok_or_else(|| std::io::Error::other("the power went"))?;
        self.0.sync()
    }
}

#[test]
fn a_hole_is_closed_once_although_the_process_died_over_it() {
    let world = World::start();
    let mut provider = world.enrol("dies-closing");
    world.hole(&provider, 4);
    provider.outbox = world.dir.path().join("second.outbox");
    // The pin is synced; the void is written, and the process dies before it is sent.
    let outbox = Outbox::open(&provider.outbox).unwrap().through(|file| Box::new(SyncsUntil(file, 1)));
    provider.publish(&world, outbox, &decisions(0), &mut Vec::new()).unwrap_err();
    let summary = provider.publish_all(&world, &lines(&[decision("after")]));
    assert_eq!(summary.highest, 7, "one void and one line behind number 5");
    let state = world.state(&provider).sequence;
    assert_eq!((state.unbroken, state.highest), (7, 7));
}

#[test]
fn a_new_outbox_without_a_hole_voids_nothing() {
    let world = World::start();
    let mut provider = world.enrol("moves");
    provider.publish_all(&world, &decisions(3));
    provider.outbox = world.dir.path().join("second.outbox");
    let summary = provider.publish_all(&world, &lines(&[decision("after")]));
    assert_eq!((summary.voided, summary.highest), (0, 4));
}

#[test]
fn statements_that_an_old_key_signed_are_signed_again_by_the_new_one() {
    let world = World::start();
    let mut provider = world.enrol("rotates");
    let first = provider.publish_all(&world, &decisions(2));
    assert_eq!(first.highest, 2);
    // Three lines are kept, and the process dies before they are sent.
    let outbox = Outbox::open(&provider.outbox).unwrap().through(|file| Box::new(Unsynced(file)));
    let kept = lines(&[decision("kept-1"), decision("kept-2")]);
    provider.publish(&world, outbox, &kept, &mut Vec::new()).unwrap_err();
    // Meanwhile the key is retired and another one admitted.
    let old = provider.key.clone();
    let key = SecretKey::generate().unwrap();
    world.enrol_key(&provider, &key);
    let kid = PublicKey::from_bytes(old.public_bytes()).unwrap().kid();
    world.by_registrar(&key_retirement(&provider.iss, &kid, "rotated", None, None));
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let refused = provider.publish(&world, outbox, &kept, &mut Vec::new());
    assert!(matches!(refused, Err(PublishError::NotEnrolled(_))), "{refused:?}");
    provider.key = key;
    let summary = provider.publish_all(&world, &kept);
    assert_eq!(
        (summary.on_record, summary.already_published, summary.highest),
        (2, 0, 4),
        "left, and new all the same"
    );
    assert_eq!(world.state(&provider).sequence.unbroken, 4);
}

#[test]
fn statements_that_waited_for_more_than_a_day_are_signed_again() {
    let world = World::start();
    let mut provider = world.enrol("sleeps");
    provider.hours_behind = 30;
    let outbox = Outbox::open(&provider.outbox).unwrap().through(|file| Box::new(Unsynced(file)));
    provider.publish(&world, outbox, &decisions(2), &mut Vec::new()).unwrap_err();
    // The pin is in the journal; the process died at its sync. Now the lines are kept, too old to be taken.
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let mut events = Vec::new();
    let summary = provider.publish(&world, outbox, &decisions(2), &mut events).unwrap();
    assert_eq!((summary.on_record, summary.waiting), (0, 2), "{events:?}");
    assert!(events[0].contains("issued-too-long-ago"), "{events:?}");
    provider.hours_behind = 0;
    let summary = provider.publish_all(&world, &decisions(2));
    assert_eq!((summary.on_record, summary.already_published, summary.highest), (2, 0, 2));
    assert_eq!(world.state(&provider).sequence.unbroken, 2);
}

#[test]
fn numbers_that_the_outbox_does_not_know_are_pointed_out() {
    let world = World::start();
    let provider = world.enrol("has-two");
    provider.publish_all(&world, &decisions(2));
    let copy = std::fs::read(provider.outbox.join("journal")).unwrap();
    provider.publish_all(&world, &lines(&[decision("later")]));
    // The outbox is put back from a copy.
    std::fs::write(provider.outbox.join("journal"), copy).unwrap();
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let input = lines(&[decision("new")]);
    let summary = provider.publish(&world, outbox, &input, &mut events).unwrap();
    assert!(events[0].contains("Unknown { known: 2, on_record: 3 }"), "{events:?}");
    assert_eq!((summary.on_record, summary.highest), (1, 4));
}

/// Writes, and fails to sync: what was written may be there or not.
struct Unsynced(Box<dyn glasshouse_server::outbox::journal::JournalFile>);

impl glasshouse_server::outbox::journal::JournalFile for Unsynced {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.append(bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        Err(std::io::Error::other("the power went"))
    }
}

#[test]
fn who_is_not_enrolled_gets_no_number_and_no_outbox_entry() {
    let world = World::start();
    let mut provider = world.enrol("known");
    provider.key = SecretKey::generate().unwrap();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let error = provider.publish(&world, outbox, &decisions(1), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("is not enrolled for https://known.example"), "{error}");
    assert_eq!(std::fs::metadata(provider.outbox.join("journal")).unwrap().len(), 0);
}

#[test]
fn an_outbox_is_for_one_provider() {
    let world = World::start();
    let first = world.enrol("first");
    first.publish_all(&world, &decisions(1));
    let mut second = world.enrol("second");
    second.outbox = first.outbox.clone();
    let outbox = Outbox::open(&second.outbox).unwrap();
    let error = second.publish(&world, outbox, &decisions(1), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("belongs to the provider https://first.example"), "{error}");
}
