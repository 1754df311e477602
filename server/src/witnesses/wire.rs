//! What a witness answers to `add-checkpoint` (c2sp.org/tlog-witness, "add-checkpoint").

use glasshouse_verifier::size::TreeSize;

/// The size that a witness has, out of its answer 409: decimal digits and a newline.
pub(super) fn parse_size(body: &[u8]) -> Option<TreeSize> {
    let line = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    TreeSize::parse(line).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

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
