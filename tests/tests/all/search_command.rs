//! `glasshouse-verify search` on a running ledger, and on one whose answers are bent on the way.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use glasshouse_tests::front::{Bend, Front};
use glasshouse_tests::workload::{decision, now};
use glasshouse_tests::world::World;
use serde_json::{Value, json};

/// A ledger with three decisions of one provider and what became of them: entries 0 to 7.
fn world() -> World {
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let mut publisher = world.enrol("search");
    let mut refund = decision(2);
    refund["decision_facts"] = "A fake shop that sends no refund.".into();
    refund["category"] = "STATEMENT_CATEGORY_SELF_HARM".into();
    let signed =
        [publisher.sign_next(), publisher.sign(&refund, 2, now()), publisher.sign(&decision(3), 3, now())];
    publisher.skip();
    publisher.skip();
    let results = world.submit(&signed);
    assert!(results.iter().all(|result| result["status"] == "accepted"), "{results:?}");
    let [first, second, third] =
        [0, 1, 2].map(|at: usize| results[at]["leaf_hash"].as_str().unwrap().to_owned());
    let lines = [
        (
            json!({"type": "amendment", "targets": [{"entry": first}], "amendment_reason": "wrong_category",
            "category": "STATEMENT_CATEGORY_VIOLENCE"}),
            1,
        ),
        (
            json!({"type": "outcome", "targets": [{"entry": second}], "procedure": "internal_complaint", "result": "reversed"}),
            2,
        ),
        (json!({"type": "withdrawal", "targets": [{"entry": third}]}), 3),
    ];
    let later: Vec<_> = lines.iter().map(|(line, about)| publisher.sign_about(line, *about)).collect();
    let results = world.submit(&later);
    assert!(results.iter().all(|result| result["status"] == "accepted"), "{results:?}");
    world.await_index();
    world
}

/// Exit status and standard output of a search at that URL.
fn search(world: &World, place: &str, words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["search", place])
        .args(words)
        .current_dir(world.dir())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap() + &errors)
}

