//! A ledger that is behind catches up from a mirror, believes nothing it says, and may be killed anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::admission::Admission;
use glasshouse_ledger::catch_up::CatchUpError;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::ledger::{Adopted, adopt_store};
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::mirror::Mirror;
use glasshouse_ledger::open::{OpenError, Opened};
use glasshouse_ledger::pack::{PackText, find_in_pack, read_text};
use glasshouse_ledger::reader::AddendumState;
use glasshouse_ledger::recover::Refusal;
use glasshouse_ledger::store::{StateCopies, Store};
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::submission::SubmissionSlices;
use glasshouse_verifier::targets::{SequenceRange, Target};
use support::copy::{Copy, Lie};
use support::faulty_store::{Fault, FaultyStore};
use support::lives::{
    accepted, digest_of, disclosure, holding, leaf, open_held, redaction, secretive, submit, submit_with,
    texts, withdrawal,
};
use support::*;

/// A log of `size` ≥ 2 entries: genesis, enrolment, decisions; everything settled.
fn log(size: u64) -> MemoryStore {
    let store = Arc::new(MemoryStore::new());
    let (mut writer, _) = enrolled(&(store.clone() as Arc<dyn Store>));
    writer.settle().unwrap();
    grown(&store, size, "ad")
}

/// The same log with decisions up to `size`; another `name` makes another history.
fn grown(store: &MemoryStore, size: u64, name: &str) -> MemoryStore {
    let store = Arc::new(store.after_kill());
    let (mut writer, reader) = open(&(store.clone() as Arc<dyn Store>));
    let first = reader.head().size().get() - 1;
    let statements: Vec<_> =
        (first..size - 1).map(|n| decision_by(&provider(), n, &format!("{name}-{n}"))).collect();
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    store.after_kill()
}

fn adopt(store: &Arc<dyn Store>, seen: &[Vec<u8>], mirrors: &[&Copy]) -> Result<Adopted, OpenError> {
    let mirrors: Vec<&dyn Mirror> = mirrors.iter().map(|mirror| *mirror as &dyn Mirror).collect();
    let index = Index::temporary().unwrap();
    adopt_store(Arc::clone(store), signer(), TestClock::new(), index, seen, &mirrors, &mut |_| ())
}

/// Everything that a refused adoption must leave as it was.
fn contents(store: &dyn Store) -> (Vec<(String, Vec<u8>)>, StateCopies) {
    let folders = ["checkpoint", "tile", "addenda.v1", "vkey", "stage", "addenda-pack"];
    let names = folders.iter().flat_map(|folder| match store.get(folder) {
        Ok(Some(_)) => vec![(*folder).to_owned()],
        _ => store.list(folder).unwrap_or_default(),
    });
    let files = names.map(|name| (name.clone(), store.get(&name).unwrap().unwrap())).collect();
    (files, store.load_state().unwrap())
}

/// The store's adoption is refused, and changes nothing.
#[track_caller]
fn refused(store: &MemoryStore, seen: &[Vec<u8>], mirrors: &[&Copy]) -> OpenError {
    let store: Arc<dyn Store> = Arc::new(store.after_kill());
    let before = contents(store.as_ref());
    let error = adopt(&store, seen, mirrors).unwrap_err();
    assert_eq!(contents(store.as_ref()), before, "{error}");
    error
}

#[test]
fn entries_and_texts_come_back() {
    let old = log(3);
    let new = Copy::of(&grown(&old, 302, "ad"), "new", Lie::None);
    let store: Arc<dyn Store> = Arc::new(old);
    let Adopted { opened, caught_up } = adopt(&store, &[], &[&new]).unwrap();
    assert_eq!(caught_up, 299);
    assert_eq!(opened.reader.checkpoint_note().into_bytes(), new.note());
    assert_clean(store.as_ref());
    for number in 0..302 {
        let entry = opened.reader.entry(index(number)).unwrap().unwrap();
        for digest in entry.statement().payload().addenda().values() {
            let text = opened.reader.addendum(digest).unwrap();
            assert_eq!(text, new.reader().addendum(digest).unwrap());
            assert!(
                matches!(text, AddendumState::Served { .. } | AddendumState::Withheld { .. }),
                "{number}"
            );
        }
    }
    // And the ledger goes on.
    let (mut writer, reader) = (opened.writer, opened.reader);
    let answers = publish(&mut writer, &reader, &[decision(301)]);
    assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == 302), "{answers:?}");
    writer.settle().unwrap();
    assert_clean(store.as_ref());
    // A mirror that is behind or level adds nothing.
    drop((writer, reader));
    assert_eq!(adopt(&store, &[], &[&new]).unwrap().caught_up, 0);
}

