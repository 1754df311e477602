//! What is driven: a ledger, its server, its providers, its witnesses.

use std::path::{Path, PathBuf};

use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::arguments::Arguments;
use crate::process::Process;
use crate::reading_client::ReadingClient;
use crate::witnesses::Witnesses;
use crate::workload::Publisher;
use crate::world::World;

/// A running ledger, new or one that was there.
#[derive(Debug)]
pub struct Subject {
    dir: PathBuf,
    server: Process,
    publishers: Vec<Publisher>,
    witnesses: Option<Witnesses>,
    /// A new ledger's; and where the witnesses live.
    _scratch: Scratch,
}

#[derive(Debug)]
enum Scratch {
    World(#[allow(dead_code, reason = "its folder lives as long as it does")] Box<World>),
    Folder(#[allow(dead_code, reason = "the same")] tempfile::TempDir),
}

impl Subject {
    /// Starts it, with as many providers and witnesses as were asked for.
    pub fn start(arguments: &Arguments) -> Subject {
        match &arguments.ledger {
            Some(dir) => Subject::existing(arguments, dir),
            None => Subject::new(arguments),
        }
    }

    fn new(arguments: &Arguments) -> Subject {
        let mut world = World::init(&arguments.program());
        let dir = world.dir();
        let witnesses = witnesses(arguments, world.scratch(), &dir);
        let more = options(arguments, witnesses.as_ref());
        world.serve_with(&more.iter().map(String::as_str).collect::<Vec<_>>());
        let publishers = (0..arguments.providers).map(|at| world.enrol(&format!("load-{at}"))).collect();
        let server = world.take_server();
        Subject { dir, server, publishers, witnesses, _scratch: Scratch::World(Box::new(world)) }
    }

    fn existing(arguments: &Arguments, dir: &Path) -> Subject {
        let scratch = tempfile::tempdir().unwrap();
        let witnesses = witnesses(arguments, scratch.path(), dir);
        let more = options(arguments, witnesses.as_ref());
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let server = Process::serve(&arguments.program(), dir, &more).unwrap_or_else(|why| panic!("{why}"));
        let publishers = known_publishers(server.url(), log_key(dir).name());
        assert!(
            !publishers.is_empty(),
            "no provider of {} has a key that follows from its name",
            dir.display()
        );
        Subject { dir: dir.to_owned(), server, publishers, witnesses, _scratch: Scratch::Folder(scratch) }
    }

    /// The ledger's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The server.
    pub fn server(&self) -> &Process {
        &self.server
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Who signs.
    pub fn publishers(&mut self) -> &mut [Publisher] {
        &mut self.publishers
    }

    /// Who cosigns.
    pub fn witnesses(&self) -> Option<&Witnesses> {
        self.witnesses.as_ref()
    }

    /// The CPU time of all witnesses so far, in seconds.
    pub fn witnesses_cpu_seconds(&self) -> f64 {
        self.witnesses.as_ref().map_or(0.0, Witnesses::cpu_seconds)
    }

    /// The log's key.
    pub fn log_key(&self) -> Vkey {
        log_key(&self.dir)
    }

    /// The ledger's own policy.
    pub fn policy(&self) -> Policy {
        Policy::parse(&std::fs::read_to_string(self.dir.join("policy.txt")).unwrap()).unwrap()
    }

    /// Stops the server, looks at everything in the folder, and keeps a new ledger where that was asked for.
    pub fn finish(self, arguments: &Arguments) {
        assert_eq!(self.server.stop(), Some(0), "the server ends well");
        if !arguments.no_fsck {
            let fsck = std::process::Command::new(arguments.program())
                .args(["fsck", "--dir"])
                .arg(&self.dir)
                .output()
                .unwrap();
            assert!(fsck.status.success(), "fsck: {}", String::from_utf8_lossy(&fsck.stdout));
        }
        if let Some(keep) = &arguments.keep {
            assert!(!keep.exists(), "{} is there already", keep.display());
            // A rename keeps folder and file on their inodes: the ledger is moved, not copied.
            std::fs::rename(&self.dir, keep).unwrap_or_else(|error| {
                panic!(
                    "{}: {error} (it has to be on the file system of {})",
                    keep.display(),
                    self.dir.display()
                )
            });
        }
    }
}

fn log_key(dir: &Path) -> Vkey {
    Vkey::parse(std::fs::read_to_string(dir.join("log.vkey")).unwrap().trim_end()).unwrap()
}

fn witnesses(arguments: &Arguments, scratch: &Path, ledger: &Path) -> Option<Witnesses> {
    let count = usize::try_from(arguments.witnesses).unwrap();
    (count > 0).then(|| Witnesses::start(&arguments.program(), scratch, ledger, count))
}

/// The server's options besides folder and address.
fn options(arguments: &Arguments, witnesses: Option<&Witnesses>) -> Vec<String> {
    let Some(witnesses) = witnesses else {
        assert!(!arguments.require_quorum, "--require-quorum needs --witnesses");
        return Vec::new();
    };
    let policy = witnesses.policy_file().to_str().unwrap().to_owned();
    let interval = arguments.witness_interval.to_string();
    let quorum = arguments.require_quorum.then(|| "--require-quorum".to_owned());
    let more = ["--policy".to_owned(), policy, "--witness-interval".to_owned(), interval];
    more.into_iter().chain(quorum).collect()
}

/// The providers of a ledger whose keys follow from their names, at the numbers that come next.
fn known_publishers(url: &str, origin: &str) -> Vec<Publisher> {
    let origin = Origin::parse(origin).unwrap();
    let client = ReadingClient::default();
    let answer = client.json(&format!("{url}/api/v1/providers")).unwrap();
    let providers = answer["providers"].as_array().unwrap();
    let known = providers.iter().filter_map(|provider| {
        let host = provider["iss"].as_str()?.strip_prefix("https://")?;
        let mut publisher = Publisher::new(host.strip_suffix(".example")?, &origin);
        let kid = publisher.author().kid().to_hex();
        let has = |key: &serde_json::Value| key["kid"] == kid.as_str() && key["until_index"].is_null();
        if !provider["keys"].as_array()?.iter().any(has) {
            return None;
        }
        let next = provider["sequence"]["highest"].as_u64().unwrap_or(0) + 1;
        publisher.skip_to(next);
        Some(publisher)
    });
    known.collect()
}
