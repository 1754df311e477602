//! Signing: a draft, a number, a subject and a time become a statement with its addenda.

use std::collections::BTreeMap;
use std::fmt;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::{Kid, PublicKey};
use glasshouse_verifier::known_key::KnownKey;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::payload_error::PayloadErrors;
use glasshouse_verifier::request::EnrolmentRequest;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::{Statement, UnsignedStatement};
use glasshouse_verifier::statement_type::About;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::targets::Target;

use crate::draft::{Draft, Reference, payload_item};
use crate::key_file::SecretKey;

/// Why a draft was not signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    /// A reference to an earlier line was not resolved.
    #[error("\"{0}\" is not resolved to an entry")]
    Unresolved(Reference),
    /// The payload breaks the log's rules.
    #[error(transparent)]
    Payload(#[from] PayloadErrors),
    /// The system gave no random bytes for a salt.
    #[error("no random bytes from the system: {0}")]
    Random(getrandom::Error),
    /// A decision, a refusal, and what is said about one of them, is about a subject that the caller has to give.
    #[error("a statement on a subject, or about one earlier entry, is signed with that subject")]
    NoSubject,
    /// Entry or addendum beyond its bound.
    #[error("{0}")]
    TooLarge(String),
    /// What was just signed does not read back: a fault of this program.
    #[error(
        "a statement that was just signed is not accepted by the verifier (a fault of this program): {0}"
    )]
    OurBug(String),
}

/// Where the salts of texts come from.
type Salts = Box<dyn Fn() -> Result<[u8; 16], getrandom::Error> + Send + Sync>;

/// Somebody who signs statements for one log.
pub struct Author {
    issuer: Issuer,
    origin: Origin,
    key: SecretKey,
    /// The key that others check with, and a table of it once it has signed often.
    known: KnownKey,
    salts: Salts,
}

impl fmt::Debug for Author {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Author({} by the key {})", self.issuer, self.known.kid())
    }
}

/// A signed statement and all its addenda, those that are withheld too: the tool keeps these.
#[derive(Debug, Clone)]
pub struct Signed {
    statement: Vec<u8>,
    entry: Vec<u8>,
    leaf_hash: LeafHash,
    addenda: BTreeMap<FieldName, Vec<u8>>,
    withheld: Vec<FieldName>,
    kept: Vec<Vec<u8>>,
}

impl Signed {
    /// The COSE_Sign1.
    pub fn statement(&self) -> &[u8] {
        &self.statement
    }

    /// The entry as the log will hold it.
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    /// The entry's leaf hash, known before it is submitted.
    pub fn leaf_hash(&self) -> &LeafHash {
        &self.leaf_hash
    }

    /// All addenda, by field.
    pub fn addenda(&self) -> &BTreeMap<FieldName, Vec<u8>> {
        &self.addenda
    }

    /// The addenda that go to the log with the statement: all but the withheld ones.
    pub fn served(&self) -> impl Iterator<Item = &[u8]> {
        let served = self.addenda.iter().filter(|(name, _)| !self.withheld.contains(name));
        served.map(|(_, bytes)| bytes.as_slice())
    }

    /// Of a sealed statement: the addenda that what it seals withholds in its turn. Nothing else holds them.
    pub fn kept(&self) -> &[Vec<u8>] {
        &self.kept
    }

    /// The submission `[statement, [* addendum]]` as CBOR.
    pub fn submission(&self) -> Vec<u8> {
        let addenda = self.served().map(|bytes| Item::bytes(bytes.to_vec())).collect();
        let statement = Item::bytes(self.statement.clone());
        cbor::encode(&Item::Array(vec![statement, Item::Array(addenda)]))
    }
}

impl Author {
    /// An author with its key, for one log.
    pub fn new(issuer: Issuer, origin: Origin, key: SecretKey) -> Result<Author, AuthorError> {
        let public = PublicKey::from_bytes(key.public_bytes())
            .map_err(|error| AuthorError::OurBug(error.to_string()))?;
        let salts = Box::new(|| {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map(|()| salt)
        });
        Ok(Author { issuer, origin, key, known: KnownKey::new(public), salts })
    }

    /// The same author with other salts than the system's random bytes: for a simulation that has to repeat itself. Whoever can
    /// guess a salt can test guesses of an erased text.
    #[must_use]
    pub fn with_salts(self, salts: impl Fn() -> [u8; 16] + Send + Sync + 'static) -> Author {
        Author { salts: Box::new(move || Ok(salts())), ..self }
    }

    /// Who signs.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The log that the statements are for.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key that others check the signatures with.
    pub fn public_key(&self) -> &PublicKey {
        self.known.key()
    }

    /// A request to be enrolled: this key's proof of possession and the provider's consent, at a time in seconds since
    /// 1970 UTC. A COSE_Sign1.
    pub fn request(&self, now: u64) -> Vec<u8> {
        let request = EnrolmentRequest {
            aud: self.origin.clone(),
            iss: self.issuer.clone(),
            key: *self.known.key(),
            time: now,
        };
        let kid = self.known.kid();
        request.assemble(&kid, &self.key.sign(&request.sig_structure(&kid)))
    }

    /// Thumbprint of the key (RFC 9679).
    pub fn kid(&self) -> Kid {
        self.known.kid()
    }

