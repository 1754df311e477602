//! What readers of receipts wait for: to read and check one, beside what the signatures in it cost alone.
//!
//! The signatures are those that the check cannot do without, each of its kind: the lines of the policy's keys below the
//! checkpoint, each entry's own, and that of each request to be enrolled. An ML-DSA-44 line is another work than an Ed25519 one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::{Policy, PolicyLog, PolicyWitness};
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde_json::{Value, json};

use crate::mix::Dice;
use crate::reading_client::ReadingClient;

/// A statement is about so long, in bytes.
const MESSAGE: usize = 1_000;
/// Receipts that are checked by readers who saw none before, at most: each needs a thread.
const FIRST: usize = 200;

/// How many signatures have to be checked, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Ed25519: of the log, of witnesses, of statements and of requests.
    pub ed25519: u64,
    /// ML-DSA-44: of the log and of witnesses.
    pub ml_dsa: u64,
}

/// What the check of receipts took: medians of all, each timed in turn with one check of a signature of either kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceiptTimes {
    /// How many were checked.
    pub count: u64,
    /// Ed25519 signatures in each.
    pub ed25519: f64,
    /// ML-DSA-44 signatures in each.
    pub ml_dsa: f64,
    /// To read and check one, in microseconds, for a reader who checks many.
    pub check_us: f64,
    /// The first one of a reader who has read the policy and no receipt yet.
    pub first_us: f64,
    /// Of the check, the checkpoint with all of its lines.
    pub checkpoint_us: f64,
    /// One strict check of an Ed25519 signature, in microseconds.
    pub strict_us: f64,
    /// One check of an ML-DSA-44 signature by a key that checked before, in microseconds; 0 where the policy asks for none.
    pub ml_dsa_us: f64,
}

impl ReceiptTimes {
    /// The check against its signatures, each at what one of its kind costs alone.
    pub fn ratio(&self) -> f64 {
        self.check_us / self.signatures_us()
    }

    /// The same of a reader's first receipt.
    pub fn first_ratio(&self) -> f64 {
        self.first_us / self.signatures_us()
    }

    fn signatures_us(&self) -> f64 {
        self.ed25519 * self.strict_us + self.ml_dsa * self.ml_dsa_us
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        json!({
            "count": self.count, "ed25519_signatures": self.ed25519, "ml_dsa_44_signatures": self.ml_dsa,
            "check_us": self.check_us, "first_check_us": self.first_us, "checkpoint_us": self.checkpoint_us,
            "strict_check_us": self.strict_us, "ml_dsa_44_check_us": self.ml_dsa_us,
            "signatures_us": self.signatures_us(), "by_signatures": self.ratio(),
            "first_by_signatures": self.first_ratio(),
        })
    }
}

/// Fetches receipts of random entries of providers, and then checks them all, and a signature of either kind beside each: what
/// else the machine does weighs on all alike.
pub fn time_receipts(url: &str, policy_text: &str, size: u64, many: u64) -> ReceiptTimes {
    let policy = Policy::parse(policy_text).unwrap();
    let (client, mut dice) = (ReadingClient::default(), Dice::new(size + 1));
    // A hundred entries in front are the registrar's at most.
    let mut fetch = |_| {
        let index = size - 1 - dice.roll(size - 200);
        client.get(&format!("{url}/api/v1/receipts/{index}")).unwrap()
    };
    let receipts: Vec<Vec<u8>> = (0..many).map(&mut fetch).collect();
    let parsed: Vec<Receipt> = receipts.iter().map(|bytes| Receipt::parse(bytes).unwrap()).collect();
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [0x5a; MESSAGE];
    let (signature, public) = (key.sign(&message), key.verifying_key());
    let ml_dsa_key = keys_of(&policy).find(|key| key.kind() == VkeyKind::MlDsa44);
    let [mut check, mut checkpoint, mut strict, mut ml_dsa] = [const { Vec::new() }; 4];
    for (bytes, receipt) in receipts.iter().zip(&parsed) {
        check.push(time_of(|| drop(Receipt::parse(bytes).unwrap().verify(&policy).unwrap())));
        checkpoint.push(time_of(|| drop(policy.open(receipt.checkpoint().as_bytes()).unwrap())));
        strict.push(time_of(|| public.verify_strict(black_box(&message), &signature).unwrap()));
        if let Some(key) = ml_dsa_key {
            let note = Note::parse(receipt.checkpoint().as_bytes()).unwrap();
            ml_dsa.push(time_of(|| assert!(verify_cosignature(&note, key).unwrap() > 0)));
        }
    }
    let signatures: Vec<Signatures> = parsed.iter().map(|receipt| signatures_of(receipt, &policy)).collect();
    let mean = |of: fn(&Signatures) -> u64| signatures.iter().map(of).sum::<u64>() as f64 / many as f64;
    ReceiptTimes {
        count: many,
        ed25519: mean(|signatures| signatures.ed25519),
        ml_dsa: mean(|signatures| signatures.ml_dsa),
        check_us: median_us(check),
        first_us: first_check_us(&receipts, policy_text),
        checkpoint_us: median_us(checkpoint),
        strict_us: median_us(strict),
        ml_dsa_us: median_us(ml_dsa),
    }
}

