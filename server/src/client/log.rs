//! What a log tells a provider about itself, the provider, and what it was sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::sequence::Sequence;
use serde::Deserialize;

use super::refusal::is_page;
use super::{Client, ClientError};
use crate::problem::Problem;

/// A log by its URL: the answers have types.
#[derive(Debug, Clone)]
pub struct RemoteLog {
    client: Client,
}

/// Who the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// First line of its checkpoint.
    pub origin: String,
    /// Its verification key, one line of text.
    pub vkey: String,
}

/// What the log says about one issuer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IssuerState {
    /// The issuer: an HTTPS origin.
    pub iss: String,
    /// The organisation's name; absent for the registrar.
    #[serde(default)]
    pub name: Option<String>,
    /// The roles in which it is enrolled.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Its keys, in the order in which they were enrolled.
    #[serde(default)]
    pub keys: Vec<KeyState>,
    /// Its numbers.
    #[serde(default)]
    pub sequence: SequenceState,
}

/// One key of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeyState {
    /// Thumbprint (RFC 9679), lower-case hex.
    pub kid: String,
    /// The COSE_Key, base64.
    #[serde(default)]
    pub key: String,
    /// Index of its enrolment; it signs entries behind that one.
    #[serde(default)]
    pub from_index: u64,
    /// Index of its retirement, if it was retired.
    #[serde(default)]
    pub until_index: Option<u64>,
}

/// The numbers that an issuer has used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SequenceState {
    /// Highest number up to which nothing is missing; 0 if none.
    #[serde(default)]
    pub unbroken: u64,
    /// Highest number; 0 if none.
    #[serde(default)]
    pub highest: u64,
    /// Numbers below the highest that are neither on record nor void: the first 1,000.
    #[serde(default)]
    pub missing: Vec<u64>,
}

/// The log's answer to one submission of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum ItemAnswer {
    /// On record now.
    Accepted {
        /// Index of the entry.
        index: u64,
        /// Leaf hash of the entry, hex.
        leaf_hash: String,
    },
    /// On record before.
    Duplicate {
        /// Index of the first entry.
        index: u64,
        /// Leaf hash of the first entry, hex.
        leaf_hash: String,
    },
    /// Not taken.
    Rejected {
        /// Why.
        problem: Problem,
    },
}

impl KeyState {
    /// The key itself, if it is the one that the thumbprint names.
    pub fn public(&self) -> Option<PublicKey> {
        let key = PublicKey::from_cose(&STANDARD.decode(&self.key).ok()?).ok()?;
        (key.kid().to_hex() == self.kid).then_some(key)
    }
}

impl SequenceState {
    /// Whether these can be numbers of an issuer at all. A provider closes the missing ones with its signature, so a log
    /// must not name any that it has not passed.
    fn can_be(&self) -> bool {
        let passed = self.unbroken.saturating_add(1)..self.highest;
        Sequence::new(self.highest.max(1)).is_some()
            && self.unbroken <= self.highest
            && self.missing.iter().all(|number| passed.contains(number))
            && self.missing.is_sorted_by(|one, next| one < next)
    }
}

#[derive(Deserialize)]
struct Results {
    results: Vec<ItemAnswer>,
}

#[derive(Deserialize)]
struct Providers {
    providers: Vec<IssuerState>,
    #[serde(default)]
    registrar: Option<IssuerState>,
}

/// All that a decision can be but withdrawn.
const STANDING: &str = "in_force,partially_reversed,lifted,reversed";

/// What a list says of itself.
#[derive(Debug, Deserialize)]
struct Listed {
    size: u64,
    indexed: u64,
    total: u64,
}

