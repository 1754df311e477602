//! Whom a reader believes: policies, views of a log, and evidence against it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/prover.rs"]
mod prover;
#[path = "support/signer.rs"]
mod signer;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::evidence::{EvidenceError, Fork};
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::inclusion::{InclusionProof, ProofError};
use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::policy::{Policy, TrustError};
use glasshouse_verifier::policy_reader::PolicyFault;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tlog_proof::{TlogProof, TlogProofError};
use glasshouse_verifier::view::{AdvanceError, Step, View};
use glasshouse_verifier::vkey::VkeyKind;
use signer::Signer;

fn log() -> Signer {
    Signer::new("log.example/takedowns", VkeyKind::Ed25519, 1)
}

fn checkpoint(log: &Signer, head: &TreeHead) -> SignedCheckpoint {
    SignedCheckpoint::open_note(log.note(head, &[]), &log.vkey).unwrap()
}

fn witness(number: u8) -> Signer {
    Signer::new(&format!("witness.example/w{number}"), VkeyKind::Cosignature, 100 + number)
}

fn leaves(label: &str, count: usize) -> Vec<LeafHash> {
    (0..count).map(|i| LeafHash::of_entry(format!("{label} {i}").as_bytes())).collect()
}

/// A policy on the log and four witnesses, with this quorum.
fn policy(groups: &str) -> Policy {
    let mut text = format!("# trust\n\nlog {} https://log.example/takedowns/\n", log().vkey.encode());
    for number in 1..=4 {
        text.push_str(&format!("witness w{number}\t{}\n", witness(number).vkey.encode()));
    }
    Policy::parse(&(text + groups)).unwrap()
}

