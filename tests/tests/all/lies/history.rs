//! Lies about the past: forks, rewritten, dropped and renumbered entries, old checkpoints, two faces.

use std::path::Path;

use glasshouse_tests::liar::Liar;
use glasshouse_tests::workload::Publisher;

use super::operator::{Operator, path_text};

/// The provider goes on where its numbers end.
fn goes_on(operator: &Operator) -> Publisher {
    let mut publisher = Publisher::new("one", operator.world.registrar().origin());
    (1..operator.publisher.next_number()).for_each(|_| publisher.skip());
    publisher
}

/// Noticed by whoever kept a checkpoint. A newcomer cannot: this history is as good as the other one, until witnesses are asked for.
#[test]
fn forks_at_one_size() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    *entries.last_mut().unwrap() = operator.other_end();
    let liar = operator.history(&entries);
    assert_eq!(operator.newcomer(&liar).0, 0);
    operator.assert_convicts(operator.auditor(&liar), "fork");
}

/// Noticed by whoever kept a checkpoint; a newcomer cannot.
#[test]
fn forks_and_grows_on() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    *entries.last_mut().unwrap() = operator.other_end();
    let mut publisher = goes_on(&operator);
    entries.extend((0..20).map(|_| publisher.sign_next().entry().to_vec()));
    let liar = operator.history(&entries);
    assert_eq!(operator.newcomer(&liar).0, 0);
    operator.assert_convicts(operator.auditor(&liar), "fork");
}

/// The entry in the subject's hand is replaced. Noticed by whoever kept its receipt, without any checkpoint of their own; a newcomer
/// cannot.
#[test]
fn rewrites_an_entry_that_somebody_has_a_receipt_of() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    // Entry 5 has the number 4.
    entries[5] = operator
        .publisher
        .sign(&glasshouse_tests::workload::decision(4), 4, glasshouse_tests::workload::now())
        .entry()
        .to_vec();
    let mut publisher = goes_on(&operator);
    entries.extend((0..5).map(|_| publisher.sign_next().entry().to_vec()));
    let liar = operator.history(&entries);
    assert_eq!(operator.newcomer(&liar).0, 0);
    let receipt = operator.world.scratch().join("receipt.json");
    std::fs::write(&receipt, &operator.receipt).unwrap();
    let state = operator.world.scratch().join("audit");
    let (status, answer) =
        operator.audit(&liar, &["--receipt", &path_text(&receipt), "--state", &path_text(&state)]);
    assert!(super::operator::rules(&answer).contains(&"rewritten"), "{answer:#}");
    // The receipt's checkpoint contradicts the newer one before its entry is looked at; both are proved.
    assert_eq!(answer["evidence_count"], 2, "{answer:#}");
    operator.assert_convicts((status, answer), "fork");
    let kept = std::fs::read_dir(&state).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let rewritten: Vec<Vec<u8>> = kept
        .filter(|bytes| String::from_utf8_lossy(bytes).contains("\"kind\":\"rewritten-entry\""))
        .collect();
    assert_eq!(rewritten.len(), 1);
    let file = operator.world.scratch().join("rewritten.json");
    std::fs::write(&file, &rewritten[0]).unwrap();
    let vkey = path_text(&operator.world.dir().join("log.vkey"));
    let (status, answer) = operator.verify(&["evidence", &path_text(&file), "--log-key", &vkey]);
    assert_eq!((status, &answer["verdict"]), (3, &"convicts".into()), "{answer:#}");
}

/// Noticed by whoever kept a checkpoint. A newcomer sees only that one of the provider's numbers was never filed, and cannot
/// know whose fault that is.
#[test]
fn drops_an_entry() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    entries.remove(100);
    let mut publisher = goes_on(&operator);
    entries.extend((0..5).map(|_| publisher.sign_next().entry().to_vec()));
    let liar = operator.history(&entries);
    let (status, answer) = operator.newcomer(&liar);
    assert_eq!(status, 0, "{answer:#}");
    assert_eq!(answer["missing_numbers"][0], "https://one.example 99 to 99", "{answer:#}");
    operator.assert_convicts(operator.auditor(&liar), "fork");
}

/// Two entries change places, so that one seems to have been decided before the other. Noticed by whoever kept a checkpoint; a
/// newcomer cannot, because numbers may come in any order.
#[test]
fn renumbers_entries() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    entries.swap(100, 200);
    let liar = operator.history(&entries);
    assert_eq!(operator.newcomer(&liar).0, 0);
    operator.assert_convicts(operator.auditor(&liar), "fork");
}

