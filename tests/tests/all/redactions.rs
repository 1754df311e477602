//! After a redaction the text is found nowhere: in no file, no answer, no log; nor after kills at any moment.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_tests::traces::Needles;
use glasshouse_tests::workload::{Publisher, batch, decision, now};
use glasshouse_tests::world::World;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::receipt::Receipt;
use serde_json::{Value, json};

/// How often the server is killed.
const KILLS: u64 = 60;
const FACTS: &str = "decision_facts";

fn world() -> World {
    World::init(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")))
}

fn text_of<'a>(signed: &'a Signed, field: &str) -> &'a [u8] {
    &signed.addenda()[&FieldName::find(field).unwrap()]
}

fn path_of(signed: &Signed, field: &str) -> String {
    let digest = Digest::of(text_of(signed, field)).to_hex();
    format!("/addenda/{}/{}/{digest}", &digest[..2], &digest[2..4])
}

fn leaf(signed: &Signed) -> Value {
    json!({"entry": signed.leaf_hash().to_hex()})
}

fn redaction(targets: Value, fields: &[&str]) -> Value {
    json!({"type": "redaction", "targets": targets, "fields": fields, "redaction_ground": "erasure_request",
        "requested_by": "data_subject"})
}

/// A decision whose facts nobody else has, withheld or served.
fn marked(publisher: &mut Publisher, withheld: bool) -> Signed {
    let number = publisher.next_number();
    let mut line = decision(number);
    line[FACTS] =
        json!(format!("Zebulon Quagmire-{number} of {} Vellichor Lane was reported.", number * 7919));
    if withheld {
        line["withheld"] = json!({FACTS: {"ground": "personal_data"}});
    }
    let signed = publisher.sign(&line, number, now());
    publisher.skip();
    signed
}

#[track_caller]
fn accepted(result: &Value) -> u64 {
    assert_eq!(result["status"], "accepted", "{result}");
    result["index"].as_u64().unwrap()
}

/// The ledger's own checks, and an auditor's from outside, who also fetches every text.
#[track_caller]
fn assert_whole(world: &World, when: &str) -> Value {
    world.assert_fsck_clean();
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["log", world.server().url(), "--texts", "--json", "--policy"])
        .arg(world.dir().join("policy.txt"))
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{when}: {answer}");
    answer
}