#[test]
fn the_greatest_of_several_mirrors_wins_and_the_others_must_lie_on_the_way() {
    let old = log(3);
    let middle = grown(&old, 5, "ad");
    let last = grown(&middle, 8, "ad");
    let behind = Copy::of(&old, "behind", Lie::None);
    let between = Copy::of(&middle, "between", Lie::None);
    let ahead = Copy::of(&last, "ahead", Lie::None);
    for mirrors in [[&behind, &between, &ahead], [&ahead, &between, &behind]] {
        let store: Arc<dyn Store> = Arc::new(old.after_kill());
        let adopted = adopt(&store, &[ahead.note()], &mirrors).unwrap();
        assert_eq!((adopted.caught_up, adopted.opened.reader.head().size().get()), (5, 8));
        assert_clean(store.as_ref());
    }
    let fork = |error: OpenError| match error {
        OpenError::Refused(Refusal::Fork { one, other, size }) => (one, other, size.get()),
        other => panic!("{other}"),
    };
    let other_middle = Copy::of(&grown(&old, 5, "other"), "other", Lie::None);
    let other_last = Copy::of(&grown(&old, 8, "other"), "other", Lie::None);
    let named = |one: &str, other: &str, size| (one.to_owned(), other.to_owned(), size);
    let found = fork(refused(&old, &[], &[&other_middle, &ahead]));
    assert_eq!(found, named("mirror other", "mirror ahead", 5));
    let found = fork(refused(&old, &[], &[&other_last, &ahead]));
    assert_eq!(found, named("mirror other", "mirror ahead", 8));
    // Our own tree is another one than the one that the mirror grew out of.
    let found = fork(refused(&grown(&old, 5, "other"), &[], &[&ahead]));
    assert_eq!(found, named("this folder", "mirror ahead", 5));
    let found = fork(refused(&middle, &[other_middle.note()], &[&ahead]));
    assert!(found.0.contains("seen checkpoint 1"), "{found:?}");
}

#[test]
fn a_lying_mirror_is_refused_and_nothing_is_changed() {
    let old = log(3);
    let new = grown(&old, 6, "ad");
    let foreign = LogSigner::new(Origin::parse("other.example").unwrap(), key(1)).unwrap();
    let size = TreeSize::new(9).unwrap();
    let head = TreeHead::new(size, RootHash::from_bytes([9; 32])).unwrap();
    let foreign = foreign.sign(&head, 1).unwrap().note_text().into_bytes();
    let made_up = signer().sign(&head, 1).unwrap().note_text().into_bytes();
    let table: Vec<(Lie, &str)> = vec![
        (Lie::Entry, "do not lead"),
        (Lie::Short, "damaged"),
        (Lie::NoBundles, "does not serve tile/entries/000.p/6"),
        (Lie::Text, "its SHA-256 is not"),
        (Lie::Withheld, "the signed entries do not"),
        (Lie::Redacted, "no redaction of it counts"),
        (Lie::NoTexts, "no answer"),
        (Lie::Checkpoint(foreign), "not one of this log"),
        (Lie::Checkpoint(b"nothing".to_vec()), "not one of this log"),
        (Lie::Checkpoint(made_up), "does not serve tile/entries/000.p/9"),
    ];
    for (lie, words) in table {
        let mirror = Copy::of(&new, "liar", lie.clone());
        let error = refused(&old, &[], &[&mirror]).to_string();
        assert!(error.contains(words) && error.contains("liar"), "{lie:?}: {error}");
    }
    // Without a mirror that reaches what was seen, nothing is caught up at all.
    let (honest, level) = (Copy::of(&new, "new", Lie::None), Copy::of(&old, "level", Lie::None));
    for mirrors in [&[][..], &[&level]] {
        let error = refused(&old, &[honest.note()], mirrors);
        assert!(matches!(error, OpenError::Refused(Refusal::BytesMissing { .. })), "{error}");
    }
}

