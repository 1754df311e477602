//! Publication as an act of its own: with witnesses, in the open mode and where a quorum is required. Every call fails, or does
//! everything and then fails, and the process is killed or the power lost. The expected outcome stands in the row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::backlog::BACKLOG_STATEMENTS_MAX;
use glasshouse_ledger::contradiction::Shown;
use glasshouse_ledger::cosigned::NotCounted;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, Opened, open_store};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, Writer, WriterError};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::note::SignatureLine;
use support::faulty_store::{Fault, FaultyStore};
use support::lives::{assert_redacted, leaf, redaction};
use support::witnesses::{cosign, line, policy};
use support::*;

const OPEN: bool = false;
const FAIL_CLOSED: bool = true;

fn open_witnessed(store: &Arc<dyn Store>, require_quorum: bool) -> Opened {
    let publication = Publication::Witnessed { policy: policy(), require_quorum, shown: Vec::new() };
    let index = Index::temporary().unwrap();
    open_store(Arc::clone(store), signer(), TestClock::new(), index, Hold::NONE, publication, &[]).unwrap()
}

/// Everything that is durable is published with two cosignatures.
fn publish_all(writer: &mut Writer) -> Vec<Answer> {
    let mut answers = Vec::new();
    while writer.has_unpublished() {
        let tree = writer.begin_publication().unwrap();
        cosign(writer, 1, &tree);
        cosign(writer, 3, &tree);
        answers.extend(writer.publish().unwrap().answers);
    }
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// A ledger of two entries, everything published and settled, on a store that can fail.
fn ledger(require_quorum: bool) -> (Arc<FaultyStore>, Writer, Reader) {
    let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
    let store: Arc<dyn Store> = faulty.clone();
    drop(enrolled(&store));
    let Opened { mut writer, reader, .. } = open_witnessed(&store, require_quorum);
    writer.settle().unwrap();
    (faulty, writer, reader)
}

fn served(store: &dyn Store) -> SignedCheckpoint {
    SignedCheckpoint::open(&store.get("checkpoint").unwrap().unwrap(), signer().vkey()).unwrap()
}

fn size(reader: &Reader) -> u64 {
    reader.head().size().get()
}

/// One call, and what is published after it failed without doing anything, and after it did everything: by a start in the
/// open mode, and by one where a quorum is required.
struct Row {
    call: &'static str,
    failed: (u64, u64),
    persisted: (u64, u64),
}

const fn row(call: &'static str, failed: (u64, u64), persisted: (u64, u64)) -> Row {
    Row { call, failed, persisted }
}

/// A round of one entry with texts on a tree of two, and its publication.
const ROUND: &[Row] = &[
    row("put_durable stage/3-", (2, 2), (3, 2)),
    row("swap_state", (3, 2), (3, 2)),
    row("append addenda-pack/000", (3, 2), (3, 2)),
    row("put tile/entries/000.p/3", (3, 2), (3, 2)),
    row("put tile/0/000.p/3", (3, 2), (3, 2)),
];

/// What had its quorum before the call is published where the file says so, and else waits for another one.
const PUBLICATION: &[Row] = &[row("put_durable checkpoint", (3, 2), (3, 3))];

/// A later cosignature is put below the published note, or not.
const ATTACHING: &[Row] = &[row("put_durable checkpoint", (3, 3), (3, 3))];

const SETTLING: &[Row] = &[row("sync", (3, 3), (3, 3)), row("delete stage/3-", (3, 3), (3, 3))];

/// Does all of it; the fault is armed before the act of that number.
fn act(
    faulty: &FaultyStore,
    (writer, reader): (&mut Writer, &Reader),
    signed: &Signed,
    (act, at, fault): (usize, usize, Fault),
) -> WriterError {
    let arm = |number: usize| {
        if number == act {
            faulty.arm(at, fault)
        }
    };
    arm(0);
    writer.submit(admit(reader, signed).unwrap());
    match writer.round() {
        Err(error) => return error,
        Ok(report) => assert_eq!(report.answers, [], "nothing is published"),
    }
    let tree = writer.begin_publication().unwrap();
    cosign(writer, 1, &tree);
    cosign(writer, 2, &tree);
    arm(1);
    match writer.publish() {
        Err(error) => return error,
        Ok(report) => assert_eq!(report.answers.len(), 1),
    }
    cosign(writer, 3, &tree);
    arm(2);
    if let Err(error) = writer.publish() {
        return error;
    }
    arm(3);
    writer.settle().unwrap_err()
}

#[test]
fn every_call_fails_in_both_modes() {
    for require_quorum in [OPEN, FAIL_CLOSED] {
        for (number, table) in [ROUND, PUBLICATION, ATTACHING, SETTLING].into_iter().enumerate() {
            for (at, row) in table.iter().enumerate() {
                for (fault, found) in [(Fault::Failed, row.failed), (Fault::Persisted, row.persisted)] {
                    let story = format!("{} {fault:?}, quorum {require_quorum}", row.call);
                    let (faulty, mut writer, reader) = ledger(require_quorum);
                    let signed = decision(1);
                    let error = act(&faulty, (&mut writer, &reader), &signed, (number, at, fault));
                    assert!(
                        matches!(error, WriterError::Store(_) | WriterError::Pack(_)),
                        "{story}: {error}"
                    );
                    let names = faulty.names();
                    assert_eq!(names.len(), at + 1, "{story}: {names:?}");
                    assert!(names[at].starts_with(row.call), "{story}: {names:?}");
                    assert!(matches!(writer.publish(), Err(WriterError::Stopped)), "{story}");
                    for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
                        check_left(&story, left, found, size(&reader), &signed);
                    }
                }
            }
        }
    }
}

