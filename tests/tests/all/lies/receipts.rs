//! Lies in receipts.

use serde_json::Value;

use super::operator::{Operator, path_text};

impl Operator {
    /// Somebody checks a receipt offline.
    fn check(&self, receipt: &[u8]) -> (i32, Value) {
        self.check_under(receipt, &self.policy())
    }

    fn check_under(&self, receipt: &[u8], policy: &str) -> (i32, Value) {
        let file = self.world.scratch().join("receipt.json");
        std::fs::write(&file, receipt).unwrap();
        self.verify(&["receipt", &path_text(&file), "--policy", policy])
    }

    /// The receipt with one character of one part changed. Every reader notices, at this step.
    #[track_caller]
    fn assert_noticed(&self, (mark, behind): (&str, usize), step: u64, rule: &str) {
        let receipt = String::from_utf8(self.receipt.clone()).unwrap();
        let at = receipt.find(mark).unwrap() + mark.len() + behind;
        let mut bytes = receipt.into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        self.assert_refused(&bytes, step, rule);
    }

    #[track_caller]
    fn assert_refused(&self, receipt: &[u8], step: u64, rule: &str) {
        let (status, answer) = self.check(receipt);
        let expected = (1, &Value::from(step), &Value::from(rule));
        assert_eq!((status, &answer["step"], &answer["rule"]), expected, "{answer}");
    }
}

/// For comparison: the receipt as the ledger made it.
#[test]
fn gives_a_true_receipt() {
    let operator = Operator::new();
    let (status, answer) = operator.check(&operator.receipt);
    assert_eq!((status, &answer["index"]), (0, &5.into()), "{answer}");
}

/// Another size than the log signed.
#[test]
fn changes_the_checkpoint_of_a_receipt() {
    Operator::new().assert_noticed(("\\n27", 0), 2, "bad-signature");
}

/// Another statement than the tree has.
#[test]
fn changes_the_entry_of_a_receipt() {
    Operator::new().assert_noticed(("\"entry\":\"", 20), 4, "root-mismatch");
}

/// Another way to the root.
#[test]
fn changes_the_path_of_a_receipt() {
    Operator::new().assert_noticed(("\"path\":[\"", 20), 4, "root-mismatch");
}

/// Another text than the statement commits to.
#[test]
fn changes_a_text_of_a_receipt() {
    Operator::new().assert_noticed(("\"addenda\":[\"", 20), 10, "addendum-mismatch");
}

/// Another index than the one that the path leads to.
#[test]
fn moves_the_entry_of_a_receipt() {
    let operator = Operator::new();
    let receipt = String::from_utf8(operator.receipt.clone()).unwrap();
    let moved = receipt.replacen("\"index\":5", "\"index\":6", 1);
    operator.assert_refused(moved.as_bytes(), 4, "root-mismatch");
}

/// The enrolment is left out, so that nobody can ask whose key it was.
#[test]
fn leaves_the_enrolment_out_of_a_receipt() {
    let operator = Operator::new();
    // Cut out of the text: in another spelling it would be refused for that alone.
    let receipt = std::str::from_utf8(&operator.receipt).unwrap();
    let (start, end) = (receipt.find(",{\"index\":1,").unwrap(), receipt.find("],\"addenda\":").unwrap());
    let without = [&receipt[..start], &receipt[end..]].concat();
    operator.assert_refused(without.as_bytes(), 7, "enrolment");
}

/// Cut, or with something behind it: there is one spelling.
#[test]
fn cuts_a_receipt() {
    let operator = Operator::new();
    let cut = &operator.receipt[..operator.receipt.len() - 1];
    let longer = [operator.receipt.as_slice(), b" "].concat();
    for bytes in [cut, &longer, b""] {
        operator.assert_refused(bytes, 1, "receipt-format");
    }
    let receipt = String::from_utf8(operator.receipt.clone()).unwrap();
    let later = receipt.replacen("glasshouse-receipt/1", "glasshouse-receipt/2", 1);
    let (status, answer) = operator.check(later.as_bytes());
    assert_eq!((status, &answer["verdict"]), (4, &"not-understood".into()), "{answer}");
}

/// A true receipt of another log. Noticed by everybody who has the key of the log that they mean.
#[test]
fn gives_a_receipt_of_another_log() {
    let operator = Operator::new();
    let other = Operator::stranger(operator.world.registrar().origin().as_str());
    let policy = operator.world.scratch().join("other-policy");
    std::fs::write(&policy, format!("log {}\nquorum none\n", other.vkey().encode())).unwrap();
    assert_eq!(operator.check_under(&operator.receipt, &path_text(&policy)).0, 1);
    // What is missing on the reader's side is no lie.
    assert_eq!(operator.check_under(&operator.receipt, "no-such-file").0, 2);
    assert_eq!(operator.verify(&["receipt", "no-such-receipt", "--policy", &operator.policy()]).0, 2);
}

/// A receipt that no witness has seen, for a reader whose policy asks for one.
#[test]
fn gives_a_receipt_that_nobody_witnessed() {
    let operator = Operator::new();
    let policy = operator.world.scratch().join("witnessed");
    let witness = "witness w1 witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
    let log = operator.signer().vkey().encode();
    std::fs::write(&policy, format!("log {log}\n{witness}\nquorum w1\n")).unwrap();
    let (status, answer) = operator.check_under(&operator.receipt, &path_text(&policy));
    assert_eq!(status, 1, "{answer}");
}
