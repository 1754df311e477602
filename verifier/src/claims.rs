//! Who says it, about what, to which log, and when: the CWT claims in a statement's header (RFC 9597).

use crate::cbor::{Major, put_argument, put_head, put_text};
use crate::issuer::Issuer;
use crate::origin::Origin;
use crate::subject::Subject;

/// The greatest instant, sequence number or count: exact in every JSON reader (RFC 8259 §6).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The claims of one statement, exactly these four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// 1, `iss`: who signed it.
    pub iss: Issuer,
    /// 2, `sub`: what it is about.
    pub sub: Subject,
    /// 3, `aud`: the log that it is meant for, and no other.
    pub aud: Origin,
    /// 6, `iat`: when it was signed, by its signer's word: seconds since 1970 UTC, 0 to 2^53 − 1.
    pub iat: u64,
}

impl Claims {
    /// Whether the issuer is the registrar of the log that the statement is meant for.
    pub fn is_registrar(&self) -> bool {
        self.iss.is_registrar_of(&self.aud)
    }

    /// Writes the map `{1: iss, 2: sub, 3: aud, 6: iat}`.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_head(out, Major::Map, 4);
        for (label, text) in [(1, self.iss.as_str()), (2, self.sub.as_str()), (3, self.aud.as_str())] {
            put_argument(out, Major::Unsigned, label);
            put_text(out, text);
        }
        put_argument(out, Major::Unsigned, 6);
        put_argument(out, Major::Unsigned, self.iat);
    }
}
