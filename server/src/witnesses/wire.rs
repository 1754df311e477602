//! The bodies of `add-checkpoint` (c2sp.org/tlog-witness, "add-checkpoint").

use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::size::TreeSize;

/// A request: the size that the witness has, the proof from there, and the checkpoint.
pub(super) fn encode_request(old: TreeSize, proof: &ConsistencyProof, note: &str) -> String {
    let mut body = format!("old {old}\n");
    for hash in proof.hashes() {
        body.push_str(&hash.to_base64());
        body.push('\n');
    }
    body.push('\n');
    body.push_str(note);
    body
}

/// The size that a witness has, out of its answer 409: decimal digits and a newline.
pub(super) fn parse_size(body: &[u8]) -> Option<TreeSize> {
    let line = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    TreeSize::parse(line).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::hash::NodeHash;

    #[test]
    fn a_request_has_the_lines_of_the_specification() {
        let proof = ConsistencyProof::new(vec![NodeHash::from_bytes([1; 32])]).unwrap();
        let body = encode_request(TreeSize::new(7).unwrap(), &proof, "log.example\n8\n…");
        assert_eq!(body, "old 7\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\nlog.example\n8\n…");
        let none = ConsistencyProof::new(vec![]).unwrap();
        assert_eq!(encode_request(TreeSize::ZERO, &none, "note"), "old 0\n\nnote");
    }

    #[test]
    fn a_size_has_one_spelling() {
        assert_eq!(parse_size(b"20852014\n").unwrap().get(), 20_852_014);
        assert_eq!(parse_size(b"0\n").unwrap(), TreeSize::ZERO);
        for wrong in ["", "\n", "8", "08\n", "+8\n", "8\n\n", " 8\n", "8\r\n", "-1\n", "9007199254740992\n"] {
            assert_eq!(parse_size(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert_eq!(parse_size(&[0xff, b'\n']), None);
    }
}
