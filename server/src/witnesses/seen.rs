//! What witnesses have seen of this log before it starts.

use std::thread::Builder;
use std::time::Duration;

use glasshouse_ledger::contradiction::Testimony;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::endpoint::Endpoint;
use super::station::Station;

/// The checkpoints with this log's own signature that the policy's witnesses show, each URL asked for at most so long, and all at
/// once. What carries no such signature proves nothing, and is passed over: no witness can keep a log from starting with it.
pub(crate) fn ask_all(policy: &Policy, log: &Vkey, timeout: Duration) -> Vec<Testimony> {
    each(&Station::all_of(policy), Builder::new, |station| ask(station, log, timeout))
}

/// What `ask` finds of each of them, in their order. Whoever gets no thread of the system is asked by this one: who was not
/// asked could not say that this log is behind.
fn each<T: Send>(
    stations: &[Station],
    thread: impl Fn() -> Builder,
    ask: impl Fn(&Station) -> Option<T> + Sync,
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
        found.flatten().collect()
    })
}

fn ask(station: &Station, log: &Vkey, timeout: Duration) -> Option<Testimony> {
    let witness = station.names();
    let shown = match Endpoint::new(&station.url, log.name(), timeout).checkpoint() {
        Ok(answer) if answer.status == 200 => answer.body,
        Ok(answer) if answer.status == 404 => return None,
        Ok(answer) => {
            tracing::warn!(witness, status = answer.status, "a witness does not say what it has seen");
            return None;
        }
        Err(reason) => {
            tracing::warn!(witness, reason, "a witness could not be asked what it has seen");
            return None;
        }
    };
    match SignedCheckpoint::open(&shown, log) {
        Ok(_) => Some(Testimony { by: format!("the witness {witness}"), note: shown }),
        Err(error) => {
            tracing::warn!(witness, %error, "a witness shows what this log did not sign");
            None
        }
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
        let url = |station: &Station| Some(station.url.clone());
        // No machine has so much room for a stack.
        let none = || Builder::new().stack_size(1 << 60);
        assert!(none().spawn(|| ()).is_err());
        for found in [each(&stations, Builder::new, url), each(&stations, none, url)] {
            assert_eq!(found, ["http://a.example", "http://b.example"]);
        }
    }
}
