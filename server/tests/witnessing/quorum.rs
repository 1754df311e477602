//! Cadence, quorum, and what happens while it is missing.

use std::time::Duration;

use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::TreeSize;

use super::fake::Manner;
use super::town::{Mode, TIMEOUT, Town};

/// Three witnesses, two of them the quorum. One is killed, one cut off, one falls behind, each while the others are right:
/// checkpoints go on, and whoever came back catches up.
fn one_of_three_fails(mode: Mode) {
    let town = Town::new(mode);
    let first_tree = *town.checkpoint().head();
    town.until("all three signed", |town| town.signers().len() == 3);
    let mut index = 2;
    let mut go_on = |what: &str, without: &str| {
        let statement = town.world.decision(index - 1);
        town.answered(&statement, "accepted", index);
        index += 1;
        town.until(what, |town| {
            let signers = town.signers();
            signers.len() == 2 && signers.iter().all(|name| name != without) && town.size() == index
        });
        town.trusted();
    };
    town.witnesses[0].kill();
    go_on("the first is killed", "w1");
    town.witnesses[0].revive();
    town.until("the first is back", |town| town.signers().len() == 3);

    town.witnesses[1].be(Manner::Silent);
    go_on("the second is cut off", "w2");
    town.witnesses[1].be(Manner::Right);
    town.until("the second is back", |town| town.signers().len() == 3);

    // The third has the tree of an hour ago; its 409 says which, and it is brought up to date.
    town.witnesses[2].fall_back(first_tree);
    let statement = town.world.decision(index - 1);
    town.answered(&statement, "accepted", index);
    town.until("the third caught up", |town| town.signers().len() == 3 && town.size() == index + 1);
    assert_eq!(town.readyz(), "200 ready\n");
    town.close();
}

#[test]
fn one_of_three_fails_in_the_open_mode() {
    one_of_three_fails(Mode::Open);
}

#[test]
fn one_of_three_fails_where_a_quorum_is_required() {
    one_of_three_fails(Mode::FailClosed);
}

#[test]
fn two_gone_are_no_matter_in_the_open_mode() {
    let town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    town.answered(&town.world.decision(1), "accepted", 2);
    assert_eq!(town.size(), 3);
    town.until("the third signed", |town| town.signers() == ["w3"]);
    town.until("it tells", |town| {
        town.readyz().starts_with("200 ready\nno published tree has had its quorum")
    });
    town.witnesses[0].revive();
    town.until("the first is back", |town| town.signers() == ["w1", "w3"]);
    town.trusted();
    town.close();
}

#[test]
fn two_gone_stop_everything_where_a_quorum_is_required_and_it_goes_on_by_itself() {
    let town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    let (before, note) = (town.size(), town.world.get("/checkpoint").body);
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let statement = town.world.decision(1);
    std::thread::scope(|scope| {
        let (url, body) = (town.world.url(), town.world.body(&[&statement]));
        let waiting = scope.spawn(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let url = format!("{url}/api/v1/statements");
            let reply = agent.post(&url).header("content-type", "application/cbor").send(&body[..]).unwrap();
            reply.into_body().read_to_string().unwrap()
        });
        town.until("it says why", |town| town.readyz().contains("w2: did not sign since 20"));
        let why = town.world.get("/readyz");
        assert_eq!(why.problem(), (503, "no-quorum".to_owned()));
        let detail = why.json()["detail"].as_str().unwrap().to_owned();
        for part in ["group two 2 w1 w2 w3; quorum two", "w1: did not sign since 20", "size 3"] {
            assert!(detail.contains(part), "{detail}");
        }
        town.until("the third signed it", |town| town.readyz().contains("w3: signed a tree of size 3 at 20"));
        // Nothing is published and nothing is answered.
        assert_eq!(town.world.get("/checkpoint").body, note);
        assert_eq!(town.world.get("/tile/entries/000.p/3").status, 404);
        assert_eq!(town.world.get("/tile/0/000.p/3").status, 404);
        assert_eq!(town.world.get("/tile/0/000.p/2").status, 200);
        assert_eq!(town.world.get("/api/v1/statements/2").status, 404);
        let refused = town.world.submit(&[&town.world.decision(2)]);
        assert_eq!(refused.problem(), (503, "no-quorum".to_owned()));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(!waiting.is_finished());
        assert!(town.metric("glasshouse_publication_stalled 1"));

        town.witnesses[0].revive();
        let answer = waiting.join().unwrap();
        assert!(answer.contains("\"accepted\"") && answer.contains("\"index\":2"), "{answer}");
    });
    assert_eq!(town.size(), before + 1);
    town.trusted();
    town.until("it is ready again", |town| town.readyz() == "200 ready\n");
    town.answered(&statement, "duplicate", 2);
    town.answered(&town.world.decision(2), "accepted", 3);
    town.witnesses[1].be(Manner::Right);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.close();
}

