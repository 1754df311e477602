//! What `publish` says it did: each line counts once, and its number is told; and a provider's first words.

use glasshouse_server::outbox::kept::Kept;
use serde_json::{Value, json};

use crate::world::{PROVIDER, decision, done, enrolled, glasshouse, publish, summary, write_lines};

/// `publish` without `--json`.
fn in_words<'a>(url: &'a str, file: &'a str) -> Vec<&'a str> {
    publish(url, file).into_iter().filter(|word| *word != "--json").collect()
}

#[test]
fn publish_tells_the_numbers_that_ranges_and_targets_need() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), ["a", "b", "c"].into_iter().map(decision));
    let text = done(dir, &in_words(&server.url, "a.jsonl"));
    assert!(text.contains("3 lines, 3 new on record\nnumbers 1 to 3\n"), "{text}");
    let again = done(dir, &in_words(&server.url, "a.jsonl"));
    assert!(again.contains("3 lines, 0 new on record\n3 on record before"), "{again}");
    assert!(!again.contains("number"), "{again}");
    write_lines(&dir.join("b.jsonl"), ["c", "d"].into_iter().map(decision));
    let counts = summary(&glasshouse(dir, &publish(&server.url, "b.jsonl")));
    assert_eq!(counts["numbers"], json!([{"first": 4, "last": 4}]));
    assert_eq!((&counts["on_record"], &counts["already_published"]), (&json!(1), &json!(1)));
    write_lines(&dir.join("c.jsonl"), std::iter::once(decision("e")));
    let text = done(dir, &in_words(&server.url, "c.jsonl"));
    assert!(text.contains("1 lines, 1 new on record\nnumber 5\n"), "{text}");
}

#[test]
fn a_void_of_the_tool_is_no_new_line() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), std::iter::once(decision("a")));
    done(dir, &publish(&server.url, "a.jsonl"));
    let moved: Vec<&str> = publish(&server.url, "b.jsonl")
        .into_iter()
        .map(|word| if word == "outbox" { "second" } else { word })
        .chain(["--new-outbox"])
        .collect();
    // The log has ended this decision; the second outbox does not know it, so the log refuses its line.
    let lifted = |target: Value| json!({"type": "lifted", "targets": [target], "end_date": "2026-04-01", "lifted_reason": "complied"});
    write_lines(&dir.join("l.jsonl"), std::iter::once(lifted(json!("puid:a"))));
    done(dir, &publish(&server.url, "l.jsonl"));
    let kept = Kept::read(&dir.join("outbox")).unwrap();
    let leaf = kept.contents().leaf(1).unwrap().to_hex();
    write_lines(&dir.join("b.jsonl"), [decision("b"), lifted(json!({"entry": leaf}))].into_iter());
    let output = glasshouse(dir, &moved);
    assert_eq!(output.status.code(), Some(1));
    let counts = summary(&output);
    assert_eq!(
        (&counts["lines"], &counts["on_record"], &counts["refused"], &counts["voided"]),
        (&json!(2), &json!(1), &json!(1), &json!(1)),
        "{counts}"
    );
    assert_eq!(counts["numbers"], json!([{"first": 3, "last": 3}]));
}

#[test]
fn who_has_never_published_begins_with_a_heartbeat() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    let declare = |outbox: &'static str, more: &[&'static str]| {
        let fixed =
            ["--json", "declare", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
        let days = ["--from", "2026-03-01", "--to", "2026-03-31", "--outbox", outbox];
        glasshouse(dir, &[&fixed[..], &days, more].concat())
    };
    let events = |output: &std::process::Output| -> Vec<Value> {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}"))).collect()
    };
    let dry = declare("outbox", &["--dry-run"]);
    assert!(dry.status.success(), "{dry:?}");
    assert!(events(&dry)[0]["notes"][0].as_str().unwrap().contains("was never used"), "{dry:?}");
    assert!(!dir.join("outbox").exists(), "looking makes no outbox");
    // A misspelt folder looks the same: its first number may wait in the right one.
    let unmeant = declare("outbox", &[]);
    assert_eq!(unmeant.status.code(), Some(2), "{unmeant:?}");
    assert!(
        events(&unmeant).last().unwrap()["message"].as_str().unwrap().contains("--new-outbox"),
        "{unmeant:?}"
    );
    assert!(!dir.join("outbox").exists());
    let first = declare("outbox", &["--new-outbox"]);
    assert!(first.status.success(), "{first:?}");
    let told = events(&first);
    assert_eq!((&told[0]["decisions_taken"], &told[1]["sequence"]), (&json!(0), &json!(1)), "{told:?}");
    let again = declare("outbox", &[]);
    assert_eq!(events(&again)[1]["before"], json!(true), "{again:?}");
    // It is refused in any case once there is something on record.
    let misspelt = declare("outbix", &["--new-outbox"]);
    assert_eq!(misspelt.status.code(), Some(1));
    let told = events(&misspelt);
    assert!(told.last().unwrap()["message"].as_str().unwrap().contains("--new-outbox"), "{told:?}");
    write_lines(&dir.join("a.jsonl"), std::iter::once(decision("a")));
    let counts = summary(&glasshouse(dir, &publish(&server.url, "a.jsonl")));
    assert_eq!(counts["numbers"], json!([{"first": 2, "last": 2}]), "the outbox goes on");
}

