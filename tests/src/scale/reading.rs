//! What readers wait for: inclusion proofs of any entry in any tree, and receipts, which they check.

use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use serde_json::{Value, json};

use crate::follower::hashes_of;
use crate::latency::{Latency, Percentiles};
use crate::mix::Dice;
use crate::reading_client::ReadingClient;

/// Strict checks of one signature that are timed, for comparison.
const CHECKS: u32 = 2_000;
/// A statement is about so long, in bytes.
const MESSAGE: usize = 1_000;

/// Asks for proofs of random entries in random trees that have them; each is checked after its time was taken.
pub fn time_proofs(url: &str, size: u64, many: u64) -> Percentiles {
    let (client, times, mut dice) = (ReadingClient::default(), Latency::default(), Dice::new(size));
    for _ in 0..many {
        let tree = 1 + dice.roll(size);
        let index = dice.roll(tree);
        let begun = Instant::now();
        let answer =
            client.json(&format!("{url}/api/v1/proofs/inclusion?index={index}&size={tree}")).unwrap();
        times.record(begun);
        let text = |name: &str| answer[name].as_str().unwrap();
        let root = RootHash::from_hex(text("root")).unwrap();
        let head = TreeHead::new(TreeSize::new(tree).unwrap(), root).unwrap();
        let leaf = LeafHash::from_hex(text("leaf_hash")).unwrap();
        let proof = InclusionProof::new(hashes_of(&answer["hashes"]).unwrap()).unwrap();
        verify_inclusion(&leaf, LeafIndex::new(index).unwrap(), &head, &proof).unwrap();
    }
    times.percentiles()
}

/// What the check of receipts took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReceiptTimes {
    /// How many were checked.
    pub count: u64,
    /// Signatures in each: the log's lines on the checkpoint, each entry's own, and that of the request to be enrolled.
    pub signatures: f64,
    /// To read and check one, in microseconds.
    pub check_us: f64,
    /// Of that, the checkpoint with all of its lines.
    pub checkpoint_us: f64,
    /// One strict check of an Ed25519 signature, in microseconds.
    pub strict_us: f64,
}

impl ReceiptTimes {
    /// The check against as many strict checks as there are signatures.
    pub fn ratio(&self) -> f64 {
        self.check_us / (self.signatures * self.strict_us)
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        json!({
            "count": self.count, "signatures": self.signatures, "check_us": self.check_us,
            "checkpoint_us": self.checkpoint_us, "strict_check_us": self.strict_us,
            "by_signatures_and_strict_check": self.ratio(),
        })
    }
}

/// Fetches receipts of random entries of providers, and then checks them all.
pub fn time_receipts(url: &str, policy: &Policy, size: u64, many: u64) -> ReceiptTimes {
    let (client, mut dice) = (ReadingClient::default(), Dice::new(size + 1));
    // A hundred entries in front are the registrar's at most.
    let mut fetch = |_| {
        let index = size - 1 - dice.roll(size - 200);
        client.get(&format!("{url}/api/v1/receipts/{index}")).unwrap()
    };
    let receipts: Vec<Vec<u8>> = (0..many).map(&mut fetch).collect();
    let begun = Instant::now();
    for bytes in &receipts {
        Receipt::parse(bytes).unwrap().verify(policy).unwrap();
    }
    let check = begun.elapsed();
    let parsed: Vec<Receipt> = receipts.iter().map(|bytes| Receipt::parse(bytes).unwrap()).collect();
    let begun = Instant::now();
    for receipt in &parsed {
        policy.open(receipt.checkpoint().as_bytes()).unwrap();
    }
    let checkpoint = begun.elapsed();
    let signatures: usize = parsed.iter().map(signatures_of).sum();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / many as f64;
    ReceiptTimes {
        count: many,
        signatures: signatures as f64 / many as f64,
        check_us: each(check),
        checkpoint_us: each(checkpoint),
        strict_us: strict_check_us(),
    }
}

fn signatures_of(receipt: &Receipt) -> usize {
    let lines = receipt.checkpoint().lines().filter(|line| line.starts_with('\u{2014}')).count();
    lines + receipt.entries().len() + 1
}

fn strict_check_us() -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [0x5a; MESSAGE];
    let (signature, public) = (key.sign(&message), key.verifying_key());
    let begun = Instant::now();
    for _ in 0..CHECKS {
        public.verify_strict(std::hint::black_box(&message), &signature).unwrap();
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(CHECKS)
}
