//! Which witnesses are asked, and how.

use std::time::Duration;

use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::station::Station;

/// Time between two publications, unless told otherwise: public witnesses are asked at most so often.
const INTERVAL: Duration = Duration::from_secs(1);
/// Time after which a log without news is cosigned again, unless told otherwise, so that readers see that it is alive.
const RECOSIGN: Duration = Duration::from_secs(600);
/// Time that a witness has to answer, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Which witnesses are asked, and how.
#[derive(Debug, Clone)]
pub struct WitnessOptions {
    /// The witnesses and the quorum.
    pub policy: Policy,
    /// The policy's lines that say what the quorum is, for the operator.
    pub quorum: String,
    /// Whether nothing is published or answered without a quorum.
    pub require_quorum: bool,
    /// How many of the policy's witnesses, each URL once, have to say at a start what they have seen of this log.
    pub required_at_start: usize,
    /// Time between two publications.
    pub interval: Duration,
    /// Time after which the published tree is cosigned again.
    pub recosign: Duration,
    /// Time that a witness has for one answer.
    pub timeout: Duration,
}

/// Why a policy is none to publish by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// It cannot be read.
    #[error("{0}")]
    Format(String),
    /// It is about other logs.
    #[error("no `log` line has this log's key, {0}")]
    OtherLog(String),
    /// It names nobody.
    #[error("it names no witness")]
    NoWitness,
    /// Nobody can be asked.
    #[error(
        "the `witness` line of {0} has no URL that begins with http:// or https://, so it cannot be asked"
    )]
    NoUrl(String),
    /// A quorum is required that the policy does not define.
    #[error("its quorum is `none`, so --require-quorum asks for nothing")]
    NoQuorum,
}

impl WitnessOptions {
    /// How many witnesses there are to ask: a witness with two keys has two names and one URL.
    pub fn count(&self) -> usize {
        Station::all_of(&self.policy).len()
    }

    /// Reads a policy file by which the log with this key is to publish; intervals as usual.
    ///
    /// # Errors
    /// [`PolicyFault`].
    pub fn parse(text: &str, log: &Vkey, require_quorum: bool) -> Result<WitnessOptions, PolicyFault> {
        let policy = Policy::parse(text).map_err(|error| PolicyFault::Format(error.to_string()))?;
        if !policy.logs().iter().any(|line| line.key() == log) {
            return Err(PolicyFault::OtherLog(log.encode()));
        }
        if policy.witnesses().is_empty() {
            return Err(PolicyFault::NoWitness);
        }
        let is_url = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        if let Some(deaf) = policy.witnesses().iter().find(|witness| !witness.url().is_some_and(is_url)) {
            return Err(PolicyFault::NoUrl(deaf.name().to_owned()));
        }
        if require_quorum && !policy.asks_for_witnesses() {
            return Err(PolicyFault::NoQuorum);
        }
        let says = |line: &&str| line.starts_with("group") || line.starts_with("quorum");
        let quorum = text.lines().map(str::trim).filter(says).collect::<Vec<_>>().join("; ");
        let (interval, recosign, timeout) = (INTERVAL, RECOSIGN, TIMEOUT);
        let required_at_start = 0;
        Ok(WitnessOptions { policy, quorum, require_quorum, required_at_start, interval, recosign, timeout })
    }
}
