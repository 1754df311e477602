//! `POST /entries` where a quorum is required: no receipt without one, and nothing is lost or repeated on the way.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::registrar::void;
use glasshouse_verifier::cose_key_set::parse_key_set;
use glasshouse_verifier::cose_receipt::CoseReceipt;
use glasshouse_verifier::sequence::Sequence;

use super::fake::Manner;
use super::town::{Mode, Town};
use super::world::{Reply, now};

const COSE: &str = "application/cose";

impl Town {
    /// A statement without texts: a number far ahead is closed.
    fn textless(&self, number: u64) -> Signed {
        let draft = void(1_000 + number, 1_000 + number, "outbox_lost", None);
        self.world.provider.sign_own(&draft, Sequence::new(number).unwrap(), now()).unwrap()
    }

    fn register(&self, signed: &Signed, prefer: &str) -> Reply {
        let url = format!("{}/entries", self.world.url());
        let post = self.world.agent.post(&url).header("content-type", COSE).header("connection", "close");
        let mut response = post.header("prefer", prefer).send(signed.statement()).unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, body: response.body_mut().read_to_vec().unwrap() }
    }

    /// A receipt of the published tree.
    #[track_caller]
    fn check_receipt(&self, signed: &Signed, reply: &Reply) {
        let keys = parse_key_set(&self.world.get("/.well-known/scitt-keys").body).unwrap();
        let receipt = CoseReceipt::parse(&reply.body).unwrap();
        let root = receipt.verify_inclusion(signed.leaf_hash(), &keys).unwrap();
        assert_eq!(&root, self.trusted().signed().head().root());
    }
}

fn place(signed: &Signed) -> String {
    format!("/entries/{}", signed.leaf_hash())
}

#[test]
fn no_receipt_leaves_without_a_quorum_and_every_one_with_it() {
    let town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    let note = town.world.get("/checkpoint").body;
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let [first, second, third] = [1, 2, 3].map(|number| town.textless(number));
    // Who does not wait is told where to ask, and not that it is on record.
    let told = town.register(&first, "respond-async");
    assert_eq!((told.status, told.header("location")), (202, Some(place(&first).as_str())));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| town.register(&second, "wait"));
        town.until("it says why", |town| town.readyz().contains("w2: did not sign since 20"));
        for signed in [&first, &second] {
            assert_eq!(town.world.get(&place(signed)).status, 204);
        }
        for index in [2, 3] {
            assert_eq!(town.world.get(&format!("/entries/{index}")).status, 404);
        }
        let refused = town.register(&third, "wait");
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
        assert!(String::from_utf8_lossy(&refused.body).contains("w2: did not sign since 20"));
        assert_eq!(town.world.get(&place(&third)).status, 404);
        assert_eq!(town.world.get("/checkpoint").body, note);
        assert!(!waiting.is_finished());
        town.witnesses[0].revive();
        let answer = waiting.join().unwrap();
        assert_eq!((answer.status, answer.header("location")), (201, Some(place(&second).as_str())));
        town.check_receipt(&second, &answer);
    });
    // Nothing was lost, and the one that was refused was not taken.
    town.until("it is ready again", |town| town.readyz() == "200 ready\n");
    assert_eq!(town.size(), 4);
    for (index, signed) in [(2, &first), (3, &second)] {
        let later = town.world.get(&place(signed));
        assert_eq!(later.status, 200);
        town.check_receipt(signed, &later);
        // Nothing is repeated: the same again is answered with the same place.
        let again = town.register(signed, "wait");
        assert_eq!((again.status, again.header("location")), (201, Some(place(signed).as_str())));
        assert_eq!(town.world.get(&format!("/entries/{index}")).body, again.body);
    }
    assert_eq!(town.size(), 4);
    let taken = town.register(&third, "wait");
    assert_eq!(taken.status, 201);
    town.check_receipt(&third, &taken);
    assert_eq!(town.size(), 5);
    town.close();
}

/// The server ends while statements wait for their quorum: they are in the log once, after the next one.
#[test]
fn what_waited_when_the_server_ended_is_on_record_once() {
    let mut town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let signed = town.textless(1);
    assert_eq!(town.register(&signed, "respond-async").status, 202);
    town.until("it has its place", |town| town.metric("glasshouse_unpublished_statements 1"));
    town.restart(Mode::FailClosed);
    assert_eq!((town.size(), town.world.get(&place(&signed)).status), (2, 404));
    town.witnesses[0].revive();
    town.until("it is published", |town| town.size() == 3);
    let again = town.register(&signed, "wait");
    assert_eq!(again.status, 201);
    town.check_receipt(&signed, &again);
    assert_eq!(town.size(), 3);
    town.close();
}
