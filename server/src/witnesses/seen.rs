//! What witnesses have seen of this log before it starts.

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
    let stations = Station::all_of(policy);
    std::thread::scope(|scope| {
        let ask =
            |station| std::thread::Builder::new().spawn_scoped(scope, move || ask(station, log, timeout));
        // Every thread is started before the first is waited for.
        let asked: Vec<_> = stations.iter().map(ask).collect();
        asked.into_iter().flatten().filter_map(|thread| thread.join().ok().flatten()).collect()
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
