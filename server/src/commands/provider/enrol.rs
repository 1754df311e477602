//! `glasshouse provider enrol`: the registrar admits a provider's key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::key_file;
use glasshouse_ledger::registrar::{Enrolment, Evidence};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::request::{REQUEST_MAX, SignedRequest};
use serde_json::json;

use super::{Filed, file, log, origin_of, registrar};
use crate::client::log::{IssuerState, RemoteLog};
use crate::commands::standard_output::say;
use crate::commands::{CommandError, small_file};
use crate::system_clock::SystemClock;

/// Admit a provider's key: the registrar's statement goes on record.
///
/// The request must be signed by the key that it names, for this log. Whether the provider is who it says is the
/// registrar's to find out; --cosigned puts on record that an older key of the provider signed the same request.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse provider enrol --log https://ledger.example --registrar-key registrar.pem \\\n    --request request.cose --name \"Example Networks\" --role cdn --role reverse_proxy --country US\n\nRunning it again for a key that is enrolled changes nothing and ends well."
)]
pub(super) struct Enrol {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// The registrar's private key.
    #[arg(long, value_name = "F")]
    registrar_key: PathBuf,

    /// The provider's request.
    #[arg(long, value_name = "R")]
    request: PathBuf,

    /// The organisation's name.
    #[arg(long, value_name = "N")]
    name: String,

    /// In which role the provider acts; may be given more than once.
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<String>,

    /// Where the organisation is seated: ISO 3166-1, two letters.
    #[arg(long, value_name = "CC")]
    country: String,

    /// The same request, signed by an older key of the provider.
    #[arg(long, value_name = "FILE")]
    cosigned: Option<PathBuf>,

    /// How to reach the provider, for whoever reads the log.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
}

impl Enrol {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let log = log(&self.log, json)?;
        let key = key_file::read_pem(&self.registrar_key)?;
        let origin = origin_of(&log)?;
        let enrolment = self.enrolment(&origin)?;
        let kid = enrolment.key.kid().to_hex();
        let provider = enrolment.provider.as_str().to_owned();
        if let Some((index, state)) = enrolled_at(&log, &provider, &kid)? {
            self.compare(index, &state)?;
            return report(json, &provider, &kid, index, None);
        }
        let author = registrar(&origin, key)?;
        let filed = file(&log, &author, &enrolment.draft(), SystemClock.now_ms() / 1_000)?;
        report(json, &provider, &kid, filed.index, Some(&filed))
    }

    /// What is on record cannot be changed under the same key: whoever asks for something else is told so.
    fn compare(&self, index: u64, state: &IssuerState) -> Result<(), CommandError> {
        let roles = |roles: &[String]| roles.iter().cloned().collect::<BTreeSet<String>>();
        let name = state.name.as_deref().unwrap_or_default();
        if self.name == name && roles(&self.roles) == roles(&state.roles) {
            return Ok(());
        }
        Err(CommandError::Refused(format!(
            "{} was enrolled with this key before, by entry {index}, and is on record as \"{name}\" with the roles {}: an \
             enrolment with other words takes a new key of the provider (`glasshouse provider request`)",
            state.iss,
            state.roles.join(", ")
        )))
    }

    /// The request, checked, with what the registrar adds.
    fn enrolment(&self, origin: &Origin) -> Result<Enrolment, CommandError> {
        let request = read(&self.request)?;
        let name = self.request.display();
        let signed = SignedRequest::parse(&request)
            .map_err(|error| CommandError::Refused(format!("{name}: {error}")))?;
        let asked = signed.request();
        if asked.aud != *origin {
            return Err(CommandError::Refused(format!(
                "{name} is meant for the log {}, and this one is {origin}",
                asked.aud
            )));
        }
        if signed.verify(&asked.key).is_err() {
            return Err(CommandError::Refused(format!(
                "{name} is not signed by the key that it asks for: there is no proof that the provider holds it"
            )));
        }
        let evidence = match &self.cosigned {
            Some(path) => Some(Evidence::Cosigned(read(path)?)),
            None => None,
        };
        Ok(Enrolment {
            provider: asked.iss.clone(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            country: self.country.clone(),
            key: asked.key,
            request,
            evidence,
            contact: self.contact.clone(),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    small_file::read(path, REQUEST_MAX)
}

/// Index of the enrolment of a key, if it is enrolled for that provider, and what is on record of that one.
fn enrolled_at(
    log: &RemoteLog,
    provider: &str,
    kid: &str,
) -> Result<Option<(u64, IssuerState)>, CommandError> {
    let Some(state) = log.issuer(provider)? else { return Ok(None) };
    let index = state.keys.iter().find(|key| key.kid == kid).map(|key| key.from_index);
    Ok(index.map(|index| (index, state)))
}

fn report(
    json: bool,
    provider: &str,
    kid: &str,
    index: u64,
    filed: Option<&Filed>,
) -> Result<(), CommandError> {
    if json {
        let leaf_hash = filed.map(|filed| &filed.leaf_hash);
        let mut answer = json!({"event": "enrolled", "provider": provider, "kid": kid, "index": index});
        answer["new"] = json!(filed.is_some());
        answer["leaf_hash"] = json!(leaf_hash);
        say!("{answer}");
        return Ok(());
    }
    match filed {
        Some(filed) => {
            say!("{provider} is enrolled with the key {kid}");
            say!("entry {index}, the registrar's number {}", filed.sequence);
        }
        None => say!("{provider} was enrolled with this key before, by entry {index}: nothing to do"),
    }
    Ok(())
}
