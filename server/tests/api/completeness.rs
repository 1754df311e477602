//! Whether a provider's statements are all there.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::json;

use crate::world::{About, ORIGIN, World, decision_line, later, now, sign};

fn declaration(
    world: &World,
    sequence: u64,
    days: [&str; 2],
    numbers: Option<(u64, u64)>,
    taken: u64,
) -> Signed {
    let text = |text: &str| Item::text(text.to_owned());
    let number = |number: u64| Item::Integer(number.into());
    let mut draft = Draft::new(StatementType::Declaration)
        .with_field(FieldName::PERIOD_START, text(days[0]))
        .with_field(FieldName::PERIOD_END, text(days[1]))
        .with_field(FieldName::DECISIONS_TAKEN, number(taken))
        .with_field(FieldName::NOT_PUBLISHED, number(0));
    if let Some((first, last)) = numbers {
        draft = draft
            .with_field(FieldName::FIRST_SEQUENCE, number(first))
            .with_field(FieldName::LAST_SEQUENCE, number(last));
    }
    world.provider.sign_own(&draft, Sequence::new(sequence).unwrap(), now()).unwrap()
}

const JANUARY: [&str; 2] = ["2025-01-01", "2025-01-31"];
const MARCH: [&str; 2] = ["2025-03-01", "2025-03-31"];

#[test]
fn own_counts_are_held_against_the_log() {
    let world = World::with_provider();
    let decisions: Vec<Signed> = [1, 2, 3, 6].map(|number| world.decision(number)).into_iter().collect();
    world.take(&decisions.iter().collect::<Vec<_>>());
    let wrong = later(&world.provider, "withdrawal", 7, About::Entry(&decisions[1]), json!({}));
    world.take(&[
        &wrong,
        &declaration(&world, 8, JANUARY, Some((1, 3)), 2),
        &declaration(&world, 9, MARCH, Some((4, 12)), 5),
        &declaration(&world, 10, ["2025-04-01", "2025-04-30"], None, 0),
    ]);
    let view = world.get("/api/v1/providers/host.example/completeness").json();
    assert_eq!((&view["iss"], &view["size"]), (&"https://host.example".into(), &10.into()));
    assert_eq!(
        (&view["highest"], &view["unbroken"], &view["missing_count"]),
        (&10.into(), &3.into(), &2.into())
    );
    assert_eq!(view["missing"], json!([{"first": 4, "last": 5}]));
    let [held, short, nothing] = view["declarations"].as_array().unwrap().as_slice() else {
        panic!("{view}")
    };
    assert_eq!(
        held,
        &json!({"period": {"start": JANUARY[0], "end": JANUARY[1]}, "numbers": {"first": 1, "last": 3}, "declared": 2,
            "not_published": 0, "expected": 2, "counted": 2, "difference": 0, "missing": [], "missing_count": 0,
            "index": 7, "link": "/api/v1/statements/7", "page": "/e/7", "holds": true})
    );
    assert_eq!(
        (&short["counted"], &short["difference"], &short["holds"]),
        (&1.into(), &(-4).into(), &false.into())
    );
    assert_eq!(short["missing"], json!([{"first": 4, "last": 5}, {"first": 11, "last": 12}]));
    assert_eq!((&nothing["holds"], &nothing["numbers"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(view["undeclared"], json!([{"start": "2025-02-01", "end": "2025-02-28"}]));
    assert_eq!(view["last_heartbeat"]["index"], 9);
    assert_eq!(view["embargoes"]["open"], 4);
}

#[test]
fn the_registrar_and_strangers() {
    let world = World::with_provider();
    let registrar = world.get(&format!("/api/v1/providers/{ORIGIN}/completeness")).json();
    assert_eq!((&registrar["highest"], &registrar["declarations"]), (&2.into(), &json!([])));
    for absent in
        ["other.example/completeness", "completeness", "host.example/complete", "host.example/completeness/"]
    {
        assert_eq!(world.get(&format!("/api/v1/providers/{absent}")).problem().0, 404, "{absent}");
    }
}

#[test]
fn an_embargo_is_overdue_the_day_after() {
    let world = World::with_provider();
    for (number, until) in [(1, "2020-01-01"), (2, "2098-01-01")] {
        let mut line = decision_line(number);
        line["withheld"] = json!({"contact": {"ground": "personal_data", "until": until}});
        world.take(&[&sign(&world.provider, &Draft::from_json(&line).unwrap(), number)]);
    }
    let expected = json!({"open": 1, "overdue": 1, "kept": 0, "late": 0, "redacted": 0});
    assert_eq!(world.get("/api/v1/providers/host.example/completeness").json()["embargoes"], expected);
    assert_eq!(world.get("/api/v1/providers/host.example").json()["embargoes"], expected);
    assert_eq!(world.get("/api/v1/stats").json()["embargoes"], expected);
    let metrics = String::from_utf8(world.get("/metrics").body).unwrap();
    assert!(metrics.lines().any(|line| line == "glasshouse_embargoes_overdue 1"), "{metrics}");
}
