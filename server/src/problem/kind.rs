//! The kinds of problems: one table of slugs, each with its status, its sentence and what to do about it.

use axum::http::StatusCode;

/// A kind of problem: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name, the end of `type`.
    pub slug: &'static str,
    /// HTTP status, 400–599: of the answer, or of one item inside a batch.
    pub status: u16,
    /// Short sentence that is the same for every problem of the kind.
    pub title: &'static str,
    /// What to do about it, in words.
    pub remedy: &'static str,
}

macro_rules! kinds {
    ($($name:ident $slug:literal $status:literal $title:literal, $remedy:literal;)*) => {
        impl Kind {
            $(#[doc = concat!("`", $slug, "`: ", $title, ".")]
            pub const $name: Kind = Kind { slug: $slug, status: $status, title: $title, remedy: $remedy };)*

            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),*];
        }
    };
}

kinds! {
    NOT_CBOR "not-cbor" 400 "The body is not CBOR of the expected shape",
        "send a CBOR array of submissions, as spec/http.md has it; publish does";
    NOT_DETERMINISTIC "not-deterministic" 400 "The CBOR is not in its one deterministic encoding",
        "encode it the one way that RFC 8949 section 4.2.1 has; publish does";
    NOT_JSON "not-json" 400 "The body is not JSON",
        "send one JSON object, an array of objects, or one object a line as application/x-ndjson";
    BATCH_SIZE "batch-size" 400 "A body holds 1 to 1,000 items",
        "send at least one item and at most 1,000 in one body";
    BODY_TOO_LARGE "body-too-large" 413 "The body is too large",
        "send fewer items in one body";
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" 415 "The body's media type is not taken here",
        "send application/cbor to the statements, application/cose to /entries, application/json or application/x-ndjson to the drafts";
    NOT_UNDERSTOOD "not-understood" 422 "A version, type or vocabulary that this ledger does not know",
        "it was made for another version of the ledger: use the tools of the version that this ledger runs";
    UNKNOWN_KEY "unknown-key" 422 "The key is not enrolled",
        "have the key enrolled first: glasshouse provider request, then the registrar's glasshouse provider enrol";
    KEY_RETIRED "key-retired" 422 "The key was retired",
        "sign with a key that is still enrolled; what waits in an outbox is signed again by publish --key with the newer key";
    WRONG_ISSUER "wrong-issuer" 422 "The key belongs to another issuer",
        "sign with a key of the provider that the statement names";
    WRONG_AUDIENCE "wrong-audience" 422 "The statement is meant for another log",
        "sign for this log: its origin is the first line of its /checkpoint";
    BAD_SIGNATURE "bad-signature" 422 "The signature does not verify",
        "the bytes were changed after they were signed, or another key signed: sign again";
    UNKNOWN_ALGORITHM "unknown-algorithm" 422 "The signature algorithm is not Ed25519",
        "sign with Ed25519";
    WEAK_KEY "weak-key" 422 "The key is not a sound Ed25519 key",
        "make another key: glasshouse key new";
    INVALID_STATEMENT "invalid-statement" 422 "The statement's envelope is not as it must be",
        "make the statement as spec/statement.md has it; publish does";
    INVALID_PAYLOAD "invalid-payload" 422 "Fields of the payload break rules",
        "mend the fields that `errors` names; glasshouse check names them before anything is signed";
    ADDENDUM_MISMATCH "addendum-mismatch" 422 "An addendum fits no digest of the statement",
        "send the texts with the salts under which the statement committed to them, unchanged; the outbox has them";
    ADDENDUM_MISSING "addendum-missing" 422 "An addendum is neither sent nor withheld",
        "send every text that the statement does not withhold";
    ADDENDUM_WITHHELD "addendum-withheld" 404 "The text is withheld by its provider",
        "a text that a statement withholds is not sent with it, and not served: its provider can open it with glasshouse disclose";
    ADDENDUM_REDACTED "addendum-redacted" 451 "The text was redacted",
        "the text was erased for good; the redaction in the answer says on what ground";
    ADDENDUM_INVALID "addendum-invalid" 422 "An addendum is not as it must be",
        "make the addendum as spec/payload.md has it; publish does";
    TOO_MANY_ADDENDA "too-many-addenda" 422 "A statement has at most 32 addenda",
        "leave texts out";
    ENTRY_TOO_LARGE "entry-too-large" 422 "An entry has at most 65,535 bytes",
        "the coded fields are too long: shorten targets or sets, and put words into texts, which stand beside the entry";
    SEQUENCE_AHEAD "sequence-ahead" 422 "The sequence number is too far ahead",
        "send the lower numbers first, or close those that will not come with a void; publish numbers by itself";
    SEQUENCE_CONFLICT "sequence-conflict" 409 "The sequence number was used for another statement",
        "another statement has this number: look which one was meant. A second outbox or a copied one gives numbers twice: use one outbox for each provider and log";
    SEQUENCE_VOID "sequence-void" 422 "The sequence number was declared void",
        "the number was closed for good: publish the line under another one";
    ISSUED_IN_FUTURE "issued-in-future" 422 "The statement was issued in the future",
        "set the clock of the machine that signs";
    ISSUED_TOO_LONG_AGO "issued-too-long-ago" 422 "The statement was issued too long ago",
        "run publish again: it signs anew what has waited too long";
    ROLE_NOT_ENROLLED "role-not-enrolled" 422 "The issuer is not enrolled in this role",
        "write a role in which the provider is enrolled (/api/v1/providers/… lists them), or have the registrar enrol it in this one";
    ALREADY_ENROLLED "already-enrolled" 422 "The key was enrolled before",
        "nothing has to be done if it is this provider's; else make another key: glasshouse key new";
    NOT_AUTHORISED "not-authorised" 422 "The issuer may not make this statement",
        "a statement of this type is another issuer's to make: enrolments and conflicts are the registrar's";
    TARGET_UNKNOWN "target-unknown" 422 "No earlier entry has that leaf hash",
        "publish first what it is about, then this; what another outbox published is named by its leaf hash";
    TARGET_OWNER "target-owner" 422 "The entry that the statement is about is another issuer's",
        "only who issued a statement can say this about it; another provider's is referred to with relates_to";
    TARGET_TYPE "target-type" 422 "A statement of this type cannot be about an entry of that type",
        "an amendment or outcome is about a decision or no_action, a lifted about a decision, a disclosure about what withholds a text; spec/lifecycle.md has the table";
    TARGET_SUB "target-sub" 422 "The subject is not the one of the entry that the statement is about",
        "publish this line with the outbox that holds the other: it knows the subject";
    TARGET_NUMBER "target-number" 422 "A range holds a number that is not used yet",
        "let the range end at a number that is on record; later ones need a statement of their own";
    TARGET_TEXT "target-text" 422 "The entry has no such text that the statement could be about",
        "a disclosure names texts that the statement withholds, a redaction texts that it has";
    TARGET_STATE "target-state" 422 "What was said about the entry before stands against it",
        "nothing has to be said again; if the earlier statement was wrong, withdraw that one first, which for a redaction is possible only while the ledger still holds it";
    MUST_BE_WITHHELD "must-be-withheld" 422 "A locator under such a keyword is never served",
        "under such a keyword a locator is never published; one reader can be shown it with glasshouse show";
    LOG_CLOSED "log-closed" 422 "The log takes nothing more",
        "keep the outbox: what waits in it was decided, and can go to the log's successor";
    BAD_REQUEST "bad-request" 400 "The request is not as it must be",
        "mend the parameter that `errors` names; /openapi.json lists all of them";
    NOT_FOUND "not-found" 404 "There is nothing here",
        "look at the spelling; /openapi.json lists what there is";
    REQUEST_TIMEOUT "request-timeout" 408 "The request took too long to arrive",
        "send it again, in smaller bodies over a slow line";
    METHOD_NOT_ALLOWED "method-not-allowed" 405 "The method is not allowed here",
        "the header Allow names the methods";
    RANGE_NOT_SATISFIABLE "range-not-satisfiable" 416 "The range lies outside the resource",
        "ask for bytes that the resource has";
    DUPLICATE "duplicate" 409 "The same statement is on record already, signed otherwise",
        "nothing has to be done: the first entry stands, and Location names it";
    NO_RECEIPT_KEY "no-receipt-key" 501 "The ledger signs no COSE receipts",
        "ask for the other forms of a receipt at /api/v1/receipts/…; the operator puts receipt.key back and starts again";
    OVERLOADED "overloaded" 503 "The ledger has more work than it can take; try again",
        "try again after the seconds in Retry-After; publish does";
    INDEX_BEHIND "index-behind" 503 "The search index does not cover the whole log yet",
        "try again after the seconds in Retry-After: the index follows by itself, and progress says how far it is. Entries by index or leaf hash, receipts and the log's files do not need it";
    LOOK_UPS_BEHIND "look-ups-behind" 503 "The look-ups by hash and number are being built",
        "try again after the seconds in Retry-After: they are built by themselves, and progress says how far they are. Entries by index, proofs and the log's files do not need them";
    NOT_READY "not-ready" 503 "The ledger does not take statements now",
        "try again after the seconds in Retry-After; publish does. The operator's log says what the ledger waits for";
    STORAGE_FULL "storage-full" 503 "The ledger's disk is almost full; try again later",
        "try again after the seconds in Retry-After; publish does. The operator makes room, and the ledger goes on by itself then. What is on record is shown all the same";
    NO_QUORUM "no-quorum" 503 "The ledger waits for its witnesses; try again",
        "send it again later, which is safe; publish does. It publishes and answers nothing without a quorum of witnesses, and goes on by itself when they are back; /readyz names those that are missing";
    INTERNAL "internal" 500 "The ledger failed; the request was not at fault",
        "try again; the reason is in the operator's own log";
}

