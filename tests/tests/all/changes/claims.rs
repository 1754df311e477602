//! What a log claims about a statement, and cannot prove, or leaves out.

use std::sync::Arc;

use glasshouse_tests::front::Front;
use glasshouse_tests::workload::decision;
use serde_json::{Value, json};

use super::{Desk, sentences};

#[test]
fn a_claim_that_is_not_proved_is_said_to_be_none() {
    let desk = Desk::new();
    desk.publish(&[
        decision(1),
        decision(2),
        json!({"type": "lifted", "targets": ["puid:listing-1"], "end_date": "2022-11-20", "lifted_reason": "complied"}),
    ]);
    let (one, two) = (desk.old_receipt(1), desk.old_receipt(2));
    let url = desk.world.server().url().to_owned();
    let claims = desk.world.get("/api/v1/statements/2").json()["state"]["claims"].clone();
    let lies: [(&str, Value, &str); 4] = [
        ("another entry's", claims.clone(), "says nothing about this one"),
        (
            "no entry",
            json!([{"type": "lifted", "index": 99, "leaf_hash": "00", "counts": true}]),
            "no such entry",
        ),
        (
            "another leaf",
            json!([{"type": "lifted", "index": 4, "leaf_hash": "00", "counts": true}]),
            "for another entry",
        ),
        (
            "before",
            json!([{"type": "lifted", "index": 1, "leaf_hash": leaf_of(&desk, 1), "counts": true}]),
            "not stand behind",
        ),
    ];
    for (lie, claims, why) in lies {
        let front = Front::before(
            &url,
            Arc::new(move |_, path, answered| {
                if path.starts_with("api/v1/statements/") {
                    let mut answer: Value = serde_json::from_slice(&answered.body).unwrap();
                    answer["state"]["claims"] = claims.clone();
                    answered.body = answer.to_string().into_bytes();
                }
            }),
        );
        let answer = desk.later(&two, front.url());
        assert_eq!(answer["later"], json!([]), "{lie}");
        assert_eq!((&answer["later_named"], &answer["later_claim_count"]), (&json!(1), &json!(0)), "{lie}");
        let unproved = answer["later_unproved"][0].as_str().unwrap();
        assert!(unproved.starts_with("in entry ") && unproved.contains(why), "{lie}: {unproved}");
    }
    // A log that says nothing is believed in nothing else either.
    let silent = Front::before(
        &url,
        Arc::new(|_, path, answered| {
            if path.starts_with("api/v1/statements/") {
                answered.body = b"{}".to_vec();
            }
        }),
    );
    let (status, _) = desk.verify(&one, &["--log", silent.url()]);
    assert_eq!(status, 2, "it is not known");
    assert!(sentences(&desk.later(&one, &url)).contains("lifted"));
}

fn leaf_of(desk: &Desk, index: u64) -> String {
    desk.world.get(&format!("/api/v1/statements/{index}")).json()["leaf_hash"].as_str().unwrap().to_owned()
}

/// A log that leaves claims out and still counts them, and names the others twice.
#[test]
fn a_log_is_held_against_its_own_count_of_claims() {
    let desk = Desk::new();
    desk.publish(&[
        decision(1),
        json!({"type": "lifted", "targets": ["puid:listing-1"], "end_date": "2022-11-20", "lifted_reason": "complied"}),
    ]);
    let (one, url) = (desk.old_receipt(1), desk.world.server().url().to_owned());
    let short = Front::before(
        &url,
        Arc::new(|_, path, answered| {
            if path.starts_with("api/v1/statements/") {
                let mut answer: Value = serde_json::from_slice(&answered.body).unwrap();
                let claims = answer["state"]["claims"].as_array_mut().unwrap();
                claims.extend(claims.clone());
                answer["state"]["claim_count"] = json!(4);
                answered.body = answer.to_string().into_bytes();
            }
        }),
    );
    let answer = desk.later(&one, short.url());
    assert_eq!(answer["later"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!((&answer["later_named"], &answer["later_claim_count"]), (&json!(1), &json!(4)), "{answer}");
}
