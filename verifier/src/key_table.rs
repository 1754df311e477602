//! One Ed25519 key that signs often: its signatures are checked in half to two thirds of the time.
//!
//! The check is the equation of RFC 8032 §5.1.7 without cofactor, `R = [s]B − [k]A`, where the point on the right is encoded and
//! `R` is never decoded. Without vectors that are wide enough both products are sums of multiples that were computed before; with
//! AVX-512 the library's 256 doublings take less time than that. What is here can only accept: what it does not is left to
//! [`PublicKey::verify`](crate::key::PublicKey::verify), so both have one verdict.

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::traits::BasepointTable as _;
use sha2::{Digest as _, Sha512};

use crate::bounds::KEY_TABLES_MAX;
use crate::key::SIGNATURE_LEN;

/// How many tables there are in this process.
static TABLES: AtomicUsize = AtomicUsize::new(0);

/// The multiples of one key: 30 KiB at most.
pub(crate) struct KeyTable {
    encoded: [u8; 32],
    /// −A.
    negated: EdwardsPoint,
    /// Of −A, at every fourth bit, so that nothing is doubled; none with AVX-512.
    multiples: Option<EdwardsBasepointTable>,
}

/// Whether the curve is computed with AVX-512: the build allows it (`.cargo/config.toml`, or by being made for such a processor)
/// and the processor has it.
fn has_wide_vectors() -> bool {
    #[cfg(any(curve25519_dalek_backend = "avx512", target_feature = "avx512ifma"))]
    return is_x86_feature_detected!("avx512ifma") && is_x86_feature_detected!("avx512vl");
    #[allow(unreachable_code)]
    false
}

impl KeyTable {
    /// Computes the multiples, which takes as long as some twenty checks. `key` must be the encoding of `point`, which is of
    /// prime order. `None` where the process has [`KEY_TABLES_MAX`] tables.
    pub(crate) fn new(encoded: [u8; 32], point: &EdwardsPoint) -> Option<Box<KeyTable>> {
        let more = |count: usize| (count < KEY_TABLES_MAX).then_some(count + 1);
        TABLES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        let multiples = (!has_wide_vectors()).then(|| EdwardsBasepointTable::create(&-point));
        Some(Box::new(KeyTable { encoded, negated: -point, multiples }))
    }

    /// The point whose encoding the `R` of a valid signature is: `[s]B − [k]A`. `None` unless `s < L`.
    pub(crate) fn point_of_r(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Option<EdwardsPoint> {
        let (r, s) = signature.split_at(32);
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(r).chain_update(self.encoded).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        Some(match &self.multiples {
            Some(multiples) => &s * ED25519_BASEPOINT_TABLE + &k * multiples,
            None => EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &self.negated, &s),
        })
    }

    /// Whether the signature is valid: `R` canonical and not of small order, `s < L`, the equation without cofactor.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        let point = self.point_of_r(message, signature);
        point.is_some_and(|point| is_r(&point.compress(), signature))
    }
}

/// The encodings of the points of small order.
static SMALL_ORDER: LazyLock<[[u8; 32]; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress().to_bytes()));

/// Whether the point with that encoding is the `R` of a signature, and not of small order. A point has one canonical encoding: if
/// it is what the signature has, then that is canonical and this point.
pub(crate) fn is_r(encoded: &CompressedEdwardsY, signature: &[u8; SIGNATURE_LEN]) -> bool {
    encoded.as_bytes() == &signature[..32] && !SMALL_ORDER.contains(encoded.as_bytes())
}

