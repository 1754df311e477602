//! Other places that show checkpoints of the same log: mirrors, and the witnesses of the policy.

use std::collections::BTreeSet;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use crate::answer::Trouble;
use crate::source::{NOTE_LIMIT, Source};

/// As many places are asked: 32 witnesses, the most that a ledger publishes with, and 16 more. A state remembers one
/// checkpoint of each, beside the log's own.
const VANTAGES_MAX: usize = 48;

/// One place.
pub(crate) struct Vantage {
    /// What it is called in reports: its URL.
    pub(crate) name: String,
    source: Source,
    path: String,
    is_mirror: bool,
}

impl Vantage {
    /// The places that were named, and the witnesses of the policy if `origin` is given: each of them once.
    pub(crate) fn all(
        named: &[String],
        policy: &Policy,
        origin: Option<&Origin>,
    ) -> Result<Vec<Vantage>, Trouble> {
        let mut places: Vec<Vantage> = Vec::new();
        for place in named {
            let known = |other: &Vantage| other.name.trim_end_matches('/') == place.trim_end_matches('/');
            if !places.iter().any(known) {
                places.push(Vantage::mirror(place));
            }
        }
        let mirrors = places.len();
        places.extend(origin.map(|origin| Vantage::witnesses(policy, origin)).unwrap_or_default());
        if places.len() <= VANTAGES_MAX {
            return Ok(places);
        }
        let witnesses = places.len() - mirrors;
        Err(Trouble(format!(
            "at most {VANTAGES_MAX} other places are asked: --also names {mirrors}, and the policy's witnesses answer at {witnesses}; \
             leave these out with --skip-witnesses, or name fewer with --also"
        )))
    }

    /// A mirror, or another way to the log itself.
    fn mirror(place: &str) -> Vantage {
        let (name, path) = (place.to_owned(), "checkpoint".to_owned());
        Vantage { name, source: Source::new(place), path, is_mirror: true }
    }

    /// The URLs of a policy's witnesses; each shows the last checkpoint that was signed there (c2sp.org/tlog-witness,
    /// monitoring). A witness with two keys has one URL.
    fn witnesses(policy: &Policy, origin: &Origin) -> Vec<Vantage> {
        let path = format!("{}/checkpoint", Digest::of(origin.as_str().as_bytes()).to_hex());
        let urls = policy.witnesses().iter().filter_map(|witness| witness.url());
        let urls: BTreeSet<&str> = urls.map(|url| url.trim_end_matches('/')).collect();
        let witness = |url: &str| Vantage {
            name: url.to_owned(),
            source: Source::new(url),
            path: path.clone(),
            is_mirror: false,
        };
        urls.into_iter().map(witness).collect()
    }

    /// Whether it serves tiles too: a witness has only checkpoints.
    pub(crate) fn mirror_source(&self) -> Option<&Source> {
        self.is_mirror.then_some(&self.source)
    }

    /// The log's signature is what counts here: whoever shows a checkpoint need not be believed, and whether enough
    /// witnesses signed it does not matter.
    pub(crate) fn ask(&self, log: &Vkey) -> Result<SignedCheckpoint, String> {
        let note = self.source.need(&self.path, NOTE_LIMIT).map_err(|error| error.to_string())?;
        SignedCheckpoint::open(&note, log).map_err(|error| error.to_string())
    }
}
