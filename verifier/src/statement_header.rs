//! The protected header of a statement (RFC 9052 §3.1, RFC 9597): algorithm, content type, key, claims.

use crate::cbor::{Major, put_argument, put_head, put_text};
use crate::claims::{Claims, INTEGER_MAX};
use crate::cose::{self, Labels, put_bytes};
use crate::issuer::Issuer;
use crate::key::Kid;
use crate::origin::Origin;
use crate::statement::StatementError;
use crate::subject::Subject;

/// The content type of a statement, version 1, header label 3.
pub const CONTENT_TYPE: &str = "application/vnd.glasshouse.statement+cbor; v=1";

/// At most so many characters of an unknown value are repeated in an error.
const GIVEN_MAX: usize = 80;

/// The algorithm that a statement names. Both mean the same signature; the thumbprint has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// −8, what we write.
    EdDsa,
    /// −19, the fully specified name.
    Ed25519,
}

impl Algorithm {
    /// The number in header label 1.
    pub fn number(self) -> i128 {
        match self {
            Algorithm::EdDsa => cose::EDDSA,
            Algorithm::Ed25519 => cose::ED25519,
        }
    }

    /// The algorithm of that number.
    pub(crate) fn find(number: i128) -> Option<Algorithm> {
        [Algorithm::EdDsa, Algorithm::Ed25519].into_iter().find(|a| a.number() == number)
    }
}

fn shape(part: &'static str, rule: &'static str) -> StatementError {
    StatementError::Shape { part, rule }
}

/// Reads `{1: alg, 3: content type, 4: kid, 15: claims}`, exactly these labels.
pub(crate) fn parse_header(protected: &[u8]) -> Result<(Algorithm, Kid, Claims), StatementError> {
    let Ok(header) = Labels::read(protected, [1, 3, 4, 15]) else {
        return Err(shape("header", "not a map"));
    };
    // The content type comes first: what a later version puts beside it is not ours to judge.
    let content_type = header.text(1).ok_or(shape("header", "no content type (3)"))?;
    if content_type != CONTENT_TYPE {
        let given = content_type.chars().take(GIVEN_MAX).collect();
        return Err(StatementError::NotUnderstood { field: "content type", given });
    }
    let number = header.integer(0).ok_or(shape("header", "no algorithm (1)"))?;
    let algorithm = Algorithm::find(number).ok_or(StatementError::Algorithm(number))?;
    if !header.exact {
        return Err(shape("header", "other labels than 1, 3, 4 and 15"));
    }
    let kid = header.bytes32(2).ok_or(shape("kid", "not 32 bytes"))?;
    let claims = Labels::read(header.values[3].unwrap_or_default(), [1, 2, 3, 6]);
    let claims = parse_claims(&claims.map_err(|_| shape("claims", "not a map"))?)?;
    Ok((algorithm, Kid::from_bytes(*kid), claims))
}

fn parse_claims(claims: &Labels<'_, 4>) -> Result<Claims, StatementError> {
    if !claims.exact {
        return Err(shape("claims", "other claims than 1, 2, 3 and 6"));
    }
    let iss = claims.text(0).and_then(|text| Issuer::parse(text).ok());
    let sub = claims.text(1).and_then(|text| Subject::parse(text).ok());
    let aud = claims.text(2).and_then(|text| Origin::parse(text).ok());
    let iat = claims.integer(3).and_then(|n| u64::try_from(n).ok());
    Ok(Claims {
        iss: iss.ok_or(shape("iss", "not an issuer"))?,
        sub: sub.ok_or(shape("sub", "not a subject"))?,
        aud: aud.ok_or(shape("aud", "not an origin"))?,
        iat: iat.filter(|n| *n <= INTEGER_MAX).ok_or(shape("iat", "not 0 to 2^53 - 1"))?,
    })
}

/// The protected header `{1: alg, 3: content type, 4: kid, 15: claims}`.
pub fn encode_protected(algorithm: Algorithm, kid: &Kid, claims: &Claims) -> Vec<u8> {
    let mut out = Vec::with_capacity(320);
    let label = |out: &mut Vec<u8>, number| put_argument(out, Major::Unsigned, number);
    put_head(&mut out, Major::Map, 4);
    label(&mut out, 1);
    // A negative integer is written as −1 minus it (RFC 8949 §3.1); both numbers are.
    put_argument(&mut out, Major::Negative, algorithm.number().unsigned_abs() as u64 - 1);
    label(&mut out, 3);
    put_text(&mut out, CONTENT_TYPE);
    label(&mut out, 4);
    put_bytes(&mut out, kid.as_bytes());
    label(&mut out, 15);
    claims.put(&mut out);
    out
}
