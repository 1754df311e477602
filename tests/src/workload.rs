//! Statements as a platform sends them to the European database, signed ahead of time.

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::targets::Target;
use serde_json::{Value, json};

/// Seconds since 1970 UTC.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// One decision of a marketplace: 12 coded fields and 4 texts, about 1.2 kB with its addenda.
pub fn decision(number: u64) -> Value {
    json!({
        "type": "decision",
        "puid": format!("listing-{number}"),
        "provider_role": "marketplace",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4 of the terms of service.",
        "incompatible_content_explanation": format!("Listing {number} offers goods that may not be offered here."),
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "content_date": "2026-10-01",
        "application_date": "2026-11-02",
        "territorial_scope": ["AT", "BE", "DE", "FR"],
        "decision_facts": format!("A seller's listing with number {number} was found by software and looked at by a person."),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "legal_basis": {"kind": "terms_of_service"},
    })
}

/// One provider with its key, and the numbers it has used.
#[derive(Debug)]
pub struct Publisher {
    author: Author,
    next: u64,
}

impl Publisher {
    /// A provider of this name below `.example`; its key follows from the name.
    pub fn new(name: &str, origin: &Origin) -> Publisher {
        Publisher::with_key(&format!("https://{name}.example"), origin, Publisher::key_of(name))
    }

    /// A provider with a key of its own.
    pub fn with_key(issuer: &str, origin: &Origin, key: SecretKey) -> Publisher {
        let issuer = Issuer::parse(issuer).unwrap();
        Publisher { author: Author::new(issuer, origin.clone(), key).unwrap(), next: 1 }
    }

    /// The private key of the provider of this name.
    pub fn key_of(name: &str) -> SecretKey {
        SecretKey::from_seed(glasshouse_verifier::hash::Digest::of(name.as_bytes()).as_bytes())
    }

    /// Who signs.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// The number that the next statement gets.
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Uses up the next number: something else was signed under it.
    pub fn skip(&mut self) {
        self.next += 1;
    }

    /// Goes on at a number: those before it were used earlier.
    pub fn skip_to(&mut self, next: u64) {
        self.next = next;
    }

    /// Signs the next decision now.
    pub fn sign_next(&mut self) -> Signed {
        self.sign_next_at(now())
    }

    /// Signs the next decision as of another time.
    pub fn sign_next_at(&mut self, time: u64) -> Signed {
        let number = self.next;
        self.next += 1;
        self.sign(&decision(number), number, time)
    }

    /// Signs a line about ranges of its own numbers, or about all that it filed: its subject is the provider itself.
    pub fn sign_about_itself(&self, line: &Value, number: u64) -> Signed {
        let draft = Draft::from_json(line).unwrap_or_else(|errors| panic!("{errors:?}"));
        let subject = Subject::provider(self.author.issuer());
        self.author.sign(&draft, Sequence::new(number).unwrap(), subject, now()).unwrap()
    }

    /// Signs one authored line under a number.
    pub fn sign(&self, line: &Value, number: u64, time: u64) -> Signed {
        let draft = Draft::from_json(line).unwrap_or_else(|errors| panic!("{errors:?}"));
        self.author.sign(&draft, Sequence::new(number).unwrap(), subject_of(number), time).unwrap()
    }

    /// Signs the next statement, about the decision of another number.
    pub fn sign_about(&mut self, line: &Value, about: u64) -> Signed {
        let draft = match line["type"].as_str() {
            Some("disclosure") => Draft::disclosure_from_json(line),
            _ => Draft::from_json(line),
        };
        let draft = draft.unwrap_or_else(|errors| panic!("{errors:?}"));
        let number = Sequence::new(self.next).unwrap();
        self.next += 1;
        match draft.targets().as_slice() {
            [Target::Entry(_)] => self.author.sign(&draft, number, subject_of(about), now()).unwrap(),
            _ => self.author.sign_own(&draft, number, now()).unwrap(),
        }
    }
}

/// The pseudonym that a publisher uses for the decision of that number.
pub fn subject_of(number: u64) -> Subject {
    Subject::pseudonym(u128::from(number).to_be_bytes())
}

/// The body of `POST /api/v1/statements` for these statements.
pub fn batch<'a>(statements: impl IntoIterator<Item = &'a Signed>) -> Vec<u8> {
    let submissions = statements.into_iter().map(|signed| {
        let addenda = signed.served().map(|bytes| Item::bytes(bytes.to_vec())).collect();
        Item::Array(vec![Item::bytes(signed.statement().to_vec()), Item::Array(addenda)])
    });
    cbor::encode(&Item::Array(submissions.collect()))
}
