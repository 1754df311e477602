//! What the log knows after some entries: who may say what, under which key, with which number.
//!
//! One struct for the ledger's writer, its checker and the auditor: each entry is checked against everything before it
//! and then taken in. Signatures are checked by [`Registry::verify`], apart, so that a writer can do that in parallel
//! and in advance.

use std::collections::HashMap;

use crate::enrolment_check;
use crate::entry_state::EntryState;
use crate::fields::FieldName;
use crate::issuer::Issuer;
use crate::issuer_account::{Completeness, IssuerAccount};
use crate::key::{Kid, PublicKey};
use crate::key_ring::{KeyRing, genesis_key};
use crate::lives::Lives;
use crate::log_keys;
use crate::naming::{Before, Naming};
use crate::origin::Origin;
use crate::past::Past;
use crate::payload::Payload;
use crate::provider::{EnrolledKey, Provider};
use crate::registry_error::RegistryError;
use crate::sequence::{NumberState, Sequence, SequenceWindow};
use crate::size::{LeafIndex, TreeSize};
use crate::snapshot::stored;
use crate::statement::Statement;
use crate::statement_type::{Issuing, StatementType};
use crate::vkey::Vkey;

pub use crate::key_ring::KeySnapshot;

/// The state after some entries.
#[derive(Debug, Clone)]
pub struct Registry {
    origin: Origin,
    registrar: Issuer,
    size: u64,
    ring: KeyRing,
    windows: HashMap<Issuer, SequenceWindow>,
    lives: Lives,
    accounts: HashMap<Issuer, IssuerAccount>,
    /// The entry that closed the log.
    closed_at: Option<LeafIndex>,
}

stored!(Registry { origin, registrar, size, ring, windows, lives, accounts, closed_at } if Registry::is_sound);

impl Registry {
    /// Before the first entry of the log of that origin.
    pub fn new(origin: Origin) -> Registry {
        let registrar = Issuer::of_registrar(&origin);
        Registry {
            ring: KeyRing::new(registrar.clone()),
            registrar,
            origin,
            size: 0,
            windows: HashMap::new(),
            lives: Lives::default(),
            accounts: HashMap::new(),
            closed_at: None,
        }
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The registrar's issuer.
    pub fn registrar(&self) -> &Issuer {
        &self.registrar
    }

    /// How many entries were taken in.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All keys so far; it stays as it is while the registry goes on.
    pub fn keys(&self) -> KeySnapshot {
        self.ring.keys().clone()
    }

    /// The key of that thumbprint if it may sign an entry at that index.
    pub fn key_at(&self, kid: &Kid, index: LeafIndex) -> Option<&EnrolledKey> {
        self.ring.key_at(kid, index)
    }

    /// Every key that the genesis or a `keys` statement ever named for COSE receipts, in the order of the log. None was or
    /// will be a provider's.
    pub fn receipt_keys(&self) -> &[PublicKey] {
        self.ring.receipts()
    }

    /// The `keys` entries that a receipt needs: those that lead to the registrar's key that was in use before `anchor`, the
    /// enrolment or the registrar's own statement; and, where the genesis does not name `log`, to the first that does.
    pub fn chain_to(&self, anchor: LeafIndex, log: &Vkey) -> Vec<LeafIndex> {
        self.ring.chain_to(anchor, log)
    }

    /// All providers, in the order of their issuers.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.ring.providers().values()
    }

    /// One provider.
    pub fn provider(&self, issuer: &Issuer) -> Option<&Provider> {
        self.ring.providers().get(issuer)
    }

    /// The numbers of an issuer; `None` if it has used none.
    pub fn sequence_state(&self, issuer: &Issuer) -> Option<&SequenceWindow> {
        self.windows.get(issuer)
    }

    /// The issuers that have used numbers, in no order.
    pub fn issuers(&self) -> impl Iterator<Item = (&Issuer, &SequenceWindow)> {
        self.windows.iter()
    }

    /// Whether a statement of that issuer has the number: then the next one with it is a duplicate or a conflict.
    pub fn is_taken(&self, issuer: &Issuer, number: Sequence) -> bool {
        self.windows.get(issuer).is_some_and(|window| window.state(number) == NumberState::Taken)
    }

    /// The state of an entry, as everything that was taken in says. The statement is that of the entry.
    pub fn state_of(&self, statement: &Statement) -> EntryState {
        EntryState::of(&self.lives, statement)
    }

    /// What the log said about the entry in its tree of that size, which is no greater than what was taken in.
    pub fn state_in(&self, size: TreeSize, statement: &Statement) -> EntryState {
        EntryState::in_tree(&self.lives, statement, size)
    }

    /// Whether an entry counts: no withdrawal that counts names it. It is known by its issuer, number and type.
    pub fn counts(&self, owner: &Issuer, sequence: Sequence, kind: StatementType) -> bool {
        !self.lives.is_withdrawn(owner, sequence, kind)
    }

