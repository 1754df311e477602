//! Why one submission was not taken: a stable name, an HTTP status, a sentence, and every wrong field.

use glasshouse_verifier::payload_error::PayloadError;

/// The reason's stable name; the problem's type is `urn:glasshouse:problem:<slug>` (RFC 9457 §3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slug {
    /// A content type, version, type or vocabulary that this ledger does not know.
    NotUnderstood,
    /// No enrolled key has this identifier.
    UnknownKey,
    /// The key ended.
    KeyRetired,
    /// The key belongs to another issuer.
    WrongIssuer,
    /// The statement is meant for another log.
    WrongAudience,
    /// The signature does not hold.
    BadSignature,
    /// A signature algorithm that is not ours.
    UnknownAlgorithm,
    /// A key that is not canonical, of small order, or has a torsion part.
    WeakKey,
    /// Not one of our COSE_Sign1 structures.
    InvalidStatement,
    /// The payload breaks rules; `errors` names each.
    InvalidPayload,
    /// An addendum fits no digest of the statement, or belongs to another statement.
    AddendumMismatch,
    /// An addendum is neither sent nor withheld.
    AddendumMissing,
    /// An addendum was sent although the statement withholds it.
    AddendumWithheld,
    /// An addendum breaks the form of its field.
    AddendumInvalid,
    /// More addenda than a statement may have.
    TooManyAddenda,
    /// The entry would be longer than a bundle can hold.
    EntryTooLarge,
    /// Numbers begin at 1.
    SequenceZero,
    /// The number is too far ahead of the issuer's highest unbroken one.
    SequenceAhead,
    /// The number stands for another statement already.
    SequenceConflict,
    /// The number was closed by a `void`.
    SequenceVoid,
    /// The statement's time lies ahead of the ledger's.
    IssuedInFuture,
    /// The statement's time lies too far back.
    IssuedTooLongAgo,
    /// The issuer is not enrolled in the role that it claims.
    RoleNotEnrolled,
    /// The key is enrolled already, or was.
    AlreadyEnrolled,
    /// The issuer may not make such a statement.
    NotAuthorised,
    /// A fault of the ledger.
    Internal,
}

impl Slug {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Slug::NotUnderstood => "not-understood",
            Slug::UnknownKey => "unknown-key",
            Slug::KeyRetired => "key-retired",
            Slug::WrongIssuer => "wrong-issuer",
            Slug::WrongAudience => "wrong-audience",
            Slug::BadSignature => "bad-signature",
            Slug::UnknownAlgorithm => "unknown-algorithm",
            Slug::WeakKey => "weak-key",
            Slug::InvalidStatement => "invalid-statement",
            Slug::InvalidPayload => "invalid-payload",
            Slug::AddendumMismatch => "addendum-mismatch",
            Slug::AddendumMissing => "addendum-missing",
            Slug::AddendumWithheld => "addendum-withheld",
            Slug::AddendumInvalid => "addendum-invalid",
            Slug::TooManyAddenda => "too-many-addenda",
            Slug::EntryTooLarge => "entry-too-large",
            Slug::SequenceZero => "sequence-zero",
            Slug::SequenceAhead => "sequence-ahead",
            Slug::SequenceConflict => "sequence-conflict",
            Slug::SequenceVoid => "sequence-void",
            Slug::IssuedInFuture => "issued-in-future",
            Slug::IssuedTooLongAgo => "issued-too-long-ago",
            Slug::RoleNotEnrolled => "role-not-enrolled",
            Slug::AlreadyEnrolled => "already-enrolled",
            Slug::NotAuthorised => "not-authorised",
            Slug::Internal => "internal",
        }
    }

    /// The HTTP status of the item's problem: 409 where a number is taken, 500 for our own faults, else 422.
    pub fn status(self) -> u16 {
        match self {
            Slug::SequenceConflict => 409,
            Slug::Internal => 500,
            _ => 422,
        }
    }
}

/// A submission that was refused. Safe to show to its submitter: holds nothing of the ledger's inside and no text of
/// an addendum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub slug: Slug,
    /// The HTTP status inside the item's problem.
    pub status: u16,
    /// One sentence for a person.
    pub detail: String,
    /// Every wrong field, with its place and rule; empty where the fault is no field's.
    pub errors: Vec<PayloadError>,
}

impl Rejection {
    /// A rejection without fields.
    pub fn new(slug: Slug, detail: impl Into<String>) -> Rejection {
        Rejection { slug, status: slug.status(), detail: detail.into(), errors: Vec::new() }
    }

    /// A rejection that names the fields.
    pub fn with_errors(
        slug: Slug,
        detail: impl Into<String>,
        errors: Vec<PayloadError>,
    ) -> Rejection {
        Rejection { errors, ..Rejection::new(slug, detail) }
    }
}
