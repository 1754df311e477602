//! What witnesses have seen of this log before it starts.

use std::thread::Builder;
use std::time::Duration;

use glasshouse_ledger::contradiction::Testimony;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::acquaintances::Acquaintances;
use super::endpoint::Endpoint;
use super::station::{Member, Station};

/// What a policy's witnesses told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The checkpoints with this log's own signature that they show, also those that show too little.
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
    /// What came in place of an answer, or what is missing in it.
    pub(crate) reason: String,
}

impl Told {
    /// Who did not answer, and why, in one sentence for an operator.
    pub(crate) fn who_is_silent(&self) -> String {
        let each = self.silent.iter().map(|Silent { names, reason, .. }| format!("{names}: {reason}"));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// What came of asking one witness.
struct Answer {
    /// A checkpoint with this log's own signature that it shows.
    shown: Option<Testimony>,
    /// Why that does not say what it has seen; `None` if it does.
    missing: Option<String>,
}

/// Asks the policy's witnesses what they have seen, each URL for at most so long, and all at once.
///
/// A witness has said it with a note that carries its own line, of a tree no smaller than the one that the folder shows under
/// such a line. Anybody can hand on a note of this log under the log's line alone: that is testimony, and no word of the
/// witness. That it knows nothing of this log is believed where nothing `here` says that it ever signed.
pub(crate) fn ask_all(policy: &Policy, log: &Vkey, here: &Acquaintances, timeout: Duration) -> Told {
    let stations = Station::all_of(policy);
    let answers = each(&stations, Builder::new, |station| ask(station, log, here, timeout));
    let (mut shown, mut silent) = (Vec::new(), Vec::new());
    for (station, answer) in stations.iter().zip(answers) {
        shown.extend(answer.shown);
        if let Some(reason) = answer.missing {
            let members = station.members.iter().map(|member| member.at).collect();
            silent.push(Silent { names: station.names(), members, reason });
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

fn ask(station: &Station, log: &Vkey, here: &Acquaintances, timeout: Duration) -> Answer {
    let without = |reason: String| Answer { shown: None, missing: Some(reason) };
    let note = match Endpoint::new(&station.url, log.name(), timeout).checkpoint() {
        Err(reason) => return without(reason),
        Ok(answer) if answer.status == 200 => answer.body,
        Ok(answer) if answer.status == 404 && here.knows(station) => {
            return without("it answered 404, as if it had never signed for this log, and it has".to_owned());
        }
        Ok(answer) if answer.status == 404 => return Answer { shown: None, missing: None },
        Ok(answer) => {
            return without(format!("it answered {} when it was asked what it has seen", answer.status));
        }
    };
    match SignedCheckpoint::open(&note, log) {
        Ok(opened) => {
            let by = format!("the witness {}", station.names());
            Answer { missing: falls_short(&opened, station, here), shown: Some(Testimony { by, note }) }
        }
        Err(error) => without(format!("it shows what this log did not sign: {error}")),
    }
}

/// Why a checkpoint of this log is not the newest that the witness has signed; `None` if it may be.
fn falls_short(shown: &SignedCheckpoint, station: &Station, here: &Acquaintances) -> Option<String> {
    let is_its_own = |member: &Member| verify_cosignature(shown.note(), &member.key).is_ok();
    let (size, signed) = (shown.head().size(), here.signed_by(station));
    if !station.members.iter().any(is_its_own) {
        return Some(format!(
            "it shows a tree of size {size}, and no signature of its own below it that holds"
        ));
    }
    let is_older = size < signed;
    is_older.then(|| {
        format!("it shows a tree of size {size}, and has signed the one of size {signed} that lies here")
    })
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