    /// The withdrawals that name an entry, in the order of the log: place, number, and whether it counts.
    pub fn withdrawals_of(
        &self,
        owner: &Issuer,
        sequence: Sequence,
        kind: StatementType,
    ) -> Vec<(LeafIndex, Sequence, bool)> {
        self.lives.withdrawals_of(owner, sequence, kind)
    }

    /// Whether a statement that was taken in is a withdrawal that names withdrawals.
    pub fn withdraws_withdrawals(&self, statement: &Statement) -> bool {
        let kind = statement.payload().kind();
        kind == StatementType::Withdrawal
            && self.lives.depth(&statement.claims().iss, statement.sequence()) > 0
    }

    /// What an issuer's statements add up to; `None` if it has made none.
    pub fn account(&self, issuer: &Issuer) -> Option<&IssuerAccount> {
        self.accounts.get(issuer)
    }

    /// The issuer's own counts held against the log, one for each period that it declared, in the order of the log.
    pub fn completeness(&self, issuer: &Issuer) -> Vec<Completeness> {
        match (self.accounts.get(issuer), self.windows.get(issuer)) {
            (Some(account), Some(window)) => account.completeness(issuer, window, &self.lives),
            _ => Vec::new(),
        }
    }

    /// The entry that closed the log, if one did.
    pub fn closed_at(&self) -> Option<LeafIndex> {
        self.closed_at
    }

    /// Checks the signature with the key that the statement names; a genesis and a change of the registrar's key bring
    /// their own.
    ///
    /// # Errors
    ///
    /// That the key may not sign at that index, or that the signature does not hold.
    pub fn verify(&self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        if index == LeafIndex::ZERO {
            return statement.verify(&genesis_key(statement)?).map_err(RegistryError::Signature);
        }
        let key = self.ring.keys().verifying_key(index, statement)?;
        statement.verify_known(&key).map_err(RegistryError::Signature)
    }

    /// Whether a statement whose signature was checked can be the entry at that index, and what it names. `past` finds the
    /// entries before it.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks. A number that is taken is reported as a conflict: whether it is a duplicate, the
    /// caller finds out by comparing with the entry that has it. [`RegistryError::Past`]: the look-up failed.
    pub fn check(
        &self,
        index: LeafIndex,
        statement: &Statement,
        past: &dyn Past,
    ) -> Result<Naming, RegistryError> {
        self.check_alone(index, statement)?;
        Before { past, lives: &self.lives, windows: &self.windows }.name(index, statement)
    }

    /// Everything but what the statement names.
    fn check_alone(&self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        let claims = statement.claims();
        if claims.aud != self.origin {
            return Err(RegistryError::WrongAudience(claims.aud.to_string()));
        }
        let payload = statement.payload();
        if index == LeafIndex::ZERO {
            return self.check_genesis(statement);
        }
        if payload.kind() == StatementType::Genesis {
            return Err(RegistryError::Genesis("only entry 0 is a genesis"));
        }
        self.check_author(index, statement)?;
        let fresh = SequenceWindow::default();
        let window = self.windows.get(&claims.iss).unwrap_or(&fresh);
        window.check(payload.sequence())?;
        self.check_open(payload)?;
        match payload.kind() {
            StatementType::Enrolment => self.ring.check_enrolment(index, &self.origin, payload),
            StatementType::KeyRetirement => self.ring.check_retirement(&claims.iss, index, payload),
            StatementType::Keys => self.ring.check_change(statement, &self.origin),
            StatementType::Void => match payload.void_range() {
                Some((first, last)) => Ok(window.check_void(first, last)?),
                // A payload of this type has both.
                None => Err(RegistryError::Enrolment("first and last: missing")),
            },
            _ => Ok(()),
        }
    }

    /// Checks the statement as [`Registry::check`] does and takes it in.
    ///
    /// # Errors
    ///
    /// Those of the check, or that another index is next; then nothing changes.
    pub fn apply(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
        past: &dyn Past,
    ) -> Result<Naming, RegistryError> {
        self.check_next(index)?;
        let naming = self.check(index, statement, past)?;
        self.take(index, statement, &naming)?;
        Ok(naming)
    }

    /// Takes in a statement that another registry of the same log took in at the same place and found to name this. Gives
    /// the numbers of redactions of its issuer, in no order, of which a withdrawal counts no more because of it: they may count
    /// again.
    ///
    /// # Errors
    ///
    /// As [`Registry::apply`], but that what it names is not looked up again.
    pub fn apply_named(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
        naming: &Naming,
    ) -> Result<Vec<Sequence>, RegistryError> {
        self.check_next(index)?;
        self.check_alone(index, statement)?;
        self.take(index, statement, naming)
    }

    fn check_next(&self, index: LeafIndex) -> Result<(), RegistryError> {
        match index.get() == self.size {
            true => Ok(()),
            false => Err(RegistryError::OutOfOrder { given: index, expected: self.size }),
        }
    }

