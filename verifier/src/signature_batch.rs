//! The signatures of several statements, checked side by side: where their keys have tables, the points that are to be the
//! signatures' `R` are encoded with one inversion in the field for all of them, which is a tenth of such a check alone.
//!
//! No verdict rests on a sum of signatures: each gets the one that it gets alone.

use curve25519_dalek::EdwardsPoint;

use crate::key::SignatureError;
use crate::key_table::is_r;
use crate::known_key::KnownKey;
use crate::statement::Statement;

/// Checks the signature of each statement with the key beside it; the verdicts, in the same order, are those of
/// [`Statement::verify_known`]. Some tens at once have all the gain there is.
pub fn verify_all(signed: &[(&Statement, &KnownKey)]) -> Vec<Result<(), SignatureError>> {
    let points: Vec<Option<EdwardsPoint>> = signed.iter().map(point_of_r).collect();
    let some: Vec<EdwardsPoint> = points.iter().map(|point| point.unwrap_or_default()).collect();
    let encoded = EdwardsPoint::compress_batch_alloc(&some);
    let verdict =
        |((statement, key), (point, encoded)): (&(&Statement, &KnownKey), (&Option<_>, _))| match point {
            Some(_) if is_r(encoded, statement.signature()) => Ok(()),
            // A table can only accept.
            _ => statement.verify(key.key()),
        };
    signed.iter().zip(points.iter().zip(&encoded)).map(verdict).collect()
}

/// The point that the `R` of a statement's signature has to encode; `None` without a table, and where the statement names
/// another key.
fn point_of_r((statement, key): &(&Statement, &KnownKey)) -> Option<EdwardsPoint> {
    if key.kid() != *statement.kid() {
        return None;
    }
    key.table()?.point_of_r(&statement.sig_structure(), statement.signature())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use curve25519_dalek::Scalar;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    use super::*;
    use crate::example;
    use crate::key_table::tests::signed_with;
    use crate::known_key::TABLE_AFTER;
    use crate::statement::UnsignedStatement;

    /// A key that has its table.
    fn with_table(seed: u8) -> KnownKey {
        let key = KnownKey::new(example::public(seed));
        for _ in 0..=TABLE_AFTER {
            assert!(key.verify(b"", &[0; 64]).is_err());
        }
        key
    }

    /// A statement that names the key of one seed, under whatever signature.
    fn statement(named: u8, sign: impl Fn(&[u8]) -> [u8; 64]) -> Statement {
        let kid = example::public(named).kid();
        let unsigned = UnsignedStatement::new(&kid, &example::claims(), &example::payload());
        Statement::parse(&unsigned.assemble(&sign(&unsigned.sig_structure()))).unwrap()
    }

    fn signed(named: u8, signer: u8) -> Statement {
        statement(named, |message| example::sign(signer, message))
    }

    /// By the key of a seed, changed in one bit.
    fn changed(seed: u8, byte: usize, bit: u8) -> Statement {
        statement(seed, |message| {
            let mut signature = example::sign(seed, message);
            signature[byte] ^= bit;
            signature
        })
    }

    /// Signatures of one key that fulfil an equation with some `R`: of every small order, and of a good point with each of them.
    fn crafted(seed: u8) -> Vec<Statement> {
        let nonce = Scalar::from(77_u64);
        let honest = ED25519_BASEPOINT_POINT * nonce;
        let of = |r: EdwardsPoint, nonce| {
            statement(seed, |message| signed_with(seed, r.compress().as_bytes(), nonce, message))
        };
        let small = EIGHT_TORSION.iter().map(|torsion| of(*torsion, Scalar::ZERO));
        let mixed = EIGHT_TORSION.iter().map(|torsion| of(honest + torsion, nonce));
        // The encoding of the identity, with an s of nothing.
        let mut identity = [0; 64];
        identity[0] = 1;
        small.chain(mixed).chain([statement(seed, |_| identity)]).collect()
    }

    /// Mutations: no look at the key's name; a missing point that may accept (the identity as `R` passes then).
    #[test]
    fn each_gets_the_verdict_that_it_gets_alone() {
        let keys = [with_table(1), with_table(2), KnownKey::new(example::public(3))];
        let mut kinds: Vec<(Statement, &KnownKey)> = Vec::new();
        for (seed, key) in (1..=3).zip(&keys) {
            kinds.push((signed(seed, seed), key));
            // Of R; of s; s beyond the group's order.
            kinds.extend([(0, 1), (32, 1), (63, 0x80)].map(|(byte, bit)| (changed(seed, byte, bit), key)));
            kinds.extend(crafted(seed).into_iter().map(|statement| (statement, key)));
        }
        // Signed by another key than it names: whichever of the two it is checked with.
        kinds.extend([(signed(1, 2), &keys[0]), (signed(1, 2), &keys[1]), (signed(1, 1), &keys[1])]);
        assert_eq!(kinds.len(), 66);
        assert!(point_of_r(&(&kinds[0].0, &keys[0])).is_some());
        assert!(point_of_r(&(&kinds[42].0, &keys[2])).is_none());
        let alone: Vec<_> = kinds.iter().map(|(statement, key)| statement.verify_known(key)).collect();
        // Of each key its own one, and the one with the identity added to R.
        assert_eq!(alone.iter().filter(|verdict| verdict.is_ok()).count(), 6);
        let all: Vec<_> = kinds.iter().map(|(statement, key)| (statement, *key)).collect();
        for length in [0, 1, 2, 5, all.len()] {
            for first in 0..all.len() {
                let places: Vec<usize> = (first..first + length).map(|place| place % all.len()).collect();
                let batch: Vec<_> = places.iter().map(|place| all[*place]).collect();
                let expected: Vec<_> = places.iter().map(|place| alone[*place]).collect();
                assert_eq!(verify_all(&batch), expected, "{first} {length}");
            }
        }
    }
}
