//! What witnesses show when a ledger starts, held against its own tree, also where rounds still lie staged; and a published
//! tree without the quorum that is required.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::contradiction::Testimony;
use glasshouse_ledger::cosign_time::ClockSkew;
use glasshouse_ledger::cosigned::NotCounted;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::ledger::adopt_store;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::open::{Hold, OpenError, Opened, open_store};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::recover::Refusal;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::{NoCosignature, Publication, ToWitness};
use glasshouse_ledger::writer::{Answer, Writer, WriterError};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::{cosignature_message, verify_cosignature};
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use support::*;

fn witness() -> Vkey {
    Vkey::new("w.example", VkeyKind::Cosignature, key(20).public_bytes()).unwrap()
}

fn waits_for_the_witness(shown: Vec<Testimony>) -> Publication {
    let (log, witness) = (signer().vkey().encode(), witness().encode());
    let policy = Policy::parse(&format!("log {log}\nwitness w {witness}\nquorum w\n")).unwrap();
    Publication::Witnessed { policy, require_quorum: true, shown }
}

fn open_shown(store: &Arc<dyn Store>, shown: &[Vec<u8>]) -> Result<Opened, OpenError> {
    let by = "the witness w".to_owned();
    let shown = shown.iter().map(|note| Testimony { by: by.clone(), note: note.clone() }).collect();
    let (index, publication) = (Index::temporary().unwrap(), waits_for_the_witness(shown));
    open_store(Arc::clone(store), signer(), TestClock::new(), index, Hold::NONE, publication, &[])
}

fn cosign(writer: &mut Writer, tree: &ToWitness) {
    writer.take_cosignature(tree.head(), &line(tree, NOW), NOW).unwrap();
}

/// The witness's line, of that time.
fn line(tree: &ToWitness, time: u64) -> SignatureLine {
    let note = tree.note_text();
    let text = format!("{}\n", note.split("\n\n").next().unwrap());
    let mut blob = time.to_be_bytes().to_vec();
    blob.extend_from_slice(&key(20).sign(&cosignature_message(time, &text)));
    SignatureLine::new(&witness(), blob)
}

/// A checkpoint of a tree that never was, with the log's signature.
fn forged(size: u64) -> Vec<u8> {
    let head = TreeHead::new(TreeSize::new(size).unwrap(), RootHash::from_bytes([9; 32])).unwrap();
    signer().sign(&head, 1).unwrap().note_text().into_bytes()
}

/// Two entries published without the witness, and two rounds of one entry each that lie staged. Nothing of these is in
/// the files but what a kill left.
fn staged() -> (MemoryStore, Vec<u8>) {
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn Store> = memory.clone();
    drop(enrolled(&store));
    let Opened { mut writer, reader, .. } = open_shown(&store, &[]).unwrap();
    let mut newest = Vec::new();
    for number in 1..=2 {
        writer.submit(admit(&reader, &decision(number)).unwrap());
        writer.round().unwrap();
        newest = writer.begin_publication().unwrap().note_text().into_bytes();
    }
    assert_eq!(store.list("stage").unwrap().len(), 2);
    (memory.after_power_loss(), newest)
}

#[test]
fn what_contradicts_the_ledger_is_kept_and_nothing_starts() {
    let (left, _) = staged();
    // Smaller than the published tree, that of a staged round, the newest one, and a greater one.
    for size in [1, 3, 4, 5] {
        let store: Arc<dyn Store> = Arc::new(left.after_kill());
        let before = store.get("checkpoint").unwrap();
        let shown = forged(size);
        let error = open_shown(&store, std::slice::from_ref(&shown)).unwrap_err();
        let OpenError::Writer(WriterError::Contradicted(contradicted)) = error else {
            panic!("{size}: {error}")
        };
        assert_eq!((contradicted.by.as_str(), contradicted.size), ("the witness w", size));
        let [file] = &store.list("evidence").unwrap()[..] else { panic!("{size}") };
        assert_eq!(*file, contradicted.file);
        let text = String::from_utf8(store.get(file).unwrap().unwrap()).unwrap();
        match size {
            5 => {
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!(json["shown"].as_str().unwrap().as_bytes(), shown);
                // Our newest tree is the one of the last staged round.
                assert_eq!(json["newest"].as_str().unwrap().lines().nth(1), Some("4"));
            }
            _ => {
                let fork = Fork::parse(&text, signer().vkey()).unwrap();
                assert_eq!((fork.older().head().size().get(), fork.newer().head().size().get()), (size, 4));
            }
        }
        // Nothing was published by it, and nothing starts while the evidence lies there, whatever is shown.
        assert_eq!(store.get("checkpoint").unwrap(), before);
        assert!(matches!(open_shown(&store, &[]), Err(OpenError::Contradicted(found)) if found == *file));
        store.delete(file).unwrap();
        let Opened { mut writer, reader, .. } = open_shown(&store, &[]).unwrap();
        let tree = writer.begin_publication().unwrap();
        cosign(&mut writer, &tree);
        writer.publish().unwrap();
        assert_eq!(reader.head().size().get(), 4);
        assert_clean(store.as_ref());
    }
}