    fn take(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
        naming: &Naming,
    ) -> Result<Vec<Sequence>, RegistryError> {
        let (claims, payload) = (statement.claims(), statement.payload());
        let window = self.windows.entry(claims.iss.clone()).or_default();
        window.take(payload.sequence())?;
        if let Some((first, last)) = payload.void_range() {
            window.void(first, last)?;
        }
        match payload.kind() {
            StatementType::Genesis => self.ring.take_genesis(statement)?,
            StatementType::Enrolment => self.ring.take_enrolment(index, payload)?,
            StatementType::KeyRetirement => self.ring.take_retirement(index, payload),
            StatementType::Keys => self.ring.take_change(index, statement)?,
            StatementType::Closure => self.closed_at = self.closed_at.or(Some(index)),
            _ => {}
        }
        let restored = self.lives.take(index, statement, naming);
        IssuerAccount::take(&mut self.accounts, index, statement, naming);
        self.size = self.size.saturating_add(1);
        Ok(restored)
    }

    /// Passes over an entry that a log holds although it cannot be taken in, so that the entries after it can be judged.
    /// For those who audit; a writer never appends such an entry.
    pub fn pass_over(&mut self) {
        self.size = self.size.saturating_add(1);
    }

    /// Checks the signature too, for those who replay a log.
    ///
    /// # Errors
    ///
    /// Those of [`Registry::verify`] and [`Registry::apply`]; then nothing changes.
    pub fn verify_and_apply(
        &mut self,
        index: LeafIndex,
        statement: &Statement,
        past: &dyn Past,
    ) -> Result<Naming, RegistryError> {
        self.check(index, statement, past)?;
        self.verify(index, statement)?;
        self.apply(index, statement, past)
    }

    /// The keys that sign this log's checkpoints, as its newest entry that names any says; none before the genesis.
    pub fn log_vkeys(&self) -> &[Vkey] {
        self.ring.log_vkeys()
    }

    /// Every key that was ever named for checkpoints; of type 6 only where there always was one.
    pub fn every_log_vkey(&self) -> Vec<Vkey> {
        log_keys::ever_named(self.ring.log_key_lists())
    }

    /// Whether an entry ever named that key for checkpoints, be it the genesis or a `keys` statement, and whether or not a later
    /// one leaves it out: what a receipt under that key rests on.
    pub fn named_log_key(&self, log: &Vkey) -> bool {
        self.ring.named_log_key(log)
    }

    /// Entry 0 is the registrar's first statement, signed by the key that it brings.
    fn check_genesis(&self, statement: &Statement) -> Result<(), RegistryError> {
        let payload = statement.payload();
        if payload.kind() != StatementType::Genesis {
            return Err(RegistryError::Genesis("entry 0 is a genesis"));
        }
        if statement.claims().iss != self.registrar {
            return Err(RegistryError::Genesis("a genesis is the registrar's"));
        }
        if payload.sequence() != Sequence::FIRST {
            return Err(RegistryError::Genesis("a genesis is number 1"));
        }
        if !enrolment_check::are_log_keys(payload, &self.origin) {
            return Err(RegistryError::Genesis(
                "log_vkeys are Ed25519 and ML-DSA-44 keys named by the origin, one of Ed25519 at least",
            ));
        }
        let kid = genesis_key(statement)?.kid();
        if kid != *statement.kid() {
            return Err(RegistryError::UnknownKey(*statement.kid()));
        }
        Ok(())
    }

    /// Some types are the registrar's, some a provider's; a provider acts in a role that the key was enrolled for.
    fn check_author(&self, index: LeafIndex, statement: &Statement) -> Result<(), RegistryError> {
        let (issuer, payload) = (&statement.claims().iss, statement.payload());
        self.ring.keys().verifying_key(index, statement)?;
        let by_registrar = *issuer == self.registrar;
        let right = match payload.kind().rules().issuing {
            Issuing::Provider => !by_registrar,
            Issuing::Registrar => by_registrar,
            Issuing::Either => true,
        };
        if !right {
            return Err(RegistryError::NotAuthorised { kind: payload.kind(), issuer: issuer.clone() });
        }
        let roles = self.ring.keys().get(statement.kid()).map_or(&[][..], |key| &key.roles);
        match payload.code(FieldName::PROVIDER_ROLE) {
            Some(role) if !roles.contains(&role) => Err(RegistryError::RoleNotEnrolled(role.as_str())),
            _ => Ok(()),
        }
    }

    /// After a closure, texts can still be erased, keys ended and times logged; nothing else.
    fn check_open(&self, payload: &Payload) -> Result<(), RegistryError> {
        use StatementType::{KeyRetirement, Redaction, Tick};
        match self.closed_at {
            Some(at) if !matches!(payload.kind(), Redaction | KeyRetirement | Tick) => {
                Err(RegistryError::Closed(at))
            }
            _ => Ok(()),
        }
    }
}