impl Kind {
    /// The kind with this slug.
    pub fn of_slug(slug: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.slug == slug)
    }

    pub(super) fn status_code(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// The words of a remedy that are paths of the server.
    fn paths(remedy: &str) -> impl Iterator<Item = &str> {
        let words =
            remedy.split_whitespace().map(|word| word.trim_matches(['(', ')', ',', ';', ':', '.', '`']));
        words.filter(|word| word.starts_with('/'))
    }

    /// Whether a path is of that form: a parameter of the form may be anything, `…` too.
    fn is_of_form(path: &str, form: &str) -> bool {
        let (steps, forms) = (path.split('/'), form.split('/'));
        steps.clone().count() == forms.clone().count()
            && steps.zip(forms).all(|(step, form)| step == form || form.starts_with('{'))
    }

    #[test]
    fn every_path_that_a_remedy_names_is_served() {
        let description: serde_json::Value = serde_json::from_str(crate::openapi::TEXT).unwrap();
        let served = description["paths"].as_object().unwrap();
        let mut named = 0;
        for kind in Kind::ALL {
            for path in paths(kind.remedy) {
                assert!(served.keys().any(|form| is_of_form(path, form)), "{}: {path}", kind.slug);
                named += 1;
            }
        }
        assert!(named >= 4, "{named}");
    }

    #[test]
    fn every_kind_has_its_own_slug_and_an_error_status() {
        for (position, kind) in Kind::ALL.iter().enumerate() {
            assert!((400..600).contains(&kind.status), "{}", kind.slug);
            assert_eq!(Kind::ALL.iter().position(|k| k.slug == kind.slug), Some(position));
            assert!(kind.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", kind.slug);
        }
    }
}
