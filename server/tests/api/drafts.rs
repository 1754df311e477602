//! Drafts: what is said of them, that the command says the same, and that nothing hostile gets through or is kept.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{Reply, World, decision_line};

const GLASSHOUSE: &str = env!("CARGO_BIN_EXE_glasshouse");

fn post(world: &World, body: &[u8], media_type: &str) -> Reply {
    world.post_to("/api/v1/drafts", body, media_type)
}

fn results(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.json());
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.json()["results"].as_array().unwrap().clone()
}

/// What the command says of a file, one object a line, without the event's name.
fn command(lines: &str, arguments: &[&str]) -> Vec<Value> {
    let mut child = Command::new(GLASSHOUSE)
        .args([&["check", "--json", "-"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut lines: Vec<Value> = events.filter(|event| event["event"] == "line").collect();
    lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("event")));
    lines
}

/// Lines with all sorts of faults, the last one without.
fn lines() -> Vec<String> {
    let mut wrong = decision_line(1);
    wrong["category"] = json!("VIOLENCE");
    wrong["decision_fact"] = wrong["decision_facts"].take();
    let mut personal = decision_line(2);
    personal["decision_facts"] = json!("Reported by jane@mail.example on +49 30 1234567.");
    let mut refers = decision_line(3);
    refers["relates_to"] = json!([{"relation": "follows", "entry": "puid:case-2"},
        {"relation": "follows", "entry": "puid:case-4"}]);
    let mut changed = decision_line(2);
    changed["items"] = json!(2);
    let mut open = decision_line(5);
    open.as_object_mut().unwrap().remove("provider_role");
    let values = [wrong, personal.clone(), refers, personal, changed, open, decision_line(4)];
    let mut lines: Vec<String> = values.iter().map(Value::to_string).collect();
    lines.insert(2, "{\"puid\": ".to_owned());
    lines.insert(3, "[1]".to_owned());
    lines
}

#[test]
fn the_route_and_the_command_say_the_same() {
    let world = World::new();
    let text = lines().join("\n\n");
    let by_route = results(&post(&world, text.as_bytes(), "application/x-ndjson"));
    assert_eq!(by_route, command(&text, &[]));
    assert_eq!(by_route.len(), 9);
    let rules = |result: &Value, part: &str| -> Vec<String> {
        let findings = result[part].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&by_route[0], "errors"), ["not-a-code", "unknown-field", "required"]);
    assert_eq!(rules(&by_route[1], "warnings"), ["looks-like-email", "looks-like-phone"]);
    assert_eq!(rules(&by_route[2], "errors"), ["not-json"]);
    assert_eq!(rules(&by_route[3], "errors"), ["wrong-type"]);
    assert_eq!(rules(&by_route[4], "notes"), ["reference-not-in-file"]);
    assert_eq!(rules(&by_route[5], "notes"), ["repeated-line"]);
    assert_eq!(rules(&by_route[6], "errors"), ["already-published"]);
    assert_eq!(rules(&by_route[7], "warnings"), ["role-left-out"]);
    assert_eq!(rules(&by_route[8], "warnings"), ["reference-to-later-line"]);
    // The numbers are those of the lines, white ones counted.
    let numbers: Vec<u64> = by_route.iter().map(|result| result["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 3, 5, 7, 9, 11, 13, 15, 17]);
    let role = world.post_to("/api/v1/drafts?role=host", text.as_bytes(), "application/x-ndjson");
    assert_eq!(results(&role), command(&text, &["--role", "host"]));
    assert!(rules(&results(&role)[7], "errors").contains(&"required".to_owned()), "{}", role.json());
}

#[test]
fn one_object_or_a_list_of_them() {
    let world = World::new();
    let one = results(&post(&world, decision_line(1).to_string().as_bytes(), "application/json"));
    assert_eq!(one.len(), 1);
    assert_eq!((&one[0]["line"], &one[0]["errors"]), (&json!(1), &json!([])));
    let entry = &one[0]["statement"]["entry"];
    assert_eq!(
        (&entry["type"], &entry["category"]),
        (&json!("decision"), &json!("STATEMENT_CATEGORY_VIOLENCE"))
    );
    assert_eq!(one[0]["statement"]["texts"]["contact"]["place"], "withheld");
    assert_eq!(one[0]["completeness"]["owed"], "not_owed");
    let list = json!([decision_line(1), 7, decision_line(2)]);
    let list = results(&post(&world, list.to_string().as_bytes(), "application/json; charset=utf-8"));
    let lines: Vec<&Value> = list.iter().map(|result| &result["line"]).collect();
    assert_eq!(lines, [1, 2, 3]);
    assert_eq!(list[1]["errors"][0]["rule"], "wrong-type");
    let broken = results(&post(&world, b"{\"a\": ", "application/json"));
    assert_eq!(broken[0]["errors"][0]["rule"], "not-json");
}

#[test]
fn bodies_that_are_refused_whole() {
    let world = World::new();
    let list = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    let lines = |count: usize| "{}\n".repeat(count);
    for (body, media_type, problem) in [
        (String::new(), "application/json", (400, "batch-size")),
        ("[]".to_owned(), "application/json", (400, "batch-size")),
        (" \n\n".to_owned(), "application/x-ndjson", (400, "batch-size")),
        (list(1_001), "application/json", (400, "batch-size")),
        (lines(1_001), "application/x-ndjson", (400, "batch-size")),
        ("[{}, ".to_owned(), "application/json", (400, "not-json")),
        ("[{}] x".to_owned(), "application/json", (400, "not-json")),
        ("{}".to_owned(), "text/plain", (415, "unsupported-media-type")),
        ("{}".to_owned(), "application/cbor", (415, "unsupported-media-type")),
    ] {
        let reply = post(&world, body.as_bytes(), media_type);
        assert_eq!(reply.problem(), (problem.0, problem.1.to_owned()), "{media_type}");
    }
    assert_eq!(results(&post(&world, list(1_000).as_bytes(), "application/json")).len(), 1_000);
    assert_eq!(results(&post(&world, lines(1_000).as_bytes(), "application/x-ndjson")).len(), 1_000);
    let role = world.post_to("/api/v1/drafts?role=wizard", b"{}", "application/json");
    assert_eq!(role.problem(), (400, "bad-request".to_owned()));
    assert_eq!(role.json()["errors"][0]["path"], "role");
    let large = post(&world, &vec![b' '; (16 << 20) + 1], "application/json");
    assert_eq!(large.problem(), (413, "body-too-large".to_owned()));
}

#[test]
fn hostile_bodies_get_clear_and_bounded_answers() {
    let world = World::new();
    let first = |body: &[u8]| results(&post(&world, body, "application/x-ndjson"))[0]["errors"][0].clone();
    let deep = "[".repeat(16 << 20);
    assert_eq!(first(format!("{{\"a\":{}", &deep[8..]).as_bytes())["rule"], "too-deep");
    assert_eq!(post(&world, deep.as_bytes(), "application/json").problem().1, "not-json");
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat((16 << 19) - 10));
    assert_eq!(first(wide.as_bytes())["rule"], "too-many-values");
    assert_eq!(first(b"{\"puid\": \"\xff\xfe\"}")["rule"], "not-json");
    assert_eq!(first(b"{\"items\": 1e999}")["rule"], "not-json");
    let long = format!("{{\"{}\": 1}}", "x".repeat((16 << 20) - 100));
    let reply = post(&world, long.as_bytes(), "application/json");
    assert!(reply.body.len() < 10_000, "{} bytes", reply.body.len());
    // Many drafts with a thousand wrong members each: the answer names some, and counts the others.
    let members: Vec<String> = (0..1_000).map(|number| format!("\"member_{number}\":1")).collect();
    let draft = format!("{{{}}}", members.join(","));
    let body = format!("[{}]", vec![draft.as_str(); 120].join(","));
    let reply = post(&world, body.as_bytes(), "application/json");
    let results = results(&reply);
    let count =
        |name: &str| results.iter().map(|result| result[name].as_array().unwrap().len()).sum::<usize>();
    assert_eq!((results.len(), count("errors") + count("warnings")), (120, 10_000));
    assert!(results[119]["left_out"].as_u64().unwrap() > 1_000);
    assert!(reply.body.len() < 6 << 20, "{} bytes", reply.body.len());
}

#[test]
fn nothing_of_a_draft_is_kept() {
    let mut world = World::with_provider();
    let size = world.get("/api/v1/stats").json()["size"].clone();
    let mut draft = decision_line(1);
    draft["decision_facts"] = json!("Zanzibar-Marzipan 4711");
    results(&post(&world, draft.to_string().as_bytes(), "application/json"));
    assert_eq!(world.get("/api/v1/stats").json()["size"], size);
    world.stop();
    let mut open = vec![world.folder.path().to_owned()];
    let mut files = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(8).any(|window| window == b"Zanzibar"), "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 5, "{files} files");
}
