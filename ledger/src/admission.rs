//! Everything that can be said about one submission without knowing its place in the log. All of it happens here, in
//! parallel; what depends on order is decided by the writer at numbering.

use std::collections::{BTreeMap, HashMap};

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::key::SignatureError;
use glasshouse_verifier::known_key::KnownKey;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::provider::EnrolledKey;
use glasshouse_verifier::registry::KeySnapshot;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::relates_to::uris_needed;
use glasshouse_verifier::signature_batch::verify_all;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::submission::SubmissionSlices;
use rayon::prelude::*;

use crate::conflict;
use crate::disclosed;
use crate::refusal;
use crate::rejection::Rejection;

/// A statement may be this much ahead of the ledger's clock, in seconds: clocks differ.
pub const IAT_AHEAD: u64 = 600;
/// A statement may be this old when it is admitted, in seconds: outboxes wait for networks, not for weeks.
pub const IAT_BEHIND: u64 = 24 * 3600;
/// Most addenda of one statement (design §7).
pub const ADDENDA_MAX: usize = 32;

/// Statements whose signatures one core checks together, at most: more gain nothing.
const SIGNATURES_AT_ONCE: usize = 16;

/// A statement that the ledger may append: well-formed, signed by a known key, its texts complete. Only an
/// [`Admission`] makes one, so nothing else can reach the log.
#[derive(Debug)]
pub struct Admitted {
    entry: Entry,
    leaf_hash: LeafHash,
    addenda: Vec<Vec<u8>>,
    opened: Vec<Addendum>,
    weight: usize,
}

impl Admitted {
    /// The statement.
    pub fn statement(&self) -> &Statement {
        self.entry.statement()
    }

    /// The statement alone; the texts go.
    pub(crate) fn into_statement(self) -> Statement {
        self.entry.into_statement()
    }

    /// The entry's leaf hash.
    pub fn leaf_hash(&self) -> &LeafHash {
        &self.leaf_hash
    }

    /// The entry.
    pub(crate) fn entry(&self) -> &[u8] {
        self.entry.bytes()
    }

    /// The texts that are served, in the order of the statement's digests.
    pub(crate) fn addenda(&self) -> &[Vec<u8>] {
        &self.addenda
    }

    /// The texts of another entry that it opens, by field; none but a disclosure has any.
    pub(crate) fn opened(&self) -> &[Addendum] {
        &self.opened
    }

    /// Bytes that it holds and will store; what a pool is bounded by.
    pub fn weight(&self) -> usize {
        self.weight
    }

    fn new(
        statement: Statement,
        addenda: Vec<Vec<u8>>,
        opened: Vec<Addendum>,
    ) -> Result<Admitted, Rejection> {
        let entry =
            Entry::of(statement).map_err(|error| Rejection::new("entry-too-large", error.to_string()))?;
        let texts: usize = addenda.iter().map(Vec::len).sum();
        let opening: usize = opened.iter().map(|text| text.encode().len()).sum();
        let weight = entry.bytes().len() + texts + opening;
        Ok(Admitted { leaf_hash: entry.leaf_hash(), entry, addenda, opened, weight })
    }

    /// The genesis, which no submission can be: only `init` makes one.
    pub(crate) fn genesis(statement: Statement, addenda: Vec<Vec<u8>>) -> Result<Admitted, Rejection> {
        Admitted::new(statement, addenda, Vec::new())
    }
}

/// Checks submissions for one log.
#[derive(Debug, Clone)]
pub struct Admission {
    origin: Origin,
}

impl Admission {
    /// An admission for the log of that origin.
    pub fn new(origin: Origin) -> Admission {
        Admission { origin }
    }

