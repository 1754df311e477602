//! Our reader of signed notes against the crate `signed_note`: both judge the vectors' notes and tens of thousands of changed
//! ones, under the keys that both know. Wherever they differ, a rule of ours says why, and its reason is looked for in the note.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use glasshouse_verifier::bounds::{NAME_MAX, NOTE_MAX, NOTE_SIGNATURES_MAX};
use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use signed_note::{StandardVerifier, Verifier, VerifierList};

use crate::kills::Random;

/// Changes of each note.
const CHANGES: usize = 500;

/// What is put into notes: of each kind that a rule speaks of.
const PIECES: [&str; 16] = [
    "\n",
    "\n\n",
    "— ",
    " ",
    "  ",
    "+",
    "=",
    "A",
    "\t",
    "\r",
    "\u{a0}",
    "\u{7f}",
    "—",
    "log.example/takedowns",
    "é",
    "8",
];

/// A note of the vectors and the keys it is read with.
struct Case {
    name: String,
    note: Vec<u8>,
    keys: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["valid", "invalid"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/note").join(kind);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let vector: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let input = &vector["input"];
            let text = || input["note"].as_str().map(|text| text.as_bytes().to_vec());
            let Some(note) = text().or_else(|| hex::decode(input["note_hex"].as_str()?).ok()) else {
                continue;
            };
            let keys = input["vkeys"].as_array().into_iter().flatten();
            let keys = keys.map(|key| key.as_str().unwrap().to_owned()).collect();
            cases.push(Case { name: vector["name"].as_str().unwrap().to_owned(), note, keys });
        }
    }
    cases
}

/// Those keys that both readers know: theirs knows Ed25519 alone, and not as a cosignature's.
fn both_know(keys: &[String]) -> Vec<Vkey> {
    let keys = keys.iter().filter_map(|text| Vkey::parse(text).ok());
    let keys: Vec<Vkey> = keys.filter(|key| key.kind() == VkeyKind::Ed25519).collect();
    assert!(keys.iter().all(|key| StandardVerifier::new(&key.encode()).is_ok()), "a key that they refuse");
    keys
}

/// Text and names of the signers, or that it is refused.
fn theirs(note: &[u8], keys: &[Vkey]) -> Option<(String, Vec<String>)> {
    let verifier = |key: &Vkey| Box::new(StandardVerifier::new(&key.encode()).unwrap()) as Box<dyn Verifier>;
    let known = VerifierList::new(keys.iter().map(verifier).collect());
    let note = signed_note::Note::from_bytes(note).ok()?;
    let (good, _) = note.verify(&known).ok()?;
    let text = String::from_utf8(note.text().to_vec()).unwrap();
    Some((text, good.iter().map(|line| format!("{}+{:08x}", line.name(), line.id())).collect()))
}

/// The same of ours.
fn ours(note: &[u8], keys: &[Vkey]) -> Result<(String, Vec<String>), NoteError> {
    let verified = Note::parse(note)?.verify(keys)?;
    let signers = verified.signers().iter().map(|signer| signer.key());
    let signers = signers.map(|key| format!("{}+{:08x}", key.name(), key.key_id())).collect();
    Ok((verified.text().to_owned(), signers))
}

/// One verdict, or the name of the rule by which we refuse what they take.
fn compare(note: &[u8], keys: &[Vkey], name: &str) -> &'static str {
    let shown = || format!("{name}: {}", String::from_utf8_lossy(note));
    match (ours(note, keys), theirs(note, keys)) {
        (Ok(ours), Some(theirs)) => {
            assert_eq!(ours, theirs, "{}", shown());
            "read by both"
        }
        (Err(_), None) => "refused by both",
        (Ok(_), None) => panic!("we take what they refuse: {}", shown()),
        (Err(error), Some(_)) => {
            let Some(rule) = explained(note, keys, &error) else { panic!("{error}: {}", shown()) };
            rule
        }
    }
}