#[test]
fn what_fits_and_what_is_nobodys_stops_nothing() {
    let (left, newest) = staged();
    let published = left.get("checkpoint").unwrap().unwrap();
    for shown in [vec![newest.clone()], vec![published, newest], vec![b"garbage".to_vec(), Vec::new()]] {
        let store: Arc<dyn Store> = Arc::new(left.after_kill());
        let opened = open_shown(&store, &shown).unwrap();
        assert_eq!(opened.writer.unpublished(), 2);
        assert_eq!(store.list("evidence").unwrap(), Vec::<String>::new());
    }
}

/// Where the folder itself is damaged nobody is accused: the start is refused as it is without witnesses.
#[test]
fn a_damaged_folder_accuses_nobody() {
    let (left, _) = staged();
    let store: Arc<dyn Store> = Arc::new(left.after_kill());
    let tiles = store.list("tile/0").unwrap();
    assert!(!tiles.is_empty());
    tiles.iter().for_each(|name| store.delete(name).unwrap());
    let error = open_shown(&store, &[forged(5)]).unwrap_err();
    assert!(matches!(error, OpenError::Refused(Refusal::BytesMissing { .. })), "{error}");
    assert_eq!(store.list("evidence").unwrap(), Vec::<String>::new());
}

/// Adopting mends what the evidence is about, so the evidence does not stop it; it stops the ledger from starting.
#[test]
fn a_folder_is_adopted_beside_its_evidence() {
    let (left, newest) = staged();
    let store: Arc<dyn Store> = Arc::new(left);
    assert!(matches!(open_shown(&store, &[forged(5)]), Err(OpenError::Writer(_))));
    let index = Index::temporary().unwrap();
    let adopted =
        adopt_store(Arc::clone(&store), signer(), TestClock::new(), index, &[newest], &[], &mut |_| ());
    let opened = adopted.unwrap().opened;
    assert!(opened.remarks.iter().any(|remark| remark.contains("lies there still")), "{:?}", opened.remarks);
    drop(opened);
    assert!(matches!(open_shown(&store, &[]), Err(OpenError::Contradicted(_))));
}

/// The published tree has no quorum, and one is required: neither a duplicate nor a refusal is told before it has one.
#[test]
fn nobody_is_answered_before_the_published_tree_has_its_quorum() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let first = decision(1);
    publish(&mut writer, &reader, std::slice::from_ref(&first));
    writer.settle().unwrap();
    drop((writer, reader));
    let Opened { mut writer, reader, .. } = open_shown(&store, &[]).unwrap();
    assert_eq!(writer.held_back().map(TreeSize::get), Some(3));
    writer.submit(admit(&reader, &first).unwrap());
    writer.submit(admit(&reader, &decision_by(&provider(), 1, "another")).unwrap());
    assert_eq!(writer.round().unwrap().answers, []);
    assert_eq!(writer.publish().unwrap().answers, []);
    let tree = writer.published_tree().unwrap();
    cosign(&mut writer, &tree);
    let report = writer.publish().unwrap();
    assert!(
        matches!(&report.answers[..], [(_, Answer::Duplicate { .. }), (_, Answer::Rejected(_))]),
        "{report:?}"
    );
    assert_eq!(writer.held_back(), None);
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}

/// Two entries, published and settled, the second with its quorum.
fn witnessed() -> (Arc<dyn Store>, Writer, Reader) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    drop(enrolled(&store));
    let Opened { mut writer, reader, .. } = open_shown(&store, &[]).unwrap();
    let tree = writer.published_tree().unwrap();
    cosign(&mut writer, &tree);
    writer.publish().unwrap();
    writer.settle().unwrap();
    (store, writer, reader)
}