/// Noticed by whoever kept the newer checkpoint, and who is not told a lie that convicts: the server may only lag behind. A
/// newcomer cannot.
#[test]
fn replays_an_old_checkpoint() {
    let operator = Operator::new();
    let liar = operator.history(&operator.entries[..200]);
    let (status, answer) = operator.auditor(&liar);
    assert_eq!((status, super::operator::rules(&answer)), (1, vec!["behind"]), "{answer:#}");
    assert_eq!(
        answer["findings"][0]["detail"],
        "the log shows 200 entries as its newest, and you hold its checkpoint of 270, which could not be compared"
    );
    assert_eq!(operator.newcomer(&liar).0, 0);
}

/// Each of two readers is shown a history of its own. Noticed as soon as one of them looks at what the other one is shown; neither
/// can alone.
#[test]
fn shows_two_faces() {
    let operator = Operator::new();
    let one = Liar::serve::<String>(operator.public(), []);
    let mut entries = operator.entries.clone();
    *entries.last_mut().unwrap() = operator.other_end();
    let other = operator.history(&entries);
    assert_eq!((operator.newcomer(&one).0, operator.newcomer(&other).0), (0, 0));
    operator.assert_convicts(operator.audit(&one, &["--also", other.url()]), "fork");
    operator.assert_convicts(operator.audit(&other, &["--also", one.url()]), "fork");
}

/// A second audit with its state, after the log was made to forget the last entries and to grow differently. Noticed by whoever
/// audited before; a newcomer cannot.
#[test]
fn forgets_what_it_showed_an_auditor() {
    let operator = Operator::new();
    let state = path_text(&operator.world.scratch().join("audit"));
    let truth = Liar::serve::<String>(operator.public(), []);
    let (status, answer) = operator.audit(&truth, &["--state", &state]);
    assert_eq!(status, 0, "{answer:#}");
    let mut entries = operator.entries[..260].to_vec();
    let mut publisher = goes_on(&operator);
    entries.extend((0..30).map(|_| publisher.sign_next().entry().to_vec()));
    let liar = operator.history(&entries);
    assert_eq!(operator.newcomer(&liar).0, 0);
    let (status, answer) = operator.audit(&liar, &["--state", &state]);
    assert_eq!((status, &answer["verdict"]), (3, &"misbehaviour".into()), "{answer:#}");
    assert!(Path::new(&state).is_dir());
}

/// Noticed by everybody who has the log's key from elsewhere. Who takes the key from the server that is asked cannot.
#[test]
fn makes_the_log_anew_under_another_key() {
    let operator = Operator::new();
    let other = Operator::stranger(operator.world.registrar().origin().as_str());
    let (status, answer) = operator.newcomer(&operator.history_of(&operator.entries, &other));
    assert_eq!(status, 1, "{answer:#}");
    let said = answer["another_log"].as_str().unwrap();
    assert!(said.contains("another log under that name, or one that was made anew"), "{said}");
}

/// Who has the log's Ed25519 key and not its ML-DSA-44 one. Noticed by everybody whose policy names both; who asks for no second
/// signature cannot.
#[test]
fn signs_without_the_second_key() {
    let operator = Operator::new();
    let liar = operator.history_of(&operator.entries, &operator.first_signer());
    let (status, answer) = operator.newcomer(&liar);
    assert_eq!(status, 1, "{answer:#}");
    let vkey = path_text(&operator.world.dir().join("log.vkey"));
    let (status, answer) = operator.verify(&["log", liar.url(), "--log-key", &vkey]);
    assert_eq!(status, 0, "{answer:#}");
}

/// A whole other log behind the URL is named as that, by everybody.
#[test]
fn serves_another_log() {
    let operator = Operator::new();
    let other = Operator::stranger("other.example");
    let (status, answer) = operator.newcomer(&operator.history_of(&operator.entries, &other));
    assert_eq!(status, 1, "{answer:#}");
    let said = answer["another_log"].as_str().unwrap();
    assert!(
        said.contains("this is another log: it is called other.example, and you mean log.test"),
        "{said}"
    );
}

/// A checkpoint that nobody signed: another size, another name. Noticed by everybody. What is no checkpoint at all could be the page
/// of any server, and is told as that.
#[test]
fn forges_a_checkpoint() {
    let operator = Operator::new();
    let kept = std::fs::read_to_string(&operator.kept).unwrap();
    for (forged, expected) in [
        (kept.replacen("\n270\n", "\n271\n", 1), 1),
        (kept.replacen("log.test", "log.tent", 1), 1),
        (String::new(), 2),
    ] {
        let liar = operator.with("checkpoint", glasshouse_tests::liar::Lie::Bytes(forged.into_bytes()));
        let (status, answer) = operator.newcomer(&liar);
        assert_eq!(status, expected, "{answer:#}");
    }
}
