//! Three witnesses of a test ledger, and a policy that wants two of them.

use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_ledger::writer::Writer;
use glasshouse_verifier::cosignature::cosignature_message;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

use super::{NOW, key, signer};

pub fn witness(number: u8) -> Vkey {
    Vkey::new(&format!("w{number}.example"), VkeyKind::Cosignature, key(20 + number).public_bytes()).unwrap()
}

/// Two of three witnesses.
pub fn policy() -> Policy {
    let mut text = format!("log {}\n", signer().vkey().encode());
    for number in 1..=3 {
        text.push_str(&format!("witness w{number} {}\n", witness(number).encode()));
    }
    text.push_str("group two 2 w1 w2 w3\nquorum two\n");
    Policy::parse(&text).unwrap()
}

/// What a witness answers when it is asked about a tree.
pub fn line(number: u8, tree: &ToWitness) -> SignatureLine {
    let note = tree.note_text();
    let text = format!("{}\n", note.split("\n\n").next().unwrap());
    let mut blob = NOW.to_be_bytes().to_vec();
    blob.extend_from_slice(&key(20 + number).sign(&cosignature_message(NOW, &text)));
    SignatureLine::new(&witness(number), blob)
}

pub fn cosign(writer: &mut Writer, number: u8, tree: &ToWitness) {
    let signed = line(number, tree);
    // As it comes over the wire.
    let found = tree.find_line(&witness(number), signed.encode().as_bytes(), NOW).unwrap();
    writer.take_cosignature(tree.head(), &found, NOW).unwrap();
}
