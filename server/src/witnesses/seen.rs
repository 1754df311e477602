//! What witnesses have seen of this log before it starts.

use std::thread::Builder;
use std::time::Duration;

use glasshouse_ledger::contradiction::Testimony;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::endpoint::Endpoint;
use super::station::Station;

/// What a policy's witnesses told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The checkpoints with this log's own signature that they show.
    pub(crate) shown: Vec<Testimony>,
    /// Those who did not say what they have seen: any of them may have signed a greater tree than all that is known.
    pub(crate) silent: Vec<Silent>,
    /// How many were asked, each URL once.
    pub(crate) asked: usize,
}

/// A witness that did not say what it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Silent {
    /// Its names in the policy, for a sentence.
    pub(crate) names: String,
    /// Its places among the policy's witnesses.
    pub(crate) members: Vec<usize>,
    /// What came in place of an answer.
    pub(crate) reason: String,
}

impl Told {
    /// Who did not answer, and why, in one sentence for an operator.
    pub(crate) fn who_is_silent(&self) -> String {
        let each = self.silent.iter().map(|Silent { names, reason, .. }| format!("{names}: {reason}"));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// What one witness said: a checkpoint with this log's own signature, or that it has none.
type Answer = Option<Testimony>;

/// Asks the policy's witnesses what they have seen, each URL for at most so long, and all at once. What carries no signature of
/// this log proves nothing: who shows it has not said what it has seen.
pub(crate) fn ask_all(policy: &Policy, log: &Vkey, timeout: Duration) -> Told {
    let stations = Station::all_of(policy);
    let answers = each(&stations, Builder::new, |station| ask(station, log, timeout));
    let (mut shown, mut silent) = (Vec::new(), Vec::new());
    for (station, answer) in stations.iter().zip(answers) {
        match answer {
            Ok(testimony) => shown.extend(testimony),
            Err(reason) => {
                let members = station.members.iter().map(|member| member.at).collect();
                silent.push(Silent { names: station.names(), members, reason });
            }
        }
    }
    Told { shown, silent, asked: stations.len() }
}

/// What `ask` finds of each of them, in their order. Whoever gets no thread of the system is asked by this one: who was not
/// asked could not say that this log is behind.
fn each<T: Send>(
    stations: &[Station],
    thread: impl Fn() -> Builder,
    ask: impl Fn(&Station) -> T + Sync,
) -> Vec<T> {
    std::thread::scope(|scope| {
        let ask = &ask;
        let start = |station| thread().spawn_scoped(scope, move || ask(station));
        // Every thread is started before the first is waited for.
        let asked: Vec<_> = stations.iter().map(start).collect();
        let found = stations.iter().zip(asked).map(|(station, thread)| match thread.map(|it| it.join()) {
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => ask(station),
        });
        found.collect()
    })
}

/// # Errors
/// Why it is not known what the witness has seen.
fn ask(station: &Station, log: &Vkey, timeout: Duration) -> Result<Answer, String> {
    let shown = match Endpoint::new(&station.url, log.name(), timeout).checkpoint()? {
        answer if answer.status == 200 => answer.body,
        answer if answer.status == 404 => return Ok(None),
        answer => return Err(format!("it answered {} when it was asked what it has seen", answer.status)),
    };
    match SignedCheckpoint::open(&shown, log) {
        Ok(_) => Ok(Some(Testimony { by: format!("the witness {}", station.names()), note: shown })),
        Err(error) => Err(format!("it shows what this log did not sign: {error}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn everybody_is_asked_also_where_the_system_gives_no_thread() {
        let stations: Vec<Station> = ["http://a.example", "http://b.example"]
            .map(|url| Station { url: url.to_owned(), members: Vec::new() })
            .into();
        let url = |station: &Station| station.url.clone();
        // No machine has so much room for a stack.
        let none = || Builder::new().stack_size(1 << 60);
        assert!(none().spawn(|| ()).is_err());
        for found in [each(&stations, Builder::new, url), each(&stations, none, url)] {
            assert_eq!(found, ["http://a.example", "http://b.example"]);
        }
    }
}
