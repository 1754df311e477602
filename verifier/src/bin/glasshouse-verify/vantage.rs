//! Other places that show checkpoints of the same log: mirrors, and the witnesses of the policy.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use crate::source::{NOTE_LIMIT, Source};

/// As many places are asked.
pub(crate) const VANTAGES_MAX: usize = 32;

/// One place.
pub(crate) struct Vantage {
    /// What it is called in reports: its URL.
    pub(crate) name: String,
    source: Source,
    path: String,
    is_mirror: bool,
}

/// What it showed.
pub(crate) struct Sighting<'a> {
    pub(crate) vantage: &'a Vantage,
    pub(crate) shown: Result<SignedCheckpoint, String>,
}

impl Vantage {
    /// A mirror, or another way to the log itself.
    pub(crate) fn mirror(place: &str) -> Vantage {
        let (name, path) = (place.to_owned(), "checkpoint".to_owned());
        Vantage { name, source: Source::new(place), path, is_mirror: true }
    }

    /// The witnesses of a policy that have a URL; each shows the last checkpoint that it signed
    /// (c2sp.org/tlog-witness, monitoring).
    pub(crate) fn witnesses(policy: &Policy, origin: &Origin) -> Vec<Vantage> {
        let path = format!("{}/checkpoint", Digest::of(origin.as_str().as_bytes()).to_hex());
        let urls = policy.witnesses().iter().filter_map(|witness| witness.url());
        let witness = |url: &str| Vantage {
            name: url.to_owned(),
            source: Source::new(url),
            path: path.clone(),
            is_mirror: false,
        };
        urls.map(witness).collect()
    }

    /// Whether it serves tiles too: a witness has only checkpoints.
    pub(crate) fn mirror_source(&self) -> Option<&Source> {
        self.is_mirror.then_some(&self.source)
    }

    /// The log's signature is what counts here: whoever shows a checkpoint need not be believed, and whether enough
    /// witnesses signed it does not matter.
    fn ask(&self, log: &Vkey) -> Result<SignedCheckpoint, String> {
        let note = self.source.need(&self.path, NOTE_LIMIT).map_err(|error| error.to_string())?;
        SignedCheckpoint::open(&note, log).map_err(|error| error.to_string())
    }
}

/// Asks all of them at once.
pub(crate) fn ask_all<'a>(vantages: &'a [Vantage], log: &Vkey) -> Vec<Sighting<'a>> {
    std::thread::scope(|scope| {
        let asked: Vec<_> =
            vantages.iter().map(|vantage| (vantage, scope.spawn(move || vantage.ask(log)))).collect();
        let answer = |(vantage, thread): (&'a Vantage, std::thread::ScopedJoinHandle<'_, _>)| Sighting {
            vantage,
            shown: thread
                .join()
                .unwrap_or_else(|_| Err("asking it failed (a fault of this program)".to_owned())),
        };
        asked.into_iter().map(answer).collect()
    })
}
