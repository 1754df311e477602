//! One byte of a receipt is changed.

use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;

/// A changed copy of a receipt, and what became of it.
pub(super) struct Forgery {
    /// The copy.
    pub(super) bytes: Vec<u8>,
    /// Which byte of the file was changed, from 0.
    pub(super) position: usize,
    /// What stood there, and what stands there now.
    pub(super) change: (char, char),
    /// The step of the check that refused it.
    pub(super) step: u8,
    /// Why.
    pub(super) why: String,
}

/// Changes one byte in the middle of the statement (`within` = "entry") or of the longest text ("addenda"), and checks
/// the copy. `None` if the copy would pass: then nothing works as it should.
pub(super) fn change_one_byte(receipt: &[u8], within: &str, policy: &Policy) -> Option<Forgery> {
    let position = place(receipt, within)?;
    let mut bytes = receipt.to_vec();
    let byte = bytes.get_mut(position)?;
    let before = *byte;
    *byte = neighbour(before);
    let change = (char::from(before), char::from(*byte));
    let (step, why) = match Receipt::parse(&bytes) {
        Err(error) => (1, error.to_string()),
        Ok(receipt) => match receipt.verify(policy) {
            Err(error) => (error.step(), error.to_string()),
            Ok(_) => return None,
        },
    };
    Some(Forgery { bytes, position, change, step, why })
}

/// The base64 digit beside this one. Four bits up in a text of ASCII, that is a letter or sign beside the one there.
fn neighbour(digit: u8) -> u8 {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let at = DIGITS.iter().position(|one| *one == digit).unwrap_or_default();
    DIGITS.get(at ^ 1).copied().unwrap_or(b'A')
}

/// The middle of the longest base64 text behind the member's name (up to the end of its list), at the beginning of a
/// group of four: a change there changes one byte of what it stands for, and leaves the base64 canonical.
fn place(receipt: &[u8], within: &str) -> Option<usize> {
    let text = std::str::from_utf8(receipt).ok()?;
    let name = text.find(&format!("\"{within}\":"))? + within.len() + 3;
    let value = text.get(name..)?;
    let end = if value.starts_with('[') { value.find(']')? } else { value.find(',')? };
    let mut at = name;
    let mut longest: Option<(usize, usize)> = None;
    for (number, piece) in value.get(..end)?.split('"').enumerate() {
        // Every second piece stands between quotes.
        if number % 2 == 1 && longest.is_none_or(|(_, length)| piece.len() > length) {
            longest = Some((at, piece.len()));
        }
        at += piece.len() + 1;
    }
    longest.map(|(begin, length)| begin + length / 8 * 4)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_changed_byte_lies_in_the_named_member() {
        let receipt = br#"{"entries":[{"index":1,"entry":"AAAABBBBCCCC"}],"addenda":["DDDD","EEEEFFFF"]}"#;
        let at = place(receipt, "entry").unwrap();
        assert_eq!(&receipt[at..at + 4], b"BBBB");
        let at = place(receipt, "addenda").unwrap();
        assert_eq!(&receipt[at..at + 4], b"FFFF");
        assert_eq!(place(br#"{"addenda":[]}"#, "addenda"), None);
        assert_eq!(place(receipt, "nothing"), None);
    }
}
