//! Lines about earlier statements: how they are named, what is refused before it is signed, and what the log refuses.

use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::publisher::Publisher;
use glasshouse_verifier::statement::Statement;
use serde_json::{Value, json};

use crate::world::{Provider, World, decision, lines};

pub(crate) fn lifted(targets: Value) -> Value {
    json!({"type": "lifted", "targets": targets, "end_date": "2026-03-02", "lifted_reason": "own_error"})
}

pub(crate) fn amendment(id: &str, targets: Value) -> Value {
    json!({"type": "amendment", "id": id, "targets": targets, "amendment_reason": "wrong_category",
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE"})
}

pub(crate) fn sealed(puid: &str) -> Value {
    let mut inner = decision(puid);
    inner.as_object_mut().unwrap().remove("provider_role");
    inner["subject"] = json!("account:4711");
    json!({"type": "sealed", "statement": inner})
}

/// Publishes lines of which some are wrong or refused; the answer is what was told.
fn told(world: &World, provider: &Provider, values: &[Value]) -> (Vec<String>, u64) {
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let summary = provider.publish(world, outbox, &lines(values), &mut events).unwrap();
    (events, summary.on_record)
}

/// The statements of the outbox by number.
fn statements(provider: &Provider) -> Vec<Statement> {
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let numbers: Vec<u64> = outbox.contents().places().keys().copied().collect();
    let numbered = numbers.into_iter().map(|number| outbox.numbered(number).unwrap().unwrap());
    numbered.map(|numbered| Statement::parse(&numbered.statement.0).unwrap()).collect()
}

#[test]
fn a_life_is_published_in_one_file_and_repeated_without_harm() {
    let world = World::start();
    let provider = world.enrol("lives");
    let mut about = decision("a");
    about["subject"] = json!("account:4711");
    let leaf = "{\"entry\"";
    let file = [
        about,
        decision("b"),
        decision("c"),
        amendment("fix-1", json!(["puid:a"])),
        json!({"type": "outcome", "id": "out-1", "targets": ["sequence:2"], "procedure": "court", "result": "upheld"}),
        lifted(json!([{"first": 2, "last": 3}])),
        json!({"type": "withdrawal", "targets": ["id:fix-1"], "withdrawal_explanation": "The key was stolen."}),
        sealed("gagged"),
        json!({"type": "redaction", "targets": ["puid:b"], "fields": ["decision_facts"],
            "redaction_ground": "error", "requested_by": "provider"}),
        json!({"type": "declaration", "period_start": "2026-03-01", "period_end": "2026-03-31",
            "decisions_taken": 4, "not_published": 0, "first_sequence": 1, "last_sequence": 8}),
        amendment("fix-2", json!(["puid:a", "puid:c"])),
    ];
    let summary = provider.publish_all(&world, &lines(&file));
    assert_eq!((summary.on_record, summary.highest), (11, 11), "{leaf}");
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 11));
    let statements = statements(&provider);
    let subs: Vec<&str> = statements.iter().map(|statement| statement.claims().sub.as_str()).collect();
    let own = format!("provider:{}", provider.iss);
    assert!(
        subs[3] == subs[0] && subs[4] == subs[1] && subs[6] == subs[3],
        "one target gives its subject: {subs:?}"
    );
    assert_eq!([subs[5], subs[7], subs[9], subs[10]], [own.as_str(); 4]);
    assert_eq!(subs[8], subs[1]);
    // The sealed decision is about the account that the first one is about.
    let outbox = Outbox::open(&provider.outbox).unwrap();
    assert_eq!(outbox.numbered(8).unwrap().unwrap().sub, subs[0]);
    assert_eq!(outbox.numbered(8).unwrap().unwrap().addenda, []);
}

#[test]
fn what_cannot_stand_takes_no_number() {
    let world = World::start();
    let provider = world.enrol("tries");
    let other = world.enrol("another");
    other.publish_all(&world, &lines(&[decision("theirs")]));
    let theirs = Outbox::open(&other.outbox).unwrap().contents().leaf(1).unwrap().to_hex();
    provider.publish_all(&world, &lines(&[decision("a"), lifted(json!(["puid:a"]))]));
    let nobody = "0".repeat(64);
    let wrong = [
        (lifted(json!(["sequence:1"])), "/targets/0", "target-state", "lifted already by number 2"),
        (lifted(json!([{"entry": nobody}])), "/targets/0", "target-unknown", "publish first"),
        (lifted(json!([{"entry": theirs}])), "/targets/0", "target-owner", "relates_to"),
        (lifted(json!(["sequence:2"])), "/targets/0", "target-type", "about a decision"),
        (lifted(json!([{"first": 1, "last": 9}])), "/targets/0", "target-number", "number 3"),
        (lifted(json!(["puid:nobody"])), "/targets/0", "needs", "earlier line"),
        (
            json!({"type": "redaction", "targets": ["sequence:2", "puid:a"], "fields": ["contact"],
                "redaction_ground": "error", "requested_by": "provider"}),
            "/targets/",
            "target-text",
            "no text contact",
        ),
        (
            json!({"type": "disclosure", "targets": ["puid:a"], "fields": ["decision_facts"]}),
            "/type",
            "not-a-code",
            "amendment",
        ),
        (
            json!({"type": "void", "first": 3, "last": 4, "void_reason": "test"}),
            "/last",
            "out-of-range",
            "below 3",
        ),
        (
            json!({"type": "void", "first": 1, "last": 1, "void_reason": "test"}),
            "/first",
            "sequence-conflict",
            "1",
        ),
    ];
    for (line, path, rule, words) in wrong {
        let (events, on_record) = told(&world, &provider, std::slice::from_ref(&line));
        assert_eq!(on_record, 0, "{line}");
        let told = events.join("\n");
        for expected in [path, rule, words] {
            assert!(told.contains(expected), "{line}: no {expected} in {told}");
        }
    }
    assert_eq!(world.state(&provider).sequence.highest, 2);
}

