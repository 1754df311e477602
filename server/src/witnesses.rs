//! The witnesses of a log (c2sp.org/tlog-witness): one thread for each URL asks for cosignatures, so that none slows another.
//!
//! `Witnesses` starts and ends the threads. Each of them waits at its `Desk` for a tree, asks its `Station` about the
//! newest one that lies there (`asker`), and sends what it heard to the writer's thread, which alone decides what counts
//! (`publisher.rs`). What became of it stands on the `Board`.

pub(crate) mod acquaintances;
pub(crate) mod asker;
pub(crate) mod board;
pub(crate) mod desk;
mod endpoint;
pub(crate) mod heard;
pub(crate) mod options;
pub(crate) mod seen;
pub(crate) mod station;
mod wire;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use glasshouse_ledger::clock::Clock;

use self::acquaintances::Acquaintances;
use self::asker::Asker;
use self::board::Board;
use self::desk::Desk;
use self::endpoint::Endpoint;
use self::heard::Heard;
pub use self::options::{PolicyFault, WitnessOptions};
use self::station::Station;
use crate::measure::Measure;

/// The running threads.
#[derive(Debug)]
pub(crate) struct Witnesses {
    desks: Vec<Arc<Desk>>,
    threads: Vec<JoinHandle<()>>,
}

/// What all of the threads share.
#[derive(Clone)]
pub(crate) struct Office {
    /// Where what was heard goes.
    pub(crate) tell: Sender<Heard>,
    /// Wakes who reads it.
    pub(crate) wake: Arc<dyn Fn() + Send + Sync>,
    /// Where everybody sees how it went.
    pub(crate) board: Arc<Board>,
    /// Who has ever signed for this log.
    pub(crate) acquaintances: Arc<Acquaintances>,
    pub(crate) measure: Arc<Measure>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Witnesses {
    /// Starts a thread for each station of the policy, at the desks that were made for them.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        options: &WitnessOptions,
        origin: &str,
        desks: Vec<Arc<Desk>>,
        office: &Office,
    ) -> std::io::Result<Witnesses> {
        let mut threads = Vec::with_capacity(desks.len());
        for (at, (station, desk)) in Station::all_of(&options.policy).into_iter().zip(&desks).enumerate() {
            let endpoint = Endpoint::new(&station.url, origin, options.timeout);
            let asker = Asker::new(station, endpoint, options.interval, office.clone());
            let desk = Arc::clone(desk);
            let thread = std::thread::Builder::new().name(format!("witness-{at}"));
            threads.push(thread.spawn(move || asker.run(&desk))?);
        }
        Ok(Witnesses { desks, threads })
    }

    /// Ends the threads. Blocks for at most one time-out: that of a request under way, and no further one is made.
    pub(crate) fn stop(self) {
        self.desks.iter().for_each(|desk| desk.close());
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}
