//! Exports: the rows of a search in three formats, over one tree, for a bounded number of readers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, sign};

/// Rows of a text, as JSON lines have them.
fn rows(world: &World, query: &str) -> Vec<Value> {
    let reply = world.get(&format!("/api/v1/export?format=jsonl&{query}"));
    assert_eq!(reply.status, 200, "{query}: {}", String::from_utf8_lossy(&reply.body));
    let text = String::from_utf8(reply.body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Three decisions: one as filed, one amended and lifted, one whose facts were erased.
fn storied() -> World {
    let world = World::with_provider();
    let (plain, mended, erased) = (world.decision(1), world.decision(2), world.decision(3));
    let reason = json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_SELF_HARM",
        "decision_facts": "=HYPERLINK(\"https://a.example\")"});
    let amendment = later(&world.provider, "amendment", 4, About::Entry(&mended), reason);
    let end = json!({"end_date": "2022-10-01", "lifted_reason": "complied"});
    let lifted = later(&world.provider, "lifted", 5, About::Entry(&mended), end);
    let erasure = json!({"fields": ["decision_facts"], "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    let redaction = later(&world.provider, "redaction", 6, About::Entry(&erased), erasure);
    world.take(&[&plain, &mended, &erased, &amendment, &lifted, &redaction]);
    world
}

#[test]
fn rows_are_entries_as_they_stand() {
    let world = storied();
    let all = rows(&world, "texts=with");
    assert_eq!(all.len(), 8);
    let decisions = rows(&world, "texts=with&type=decision");
    let of = |name: &str| decisions.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("index"), [2, 3, 4]);
    assert_eq!(of("standing"), ["in_force", "lifted", "in_force"]);
    assert_eq!(of("amended"), [false, true, false]);
    assert_eq!(of("category")[1], "STATEMENT_CATEGORY_SELF_HARM");
    assert_eq!(of("order"), ["without"; 3]);
    let facts = decision_line(1)["decision_facts"].clone();
    assert_eq!(of("decision_facts"), [facts, json!("=HYPERLINK(\"https://a.example\")"), Value::Null]);
    assert_eq!(of("redacted")[2], json!(["decision_facts"]));
    assert_eq!(of("withheld"), [json!(["contact"]), json!(["contact"]), json!(["contact"])]);
    let coded = rows(&world, "type=decision&standing=in_force");
    assert_eq!(coded.iter().map(|row| &row["index"]).collect::<Vec<_>>(), [&json!(2), &json!(4)]);
    assert!(coded[0].get("decision_facts").is_none() && coded[0].get("territory").is_some());
    for row in &decisions {
        let counted = world.get(&format!("/api/v1/statements/{}", row["index"])).json();
        assert_eq!((&row["leaf_hash"], &row["iss"]), (&counted["leaf_hash"], &counted["iss"]));
    }
    // No spreadsheet runs what a statement says.
    let csv = world.get("/api/v1/export?format=csv&texts=with&type=decision").body;
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("\"'=HYPERLINK(\"\"https://a.example\"\")\""), "{csv}");
    assert_eq!(csv.lines().count(), 4);
}

#[test]
fn an_answer_names_its_tree_and_its_columns() {
    let world = storied();
    let root = world.get("/api/v1/stats").json()["root"].as_str().unwrap().to_owned();
    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("jsonl", "application/x-ndjson"),
        ("parquet", "application/vnd.apache.parquet"),
    ] {
        let reply = world.get(&format!("/api/v1/export?format={format}&type=decision"));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)));
        assert_eq!(reply.header("glasshouse-tree-size"), Some("8"));
        assert_eq!(reply.header("glasshouse-tree-root"), Some(root.as_str()));
        assert_eq!(reply.header("glasshouse-origin"), Some("log.example/takedowns"));
        assert_eq!(reply.header("glasshouse-data-set"), Some("glasshouse-data-set/1"));
        let name = format!("attachment; filename=\"log.example_takedowns-8-{}.{format}\"", &root[..16]);
        assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
        // A length would be known beforehand only where the rows were.
        assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    }
    let parquet = world.get("/api/v1/export?format=parquet&type=decision").body;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let inside = String::from_utf8_lossy(&parquet).into_owned();
    assert!(inside.contains(&root) && inside.contains("glasshouse.root"));
    // A search that finds nothing is a data set too.
    assert!(rows(&world, "type=closure").is_empty());
    assert_eq!(
        world.get("/api/v1/export?format=csv&type=closure").body.iter().filter(|b| **b == b'\n').count(),
        1
    );
    let empty = world.get("/api/v1/export?format=parquet&type=closure").body;
    assert!(empty.ends_with(b"PAR1"));
}

