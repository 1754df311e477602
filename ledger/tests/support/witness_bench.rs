//! A witness of two logs on a store in memory, with a clock that is moved by hand.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::cosigner::Cosigner;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::witness::log_settings::{LogId, LogSettings};
use glasshouse_ledger::witness::refusal::AddRefusal;
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_ledger::witness::{Added, Cosigned, Witness, WitnessOpenError};
use glasshouse_verifier::note::Note;
use glasshouse_verifier::vkey::Vkey;

use crate::slow_tree::SlowLog;

pub const NOW_S: u64 = 1_790_000_000;

/// A clock that stands still until it is told.
#[derive(Debug)]
pub struct HandClock(AtomicU64);

impl HandClock {
    pub fn at(seconds: u64) -> Arc<HandClock> {
        Arc::new(HandClock(AtomicU64::new(seconds * 1000)))
    }

    pub fn set(&self, seconds: u64) {
        self.0.store(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A witness with both keys.
pub fn cosigner() -> Cosigner {
    first_cosigner().with_second(MlDsaSecretKey::from_seed(&[0x42; 32])).unwrap()
}

/// The same witness as it was before there were ML-DSA-44 keys.
pub fn first_cosigner() -> Cosigner {
    Cosigner::new("witness.example/w1", SecretKey::from_seed(&[2; 32])).unwrap()
}

pub fn logs() -> [SlowLog; 2] {
    [SlowLog::new("log.example/one", 11), SlowLog::new("Another_kind/λ", 12)]
}

pub fn settings(logs: &[SlowLog], qpd: u32) -> Vec<LogSettings> {
    logs.iter().map(|log| LogSettings { origin: log.origin.clone(), keys: vec![log.vkey()], qpd }).collect()
}

pub fn try_open(
    store: &Arc<dyn WitnessStore>,
    clock: &Arc<HandClock>,
    qpd: u32,
) -> Result<(Witness, Vec<String>), WitnessOpenError> {
    Witness::open(Arc::clone(store), cosigner(), clock.clone(), settings(&logs(), qpd))
}

pub fn open(store: &Arc<dyn WitnessStore>, clock: &Arc<HandClock>) -> Witness {
    try_open(store, clock, u32::MAX >> 1).unwrap().0
}

#[track_caller]
pub fn status(added: &Added) -> u16 {
    added.answer.as_ref().map_or_else(AddRefusal::status, |_| 200)
}

/// The cosignatures, checked as clients check them: below the note that was sent, with one of the witness's keys each. One
/// line for each key, all of one time.
#[track_caller]
pub fn accept(witness: &[Vkey], body: &[u8], cosigned: &Cosigned) -> u64 {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let note = body.split_once("\n\n").unwrap().1;
    let note = Note::parse(format!("{note}{}", cosigned.lines).as_bytes()).unwrap();
    assert_eq!(cosigned.lines.lines().count(), witness.len());
    let times: Vec<u64> = witness.iter().map(|key| time_under(&note, key)).collect();
    assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
    times[0]
}

/// When this key signed the note.
#[track_caller]
pub fn time_under(note: &Note, key: &Vkey) -> u64 {
    note.clone().verify(std::slice::from_ref(key)).unwrap().signers()[0].time().unwrap()
}

pub fn last_size(witness: &Witness, log: &SlowLog) -> Option<u64> {
    witness.last(LogId::of_origin(&log.origin)).map(|record| record.head().size().get())
}