impl Drop for KeyTable {
    fn drop(&mut self) {
        TABLES.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyTable({})", hex::encode(self.encoded))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;
    use crate::key::PublicKey;

    /// The order of the base point, in little-endian bytes (RFC 8032 §5.1).
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

    /// A signature that fulfils the equation with an `R` and the `s` that belongs to it.
    pub(crate) fn signed_with(seed: u8, r: &[u8; 32], nonce: Scalar, message: &[u8]) -> [u8; 64] {
        let key = *example::public(seed).as_bytes();
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        let s = nonce + k * example::secret(seed).to_scalar();
        [*r, *s.as_bytes()].concat().try_into().unwrap()
    }

    /// With multiples and without, whatever this processor has.
    fn tables_of(key: &PublicKey) -> [KeyTable; 2] {
        let negated = -key.to_point();
        [Some(EdwardsBasepointTable::create(&negated)), None].map(|multiples| {
            TABLES.fetch_add(1, Ordering::Relaxed);
            KeyTable { encoded: *key.as_bytes(), negated, multiples }
        })
    }

    #[track_caller]
    fn same_verdict(tables: &[KeyTable; 2], key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        let verdict = key.verify(message, signature).is_ok();
        let points = tables.each_ref().map(|table| table.point_of_r(message, signature));
        assert_eq!(points[0], points[1], "{}", hex::encode(signature));
        for table in tables {
            assert_eq!(table.accepts(message, signature), verdict, "{}", hex::encode(signature));
        }
        verdict
    }

    #[test]
    fn good_signatures_stand_and_changed_ones_do_not() {
        for seed in 1..=8 {
            let key = example::public(seed);
            let tables = tables_of(&key);
            for length in [0, 1, 111, 112, 1_000] {
                let message = vec![seed; length];
                let signature = example::sign(seed, &message);
                assert!(same_verdict(&tables, &key, &message, &signature));
                assert!(!same_verdict(&tables, &key, &[message.as_slice(), &[0]].concat(), &signature));
                for bit in 0..512 {
                    let mut changed = signature;
                    changed[bit / 8] ^= 1 << (bit % 8);
                    assert!(!same_verdict(&tables, &key, &message, &changed), "bit {bit}");
                }
            }
        }
    }

    /// Mutation: without the look into `SMALL_ORDER`, the identity as `R` passes.
    #[test]
    fn what_verifiers_disagree_on_is_refused() {
        let key = example::public(9);
        let tables = tables_of(&key);
        let message = b"message";
        let nonce = Scalar::from(77_u64);
        let honest = ED25519_BASEPOINT_TABLE.basepoint() * nonce;
        assert!(same_verdict(
            &tables,
            &key,
            message,
            &signed_with(9, honest.compress().as_bytes(), nonce, message)
        ));
        for torsion in EIGHT_TORSION {
            // The equation with cofactor holds for all of these, that without it for the identity alone.
            let small = signed_with(9, torsion.compress().as_bytes(), Scalar::ZERO, message);
            assert!(!same_verdict(&tables, &key, message, &small));
            let mixed = signed_with(9, (honest + torsion).compress().as_bytes(), nonce, message);
            let stands = torsion == EIGHT_TORSION[0];
            assert_eq!(same_verdict(&tables, &key, message, &mixed), stands);
        }
        // y = p + 1, which many readers take for the identity; the identity with a sign.
        for other in ["eeff", "0100"] {
            let mut r = [0xff_u8; 32];
            r[..2].copy_from_slice(&hex::decode(other).unwrap());
            if other == "0100" {
                r[2..].fill(0);
                r[31] = 0x80;
            } else {
                r[31] = 0x7f;
            }
            assert!(!same_verdict(&tables, &key, message, &signed_with(9, &r, Scalar::ZERO, message)));
        }
    }

    #[test]
    fn a_greater_s_for_the_same_number_is_refused() {
        let key = example::public(10);
        let tables = tables_of(&key);
        let mut signature = example::sign(10, b"message");
        let order = hex::decode(ORDER).unwrap();
        let mut carry = 0_u16;
        for (byte, more) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(more);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert!(!same_verdict(&tables, &key, b"message", &signature));
    }

    #[test]
    fn signatures_of_others_and_of_nobody_are_refused() {
        let key = example::public(11);
        let tables = tables_of(&key);
        for seed in 0..200_u8 {
            let message = [seed; 40];
            let stands = same_verdict(&tables, &key, &message, &example::sign(seed, &message));
            assert_eq!(stands, seed == 11);
            let digest: [u8; 64] = Sha512::digest(message).into();
            assert!(!same_verdict(&tables, &key, &message, &digest));
        }
    }
}