/// Both modes start on what is left: nothing that was published is lost, and the same entry is never written twice.
fn check_left(story: &str, left: MemoryStore, found: (u64, u64), shown: u64, signed: &Signed) {
    for (require_quorum, expected) in [(OPEN, found.0), (FAIL_CLOSED, found.1)] {
        let store: Arc<dyn Store> = Arc::new(left.after_kill());
        let Opened { mut writer, reader, .. } = open_witnessed(&store, require_quorum);
        let story = format!("{story}, then quorum {require_quorum}");
        assert_eq!(size(&reader), expected, "{story}");
        assert_eq!(served(store.as_ref()).head(), &reader.head(), "{story}");
        assert!(shown <= expected, "{story}: a published tree was lost");
        assert_clean(store.as_ref());
        // The submitter sends again, and is answered when it is published.
        writer.submit(admit(&reader, signed).unwrap());
        let mut answers: Vec<_> =
            writer.round().unwrap().answers.into_iter().map(|(_, answer)| answer).collect();
        answers.extend(publish_all(&mut writer));
        let [Answer::Accepted { index, .. } | Answer::Duplicate { index, .. }] = answers[..] else {
            panic!("{story}: {answers:?}")
        };
        assert_eq!((index.get(), size(&reader)), (2, 3), "{story}");
        writer.settle().unwrap();
        assert_eq!(store.list("stage").unwrap(), Vec::<String>::new(), "{story}");
        assert_clean(store.as_ref());
    }
}

/// Recovery dies at each of its calls, again and again: where a quorum is required it never publishes.
#[test]
fn recovery_without_a_quorum_publishes_nothing_however_often_it_dies() {
    let (faulty, mut writer, reader) = ledger(FAIL_CLOSED);
    for number in 1..=3 {
        writer.submit(admit(&reader, &decision(number)).unwrap());
        writer.round().unwrap();
        writer.settle().unwrap();
    }
    assert_eq!(faulty.inner().list("stage").unwrap().len(), 3, "stages stay until they are published");
    let mut deaths = 0;
    for fault in [Fault::Failed, Fault::Persisted] {
        for at in 0.. {
            let again = Arc::new(FaultyStore::new(faulty.inner().after_power_loss()));
            again.arm(at, fault);
            let store: Arc<dyn Store> = again.clone();
            let publication =
                Publication::Witnessed { policy: policy(), require_quorum: true, shown: Vec::new() };
            let index = Index::temporary().unwrap();
            let opened = open_store(
                Arc::clone(&store),
                signer(),
                TestClock::new(),
                index,
                Hold::NONE,
                publication,
                &[],
            );
            if opened.is_ok() {
                break;
            }
            deaths += 1;
            for left in [again.inner().after_kill(), again.inner().after_power_loss()] {
                let store: Arc<dyn Store> = Arc::new(left);
                let Opened { mut writer, reader, .. } = open_witnessed(&store, FAIL_CLOSED);
                assert_eq!((size(&reader), served(store.as_ref()).head().size().get()), (2, 2));
                assert_clean(store.as_ref());
                publish_all(&mut writer);
                assert_eq!(size(&reader), 5);
                assert_clean(store.as_ref());
            }
        }
    }
    assert!(deaths >= 10, "{deaths}");
}

