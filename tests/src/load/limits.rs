//! What the machine can do at most: nothing that checks every signature and syncs what it promises gets beyond that.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How long each limit is measured.
const EACH: Duration = Duration::from_secs(1);
/// A statement is about so long, in bytes.
const MESSAGE: usize = 1_000;
/// What is written before each sync, in bytes.
const PAGE: usize = 4_096;

/// Measured on an idle machine; on a busy one they are less.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Strict Ed25519 checks a second, on one core.
    pub checks_one_core: f64,
    /// The same on all cores at once.
    pub checks_all_cores: f64,
    /// How many cores these are.
    pub cores: usize,
    /// SHA-256, MiB a second on one core.
    pub sha256_mib: f64,
    /// Times a second that 4 KiB are appended to a file in the ledger's folder and synced.
    pub fsyncs: f64,
}

impl Limits {
    /// Measures them all, in about four seconds; a file in `dir` that has no name goes with it.
    pub fn measure(dir: &Path) -> Limits {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Limits {
            checks_one_core: checks(1),
            checks_all_cores: checks(cores),
            cores,
            sha256_mib: sha256(),
            fsyncs: fsyncs(dir),
        }
    }

    /// The better value of each: what else ran meanwhile can only lessen them.
    pub fn better_of(self, other: Limits) -> Limits {
        Limits {
            checks_one_core: self.checks_one_core.max(other.checks_one_core),
            checks_all_cores: self.checks_all_cores.max(other.checks_all_cores),
            cores: self.cores,
            sha256_mib: self.sha256_mib.max(other.sha256_mib),
            fsyncs: self.fsyncs.max(other.fsyncs),
        }
    }

    /// For programs, with the share of the signature limit that so many statements a second are.
    pub fn to_json(self, statements: f64) -> Value {
        json!({
            "ed25519_checks_per_second_one_core": self.checks_one_core,
            "ed25519_checks_per_second_all_cores": self.checks_all_cores,
            "cores": self.cores,
            "sha256_mib_per_second": self.sha256_mib,
            "fsyncs_per_second": self.fsyncs,
            "share_of_signature_limit": statements / self.checks_all_cores,
        })
    }
}

/// Does something again and again for a while: times a second.
fn pace(mut work: impl FnMut()) -> f64 {
    let (begun, mut times) = (Instant::now(), 0_u64);
    while begun.elapsed() < EACH {
        work();
        times += 1;
    }
    times as f64 / begun.elapsed().as_secs_f64()
}

fn checks(cores: usize) -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let message = [0x5a; MESSAGE];
    let (signature, public) = (key.sign(&message), key.verifying_key());
    let check = || pace(|| public.verify_strict(&message, &signature).unwrap());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(check)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

fn sha256() -> f64 {
    let mut block = vec![0x5a; 1 << 20];
    // Each digest goes into what is hashed next, so that none can be left out.
    pace(|| {
        let digest = Sha256::digest(&block);
        block[..32].copy_from_slice(&digest);
    })
}

fn fsyncs(dir: &Path) -> f64 {
    let mut file = tempfile::tempfile_in(dir).unwrap();
    pace(|| {
        file.write_all(&[0x5a; PAGE]).unwrap();
        file.sync_all().unwrap();
    })
}