    /// Signs a draft under a number and a subject, at a time in seconds since 1970 UTC. Every addendum gets a fresh
    /// salt, so signing a draft twice gives two different statements: a tool keeps what it signed. Of a sealed statement
    /// the subject is the one of what it seals: its own `sub` is the provider and tells nothing.
    pub fn sign(
        &self,
        draft: &Draft,
        sequence: Sequence,
        subject: Subject,
        now: u64,
    ) -> Result<Signed, AuthorError> {
        if let Some(reference) = draft.unresolved().next() {
            return Err(AuthorError::Unresolved(reference.clone()));
        }
        let mut claims =
            Claims { iss: self.issuer.clone(), sub: subject, aud: self.origin.clone(), iat: now };
        let mut kept = Vec::new();
        let (payload, addenda) = match draft.sealed() {
            None => self.commit(draft, sequence, &claims)?,
            Some(inner) => {
                let value = self.value_of_sealed(inner, sequence, &claims, &mut kept)?;
                claims.sub = Subject::provider(&self.issuer);
                let whole = draft.clone().with_text(FieldName::SEALED_STATEMENT, Item::bytes(value));
                self.commit(&whole, sequence, &claims)?
            }
        };
        let entry = Entry::of(self.seal(&claims, &payload)?)
            .map_err(|error| AuthorError::TooLarge(error.to_string()))?;
        Ok(Signed {
            statement: entry.statement().bytes().to_vec(),
            leaf_hash: entry.leaf_hash(),
            entry: entry.bytes().to_vec(),
            addenda,
            withheld: draft.withheld().keys().copied().collect(),
            kept,
        })
    }

    /// The payload of a draft with its addenda, each under its own salt.
    fn commit(
        &self,
        draft: &Draft,
        sequence: Sequence,
        claims: &Claims,
    ) -> Result<(Payload, BTreeMap<FieldName, Vec<u8>>), AuthorError> {
        let addenda = self.addenda(draft, sequence)?;
        let digests = addenda.iter().map(|(name, bytes)| (*name, Digest::of(bytes))).collect();
        let payload = Payload::parse(&payload_item(draft, sequence.get(), &digests), claims)?;
        Ok((payload, addenda))
    }

    /// What a sealed statement commits to (`spec/lifecycle.md`, "Format: embargo and gag"). What is withheld even inside
    /// of it goes to `kept`.
    fn value_of_sealed(
        &self,
        inner: &Draft,
        sequence: Sequence,
        claims: &Claims,
        kept: &mut Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, AuthorError> {
        let (payload, addenda) = self.commit(inner, sequence, claims)?;
        let is_kept = |name: &FieldName| payload.withheld().contains_key(name);
        let (inside, outside): (Vec<_>, Vec<_>) = addenda.into_iter().partition(|(name, _)| is_kept(name));
        kept.extend(inside.into_iter().map(|(_, bytes)| bytes));
        let served: Vec<Vec<u8>> = outside.into_iter().map(|(_, bytes)| bytes).collect();
        Ok(Sealed::encode(&claims.sub, &payload, &served))
    }

    /// Signs a life-cycle statement, whose subject follows from what it says: the log, or the provider. Not one about a
    /// single earlier entry, which has that entry's subject.
    pub fn sign_own(&self, draft: &Draft, sequence: Sequence, now: u64) -> Result<Signed, AuthorError> {
        let subject = match draft.kind().rules().about {
            About::Log => format!("log:{}", self.origin),
            About::Target if matches!(draft.targets().as_slice(), [Target::Entry(_)]) => {
                return Err(AuthorError::NoSubject);
            }
            About::Provider | About::Target => {
                let named = draft.fields().get(&FieldName::PROVIDER).and_then(Item::as_text);
                format!("provider:{}", named.unwrap_or(self.issuer.as_str()))
            }
            About::Subject => return Err(AuthorError::NoSubject),
        };
        let subject =
            Subject::parse(&subject).map_err(|error| AuthorError::TooLarge(format!("{subject}: {error}")))?;
        self.sign(draft, sequence, subject, now)
    }

    /// The addenda of a draft, each with its own salt.
    fn addenda(
        &self,
        draft: &Draft,
        sequence: Sequence,
    ) -> Result<BTreeMap<FieldName, Vec<u8>>, AuthorError> {
        let mut addenda = BTreeMap::new();
        for (field, value) in draft.texts() {
            let salt = (self.salts)().map_err(AuthorError::Random)?;
            let (aud, iss) = (self.origin.clone(), self.issuer.clone());
            let addendum = Addendum::new(salt, aud, iss, sequence, *field, value.clone());
            let addendum = addendum.map_err(|error| AuthorError::TooLarge(error.to_string()))?;
            addenda.insert(*field, addendum.encode());
        }
        Ok(addenda)
    }

    /// Signs (alg -8, which every outside verifier knows) and reads back what was signed.
    fn seal(&self, claims: &Claims, payload: &Payload) -> Result<Statement, AuthorError> {
        let unsigned = UnsignedStatement::new(&self.known.kid(), claims, payload);
        let bytes = unsigned.assemble(&self.key.sign(&unsigned.sig_structure()));
        let bug = |error: String| AuthorError::OurBug(error);
        let statement = Statement::parse(&bytes).map_err(|error| bug(error.to_string()))?;
        statement.verify_known(&self.known).map_err(|error| bug(error.to_string()))?;
        Ok(statement)
    }
}
