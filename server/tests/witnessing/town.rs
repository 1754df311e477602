//! A ledger with three witnesses, of which two make the quorum.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::ledger::Ledger;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_server::ledger_server::ServerError;
use glasshouse_server::witnesses::WitnessOptions;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::{Policy, TrustedCheckpoint};
use glasshouse_verifier::vkey::Vkey;
use tokio::runtime::Handle;

use super::fake::Fake;
use super::world::World;

/// Time that a witness has for an answer in these tests.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(400);
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the ledger publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Open,
    FailClosed,
}

pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) witnesses: Vec<Fake>,
    policy: String,
}

impl Town {
    /// Three right witnesses, two of them the quorum, a provider enrolled.
    pub(crate) fn new(mode: Mode) -> Town {
        Town::with(mode, "group two 2 w1 w2 w3\nquorum two\n")
    }

    pub(crate) fn with(mode: Mode, quorum: &str) -> Town {
        Town::of(mode, 3, Fake::start, quorum)
    }

    /// So many witnesses of that kind.
    pub(crate) fn of(mode: Mode, many: u8, start: impl Fn(&Handle, u8, &Vkey) -> Fake, quorum: &str) -> Town {
        let mut world = World::made();
        let log = read_vkey(&world.folder.path().join("ledger")).unwrap();
        let witnesses: Vec<_> =
            (1..=many).map(|number| start(world.runtime.handle(), number, &log)).collect();
        let mut policy = format!("log {}\n", log.encode());
        for (number, witness) in (1..).zip(&witnesses) {
            policy.push_str(&witness.policy_lines(&format!("w{number}")));
        }
        policy.push_str(quorum);
        let mut options = WitnessOptions::parse(&policy, &log, mode == Mode::FailClosed).unwrap();
        options.interval = Duration::from_millis(20);
        options.timeout = TIMEOUT;
        world.tune = Box::new(move |server| server.witnesses = Some(options.clone()));
        world.start().unwrap();
        let enrolment = world.enrolment(&world.provider, 2);
        world.take(&[&enrolment]);
        Town { world, witnesses, policy }
    }

    /// One witness more, from the next start on: it has never heard of this log.
    pub(crate) fn newcomer(&mut self) -> Fake {
        let log = read_vkey(&self.world.folder.path().join("ledger")).unwrap();
        let number = u8::try_from(self.witnesses.len() + 1).unwrap();
        let witness = Fake::start(self.world.runtime.handle(), number, &log);
        let line = witness.policy_lines(&format!("w{number}"));
        let at = self.policy.find("group ").unwrap();
        self.policy.insert_str(at, &line);
        let policy = self.policy.clone();
        let tune = std::mem::replace(&mut self.world.tune, Box::new(|_| {}));
        self.world.tune = Box::new(move |options| {
            tune(options);
            let before = options.witnesses.take().unwrap();
            let mut witnesses = WitnessOptions::parse(&policy, &log, before.require_quorum).unwrap();
            (witnesses.interval, witnesses.timeout) = (before.interval, before.timeout);
            options.witnesses = Some(witnesses);
        });
        self.witnesses.push(witness.clone());
        witness
    }

    /// The served checkpoint, whoever signed it.
    pub(crate) fn checkpoint(&self) -> SignedCheckpoint {
        let log = read_vkey(&self.world.folder.path().join("ledger")).unwrap();
        SignedCheckpoint::open(&self.world.get("/checkpoint").body, &log).unwrap()
    }

    pub(crate) fn size(&self) -> u64 {
        self.checkpoint().head().size().get()
    }

    /// The policy as a file.
    pub(crate) fn policy_file(&self) -> PathBuf {
        let path = self.world.folder.path().join("witnesses.txt");
        std::fs::write(&path, &self.policy).unwrap();
        path
    }

    /// Starts the server again, in that mode from now on.
    pub(crate) fn restart(&mut self, mode: Mode) {
        self.world.stop();
        let tune = std::mem::replace(&mut self.world.tune, Box::new(|_| {}));
        self.world.tune = Box::new(move |options| {
            tune(options);
            options.witnesses.as_mut().unwrap().require_quorum = mode == Mode::FailClosed;
        });
        self.world.start().unwrap();
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::parse(&self.policy).unwrap()
    }

    /// The served checkpoint, which the policy accepts.
    #[track_caller]
    pub(crate) fn trusted(&self) -> TrustedCheckpoint {
        self.policy().open(&self.world.get("/checkpoint").body).unwrap()
    }

    /// The policy's names of those who signed the served checkpoint.
    pub(crate) fn signers(&self) -> Vec<String> {
        let policy = self.policy();
        let signed = self.checkpoint();
        let lines = signed.note().signatures();
        let names = policy.witnesses().iter().filter(|one| lines.iter().any(|line| line.is_of(one.key())));
        names.map(|one| one.name().to_owned()).collect()
    }

    /// Asks the server until it holds.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Town) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "{what}: {}", self.readyz());
            std::thread::yield_now();
        }
    }

    pub(crate) fn readyz(&self) -> String {
        let reply = self.world.get("/readyz");
        format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body))
    }

    pub(crate) fn metric(&self, line: &str) -> bool {
        String::from_utf8_lossy(&self.world.get("/metrics").body).contains(line)
    }

    /// Submits a statement that is taken at that index, or was.
    #[track_caller]
    pub(crate) fn answered(&self, signed: &Signed, status: &str, index: u64) {
        let reply = self.world.submit(&[signed]);
        let json = reply.json();
        assert_eq!(json["results"][0]["status"], status, "{json}");
        assert_eq!(json["results"][0]["index"], index, "{json}");
    }

    /// Submits to a server that may end meanwhile.
    pub(crate) fn try_submit(&self, signed: &Signed) -> Result<u16, ureq::Error> {
        let url = format!("{}/api/v1/statements", self.world.url());
        let send = self.world.agent.post(&url).header("content-type", "application/cbor");
        Ok(send.send(&self.world.body(&[signed])[..])?.status().as_u16())
    }

    /// Waits until the server's writer has failed, and says why.
    pub(crate) fn failure(&mut self) -> ServerError {
        let server = self.world.server.take().unwrap();
        self.world.runtime.block_on(async move {
            tokio::time::timeout(PATIENCE, server.failed()).await.expect("the writer goes on");
            server.stop().await.unwrap_err()
        })
    }

    /// Stops the server, and checks everything that it left.
    pub(crate) fn close(mut self) {
        self.world.stop();
        let report = Ledger::fsck(&self.world.folder.path().join("ledger")).unwrap();
        assert!(report.is_clean(), "{:#?}", report.findings);
    }
}
