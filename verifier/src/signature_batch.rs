//! The signatures of several statements, checked together: where their keys have tables, the points that are to be the
//! signatures' `R` are encoded with one inversion in the field for all of them, which each alone spends a tenth of its time on.
//!
//! It is no check of a sum of signatures: each gets the verdict that it gets alone.

use curve25519_dalek::EdwardsPoint;

use crate::key::SignatureError;
use crate::key_table::is_r;
use crate::known_key::KnownKey;
use crate::statement::Statement;

/// Checks the signature of each statement with the key beside it; the verdicts, in the same order, are those of
/// [`Statement::verify_known`]. Some tens at once have all the gain there is.
pub fn verify_all(signed: &[(&Statement, &KnownKey)]) -> Vec<Result<(), SignatureError>> {
    let point = |(statement, key): &(&Statement, &KnownKey)| {
        let named = key.kid() == *statement.kid();
        named.then(|| key.point_of_r(&statement.sig_structure(), statement.signature())).flatten()
    };
    // Where there is no such point the identity stands, which is the R of no signature that stands.
    let points: Vec<EdwardsPoint> = signed.iter().map(|one| point(one).unwrap_or_default()).collect();
    let encoded = EdwardsPoint::compress_batch_alloc(&points);
    let verdict = |((statement, key), (point, encoded)): (&(&Statement, &KnownKey), (&EdwardsPoint, _))| {
        match is_r(point, encoded, statement.signature()) {
            true => Ok(()),
            // A table can only accept.
            false => statement.verify(key.key()),
        }
    };
    signed.iter().zip(points.iter().zip(&encoded)).map(verdict).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;
    use crate::known_key::TABLE_AFTER;

    /// A key that has its table.
    fn with_table(seed: u8) -> KnownKey {
        let key = KnownKey::new(example::public(seed));
        for _ in 0..=TABLE_AFTER {
            assert!(key.verify(b"", &[0; 64]).is_err());
        }
        key
    }

    /// Good and bad statements by keys with and without tables, at every place of batches of every length up to nine.
    #[test]
    fn each_gets_the_verdict_that_it_gets_alone() {
        let keys = [with_table(1), with_table(2), KnownKey::new(example::public(3))];
        let good: Vec<Statement> =
            (1..=3).map(|seed| Statement::parse(&example::statement_by(seed)).unwrap()).collect();
        let changed = |at: usize| {
            let mut bytes = good[0].bytes().to_vec();
            let length = bytes.len();
            bytes[length - at] ^= 1;
            Statement::parse(&bytes).unwrap()
        };
        // Of s, and of R.
        let broken = [changed(1), changed(64)];
        let mut kinds: Vec<(&Statement, &KnownKey)> = good.iter().zip(&keys).collect();
        kinds.extend(broken.iter().map(|broken| (broken, &keys[0])));
        kinds.push((&good[0], &keys[1]));
        kinds.push((&good[2], &keys[0]));
        let mut accepted = 0;
        for length in 0..=9 {
            for first in 0..kinds.len() {
                let batch: Vec<_> =
                    (0..length).map(|place| kinds[(first + place * place) % kinds.len()]).collect();
                let alone: Vec<_> =
                    batch.iter().map(|(statement, key)| statement.verify_known(key)).collect();
                assert_eq!(verify_all(&batch), alone, "{first} {length}");
                accepted += alone.iter().filter(|verdict| verdict.is_ok()).count();
            }
        }
        assert_eq!(accepted, 135);
    }
}
