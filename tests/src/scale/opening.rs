//! What a start takes: by the ledger alone, and by the server.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::log_key_files::read_signer;
use glasshouse_ledger::open::{Hold, open_store};
use glasshouse_ledger::witnessing::Publication;
use glasshouse_server::system_clock::SystemClock;
use serde_json::{Value, json};

use super::grower;
use crate::process::Process;
use crate::reading_client::ReadingClient;
use crate::usage;

/// No search index of a log that anybody measures takes longer to build.
const INDEX_PATIENCE: Duration = Duration::from_secs(3 * 3600);

/// One start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Started {
    /// Until it answers.
    pub seconds: f64,
    /// The most memory that was resident until then, in KiB (`VmHWM`).
    pub peak_kib: u64,
}

impl Started {
    /// One object.
    pub fn to_json(&self) -> Value {
        json!({"seconds": self.seconds, "peak_kib": self.peak_kib})
    }
}

/// Opens a ledger in this process, which has done nothing else: with its look-ups, or with empty ones.
pub fn open_here(dir: &Path, without_look_ups: bool) -> Started {
    let begun = Instant::now();
    let opened = match without_look_ups {
        true => {
            let (store, signer) = (FileStore::open(dir).unwrap(), read_signer(dir).unwrap());
            let (clock, index) = (Arc::new(SystemClock), Index::temporary().unwrap());
            open_store(Arc::new(store), signer, clock, index, Hold::NONE, Publication::AtOnce, &[]).unwrap()
        }
        false => grower::open(dir.to_owned()),
    };
    let seconds = begun.elapsed().as_secs_f64();
    let peak_kib = usage::memory(std::process::id()).unwrap().peak_kib;
    drop(opened);
    Started { seconds, peak_kib }
}

/// The same in a process of its own, whose memory is that of nothing else.
pub fn open_in_child(dir: &Path, without_look_ups: bool) -> Started {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.arg("--open").arg(dir);
    if without_look_ups {
        child.arg("--without-look-ups");
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    Started { seconds: told["seconds"].as_f64().unwrap(), peak_kib: told["peak_kib"].as_u64().unwrap() }
}

/// Has the server build its search index over the whole log, and ends it.
pub fn build_search_index(program: &Path, dir: &Path) {
    let (server, _) = serve(program, dir);
    let (client, begun) = (ReadingClient::default(), Instant::now());
    // An export begins only when the index covers the log.
    while client.get(&format!("{}/api/v1/export?format=csv&type=genesis", server.url())).is_err() {
        assert!(begun.elapsed() < INDEX_PATIENCE, "the index does not cover the log");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.stop(), Some(0), "the server ends well");
}

/// Starts the server, with look-ups and search, and waits until it answers.
pub fn serve(program: &Path, dir: &Path) -> (Process, Started) {
    let begun = Instant::now();
    let server = Process::serve(program, dir, &[]).unwrap_or_else(|why| panic!("{why}"));
    let seconds = begun.elapsed().as_secs_f64();
    let started = Started { seconds, peak_kib: server.peak_memory_kib() };
    (server, started)
}
