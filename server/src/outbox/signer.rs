//! Numbers, pseudonyms and signatures: a line without fault becomes a record of the journal.

use std::collections::HashMap;

use glasshouse_ledger::author::{Author, AuthorError, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::registrar;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::entry::{Entry, EntryError};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::Kid;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::{Statement, StatementError, UnsignedStatement};
use glasshouse_verifier::statement_type::{About, StatementType};
use glasshouse_verifier::subject::{Subject, SubjectError};

use super::contents::Contents;
use super::examiner::NewLine;
use super::record::{Base64, Numbered, Resigned};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The ledger's author refused.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// A subject that cannot stand in a statement.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// A number beyond 2^53 - 1.
    #[error("there are no numbers left: {0} is above 2^53 - 1")]
    NoNumber(u64),
    /// The system gave no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(getrandom::Error),
    /// A statement of the journal does not read back.
    #[error("a statement of the journal does not read back: {0}")]
    Statement(#[from] StatementError),
    /// A statement of the journal makes no entry.
    #[error("a statement of the journal makes no entry: {0}")]
    Entry(#[from] EntryError),
}

/// Who signs, and under which pseudonyms.
pub struct Signer {
    author: Author,
    key: SecretKey,
    fresh: HashMap<String, Subject>,
}

impl Signer {
    /// A signer for one provider and one log.
    ///
    /// # Errors
    /// [`SignError::Author`] for a key that the log would not take.
    pub fn new(provider: Issuer, origin: Origin, key: SecretKey) -> Result<Signer, SignError> {
        let author = Author::new(provider, origin, key.clone())?;
        Ok(Signer { author, key, fresh: HashMap::new() })
    }

    /// The provider.
    pub fn provider(&self) -> &Issuer {
        self.author.issuer()
    }

    /// Thumbprint of the key.
    pub fn kid(&self) -> Kid {
        self.author.kid()
    }

    /// Signs a line under a number, at `now` (seconds since 1970 UTC).
    ///
    /// # Errors
    /// [`SignError`]; the number is then still free.
    pub fn sign_line(
        &mut self,
        contents: &Contents,
        line: &NewLine,
        sequence: u64,
        now: u64,
    ) -> Result<(Numbered, LeafHash), SignError> {
        let draft = &line.draft;
        // What is sealed is about a subject as if it were filed; the statement that seals it does not tell.
        let decided = draft.sealed().unwrap_or(draft);
        let sub = match (&line.sub, decided.kind().rules().about) {
            (Some(sub), _) => sub.clone(),
            (None, About::Subject) => self.subject(contents, decided)?,
            (None, _) => Subject::provider(self.author.issuer()),
        };
        let signed = self.author.sign(draft, number(sequence)?, sub.clone(), now)?;
        let leaf = *signed.leaf_hash();
        let mut numbered = record(&signed, draft.kind(), sequence, &sub, now);
        let (id, content) = contents.as_noted(&line.id, &line.content);
        (numbered.id, numbered.content) = (Some(id), Some(content));
        numbered.addenda.extend(line.opened.iter().cloned().map(Base64));
        numbered.voids = closes(draft);
        if decided.subject_in_entry().is_none() {
            numbered.subject = decided.subject().map(str::to_owned);
        }
        Ok((numbered, leaf))
    }

    /// Signs that the numbers `first` to `last` will not be filed.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign_void(
        &self,
        (first, last): (u64, u64),
        reason: &str,
        sequence: u64,
        now: u64,
    ) -> Result<Numbered, SignError> {
        let draft = registrar::void(first, last, reason, None);
        let sub = Subject::provider(self.author.issuer());
        let signed = self.author.sign(&draft, number(sequence)?, sub.clone(), now)?;
        let mut numbered = record(&signed, draft.kind(), sequence, &sub, now);
        numbered.voids = Some((first, last));
        Ok(numbered)
    }

    /// Signs the same payload anew, with this key and time. The number stays: the log takes it as the same statement.
    ///
    /// # Errors
    /// [`SignError::Statement`] if the journal holds something else than a statement.
    pub fn sign_again(&self, numbered: &Numbered, now: u64) -> Result<Resigned, SignError> {
        let before = Statement::parse(&numbered.statement.0)?;
        let claims = Claims { iat: now, ..before.claims().clone() };
        let unsigned = UnsignedStatement::new(&self.kid(), &claims, before.payload());
        let bytes = unsigned.assemble(&self.key.sign(&unsigned.sig_structure()));
        let entry = Entry::of(Statement::parse(&bytes)?)?;
        Ok(Resigned {
            sequence: numbered.sequence,
            leaf: entry.leaf_hash().to_hex(),
            signed_at: now,
            statement: Base64(bytes),
        })
    }

    /// The `sub` of a draft: as the author asks for, or the one pseudonym that this subject has here.
    fn subject(&mut self, contents: &Contents, draft: &Draft) -> Result<Subject, SignError> {
        if let Some(named) = draft.subject_in_entry() {
            return Ok(Subject::parse(named)?);
        }
        let subject = draft.subject().unwrap_or_default();
        if let Some(pseudonym) = contents.pseudonym(subject) {
            return Ok(Subject::parse(pseudonym)?);
        }
        if let Some(pseudonym) = self.fresh.get(subject) {
            return Ok(pseudonym.clone());
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(SignError::Random)?;
        let pseudonym = Subject::pseudonym(random);
        self.fresh.insert(subject.to_owned(), pseudonym.clone());
        Ok(pseudonym)
    }

    /// Forgets the pseudonyms that the journal holds by now.
    pub fn forget_fresh(&mut self) {
        self.fresh.clear();
    }
}

fn number(sequence: u64) -> Result<Sequence, SignError> {
    Sequence::new(sequence).ok_or(SignError::NoNumber(sequence))
}

/// The numbers that a `void` closes.
pub(super) fn closes(draft: &Draft) -> Option<(u64, u64)> {
    let number = |name| match draft.fields().get(&name) {
        Some(Item::Integer(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    (draft.kind() == StatementType::Void).then(|| number(FieldName::FIRST).zip(number(FieldName::LAST)))?
}

fn record(signed: &Signed, kind: StatementType, sequence: u64, sub: &Subject, now: u64) -> Numbered {
    let is_decided = matches!(kind, StatementType::Decision | StatementType::NoAction);
    let served: Vec<&[u8]> = signed.served().collect();
    let withheld = signed.addenda().values().filter(|bytes| !served.contains(&bytes.as_slice()));
    Numbered {
        id: None,
        content: None,
        kind: (!is_decided).then(|| kind.as_str().to_owned()),
        sequence,
        subject: None,
        sub: sub.as_str().to_owned(),
        voids: None,
        leaf: signed.leaf_hash().to_hex(),
        signed_at: now,
        statement: Base64(signed.statement().to_vec()),
        addenda: served.iter().map(|bytes| Base64(bytes.to_vec())).collect(),
        withheld: withheld.map(|bytes| Base64(bytes.clone())).collect(),
        kept: signed.kept().iter().cloned().map(Base64).collect(),
    }
}
