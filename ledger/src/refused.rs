//! Statements that were refused because another one of the same issuer has their number: evidence that the issuer
//! contradicted itself, kept until the registrar puts it on record as a `conflict`.
//!
//! One file each, `refused/<SHA-256 of the statement>`, which holds the statement and nothing else: codes and digests, no
//! text. One for each number, the first that came; at most [`REFUSED_MAX`] of each issuer, and the oldest stay. Admission
//! has checked the signatures.

use std::collections::{BTreeMap, HashMap};

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::NamedEntry;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;

use crate::store::{Store, StoreError};

/// At most so many of one issuer are kept: whoever signs more double statements than this is convicted by the first, and takes
/// no room from others. They take at most 6.4 MiB.
pub const REFUSED_MAX: usize = 100;

/// The folder in the store.
const FOLDER: &str = "refused";

/// What is kept: the file of each issuer and number.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    files: HashMap<Issuer, BTreeMap<Sequence, String>>,
    /// Whether something was written since the last sync.
    unsynced: bool,
}

impl Refused {
    /// What lies in the store. A file that a loss of power left torn is none, and is removed; so is one whose conflict is on
    /// record.
    pub(crate) fn read(store: &dyn Store, registry: &Registry) -> Result<Refused, StoreError> {
        let mut refused = Refused::default();
        for path in store.list(FOLDER)? {
            match read(store, &path)?.filter(|statement| !is_on_record(registry, statement)) {
                Some(statement) => {
                    // After a sync that failed, bytes can be read that never reached the disk: they are written once more.
                    store.rewrite(&path, &[(0, statement.bytes().to_vec())])?;
                    refused.unsynced = true;
                    let of = refused.files.entry(statement.claims().iss.clone()).or_default();
                    of.insert(statement.sequence(), path);
                }
                None => store.delete(&path)?,
            }
        }
        Ok(refused)
    }

    /// Keeps a statement, unless one with its number is kept or on record, or there are enough of its issuer.
    pub(crate) fn keep(
        &mut self,
        store: &dyn Store,
        registry: &Registry,
        statement: &Statement,
    ) -> Result<(), StoreError> {
        let of = self.files.entry(statement.claims().iss.clone()).or_default();
        let number = statement.sequence();
        if of.len() >= REFUSED_MAX || of.contains_key(&number) || is_on_record(registry, statement) {
            return Ok(());
        }
        let path = path_of(statement);
        store.put(&path, statement.bytes())?;
        // If we die here: it is kept, or the issuer is told again at its next try.
        of.insert(number, path);
        self.unsynced = true;
        Ok(())
    }

    /// The conflict of that entry is on record: what was kept for it makes room.
    pub(crate) fn drop_recorded(&mut self, store: &dyn Store, entry: &NamedEntry) -> Result<(), StoreError> {
        let of = self.files.get_mut(&entry.owner);
        match of.and_then(|of| of.remove(&entry.sequence)) {
            // If it comes back after a loss of power, the next start removes it.
            Some(path) => store.delete(&path),
            None => Ok(()),
        }
    }

    /// Whether a sync is due; it is taken as done.
    pub(crate) fn take_unsynced(&mut self) -> bool {
        std::mem::take(&mut self.unsynced)
    }
}

/// Whether a conflict about the statement's number is on record.
fn is_on_record(registry: &Registry, statement: &Statement) -> bool {
    registry.state_of(statement).conflict.is_some()
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
