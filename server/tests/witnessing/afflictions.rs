//! One run in which killed, cut off and an hour behind overlap, each at another witness.

use glasshouse_verifier::head::TreeHead;

use super::fake::Manner;
use super::town::{Mode, Town};

/// Seconds that a clock is behind: nearly as many as it may be.
const LAG: u64 = 540;

/// A town whose checkpoints go on.
struct Run {
    town: Town,
    /// Statements that are on record.
    filed: u64,
    /// The tree of the beginning, "an hour ago".
    first: TreeHead,
}

impl Run {
    fn new() -> Run {
        let town = Town::new(Mode::FailClosed);
        town.until("all three signed", |town| town.signers().len() == 3);
        let first = *town.checkpoint().head();
        Run { town, filed: 0, first }
    }

    /// Two statements are published one after the other, each under a checkpoint that the policy accepts; one of the
    /// witnesses cannot have signed it.
    fn goes_on(&mut self, what: &str, without: &str) {
        for _ in 0..2 {
            self.filed += 1;
            let number = self.filed;
            self.town.answered(&self.town.world.decision(number), "accepted", number + 1);
            let trusted = self.town.trusted();
            assert_eq!(trusted.signed().head().size().get(), number + 2, "{what}");
            assert!(trusted.witnesses().iter().all(|witness| witness.name != without), "{what}");
        }
        assert_eq!(self.town.readyz(), "200 ready\n", "{what}");
    }

    /// The witness loses what it signed since the beginning; its 409 tells how far it is behind. Its clock is behind too.
    fn an_hour_behind(&self, at: usize) {
        self.town.witnesses[at].fall_back(self.first);
        self.town.witnesses[at].lag_behind(LAG);
    }

    /// The witness has signed the newest tree, after it said once more that it was behind.
    fn caught_up(&self, at: usize, before: u64, what: &str) {
        let name = format!("w{}", at + 1);
        self.town.until(what, |town| town.signers().contains(&name));
        assert!(self.town.witnesses[at].conflicts() > before, "{what}: it never said 409");
    }
}

#[test]
fn two_of_three_are_enough_whatever_becomes_of_the_third() {
    let mut run = Run::new();
    // The first is killed; meanwhile the second is an hour behind by its tree, and minutes by its clock, and is needed.
    run.town.witnesses[0].kill();
    run.goes_on("the first is killed", "w1");
    let before = run.town.witnesses[1].conflicts();
    run.an_hour_behind(1);
    run.goes_on("the first is killed, the second behind", "w1");
    run.caught_up(1, before, "the second caught up");
    // The first comes back with what it had; before anything else happens, the third is cut off.
    run.town.witnesses[0].revive();
    run.town.until("the first is back", |town| town.signers().len() == 3);
    run.town.witnesses[2].be(Manner::Silent);
    run.goes_on("the third is cut off, the second's clock behind", "w3");
    // Now the first is behind, while the third is still cut off.
    let before = run.town.witnesses[0].conflicts();
    run.an_hour_behind(0);
    run.goes_on("the third is cut off, the first behind", "w3");
    run.caught_up(0, before, "the first caught up");
    // The third comes back and the second is killed, while the first's clock is behind.
    run.town.witnesses[2].be(Manner::Right);
    run.town.until("the third is back", |town| town.signers().len() == 3);
    run.town.witnesses[1].kill();
    run.goes_on("the second is killed, the first's clock behind", "w2");
    let times: Vec<u64> = run.town.trusted().witnesses().iter().map(|witness| witness.time).collect();
    assert!(times.len() == 2 && times[1] >= times[0] + LAG - 60, "{times:?}");

    two_gone(&mut run);
    run.town.close();
}

/// The second is dead and the third cut off as well: nothing is published and nothing is answered, until one of them comes
/// back, an hour behind.
fn two_gone(run: &mut Run) {
    let town = &run.town;
    town.witnesses[2].be(Manner::Silent);
    let note = town.world.get("/checkpoint").body;
    let numbers: Vec<u64> = (1..=3).map(|more| run.filed + more).collect();
    let statements: Vec<_> = numbers.iter().map(|number| town.world.decision(*number)).collect();
    std::thread::scope(|scope| {
        let waiting: Vec<_> =
            statements.iter().map(|one| scope.spawn(|| town.try_submit(one).unwrap())).collect();
        town.until("it says why", |town| {
            let why = town.readyz();
            ["w2: did not sign since 20", "w3: did not sign since 20"].iter().all(|part| why.contains(part))
        });
        let why = town.world.get("/readyz");
        assert_eq!(why.problem(), (503, "no-quorum".to_owned()));
        assert!(why.json()["detail"].as_str().unwrap().contains("nothing is published without a quorum"));
        assert_eq!(town.world.get("/checkpoint").body, note);
        // Who had not been let in is told to come back; who had, is not answered.
        let late = town.world.decision(run.filed + 4);
        assert_eq!(town.world.submit(&[&late]).problem(), (503, "no-quorum".to_owned()));
        assert!(waiting.iter().all(|one| !one.is_finished()));
        let before = town.witnesses[1].conflicts();
        run.an_hour_behind(1);
        town.witnesses[1].revive();
        for answer in waiting {
            assert_eq!(answer.join().unwrap(), 200);
        }
        run.caught_up(1, before, "the second is back");
    });
    run.town.until("it is ready again", |town| town.readyz() == "200 ready\n");
    // Nothing is lost and nothing repeated: each has one place, and the places follow one another.
    let answer = run.town.world.submit(&statements.iter().collect::<Vec<_>>()).json();
    let mut places: Vec<u64> = Vec::new();
    for result in answer["results"].as_array().unwrap() {
        assert_eq!(result["status"], "duplicate", "{answer}");
        places.push(result["index"].as_u64().unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, numbers.iter().map(|number| number + 1).collect::<Vec<_>>());
    run.filed += 3;
    assert_eq!(run.town.size(), run.filed + 2);
    run.town.witnesses[2].be(Manner::Right);
    run.town.witnesses.iter().for_each(|witness| witness.lag_behind(0));
    run.town.until("all three are back", |town| town.signers().len() == 3);
    run.town.answered(&run.town.world.decision(run.filed + 1), "accepted", run.filed + 2);
}
