//! Who is entitled by a receipt's own entries: the registrar's keys, each announced by the one before, and the key that
//! the registrar enrolled (steps 5 to 7 of [`crate::receipt_check`]).

use crate::enrolment_check::{are_log_keys, log_keys};
use crate::entry::Entry;
use crate::issuer::Issuer;
use crate::key::PublicKey;
use crate::key_ring::{KeyRing, genesis_key};
use crate::origin::Origin;
use crate::policy::TrustedCheckpoint;
use crate::receipt::ReceiptEntry;
use crate::receipt_error::{EnrolmentFault, ReceiptError};
use crate::registry_error::RegistryError;
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::vkey::Vkey;

/// The statement that a receipt is about, and its place.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) index: LeafIndex,
    pub(crate) statement: &'a Statement,
}

/// The entries that stand behind the statement and the genesis, read.
pub(crate) struct Rest {
    keys: Vec<(LeafIndex, Statement)>,
    enrolment: Option<(LeafIndex, Statement)>,
}

/// The keys as far as the receipt shows them.
pub(crate) struct Chain<'a> {
    origin: Origin,
    registrar: Issuer,
    log: &'a Vkey,
    ring: KeyRing,
}

impl<'a> Chain<'a> {
    /// Step 5: the one entry at index 0 is this log's genesis, signed by the key that it brings.
    pub(crate) fn open(
        entries: &[ReceiptEntry],
        trusted: &'a TrustedCheckpoint,
    ) -> Result<Chain<'a>, EnrolmentFault> {
        let origin = trusted.signed().checkpoint().origin().clone();
        let mut at_zero = entries.iter().filter(|item| item.index == LeafIndex::ZERO);
        let (Some(item), None) = (at_zero.next(), at_zero.next()) else {
            return Err(EnrolmentFault::Missing);
        };
        let entry = Entry::parse(&item.entry)?;
        let (statement, log) = (entry.statement(), trusted.signed().log());
        let (claims, payload) = (statement.claims(), statement.payload());
        let of_this_log = claims.aud == origin && claims.is_registrar();
        if payload.kind() != StatementType::Genesis || !of_this_log || statement.sequence().get() != 1 {
            return Err(EnrolmentFault::Kind);
        }
        // A later change of keys may name the policy's key; step 6 finds out whether it was the registrar's to make.
        let names = |bytes: &[u8]| {
            let later = Entry::parse(bytes)
                .ok()
                .filter(|entry| entry.statement().payload().kind() == StatementType::Keys);
            later.is_some_and(|entry| log_keys(entry.statement().payload()).contains(log))
        };
        let of_policy = log_keys(payload).contains(log) || entries.iter().any(|item| names(&item.entry));
        if !of_policy || !are_log_keys(payload, &origin) {
            return Err(EnrolmentFault::LogKeys);
        }
        statement.verify(&genesis_key(statement)?)?;
        let registrar = Issuer::of_registrar(&origin);
        let mut ring = KeyRing::new(registrar.clone());
        ring.take_genesis(statement)?;
        Ok(Chain { origin, registrar, log, ring })
    }

    /// Which entries follow the statement: the genesis, changes of keys by ascending index, and for a provider's
    /// statement one more, its enrolment.
    pub(crate) fn sort(&self, about: Subject<'_>, rest: &[ReceiptEntry]) -> Result<Rest, ReceiptError> {
        let by_registrar = about.statement.claims().iss == self.registrar;
        let missing = || match by_registrar {
            true => ReceiptError::Surplus,
            false => ReceiptError::Enrolment(EnrolmentFault::Missing),
        };
        let later = match rest {
            [] if about.index == LeafIndex::ZERO => rest,
            [zero, later @ ..] if zero.index == LeafIndex::ZERO => later,
            _ => return Err(missing()),
        };
        let ascending = later.iter().is_sorted_by(|one, next| one.index < next.index);
        if !ascending || later.iter().any(|item| item.index == about.index) {
            return Err(ReceiptError::Keys(EnrolmentFault::Order));
        }
        let mut sorted = Rest { keys: Vec::new(), enrolment: None };
        for item in later {
            let entry = Entry::parse(&item.entry);
            match entry {
                Ok(entry) if entry.statement().payload().kind() == StatementType::Keys => {
                    sorted.keys.push((item.index, entry.into_statement()));
                }
                _ if by_registrar => return Err(ReceiptError::Surplus),
                _ if sorted.enrolment.is_some() || item.index > about.index => return Err(missing()),
                Ok(entry) => sorted.enrolment = Some((item.index, entry.into_statement())),
                Err(error) => return Err(ReceiptError::Enrolment(error.into())),
            }
        }
        match (by_registrar, &sorted.enrolment) {
            (false, None) => Err(missing()),
            _ => Ok(sorted),
        }
    }

    /// Steps 6 to 8 in the order of the log. `check` judges the statement itself under the key that it must be signed with.
    pub(crate) fn follow(
        &mut self,
        about: Subject<'_>,
        rest: &Rest,
        check: impl Fn(&PublicKey) -> Result<(), ReceiptError>,
    ) -> Result<(), ReceiptError> {
        let (before, after) =
            rest.keys.split_at(rest.keys.partition_point(|(index, _)| *index < about.index));
        let mut before = before.iter().peekable();
        if let Some((index, enrolment)) = &rest.enrolment {
            while let Some((at, change)) = before.next_if(|(at, _)| at < index) {
                self.change(*at, change)?;
            }
            self.enrol(*index, enrolment, about.statement).map_err(ReceiptError::Enrolment)?;
        }
        for (at, change) in before {
            self.change(*at, change)?;
        }
        let key = self.ring.keys().verifying_key(about.index, about.statement);
        check(key.map_err(ReceiptError::Signer)?.key())?;
        if about.statement.payload().kind() == StatementType::Keys {
            self.ring.take_change(about.index, about.statement).map_err(ReceiptError::Signer)?;
        }
        for (at, change) in after {
            self.change(*at, change)?;
        }
        let anchor = rest.enrolment.as_ref().map_or(about.index, |(index, _)| *index);
        let mut needed = self.ring.chain_to(anchor, self.log);
        needed.retain(|index| *index != about.index);
        match needed.iter().eq(rest.keys.iter().map(|(index, _)| index)) {
            true => Ok(()),
            false => Err(ReceiptError::Keys(EnrolmentFault::Surplus)),
        }
    }

    /// Every key that was named for COSE receipts on the way, in the order of the log.
    pub(crate) fn into_receipt_keys(self) -> Vec<PublicKey> {
        self.ring.receipts().to_vec()
    }

    /// Step 6: the registrar's change of keys, by the rules of a log.
    fn change(&mut self, index: LeafIndex, statement: &Statement) -> Result<(), ReceiptError> {
        self.try_change(index, statement).map_err(ReceiptError::Keys)
    }

    fn try_change(&mut self, index: LeafIndex, statement: &Statement) -> Result<(), EnrolmentFault> {
        self.check_registrar(index, statement)?;
        self.ring.check_change(statement, &self.origin)?;
        self.ring.take_change(index, statement)?;
        Ok(())
    }

    /// Step 7: the registrar's enrolment of the key that the statement names, for its issuer.
    fn enrol(
        &mut self,
        index: LeafIndex,
        enrolment: &Statement,
        about: &Statement,
    ) -> Result<(), EnrolmentFault> {
        if enrolment.payload().kind() != StatementType::Enrolment {
            return Err(EnrolmentFault::Kind);
        }
        self.check_registrar(index, enrolment)?;
        let new = self.ring.check_request(&self.origin, enrolment.payload())?;
        if new.kid != *about.kid() || new.provider != about.claims().iss {
            return Err(EnrolmentFault::Other);
        }
        self.ring.take_enrolment(index, enrolment.payload())?;
        Ok(())
    }

    /// By the registrar of this log, under the key that it had then.
    fn check_registrar(&self, index: LeafIndex, statement: &Statement) -> Result<(), EnrolmentFault> {
        let claims = statement.claims();
        if claims.aud != self.origin || claims.iss != self.registrar {
            return Err(EnrolmentFault::Kind);
        }
        let key = self.ring.keys().verifying_key(index, statement)?;
        statement.verify_known(&key)?;
        Ok(())
    }
}

impl Rest {
    /// The changes of keys by their places, and the enrolment.
    pub(crate) fn into_parts(self) -> (Vec<LeafIndex>, Option<(LeafIndex, Statement)>) {
        (self.keys.into_iter().map(|(index, _)| index).collect(), self.enrolment)
    }
}

impl From<RegistryError> for EnrolmentFault {
    fn from(error: RegistryError) -> EnrolmentFault {
        EnrolmentFault::Registry(Box::new(error))
    }
}