#[test]
fn a_gap_that_no_stage_holds_is_refused_before_anything_is_fetched() {
    let old = log(3);
    let size = TreeSize::new(3 + 65_537).unwrap();
    let head = TreeHead::new(size, RootHash::from_bytes([9; 32])).unwrap();
    let note = signer().sign(&head, 1).unwrap().note_text().into_bytes();
    let error = refused(&old, &[], &[&Copy::of(&old, "far", Lie::Checkpoint(note))]);
    assert!(matches!(error, OpenError::CatchUp(CatchUpError::TooFar { .. })), "{error}");
    assert!(error.to_string().contains("rsync"), "{error}");
}

#[test]
fn killed_anywhere_it_can_be_run_again() {
    let old = log(3);
    let four = grown(&old, 4, "ad");
    let middle = Copy::of(&four, "middle", Lie::None);
    let (lived, _) = redacted(&disclosed(&grown(&four, 6, "ad"), 6).0, 5);
    let new = Copy::of(&lived, "new", Lie::None);
    let mut at = 0;
    loop {
        assert!(at < 100, "it never finishes");
        let mut finished = false;
        for fault in [Fault::Failed, Fault::Persisted] {
            let faulty = Arc::new(FaultyStore::new(old.after_kill()));
            faulty.arm(at, fault);
            let adopted = adopt(&(faulty.clone() as Arc<dyn Store>), &[], &[&middle, &new]);
            finished = adopted.is_ok();
            let story = format!("{fault:?} at {at}: {:?}", faulty.names().last());
            drop(adopted);
            for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
                let store: Arc<dyn Store> = Arc::new(left);
                let adopted = adopt(&store, &[], &[&new]).unwrap_or_else(|error| panic!("{story}: {error}"));
                assert_eq!(adopted.opened.reader.checkpoint_note().into_bytes(), new.note(), "{story}");
                drop(adopted);
                assert_clean(store.as_ref());
            }
        }
        if finished {
            break;
        }
        at += 1;
    }
    assert!(at > 10, "{at} calls");
}

/// The same log, in which the first text that an entry serves was redacted; and its digest.
fn redacted(store: &MemoryStore, entry: u64) -> (MemoryStore, Digest) {
    let store = Arc::new(store.after_kill());
    let (mut writer, reader) = open(&(store.clone() as Arc<dyn Store>));
    let target = reader.entry(index(entry)).unwrap().unwrap();
    let payload = target.statement().payload();
    let (field, digest) =
        payload.addenda().iter().find(|(field, _)| !payload.withheld().contains_key(field)).unwrap();
    let targets = [Target::Entry(target.leaf_hash())];
    let signed = redaction(reader.head().size().get() - 1, &targets, &[field.as_str()]);
    accepted(&submit(&mut writer, &reader, &signed));
    writer.settle().unwrap();
    (store.after_kill(), *digest)
}

/// The same log with one more decision, at `entry`, whose facts were withheld and then disclosed; and their digest.
fn disclosed(store: &MemoryStore, entry: u64) -> (MemoryStore, Digest) {
    let store = Arc::new(store.after_kill());
    let (mut writer, reader) = open(&(store.clone() as Arc<dyn Store>));
    let target = secretive(entry - 1);
    assert_eq!(accepted(&submit(&mut writer, &reader, &target)), entry);
    let opening = disclosure(entry, &target, &["decision_facts"]);
    accepted(&submit_with(&mut writer, &reader, &opening, &texts(&target, &["decision_facts"])));
    writer.settle().unwrap();
    (store.after_kill(), digest_of(&target, "decision_facts"))
}

