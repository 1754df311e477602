//! Witnesses in processes of their own, and the policies by which a ledger asks them and they watch it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_verifier::policy::Policy;

use crate::process::Process;

/// Where ports for witnesses are looked for: below those that the system gives to outgoing connections, so that nobody has
/// one while its witness is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Some witnesses of one log.
#[derive(Debug)]
pub struct Witnesses {
    program: PathBuf,
    watched: PathBuf,
    policy: PathBuf,
    all: Vec<Witness>,
}

#[derive(Debug)]
struct Witness {
    dir: PathBuf,
    listen: String,
    process: Option<Process>,
}

impl Witnesses {
    /// Makes so many witnesses below `scratch` and starts them; they watch the log of the ledger in `ledger`.
    pub fn start(program: &Path, scratch: &Path, ledger: &Path, count: usize) -> Witnesses {
        let own = std::fs::read_to_string(ledger.join("policy.txt")).unwrap();
        let logs: String =
            own.lines().filter(|line| line.starts_with("log ")).map(|line| format!("{line}\n")).collect();
        let watched = scratch.join("watched.txt");
        std::fs::write(&watched, format!("{logs}quorum none\n")).unwrap();
        let (mut text, mut groups, mut all) = (logs, String::new(), Vec::new());
        for at in 0..count {
            let dir = scratch.join(format!("witness-{at}"));
            let output = Command::new(program)
                .args(["witness", "init", "--name", &format!("witness.example/w{at}"), "--dir"])
                .arg(&dir)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let listen = free_address();
            let vkeys = std::fs::read_to_string(dir.join("witness.vkey")).unwrap();
            for (key, vkey) in vkeys.lines().enumerate() {
                text.push_str(&format!("witness w{at}-{key} {vkey} http://{listen}\n"));
                groups.push_str(&format!(" w{at}-{key}"));
            }
            all.push(Witness { dir, listen, process: None });
        }
        let policy = scratch.join("witnesses.txt");
        std::fs::write(&policy, format!("{text}group all all{groups}\nquorum all\n")).unwrap();
        let mut witnesses = Witnesses { program: program.to_owned(), watched, policy, all };
        (0..count).for_each(|at| witnesses.serve(at));
        witnesses
    }

    /// The file with the log's keys, the witnesses and their URLs, and a quorum of all of them.
    pub fn policy_file(&self) -> &Path {
        &self.policy
    }

    /// The same, read.
    pub fn policy(&self) -> Policy {
        Policy::parse(&std::fs::read_to_string(&self.policy).unwrap()).unwrap()
    }

    /// Starts one of them again, where it was before.
    #[track_caller]
    pub fn serve(&mut self, at: usize) {
        let witness = &mut self.all[at];
        let policy = ["--policy", self.watched.to_str().unwrap()];
        let process = Process::witness_at(&self.program, &witness.listen, &witness.dir, &policy);
        witness.process = Some(process.unwrap_or_else(|why| panic!("{why}")));
    }

    /// Ends one of them at once, as a power cut would.
    pub fn kill(&mut self, at: usize) {
        self.all[at].process.take().expect("the witness runs").kill();
    }

    /// The CPU time of those that run, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        let running = self.all.iter().filter_map(|witness| witness.process.as_ref());
        running.map(|process| crate::usage::cpu_seconds(process.id())).sum()
    }
}

/// An address of this machine that nobody listens on.
fn free_address() -> String {
    let mut random = [0_u8; 2];
    getrandom::fill(&mut random).unwrap();
    let count = PORTS.end - PORTS.start;
    let first = u16::from_be_bytes(random) % count;
    let ports = (0..count).map(|at| PORTS.start + (first + at) % count);
    let port = ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    format!("127.0.0.1:{}", port.expect("a free port"))
}