#[test]
fn a_quorum_counts_those_who_signed() {
    let head = prover::head(&leaves("a", 5));
    let nested = "group left any w1 w2\ngroup right all w3 w4\ngroup most 2 left right\nquorum most\n";
    for (groups, signed, met) in [
        ("quorum none\n", &[][..], true),
        ("quorum w1\n", &[1][..], true),
        ("quorum w1\n", &[2, 3, 4], false),
        (nested, &[1, 3, 4], true),
        (nested, &[1, 2, 3], false),
        (nested, &[3, 4], false),
        (nested, &[2, 3, 4], true),
    ] {
        let witnesses: Vec<Signer> = signed.iter().map(|number| witness(*number)).collect();
        let note = log().note(&head, &witnesses.iter().collect::<Vec<_>>());
        match policy(groups).open(note.encode().as_bytes()) {
            Ok(trusted) => {
                assert!(met, "{groups:?} {signed:?}");
                let names: Vec<String> = trusted.witnesses().iter().map(|w| w.name.clone()).collect();
                assert_eq!(names, signed.iter().map(|n| format!("w{n}")).collect::<Vec<_>>());
            }
            Err(TrustError::Quorum { .. }) => assert!(!met, "{groups:?} {signed:?}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_witness_that_signed_wrongly_refuses_the_note() {
    let head = prover::head(&leaves("a", 5));
    let note = log().note(&head, &[]);
    let wrong = witness(1).line("another text\n", 1_750_000_000);
    let note = Note::parse((note.encode() + &wrong.encode()).as_bytes()).unwrap();
    let refusal = policy("quorum none\n").open(note.encode().as_bytes());
    assert!(
        matches!(&refusal, Err(TrustError::Witness(error))
        if error.to_string() == "the signature of \"witness.example/w1\" does not hold"),
        "{refusal:?}"
    );
    let stranger = Signer::new("log.example/takedowns", VkeyKind::Ed25519, 9).note(&head, &[]);
    let refusal = policy("quorum none\n").open(stranger.encode().as_bytes());
    assert_eq!(refusal, Err(NoteError::NoKnownKey.into()));
}

/// Also a key of the policy that is not the one the note is opened with signs once.
#[test]
fn a_known_key_signs_once() {
    let head = prover::head(&leaves("a", 5));
    let other = Signer::new("log.example/takedowns", VkeyKind::Ed25519, 2);
    let text = format!("log {}\nlog {}\nquorum none\n", log().vkey.encode(), other.vkey.encode());
    let policy = Policy::parse(&text).unwrap();
    let note = |signers: &[&Signer]| {
        let lines: String = signers
            .iter()
            .map(|signer| {
                let note = checkpoint(signer, &head).note_text();
                note.split_once("\n\n").unwrap().1.to_owned()
            })
            .collect();
        let text = checkpoint(&log(), &head).note_text();
        format!("{}\n\n{lines}", text.split_once("\n\n").unwrap().0)
    };
    assert!(policy.open(note(&[&log(), &other]).as_bytes()).is_ok());
    let repeated = NoteError::RepeatedKey("log.example/takedowns".to_owned());
    for signers in [&[&log(), &log()][..], &[&log(), &other, &other], &[&other, &log(), &other]] {
        assert_eq!(policy.open(note(signers).as_bytes()).unwrap_err(), TrustError::from(repeated.clone()));
    }
}

#[test]
fn wrong_policies_name_their_line() {
    let log = format!("log {}\n", log().vkey.encode());
    let one = format!("witness w1 {}\n", witness(1).vkey.encode());
    for (text, line, fault) in [
        (String::new(), 1, PolicyFault::NoLog),
        (log.clone(), 2, PolicyFault::NoQuorum),
        (format!("{log}quorum none\nquorum none\n"), 3, PolicyFault::SecondQuorum),
        (format!("{log}quorum w1\n{one}"), 2, PolicyFault::UnknownName("w1".into())),
        (format!("{log}{log}quorum none\n"), 2, PolicyFault::RepeatedKey),
        (format!("{log}{}", log.replace("log ", "witness w ")), 2, PolicyFault::WrongKind),
        (format!("{one}group w1 any w1\n"), 2, PolicyFault::NameTaken("w1".into())),
        (format!("{one}group none any w1\n"), 2, PolicyFault::NameTaken("none".into())),
        (format!("{one}group g any w1 w1\n"), 2, PolicyFault::RepeatedMember("w1".into())),
        (format!("{one}group g 2 w1\n"), 2, PolicyFault::Threshold),
        (format!("{one}group g 0 w1\n"), 2, PolicyFault::Threshold),
        (format!("{one}group g +1 w1\n"), 2, PolicyFault::Threshold),
        (format!("{one}group g any\n"), 2, PolicyFault::Line),
        (format!("{log}quorum none # nobody\n"), 2, PolicyFault::Line),
        (format!("{log}quorum none\r\n"), 2, PolicyFault::Characters),
        ("\n".repeat(256), 257, PolicyFault::TooLong),
    ] {
        let error = Policy::parse(&text).unwrap_err();
        assert_eq!((error.line, error.fault), (line, fault), "{text:?}");
    }
    assert!(Policy::parse(&format!("{log}quorum none{}", "\n#".repeat(254))).is_ok());
}

#[test]
fn a_view_moves_only_with_the_log() {
    let all = leaves("a", 12);
    let at = |size: usize| checkpoint(&log(), &prover::head(&all[..size]));
    let proof = |old: usize, new: usize| ConsistencyProof::new(prover::proof(old, &all[..new])).unwrap();
    let mut view = View::new(at(5));
    assert_eq!(view.advance(at(9), &proof(5, 9)), Ok(Step::Advanced));
    assert_eq!(view.advance(at(9), &proof(9, 9)), Ok(Step::Same));
    assert_eq!(view.advance(at(6), &proof(6, 9)), Ok(Step::Behind));
    assert_eq!(view.advance(at(0), &proof(0, 9)), Ok(Step::Behind));
    assert_eq!(view.advance(at(12), &proof(8, 12)), Err(AdvanceError::Unproven(ProofError::WrongLength)));
    let other = Signer::new("log.example/takedowns", VkeyKind::Ed25519, 9);
    let refusal = view.advance(checkpoint(&other, &prover::head(&all)), &proof(9, 12));
    assert!(matches!(refusal, Err(AdvanceError::OtherLog { .. })));
    assert_eq!(view.last().head().size().get(), 9);
    assert_eq!(view.advance(at(12), &proof(9, 12)), Ok(Step::Advanced));
}

fn fork_of(refusal: Result<Step, AdvanceError>) -> Fork {
    match refusal {
        Err(AdvanceError::Fork(fork)) => *fork,
        other => panic!("no fork: {other:?}"),
    }
}

#[test]
fn two_roots_of_one_size_convict() {
    let honest = checkpoint(&log(), &prover::head(&leaves("a", 9)));
    let forged = checkpoint(&log(), &prover::head(&leaves("b", 9)));
    let fork = fork_of(View::new(honest).advance(forged, &ConsistencyProof::default()));
    convinces(&fork);
}

#[test]
fn a_history_that_was_rewritten_convicts() {
    let old = checkpoint(&log(), &prover::head(&leaves("a", 7)));
    let rewritten = leaves("b", 12);
    let new = checkpoint(&log(), &prover::head(&rewritten));
    let proof = ConsistencyProof::new(prover::proof(7, &rewritten)).unwrap();
    let fork = fork_of(View::new(old.clone()).advance(new.clone(), &proof));
    convinces(&fork);
    // A proof that leads nowhere convicts nobody: its carrier may have broken it.
    let broken = ConsistencyProof::new(vec![NodeHash::from_bytes([0; 32]); proof.hashes().len()]).unwrap();
    let refusal = View::new(old).advance(new, &broken);
    assert_eq!(refusal, Err(AdvanceError::Unproven(ProofError::RootMismatch)));
}

#[test]
fn a_rewritten_complete_tree_convicts_by_its_own_node() {
    let rewritten = leaves("b", 12);
    let old = checkpoint(&log(), &prover::head(&leaves("a", 8)));
    let new = checkpoint(&log(), &prover::head(&rewritten));
    let mut path = vec![prover::node(&rewritten[..8])];
    path.extend(prover::proof(8, &rewritten));
    convinces(&Fork::other_prefix(old, new, path).unwrap());
}

#[test]
fn an_honest_log_cannot_be_convicted() {
    let all = leaves("a", 12);
    let old = checkpoint(&log(), &prover::head(&all[..7]));
    let new = checkpoint(&log(), &prover::head(&all));
    let right = prover::proof(7, &all);
    let refused = Err(EvidenceError::NoContradiction);
    assert_eq!(Fork::other_prefix(old.clone(), new.clone(), right.clone()), refused);
    assert_eq!(Fork::other_prefix(new.clone(), old.clone(), right), refused);
    assert_eq!(Fork::other_prefix(old.clone(), new.clone(), vec![]), refused);
    assert_eq!(Fork::same_size(old.clone(), new), refused);
    assert_eq!(Fork::same_size(old.clone(), old), refused);
}

/// The evidence reads back for whoever knows the key, and for nobody else; no byte of it can be changed.
fn convinces(fork: &Fork) {
    let text = fork.encode();
    assert_eq!(Fork::parse(&text, &log().vkey).as_ref(), Ok(fork));
    let other = Signer::new("log.example/takedowns", VkeyKind::Ed25519, 9);
    assert_eq!(Fork::parse(&text, &other.vkey), Err(EvidenceError::OtherKey));
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(Fork::parse(&changed, &log().vkey).is_err(), "byte {at} of {text}");
        }
    }
    assert_eq!(Fork::parse(&format!(" {text}"), &log().vkey), Err(EvidenceError::Form));
    // A later format is not ours to judge, whatever members it has, and its name does not fill the screen.
    let later = text.replace("evidence/1\"", "evidence/2\",\"more\":1");
    let unknown = EvidenceError::NotUnderstood("glasshouse-evidence/2".to_owned());
    assert_eq!(Fork::parse(&later, &log().vkey), Err(unknown));
    let endless = text.replace("evidence/1", &"x".repeat(1_000));
    let Err(EvidenceError::NotUnderstood(given)) = Fork::parse(&endless, &log().vkey) else { panic!() };
    assert_eq!(given.len(), 80);
}

#[test]
fn a_proof_file_reads_back_and_holds() {
    let all = leaves("a", 11);
    let note = log().note(&prover::head(&all), &[&witness(2)]).encode();
    let path = InclusionProof::new(prover::path(6, &all)).unwrap();
    for extra in [None, Some(vec![]), Some(b"a name".to_vec())] {
        let proof = TlogProof::new(extra, LeafIndex::new(6).unwrap(), path.clone(), note.clone());
        let text = proof.encode();
        let read = TlogProof::parse(&text).unwrap();
        assert_eq!(read, proof);
        let trusted = read.verify(&all[6], &policy("quorum w2\n")).unwrap();
        assert_eq!(trusted.signed().head().size(), TreeSize::new(11).unwrap());
        assert_eq!(read.verify(&all[5], &policy("quorum w2\n")), Err(ProofError::RootMismatch.into()));
        let refusal = read.verify(&all[6], &policy("quorum w1\n"));
        assert!(matches!(refusal, Err(TlogProofError::Trust(TrustError::Quorum { .. }))));
    }
}

#[test]
fn a_proof_file_has_one_form() {
    let note =
        log().note(&TreeHead::new(TreeSize::new(1).unwrap(), RootHash::from_bytes([1; 32])).unwrap(), &[]);
    let right = TlogProof::new(None, LeafIndex::ZERO, InclusionProof::default(), note.encode()).encode();
    assert!(TlogProof::parse(&right).is_ok());
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    for (from, to) in [
        ("@v1", "@v2"),
        ("index 0", "index 00"),
        ("index 0", "index -1"),
        ("index 0", "index  0"),
        ("index 0\n", ""),
        ("index 0\n", "index 0\nextra AA==\n"),
        ("index 0\n", "extra AB==\nindex 0\n"),
        ("index 0\n", "extra AA==\nextra AA==\nindex 0\n"),
        ("index 0\n", "index 0\nAAAA\n"),
        ("index 0\n", &format!("index 0\n{}", hash.repeat(54))),
        ("\n\nlog", "\nlog"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right, "{from:?}");
        let verdict = TlogProof::parse(&wrong);
        assert!(verdict.is_err(), "{wrong:?}");
    }
    assert!(
        TlogProof::parse(&right.replacen("index 0\n", &format!("index 0\n{}", hash.repeat(53)), 1)).is_ok()
    );
}