#[test]
fn a_redacted_text_is_found_nowhere() {
    let mut world = world();
    world.serve_logging(&[], "trace");
    let mut one = world.enrol("one");
    world.enrol("two");
    let decisions: Vec<Signed> = (0..40).map(|number| marked(&mut one, number % 4 == 3)).collect();
    for result in world.submit(&decisions) {
        accepted(&result);
    }
    let mut all = Needles::default();
    decisions.iter().for_each(|signed| all.add_addendum(text_of(signed, FACTS), "facts"));
    assert!(all.found_in(&std::fs::read(world.dir().join("addenda-pack/000")).unwrap()).is_some());
    let old = Receipt::parse(&world.get("/api/v1/receipts/3").body).unwrap();
    // By one leaf hash; by a range, which passes over what is withheld; what was disclosed first; the registrar's.
    let mut gone = BTreeMap::new();
    let by =
        accepted(&world.submit([&one.sign_about(&redaction(json!([leaf(&decisions[0])]), &[FACTS]), 1)])[0]);
    gone.insert(0, by);
    let range = redaction(json!([{"first": 5, "last": 20}]), &[FACTS, "puid"]);
    let by = accepted(&world.submit([&one.sign_about(&range, 0)])[0]);
    gone.extend((4..20).filter(|at| at % 4 != 3).map(|at| (at, by)));
    let opening = json!({"type": "disclosure", "targets": [leaf(&decisions[23])], "fields": [FACTS]});
    let opening = one.sign_about(&opening, 24);
    accepted(&world.submit_opening(&opening, &[text_of(&decisions[23], FACTS)]));
    assert_eq!(world.get(&path_of(&decisions[23], FACTS)).body, text_of(&decisions[23], FACTS));
    let both = redaction(json!([leaf(&decisions[23]), leaf(&decisions[27])]), &[FACTS]);
    let by = accepted(&world.submit([&one.sign_about(&both, 0)])[0]);
    gone.extend([(23, by), (27, by)]);
    let mut needles = Needles::default();
    for at in gone.keys() {
        needles.add_addendum(text_of(&decisions[*at], FACTS), &format!("the facts of {at}"));
        needles.add(format!("Zebulon Quagmire-{} of", at + 1).as_bytes(), &format!("the name in {at}"));
    }
    (4..20).for_each(|at| needles.add_addendum(text_of(&decisions[at], "puid"), "a puid"));
    let look = |world: &World, when: &str| {
        let bytes = needles.assert_not_below(&world.dir(), when);
        let answers = needles.assert_not_answered(world, when);
        for (at, by) in &gone {
            let reply = world.get_with(&path_of(&decisions[*at], FACTS), &[("If-None-Match", "*")]);
            assert_eq!(reply.status, 451, "{when}: {at}");
            assert_eq!(reply.json()["type"], "urn:glasshouse:problem:addendum-redacted");
            let links = format!(
                "</e/{}>; rel=\"describedby\", </e/{by}>; rel=\"related\", </>; rel=\"blocked-by\"",
                at + 3
            );
            assert_eq!(reply.header("link"), Some(links.as_str()));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        let answer = assert_whole(world, when);
        // 14 facts and 16 numbers of the provider's own.
        assert_eq!(answer["texts"]["redacted"], json!(gone.len() + 16), "{when}: {answer}");
        println!("{when}: {bytes} bytes of files, {answers} addresses, {} needles", needles.count());
    };
    look(&world, "after the redactions");
    // The other texts are there.
    assert_eq!(world.get(&path_of(&decisions[1], FACTS)).body, text_of(&decisions[1], FACTS));
    world.take_server().kill();
    needles.assert_not_below(&world.dir(), "killed");
    world.serve_logging(&[], "trace");
    look(&world, "after kill -9");
    assert_eq!(world.take_server().stop(), Some(0));
    needles.assert_not_below(&world.dir(), "stopped");
    std::fs::remove_dir_all(world.dir().join("look-ups")).unwrap();
    std::fs::remove_file(world.dir().join("erasures")).unwrap();
    world.serve_logging(&[], "trace");
    look(&world, "with look-ups built anew");
    // A receipt from before holds the text, and verifies still.
    assert!(old.addenda().iter().any(|text| text == text_of(&decisions[0], FACTS)));
    old.verify(&world.policy()).unwrap();
}

#[test]
fn a_held_text_is_shown_nowhere_and_comes_back() {
    let mut world = world();
    world.serve_logging(&["--redaction-hold", "72h"], "info");
    let mut one = world.enrol("one");
    let signed = marked(&mut one, false);
    accepted(&world.submit([&signed])[0]);
    let redacted = one.sign_about(&redaction(json!([leaf(&signed)]), &[FACTS]), 1);
    accepted(&world.submit([&redacted])[0]);
    let mut needles = Needles::default();
    needles.add_addendum(text_of(&signed, FACTS), "held facts");
    for start in ["at first", "after kill -9"] {
        needles.assert_not_answered(&world, start);
        assert_eq!(world.get(&path_of(&signed, FACTS)).status, 451, "{start}");
        assert_eq!(assert_whole(&world, start)["texts"]["redacted"], json!(1));
        world.take_server().kill();
        let pack = std::fs::read(world.dir().join("addenda-pack/000")).unwrap();
        assert!(needles.found_in(&pack).is_some(), "{start}: erased although it is held");
        world.serve_logging(&["--redaction-hold", "72h"], "info");
    }
    let back = one.sign_about(&json!({"type": "withdrawal", "targets": [leaf(&redacted)]}), 1);
    accepted(&world.submit([&back])[0]);
    assert_eq!(world.get(&path_of(&signed, FACTS)).body, text_of(&signed, FACTS));
    // Again, and now the operator holds no longer.
    let again = one.sign_about(&redaction(json!([leaf(&signed)]), &[FACTS]), 1);
    accepted(&world.submit([&again])[0]);
    assert_eq!(world.take_server().stop(), Some(0));
    world.serve();
    needles.assert_not_below(&world.dir(), "without a hold");
    let late = one.sign_about(&json!({"type": "withdrawal", "targets": [leaf(&again)]}), 1);
    let result = world.submit([&late])[0].clone();
    assert_eq!(result["problem"]["type"], "urn:glasshouse:problem:target-state", "{result}");
    let detail = result["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("can no longer be withdrawn: the ledger holds it no longer"), "{detail}");
    assert!(detail.ends_with("goes on record anew, in an amendment or a new statement"), "{detail}");
    assert_whole(&world, "in the end");
}

/// Numbers of this test's own random sequence (SplitMix64), so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// A redaction that was sent, and the facts that it erases.
struct Sent {
    signed: Signed,
    erases: Vec<(u64, Vec<u8>)>,
}

/// What a client knows of the decisions that it filed and the redactions that it sent.
#[derive(Default)]
struct Client {
    sent: Vec<Sent>,
    /// The facts of decisions that are on record and that nothing was said about.
    whole: Vec<(u64, Signed)>,
    /// Sent, and not answered.
    open: Vec<Signed>,
    decisions: BTreeMap<u64, Signed>,
}

impl Client {
    /// Files decisions and erases earlier ones until the server is gone. Counts what was answered.
    fn live(&mut self, url: &str, publisher: &mut Publisher, random: &mut Random, answers: &AtomicU64) {
        loop {
            if self.open.is_empty() {
                self.plan(publisher, random);
            }
            let request = ureq::post(format!("{url}/api/v1/statements"));
            let request = request.header("Content-Type", "application/cbor");
            let Ok(mut answer) = request.send(batch(&self.open)) else { return };
            let Ok(text) = answer.body_mut().read_to_string() else { return };
            let answer: Value = serde_json::from_str(&text).unwrap();
            self.take(&answer);
            answers.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// What the client does next: some decisions, the redaction of one or two, or of a range.
    fn plan(&mut self, publisher: &mut Publisher, random: &mut Random) {
        for _ in 0..=random.below(6) {
            let number = publisher.next_number();
            let signed = marked(publisher, false);
            self.decisions.insert(number, signed.clone());
            self.open.push(signed);
        }
        let count = (self.whole.len() as u64).min(random.below(4));
        if count == 0 {
            return;
        }
        let at = random.below(self.whole.len() as u64 - count + 1);
        let at = usize::try_from(at).unwrap();
        let chosen: Vec<_> = self.whole.drain(at..at + usize::try_from(count).unwrap()).collect();
        let targets = match chosen.as_slice() {
            [(first, _), .., (last, _)] if last - first + 1 == count => {
                json!([{"first": first, "last": last}])
            }
            several => several.iter().map(|(_, signed)| leaf(signed)).collect(),
        };
        let line = redaction(targets, &[FACTS]);
        let signed = publisher.sign_about(&line, chosen[0].0);
        let facts = |(number, signed): &(u64, Signed)| (*number, text_of(signed, FACTS).to_vec());
        self.sent.push(Sent { signed: signed.clone(), erases: chosen.iter().map(facts).collect() });
        self.open.push(signed);
    }

    fn take(&mut self, answer: &Value) {
        let results = answer["results"].as_array().unwrap();
        for (signed, result) in self.open.drain(..).zip(results) {
            let status = result["status"].as_str().unwrap();
            assert!(status == "accepted" || status == "duplicate", "{result}");
            let statement = glasshouse_verifier::statement::Statement::parse(signed.statement()).unwrap();
            let number = statement.sequence().get();
            if self.decisions.contains_key(&number) {
                self.whole.push((number, signed));
            }
        }
        self.whole.sort_by_key(|(number, _)| *number);
    }

    /// The texts of every redaction that is in the log, answered or not, are gone.
    #[track_caller]
    fn check(&self, world: &World, when: &str) -> usize {
        let mut needles = Needles::default();
        for Sent { signed, erases } in &self.sent {
            let status = world.get(&format!("/api/v1/statements/{}", signed.leaf_hash().to_hex())).status;
            assert!(status == 200 || status == 404, "{when}: {status}");
            let is_open = self.open.iter().any(|open| open.leaf_hash() == signed.leaf_hash());
            assert!(status == 200 || is_open, "{when}: a redaction that was answered is not on record");
            if status == 200 {
                for (number, facts) in erases {
                    needles.add_addendum(facts, &format!("the facts of {number}"));
                }
            }
        }
        // An index that is being built has files that come and go.
        world.await_index();
        needles.assert_not_below(&world.dir(), when);
        assert_eq!(needles.found_in(&world.server().log()), None, "{when}: the log");
        needles.count()
    }
}

/// Two ledgers, side by side: looking for everything takes the longer, the longer one lives.
#[test]
fn nothing_comes_back_when_the_server_is_killed() {
    survive(2027, 0..KILLS / 2);
}

#[test]
fn nothing_comes_back_when_another_server_is_killed() {
    survive(2028, KILLS / 2..KILLS);
}

fn survive(seed: u64, kills: std::ops::Range<u64>) {
    let mut random = Random(seed);
    let mut world = world();
    world.serve();
    let mut publisher = world.enrol("one");
    let mut client = Client::default();
    let mut looked_for = 0;
    for kill in kills.clone() {
        let (url, answers) = (world.server().url().to_owned(), &AtomicU64::new(0));
        std::thread::scope(|scope| {
            let (publisher, client) = (&mut publisher, &mut client);
            let mut choices = Random(kill);
            let client_thread = scope.spawn(move || client.live(&url, publisher, &mut choices, answers));
            // The moment of the kill is what is random here: behind some answers, however long they took, and a moment.
            let (after, moment) = (1 + random.below(3), Duration::from_millis(random.below(100)));
            while answers.load(Ordering::SeqCst) < after && !client_thread.is_finished() {
                std::thread::yield_now();
            }
            let until = Instant::now() + moment;
            while Instant::now() < until && !client_thread.is_finished() {
                std::thread::yield_now();
            }
            world.take_server().kill();
        });
        world.serve();
        looked_for = client.check(&world, &format!("kill {kill}"));
        world.assert_fsck_clean();
    }
    assert!(looked_for > 100, "only {looked_for} needles: the server was hardly under load");
    for (signed, result) in client.open.iter().zip(world.submit(&client.open)) {
        assert_ne!(result["status"], "rejected", "{result} {}", signed.leaf_hash());
    }
    client.open.clear();
    let needles = client.check(&world, "in the end");
    assert_whole(&world, "in the end");
    println!("kills {kills:?}, {} redactions, {needles} needles", client.sent.len());
}