/// HEAD tells everything that GET does, and no length: nobody knows it. Fails if the route answers HEAD with an empty body.
#[test]
fn a_head_has_no_length() {
    let world = storied();
    let address = world.url().trim_start_matches("http://").to_owned();
    for format in ["csv", "jsonl", "parquet"] {
        let path = format!("/api/v1/export?format={format}&type=decision");
        let mut stream = TcpStream::connect(&address).unwrap();
        let request = format!("HEAD {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let head = answer.strip_suffix("\r\n\r\n").unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        assert!(!head.contains("content-length"), "{head}");
        for name in ["content-type", "content-disposition", "glasshouse-tree-size", "glasshouse-tree-root"] {
            let value = world.get(&path).header(name).unwrap().to_lowercase();
            assert!(head.contains(&format!("\r\n{name}: {value}")), "{name}: {head}");
        }
    }
    // Its place among the exports is free again.
    assert_eq!(rows(&world, "type=decision").len(), 3);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let world = World::with_provider();
    for (query, path, rule) in [
        ("", "format", "required"),
        ("format=xlsx", "format", "not-a-code"),
        ("format=csv&format=csv", "format", "duplicate"),
        ("format=csv&texts=yes", "texts", "not-a-code"),
        ("format=csv&limit=3", "limit", "unknown"),
        ("format=csv&type=decree", "type", "not-a-code"),
    ] {
        let reply = world.get(&format!("/api/v1/export?{query}"));
        assert_eq!(reply.problem(), (400, "bad-request".to_owned()), "{query}");
        let error = &reply.json()["errors"][0];
        assert_eq!((&error["path"], &error["rule"]), (&path.into(), &rule.into()), "{query}");
    }
    let address = world.url().trim_start_matches("http://").to_owned();
    let mut old = TcpStream::connect(&address).unwrap();
    old.write_all(b"GET /api/v1/export?format=csv HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    old.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 400 ") && answer.contains("HTTP/1.1"), "{answer}");
}