/// A line that holds, and whose time is far from the ledger's clock, is neither counted nor put below the note.
#[test]
fn a_cosignature_of_another_time_is_not_counted() {
    let (store, mut writer, _) = witnessed();
    let note = store.get("checkpoint").unwrap();
    let tree = writer.published_tree().unwrap();
    for time in [i64::MAX as u64, NOW + 601, NOW - 601, 1_000] {
        let line = line(&tree, time);
        let skew = ClockSkew { time, now: NOW };
        let found = tree.find_line(&witness(), line.encode().as_bytes(), NOW);
        assert_eq!(found, Err(NoCosignature::Clock(skew)));
        assert_eq!(writer.take_cosignature(tree.head(), &line, NOW), Err(NotCounted::Clock(skew)));
        writer.publish().unwrap();
        assert_eq!(store.get("checkpoint").unwrap(), note);
    }
    for time in [NOW + 600, NOW - 600] {
        writer.take_cosignature(tree.head(), &line(&tree, time), NOW).unwrap();
    }
}

/// It may lie published, from before there was such a rule, or under a clock that was wrong then: it counts no more, and goes.
#[test]
fn a_published_cosignature_of_the_future_is_dropped_at_the_start() {
    let (store, writer, _) = witnessed();
    let own = writer.published_tree().unwrap();
    drop(writer);
    for (time, is_held_back) in [(NOW + 601, true), (1_000, false), (NOW - 5_000, false)] {
        let note = format!("{}{}", own.note_text(), line(&own, time).encode());
        store.put("checkpoint", note.as_bytes()).unwrap();
        let Opened { mut writer, remarks, .. } = open_shown(&store, &[]).unwrap();
        assert_eq!(writer.held_back().is_some(), is_held_back, "{time}");
        assert_eq!(remarks.iter().any(|remark| remark.contains("w.example is dropped")), is_held_back);
        writer.publish().unwrap();
        let kept = if is_held_back { own.note_text() } else { note };
        assert_eq!(store.get("checkpoint").unwrap().unwrap(), kept.as_bytes(), "{time}");
    }
}

/// The published file is put back to an older one, whose tree is no end of a round that waits: what was published since is
/// shown when it has its quorum again, and what was not yet is not published by the start.
#[test]
fn an_older_published_file_publishes_nothing_without_a_quorum() {
    for waits in [false, true] {
        let (store, mut writer, reader) = witnessed();
        let older = store.get("checkpoint").unwrap().unwrap();
        for number in 1..=2 {
            writer.submit(admit(&reader, &decision(number)).unwrap());
            writer.round().unwrap();
            if number == 2 && waits {
                break;
            }
            let tree = writer.begin_publication().unwrap();
            cosign(&mut writer, &tree);
            writer.publish().unwrap();
            writer.settle().unwrap();
        }
        drop((writer, reader));
        store.put("checkpoint", &older).unwrap();
        let Opened { mut writer, reader, .. } = open_shown(&store, &[]).unwrap();
        let base = if waits { 3 } else { 4 };
        assert_eq!((reader.head().size().get(), writer.held_back().map(TreeSize::get)), (base, Some(base)));
        assert_eq!(store.get("checkpoint").unwrap().unwrap(), older);
        let tree = writer.begin_publication().unwrap();
        assert_eq!(tree.head().size().get(), 4);
        cosign(&mut writer, &tree);
        writer.publish().unwrap();
        assert_eq!((reader.head().size().get(), writer.held_back()), (4, None));
        writer.settle().unwrap();
        assert_clean(store.as_ref());
    }
}

/// What is signed once more at a start has no earlier time than what was signed before, whatever the clock says.
#[test]
fn a_clock_that_was_set_back_sets_no_signature_back() {
    struct Back;
    impl Clock for Back {
        fn now_ms(&self) -> u64 {
            (NOW - 5_000) * 1_000
        }
    }
    let both = || signer().with_second(MlDsaSecretKey::from_seed(&[1; 32])).unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    begin_with(&store, &both());
    let open = |clock: Arc<dyn Clock>| {
        let (index, publication) = (Index::temporary().unwrap(), waits_for_the_witness(Vec::new()));
        open_store(Arc::clone(&store), both(), clock, index, Hold::NONE, publication, &[]).unwrap()
    };
    let Opened { mut writer, reader, .. } = open(TestClock::new());
    writer.submit(admit(&reader, &enrolment_of(&provider(), 2)).unwrap());
    writer.round().unwrap();
    drop((writer, reader));
    // The state's note is of the round that waits, so none is left of the tree before it.
    store.delete("checkpoint").unwrap();
    let note = open(Arc::new(Back)).reader.checkpoint_note();
    let note = SignedCheckpoint::open(note.as_bytes(), signer().vkey()).unwrap();
    assert_eq!(note.head().size().get(), 1);
    assert_eq!(verify_cosignature(note.note(), both().second_vkey().unwrap()).unwrap(), NOW);
}
