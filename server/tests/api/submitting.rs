//! Statements on their way in, each answered alone.

use glasshouse_ledger::author::Author;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;

use crate::world::{PROVIDER, World, decision_line, origin, sign};

#[test]
fn an_accepted_statement_is_published_when_it_is_answered() {
    let world = World::with_provider();
    let decision = world.decision(1);
    let reply = world.submit(&[&decision]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let answer = &reply.json()["results"][0];
    assert_eq!(answer["status"], "accepted");
    assert_eq!(answer["index"], 2);
    assert_eq!(answer["leaf_hash"], decision.leaf_hash().to_hex());
    let checkpoint = String::from_utf8(world.get("/checkpoint").body).unwrap();
    assert_eq!(checkpoint.lines().nth(1), Some("3"));
    assert_eq!(world.get("/tile/entries/000.p/3").status, 200);
}

#[test]
fn sending_again_is_a_duplicate_also_under_a_new_signature() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let again = world.submit(&[&decision]).json();
    assert_eq!(again["results"][0]["status"], "duplicate");
    assert_eq!(again["results"][0]["index"], 2);
    assert_eq!(again["results"][0]["leaf_hash"], decision.leaf_hash().to_hex());
}

#[test]
fn the_same_number_for_something_else_is_a_conflict_of_its_item() {
    let world = World::with_provider();
    world.submit(&[&world.decision(1)]);
    // Fresh salts make other digests, so this is another payload.
    let reply = world.submit(&[&world.decision(1)]);
    assert_eq!(reply.status, 422);
    let problem = &reply.json()["results"][0]["problem"];
    assert_eq!(problem["type"], "urn:glasshouse:problem:sequence-conflict");
    assert_eq!(problem["status"], 409);
}

#[test]
fn each_item_stands_alone_and_says_what_is_wrong() {
    let world = World::with_provider();
    let stranger =
        Author::new(world.provider.issuer().clone(), origin(), SecretKey::generate().unwrap()).unwrap();
    let draft = Draft::from_json(&decision_line(2)).unwrap();
    let (good, bad) = (world.decision(1), sign(&stranger, &draft, 2));
    let reply = world.submit(&[&bad, &good]);
    assert_eq!(reply.status, 200);
    let results = reply.json()["results"].clone();
    assert_eq!(results[0]["status"], "rejected");
    assert_eq!(results[0]["problem"]["type"], "urn:glasshouse:problem:unknown-key");
    assert_eq!(results[1]["status"], "accepted");
    // Nothing stands: 422, the results all the same.
    let reply = world.submit(&[&bad]);
    assert_eq!((reply.status, reply.json()["results"].as_array().unwrap().len()), (422, 1));
}

#[test]
fn a_missing_text_is_named_with_its_item() {
    let world = World::with_provider();
    let decision = world.decision(1);
    let slices = glasshouse_verifier::submission::SubmissionSlices {
        statement: decision.statement(),
        addenda: vec![],
    };
    let reply = world.post(&glasshouse_verifier::submission::encode_batch(&[slices]));
    let problem = &reply.json()["results"][0]["problem"];
    assert_eq!(problem["type"], "urn:glasshouse:problem:addendum-missing");
    let paths: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"/addenda/decision_facts"), "{paths:?}");
    assert_eq!(problem["errors"][0]["item"], 0);
}

#[test]
fn many_batches_at_once_are_all_answered_in_their_order() {
    let world = World::with_provider();
    std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..8u64)
            .map(|task| {
                let world = &world;
                scope.spawn(move || {
                    let decisions: Vec<_> = (1..=25).map(|i| world.decision(task * 25 + i)).collect();
                    let reply = world.submit(&decisions.iter().collect::<Vec<_>>());
                    assert_eq!(reply.status, 200);
                    let results = reply.json()["results"].as_array().unwrap().clone();
                    for (decision, answer) in decisions.iter().zip(&results) {
                        assert_eq!(answer["leaf_hash"], decision.leaf_hash().to_hex());
                    }
                    results.iter().map(|answer| answer["index"].as_u64().unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut indexes: Vec<u64> = tasks.into_iter().flat_map(|task| task.join().unwrap()).collect();
        indexes.sort_unstable();
        assert_eq!(indexes, (2..202).collect::<Vec<_>>());
    });
    let state = world.get("/api/v1/providers/host.example").json();
    assert_eq!(state["sequence"]["unbroken"], 200);
    assert_eq!(state["iss"], PROVIDER);
}

/// Also what is answered before a request comes to its route.
#[test]
fn problems_of_the_scitt_reference_api_are_cbor() {
    let world = World::new();
    let long = "x".repeat(2_048);
    for (path, status) in [("/entries".to_owned(), 405), (format!("/entries/{long}"), 400)] {
        let reply = world.get(&path);
        let media_type = reply.header("content-type");
        assert_eq!((reply.status, media_type), (status, Some("application/concise-problem-details+cbor")));
    }
    for (path, slug) in [("/entriesx", "not-found"), (&format!("/statements/{long}"), "bad-request")] {
        assert_eq!(world.get(path).problem().1, slug);
    }
}
