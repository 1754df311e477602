//! Members of a line that are no fields of the table: the line's own, those of the objects inside it, the spellings of a
//! reference; and what an answer of the log names that no line holds.

use glasshouse_verifier::codes::CodeSet;
use serde::Serialize;

use super::super::line::WRITTEN;
use super::form_words;

/// A member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberEntry {
    /// Where it stands in a line, `*` for any name or number: `withheld/*/ground`.
    pub path: &'static str,
    /// What it says, in one phrase.
    pub meaning: &'static str,
    /// What it holds, in words.
    pub holds: String,
}

enum Holds {
    Words(&'static str),
    Code(CodeSet),
    Types,
}
use Holds::{Code, Types, Words};

const PUID: &str = "A-Z a-z 0-9 - _, at most 500 of them";
const INSTANT: &str = "an instant, such as 2022-09-03T21:00:00Z";
const REFERENCE: &str = "stands in targets as an element by itself, and as entry in relates_to";

#[rustfmt::skip]
const MEMBERS: &[(&str, &str, Holds)] = &[
    ("type", "what kind of statement the line is; without it a decision", Types),
    ("vocabulary", "which version of the European codes the line uses; without it the newest", Words("dsa-tdb/1 or dsa-tdb/2")),
    ("id", "what you call a line that has no puid, so that a later one can name it as id:…; no part of the statement", Words(PUID)),
    ("statement", "in a sealed line: the decision or no_action that may not be told yet", Words("an object: the line that would have been published")),
    ("subject_in_entry", "whether the subject stands in the log for ever, readable, instead of beside it", Words("true or false; true only with a subject domain:… or asn:…")),
    ("withheld", "which texts are committed to and not served, and which are served although they would not be", Words("an object: the name of a text and {\"ground\": …, \"until\": day}, or false for \"serve it\"")),
    ("withheld/*", "that this text is withheld, or served", Words("{\"ground\": …, \"until\": day}; false for \"serve it\"")),
    ("withheld/*/ground", "on what ground the text is withheld", Code(CodeSet::WithheldGround)),
    ("withheld/*/until", "the day on which the text is to be opened, by glasshouse disclose; without it there is none", Words("a day, YYYY-MM-DD, that has not passed")),
    ("content_id_ean", "the product's number, as the European dumps' column has it", Words("13 digits")),
    ("content_id/EAN-13", "the product's number", Words("13 digits")),
    ("legal_basis/kind", "on what kind of ground the decision rests", Code(CodeSet::LegalBasisKind)),
    ("legal_basis/jurisdiction", "whose law it is", Code(CodeSet::Jurisdiction)),
    ("legal_basis/statute_id", "the law's identifier (ELI, CELEX, ECLI); the law in words goes into the text instrument", Words("a text")),
    ("legal_basis/order", "whose order it was, and when; with the kinds court_order and authority_order", Words("{\"authority_kind\": …, \"country\": …}, and perhaps issued, received, deadline")),
    ("legal_basis/order/authority_kind", "what kind of body ordered it; its name goes into the text order_authority", Code(CodeSet::AuthorityKind)),
    ("legal_basis/order/country", "the country of that body", Code(CodeSet::Country)),
    ("legal_basis/order/issued", "when the order was made", Words(INSTANT)),
    ("legal_basis/order/received", "when the order came in", Words(INSTANT)),
    ("legal_basis/order/deadline", "until when the order had to be followed", Words(INSTANT)),
    ("attribution/kind", "from what kind of source you have somebody else's decision", Code(CodeSet::AttributionKind)),
    ("relates_to/*/relation", "how the other statement goes with this one", Code(CodeSet::Relation)),
    ("relates_to/*/entry", "the other statement, if it is on record", Words("puid:…, id:… or sequence:… for one of your own, else its leaf hash of 64 lower-case hex digits")),
    ("relates_to/*/uri", "the other document, if it is not on record", Words("a URL that begins with https:// or http://")),
    ("targets/*", "one earlier statement, or a range of them, that this one is about", Words("puid:…, id:…, sequence:…, {\"entry\": leaf hash} or {\"first\": number, \"last\": number}")),
    ("targets/*/entry", "the statement with that leaf hash", Words("64 lower-case hex digits; a receipt and the page of an entry show it")),
    ("targets/*/first", "the first of your own numbers (sequence) that a range names", Words("a whole number from 1; lines get their numbers in the order of the file")),
    ("targets/*/last", "the last of these numbers; it must be on record already", Words("a whole number from first to first + 1,048,575")),
    ("puid:…", "an earlier decision or refusal of yours, by its puid", Words(REFERENCE)),
    ("id:…", "an earlier line of yours that has no puid, by its id", Words(REFERENCE)),
    ("sequence:…", "an earlier statement of yours, by its number", Words(REFERENCE)),
    ("sequence", "the number of a statement among all of its provider's, without a gap; publish gives it, no line holds it", Words("a whole number from 1")),
    ("addenda", "digests of the texts; publish makes them, no line holds them", Words("see spec/payload.md")),
    ("iss", "who signed; publish writes it from --provider", Words("an HTTPS origin")),
    ("aud", "the log that the statement is meant for; publish asks the log for its name", Words("an origin")),
    ("iat", "when it was signed; publish takes it from the clock", Words(INSTANT)),
    ("kid", "which key signed; publish takes it from --key", Words("the key's thumbprint")),
    ("alg", "how it was signed; publish writes it", Words("Ed25519")),
    ("signature", "what the key made of the statement; publish makes it", Words("64 bytes")),
    ("key", "a provider's public key, in an enrolment", Words("an Ed25519 key")),
];

/// Every member that is written so: by its path, with or without a slash in front, by its last name, or as a reference is
/// spelt (`puid:case-17`).
pub fn find_members(word: &str) -> Vec<MemberEntry> {
    let word = word.trim_start_matches('/');
    let is_meant = |path: &str| match path.strip_suffix('…') {
        Some(spelling) => word.strip_prefix(spelling).is_some(),
        None => fits(path, word) || path.rsplit('/').next() == Some(word),
    };
    MEMBERS.iter().filter(|(path, ..)| is_meant(path)).map(entry).collect()
}

fn entry((path, meaning, holds): &(&'static str, &'static str, Holds)) -> MemberEntry {
    let holds = match holds {
        Words(words) => (*words).to_owned(),
        Code(set) => form_words::code(*set),
        Types => WRITTEN.map(|kind| kind.as_str()).join(", "),
    };
    MemberEntry { path, meaning, holds }
}

/// Whether a path is of that form.
fn fits(form: &str, path: &str) -> bool {
    let (mut form, mut path) = (form.split('/'), path.split('/'));
    loop {
        match (form.next(), path.next()) {
            (None, None) => return true,
            (Some(step), Some(given)) if step == "*" || step == given => {}
            _ => return false,
        }
    }
}

/// The names of members of the objects that stand under that name, in the order in which one writes them.
pub(super) fn inside(parent: &str) -> Vec<&'static str> {
    let child = |path: &'static str| {
        let (around, name) = path.rsplit_once('/')?;
        let around = around.strip_suffix("/*").unwrap_or(around);
        (name != "*" && around.rsplit('/').next() == Some(parent)).then_some(name)
    };
    MEMBERS.iter().filter_map(|(path, ..)| child(path)).collect()
}

/// Every name by which a member is found.
pub fn names() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().filter_map(|(path, ..)| path.rsplit('/').next()).filter(|name| *name != "*")
}