#[test]
fn what_was_redacted_at_the_mirror_stays_erased() {
    let old = log(3);
    let six = grown(&old, 6, "ad");
    let (new, digest) = redacted(&six, 4);
    let text = find_in_pack(&six, index(4), &digest).unwrap().unwrap();
    let PackText::Text(text) = read_text(&six, text.place, &digest).unwrap() else { panic!() };
    let mirror = Copy::of(&new, "new", Lie::None);
    // The second folder has the texts of all entries already, and none of the entries.
    let torn = old.after_kill();
    torn.put("addenda-pack/000", &six.get("addenda-pack/000").unwrap().unwrap()).unwrap();
    for old in [old, torn] {
        let store: Arc<dyn Store> = Arc::new(old);
        let Adopted { opened, .. } = adopt(&store, &[], &[&mirror]).unwrap();
        let found = opened.reader.addendum(&digest).unwrap();
        assert!(matches!(found, AddendumState::Redacted { by, .. } if by.get() == 6), "{found:?}");
        assert!(opened.remarks.iter().any(|remark| remark.contains("1 texts were redacted")));
        assert_eq!(holding(store.as_ref(), &text), Vec::<String>::new());
        drop(opened);
        assert_clean(store.as_ref());
    }
    // A folder that has the entry and lacks only the redaction: shown nowhere, and erased by whoever knows the hold.
    let store: Arc<dyn Store> = Arc::new(six);
    let Adopted { opened, .. } = adopt(&store, &[], &[&mirror]).unwrap();
    let found = opened.reader.addendum(&digest).unwrap();
    assert!(matches!(found, AddendumState::Redacted { .. }), "{found:?}");
    drop(opened);
    assert_clean(store.as_ref());
    assert_eq!(holding(store.as_ref(), &text), ["addenda-pack/000"]);
    drop(open(&store));
    assert_eq!(holding(store.as_ref(), &text), Vec::<String>::new());
    assert_clean(store.as_ref());
}

/// A redaction that was withdrawn in its hold, one that names another text, and one that passes over a withheld text: none
/// of them makes a text one that was erased.
#[test]
fn a_mirror_that_calls_a_text_redacted_is_believed_only_where_a_redaction_of_it_counts() {
    let old = log(3);
    let store = Arc::new(grown(&old, 5, "ad"));
    let Opened { mut writer, reader, .. } = open_held(&(store.clone() as _), &TestClock::new(), 60_000);
    let target = |at| [Target::Entry(reader.entry(index(at)).unwrap().unwrap().leaf_hash())];
    let by_number = |at| {
        let number = reader.entry(index(at)).unwrap().unwrap().statement().sequence();
        [Target::Range(SequenceRange::new(number, number).unwrap())]
    };
    let erased = redaction(4, &target(4), &["decision_facts"]);
    for statement in [
        &erased,
        &withdrawal(5, &[leaf(&erased)]),
        &redaction(6, &by_number(3), &["decision_facts"]),
        &redaction(7, &target(4), &["incompatible_content_explanation"]),
    ] {
        accepted(&submit(&mut writer, &reader, statement));
    }
    let facts = |at: u64| {
        let entry = reader.entry(index(at)).unwrap().unwrap();
        *entry.statement().payload().addenda().get(&FieldName::find("decision_facts").unwrap()).unwrap()
    };
    let (kept, gone) = (facts(4), facts(3));
    writer.settle().unwrap();
    let new = grown(&store, 10, "ad");
    let error = refused(&old, &[], &[&Copy::of(&new, "liar", Lie::RedactedOne(kept))]).to_string();
    assert!(error.contains("no redaction of it counts"), "{error}");
    let folder: Arc<dyn Store> = Arc::new(old);
    let adopted = adopt(&folder, &[], &[&Copy::of(&new, "new", Lie::None)]).unwrap();
    assert!(matches!(adopted.opened.reader.addendum(&kept).unwrap(), AddendumState::Served { .. }));
    assert!(matches!(adopted.opened.reader.addendum(&gone).unwrap(), AddendumState::Redacted { .. }));
}