/// Readers that ask and do not read: they hold their places and nobody else's, and give them back when they go.
#[test]
fn readers_that_do_not_read_hold_two_places_and_no_more() {
    let world = World::with_provider();
    let many = long_lines(&world, 3_000);
    world.take(&many.iter().collect::<Vec<_>>());
    let address = world.url().trim_start_matches("http://").to_owned();
    let ask = || {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(b"GET /api/v1/export?format=jsonl&texts=with HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        stream
    };
    let slow = [ask(), ask()];
    let head = world.agent.head(format!("{}/api/v1/export?format=csv", world.url())).call().unwrap();
    assert_eq!(head.status().as_u16(), 200, "a head needs no place");
    assert_eq!(head.headers()["glasshouse-tree-size"], "3002");
    let refused = world.get("/api/v1/export?format=csv");
    assert_eq!(refused.problem(), (503, "overloaded".to_owned()));
    assert!(refused.header("retry-after").is_some());
    let started = Instant::now();
    for path in ["/api/v1/stats", "/api/v1/statements?type=decision&limit=10", "/checkpoint"] {
        assert_eq!(world.get(path).status, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    // Others wait, so that whoever reads nothing is given up long before the time that it has otherwise.
    let patience = Instant::now() + Duration::from_secs(20);
    while world.get("/api/v1/export?format=csv").status != 200 {
        assert!(Instant::now() < patience, "slow readers keep their places");
        std::thread::yield_now();
    }
    drop(slow);
    let patience = Instant::now() + Duration::from_secs(60);
    let again = loop {
        let reply = world.get("/api/v1/export?format=jsonl&texts=with");
        if reply.status == 200 || Instant::now() > patience {
            break reply;
        }
    };
    assert_eq!(again.status, 200, "the places were given back");
    assert_eq!(again.body.iter().filter(|byte| **byte == b'\n').count(), 3_002);
}

/// Much longer rows than fit between the server and a reader that waits.
fn long_lines(world: &World, many: u64) -> Vec<Signed> {
    let facts = "A long text. ".repeat(300);
    let line = |number| {
        let mut line = decision_line(number);
        line["decision_facts"] = facts.as_str().into();
        sign(&world.provider, &Draft::from_json(&line).unwrap(), number)
    };
    (1..=many).map(line).collect()
}

/// An export with texts of which nothing is read yet; asked for again while the index has not come so far.
fn begun(world: &World, query: &str) -> ureq::http::Response<ureq::Body> {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let url = format!("{}/api/v1/export?format=jsonl&texts=with&{query}", world.url());
        let answer = world.agent.get(url).call().unwrap();
        if answer.status().as_u16() == 200 || Instant::now() > patience {
            assert_eq!(answer.status().as_u16(), 200, "{:?}", answer.into_body().read_to_string());
            return answer;
        }
    }
}

/// Rows stay those of the tree that the answer named. But what was erased or hidden since is shown no more.
#[test]
fn what_is_said_while_rows_are_streamed_changes_texts_only() {
    let world = World::with_provider();
    let many = long_lines(&world, 3_000);
    world.take(&many.iter().collect::<Vec<_>>());
    let answer = begun(&world, "type=decision&standing=in_force");
    assert_eq!(answer.headers()["glasshouse-tree-size"], "3002");
    let [hidden, erased, undone, ..] = [&many[2_997], &many[2_998], &many[2_999]];
    let keyword = json!({"amendment_reason": "incomplete", "category_specification": ["KEYWORD_NON_CONSENSUAL_IMAGE_SHARING"]});
    let erasure = json!({"fields": ["decision_facts"], "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    let end = json!({"end_date": "2022-10-01", "lifted_reason": "complied"});
    let lifted = later(&world.provider, "lifted", 3_003, About::Entry(undone), end);
    world.take(&[
        &later(&world.provider, "amendment", 3_001, About::Entry(hidden), keyword),
        &later(&world.provider, "redaction", 3_002, About::Entry(erased), erasure),
        &lifted,
    ]);
    world.take(&[&later(&world.provider, "withdrawal", 3_004, About::Entry(&lifted), json!({}))]);
    let text = answer.into_body().into_with_config().limit(64 << 20).read_to_string().unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3_000);
    for row in &rows {
        assert_eq!((&row["standing"], &row["amended"]), (&"in_force".into(), &false.into()));
        assert_eq!((&row["keyword"], &row["redacted"]), (&json!([]), &json!([])));
    }
    let [hidden, erased, undone] = [&rows[2_997], &rows[2_998], &rows[2_999]];
    assert_eq!((&hidden["subject"], hidden["decision_facts"].is_string()), (&Value::Null, true));
    assert_eq!((&erased["decision_facts"], erased["subject"].is_string()), (&Value::Null, true));
    assert!(undone["subject"].is_string() && undone["decision_facts"].is_string());
}

/// An entry that was found by a text, and is found by it no more since that was erased or hidden, is in no row that is made from
/// then on. Fails if rows are made of everything that the search found when it began.
#[test]
fn what_is_found_no_more_is_in_no_further_row() {
    let world = World::with_provider();
    let signed = |number, change: &dyn Fn(&mut Value)| {
        let mut line = decision_line(number);
        line["decision_facts"] = "Once more: zyxwvutsrq. ".repeat(200).into();
        change(&mut line);
        sign(&world.provider, &Draft::from_json(&line).unwrap(), number)
    };
    let many: Vec<Signed> = (1..=2_990).map(|number| signed(number, &|_| {})).collect();
    world.take(&many.iter().collect::<Vec<_>>());
    let [erased, beside, hidden] = [2_991, 2_992, 2_993].map(|number| signed(number, &|_| {}));
    let twice = signed(2_994, &|line| {
        line["contact"] = "Ask for zyxwvutsrq.".into();
        line.as_object_mut().unwrap().remove("withheld");
    });
    let given = signed(2_995, &|line| line["decision_facts"] = "Nothing.".into());
    let gift = json!({"amendment_reason": "incomplete", "decision_facts": "It was zyxwvutsrq."});
    let gift = later(&world.provider, "amendment", 2_996, About::Entry(&given), gift);
    world.take(&[&erased, &beside, &hidden, &twice, &given, &gift]);
    let answers = ["type=decision&q=zyxwvutsrq", "type=decision&subject=domain:forum.example.com"]
        .map(|query| begun(&world, query));
    let erasure = |sequence, target: &Signed, field: &str| {
        let fields =
            json!({"fields": [field], "redaction_ground": "erasure_request", "requested_by": "data_subject"});
        later(&world.provider, "redaction", sequence, About::Entry(target), fields)
    };
    let keyword = json!({"amendment_reason": "incomplete", "category_specification": ["KEYWORD_NON_CONSENSUAL_IMAGE_SHARING"]});
    world.take(&[
        &erasure(2_997, &erased, "decision_facts"),
        &erasure(2_998, &beside, "puid"),
        &erasure(2_999, &twice, "decision_facts"),
        &erasure(3_000, &gift, "decision_facts"),
        &later(&world.provider, "amendment", 3_001, About::Entry(&hidden), keyword),
    ]);
    // What is found by its `sub` or by another text is found still.
    let [by_word, by_subject] = answers.map(|answer| {
        assert_eq!(answer.headers()["glasshouse-tree-size"], "2998");
        let text = answer.into_body().into_with_config().limit(64 << 20).read_to_string().unwrap();
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| row["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!((by_word.len(), &by_word[2_990..]), (2_993, &[2_992, 2_993, 2_994][..]));
    assert_eq!((by_subject.len(), &by_subject[2_990..]), (2_994, &[2_991, 2_992, 2_994, 2_995][..]));
}

/// Changes these bytes in every file of a ledger but its index; whether there were any.
fn damage(folder: &Path, words: &str) -> bool {
    let mut found = false;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found |= !path.ends_with("search") && damage(&path, words);
            continue;
        }
        let Ok(mut bytes) = std::fs::read(&path) else { continue };
        if let Some(at) = bytes.windows(words.len()).position(|window| window == words.as_bytes()) {
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            found = true;
        }
    }
    found
}

/// As a search goes on without a text that was lost, so does an export; `fsck` tells of it.
#[test]
fn a_text_that_was_lost_breaks_no_export() {
    let world = World::with_provider();
    let mut line = decision_line(1);
    line["decision_facts"] = "The word is zyxwvutsrq.".into();
    let lost = sign(&world.provider, &Draft::from_json(&line).unwrap(), 1);
    world.take(&[&lost, &world.decision(2)]);
    assert_eq!(rows(&world, "texts=with&type=decision")[0]["decision_facts"], "The word is zyxwvutsrq.");
    assert!(damage(&world.folder.path().join("ledger"), "zyxwvutsrq"));
    let rows = rows(&world, "texts=with&type=decision");
    assert_eq!((rows.len(), &rows[0]["decision_facts"]), (2, &Value::Null));
    assert!(rows[1]["decision_facts"].is_string());
}