/// The stage of a round that waited was moved away: what it had written lay there, so it was taken for published, and its
/// redactions erased what readers saw.
#[test]
fn a_redaction_whose_stage_is_lost_erases_nothing_before_its_quorum() {
    let (faulty, mut writer, reader) = ledger(FAIL_CLOSED);
    let about = decision(1);
    writer.submit(admit(&reader, &about).unwrap());
    writer.round().unwrap();
    publish_all(&mut writer);
    writer.settle().unwrap();
    writer.submit(admit(&reader, &redaction(2, &[leaf(&about)], &["decision_facts"])).unwrap());
    writer.round().unwrap();
    let left = Arc::new(faulty.inner().after_kill());
    left.list("stage").unwrap().iter().for_each(|stage| left.delete(stage).unwrap());
    let store: Arc<dyn Store> = left;
    for _ in 0..2 {
        let Opened { mut writer, reader, remarks } = open_witnessed(&store, FAIL_CLOSED);
        assert_eq!((size(&reader), served(store.as_ref()).head().size().get()), (4, 3));
        assert!(remarks.iter().any(|remark| remark.contains("a stage is lost")), "{remarks:?}");
        writer.round().unwrap();
        let found = fsck(store.as_ref(), signer().vkey()).unwrap().findings;
        assert!(found.iter().all(|one| !one.place.starts_with("entry")), "{found:?}");
    }
    let Opened { mut writer, reader, .. } = open_witnessed(&store, FAIL_CLOSED);
    publish_all(&mut writer);
    writer.round().unwrap();
    assert_redacted(&reader, &about, "decision_facts", 3);
    assert_clean(store.as_ref());
}

#[test]
fn a_lost_checkpoint_makes_no_redaction_open_again() {
    let (faulty, mut writer, reader) = ledger(OPEN);
    let about = decision(1);
    for signed in [about.clone(), redaction(2, &[leaf(&about)], &["decision_facts"])] {
        writer.submit(admit(&reader, &signed).unwrap());
        writer.round().unwrap();
        publish_all(&mut writer);
    }
    writer.round().unwrap();
    let store: Arc<dyn Store> = Arc::new(faulty.inner().after_kill());
    store.delete("checkpoint").unwrap();
    let written = store.get("erasures").unwrap();
    for _ in 0..2 {
        drop(open_witnessed(&store, FAIL_CLOSED));
        assert_eq!(store.get("erasures").unwrap(), written);
    }
}

#[test]
fn a_lost_checkpoint_is_published_again_with_its_quorum() {
    let (faulty, mut writer, reader) = ledger(FAIL_CLOSED);
    writer.submit(admit(&reader, &decision(1)).unwrap());
    writer.round().unwrap();
    let left = faulty.inner().after_kill();
    left.delete("checkpoint").unwrap();
    let store: Arc<dyn Store> = Arc::new(left);
    let Opened { mut writer, reader, .. } = open_witnessed(&store, FAIL_CLOSED);
    assert_eq!((size(&reader), store.get("checkpoint").unwrap()), (2, None));
    publish_all(&mut writer);
    assert_eq!((size(&reader), served(store.as_ref()).head().size().get()), (3, 3));
    assert!(policy().open(reader.checkpoint_note().as_bytes()).is_ok());
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}

/// A refusal tells what stands in the log, so it waits like everything else.
#[test]
fn no_answer_of_any_kind_comes_before_the_publication_that_covers_it() {
    let (_, mut writer, reader) = ledger(FAIL_CLOSED);
    let first = decision(1);
    writer.submit(admit(&reader, &first).unwrap());
    assert_eq!(writer.round().unwrap().answers, []);
    let tree = writer.begin_publication().unwrap();
    let other = decision_by(&provider(), 1, "another");
    for signed in [&first, &other, &decision(2)] {
        writer.submit(admit(&reader, signed).unwrap());
    }
    assert_eq!(writer.round().unwrap().answers, []);
    assert_eq!((size(&reader), writer.unpublished()), (2, 2));
    assert_eq!(reader.refused(None, 9).unwrap().len(), 0);
    cosign(&mut writer, 1, &tree);
    assert_eq!(writer.publish().unwrap().answers, []);
    cosign(&mut writer, 2, &tree);
    // The quorum of the first tree answers the first statement, and what came later waits on.
    let report = writer.publish().unwrap();
    assert!(matches!(report.answers[..], [(_, Answer::Accepted { .. })]), "{report:?}");
    assert_eq!((report.head.size().get(), size(&reader)), (3, 3));
    let answers = publish_all(&mut writer);
    assert!(
        matches!(&answers[..], [Answer::Duplicate { .. }, Answer::Rejected(why), Answer::Accepted { .. }] if why.slug == "sequence-conflict"),
        "{answers:?}"
    );
    assert_eq!(reader.refused(None, 9).unwrap().len(), 1);
}