impl RemoteLog {
    /// The log that a client talks to.
    pub fn new(client: Client) -> RemoteLog {
        RemoteLog { client }
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The log's URL, without a slash at the end.
    pub fn url(&self) -> &str {
        self.client.base()
    }

    /// Who the log says it is. Nothing is proved by it: the caller compares it with what it knows.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn identity(&self) -> Result<Identity, ClientError> {
        let checkpoint = self.client.get_text("/checkpoint")?;
        if checkpoint.lines().nth(1).is_none_or(|size| size.parse::<u64>().is_err()) {
            let there = if is_page(checkpoint.as_bytes()) { "a page for browsers" } else { "no checkpoint" };
            return Err(ClientError::Unexpected {
                url: format!("{}/checkpoint", self.url()),
                what: format!("this is no ledger: {there} is there"),
            });
        }
        let vkey = self.client.get_text("/vkey")?;
        let origin = checkpoint.lines().next().unwrap_or_default().to_owned();
        let vkey = vkey.trim_end_matches('\n').to_owned();
        if origin.is_empty() || vkey.split('+').next() != Some(origin.as_str()) {
            return Err(ClientError::Unexpected {
                url: format!("{}/vkey", self.url()),
                what: format!("the key is not one of the checkpoint's origin {origin:?}"),
            });
        }
        Ok(Identity { origin, vkey })
    }

    /// The newest checkpoint, a signed note.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn checkpoint(&self) -> Result<Vec<u8>, ClientError> {
        self.client.get("/checkpoint")
    }

    /// What the log knows about an issuer (a provider, or its registrar); `None` if it is not enrolled.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn issuer(&self, iss: &str) -> Result<Option<IssuerState>, ClientError> {
        let authority = iss.strip_prefix("https://").unwrap_or(iss);
        let path = format!("/api/v1/providers/{authority}");
        match self.client.get_json(&path) {
            Ok(state) => self.sound(state).map(Some),
            Err(ClientError::Problem { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn sound(&self, state: IssuerState) -> Result<IssuerState, ClientError> {
        if state.sequence.can_be() {
            return Ok(state);
        }
        Err(ClientError::Unexpected {
            url: self.url().to_owned(),
            what: format!("the numbers that it names for {} cannot be", state.iss),
        })
    }

    /// How many decisions of a provider from day to day the log has, as they stand and without withdrawn ones, and the address
    /// of their list; no number while its index is behind.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn decisions(
        &self,
        provider: &Issuer,
        days: (Day, Day),
    ) -> Result<(String, Option<u64>), ClientError> {
        let (iss, (from, to)) = (provider.as_str(), days);
        let authority = iss.strip_prefix("https://").unwrap_or(iss);
        let path = format!(
            "/api/v1/statements?provider={authority}&type=decision&standing={STANDING}&from={from}&to={to}&limit=1"
        );
        let list: Listed = self.client.get_json(&path)?;
        Ok((format!("{}{path}", self.url()), (list.indexed == list.size).then_some(list.total)))
    }

    /// All issuers, the registrar among them.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn issuers(&self) -> Result<Vec<IssuerState>, ClientError> {
        let list: Providers = self.client.get_json("/api/v1/providers")?;
        list.providers.into_iter().chain(list.registrar).map(|state| self.sound(state)).collect()
    }

    /// Sends a batch (a CBOR array of submissions) and gives one answer for each of its `count` items, in order.
    ///
    /// # Errors
    /// No answer, a refusal of the whole body, or another number of answers.
    pub fn submit(&self, body: &[u8], count: usize) -> Result<Vec<ItemAnswer>, ClientError> {
        const PATH: &str = "/api/v1/statements";
        let answer: Results = self.client.post_cbor(PATH, body)?;
        if answer.results.len() != count {
            return Err(ClientError::Unexpected {
                url: format!("{}{PATH}", self.url()),
                what: format!("{} answers to {count} statements", answer.results.len()),
            });
        }
        Ok(answer.results)
    }

    /// The receipt of an entry, by its leaf hash.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn receipt_of(&self, leaf: &LeafHash) -> Result<Vec<u8>, ClientError> {
        self.client.get(&format!("/api/v1/receipts/{leaf}"))
    }

    /// The receipt of an entry, by its index.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn receipt(&self, index: u64) -> Result<Vec<u8>, ClientError> {
        self.client.get(&format!("/api/v1/receipts/{index}"))
    }
}
