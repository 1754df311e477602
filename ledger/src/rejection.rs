//! Why one submission was not taken: a stable name, an HTTP status, a sentence, and every wrong field.

use glasshouse_verifier::payload_error::PayloadError;

/// A submission that was refused. Safe to show to its submitter: holds nothing of the ledger's inside and no text of
/// an addendum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason's stable name; the problem's type is `urn:glasshouse:problem:<slug>` (RFC 9457 §3.1.1).
    pub slug: &'static str,
    /// The HTTP status inside the item's problem: 409 where a number is taken, 500 for our own faults,
    /// 503 where the same may be taken later, else 422.
    pub status: u16,
    /// One sentence for a person.
    pub detail: String,
    /// Every wrong field, with its place and rule; empty where the fault is no field's.
    pub errors: Vec<PayloadError>,
}

impl Rejection {
    /// A rejection without fields.
    pub fn new(slug: &'static str, detail: impl Into<String>) -> Rejection {
        let status = match slug {
            "sequence-conflict" => 409,
            "internal" => 500,
            "not-ready" => 503,
            _ => 422,
        };
        Rejection { slug, status, detail: detail.into(), errors: Vec::new() }
    }

    /// A rejection that names the fields.
    pub fn with_errors(
        slug: &'static str,
        detail: impl Into<String>,
        errors: Vec<PayloadError>,
    ) -> Rejection {
        Rejection { errors, ..Rejection::new(slug, detail) }
    }
}
