//! Ticks: time in the log, when there was work.

use std::time::Duration;

use glasshouse_server::ticks::TickOptions;
use glasshouse_verifier::bounds::TICK_NOTE_MAX;
use serde_json::Value;

use super::fake::Fake;
use super::town::{Mode, Town};

impl Town {
    pub(crate) fn ticks(&self) -> u64 {
        self.world.get("/api/v1/stats").json()["by_type"]["tick"].as_u64().unwrap_or(0)
    }

    /// The note of the tick at that place.
    pub(crate) fn tick_at(&self, index: u64) -> String {
        find(&self.world.get(&format!("/api/v1/statements/{index}")).json(), "checkpoint").unwrap()
    }

    pub(crate) fn start_ticking(&mut self) {
        self.world.stop();
        let tune = std::mem::replace(&mut self.world.tune, Box::new(|_| {}));
        let (registrar_key, policy) = (self.world.folder.path().join("registrar.key"), self.policy());
        self.world.tune = Box::new(move |options| {
            tune(options);
            let (registrar_key, policy) = (registrar_key.clone(), policy.clone());
            options.ticks = Some(TickOptions { registrar_key, policy, interval: Duration::from_millis(100) });
        });
        self.world.start().unwrap();
    }
}

#[test]
fn a_tick_is_logged_when_there_was_work_and_only_then() {
    let mut town = Town::new(Mode::FailClosed);
    town.start_ticking();
    town.until("the first tick", |town| town.ticks() == 1);
    let note = town.tick_at(2);
    let ticked = town.policy().open(note.as_bytes()).unwrap();
    assert_eq!(ticked.signed().head().size().get(), 2);
    assert!(ticked.witnesses().len() >= 2);
    // A tick is no work: the log rests, until somebody publishes.
    let signed = town.witnesses[0].signed();
    town.answered(&town.world.decision(1), "accepted", 3);
    town.until("the second tick", |town| town.ticks() == 2);
    assert_eq!(town.size(), 5);
    town.until("the witnesses saw it", |town| town.witnesses[0].signed() >= signed + 2);
    // A restart begins with no tick of nothing either; the next one comes with the next work.
    town.world.stop();
    town.world.start().unwrap();
    town.answered(&town.world.decision(2), "accepted", 5);
    town.until("the third tick", |town| town.ticks() == 3);
    assert_eq!(town.size(), 7);
    town.close();
}

/// What the page of an entry says of its time is what `logged_from` and `logged_to` go by, whether the server asks the witnesses
/// itself or finds its policy in the ledger's folder.
#[test]
fn the_page_of_an_entry_and_the_search_believe_the_same_ticks() {
    let mut town = Town::new(Mode::FailClosed);
    town.start_ticking();
    town.until("the first tick", |town| town.ticks() == 1);
    town.answered(&town.world.decision(1), "accepted", 3);
    town.until("the second tick", |town| town.ticks() == 2);
    let page = |town: &Town| String::from_utf8(town.world.get("/e/3").body).unwrap();
    let found = |town: &Town, word: &str| {
        let day = town.world.get("/api/v1/statements/3").json()["iat"].as_str().unwrap()[..10].to_owned();
        let list = town.world.get(&format!("/api/v1/statements?type=decision&{word}={day}")).json();
        list["total"].as_u64().unwrap()
    };
    let is_bounded = |town: &Town| {
        let html = page(town);
        let bound = |name: &str, tick: u64| {
            let behind = html.split(name).nth(1).unwrap_or_default();
            behind.split("</p>").next().unwrap_or_default().contains(&format!("<a href=\"/e/{tick}\">"))
        };
        let unknown = html.contains("No witness’s time bounds it");
        assert_eq!(found(town, "logged_from"), u64::from(!unknown));
        assert_eq!(found(town, "logged_to"), u64::from(!unknown));
        bound("Not before", 2) && bound("Not after", 4) && !unknown
    };
    assert!(is_bounded(&town), "{}", page(&town));
    // No --policy, and none in the folder that names a witness.
    town.world.stop();
    town.world.tune = Box::new(|_| {});
    town.world.start().unwrap();
    assert!(!is_bounded(&town), "{}", page(&town));
    // The folder's own policy names them.
    town.world.stop();
    let policy = std::fs::read_to_string(town.policy_file()).unwrap();
    std::fs::write(town.world.folder.path().join("ledger/policy.txt"), policy).unwrap();
    town.world.start().unwrap();
    assert!(is_bounded(&town), "{}", page(&town));
    town.close();
}

/// Ten witnesses with two keys each are more than a tick has room for: it takes what the quorum needs, and more where it can.
#[test]
fn a_tick_of_many_witnesses_has_its_quorum_and_its_room() {
    let names = |kind: &str| (1..=10).map(|number| format!(" w{number}{kind}")).collect::<String>();
    let quorum = format!(
        "group old 7{}\ngroup new 3{}\ngroup both all old new\nquorum both\n",
        names(""),
        names("-new")
    );
    let mut town = Town::of(Mode::FailClosed, 10, Fake::start_with_two_keys, &quorum);
    town.until("everybody signed", |town| town.signers().len() == 20);
    assert!(town.checkpoint().note_text().len() > TICK_NOTE_MAX);
    town.start_ticking();
    town.until("the tick", |town| town.ticks() == 1);
    let note = town.tick_at(2);
    assert!(note.len() <= TICK_NOTE_MAX, "{}", note.len());
    let ticked = town.policy().open(note.as_bytes()).unwrap();
    let signed: Vec<&str> = ticked.witnesses().iter().map(|witness| witness.name.as_str()).collect();
    assert_eq!(signed.iter().filter(|name| !name.ends_with("-new")).count(), 10, "{signed:?}");
    assert!((13..20).contains(&signed.len()), "{signed:?}");
    town.close();
}

/// The text under a name, wherever it stands.
fn find(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(key, value)| match value {
            Value::String(text) if key == name => Some(text.clone()),
            value => find(value, name),
        }),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}
