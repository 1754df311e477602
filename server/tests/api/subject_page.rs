//! The page of a subject: in which order it shows statements, and what it calls their days.

use crate::people::peopled;

/// A refusal to act has no day: it would seem to speak of the one on which it was filed.
#[test]
fn only_a_decision_stands_at_a_day_of_its_own() {
    let world = peopled();
    let page = |kind: &str, language: &str| {
        let list = world.get(&format!("/api/v1/statements?type={kind}")).json();
        let sub = list["statements"][0]["sub"].as_str().unwrap().to_owned();
        String::from_utf8(world.get(&format!("{language}/subjects/{sub}")).body).unwrap()
    };
    for (language, filed) in
        [("", "<p class=\"when\">filed on <time"), ("/fr", "<p class=\"when\">déposée le <time")]
    {
        let refusal = page("no_action", language);
        assert!(refusal.contains(filed), "{refusal}");
        assert!(page("decision", language).contains("<p class=\"when\"><time"));
    }
    assert!(page("no_action", "").contains("all else at the day on which it was filed"));
}
