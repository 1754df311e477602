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

/// Changes one byte in the middle of the statement (`within` = "entry") or of the first text ("addenda"), and checks the
/// copy. `None` if the copy would pass: then nothing works as it should.
pub(super) fn change_one_byte(receipt: &[u8], within: &str, policy: &Policy) -> Option<Forgery> {
    let position = place(receipt, within)?;
    let mut bytes = receipt.to_vec();
    let byte = bytes.get_mut(position)?;
    let before = *byte;
    *byte = if before == b'Q' { b'R' } else { b'Q' };
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

/// The middle of the first base64 text behind the member's name, at the beginning of a group of four: a change there
/// changes one byte of what it stands for, and leaves the base64 canonical.
fn place(receipt: &[u8], within: &str) -> Option<usize> {
    let text = std::str::from_utf8(receipt).ok()?;
    let name = text.find(&format!("\"{within}\":"))? + within.len() + 3;
    let begin = name + text.get(name..)?.find('"')? + 1;
    let length = text.get(begin..)?.find('"')?;
    Some(begin + length / 8 * 4)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_changed_byte_lies_in_the_named_member() {
        let receipt = br#"{"entries":[{"index":1,"entry":"AAAABBBBCCCC"}],"addenda":["DDDDEEEE"]}"#;
        let at = place(receipt, "entry").unwrap();
        assert_eq!(&receipt[at..at + 4], b"BBBB");
        let at = place(receipt, "addenda").unwrap();
        assert_eq!(&receipt[at..at + 4], b"EEEE");
        assert_eq!(place(br#"{"addenda":[]}"#, "addenda"), None);
        assert_eq!(place(receipt, "nothing"), None);
    }
}
