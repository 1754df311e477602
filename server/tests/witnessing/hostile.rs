//! One witness lies, or is broken, in every way that its answers allow. The ledger goes on with the others, and nothing of it
//! is stored.

use glasshouse_server::witnesses::{PolicyFault, WitnessOptions};

use super::fake::Manner;
use super::town::{Mode, Town};

#[test]
fn whatever_one_witness_says_the_ledger_goes_on() {
    let town = Town::with(Mode::FailClosed, "group two all w1 w2\ngroup any any two w3\nquorum two\n");
    let says = |status: u16, body: &str| Manner::Says(status, body.to_owned());
    let manners = [
        (says(409, "nonsense"), "conflict"),
        (says(409, "-1\n"), "conflict"),
        (says(409, "0\n"), "conflict"),
        (says(409, "9007199254740991\n"), "conflict"),
        (says(409, ""), "conflict"),
        (says(422, ""), "conflict"),
        (says(400, ""), "refused"),
        (says(403, ""), "refused"),
        (says(404, ""), "refused"),
        (says(429, ""), "failed"),
        (says(500, "no"), "failed"),
        (Manner::Redirects, "failed"),
        (says(200, ""), "garbage"),
        (says(200, "\u{2014} witness.example/w3 AAAA\n"), "garbage"),
        (says(200, "log.example\n1\n\n\u{2014} witness.example/w3 AAAAAAAA\n"), "garbage"),
        (Manner::Endless, "failed"),
        (Manner::OtherRoot, "garbage"),
        (Manner::WrongKey, "garbage"),
        (Manner::Silent, "failed"),
    ];
    let mut counted = std::collections::BTreeMap::new();
    for (number, (manner, outcome)) in (1..).zip(manners) {
        // Right until here, so that it is asked at once and not after a pause.
        town.witnesses[2].be(Manner::Right);
        town.until("the third is right", |town| town.signers().len() == 3);
        let asked = town.witnesses[2].asked();
        town.witnesses[2].be(manner.clone());
        town.answered(&town.world.decision(number), "accepted", number + 1);
        town.until(&format!("{manner:?} was asked"), |town| town.witnesses[2].asked() > asked);
        let total = counted.entry(outcome).or_insert(0);
        *total += 1;
        let line = format!("glasshouse_witness_requests_total{{witness=\"w3\",result=\"{outcome}\"}} ");
        town.until(&format!("{manner:?} is counted as {outcome}"), |town| {
            let metrics = String::from_utf8(town.world.get("/metrics").body).unwrap();
            let count = metrics.lines().find_map(|found| found.strip_prefix(&line));
            count.is_some_and(|count| count.parse::<u64>().unwrap() >= *total)
        });
        let signers = town.signers();
        assert_eq!(signers, ["w1", "w2"], "{manner:?}");
        town.trusted();
        assert_eq!(town.readyz(), "200 ready\n", "{manner:?}");
    }
    town.close();
}

#[test]
fn a_policy_by_which_nobody_can_be_asked_is_refused() {
    let town = Town::new(Mode::Open);
    let log = town.policy().logs()[0].key().clone();
    let w1 = town.witnesses[0].vkey.encode();
    let parse = |text: &str, require: bool| WitnessOptions::parse(text, &log, require).unwrap_err();
    let ours = format!("log {}\n", log.encode());
    assert_eq!(parse(&format!("{ours}quorum none\n"), false), PolicyFault::NoWitness);
    assert_eq!(
        parse(&format!("{ours}witness w1 {w1}\nquorum w1\n"), false),
        PolicyFault::NoUrl("w1".to_owned())
    );
    assert_eq!(
        parse(&format!("{ours}witness w1 {w1} ftp://a.example/\nquorum w1\n"), false),
        PolicyFault::NoUrl("w1".to_owned())
    );
    let with_url = format!("witness w1 {w1} http://127.0.0.1:1/\n");
    assert_eq!(parse(&format!("{ours}{with_url}quorum none\n"), true), PolicyFault::NoQuorum);
    let other = "log log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n";
    assert!(matches!(parse(&format!("{other}{with_url}quorum w1\n"), true), PolicyFault::OtherLog(_)));
    assert!(matches!(parse("quorum", false), PolicyFault::Format(_)));
    assert!(WitnessOptions::parse(&format!("{ours}{with_url}quorum none\n"), &log, false).is_ok());
    town.close();
}