/// Two outboxes of one provider: each knows a part, and a declaration from one would call the other's decisions wrong.
#[test]
fn a_declaration_that_the_log_would_contradict_is_not_signed() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), ["a", "b"].into_iter().map(decision));
    done(dir, &publish(&server.url, "a.jsonl"));
    write_lines(&dir.join("b.jsonl"), std::iter::once(decision("c")));
    let second = publish(&server.url, "b.jsonl")
        .into_iter()
        .map(|word| if word == "outbox" { "second" } else { word });
    done(dir, &second.chain(["--new-outbox"]).collect::<Vec<_>>());
    let declare = |more: &[&str]| {
        let fixed = ["declare", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
        let days = ["--outbox", "outbox", "--from", "2026-03-01", "--to", "2026-03-31"];
        glasshouse(dir, &[&fixed[..], &days, more].concat())
    };
    let journal = || std::fs::read(dir.join("outbox/journal")).unwrap();
    let before = journal();
    let refused = declare(&[]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("the log counts 3 decisions of these days"), "{text}");
    assert!(text.contains("and this outbox 2") && text.contains("--differs-from-log"), "{text}");
    assert_eq!(journal(), before);
    let meant = declare(&["--differs-from-log"]);
    assert!(meant.status.success(), "{}", String::from_utf8_lossy(&meant.stderr));
}

/// An amended day moves a decision into another period, in the outbox as in the log.
#[test]
fn a_declaration_counts_days_as_amended() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    let amendment = json!({"type": "amendment", "id": "mend", "amendment_reason": "clerical_error", "targets": ["puid:b"], "application_date": "2026-04-02"});
    write_lines(&dir.join("a.jsonl"), ["a", "b"].into_iter().map(decision).chain([amendment]));
    done(dir, &publish(&server.url, "a.jsonl"));
    let declare = |from: &str, to: &str| {
        let fixed =
            ["--json", "declare", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
        let text = done(dir, &[&fixed[..], &["--outbox", "outbox", "--from", from, "--to", to]].concat());
        serde_json::from_str::<Value>(text.lines().next().unwrap()).unwrap()
    };
    for (from, to, number) in [("2026-03-01", "2026-03-31", 1), ("2026-04-01", "2026-04-30", 2)] {
        let told = declare(from, to);
        assert_eq!(told["decisions_taken"], json!(1), "{told}");
        assert_eq!(told["numbers"], json!([number, number]), "{told}");
        assert!(
            told["notes"].to_string().contains("1 decisions are counted by their days as amended"),
            "{told}"
        );
    }
}

/// A withdrawal that waits is sent before a declaration: what it takes back is left out, and that is told. The log, which does not
/// know it yet, is no contradiction.
#[test]
fn a_declaration_leaves_out_what_a_waiting_withdrawal_takes_back() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), ["a", "b"].into_iter().map(decision));
    done(dir, &publish(&server.url, "a.jsonl"));
    // It is numbered, and not sent: nobody listens there.
    write_lines(
        &dir.join("w.jsonl"),
        std::iter::once(json!({"type": "withdrawal", "id": "w", "targets": ["puid:b"]})),
    );
    let before = std::fs::read_to_string(dir.join("outbox/journal")).unwrap();
    let away = publish(&server.url, "w.jsonl");
    done(dir, &away);
    let journal = std::fs::read_to_string(dir.join("outbox/journal")).unwrap();
    // As if it had died before the answer came.
    let waiting: String = journal
        .strip_prefix(&before)
        .unwrap()
        .split_inclusive('\n')
        .filter(|line| line.contains("numbered"))
        .collect();
    assert!(!waiting.is_empty(), "{journal}");
    std::fs::write(dir.join("outbox/journal"), before + &waiting).unwrap();
    let fixed = ["--json", "declare", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
    let days = ["--outbox", "outbox", "--from", "2026-03-01", "--to", "2026-03-31", "--dry-run"];
    let told: Value =
        serde_json::from_str(done(dir, &[&fixed[..], &days].concat()).lines().next().unwrap()).unwrap();
    assert_eq!((&told["decisions_taken"], &told["numbers"]), (&json!(1), &json!([1, 1])), "{told}");
    assert!(told["notes"].to_string().contains("1 decisions are left out whose withdrawals"), "{told}");
    done(dir, &[&fixed[..], &days[..6]].concat());
}
