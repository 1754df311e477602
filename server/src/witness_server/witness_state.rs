//! What the routes of a witness share.

use std::sync::Arc;

use glasshouse_ledger::witness::Witness;
use tokio::sync::watch;

use super::meters::Meters;
use crate::client_address::ClientAddress;
use crate::fair_budget::FairBudget;
use crate::limits::{WITNESS_ADDS_AT_ONCE, WITNESS_BODIES_IN_FLIGHT};
use crate::measure::Measure;
use crate::turns::Turns;

/// A bell that rings once and stays rung.
#[derive(Debug)]
pub(super) struct Bell(watch::Sender<bool>);

impl Bell {
    fn new() -> Bell {
        Bell(watch::Sender::new(false))
    }

    pub(super) fn ring(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn has_rung(&self) -> bool {
        *self.0.borrow()
    }

    /// Becomes ready once it has rung.
    pub(super) async fn rung(&self) {
        let mut bell = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = bell.wait_for(|rung| *rung).await;
    }
}

/// What the routes of a witness share.
#[derive(Debug)]
pub(super) struct WitnessState {
    pub(super) witness: Witness,
    pub(super) measure: Arc<Measure>,
    pub(super) meters: Meters,
    /// Rings when a write has failed.
    pub(super) stopped: Bell,
    /// Memory for bodies.
    pub(super) bodies: FairBudget<ClientAddress>,
    /// Requests that check signatures and write at the same time, also those whose clients have gone.
    pub(super) adds: Turns,
}

impl WitnessState {
    pub(super) fn new(witness: Witness, measure: Arc<Measure>) -> WitnessState {
        WitnessState {
            meters: Meters::new(Arc::clone(&measure)),
            witness,
            measure,
            stopped: Bell::new(),
            bodies: FairBudget::new(WITNESS_BODIES_IN_FLIGHT),
            adds: Turns::new(WITNESS_ADDS_AT_ONCE),
        }
    }
}