/// Each receipt by a thread of its own, which knows no key but the policy's and has checked nothing with it.
fn first_check_us(receipts: &[Vec<u8>], policy_text: &str) -> f64 {
    let of_one = |bytes: &Vec<u8>| {
        let policy = Policy::parse(policy_text).unwrap();
        time_of(|| drop(Receipt::parse(bytes).unwrap().verify(&policy).unwrap()))
    };
    let on_its_thread =
        |bytes| std::thread::scope(|scope| scope.spawn(move || of_one(bytes)).join().unwrap());
    median_us(receipts.iter().take(FIRST).map(on_its_thread).collect())
}

/// What has to be checked of a receipt under a policy that knows one key of each kind of its log.
fn signatures_of(receipt: &Receipt, policy: &Policy) -> Signatures {
    let note = Note::parse(receipt.checkpoint().as_bytes()).unwrap();
    let known = |of: VkeyKind| {
        let keys = keys_of(policy).filter(|key| key.kind() == of);
        keys.filter(|key| note.signatures().iter().any(|line| line.is_of(key))).count() as u64
    };
    let entries = receipt.entries().iter().map(|item| Entry::parse(&item.entry).unwrap());
    let requests =
        entries.filter(|entry| entry.statement().payload().field(FieldName::REQUEST).is_some()).count();
    Signatures {
        ed25519: known(VkeyKind::Ed25519)
            + known(VkeyKind::Cosignature)
            + (receipt.entries().len() + requests) as u64,
        ml_dsa: known(VkeyKind::MlDsa44),
    }
}

fn keys_of(policy: &Policy) -> impl Iterator<Item = &Vkey> {
    policy.logs().iter().map(PolicyLog::key).chain(policy.witnesses().iter().map(PolicyWitness::key))
}

fn time_of(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// In microseconds; 0 of nothing.
fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use std::path::Path;

    use super::*;

    fn vector(name: &str) -> (Receipt, Policy) {
        let file = format!("../spec/vectors/receipt/valid/{name}.json");
        let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let vector: Value = serde_json::from_slice(&bytes).unwrap();
        let text = |member: &str| vector["input"][member].as_str().unwrap().to_owned();
        (Receipt::parse(text("receipt").as_bytes()).unwrap(), Policy::parse(&text("policy")).unwrap())
    }

    /// Mutation: the request's is left out, or every line of the note counts as Ed25519.
    #[test]
    fn the_signatures_that_must_be_checked_are_counted_by_kind() {
        for (name, ed25519, ml_dsa) in [
            // Of the log, three entries, the request in the enrolment.
            ("decision", 5, 0),
            ("second-signed", 5, 1),
            // The line is there, and the policy names no such key.
            ("second-not-asked-for", 5, 0),
            ("genesis", 2, 0),
        ] {
            let (receipt, policy) = vector(name);
            receipt.verify(&policy).unwrap();
            assert_eq!(signatures_of(&receipt, &policy), Signatures { ed25519, ml_dsa }, "{name}");
        }
    }

    /// Mutation: the sum counts an ML-DSA-44 signature as one of Ed25519.
    #[test]
    fn each_signature_counts_at_its_own_cost() {
        let times = ReceiptTimes {
            count: 1,
            ed25519: 5.0,
            ml_dsa: 2.0,
            check_us: 420.0,
            first_us: 630.0,
            checkpoint_us: 1.0,
            strict_us: 30.0,
            ml_dsa_us: 30.0,
        };
        let dearer = ReceiptTimes { ml_dsa_us: 135.0, ..times };
        assert!((times.ratio() - 2.0).abs() < 1e-9 && (times.first_ratio() - 3.0).abs() < 1e-9);
        assert!((dearer.ratio() - 1.0).abs() < 1e-9 && (dearer.first_ratio() - 1.5).abs() < 1e-9);
    }

    /// Mutation: without the sorting, one of another place counts.
    #[test]
    fn the_median_is_that_of_the_sorted_times() {
        let times = [9, 1, 500, 2, 3].map(Duration::from_micros).to_vec();
        assert!((median_us(times) - 3.0).abs() < 1e-9);
        assert!(median_us(Vec::new()).abs() < 1e-9);
    }
}
