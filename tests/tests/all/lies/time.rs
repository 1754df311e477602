//! Lies about when: entries that claim another time than the log's own ticks allow.

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_ledger::author::Signed;
use glasshouse_ledger::registrar::tick;
use glasshouse_tests::workload::{decision, now};
use glasshouse_verifier::cosignature::{cosignature_message, encode_cosignature};
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

use super::operator::{Operator, path_text, rules};

const DAY: u64 = 86_400;

/// A witness of the readers, who does not lie.
struct Witness(SigningKey, Vkey);

impl Witness {
    fn new() -> Witness {
        let key = SigningKey::from_bytes(&[5; 32]);
        let vkey = Vkey::new("witness.example/w1", VkeyKind::Cosignature, key.verifying_key().to_bytes());
        Witness(key, vkey.unwrap())
    }

    /// The registrar's tick: the true log's checkpoint, which the witness saw at that time.
    fn tick(&self, operator: &Operator, time: u64) -> Vec<u8> {
        self.tick_of(operator, &std::fs::read(&operator.kept).unwrap(), time)
    }

    /// The same of any checkpoint.
    fn tick_of(&self, operator: &Operator, note: &[u8], time: u64) -> Vec<u8> {
        let note = Note::parse(note).unwrap();
        let signature = self.0.sign(&cosignature_message(time, note.text())).to_bytes();
        let line = SignatureLine::new(&self.1, encode_cosignature(time, &signature).to_vec());
        let lines: Vec<SignatureLine> = note.signatures().iter().take(1).cloned().chain([line]).collect();
        let note = Note::assemble(note.text(), &lines).unwrap();
        operator.registrar_says(&tick(&note.encode()), 0).entry().to_vec()
    }

    /// A policy that knows the witness and does not insist on it.
    fn policy(&self, operator: &Operator) -> String {
        let file = operator.world.scratch().join("with-witness");
        let log = operator.signer().vkey().encode();
        std::fs::write(&file, format!("log {log}\nwitness w1 {}\nquorum none\n", self.1.encode())).unwrap();
        path_text(&file)
    }
}

fn signed_at(operator: &Operator, time: u64) -> Signed {
    let number = operator.publisher.next_number();
    operator.publisher.sign(&decision(number), number, time)
}

/// A decision that claims to have been signed days before the tick that it stands behind. Noticed by everybody whose policy names a
/// witness of the tick; without witnesses nobody can, because then time is the log's own word.
#[test]
fn back_dates_an_entry() {
    let (operator, witness) = (Operator::new(), Witness::new());
    let entry = signed_at(&operator, now() - 5 * DAY).entry().to_vec();
    let liar = operator.longer([witness.tick(&operator, now()), entry]);
    let policy = witness.policy(&operator);
    let (status, answer) = operator.verify(&["log", liar.url(), "--policy", &policy, "--skip-witnesses"]);
    assert_eq!((status, rules(&answer)), (1, vec!["iat-behind"]), "{answer:#}");
    let (status, answer) = operator.newcomer(&liar);
    assert_eq!((status, &answer["time"]["passed_over"]), (0, &1.into()), "{answer:#}");
}

/// A decision that claims to be of tomorrow, so that it seems to have come after something else. The tick that covers it tells when it
/// was there. Noticed by everybody whose policy names a witness of the tick.
#[test]
fn post_dates_an_entry() {
    let (operator, witness) = (Operator::new(), Witness::new());
    let mut entries = operator.entries.clone();
    // Entry 5 has the number 4.
    entries[5] = operator.publisher.sign(&decision(4), 4, now() + DAY).entry().to_vec();
    let liar = operator.history(&entries);
    let note =
        ureq::get(format!("{}/checkpoint", liar.url())).call().unwrap().body_mut().read_to_vec().unwrap();
    entries.push(witness.tick_of(&operator, &note, now()));
    let liar = operator.history(&entries);
    let policy = witness.policy(&operator);
    let (status, answer) = operator.verify(&["log", liar.url(), "--policy", &policy, "--skip-witnesses"]);
    assert_eq!((status, rules(&answer)), (1, vec!["iat-ahead"]), "{answer:#}");
    assert_eq!(answer["findings"][0]["index"], 5, "{answer:#}");
    let (status, answer) = operator.newcomer(&liar);
    assert_eq!((status, &answer["time"]["passed_over"]), (0, &1.into()), "{answer:#}");
}

/// The honest case beside it, and the provider that files late: listed, and no fault of the log.
#[test]
fn a_late_filing_is_the_providers_affair() {
    let (operator, witness) = (Operator::new(), Witness::new());
    let entry = signed_at(&operator, now()).entry().to_vec();
    let liar = operator.longer([witness.tick(&operator, now()), entry]);
    let policy = witness.policy(&operator);
    let (status, answer) = operator.verify(&["log", liar.url(), "--policy", &policy, "--skip-witnesses"]);
    assert_eq!((status, &answer["time"]["ticks"]), (0, &1.into()), "{answer:#}");
    assert_eq!(answer["time"]["late"][0]["iss"], "https://one.example", "{answer:#}");
}