#[test]
fn two_lines_of_one_batch_cannot_both_lift_a_decision() {
    let world = World::start();
    let provider = world.enrol("twice");
    let mut second = lifted(json!(["puid:a"]));
    second["end_date"] = json!("2026-03-03");
    let file = [decision("a"), lifted(json!(["puid:a"])), second];
    let (events, on_record) = told(&world, &provider, &file);
    assert_eq!(on_record, 2);
    assert!(
        events.join("\n").contains("line: 3, path: \"/targets/0\", rule: \"target-state\""),
        "{events:?}"
    );
    // The withdrawn one makes room for another.
    let withdrawal = json!({"type": "withdrawal", "targets": ["sequence:2"]});
    let (events, on_record) = told(&world, &provider, &[withdrawal, file[2].clone()]);
    assert_eq!(on_record, 2, "{events:?}");
}

#[test]
fn what_another_outbox_filed_is_named_by_leaf_hash_and_judged_by_the_log() {
    let world = World::start();
    let mut provider = world.enrol("moved");
    let mut about = decision("a");
    about["subject"] = json!("account:1");
    provider.publish_all(&world, &lines(&[about, lifted(json!(["puid:a"])), decision("b")]));
    let leaf = Outbox::open(&provider.outbox).unwrap().contents().leaf(1).unwrap().to_hex();
    let sub = statements(&provider)[0].claims().sub.clone();
    provider.outbox = world.dir.path().join("moved-2.outbox");
    let target = json!([{"entry": leaf}]);
    provider.publish_all(&world, &lines(&[amendment("fix", target.clone())]));
    assert_eq!(statements(&provider)[0].claims().sub, sub);
    // This outbox does not know that it was lifted: the log refuses it, and the number is closed.
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let input = lines(&[decision("c"), lifted(target)]);
    let summary = provider.publish(&world, outbox, &input, &mut events).unwrap();
    assert_eq!((summary.on_record, summary.refused, summary.voided), (1, 1, 1), "{events:?}");
    let told = events.join("\n");
    for expected in
        ["line: Some(2)", "target-state", "withdraw that one first", "Voided { first: 6, last: 6 }"]
    {
        assert!(told.contains(expected), "no {expected} in {told}");
    }
    assert_eq!(world.state(&provider).sequence.unbroken, 7);
}

#[test]
fn all_or_nothing_looks_at_what_lines_are_about() {
    let world = World::start();
    let provider = world.enrol("all-or-nothing");
    provider.publish_all(&world, &lines(&[decision("a"), lifted(json!(["puid:a"]))]));
    let wrong = [
        decision("b"),
        amendment("fix", json!(["puid:b"])),
        lifted(json!([{"first": 1, "last": 2}, "puid:a"])),
    ];
    let right = [decision("b"), amendment("fix", json!(["puid:b"])), amendment("fix-2", json!(["puid:a"]))];
    for (file, verdict) in [(wrong, false), (right, true)] {
        let outbox = Outbox::open(&provider.outbox).unwrap();
        let signer = (provider.iss.clone(), provider.key.clone());
        let clock = glasshouse_server::system_clock::SystemClock;
        let settings = glasshouse_server::outbox::publisher::Settings::default();
        let mut publisher =
            Publisher::start(&world.log, &clock, outbox, signer, settings, Box::new(|_| {})).unwrap();
        let lines = lines(&file).into_iter().map(Ok::<_, glasshouse_server::outbox::publisher::PublishError>);
        assert_eq!(publisher.are_all_right(lines).unwrap(), verdict, "{file:?}");
    }
    assert_eq!(world.state(&provider).sequence.highest, 2, "nothing was published");
}

#[test]
fn what_amends_a_private_notice_is_withheld_like_it() {
    let world = World::start();
    let provider = world.enrol("discreet");
    let notice = json!({"type": "no_action", "puid": "n-1", "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "source_type": "SOURCE_ARTICLE_16", "source_kind": "rights_holder", "refusal_reason": "not_illegal",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED", "decision_facts": "Between two parties."});
    let mut about_one = amendment("fix-1", json!(["puid:n-1"]));
    about_one["decision_facts"] = json!("More of it.");
    let mut about_a_range = amendment("fix-2", json!([{"first": 1, "last": 2}]));
    about_a_range["decision_facts"] = json!("Still more.");
    let mut about_a_decision = amendment("fix-3", json!(["puid:a"]));
    about_a_decision["decision_facts"] = json!("Public.");
    provider
        .publish_all(&world, &lines(&[notice, decision("a"), about_one, about_a_range, about_a_decision]));
    let withheld: Vec<usize> =
        statements(&provider).iter().map(|statement| statement.payload().withheld().len()).collect();
    assert_eq!(withheld, [1, 0, 1, 1, 0]);
}
