//! Statements that were refused because another one of the same issuer has their number: evidence that the issuer
//! contradicted itself, kept until the registrar puts it on record as a `conflict`.
//!
//! One file each, `refused/<SHA-256 of the statement>`, which holds the statement and nothing else: codes and digests, no
//! text. One for each number, the first that came; at most [`REFUSED_MAX`], and the oldest stay. Admission has checked the
//! signatures.

use std::collections::HashSet;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;

use crate::store::{Store, StoreError};

/// At most so many are kept: whoever signs more double statements than this is convicted by the first, and the folder
/// stays below 64 MiB.
pub const REFUSED_MAX: usize = 1_000;

/// The folder in the store.
const FOLDER: &str = "refused";

/// What is kept, by issuer and number.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    numbers: HashSet<(Issuer, Sequence)>,
    /// Whether something was written since the last sync.
    unsynced: bool,
}

impl Refused {
    /// What lies in the store. A file that a loss of power left torn is none, and is removed.
    pub(crate) fn read(store: &dyn Store) -> Result<Refused, StoreError> {
        let mut refused = Refused::default();
        for path in store.list(FOLDER)? {
            match read(store, &path)? {
                Some(statement) => drop(refused.numbers.insert(key_of(&statement))),
                None => store.delete(&path)?,
            }
        }
        Ok(refused)
    }

    /// Keeps a statement, unless one with its number is kept or there are enough.
    pub(crate) fn keep(&mut self, store: &dyn Store, statement: &Statement) -> Result<(), StoreError> {
        let key = key_of(statement);
        if self.numbers.len() >= REFUSED_MAX || self.numbers.contains(&key) {
            return Ok(());
        }
        store.put(&path_of(statement), statement.bytes())?;
        // If we die here: it is kept, or the issuer is told again at its next try.
        self.numbers.insert(key);
        self.unsynced = true;
        Ok(())
    }

    /// Whether a sync is due; it is taken as done.
    pub(crate) fn take_unsynced(&mut self) -> bool {
        std::mem::take(&mut self.unsynced)
    }
}

/// The kept statements behind a digest, in the order of their digests; at most `most`.
pub(crate) fn list(
    store: &dyn Store,
    after: Option<&Digest>,
    most: usize,
) -> Result<Vec<Statement>, StoreError> {
    let after = after.map(|digest| format!("{FOLDER}/{}", digest.to_hex()));
    let mut statements = Vec::new();
    for path in store.list(FOLDER)? {
        if statements.len() == most {
            break;
        }
        if after.as_ref().is_none_or(|after| path > *after) {
            statements.extend(read(store, &path)?);
        }
    }
    Ok(statements)
}

/// The statement of a file, if it is the one that the name says.
fn read(store: &dyn Store, path: &str) -> Result<Option<Statement>, StoreError> {
    let bytes = store.get(path)?.unwrap_or_default();
    let statement = Statement::parse(&bytes).ok();
    Ok(statement.filter(|statement| path_of(statement) == path))
}

fn path_of(statement: &Statement) -> String {
    format!("{FOLDER}/{}", Digest::of(statement.bytes()).to_hex())
}

fn key_of(statement: &Statement) -> (Issuer, Sequence) {
    (statement.claims().iss.clone(), statement.sequence())
}
