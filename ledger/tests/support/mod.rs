//! A small world for tests: a ledger on any store, a registrar, a provider, and a clock that is moved by hand.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod copy;
pub mod dice;
pub mod faulty_store;
pub mod lives;
pub mod witnesses;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use glasshouse_ledger::admission::{Admission, Admitted};
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::genesis::Genesis;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::open::{Hold, OpenError, Opened, open_store};
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_ledger::rejection::Rejection;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::SubmissionSlices;
use serde_json::{Value, json};

pub const ORIGIN: &str = "log.example/test";
pub const PROVIDER: &str = "https://shop.example";
/// 2025-07-01T00:00:00Z.
pub const NOW: u64 = 1_751_328_000;

/// Time that stands still until it is moved.
pub struct TestClock(AtomicU64);

impl TestClock {
    pub fn new() -> Arc<TestClock> {
        Arc::new(TestClock(AtomicU64::new(NOW * 1000)))
    }

    /// Another clock that shows the same time.
    pub fn apart(&self) -> Arc<TestClock> {
        Arc::new(TestClock(AtomicU64::new(self.now_ms())))
    }

    pub fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub fn origin() -> Origin {
    Origin::parse(ORIGIN).unwrap()
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(key(seed).public_bytes()).unwrap()
}

pub fn signer() -> LogSigner {
    LogSigner::new(origin(), key(1)).unwrap()
}

pub fn registrar() -> Author {
    Author::new(Issuer::of_registrar(&origin()), origin(), key(2)).unwrap()
}

/// A provider's author with the key of a seed.
pub fn provider_with(seed: u8) -> Author {
    Author::new(Issuer::parse(PROVIDER).unwrap(), origin(), key(seed)).unwrap()
}

pub fn provider() -> Author {
    provider_with(5)
}

pub fn sequence(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

pub fn index(number: u64) -> LeafIndex {
    LeafIndex::new(number).unwrap()
}

/// Begins a log in an empty store.
pub fn begin(store: &Arc<dyn Store>) {
    begin_with(store, &signer());
}

/// A log with these keys.
pub fn begin_with(store: &Arc<dyn Store>, signer: &LogSigner) {
    let registrar = registrar();
    let genesis = Genesis {
        registrar: &registrar,
        next_registrar: public(3).kid(),
        receipt_key: public(4),
        purpose: "test",
        policy: "A log for tests.",
        contact: None,
    };
    genesis.begin(Arc::clone(store), TestClock::new(), signer, Index::temporary().unwrap()).unwrap();
}

pub fn try_open(store: &Arc<dyn Store>) -> Result<Opened, OpenError> {
    try_open_at(store, TestClock::new(), Hold::NONE)
}

/// Opens with a clock and a hold.
pub fn try_open_at(store: &Arc<dyn Store>, clock: Arc<TestClock>, hold: Hold) -> Result<Opened, OpenError> {
    let index = Index::temporary().unwrap();
    open_store(Arc::clone(store), signer(), clock, index, hold, Publication::AtOnce, &[])
}

pub fn open(store: &Arc<dyn Store>) -> (Writer, Reader) {
    let opened = try_open(store).unwrap();
    (opened.writer, opened.reader)
}

pub fn enrolment_of(author: &Author, number: u64) -> Signed {
    enrolment_by(&registrar(), author, number)
}

/// The same by a registrar whose key lies elsewhere.
pub fn enrolment_by(registrar: &Author, author: &Author, number: u64) -> Signed {
    let enrolment = Enrolment {
        provider: author.issuer().clone(),
        name: "A shop".to_owned(),
        roles: vec!["marketplace".to_owned(), "reverse_proxy".to_owned()],
        country: "DE".to_owned(),
        key: *author.public_key(),
        request: author.request(NOW),
        evidence: None,
        contact: None,
    };
    registrar.sign_own(&enrolment.draft(), sequence(number), NOW).unwrap()
}

pub fn decision_line(puid: &str) -> Value {
    json!({
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4",
        "incompatible_content_explanation": "Misleading advertisements are not permitted.",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2025-06-30",
        "application_date": "2025-07-01",
        "decision_facts": format!("An advertisement for something that does not exist: {puid}."),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "puid": puid,
        "provider_role": "marketplace",
        "legal_basis": {"kind": "terms_of_service"},
        "content_url": format!("https://shop.example/ad/{puid}"),
    })
}

/// The provider's decision with that number.
pub fn decision(number: u64) -> Signed {
    decision_by(&provider(), number, &format!("ad-{number}"))
}

pub fn decision_by(author: &Author, number: u64, puid: &str) -> Signed {
    let draft = Draft::from_json(&decision_line(puid)).unwrap();
    let subject = Subject::pseudonym([7; 16]);
    author.sign(&draft, sequence(number), subject, NOW).unwrap()
}

/// Admits one statement with the texts that it serves.
pub fn admit(reader: &Reader, signed: &Signed) -> Result<Admitted, Rejection> {
    let slices = SubmissionSlices { statement: signed.statement(), addenda: signed.served().collect() };
    Admission::new(origin()).admit(&slices, &reader.keys(), NOW)
}

/// Submits statements, runs rounds until the pool is empty, and returns the answers in order.
pub fn publish(writer: &mut Writer, reader: &Reader, statements: &[Signed]) -> Vec<Answer> {
    let tickets: Vec<_> =
        statements.iter().map(|signed| writer.submit(admit(reader, signed).unwrap())).collect();
    let mut answers = Vec::new();
    while writer.pooled() > 0 {
        answers.extend(writer.round().unwrap().answers);
    }
    assert_eq!(tickets, answers.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>());
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// A log with a genesis and one enrolled provider, opened.
pub fn enrolled(store: &Arc<dyn Store>) -> (Writer, Reader) {
    begin(store);
    let (mut writer, reader) = open(store);
    let answers = publish(&mut writer, &reader, &[enrolment_of(&provider(), 2)]);
    assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == 1), "{answers:?}");
    (writer, reader)
}

/// Everything in the store is as its entries say.
pub fn assert_clean(store: &dyn Store) {
    let report = glasshouse_ledger::fsck::fsck(store, signer().vkey()).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}
