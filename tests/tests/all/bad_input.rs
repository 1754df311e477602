//! Whatever is sent is refused item by item, with its rule and its field, and the rest of its batch stands.

mod addenda;
mod bodies;
mod enrolments;
mod fields;
mod forms;
mod numbers;
mod signatures;

use std::path::Path;

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_tests::forge::{self, Forgery};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_tests::world::World;
use serde_json::Value;

/// The most memory that the server may ever have held, in KiB: 300 MiB, and what search holds besides, 12 MiB of facts that are not
/// on disk yet and 15 MiB of documents that are being written.
const PEAK_KIB: u64 = (300 + 12 + 15) * 1024;

/// One submission that must be refused, and how.
struct Bad {
    name: String,
    statement: Vec<u8>,
    addenda: Vec<Vec<u8>>,
    slug: &'static str,
    status: u16,
    errors: Vec<(String, &'static str)>,
}

impl Bad {
    /// A statement alone, that is refused with status 422.
    fn new(name: impl Into<String>, statement: Vec<u8>, slug: &'static str) -> Bad {
        Bad { name: name.into(), statement, addenda: Vec::new(), slug, status: 422, errors: Vec::new() }
    }

    /// A payload that breaks this rule at this place, perhaps among others.
    fn field(name: impl Into<String>, statement: Vec<u8>, path: &str, rule: &'static str) -> Bad {
        Bad::new(name, statement, "invalid-payload").at(path, rule)
    }

    /// Also names this place and rule.
    fn at(mut self, path: &str, rule: &'static str) -> Bad {
        self.errors.push((path.to_owned(), rule));
        self
    }

    /// Comes with these texts.
    fn with(mut self, addenda: Vec<Vec<u8>>) -> Bad {
        self.addenda = addenda;
        self
    }

    /// The item's own status.
    fn status(mut self, status: u16) -> Bad {
        self.status = status;
        self
    }

    /// Compares a result with what must be.
    #[track_caller]
    fn check(&self, position: usize, result: &Value) {
        let name = &self.name;
        assert_eq!(result["status"], "rejected", "{name}: {result}");
        let problem = &result["problem"];
        assert_eq!(problem["type"], format!("urn:glasshouse:problem:{}", self.slug), "{name}: {problem}");
        assert_eq!(problem["status"], self.status, "{name}: {problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{name}: {problem}");
        let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert!(!errors.is_empty(), "{name}: no field and rule in {problem}");
        if self.errors.is_empty() {
            // A fault of the envelope, the key, the time or the order: the problem's own name is the rule.
            assert!(errors.len() == 1 && errors[0]["rule"] == self.slug, "{name}: {problem}");
        }
        assert!(errors.iter().all(|error| error["item"] == position), "{name}: {problem}");
        for (path, rule) in &self.errors {
            let named = errors.iter().any(|error| error["path"] == **path && error["rule"] == *rule);
            assert!(named, "{name}: nothing about {path:?} and {rule:?}: {problem}");
        }
    }
}

/// A ledger with one provider, whose good statements stand between the bad ones.
struct Bench {
    world: World,
    publisher: Publisher,
    key: SecretKey,
}

impl Bench {
    fn start() -> Bench {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let publisher = world.enrol("one");
        Bench { world, publisher, key: Publisher::key_of("one") }
    }

    /// The next decision of the provider, taken apart, and its served texts.
    fn forgery(&mut self) -> (Forgery, Vec<Vec<u8>>) {
        let signed = self.publisher.sign_next();
        (Forgery::of(signed.statement()), signed.served().map(<[u8]>::to_vec).collect())
    }

    /// A decision with one change, signed by the provider.
    fn changed(&mut self, change: impl FnOnce(Forgery) -> Forgery) -> Vec<u8> {
        let (forgery, _) = self.forgery();
        change(forgery).sign(&self.key)
    }

    /// Any authored line as the provider's statement under its next number: taken apart.
    fn line(&mut self, line: &Value) -> Forgery {
        let number = self.publisher.next_number();
        let signed = self.publisher.sign(line, number, now());
        self.publisher.skip();
        Forgery::of(signed.statement())
    }

    /// Sends good, bad, good, bad … good in one batch: all the good stand, each of the bad falls as it must.
    #[track_caller]
    fn refuse(&mut self, cases: &[Bad]) {
        for cases in cases.chunks(400) {
            self.refuse_batch(cases);
        }
    }

    #[track_caller]
    fn refuse_batch(&mut self, cases: &[Bad]) {
        assert!(!cases.is_empty());
        let mut submissions: Vec<(Vec<u8>, Vec<Vec<u8>>)> = Vec::new();
        for case in cases {
            submissions.push(self.good());
            submissions.push((case.statement.clone(), case.addenda.clone()));
        }
        submissions.push(self.good());
        let reply =
            self.world.post(&forge::body(submissions.iter().map(|(s, a)| (s.as_slice(), a.as_slice()))));
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let answer = reply.json();
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), submissions.len());
        for (position, result) in results.iter().enumerate() {
            match position % 2 {
                0 => assert_eq!(result["status"], "accepted", "the good one at {position}: {result}"),
                _ => cases[position / 2].check(position, result),
            }
        }
    }

    fn good(&mut self) -> (Vec<u8>, Vec<Vec<u8>>) {
        let number = self.publisher.next_number();
        let signed = self.publisher.sign(&decision(number), number, now());
        self.publisher.skip();
        (signed.statement().to_vec(), signed.served().map(<[u8]>::to_vec).collect())
    }

    /// The server held its bound on memory, stops in order, and what it wrote is whole.
    #[track_caller]
    fn finish(mut self) {
        let peak = self.world.server().peak_memory_kib();
        assert!(peak <= PEAK_KIB, "the server held {} MiB", peak / 1024);
        assert_eq!(self.world.take_server().stop(), Some(0));
        self.world.assert_fsck_clean();
    }
}