/// A quorum can be complete at the same moment as its time is over.
#[test]
fn a_tree_that_has_its_quorum_is_given_up_for_no_newer_one() {
    let (_, mut writer, reader) = ledger(FAIL_CLOSED);
    writer.submit(admit(&reader, &decision(1)).unwrap());
    writer.round().unwrap();
    let tree = writer.begin_publication().unwrap();
    cosign(&mut writer, 1, &tree);
    cosign(&mut writer, 2, &tree);
    writer.submit(admit(&reader, &decision(2)).unwrap());
    writer.round().unwrap();
    assert!(writer.begin_publication().is_none(), "the first one can be published");
    let report = writer.publish().unwrap();
    assert!(matches!(report.answers[..], [(_, Answer::Accepted { .. })]), "{report:?}");
    assert_eq!(size(&reader), 3);
    assert_eq!(publish_all(&mut writer).len(), 1);
    assert_eq!(size(&reader), 4);
}

#[test]
fn what_waits_for_publication_has_a_bound() {
    let (_, mut writer, reader) = ledger(FAIL_CLOSED);
    let signed = decision(1);
    let slices = glasshouse_verifier::submission::SubmissionSlices {
        statement: signed.statement(),
        addenda: signed.served().collect(),
    };
    let batch = vec![slices; BACKLOG_STATEMENTS_MAX];
    let admission = glasshouse_ledger::admission::Admission::new(origin());
    for admitted in admission.admit_batch(&batch, &reader.keys(), NOW) {
        writer.submit(admitted.unwrap());
    }
    assert!(!writer.is_held_up());
    writer.round().unwrap();
    assert!(writer.is_held_up());
    writer.submit(admit(&reader, &decision(2)).unwrap());
    writer.round().unwrap();
    assert_eq!((writer.pooled(), writer.unpublished()), (1, 1));
    assert_eq!(publish_all(&mut writer).len(), BACKLOG_STATEMENTS_MAX);
    assert!(!writer.is_held_up());
    writer.round().unwrap();
    assert_eq!(writer.pooled(), 0);
    assert_eq!(publish_all(&mut writer).len(), 1);
}

#[test]
fn only_lines_that_hold_are_counted() {
    let (faulty, mut writer, reader) = ledger(FAIL_CLOSED);
    let before = writer.published_tree().unwrap();
    writer.submit(admit(&reader, &decision(1)).unwrap());
    writer.round().unwrap();
    let tree = writer.begin_publication().unwrap();
    assert!(writer.begin_publication().is_none(), "it is taken already");
    let stale = line(1, &before);
    assert!(matches!(writer.take_cosignature(tree.head(), &stale, NOW), Err(NotCounted::Cosignature(_))));
    let stranger = SignatureLine::new(&signer().vkey().clone(), vec![0; 64]);
    assert!(matches!(writer.take_cosignature(tree.head(), &stranger, NOW), Err(NotCounted::UnknownKey(_))));
    cosign(&mut writer, 1, &tree);
    cosign(&mut writer, 1, &tree);
    writer.publish().unwrap();
    assert_eq!(size(&reader), 2, "one witness twice is one witness");
    cosign(&mut writer, 2, &tree);
    writer.publish().unwrap();
    assert_eq!(size(&reader), 3);
    let line = line(3, &before);
    assert_eq!(writer.take_cosignature(before.head(), &line, NOW), Err(NotCounted::OtherTree(2)));
    let note = served(faulty.inner());
    assert_eq!(note.note().signatures().len(), 3);
    assert_eq!(reader.checkpoint_note(), note.note_text());
    // What our own tree grew out of is no contradiction.
    for shown in [before.note_text(), tree.note_text(), note.note_text()] {
        assert_eq!(writer.judge(shown.as_bytes(), "a witness").unwrap(), Shown::Fits);
    }
    assert!(matches!(writer.judge(b"nothing", "a witness").unwrap(), Shown::NotOurs(_)));
}
