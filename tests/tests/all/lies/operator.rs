//! A real log whose operator has stopped the server and begins to lie, and those who look at it.

use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::{SecretKey, read_pem};
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::ml_dsa_key_file::read_ml_dsa_pem;
use glasshouse_tests::liar::{Liar, Lie, write_log};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_tests::world::World;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::origin::Origin;
use serde_json::Value;

/// Entries of the real log: a full bundle and a partial one.
pub(crate) const SIZE: usize = 270;

/// The operator, with everything that a ledger has.
pub(crate) struct Operator {
    pub(crate) world: World,
    pub(crate) publisher: Publisher,
    /// Entry 0 is the genesis, 1 the enrolment, 2 and on the decisions.
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) signed: Vec<Signed>,
    /// A receipt of entry 5 that its subject kept.
    pub(crate) receipt: Vec<u8>,
    /// The checkpoint that an auditor kept.
    pub(crate) kept: PathBuf,
}

impl Operator {
    pub(crate) fn new() -> Operator {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let mut publisher = world.enrol("one");
        let signed: Vec<Signed> = (2..SIZE).map(|_| publisher.sign_next()).collect();
        for result in world.submit(&signed) {
            assert_eq!(result["status"], "accepted", "{result}");
        }
        let bundle = |path: &str, width| {
            let bytes = world.get(path).body;
            parse_bundle(&bytes, width).unwrap().iter().map(|entry| entry.to_vec()).collect::<Vec<_>>()
        };
        let entries = [bundle("/tile/entries/000", 256), bundle("/tile/entries/001.p/14", 14)].concat();
        let receipt = world.get("/api/v1/receipts/5").body;
        let kept = world.scratch().join("kept");
        std::fs::write(&kept, world.get("/checkpoint").body).unwrap();
        assert_eq!(world.take_server().stop(), Some(0));
        Operator { world, publisher, entries, signed, receipt, kept }
    }

    /// The log's folder as its URLs.
    pub(crate) fn public(&self) -> PathBuf {
        self.world.dir().join("public")
    }

    /// The readers' policy: the log's keys, no witness.
    pub(crate) fn policy(&self) -> String {
        path_text(&self.world.dir().join("policy.txt"))
    }

    /// Whoever has the log's keys.
    pub(crate) fn signer(&self) -> LogSigner {
        signer(&self.world)
    }

    /// Who has the log's Ed25519 key alone: who has broken Ed25519, say.
    pub(crate) fn first_signer(&self) -> LogSigner {
        first_signer(&self.world)
    }

    /// Another log's key, under this origin or another one.
    pub(crate) fn stranger(origin: &str) -> LogSigner {
        LogSigner::new(Origin::parse(origin).unwrap(), SecretKey::from_seed(&[9; 32])).unwrap()
    }

    /// The true log, with one lie in it.
    pub(crate) fn with(&self, path: &str, lie: Lie) -> Liar {
        Liar::serve(self.public(), [(path, lie)])
    }

    /// A whole history under the log's own signature.
    pub(crate) fn history(&self, entries: &[Vec<u8>]) -> Liar {
        self.history_of(entries, &self.signer())
    }

    /// A whole history under any signature.
    pub(crate) fn history_of(&self, entries: &[Vec<u8>], signer: &LogSigner) -> Liar {
        let folder = tempfile::Builder::new().tempdir_in(self.world.scratch()).unwrap().keep();
        write_log(&folder, entries, signer);
        Liar::serve::<String>(folder, [])
    }

    /// The true history with further entries behind it.
    pub(crate) fn longer(&self, more: impl IntoIterator<Item = Vec<u8>>) -> Liar {
        self.history(&self.entries.iter().cloned().chain(more).collect::<Vec<_>>())
    }

    /// Another statement under the last number: what the last entry might have said.
    pub(crate) fn other_end(&self) -> Vec<u8> {
        let number = self.publisher.next_number() - 1;
        self.publisher.sign(&decision(number), number, now()).entry().to_vec()
    }

    /// The registrar, who is the operator's friend, signs this as its next statement but `ahead`.
    pub(crate) fn registrar_says(&self, draft: &Draft, ahead: u64) -> Signed {
        // The genesis and the one enrolment have the first two numbers.
        let number = glasshouse_verifier::sequence::Sequence::new(3 + ahead).unwrap();
        self.world.registrar().sign_own(draft, number, now()).unwrap()
    }

    /// Runs `glasshouse-verify … --json`: exit status and answer.
    pub(crate) fn verify(&self, arguments: &[&str]) -> (i32, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .args(arguments)
            .arg("--json")
            .current_dir(self.world.scratch())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer)
    }

    /// Somebody who kept nothing audits what is served.
    pub(crate) fn newcomer(&self, liar: &Liar) -> (i32, Value) {
        self.audit(liar, &[])
    }

    /// Somebody who kept a checkpoint audits what is served.
    pub(crate) fn auditor(&self, liar: &Liar) -> (i32, Value) {
        self.audit(liar, &["--old", &path_text(&self.kept)])
    }

    /// An audit with more arguments.
    pub(crate) fn audit(&self, liar: &Liar, more: &[&str]) -> (i32, Value) {
        let evidence = path_text(&self.world.scratch().join("evidence.json"));
        let policy = self.policy();
        self.verify(&[&["log", liar.url(), "--policy", &policy, "--evidence", &evidence], more].concat())
    }

    /// The log is convicted, and the file that says so convinces whoever knows the log's key, and accuses nobody else.
    #[track_caller]
    pub(crate) fn assert_convicts(&self, (status, answer): (i32, Value), kind: &str) {
        assert_eq!((status, &answer["verdict"]), (3, &"misbehaviour".into()), "{answer:#}");
        let file = path_text(&self.world.scratch().join("evidence.json"));
        let saved: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(saved["kind"], kind, "{answer:#}");
        let vkey = path_text(&self.world.dir().join("log.vkey"));
        let (status, answer) = self.verify(&["evidence", &file, "--log-key", &vkey]);
        assert_eq!((status, &answer["verdict"]), (3, &"convicts".into()), "{answer:#}");
        let other = Operator::stranger(self.world.registrar().origin().as_str()).vkey().encode();
        assert_eq!(self.verify(&["evidence", &file, "--log-key", &other]).0, 1);
        std::fs::remove_file(file).unwrap();
    }

    /// The audit ends with status 1 and names the rule; there is no evidence against anybody.
    #[track_caller]
    pub(crate) fn assert_names(&self, (status, answer): (i32, Value), rule: &str) {
        assert_eq!(status, 1, "{answer:#}");
        assert!(rules(&answer).contains(&rule), "{rule}: {answer:#}");
        assert!(!self.world.scratch().join("evidence.json").exists(), "{answer:#}");
    }
}

/// Signs as the log does.
pub(crate) fn signer(world: &World) -> LogSigner {
    let second = read_ml_dsa_pem(&world.dir().join("log.ml-dsa-44.key")).unwrap();
    first_signer(world).with_second(second).unwrap()
}

fn first_signer(world: &World) -> LogSigner {
    let key = read_pem(&world.dir().join("log.key")).unwrap();
    LogSigner::new(world.registrar().origin().clone(), key).unwrap()
}

/// A path as an argument.
pub(crate) fn path_text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The rules that an audit found broken.
pub(crate) fn rules(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().map_or(&[][..], Vec::as_slice);
    findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}