/// Why we refuse what they take, if the note shows it.
fn explained(note: &[u8], keys: &[Vkey], error: &NoteError) -> Option<&'static str> {
    let text = std::str::from_utf8(note).ok()?;
    let (_, lines) = text.rsplit_once("\n\n")?;
    let lines: Vec<&str> = lines.lines().collect();
    let signed_by = |name: &str| lines.iter().filter(|line| line.split(' ').nth(1) == Some(name)).count();
    match error {
        NoteError::TooLong => (note.len() > NOTE_MAX).then_some("longer than 256 KiB"),
        NoteError::TooManySignatures => (lines.len() > NOTE_SIGNATURES_MAX).then_some("more than 64 lines"),
        NoteError::SignatureLine(at) => {
            let name = lines.get(at - 1)?.split(' ').nth(1)?;
            (name.len() > NAME_MAX).then_some("a name of more than 255 bytes")
        }
        // They pass over the second line, whatever its signature.
        NoteError::RepeatedKey(name) => (signed_by(name) > 1).then_some("a known key twice"),
        // What the plain check of RFC 8032 takes, and the strict one does not.
        NoteError::BadSignature(name) => {
            let key = keys.iter().find(|key| key.name() == name)?;
            let line = lines.iter().find(|line| line.split(' ').nth(1) == Some(name))?;
            let blob = STANDARD.decode(line.split(' ').nth(2)?).ok()?;
            let signature = Signature::from_slice(blob.get(4..)?).ok()?;
            let point = VerifyingKey::from_bytes(key.key_bytes().try_into().ok()?).ok()?;
            let (body, _) = text.rsplit_once("\n\n")?;
            let strict = point.verify_strict(format!("{body}\n").as_bytes(), &signature);
            strict.is_err().then_some("a signature that the strict check refuses")
        }
        _ => None,
    }
}

/// One change of a note, at random.
fn change(random: &mut Random, note: &[u8]) -> Vec<u8> {
    let mut changed = note.to_vec();
    let length = changed.len() as u64;
    let mut at = || usize::try_from(random.below(length.max(1))).unwrap();
    let (from, to) = (at(), at());
    let (from, to) = (from.min(to), from.max(to));
    match random.below(7) {
        0 => changed[from] ^= 1 << random.below(8),
        1 => drop(changed.remove(from)),
        2 => changed.truncate(from),
        3 => {
            let piece = PIECES[usize::try_from(random.below(PIECES.len() as u64)).unwrap()];
            changed.splice(from..from, piece.bytes());
        }
        // A line more, one less, or two in the other order.
        what => {
            let lines: Vec<&[u8]> = note.split_inclusive(|byte| *byte == b'\n').collect();
            let line = |place: usize| place * lines.len() / note.len().max(1);
            let (one, other) = (line(from), line(to));
            let mut lines = lines.clone();
            match what {
                4 => lines.insert(one, lines[other]),
                5 => drop(lines.remove(one)),
                _ => lines.swap(one, other),
            }
            changed = lines.concat();
        }
    }
    changed
}

#[test]
fn both_judge_alike_or_a_rule_says_why() {
    let mut random = Random(11);
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = cases();
    assert!(cases.len() > 40, "only {} notes", cases.len());
    for case in &cases {
        let keys = both_know(&case.keys);
        *verdicts.entry(compare(&case.note, &keys, &case.name)).or_default() += 1;
        for _ in 0..CHANGES {
            let mut changed = change(&mut random, &case.note);
            if random.below(3) == 0 && !changed.is_empty() {
                changed = change(&mut random, &changed);
            }
            *verdicts.entry(compare(&changed, &keys, &case.name)).or_default() += 1;
        }
    }
    println!("{} notes, {CHANGES} changes of each: {verdicts:?}", cases.len());
    for verdict in ["read by both", "refused by both", "a known key twice", "more than 64 lines"] {
        assert!(verdicts.get(verdict).is_some_and(|count| *count >= 10), "{verdict}: {verdicts:?}");
    }
    let strict = "a signature that the strict check refuses";
    assert!(verdicts.contains_key(strict), "{verdicts:?}");
}
