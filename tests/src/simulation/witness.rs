//! A witness: the ledger's own `Witness` over a disk that fails, with a clock that may be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::cosigner::Cosigner;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::store::{StateCopies, StoreError};
use glasshouse_ledger::witness::log_settings::{LogId, LogSettings};
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_ledger::witness::{Witness, WitnessOpenError};
use glasshouse_verifier::vkey::Vkey;

use super::clock::SimulatedClock;
use super::counts::Counts;
use super::dice::Dice;

/// Requests a day that a witness allows the log: more than any world makes.
pub(super) const REQUESTS_A_DAY: u32 = 10_000_000;

/// A witness's disk: fails at one call, before it did anything or after it did everything.
pub(super) struct WitnessDisk {
    memory: MemoryWitnessStore,
    /// How many writing calls from now fail, and whether they did their work before.
    armed: Mutex<Option<(u64, bool)>>,
    has_failed: AtomicBool,
}

impl WitnessDisk {
    fn new(memory: MemoryWitnessStore) -> Arc<WitnessDisk> {
        Arc::new(WitnessDisk { memory, armed: Mutex::default(), has_failed: AtomicBool::new(false) })
    }

    fn run(&self, call: &str, act: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut armed = self.armed.lock().unwrap();
        let broken = || {
            self.has_failed.store(true, Ordering::Relaxed);
            let source = std::io::Error::other("injected");
            Err(StoreError::Io { action: "do", path: call.to_owned(), source })
        };
        match armed.take() {
            Some((0, true)) => act().and(broken()),
            Some((0, false)) => broken(),
            Some((after, persists)) => {
                *armed = Some((after - 1, persists));
                act()
            }
            None => act(),
        }
    }
}

impl WitnessStore for WitnessDisk {
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
        self.memory.load()
    }

    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.run("swap_embedded", || self.memory.swap_embedded(log, old, new))
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        self.run("replace_plain", || self.memory.replace_plain(log, new))
    }

    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
        self.run("reset_embedded", || self.memory.reset_embedded(records))
    }

    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
        self.memory.signed_logs()
    }

    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
        self.run("add_signed_logs", || self.memory.add_signed_logs(origins))
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        self.memory.evidence()
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.get_evidence(name)
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.run("put_evidence", || self.memory.put_evidence(name, bytes))
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.run("delete_evidence", || self.memory.delete_evidence(name))
    }
}

/// One witness's machine.
pub(super) struct WitnessNode {
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) running: Option<Witness>,
    disk: Arc<WitnessDisk>,
    name: String,
    seed: [u8; 32],
    has_second: bool,
    log: LogSettings,
    /// How many milliseconds it takes to answer, at most.
    pub(super) slowness: u64,
}

impl WitnessNode {
    pub(super) fn new(at: usize, dice: &mut Dice, has_second: bool, log: LogSettings) -> WitnessNode {
        let slowness = *dice.pick(&[5, 50, 500, 8_000]);
        let clock = SimulatedClock::new(dice.between(0, 4_000) as i64 - 2_000);
        let disk = WitnessDisk::new(MemoryWitnessStore::new());
        let name = format!("witness{at}.example");
        WitnessNode { clock, running: None, disk, name, seed: dice.bytes(), has_second, log, slowness }
    }

    fn cosigner(&self) -> Cosigner {
        let cosigner = Cosigner::new(&self.name, SecretKey::from_seed(&self.seed)).unwrap();
        match self.has_second {
            true => cosigner.with_second(MlDsaSecretKey::from_seed(&self.seed)).unwrap(),
            false => cosigner,
        }
    }

    pub(super) fn keys(&self) -> Vec<Vkey> {
        self.cosigner().vkeys().to_vec()
    }

    /// Starts on what lies there; the remarks.
    pub(super) fn start(&mut self) -> Result<Vec<String>, WitnessOpenError> {
        let (store, clock) = (Arc::clone(&self.disk) as Arc<dyn WitnessStore>, Arc::clone(&self.clock));
        let clock: Arc<dyn Clock> = clock;
        let (witness, remarks) = Witness::open(store, self.cosigner(), clock, vec![self.log.clone()])?;
        self.running = Some(witness);
        Ok(remarks)
    }

    /// The process ends, and with `power` what was not durable is lost.
    pub(super) fn die(&mut self, power: bool, dice: &mut Dice) {
        self.running = None;
        let lost = power && dice.percent(70);
        self.disk = WitnessDisk::new(if lost {
            self.disk.memory.after_power_loss()
        } else {
            self.disk.memory.after_kill()
        });
    }

    pub(super) fn break_disk(&self, after: u64, persists: bool) {
        *self.disk.armed.lock().unwrap() = Some((after, persists));
    }

    /// Whether the failure that it was told to make has come.
    pub(super) fn disk_failed(&self) -> bool {
        self.disk.has_failed.load(Ordering::Relaxed)
    }

    pub(super) fn repair_disk(&self) {
        *self.disk.armed.lock().unwrap() = None;
    }

    /// The newest record that a reader sees: status and body.
    pub(super) fn show(&self) -> Option<(u16, Vec<u8>)> {
        let last = self.running.as_ref()?.last(LogId::of_origin(&self.log.origin));
        Some(last.map_or((404, Vec::new()), |record| (200, record.note().encode().into_bytes())))
    }

    /// The size that it cosigned last; 0 if none.
    pub(super) fn size(&self) -> u64 {
        let last = self.running.as_ref().and_then(|witness| witness.last(LogId::of_origin(&self.log.origin)));
        last.map_or(0, |record| record.head().size().get())
    }

    /// Answers `add-checkpoint`: status and body, as `server/src/witness_server.rs` writes them. None if nobody is there.
    pub(super) fn add_checkpoint(&self, body: &[u8], counts: &mut Counts) -> Option<(u16, Vec<u8>)> {
        let added = self.running.as_ref()?.add_checkpoint(body);
        Some(match added.answer {
            Ok(cosigned) => {
                counts.add("witness: cosigned");
                (200, cosigned.lines.into_bytes())
            }
            Err(refusal) => {
                let body = match &refusal {
                    AddRefusal::OtherSize { last } => {
                        counts.add("witness: 409 with its size");
                        format!("{last}\n").into_bytes()
                    }
                    AddRefusal::Unavailable(Unavailable::Clock { .. }) => {
                        counts.add("witness: refused, its clock is behind");
                        Vec::new()
                    }
                    _ => Vec::new(),
                };
                (refusal.status(), body)
            }
        })
    }
}