/// The folder has a redaction that was withdrawn in its hold; the mirror, that this was withdrawn after a disclosure.
#[test]
fn a_redaction_that_counts_again_is_believed() {
    let store = Arc::new(log(2));
    let Opened { mut writer, reader, .. } = open_held(&(store.clone() as _), &TestClock::new(), 60_000);
    let target = secretive(1);
    let erased = redaction(2, &[leaf(&target)], &["decision_facts"]);
    let withdrawn = withdrawal(3, &[leaf(&erased)]);
    for statement in [&target, &erased, &withdrawn] {
        accepted(&submit(&mut writer, &reader, statement));
    }
    writer.settle().unwrap();
    let folder: Arc<dyn Store> = Arc::new(store.after_kill());
    let facts = texts(&target, &["decision_facts"]);
    accepted(&submit_with(&mut writer, &reader, &disclosure(4, &target, &["decision_facts"]), &facts));
    accepted(&submit(&mut writer, &reader, &withdrawal(5, &[leaf(&withdrawn)])));
    writer.settle().unwrap();
    let adopted = adopt(&folder, &[], &[&Copy::of(&store, "new", Lie::None)]).unwrap();
    let found = adopted.opened.reader.addendum(&digest_of(&target, "decision_facts")).unwrap();
    assert!(matches!(found, AddendumState::Redacted { .. }), "{found:?}");
}

#[test]
fn what_was_disclosed_comes_from_the_mirror() {
    let old = log(3);
    let (four, first) = disclosed(&old, 3);
    let (new, second) = disclosed(&four, 5);
    let mirror = Copy::of(&new, "new", Lie::None);
    // A folder without either target, one that has the first, and one with the first target and not its disclosure.
    let store = Arc::new(old.after_kill());
    let (mut writer, reader) = open(&(store.clone() as Arc<dyn Store>));
    let target = mirror.reader().entry_bytes(index(3)).unwrap().unwrap();
    let slices = Entry::parse(&target).unwrap();
    let addenda: Vec<Vec<u8>> =
        mirror.reader().texts(&slices, index(3)).unwrap().iter().map(Addendum::encode).collect();
    let served = addenda.iter().map(Vec::as_slice).filter(|text| Digest::of(text) != first).collect();
    let slices = SubmissionSlices { statement: slices.statement().bytes(), addenda: served };
    writer.submit(Admission::new(origin()).admit(&slices, &reader.keys(), NOW).unwrap());
    accepted(&writer.round().unwrap().answers[0].1);
    writer.settle().unwrap();
    for old in [old.after_kill(), four, store.after_kill()] {
        let store: Arc<dyn Store> = Arc::new(old);
        let Adopted { opened, .. } = adopt(&store, &[], &[&mirror]).unwrap();
        for digest in [first, second] {
            let found = opened.reader.addendum(&digest).unwrap();
            assert!(matches!(found, AddendumState::Disclosed { .. }), "{found:?}");
        }
        drop(opened);
        assert_clean(store.as_ref());
    }
    let error = refused(&old, &[], &[&Copy::of(&new, "liar", Lie::Withheld)]).to_string();
    assert!(error.contains("withheld"), "{error}");
}

/// A backup that was taken while the ledger ran: files of rounds that its state does not know, and a torn stage; and
/// one whose state is lost as well.
#[test]
fn a_backup_of_a_running_ledger_catches_up() {
    let old = log(3);
    let four = grown(&old, 4, "ad");
    let mirror = Copy::of(&grown(&four, 6, "ad"), "new", Lie::None);
    for lose_state in [false, true] {
        let store: Arc<dyn Store> = Arc::new(old.after_kill());
        for name in ["tile/0/000.p/4", "tile/entries/000.p/4"] {
            store.put(name, &four.get(name).unwrap().unwrap()).unwrap();
        }
        store.put(&format!("stage/5-{}", Digest::of(b"").to_hex()), b"torn").unwrap();
        if lose_state {
            store.reset_state(b"nothing").unwrap();
        }
        assert!(try_open(&store).is_err());
        let adopted = adopt(&store, &[], &[&mirror]).unwrap();
        assert_eq!(adopted.caught_up, 3);
        drop(adopted);
        assert_clean(store.as_ref());
    }
}
