//! What witnesses have seen of this log before it starts: the same as `--seen`.

use std::time::Duration;

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::PolicyWitness;
use glasshouse_verifier::vkey::Vkey;

use super::endpoint::Endpoint;

/// The checkpoints with this log's own signature that the policy's witnesses show, each asked for at most so long, and all at
/// once. What carries no such signature proves nothing, and is passed over: no witness can keep a log from starting with it.
pub(crate) fn ask_all(witnesses: &[PolicyWitness], log: &Vkey, timeout: Duration) -> Vec<Vec<u8>> {
    std::thread::scope(|scope| {
        let ask =
            |witness| std::thread::Builder::new().spawn_scoped(scope, move || ask(witness, log, timeout));
        // Every thread is started before the first is waited for.
        let asked: Vec<_> = witnesses.iter().map(ask).collect();
        asked.into_iter().flatten().filter_map(|thread| thread.join().ok().flatten()).collect()
    })
}

fn ask(witness: &PolicyWitness, log: &Vkey, timeout: Duration) -> Option<Vec<u8>> {
    let name = witness.name();
    let endpoint = Endpoint::new(witness.url()?, log.name(), timeout);
    let shown = match endpoint.checkpoint() {
        Ok(answer) if answer.status == 200 => answer.body,
        Ok(answer) if answer.status == 404 => return None,
        Ok(answer) => {
            tracing::warn!(witness = name, status = answer.status, "a witness does not say what it has seen");
            return None;
        }
        Err(reason) => {
            tracing::warn!(witness = name, reason, "a witness could not be asked what it has seen");
            return None;
        }
    };
    match SignedCheckpoint::open(&shown, log) {
        Ok(_) => Some(shown),
        Err(error) => {
            tracing::warn!(witness = name, %error, "a witness shows what this log did not sign");
            None
        }
    }
}
