//! What a provider sends: a batch of statements with their addenda, cut into slices and not looked into.
//!
//! The body is the CBOR array `[1*1000 [statement bstr, [*32 addendum bstr]]]`, at most 16 MiB. Decoded into values
//! such a body can take 500 MiB, so it is walked: nothing is copied, and room is made only for what is there.

use thiserror::Error;

use crate::bounds::ENTRY_MAX;
use crate::cbor::{CborError, CborErrorKind, Major, Walker, put_head};
use crate::fault::Fault;

/// The most bytes of a body, 16 MiB: 1,000 submissions with a usual amount of text.
pub const BODY_MAX: usize = 16 << 20;

/// The most submissions in a batch: enough that the cost of a request vanishes beside that of the signatures.
pub const BATCH_MAX: u64 = 1_000;

/// The most addenda of one statement: more fields than any type has.
pub const ADDENDA_MAX: u64 = 32;

/// The most bytes of one addendum, 1 MiB: a list of 1,000 locators fits.
pub const ADDENDUM_MAX: usize = 1 << 20;

/// One submission, as it lies in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionSlices<'a> {
    /// The bytes of the statement, at most 65,535.
    pub statement: &'a [u8],
    /// The bytes of each addendum that came with it, at most 32 of at most 1 MiB.
    pub addenda: Vec<&'a [u8]>,
}

/// Why a whole body was refused. Nothing of it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BatchError {
    /// More than [`BODY_MAX`] bytes.
    #[error("body: more than 16 MiB")]
    TooLarge,
    /// Not one item of deterministic CBOR.
    #[error("body: {0}")]
    Cbor(#[from] CborError),
    /// An item, but no array.
    #[error("body: not an array of submissions")]
    NotAnArray,
    /// No submission, or more than [`BATCH_MAX`].
    #[error("body: {0} submissions, where 1 to 1,000 are allowed")]
    Count(u64),
}

impl BatchError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            BatchError::TooLarge => "body-too-large",
            BatchError::Cbor(error) => error.slug(),
            BatchError::NotAnArray => "bad-request",
            BatchError::Count(_) => "batch-size",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// Why one submission was refused, while the others stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubmissionError {
    /// Not `[statement, [addendum …]]`, each a byte string.
    #[error("submission: not an array of a byte string and an array of byte strings")]
    Shape,
    /// A statement that no entry can hold.
    #[error("statement: {0} bytes, where an entry has at most 65,535")]
    StatementTooLong(usize),
    /// More than [`ADDENDA_MAX`] addenda.
    #[error("addenda: {0}, where at most 32 are allowed")]
    TooManyAddenda(u64),
    /// An addendum of more than 1 MiB.
    #[error("addendum {position}: {length} bytes, where at most 1,048,576 are allowed")]
    AddendumTooLong {
        /// Which one, from 0.
        position: usize,
        /// Its length in bytes.
        length: usize,
    },
}

impl SubmissionError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            SubmissionError::Shape => "bad-request",
            SubmissionError::StatementTooLong(_) => "entry-too-large",
            SubmissionError::TooManyAddenda(_) => "too-many-addenda",
            SubmissionError::AddendumTooLong { .. } => "addendum-invalid",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// Cuts a body into its submissions. One with a wrong shape is that submission's error; what makes the places of the
/// others uncertain is the body's.
pub fn walk_batch(body: &[u8]) -> Result<Vec<Result<SubmissionSlices<'_>, SubmissionError>>, BatchError> {
    if body.len() > BODY_MAX {
        return Err(BatchError::TooLarge);
    }
    let mut walker = Walker::new(body);
    let count = match walker.array() {
        Ok(count) => count,
        Err(error) if error.kind() == CborErrorKind::Unexpected => {
            Walker::check(body)?;
            return Err(BatchError::NotAnArray);
        }
        Err(error) => return Err(error.into()),
    };
    if !(1..=BATCH_MAX).contains(&count) {
        Walker::check(body)?;
        return Err(BatchError::Count(count));
    }
    let mut submissions = Vec::new();
    for _ in 0..count {
        submissions.push(walk_submission(walker.skip()?));
    }
    walker.finish()?;
    Ok(submissions)
}

