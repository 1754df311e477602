//! Days of logging, from end to end: `logged_from` and `logged_to` follow from ticks of the registrar, whose checkpoints a
//! witness signed at times that the test chooses.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::registrar;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::cosignature::cosignature_message;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde_json::Value;

use crate::world::{World, now};

/// 2024-01-10T00:00:00Z.
const TENTH: u64 = 1_704_844_800;
const DAY: u64 = 86_400;

struct Witness {
    key: SecretKey,
    vkey: Vkey,
}

impl Witness {
    fn new() -> Witness {
        let key = SecretKey::from_seed(&[77; 32]);
        let vkey = Vkey::new("witness.example/w1", VkeyKind::Cosignature, key.public_bytes()).unwrap();
        Witness { key, vkey }
    }

    /// A tick of the newest checkpoint, seen at that time.
    fn tick(&self, world: &World, sequence: u64, time: u64) -> Signed {
        let log = read_vkey(&world.folder.path().join("ledger")).unwrap();
        let note = world.get("/checkpoint").body;
        let text = SignedCheckpoint::open(&note, &log).unwrap().note().text().to_owned();
        let mut blob = time.to_be_bytes().to_vec();
        blob.extend_from_slice(&self.key.sign(&cosignature_message(time, &text)));
        let line = SignatureLine::new(&self.vkey, blob).encode();
        let draft = registrar::tick(&format!("{}{line}", String::from_utf8(note).unwrap()));
        world.registrar.sign_own(&draft, Sequence::new(sequence).unwrap(), now()).unwrap()
    }
}

/// A ledger whose own policy names the witness, with a provider in entry 1.
fn world(witness: &Witness) -> World {
    let mut world = World::made();
    let folder = world.folder.path().join("ledger");
    let log = read_vkey(&folder).unwrap();
    let policy = format!("log {}\nwitness w1 {}\nquorum w1\n", log.encode(), witness.vkey.encode());
    std::fs::write(folder.join("policy.txt"), policy).unwrap();
    world.start().unwrap();
    let enrolment = world.enrolment(&world.provider, 2);
    world.take(&[&enrolment]);
    world
}

/// Decisions in entries 2 and 3; a tick of the last second of the 10th in entry 4; decisions in 5 and 6; a tick of the first
/// second of the 11th in 7; a decision in 8; a tick of the 13th in 9; a decision in 10.
fn fill(world: &World, witness: &Witness) {
    world.take(&[&world.decision(1), &world.decision(2)]);
    world.take(&[&witness.tick(world, 3, TENTH + DAY - 1)]);
    world.take(&[&world.decision(3), &world.decision(4)]);
    world.take(&[&witness.tick(world, 4, TENTH + DAY)]);
    world.take(&[&world.decision(5)]);
    world.take(&[&witness.tick(world, 5, TENTH + 3 * DAY + DAY / 2)]);
    world.take(&[&world.decision(6)]);
}

/// What each query finds. A tick's tree ends before the tick itself.
const FOUND: [(&str, &[u64]); 16] = [
    ("logged_to=2024-01-09", &[]),
    ("logged_to=2024-01-10", &[0, 1, 2, 3]),
    ("logged_to=2024-01-11", &[0, 1, 2, 3, 4, 5, 6]),
    ("logged_to=2024-01-12", &[0, 1, 2, 3, 4, 5, 6]),
    ("logged_to=2024-01-13", &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("logged_to=2024-12-31", &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("logged_from=2024-01-01", &[5, 6, 7, 8, 9, 10]),
    ("logged_from=2024-01-10", &[5, 6, 7, 8, 9, 10]),
    ("logged_from=2024-01-11", &[8, 9, 10]),
    ("logged_from=2024-01-12", &[10]),
    ("logged_from=2024-01-13", &[10]),
    ("logged_from=2024-01-14", &[]),
    ("logged_from=2024-01-10&logged_to=2024-01-10", &[]),
    ("logged_from=2024-01-10&logged_to=2024-01-11", &[5, 6]),
    ("logged_from=2024-01-10&logged_to=2024-01-13&type=decision", &[5, 6, 8]),
    ("logged_from=2024-01-11&logged_to=2024-01-13", &[8]),
];

fn indexes(rows: &Value, at: impl Fn(&Value) -> &Value) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| at(row).as_u64().unwrap()).collect()
}

/// Pages, counts, export and both feeds say the same.
fn check(world: &World) {
    for (query, expected) in FOUND {
        let mut found = Vec::new();
        let mut next = Some(format!("/api/v1/statements?{query}&limit=2"));
        while let Some(path) = next {
            let page = world.get(&path).json();
            assert_eq!((&page["indexed"], &page["total"]), (&11.into(), &expected.len().into()), "{path}");
            found.extend(indexes(&page["statements"], |row| &row["index"]));
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(found, expected, "{query}");
        let counts = world.get(&format!("/api/v1/counts?{query}&by=type")).json();
        let sum: u64 =
            counts["counts"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap()).sum();
        assert_eq!((&counts["total"], sum), (&expected.len().into(), expected.len() as u64), "{query}");
        let rows =
            String::from_utf8(world.get(&format!("/api/v1/export?format=jsonl&{query}")).body).unwrap();
        let rows = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        assert_eq!(indexes(&rows.into(), |row| &row["index"]), expected, "{query}");
        let newest: Vec<u64> = expected.iter().rev().copied().collect();
        let feed = world.get(&format!("/feed.json?{query}")).json();
        assert_eq!(indexes(&feed["items"], |item| &item["_glasshouse"]["index"]), newest, "{query}");
        let atom = String::from_utf8(world.get(&format!("/feed.atom?{query}")).body).unwrap();
        let linked: Vec<u64> = atom
            .split("<entry>")
            .skip(1)
            .map(|entry| entry.split_once("/e/").unwrap().1.split_once('"').unwrap().0.parse().unwrap())
            .collect();
        assert_eq!(linked, newest, "{query}");
    }
}

/// Fails if a bound is not inclusive (`>=` and `<=` in `LoggedRanges::between`), if a tick's own place or its tree's size is
/// one off there, or if ticks are not read back from the index (`LoggedRanges::of`).
#[test]
fn days_of_logging_are_those_that_ticks_prove() {
    let witness = Witness::new();
    let mut world = world(&witness);
    // Nothing is proved before the first tick.
    for query in ["logged_to=2099-12-31", "logged_from=1990-01-01"] {
        assert_eq!(world.get(&format!("/api/v1/statements?{query}")).json()["total"], 0, "{query}");
    }
    fill(&world, &witness);
    check(&world);
    // From the index as it was left, and as it is built again.
    world.stop();
    world.start().unwrap();
    check(&world);
    world.stop();
    std::fs::remove_dir_all(world.folder.path().join("ledger/search")).unwrap();
    world.start().unwrap();
    check(&world);
    // Under a policy that knows no witness the same ticks prove nothing: the index is not of that policy.
    world.stop();
    let folder = world.folder.path().join("ledger");
    let log = read_vkey(&folder).unwrap();
    std::fs::write(folder.join("policy.txt"), format!("log {}\nquorum none\n", log.encode())).unwrap();
    world.start().unwrap();
    assert_eq!(world.get("/api/v1/statements?logged_to=2099-12-31").json()["total"], 0);
}
