//! Stopping and starting again: what was answered stays, what was accepted is finished, one folder has one server.

use std::time::Duration;

use glasshouse_server::ledger_server::ServerError;
use glasshouse_server::ticks::TickOptions;
use glasshouse_verifier::policy::Policy;

use crate::world::World;

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let mut world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let before = world.get("/checkpoint").body;
    world.stop();
    world.start().unwrap();
    assert_eq!(world.get("/checkpoint").body, before);
    assert_eq!(world.get("/api/v1/statements/2").json()["leaf_hash"], decision.leaf_hash().to_hex());
    assert_eq!(world.submit(&[&decision]).json()["results"][0]["status"], "duplicate");
}

#[test]
fn a_second_server_on_the_folder_is_refused() {
    let world = World::with_provider();
    assert!(matches!(world.start_another(), Err(ServerError::Open(_))));
    assert_eq!(world.submit(&[&world.decision(1)]).status, 200);
}

/// Nothing runs then, and nobody has to wait before the ledger can be opened again.
#[test]
fn a_start_that_fails_lets_the_ledger_go() {
    let mut world = World::with_provider();
    let policy = Policy::of_log(world.server.as_ref().unwrap().reader().vkey().clone()).unwrap();
    world.stop();
    world.tune = Box::new(move |options| {
        let (registrar_key, policy) = (options.dir.join("nowhere.key"), policy.clone());
        options.ticks = Some(TickOptions { registrar_key, policy, interval: Duration::from_secs(60) });
    });
    assert!(matches!(world.start(), Err(ServerError::RegistrarKey(why)) if why.contains("nowhere.key")));
    world.tune = Box::new(|_| {});
    world.start().unwrap();
    assert_eq!(world.submit(&[&world.decision(1)]).status, 200);
}

#[test]
fn stopping_under_load_answers_every_request_that_was_taken() {
    let mut world = World::with_provider();
    let url = format!("{}/api/v1/statements", world.url());
    let batches: Vec<Vec<u8>> = (0..6u64)
        .map(|task| {
            let decisions: Vec<_> = (1..=50).map(|i| world.decision(task * 50 + i)).collect();
            let served: Vec<Vec<&[u8]>> = decisions.iter().map(|signed| signed.served().collect()).collect();
            let slices: Vec<_> = decisions
                .iter()
                .zip(served)
                .map(|(signed, addenda)| glasshouse_verifier::submission::SubmissionSlices {
                    statement: signed.statement(),
                    addenda,
                })
                .collect();
            glasshouse_verifier::submission::encode_batch(&slices)
        })
        .collect();
    let (sent, begun) = std::sync::mpsc::channel();
    let senders: Vec<_> = batches
        .into_iter()
        .map(|body| {
            let (url, sent) = (url.clone(), sent.clone());
            std::thread::spawn(move || {
                let agent: ureq::Agent =
                    ureq::Agent::config_builder().http_status_as_error(false).build().into();
                sent.send(()).unwrap();
                let answer = agent.post(&url).header("content-type", "application/cbor").send(&body[..]);
                answer.ok().map(|mut answer| {
                    let json: serde_json::Value = answer.body_mut().read_json().unwrap();
                    assert_eq!(answer.status(), 200, "{json}");
                    json["results"].as_array().unwrap().len()
                })
            })
        })
        .collect();
    senders.iter().for_each(|_| begun.recv().unwrap());
    world.stop();
    // Whoever came too late got no connection; nobody got half an answer.
    let answered: usize = senders.into_iter().filter_map(|sender| sender.join().unwrap()).sum();
    world.start().unwrap();
    assert_eq!(world.get("/api/v1/stats").json()["size"], 2 + answered as u64);
}
