//! A registry that was written down and read again is the one that read every entry: at every size of every log of the
//! vectors, which hold statements of every type.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use glasshouse_verifier::day::Day;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::snapshot::REGISTRY_FORMAT;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::Value;

/// The digest of everything that [`all_snapshots`] gives under [`REGISTRY_FORMAT`].
const PINNED: (u32, &str) = (1, "3a4913ed56af3881baddf558e016ecf0a6f721ac582010f875390f45f2cc0ac3");

/// One log, and what was known after each of its entries.
struct Log {
    name: String,
    statements: Vec<Statement>,
    past: WholePast,
    /// Before the first entry, after the first, and so on.
    registries: Vec<Registry>,
}

impl Log {
    fn of(path: &Path) -> Log {
        let vector: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let origin = Origin::parse(vector["input"]["origin"].as_str().unwrap()).unwrap();
        let mut log = Log {
            name: path.display().to_string(),
            statements: Vec::new(),
            past: WholePast::default(),
            registries: vec![Registry::new(origin)],
        };
        for (at, entry) in (0..).zip(vector["input"]["entries"].as_array().unwrap()) {
            let entry = Entry::parse(&hex::decode(entry.as_str().unwrap()).unwrap()).unwrap();
            let (leaf, statement) = (entry.leaf_hash(), entry.into_statement());
            let mut registry = log.registries.last().unwrap().clone();
            registry.apply(index(at), &statement, &log.past).unwrap();
            log.past.remember(leaf, index(at), statement.clone());
            log.statements.push(statement);
            log.registries.push(registry);
        }
        log
    }

    /// Everything that a registry answers about the log.
    fn answers(&self, registry: &Registry) -> Vec<String> {
        let mut said = vec![format!("{} {:?}", registry.size(), registry.closed_at())];
        said.push(format!("{:?} {:?}", registry.log_vkeys(), registry.every_log_vkey()));
        said.push(format!("{:?}", registry.receipt_keys()));
        said.extend(registry.providers().map(|provider| format!("{provider:?}")));
        let mut keys: Vec<String> = registry.keys().iter().map(|key| format!("{key:?}")).collect();
        keys.sort();
        said.extend(keys);
        let mut issuers: Vec<&Issuer> = registry.issuers().map(|(issuer, _)| issuer).collect();
        issuers.sort();
        for issuer in issuers {
            said.push(format!("{issuer} {:?}", registry.sequence_state(issuer)));
            said.push(format!("{:?} {:?}", registry.completeness(issuer), registry.account(issuer)));
            said.push(format!("{:?}", registry.account(issuer).map(|account| account.embargoes().on(day()))));
        }
        for statement in self.statements.iter().take(registry.size() as usize) {
            let (issuer, sequence) = (&statement.claims().iss, statement.sequence());
            let kind = statement.payload().kind();
            said.push(format!("{:?}", registry.state_of(statement)));
            said.push(format!("{:?}", registry.withdrawals_of(issuer, sequence, kind)));
            said.push(format!("{:?}", registry.withdraws_withdrawals(statement)));
        }
        said
    }
}

fn index(index: u64) -> LeafIndex {
    LeafIndex::new(index).unwrap()
}

fn day() -> Day {
    Day::parse("2025-06-21").unwrap()
}

fn logs() -> Vec<Log> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors");
    let mut paths = Vec::new();
    for folder in ["registry/valid", "lifecycle/valid"] {
        paths.extend(std::fs::read_dir(vectors.join(folder)).unwrap().map(|file| file.unwrap().path()));
    }
    paths.sort();
    let logs: Vec<Log> = paths.iter().map(|path| Log::of(path)).collect();
    let kinds: BTreeSet<StatementType> =
        logs.iter().flat_map(|log| &log.statements).map(|statement| statement.payload().kind()).collect();
    assert_eq!(kinds, StatementType::ALL.into_iter().collect(), "a type that no log has");
    assert!(logs.len() >= 90, "{}", logs.len());
    logs
}

#[test]
fn at_every_size_it_is_the_registry_that_read_everything() {
    let mut resumed = 0;
    for log in logs() {
        let whole = log.registries.last().unwrap();
        let (end, answers) = (whole.to_snapshot(), log.answers(whole));
        for (size, before) in log.registries.iter().enumerate() {
            let bytes = before.to_snapshot();
            let mut read = Registry::from_snapshot(&bytes).unwrap();
            assert_eq!(read.to_snapshot(), bytes, "{} at {size}: another spelling", log.name);
            assert_eq!(log.answers(&read), log.answers(before), "{} at {size}", log.name);
            for (at, statement) in (size as u64..).zip(&log.statements[size..]) {
                read.verify(index(at), statement).unwrap();
                read.apply(index(at), statement, &log.past).unwrap();
            }
            assert_eq!(read.to_snapshot(), end, "{} from {size}", log.name);
            assert_eq!(log.answers(&read), answers, "{} from {size}", log.name);
            resumed += 1;
        }
    }
    assert!(resumed > 500, "{resumed}");
}

/// What is written down of all logs at all sizes.
fn all_snapshots() -> String {
    let all: Vec<u8> =
        logs().iter().flat_map(|log| &log.registries).flat_map(Registry::to_snapshot).collect();
    Digest::of(&all).to_hex()
}

#[test]
fn the_format_has_another_number_when_it_says_something_else() {
    assert_eq!(
        (REGISTRY_FORMAT, all_snapshots().as_str()),
        PINNED,
        "what a registry holds after the entries of the vectors has changed, or how it is written down: snapshots of \
         earlier programs would be believed and say something else. Raise REGISTRY_FORMAT in verifier/src/snapshot.rs by \
         one and put both into PINNED. Where only vectors were added, put the digest there and leave the number"
    );
}

/// The richest registry of the vectors.
fn richest() -> (Log, Vec<u8>) {
    let size = |log: &Log| log.registries.last().unwrap().to_snapshot().len();
    let log = logs().into_iter().max_by_key(size).unwrap();
    let bytes = log.registries.last().unwrap().to_snapshot();
    (log, bytes)
}

#[test]
fn no_part_of_a_snapshot_is_one_and_nothing_may_follow_it() {
    let (_, bytes) = richest();
    for cut in 0..bytes.len() {
        assert!(Registry::from_snapshot(&bytes[..cut]).is_none(), "cut at {cut}");
    }
    assert!(Registry::from_snapshot(&[bytes.as_slice(), &[0]].concat()).is_none());
}

/// Whoever keeps it has a hash over it; all the same no byte may end the process.
#[test]
fn changed_bytes_are_refused_or_read_and_harm_nobody() {
    let (log, bytes) = richest();
    let (mut refused, mut read) = (0, 0);
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x40] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let Some(mut registry) = Registry::from_snapshot(&changed) else {
                refused += 1;
                continue;
            };
            read += 1;
            drop(log.answers(&registry));
            let next = index(registry.size().min(1 << 40));
            for statement in &log.statements {
                let number = Sequence::new(statement.sequence().get() + 1).unwrap();
                registry.is_taken(&statement.claims().iss, number);
                drop(registry.apply(next, statement, &log.past));
            }
        }
    }
    assert!(refused > 1_000 && read > 100, "{refused} refused, {read} read");
}