/// The same as JSON.
fn ask(world: &World, words: &[&str]) -> (i32, Value) {
    let (status, text) = search(world, world.server().url(), &[words, &["--json"]].concat());
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn indexes(answer: &Value) -> Vec<u64> {
    answer["statements"].as_array().unwrap().iter().map(|row| row["index"].as_u64().unwrap()).collect()
}

#[test]
fn what_is_found_and_counted_is_what_was_published() {
    let world = world();
    let (_, whole) = ask(&world, &[]);
    let size = whole["size"].as_u64().unwrap();
    assert_eq!(indexes(&whole), (0..size).collect::<Vec<_>>(), "{whole}");
    let first = size - 6;
    for (words, found) in [
        (&["type=decision"][..], vec![first, first + 1, first + 2]),
        (&["type=decision", "--sort", "newest"], vec![first + 2, first + 1, first]),
        (&["category=STATEMENT_CATEGORY_VIOLENCE", "territory=DE"], vec![first]),
        (&["q=\"fake shop\" refund"], vec![first + 1]),
        (&["q=fake -refund"], vec![]),
        (&["--q", "fake"], vec![first + 1]),
        (&["standing=reversed"], vec![first + 1]),
        (&["type=decision", "--limit", "2"], vec![first, first + 1]),
        (&["type=decision", "--after", &first.to_string()], vec![first + 1, first + 2]),
    ] {
        let (status, answer) = ask(&world, words);
        assert_eq!((status, &answer["verdict"]), (0, &"answered".into()), "{answer}");
        assert_eq!(indexes(&answer), found, "{words:?}: {answer}");
        assert!(answer["not_proved"].to_string().contains("leave entries out"));
    }
    let (_, page) = ask(&world, &["--limit", "2"]);
    let (_, behind) =
        ask(&world, &["--limit", "2", &format!("--cursor={}", page["cursor"].as_str().unwrap())]);
    assert_eq!(indexes(&behind), [2, 3]);
    let (_, counts) = ask(&world, &["type=decision", "--counts", "category,standing"]);
    assert_eq!((&counts["total"], counts["counts"].as_array().unwrap().len()), (&3.into(), 3), "{counts}");
    // No entry here names an authority: that is null for programs, and no name for people.
    let (status, counts) = ask(&world, &["type=decision", "--counts", "authority"]);
    assert_eq!((status, &counts["counts"]), (0, &json!([{"authority": null, "count": 3}])), "{counts}");
    let (_, words) = search(&world, world.server().url(), &["type=decision", "--counts", "authority"]);
    assert!(words.contains("    3  (absent)"), "{words}");
    let (status, words) = search(&world, world.server().url(), &["type=decision", "--counts", "provider"]);
    assert_eq!(status, 0);
    assert!(words.contains("    3  search.example"), "{words}");
    assert!(words.starts_with("the server's word: "), "{words}");
}

/// Genesis, enrolment, decisions that were amended, reversed and withdrawn, and what did that: every kind of row.
#[test]
fn each_row_is_proved_by_its_receipt() {
    let world = world();
    let check = ["--all", "--limit", "3", "--check", "--policy", "policy.txt"];
    let (status, text) = search(&world, world.server().url(), &check);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("\nholds: "), "{text}");
    for kind in [
        "(genesis)",
        "(enrolment)",
        "(outcome)",
        "(withdrawal)",
        "in_force, amended",
        "reversed",
        "withdrawn",
    ] {
        assert!(text.contains(kind), "{kind}: {text}");
    }
    let (_, text) = search(&world, world.server().url(), &[&check[..], &["--json"]].concat());
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (answer, rows) = lines.split_last().unwrap();
    assert!(rows.iter().all(|row| row["receipt"]["verdict"] == "holds"), "{text}");
    assert_eq!((&answer["checked"], &answer["held"]), (&rows.len().into(), &rows.len().into()));
    assert_eq!((&answer["amended"], &answer["origin"]), (&1.into(), &"log.test.example".into()));
    // Whom the log's receipts do not satisfy.
    let other = World::start(world.program());
    let policy = other.dir().join("policy.txt");
    let (status, answer) = ask(&world, &["type=decision", "--check", "--policy", policy.to_str().unwrap()]);
    assert_eq!((status, &answer["failed_count"]), (1, &3.into()), "{answer}");
}

#[test]
fn a_row_that_was_bent_is_named() {
    let world = world();
    let bend: Bend = Arc::new(|_, path, answered| {
        if path.starts_with("api/v1/statements?") {
            let mut list: Value = serde_json::from_slice(&answered.body).unwrap();
            list["statements"][0]["iss"] = "https://innocent.example".into();
            answered.body = list.to_string().into_bytes();
        }
    });
    let front = Front::before(world.server().url(), bend);
    let check = ["type=decision", "--check", "--policy", "policy.txt"];
    let (status, text) = search(&world, front.url(), &check);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("3 rows checked, of which 1 does not hold"), "{text}");
    assert!(
        text.contains("its row says iss https://innocent.example, its receipt https://search.example"),
        "{text}"
    );
}

#[test]
fn a_word_that_is_refused_is_explained() {
    let world = world();
    for (words, said) in [
        (&["category=SCAM"][..], "category=SCAM (not-a-code)"),
        (&["colour=red"], "colour=red (unknown)"),
        (&["--sort", "up"], "oldest, newest, day, -day"),
        (&["--counts", "colour"], "by="),
        (&["cursor=x"], "--cursor CURSOR"),
        (&["--cursor", "x"], "cursor=x (grammar)"),
        (&["--check"], "--check needs --policy"),
        (&["--policy", "policy.txt"], "needed only with --check"),
        (&["--log-key", "x"], "needed only with --check"),
    ] {
        let (status, text) = search(&world, world.server().url(), words);
        assert_eq!(status, 2, "{text}");
        assert!(text.contains(said), "{said}: {text}");
    }
    let (_, answer) = ask(&world, &["category=SCAM"]);
    let allowed = answer["problem"]["errors"][0]["allowed"].as_str().unwrap();
    assert!(allowed.contains("STATEMENT_CATEGORY_SCAMS_AND_FRAUD"), "{answer}");
}
