//! Entry 0: the registrar says which keys sign this log, what it is for and by which rules it runs.

use std::sync::Arc;

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::key::{Kid, PublicKey};
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::past::NoPast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::{Statement, StatementError};
use glasshouse_verifier::statement_type::StatementType;

use crate::admission::Admitted;
use crate::author::{Author, AuthorError};
use crate::clock::Clock;
use crate::draft::Draft;
use crate::index::Index;
use crate::log_signer::{LogSigner, SignError};
use crate::published::{Shared, Stats};
use crate::rejection::Rejection;
use crate::store::{StateCopy, Store, StoreError};
use crate::writer::{Core, Writer, WriterError};

/// What a new log says of itself.
#[derive(Debug)]
pub struct Genesis<'a> {
    /// The registrar, with the log's origin.
    pub registrar: &'a Author,
    /// Thumbprint of the key that the registrar will change to.
    pub next_registrar: Kid,
    /// The key that signs COSE receipts.
    pub receipt_key: PublicKey,
    /// A code of the set `purpose`: production, test, demo.
    pub purpose: &'a str,
    /// The rules of the log, in words, at most 65,536 characters.
    pub policy: &'a str,
    /// How to reach the operator, in words.
    pub contact: Option<&'a str>,
}

/// Why a log could not begin.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// There is a log already.
    #[error("the store already holds a ledger: {0}")]
    NotEmpty(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The statement was not signed.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// The statement does not read back.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The statement does not fit.
    #[error("the genesis was refused: {}", .0.detail)]
    Refused(Rejection),
    /// The checkpoint.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The first round.
    #[error(transparent)]
    Writer(#[from] WriterError),
}

impl Genesis<'_> {
    /// The draft of entry 0.
    fn draft(&self, log: &LogSigner) -> Draft {
        let key = |key: &PublicKey| Item::bytes(key.to_cose().to_vec());
        let vkeys = log.vkeys().map(|vkey| Item::text(vkey.encode())).collect();
        let draft = Draft::new(StatementType::Genesis)
            .with_field(FieldName::LOG_VKEYS, Item::Array(vkeys))
            .with_field(FieldName::RECEIPT_KEYS, Item::Array(vec![key(&self.receipt_key)]))
            .with_field(FieldName::REGISTRAR_KEY, key(self.registrar.public_key()))
            .with_field(FieldName::NEXT_REGISTRAR_KID, Item::bytes(self.next_registrar.as_bytes().to_vec()))
            .with_field(FieldName::PURPOSE, Item::text(self.purpose.to_owned()))
            .with_text(FieldName::POLICY, Item::text(self.policy.to_owned()));
        match self.contact {
            Some(contact) => draft.with_text(FieldName::CONTACT, Item::text(contact.to_owned())),
            None => draft,
        }
    }

    /// Begins a log in an empty store: the static files, then the genesis as its first round, published and settled.
    ///
    /// # Errors
    ///
    /// [`GenesisError::NotEmpty`] where a log is already; nothing was written then.
    pub fn begin(
        &self,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        signer: &LogSigner,
        index: Index,
    ) -> Result<(), GenesisError> {
        check_empty(store.as_ref())?;
        let now = clock.now_ms() / 1000;
        let signed = self.registrar.sign_own(&self.draft(signer), Sequence::FIRST, now)?;
        let statement = Statement::parse(signed.statement())?;
        let addenda = signed.served().map(<[u8]>::to_vec).collect();
        Genesis::begin_signed(statement, addenda, store, clock, signer, index)
    }

    /// The same with a genesis that was signed elsewhere, and the texts that it serves.
    ///
    /// # Errors
    ///
    /// [`GenesisError::NotEmpty`], and [`GenesisError::Refused`] where the statement cannot be entry 0 of that log.
    pub fn begin_signed(
        statement: Statement,
        addenda: Vec<Vec<u8>>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        signer: &LogSigner,
        index: Index,
    ) -> Result<(), GenesisError> {
        check_empty(store.as_ref())?;
        let genesis = Admitted::genesis(statement, addenda).map_err(GenesisError::Refused)?;
        let mut registry = Registry::new(signer.origin().clone());
        let refused = |error: glasshouse_verifier::registry_error::RegistryError| {
            GenesisError::Refused(Rejection::new(error.slug(), error.to_string()))
        };
        registry.apply(LeafIndex::ZERO, genesis.statement(), &NoPast).map_err(refused)?;
        // A checkpoint of the empty tree, which no tree contradicts; it does not leave this function.
        let empty = signer.sign(&TreeHead::empty(), clock.now_ms() / 1000)?;
        let shared = Shared::new(empty, Registry::new(signer.origin().clone()), Stats::default());
        store.put("addenda.v1", b"")?;
        store.put("vkey", format!("{}\n", signer.vkey().encode()).as_bytes())?;
        store.sync()?;
        // If we die here: the folder holds no log yet, only keys and two files that say so.
        let mut core = Core::beginning(store, clock, signer.clone(), Arc::new(shared), index);
        core.registry = registry;
        core.write(vec![genesis], vec![Naming::default()])?;
        core.publish_newest()?;
        // If we die here: the log exists; what the round left lying is carried out again at the first start.
        Writer::new(core, None).settle()?;
        Ok(())
    }
}

/// A store in which no log was begun.
fn check_empty(store: &dyn Store) -> Result<(), GenesisError> {
    let state = store.load_state()?;
    if state.plain != StateCopy::Missing || state.embedded != StateCopy::Missing {
        return Err(GenesisError::NotEmpty("it has a state record".to_owned()));
    }
    for path in ["checkpoint", "addenda.v1"] {
        if store.get(path)?.is_some() {
            return Err(GenesisError::NotEmpty(format!("it has the file {path}")));
        }
    }
    Ok(())
}
