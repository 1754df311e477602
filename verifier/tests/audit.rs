//! `glasshouse-verify log`: a log served from a folder or by HTTP, right, and wrong in each way that a server can choose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use served_log::{ServedLog, small_log};
use signer::Signer;

/// The rules that the findings name, in their order.
fn rules(answer: &serde_json::Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn other_log() -> Vec<Vec<u8>> {
    (0..6).map(|number| format!("another entry {number}").into_bytes()).collect()
}

#[test]
fn a_right_log_holds() {
    let log = ServedLog::of(&small_log());
    let (status, answer) = log.audit(&[]);
    assert_eq!((status, &answer["verdict"], &answer["size"]), (0, &"holds".into(), &6.into()), "{answer}");
    assert_eq!((&answer["providers"], &answer["broken"]), (&2.into(), &0.into()));
    for size in 0..=6 {
        log.put(&format!("c{size}"), served_log::checkpoint(&small_log()[..size]));
        assert_eq!(log.audit(&["--old", &format!("c{size}")]).0, 0, "{size}");
    }
    assert_eq!(log.evidence(), None);
}

#[test]
fn an_empty_log_holds() {
    assert_eq!(ServedLog::of(&[]).audit(&[]).0, 0);
}

#[test]
fn full_tiles_stand_in_for_partial_ones() {
    let log = ServedLog::of(&small_log());
    let mut longer = small_log();
    longer.resize(256, vec![]);
    log.remove("tile/0/000.p/6").remove("tile/entries/000.p/6");
    log.put_bundle("tile/entries/000", &longer).put_tile("tile/0/000", &longer);
    let (status, answer) = log.audit(&[]);
    assert_eq!(status, 0, "{answer}");
}

#[test]
fn every_changed_bit_of_an_entry_is_found() {
    let entries = small_log();
    let log = ServedLog::of(&entries);
    for (number, entry) in entries.iter().enumerate() {
        for at in [0, entry.len() / 2, entry.len() - 1] {
            let mut changed = entries.clone();
            changed[number][at] ^= 1;
            log.put_bundle("tile/entries/000.p/6", &changed);
            let (status, answer) = log.audit(&[]);
            assert_eq!(status, 1, "{number} {at}");
            assert!(rules(&answer).contains(&"root") && rules(&answer).contains(&"tile"), "{answer}");
        }
    }
}

#[test]
fn what_a_server_serves_in_no_right_form_does_not_hold() {
    let bundle = "tile/entries/000.p/6";
    for (name, bytes) in [
        (bundle, vec![]),
        (bundle, vec![0, 9, 1]),
        (bundle, [served_log::bundle(&small_log()), vec![0, 0]].concat()),
        ("tile/0/000.p/6", vec![0; 31]),
        ("tile/0/000.p/6", vec![]),
    ] {
        let log = ServedLog::of(&small_log());
        log.put(name, bytes);
        let (status, answer) = log.audit(&[]);
        assert_eq!((status, rules(&answer)), (1, vec!["form"]), "{answer}");
        assert!(answer["stopped"].as_str().unwrap().starts_with(name), "{answer}");
    }
}

#[test]
fn what_is_missing_or_too_long_is_trouble() {
    for name in ["checkpoint", "tile/entries/000.p/6", "tile/0/000.p/6"] {
        let log = ServedLog::of(&small_log());
        assert_eq!(log.remove(name).audit(&[]).0, 2, "{name}");
        log.put(name, vec![b'a'; 17 << 20]);
        assert_eq!(log.audit(&[]).0, 2, "{name}");
    }
}

#[test]
fn a_finding_is_told_although_the_audit_cannot_go_on() {
    let mut entries = small_log();
    let last = entries[5].len() - 20;
    entries[5][last] ^= 1;
    let log = ServedLog::of(&entries);
    log.remove("tile/0/000.p/6");
    let (status, answer) = log.audit(&[]);
    assert_eq!((status, rules(&answer)), (1, vec!["bad-signature"]), "{answer}");
    assert!(answer["stopped"].as_str().unwrap().contains("tile/0/000"), "{answer}");
}

/// A tile that is never served keeps nobody from a proof who has the entries.
#[test]
fn a_log_that_refuses_a_tile_is_convicted_from_the_copy() {
    let mut entries = small_log();
    let last = entries[5].len() - 20;
    entries[5][last] ^= 1;
    let log = ServedLog::of(&entries);
    log.remove("tile/0/000.p/6");
    let (status, answer) = log.audit(&["--evidence", "glasshouse-evidence-1", "--state", "state"]);
    assert_eq!(
        (status, &answer["kind"], rules(&answer)),
        (3, &"bad-entry".into(), vec!["bad-signature"]),
        "{answer}"
    );
    assert!(answer["stopped"].as_str().unwrap().contains("tile/0/000") && log.evidence_holds(), "{answer}");
}

/// The tile is asked for before the signatures of its batch are checked.
#[test]
fn a_full_tile_held_back_hides_no_bad_signature() {
    let mut entries = small_log();
    let last = entries[5].len() - 20;
    entries[5][last] ^= 1;
    entries.resize(256, vec![]);
    let log = ServedLog::of(&entries);
    log.put_bundle("tile/entries/000", &entries);
    let (status, answer) = log.audit(&[]);
    assert!(status == 1 && rules(&answer).contains(&"bad-signature"), "{answer}");
    assert!(answer["stopped"].as_str().unwrap().contains("tile/0/000"), "{answer}");
}

#[test]
fn keys_that_rest_on_the_registrars_word_are_listed() {
    let (_, answer) = ServedLog::of(&small_log()).audit(&[]);
    assert_eq!(answer["on_the_registrars_word"], serde_json::json!([1, 2]));
    let backed = served_log::vector("cosigned-evidence");
    let (status, answer) = ServedLog::of(&backed).audit(&[]);
    assert_eq!((status, &answer["on_the_registrars_word"]), (0, &serde_json::json!([1])), "{answer}");
}

#[test]
fn keys_that_ended_are_listed() {
    let (status, answer) = ServedLog::of(&served_log::vector("retired-by-registrar")).audit(&[]);
    assert_eq!((status, answer["ended_keys"].as_array().unwrap().len()), (0, 1), "{answer}");
    assert_eq!(ServedLog::of(&small_log()).audit(&[]).1["ended_keys"], serde_json::json!([]));
}

#[test]
fn a_signed_root_over_a_statement_that_breaks_the_rules_does_not_hold() {
    let entries = small_log();
    let cases = [
        (vec![entries[1].clone(), entries[0].clone()], "not-authorised"),
        (vec![entries[0].clone(), entries[0].clone()], "not-authorised"),
        (vec![entries[0].clone(), entries[3].clone()], "unknown-key"),
        (
            vec![entries[0].clone(), entries[1].clone(), entries[3].clone(), entries[3].clone()],
            "sequence-conflict",
        ),
    ];
    for (entries, rule) in cases {
        let (status, answer) = ServedLog::of(&entries).audit(&[]);
        assert!(status == 1 && rules(&answer).contains(&rule), "{rule}: {answer}");
    }
}

/// What is no entry at all, or whose signature is wrong, convicts by itself: the log signed a tree that holds it.
#[test]
fn a_signed_root_over_an_entry_that_is_wrong_by_itself_convicts_the_log() {
    let mut forged = small_log();
    let last = forged[5].len() - 20;
    forged[5][last] ^= 1;
    for (entries, rule) in [(vec![b"no statement".to_vec()], "not-cbor"), (forged, "bad-signature")] {
        let log = ServedLog::of(&entries);
        let (status, answer) = log.audit(&[]);
        assert_eq!((status, &answer["kind"]), (3, &"bad-entry".into()), "{answer}");
        assert_eq!(answer["broken_rule"], rule);
        assert!(rules(&answer).contains(&rule) && log.evidence_holds(), "{answer}");
    }
}

/// The log of the test vectors, under the key with this seed.
fn signer(seed: u8) -> Signer {
    Signer::new("log.example/takedowns", glasshouse_verifier::vkey::VkeyKind::Ed25519, seed)
}

/// The log says which keys are its own; a receipt under this checkpoint would be refused, so the log must be too.
#[test]
fn a_log_that_does_not_name_the_key_of_its_checkpoint_does_not_hold() {
    let log = ServedLog::signed_by(&signer(0x21), &small_log());
    let (status, answer) = log.audit(&[]);
    assert_eq!((status, rules(&answer)), (1, vec!["log-key"]), "{answer}");
}

/// The registrar's `keys` statement names a second key, and a later one leaves the first out: receipts hold under both, and so
/// does the log.
#[test]
fn a_log_that_changed_its_key_holds_under_each_that_it_named() {
    let entries = served_log::vector("keys-of-the-log");
    for (seed, left_out) in [(1, true), (9, false)] {
        let (status, answer) = ServedLog::signed_by(&signer(seed), &entries).audit(&[]);
        assert_eq!((status, rules(&answer)), (0, vec![]), "{seed}: {answer}");
        let odd = answer["odd"].to_string();
        assert_eq!(odd.contains("a key that the log has left out of its list since"), left_out, "{odd}");
    }
    let (status, answer) = ServedLog::signed_by(&signer(0x21), &entries).audit(&[]);
    assert_eq!((status, rules(&answer)), (1, vec!["log-key"]), "{answer}");
    // A tree without the statement that names the key.
    let (status, answer) = ServedLog::signed_by(&signer(9), &entries[..1]).audit(&[]);
    assert_eq!((status, rules(&answer)), (1, vec!["log-key"]), "{answer}");
}

/// Whoever names both keys in the policy can hold what the first one signed against the log under the second.
#[test]
fn a_checkpoint_from_before_the_change_of_keys_is_compared() {
    let entries = served_log::vector("keys-of-the-log");
    let log = ServedLog::signed_by(&signer(9), &entries);
    log.put("kept", served_log::checkpoint(&entries[..1]));
    assert_eq!(log.audit(&["--old", "kept"]).0, 2);
    let (one, two) = (signer(1).vkey.encode(), signer(9).vkey.encode());
    log.put("policy", format!("log {one}\nlog {two}\nquorum none\n"));
    let (status, answer) = log.audit(&["--old", "kept"]);
    assert_eq!(status, 0, "{answer}");
    log.put("kept", served_log::checkpoint(&other_log()[..1]));
    let (status, answer) = log.audit(&["--old", "kept"]);
    assert_eq!((status, rules(&answer)), (1, vec!["older-checkpoint"]), "{answer}");
}

#[test]
fn a_kept_checkpoint_of_another_history_convicts_the_log() {
    for size in 1..=6 {
        let log = ServedLog::of(&small_log());
        log.put("kept", served_log::checkpoint(&other_log()[..size]));
        let (status, answer) = log.audit(&["--old", "kept"]);
        assert_eq!((status, &answer["verdict"]), (3, &"misbehaviour".into()), "{size}: {answer}");
        assert!(log.evidence_holds(), "{size}");
    }
}

/// Two roots for one size convict by themselves: a server that then serves nothing changes nothing.
#[test]
fn a_fork_at_one_size_needs_nothing_from_the_server() {
    let log = ServedLog::of(&small_log());
    log.put("six", served_log::checkpoint(&other_log())).remove("tile/entries/000.p/6");
    assert_eq!(log.audit(&["--old", "six"]).0, 3);
    assert!(log.evidence_holds());
    // Two kept ones, both larger than what the server admits to.
    let log = ServedLog::of(&small_log()[..2]);
    log.put("a", served_log::checkpoint(&small_log())).put("b", served_log::checkpoint(&other_log()));
    assert_eq!(log.audit(&["--old", "a", "--old", "b"]).0, 3);
    assert!(log.evidence_holds());
}

#[test]
fn a_server_that_hides_its_tiles_is_not_let_off() {
    let log = ServedLog::of(&small_log());
    log.put("kept", served_log::checkpoint(&other_log()[..3])).remove("tile/0/000.p/6");
    let (status, answer) = log.audit(&["--old", "kept"]);
    assert_eq!((status, rules(&answer)), (1, vec!["older-checkpoint"]), "{answer}");
}

/// The log signed one history; what is broken is the copy that is served.
#[test]
fn a_broken_mirror_is_no_fork() {
    let log = ServedLog::of(&small_log());
    log.put("kept", served_log::checkpoint(&small_log()[..3]));
    let mut changed = small_log();
    changed[0][9] ^= 1;
    log.put_bundle("tile/entries/000.p/6", &changed);
    let (status, answer) = log.audit(&["--old", "kept"]);
    assert_eq!(status, 1);
    assert!(!answer.to_string().contains("fork") && !answer.to_string().contains("another tree"), "{answer}");
    assert_eq!(log.evidence(), None);
}

#[test]
fn a_log_that_hides_its_end_does_not_hold() {
    let log = ServedLog::of(&small_log()[..4]);
    log.put("kept", served_log::checkpoint(&small_log()));
    let (status, answer) = log.audit(&["--old", "kept"]);
    assert_eq!((status, rules(&answer)), (1, vec!["behind"]), "{answer}");
    assert_eq!(log.audit(&["--old", "absent"]).0, 2);
}

/// The log's signature is what convicts it: a kept checkpoint that no witness had signed yet serves as well.
#[test]
fn a_kept_checkpoint_needs_no_quorum() {
    let witness = Signer::new("witness.example/w1", glasshouse_verifier::vkey::VkeyKind::Cosignature, 2);
    let log = ServedLog::of(&small_log());
    let head = served_log::head(&small_log());
    log.put("checkpoint", served_log::key().note(&head, &[&witness]).encode());
    log.put("kept", served_log::checkpoint(&other_log()[..3]));
    let lines =
        format!("log {}\nwitness w {}\nquorum w\n", served_log::key().vkey.encode(), witness.vkey.encode());
    log.put("policy", lines);
    assert_eq!(log.audit(&[]).0, 0);
    assert_eq!(log.audit(&["--old", "kept"]).0, 3);
}

/// Whoever trusts two logs and asks for one of them is not satisfied with the other.
#[test]
fn one_log_does_not_stand_in_for_another() {
    let log = ServedLog::of(&small_log());
    let other = Signer::new("other.example/log", glasshouse_verifier::vkey::VkeyKind::Ed25519, 0x21);
    let lines =
        format!("log {}\nlog {}\nquorum none\n", served_log::key().vkey.encode(), other.vkey.encode());
    log.put("policy", lines);
    assert_eq!(log.audit(&[]).0, 2);
    assert_eq!(log.audit(&["--origin", "log.example/takedowns"]).0, 0);
    assert_eq!(log.audit(&["--origin", "other.example/log"]).0, 1);
}

/// Skylight and others send bundles in gzip whatever is asked for, as c2sp.org/tlog-tiles allows.
#[test]
fn a_server_may_send_gzip() {
    let log = ServedLog::of(&small_log());
    let (status, answer) = log.audit_over_http(true);
    assert_eq!(status, 0, "{answer}");
    let (status, answer) = log.audit_over_http(false);
    assert_eq!(status, 0, "{answer}");
}

/// What a line counts that the entries say, and what a line counts that was fetched, are two things.
#[test]
fn a_text_that_is_lost_is_not_told_as_served() {
    let log = ServedLog::of(&small_log());
    log.put("addenda/none", "");
    let words = log.words(&["--texts"]);
    assert!(words.contains("; texts, by the entries: 7 to be served\n"), "{words}");
    assert!(words.contains("texts fetched: 0 right") && words.contains(" 7 lost"), "{words}");
    assert!(!words.contains("passed over"), "there was no tick to pass over: {words}");
}
