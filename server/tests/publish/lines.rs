//! Lines: wrong ones, repeated ones, changed ones, and references between them.

use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::line::AuthoredLine;
use serde_json::json;

use crate::world::{World, decision, lines};

#[test]
fn a_wrong_line_takes_no_number_and_the_others_stand() {
    let world = World::start();
    let provider = world.enrol("careless");
    let mut wrong = decision("b");
    wrong["category"] = json!("STATEMENT_CATEGORY_BAD_TASTE");
    wrong.as_object_mut().unwrap().remove("decision_facts");
    let mut other_role = decision("c");
    other_role["provider_role"] = json!("host");
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let input = lines(&[decision("a"), wrong, other_role, decision("d")]);
    let summary = provider.publish(&world, outbox, &input, &mut events).unwrap();
    assert_eq!((summary.wrong, summary.on_record, summary.highest), (2, 2, 2));
    let told = events.join("\n");
    for expected in
        ["line: 2, path: \"/category\"", "line: 2, path: \"/decision_facts\"", "role-not-enrolled"]
    {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    assert_eq!(world.state(&provider).sequence.unbroken, 2);
}

#[test]
fn a_line_that_withholds_twice_is_not_sent() {
    let world = World::start();
    let provider = world.enrol("says-twice");
    let mut line = decision("a");
    line["withheld"] = json!({"decision_facts": {"ground": "personal_data"}});
    let withholds = line.to_string();
    // The last one would have counted, and the text would have been served.
    let twice =
        format!("{},\"withheld\":{{\"decision_facts\":false}}}}\n", &withholds[..withholds.len() - 1]);
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let summary = provider
        .publish(
            &world,
            outbox,
            &[AuthoredLine::parse(1, twice.as_bytes()).transpose().unwrap()],
            &mut events,
        )
        .unwrap();
    assert_eq!((summary.wrong, summary.on_record, summary.highest), (1, 0, 0));
    assert!(events[0].contains("path: \"/withheld\", rule: \"repeated-member\""), "{events:?}");
    assert_eq!(provider.publish_all(&world, &lines(&[line])).on_record, 1);
}

#[test]
fn the_same_puid_with_other_content_is_an_error_that_names_the_amendment() {
    let world = World::start();
    let provider = world.enrol("changes-its-mind");
    provider.publish_all(&world, &lines(&[decision("a")]));
    let mut changed = decision("a");
    changed["legal_basis"] = json!({"kind": "discretion"});
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let input = lines(&[decision("a"), changed]);
    let summary = provider.publish(&world, outbox, &input, &mut events).unwrap();
    assert_eq!((summary.already_published, summary.wrong, summary.on_record), (1, 1, 0));
    assert!(events[0].contains("already-published") && events[0].contains("amendment"), "{events:?}");
}

#[test]
fn a_line_that_stands_twice_in_one_batch_is_published_once() {
    let world = World::start();
    let provider = world.enrol("repeats");
    let summary = provider.publish_all(&world, &lines(&[decision("a"), decision("a")]));
    assert_eq!((summary.on_record, summary.already_published, summary.highest), (1, 1, 1));
}

#[test]
fn references_are_resolved_in_a_batch_across_batches_and_across_runs() {
    let world = World::start();
    let provider = world.enrol("refers");
    let refers = |puid: &str, to: &str| {
        let mut line = decision(puid);
        line["relates_to"] = json!([{"relation": "follows", "entry": to}]);
        line
    };
    let first = [decision("a"), refers("b", "puid:a"), refers("c", "sequence:1")];
    assert_eq!(provider.publish_all(&world, &lines(&first)).on_record, 3);
    assert_eq!(provider.publish_all(&world, &lines(&[refers("d", "puid:c")])).on_record, 1);
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let input = lines(&[refers("e", "puid:nobody")]);
    let summary = provider.publish(&world, outbox, &input, &mut events).unwrap();
    assert_eq!((summary.wrong, summary.highest), (1, 4));
    assert!(events[0].contains("/relates_to/0/entry"), "{events:?}");
}

#[test]
fn statements_on_one_subject_share_their_pseudonym() {
    let world = World::start();
    let provider = world.enrol("remembers");
    let about = |puid: &str| {
        let mut line = decision(puid);
        line["subject"] = json!("account:4711");
        line
    };
    provider.publish_all(&world, &lines(&[about("a"), about("b"), decision("c")]));
    provider.publish_all(&world, &lines(&[about("d")]));
    let journal = std::fs::read_to_string(provider.outbox.join("journal")).unwrap();
    let subs: Vec<String> = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line.split_once(' ')?.1).ok())
        .filter(|record| record["record"] == "numbered")
        .map(|record| record["sub"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(subs.len(), 4);
    assert!(subs[0] == subs[1] && subs[1] == subs[3] && subs[0] != subs[2], "{subs:?}");
}