/// Cuts one submission, which [`Walker::skip`] has checked: every error is one of shape.
fn walk_submission(item: &[u8]) -> Result<SubmissionSlices<'_>, SubmissionError> {
    let shape = |_: CborError| SubmissionError::Shape;
    let mut walker = Walker::new(item);
    if walker.array().map_err(shape)? != 2 {
        return Err(SubmissionError::Shape);
    }
    let statement = walker.bytes().map_err(shape)?;
    if statement.len() > ENTRY_MAX {
        return Err(SubmissionError::StatementTooLong(statement.len()));
    }
    let count = walker.array().map_err(shape)?;
    if count > ADDENDA_MAX {
        return Err(SubmissionError::TooManyAddenda(count));
    }
    let mut addenda = Vec::new();
    for position in 0..count as usize {
        let addendum = walker.bytes().map_err(shape)?;
        let length = addendum.len();
        if length > ADDENDUM_MAX {
            return Err(SubmissionError::AddendumTooLong { position, length });
        }
        addenda.push(addendum);
    }
    Ok(SubmissionSlices { statement, addenda })
}

/// Writes a batch that [`walk_batch`] reads, if it keeps the bounds.
pub fn encode_batch(submissions: &[SubmissionSlices<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    put_head(&mut body, Major::Array, submissions.len());
    for submission in submissions {
        put_head(&mut body, Major::Array, 2);
        put_head(&mut body, Major::Bytes, submission.statement.len());
        body.extend_from_slice(submission.statement);
        put_head(&mut body, Major::Array, submission.addenda.len());
        for addendum in &submission.addenda {
            put_head(&mut body, Major::Bytes, addendum.len());
            body.extend_from_slice(addendum);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn submission<'a>(statement: &'a [u8], addenda: &[&'a [u8]]) -> SubmissionSlices<'a> {
        SubmissionSlices { statement, addenda: addenda.to_vec() }
    }

    #[test]
    fn a_batch_goes_there_and_back() {
        let long = vec![7; 70_000];
        let batch =
            [submission(b"one", &[b"a", b""]), submission(&long[..65_535], &[&long]), submission(b"", &[])];
        let body = encode_batch(&batch);
        let walked: Vec<_> = walk_batch(&body).unwrap().into_iter().map(Result::unwrap).collect();
        assert_eq!(walked, batch);
    }

    #[test]
    fn what_is_wrong_with_one_leaves_the_others() {
        let long = vec![0; ADDENDUM_MAX + 1];
        let many: Vec<&[u8]> = vec![b"x"; 33];
        let batch = [
            submission(b"good", &[]),
            submission(&long[..65_536], &[]),
            submission(b"", &many),
            submission(b"", &[b"", &long]),
            submission(b"good", &many[..32]),
        ];
        let mut body = encode_batch(&batch);
        // A sixth one: an array of text and an array.
        body[0] += 1;
        body.extend_from_slice(&[0x82, 0x60, 0x80]);
        let verdicts: Vec<_> =
            walk_batch(&body).unwrap().into_iter().map(|s| s.err().map(|e| e.slug())).collect();
        assert_eq!(
            verdicts,
            [
                None,
                Some("entry-too-large"),
                Some("too-many-addenda"),
                Some("addendum-invalid"),
                None,
                Some("bad-request")
            ]
        );
    }

    #[test]
    fn a_body_without_certain_places_is_refused_whole() {
        let one = submission(b"s", &[]);
        let full = encode_batch(&vec![one.clone(); 1_000]);
        assert_eq!(walk_batch(&full).unwrap().len(), 1_000);
        let over = encode_batch(&vec![one.clone(); 1_001]);
        let good = encode_batch(&[one]);
        let cases: [(&[u8], &str); 9] = [
            (&[], "not-cbor"),
            (b"{}", "not-cbor"),
            (&[0xa0], "bad-request"),
            (&[0x80], "batch-size"),
            (&over, "batch-size"),
            (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "not-cbor"),
            (&[0x9f, 0xff], "not-deterministic"),
            (&good[..good.len() - 1], "not-cbor"),
            (&[good.as_slice(), &[0]].concat(), "not-cbor"),
        ];
        for (body, slug) in cases {
            assert_eq!(walk_batch(body).unwrap_err().slug(), slug, "{body:02x?}");
        }
        assert_eq!(walk_batch(&vec![0; BODY_MAX + 1]), Err(BatchError::TooLarge));
    }
}
