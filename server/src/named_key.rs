//! Which key a body says that it is signed with: looked at before anything of it is checked, to know whose turn it asks for.

use glasshouse_verifier::cbor::{CborError, Major, Walker};
use glasshouse_verifier::key::Kid;

/// The label of the key's identifier in a header (RFC 9052 section 3.1).
const KID: i128 = 4;

/// The key that the first statement of a batch names; `None` if there is none to be seen. Nothing of it is proved.
pub(crate) fn of_batch(body: &[u8]) -> Option<Kid> {
    find(body).ok().flatten()
}

fn find(body: &[u8]) -> Result<Option<Kid>, CborError> {
    let mut batch = Walker::new(body);
    batch.array()?;
    batch.array()?;
    let mut statement = Walker::new(batch.bytes()?);
    if statement.peek()? == Major::Tag {
        statement.head()?;
    }
    statement.array()?;
    let mut header = Walker::new(statement.bytes()?);
    // The labels stand in their order, and at most three come before this one; a count that lies ends with the bytes.
    for _ in 0..header.map()? {
        if header.integer()? == KID {
            return Ok(Some(Kid::from_bytes(*header.bytes_of::<32>()?)));
        }
        header.skip()?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

    /// `18([<<{1: -8, 4: kid}>>, {}, h'', h''])`
    fn statement(kid: u8) -> Vec<u8> {
        let head = [0xd2, 0x84, 0x58, 38, 0xa2, 0x01, 0x27, 0x04, 0x58, 32];
        [&head[..], &[kid; 32], &[0xa0, 0x40, 0x40]].concat()
    }

    #[test]
    fn the_first_statement_names_a_key() {
        let statements = [statement(7), statement(8)];
        let batch: Vec<_> =
            statements.iter().map(|statement| SubmissionSlices { statement, addenda: vec![] }).collect();
        let body = encode_batch(&batch);
        assert_eq!(of_batch(&body), Some(Kid::from_bytes([7; 32])));
        for length in 0..40 {
            assert_eq!(of_batch(&body[..length]), None);
        }
    }

    #[test]
    fn what_is_no_batch_names_none() {
        let many = [&[0x81, 0x81, 0x4d, 0xd2, 0x81, 0x4a, 0xbb][..], &[0xff; 8], &[0x00]].concat();
        for body in [&b""[..], b"\x80", b"hello", &many, &[0x81, 0x82, 0x41, 0xd2, 0x80], &[0xff; 64]] {
            assert_eq!(of_batch(body), None, "{body:02x?}");
        }
    }
}