/// In the open mode nobody waits for witnesses. Where they are slower than one publication follows the other, their lines come
/// too late for as long as there is news, and nothing that is published has its quorum.
#[test]
fn a_quorum_that_always_comes_too_late_is_told() {
    let town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses.iter().for_each(|witness| witness.be(Manner::Slow(TIMEOUT * 3 / 4)));
    let mut number = 0;
    town.until("it tells", |town| {
        number += 1;
        town.answered(&town.world.decision(number), "accepted", number + 1);
        town.readyz().starts_with("200 ready\nno published tree has had its quorum of witnesses since 20")
    });
    // Without news the last tree gets it.
    town.until("it tells no more", |town| town.readyz() == "200 ready\n");
    assert!(town.signers().len() >= 2);
    assert!(town.metric("glasshouse_without_quorum_seconds 0\n"));
    town.close();
}

/// What has no quorum when the server ends is published by no start, and by the first quorum after it.
#[test]
fn a_restart_publishes_nothing_that_had_no_quorum() {
    let mut town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    let note = town.world.get("/checkpoint").body;
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let statement = town.world.decision(1);
    // The submitter gives up before there is an answer.
    let url = format!("{}/api/v1/statements", town.world.url());
    let config = ureq::Agent::config_builder().timeout_global(Some(2 * TIMEOUT)).build();
    let agent: ureq::Agent = config.into();
    agent
        .post(&url)
        .header("content-type", "application/cbor")
        .send(&town.world.body(&[&statement])[..])
        .unwrap_err();
    town.world.stop();
    town.world.start().unwrap();
    town.until("it waits for its quorum", |town| town.readyz().starts_with("503"));
    assert_eq!(town.world.get("/checkpoint").body, note);
    assert_eq!(town.world.get("/api/v1/statements/2").status, 404);
    town.witnesses[0].revive();
    town.until("it is published", |town| town.size() == 3);
    town.trusted();
    town.until("it is ready again", |town| town.readyz() == "200 ready\n");
    town.answered(&statement, "duplicate", 2);
    town.close();
}

#[test]
fn receipts_and_proofs_carry_the_cosignatures() {
    let town = Town::new(Mode::FailClosed);
    town.answered(&town.world.decision(1), "accepted", 2);
    let receipt = town.world.get("/api/v1/receipts/2");
    let receipt = Receipt::parse(&receipt.body).unwrap();
    let trusted = town.policy().open(receipt.checkpoint().as_bytes()).unwrap();
    assert!(trusted.witnesses().len() >= 2);
    assert_eq!(trusted.signed().head().size(), TreeSize::new(3).unwrap());
    let proof = town.world.get_as("/api/v1/receipts/2", "text/plain");
    let proof = String::from_utf8(proof.body).unwrap();
    assert!(proof.matches("witness.example/").count() >= 2, "{proof}");
    town.close();
}

/// A witness that takes its time holds up nobody: not the ledger, which has its quorum, nor the other witnesses.
#[test]
fn a_slow_witness_never_slows_the_others() {
    let town = Town::new(Mode::FailClosed);
    town.witnesses[2].be(Manner::Slow(TIMEOUT * 7 / 8));
    const STATEMENTS: u32 = 20;
    for number in 1..=STATEMENTS {
        town.answered(&town.world.decision(number.into()), "accepted", u64::from(number) + 1);
    }
    // Had anybody waited for it, it would have signed as many.
    assert!(town.witnesses[2].signed() < u64::from(STATEMENTS) / 2 + 2);
    // It signs the newest tree that there is, and none of those in between that it was too slow for.
    town.until("the slow one signed the last", |town| town.signers().len() == 3);
    // One connection carried all of it.
    assert!(town.witnesses[0].signed() >= STATEMENTS.into());
    assert_eq!(town.witnesses[0].connections(), 1);
    town.close();
}

#[test]
fn a_log_without_news_is_cosigned_again() {
    let mut town = Town::new(Mode::Open);
    town.world.stop();
    let tune = std::mem::replace(&mut town.world.tune, Box::new(|_| {}));
    town.world.tune = Box::new(move |options| {
        tune(options);
        options.witnesses.as_mut().unwrap().recosign = Duration::from_millis(100);
    });
    town.world.start().unwrap();
    let (size, signed) = (town.size(), town.witnesses[0].signed());
    town.until("it was signed three times more", |town| town.witnesses[0].signed() >= signed + 3);
    assert_eq!(town.size(), size);
    assert!(town.metric("glasshouse_witness_requests_total{witness=\"w1\",result=\"cosigned\"}"));
    assert!(town.metric("glasshouse_witness_request_seconds_bucket{witness=\"w1\""));
    assert!(town.metric("glasshouse_quorum_age_seconds 0"));
    town.close();
}