    /// Checks a batch on all cores; each item stands alone, in the order of the batch. `now` in seconds since 1970 UTC.
    pub fn admit_batch(
        &self,
        batch: &[SubmissionSlices<'_>],
        keys: &KeySnapshot,
        now: u64,
    ) -> Vec<Result<Admitted, Rejection>> {
        let piece = batch.len().div_ceil(rayon::current_num_threads()).clamp(1, SIGNATURES_AT_ONCE);
        let admitted = batch.par_chunks(piece).map(|piece| self.admit_piece(piece, keys, now));
        admitted.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Checks one submission. `now` in seconds since 1970 UTC.
    pub fn admit(
        &self,
        submission: &SubmissionSlices<'_>,
        keys: &KeySnapshot,
        now: u64,
    ) -> Result<Admitted, Rejection> {
        let (statement, key) = self.read(submission, keys, now)?;
        let verdict = statement.verify_known(&key);
        finish(submission, statement, verdict, keys)
    }

    /// Checks a piece of a batch on this core, its signatures together.
    fn admit_piece(
        &self,
        piece: &[SubmissionSlices<'_>],
        keys: &KeySnapshot,
        now: u64,
    ) -> Vec<Result<Admitted, Rejection>> {
        let read: Vec<_> = piece.iter().map(|submission| self.read(submission, keys, now)).collect();
        let signed: Vec<_> = read.iter().flatten().map(|(statement, key)| (statement, key)).collect();
        let mut verdicts = verify_all(&signed).into_iter();
        let admit = |(submission, read): (_, Result<(Statement, KnownKey), Rejection>)| {
            let (statement, _) = read?;
            // There is a verdict for each that was read; were there none, it would not be admitted.
            let verdict = verdicts.next().unwrap_or(Err(SignatureError::Invalid));
            finish(submission, statement, verdict, keys)
        };
        piece.iter().zip(read).map(admit).collect()
    }

    /// Everything before the signature: the statement, and the key that must have made it.
    fn read(
        &self,
        submission: &SubmissionSlices<'_>,
        keys: &KeySnapshot,
        now: u64,
    ) -> Result<(Statement, KnownKey), Rejection> {
        let statement = Statement::parse(submission.statement).map_err(refusal::of_statement)?;
        self.check_meant(&statement, now)?;
        let key = signer(&statement, keys)?;
        Ok((statement, key))
    }

    /// For this log, of this time, and of a type that can be submitted.
    fn check_meant(&self, statement: &Statement, now: u64) -> Result<(), Rejection> {
        let claims = statement.claims();
        if claims.aud != self.origin {
            let detail = format!("meant for the log {}, this is {}", claims.aud, self.origin);
            return Err(Rejection::new("wrong-audience", detail));
        }
        if statement.payload().kind() == StatementType::Genesis {
            let detail = "a log has one genesis, its entry 0".to_owned();
            return Err(Rejection::new("not-authorised", detail));
        }
        if claims.iat > now.saturating_add(IAT_AHEAD) {
            let detail = format!("iat {} is more than {IAT_AHEAD} s ahead of {now}", claims.iat);
            return Err(Rejection::new("issued-in-future", detail));
        }
        if claims.iat.saturating_add(IAT_BEHIND) < now {
            let detail = format!("iat {} is more than {IAT_BEHIND} s before {now}", claims.iat);
            return Err(Rejection::new("issued-too-long-ago", detail));
        }
        Ok(())
    }
}

/// The known key that must have signed it; where the registrar changes its key, the one that it announced.
fn signer(statement: &Statement, keys: &KeySnapshot) -> Result<KnownKey, Rejection> {
    let refused = |error: RegistryError| Rejection::new(error.slug(), error.to_string());
    if let Some(key) = keys.successor(statement).map_err(refused)? {
        return Ok(KnownKey::new(key));
    }
    let known = keys.get(statement.kid()).ok_or_else(|| {
        let detail = format!("no key with the identifier {} is enrolled", statement.kid());
        Rejection::new("unknown-key", detail)
    })?;
    check_key(statement, known)?;
    Ok(known.known().clone())
}

/// The key is the issuer's, and has not ended.
fn check_key(statement: &Statement, known: &EnrolledKey) -> Result<(), Rejection> {
    let iss = &statement.claims().iss;
    if iss != known.owner() {
        let detail = format!("the key is enrolled for {}, not for {iss}", known.owner());
        return Err(Rejection::new("wrong-issuer", detail));
    }
    if known.retired_at().is_some() {
        let detail = format!("the key {} is retired", statement.kid());
        return Err(Rejection::new("key-retired", detail));
    }
    Ok(())
}

/// Everything from the signature on.
fn finish(
    submission: &SubmissionSlices<'_>,
    statement: Statement,
    verdict: Result<(), SignatureError>,
    keys: &KeySnapshot,
) -> Result<Admitted, Rejection> {
    verdict.map_err(|error| Rejection::new("bad-signature", error.to_string()))?;
    let (addenda, opened) = take_addenda(&statement, &submission.addenda)?;
    conflict::check_alone(&statement, &addenda, keys)?;
    Admitted::new(statement, addenda, opened)
}

/// The texts in the order of the statement's digests: each one opens a digest of this statement, none is missing that
/// is not withheld, none came that is. And those that a disclosure opens, by field.
fn take_addenda(statement: &Statement, sent: &[&[u8]]) -> Result<(Vec<Vec<u8>>, Vec<Addendum>), Rejection> {
    let payload = statement.payload();
    if sent.len() > ADDENDA_MAX || payload.addenda().len() > ADDENDA_MAX {
        let detail = format!("a statement has at most {ADDENDA_MAX} addenda");
        return Err(Rejection::new("too-many-addenda", detail));
    }
    let fields: HashMap<&Digest, FieldName> =
        payload.addenda().iter().map(|(name, digest)| (digest, *name)).collect();
    let mut taken: BTreeMap<FieldName, &[u8]> = BTreeMap::new();
    let mut others = Vec::new();
    for (at, bytes) in sent.iter().enumerate() {
        let Some(name) = fields.get(&Digest::of(bytes)).copied() else {
            others.push((at, *bytes));
            continue;
        };
        if payload.withheld().contains_key(&name) {
            let detail = format!("{name} is withheld by the statement; publish it with a disclosure");
            return Err(Rejection::new("addendum-withheld", detail));
        }
        if taken.insert(name, bytes).is_some() {
            let detail = format!("the addendum {name} was sent twice");
            return Err(Rejection::new("addendum-mismatch", detail));
        }
        check_addendum(statement, name, bytes)?;
    }
    let opened = disclosed::take(statement, &others)?;
    check_complete(statement, &taken)?;
    Ok((taken.into_values().map(<[u8]>::to_vec).collect(), opened))
}

fn check_addendum(statement: &Statement, name: FieldName, bytes: &[u8]) -> Result<(), Rejection> {
    let addendum = Addendum::parse(bytes).map_err(|error| refusal::of_addendum(name, &error))?;
    if addendum.field() != name {
        let detail = format!("the addendum of {name} names the field {}", addendum.field());
        return Err(Rejection::new("addendum-mismatch", detail));
    }
    addendum
        .check_owner(statement)
        .map_err(|error| Rejection::new("addendum-mismatch", error.to_string()))?;
    if name == FieldName::RELATES_TO_URI {
        return check_uris(statement, addendum.value());
    }
    Ok(())
}

/// The texts of `relates_to_uri` belong to the relations without an entry one by one, so there are as many. An amendment
/// of the URIs alone says nothing of the relations.
pub(crate) fn check_uris(statement: &Statement, uris: &Item) -> Result<(), Rejection> {
    let Some(unlinked) = uris_needed(statement.payload()) else { return Ok(()) };
    let given = if let Item::Array(texts) = uris { texts.len() } else { 0 };
    if given == unlinked {
        return Ok(());
    }
    let detail = format!("relates_to_uri has {given} texts, and {unlinked} relations have no entry");
    Err(Rejection::new("addendum-invalid", detail))
}

fn check_complete(statement: &Statement, taken: &BTreeMap<FieldName, &[u8]>) -> Result<(), Rejection> {
    let payload = statement.payload();
    let missing: Vec<PayloadError> = payload
        .addenda()
        .keys()
        .filter(|name| !taken.contains_key(name) && !payload.withheld().contains_key(name))
        .map(|name| PayloadError {
            path: format!("/addenda/{name}"),
            rule: Rule::Required,
            given: None,
            allowed: Some("the addendum, or its name under withheld".to_owned()),
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = "addenda are neither sent nor withheld";
    Err(Rejection::with_errors("addendum-missing", detail, missing))
}
