//! ML-DSA-44 signatures that nobody made: whatever bytes arrive are judged, and none but the right ones hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_verifier::ml_dsa_key::{ML_DSA_KEY_LEN, ML_DSA_SIGNATURE_LEN, MlDsaPublicKey};
use ml_dsa::{Keypair as _, MlDsa44, Signer as _, SigningKey};
use proptest::prelude::*;

const MESSAGE: &[u8] = b"a message";
/// Where the hint begins: behind 32 bytes of commitment and 2304 of response.
const HINT: usize = 2336;

fn signed() -> (MlDsaPublicKey, [u8; ML_DSA_SIGNATURE_LEN]) {
    let key = SigningKey::<MlDsa44>::from_seed(&[3; 32].into());
    let public = key.verifying_key().encode().into();
    (MlDsaPublicKey::from_bytes(public), key.sign(MESSAGE).encode().into())
}

#[test]
fn the_right_signature_holds_and_no_changed_one_does() {
    let (key, signature) = signed();
    assert_eq!(key.verify(MESSAGE, &signature), Ok(()));
    key.verify(b"another message", &signature).unwrap_err();
    // The hint whole, the rest at every 19th byte.
    for at in (0..HINT).step_by(19).chain(HINT..ML_DSA_SIGNATURE_LEN) {
        for bit in [0x01, 0x80] {
            let mut changed = signature;
            changed[at] ^= bit;
            assert!(key.verify(MESSAGE, &changed).is_err(), "byte {at}, bit {bit}");
        }
    }
    for at in (0..ML_DSA_KEY_LEN).step_by(41) {
        let mut changed = *key.as_bytes();
        changed[at] ^= 1;
        MlDsaPublicKey::from_bytes(changed).verify(MESSAGE, &signature).unwrap_err();
    }
}

/// The extremes of what a key or a signature can hold.
#[test]
fn keys_and_signatures_of_equal_bytes_are_judged() {
    for byte in [0x00, 0x55, 0xff] {
        let key = MlDsaPublicKey::from_bytes([byte; ML_DSA_KEY_LEN]);
        for other in [0x00, 0x01, 0x7f, 0xff] {
            key.verify(MESSAGE, &[other; ML_DSA_SIGNATURE_LEN]).unwrap_err();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_key_and_any_signature_are_judged(
        key in prop::collection::vec(any::<u8>(), ML_DSA_KEY_LEN),
        signature in prop::collection::vec(any::<u8>(), ML_DSA_SIGNATURE_LEN),
    ) {
        let key = MlDsaPublicKey::from_bytes(key.try_into().unwrap());
        prop_assert!(key.verify(MESSAGE, &signature.try_into().unwrap()).is_err());
    }

    #[test]
    fn any_hint_behind_a_right_beginning_is_judged(
        places in prop::collection::vec(any::<u8>(), 80),
        mut ends in prop::collection::vec(0..83_u8, 4),
        sorted in any::<bool>(),
    ) {
        let (key, right) = signed();
        if sorted {
            ends.sort_unstable();
        }
        let mut changed = right;
        changed[HINT..].copy_from_slice(&[places, ends].concat());
        prop_assert_eq!(key.verify(MESSAGE, &changed).is_ok(), changed == right);
    }
}
