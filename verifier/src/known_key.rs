//! A key that was enrolled, and signs again and again: from its [`TABLE_AFTER`]th signature on these are checked with a table
//! of its multiples.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use crate::key::{Kid, PublicKey, SIGNATURE_LEN, SignatureError};
use crate::key_table::KeyTable;

/// Signatures after which a key gets its table. To make it takes as long as some twenty checks where there is no AVX-512, and it
/// saves a third to a half of a check each time; a key that signs once a year should not take memory.
pub const TABLE_AFTER: u32 = 64;

/// A key, its thumbprint, and what was learnt by using it. A clone is the same key: it shares all of it.
#[derive(Clone)]
pub struct KnownKey(Arc<Known>);

struct Known {
    key: PublicKey,
    kid: Kid,
    checks: AtomicU32,
    table: OnceLock<Box<KeyTable>>,
}

impl KnownKey {
    /// A key that has checked nothing yet.
    pub fn new(key: PublicKey) -> KnownKey {
        let (checks, table) = (AtomicU32::new(0), OnceLock::new());
        KnownKey(Arc::new(Known { kid: key.kid(), key, checks, table }))
    }

    /// The key.
    pub fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// Its thumbprint.
    pub fn kid(&self) -> Kid {
        self.0.kid
    }

    /// Checks a signature, with the verdict of [`PublicKey::verify`].
    ///
    /// # Errors
    ///
    /// [`SignatureError::Invalid`].
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Result<(), SignatureError> {
        match self.table() {
            Some(table) if table.accepts(message, signature) => Ok(()),
            _ => self.0.key.verify(message, signature),
        }
    }

    /// The table, once there is one; called once for each check, it counts them. Two threads may make it at the same time; one of
    /// the two is kept.
    pub(crate) fn table(&self) -> Option<&KeyTable> {
        if self.0.table.get().is_none() {
            // Where the counter begins anew after four thousand million checks without room for a table, nothing is lost.
            if self.0.checks.fetch_add(1, Ordering::Relaxed) < TABLE_AFTER {
                return None;
            }
            let table = KeyTable::new(*self.0.key.as_bytes(), &self.0.key.to_point())?;
            drop(self.0.table.set(table));
        }
        self.0.table.get().map(Box::as_ref)
    }
}

impl PartialEq for KnownKey {
    fn eq(&self, other: &KnownKey) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for KnownKey {}

impl fmt::Debug for KnownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.key.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;

    #[test]
    fn the_verdict_is_the_same_before_and_after_the_table() {
        let key = KnownKey::new(example::public(3));
        for number in 0..2 * TABLE_AFTER {
            let message = number.to_be_bytes();
            let signature = example::sign(3, &message);
            assert_eq!(key.verify(&message, &signature), Ok(()));
            assert_eq!(key.verify(b"another", &signature), Err(SignatureError::Invalid));
            // Two checks in each turn.
            assert_eq!(key.0.table.get().is_some(), 2 * number + 1 >= TABLE_AFTER, "{number}");
        }
        assert!(key.clone().0.table.get().is_some());
    }
}
