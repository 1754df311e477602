//! What is sent to a witness: `old`, a proof, a blank line, a checkpoint (c2sp.org/tlog-witness).

use glasshouse_verifier::hash::NodeHash;

use super::test_log::{History, TestLog, proof};

/// A body of `add-checkpoint`.
pub(crate) fn body(old: &str, proof: &[NodeHash], note: &str) -> Vec<u8> {
    let lines: String = proof.iter().map(|hash| hash.to_base64() + "\n").collect();
    format!("old {old}\n{lines}\n{note}").into_bytes()
}

/// The right request for growing from `old` to `new`.
pub(crate) fn growth(log: &TestLog, old: u64, new: u64) -> Vec<u8> {
    body(&old.to_string(), &proof(old, new, History::True), &log.note(new, History::True))
}

/// A request that grows to `new` from a size above that, with the proof from `old`.
pub(crate) fn from_above(log: &TestLog, old: u64, new: u64) -> Vec<u8> {
    body(&(new + 1).to_string(), &proof(old, new, History::True), &log.note(new, History::True))
}

/// Bodies that are none, each with its fault, around a right request from `old` to `new`.
pub(crate) fn malformed(log: &TestLog, old: u64, new: u64) -> Vec<(&'static str, Vec<u8>)> {
    let (hashes, note) = (proof(old, new, History::True), log.note(new, History::True));
    let right = String::from_utf8(growth(log, old, new)).unwrap_or_default();
    let filler = NodeHash::join(&hashes.first().copied().unwrap_or_else(filler), &filler());
    let from = |text: &str| body(text, &hashes, &note);
    vec![
        ("an empty body", vec![]),
        (
            "no line with the old size",
            right.split_once('\n').map(|(_, rest)| rest.as_bytes().to_vec()).unwrap_or_default(),
        ),
        ("an old size with a leading zero", from(&format!("0{old}"))),
        ("an old size with a sign", from(&format!("+{old}"))),
        ("an old size of more than 64 bits", from("18446744073709551616")),
        ("an old size that is no number", from("x")),
        ("64 lines of proof", body(&old.to_string(), &vec![filler; 64], &note)),
        ("a line of proof that is no base64", right.replacen("\n\n", "\n???\n\n", 1).into_bytes()),
        (
            "a line of proof of 31 bytes",
            right.replacen("\n\n", "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n\n", 1).into_bytes(),
        ),
        ("no blank line before the checkpoint", right.replacen("\n\n", "\n", 1).into_bytes()),
        ("lines that end in CR LF", right.replace('\n', "\r\n").into_bytes()),
        ("no checkpoint", format!("old {old}\n\n").into_bytes()),
        ("bytes that are no text", vec![0xff; 300]),
    ]
}

fn filler() -> NodeHash {
    glasshouse_verifier::hash::LeafHash::of_entry(b"filler").to_node()
}
