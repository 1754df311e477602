//! COSE receipts, transparent statements and sets of receipt keys: no panic, and one legal spelling.
#![no_main]

use glasshouse_verifier::cose_key_set::{encode_key_set, parse_key_set};
use glasshouse_verifier::cose_receipt::CoseReceipt;
use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::head::{OldTree, TreeHead};
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::transparent::TransparentStatement;
use libfuzzer_sys::fuzz_target;

/// The receipt key of the test vectors, whose secret half is 32 times 05.
const KEY: [u8; 32] = [
    0x6e, 0x7a, 0x1c, 0xdd, 0x29, 0xb0, 0xb7, 0x8f, 0xd1, 0x3a, 0xf4, 0xc5, 0x59, 0x8f, 0xef, 0xf4, 0xef,
    0x2a, 0x97, 0x16, 0x6e, 0x3c, 0xa6, 0xf2, 0xe4, 0xfb, 0xfc, 0xcd, 0x80, 0x50, 0x5b, 0xf1,
];

fuzz_target!(|data: &[u8]| {
    let Ok(key) = PublicKey::from_bytes(KEY) else { unreachable!("the key is sound") };
    if let Ok(keys) = parse_key_set(data) {
        assert_eq!(encode_key_set(&keys), data);
    }
    if let Ok(receipt) = CoseReceipt::parse(data) {
        assert_eq!(receipt.encode(), data);
        let _ = receipt.verify_inclusion(&LeafHash::of_entry(data), &[key]);
        for size in 1..8 {
            let Ok(size) = TreeSize::new(size) else { continue };
            let Ok(old) = TreeHead::new(size, RootHash::empty()) else { continue };
            let _ = receipt.verify_consistency(&OldTree(old), &[key]);
        }
    }
    if let Ok(whole) = TransparentStatement::parse(data) {
        assert_eq!(whole.encode(), data);
        let _ = whole.verify(&[key]);
    }
});
