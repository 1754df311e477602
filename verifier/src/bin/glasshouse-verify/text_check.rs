//! Whether a log serves the texts that it has to serve, and none of those that it must not.

use std::ops::AddAssign;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry_state::TextState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::ADDENDUM_MAX;
use serde_json::{Value, json};

use crate::finding::{Finding, TEXT_LOST};
use crate::source::{Source, SourceError};

/// What was found of the texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TextCounts {
    /// Served, and the ones that the entries commit to.
    right: u64,
    /// Kept by their issuers, and not served.
    withheld: u64,
    /// Erased, as a redaction that counts says, and not served.
    redacted: u64,
    /// Not served, and nobody says so.
    lost: u64,
    /// Other bytes are served, or what is no evidence.
    wrong: u64,
    /// Served although withheld or erased.
    in_spite: u64,
}

impl TextCounts {
    /// For people.
    pub(crate) fn words(self) -> String {
        let TextCounts { right, withheld, redacted, lost, wrong, in_spite } = self;
        format!(
            "texts fetched: {right} right, {withheld} withheld, {redacted} redacted, {lost} lost, {wrong} wrong, \
             {in_spite} served that must not be"
        )
    }

    /// The same for programs.
    pub(crate) fn to_json(self) -> Value {
        let TextCounts { right, withheld, redacted, lost, wrong, in_spite } = self;
        json!({"right": right, "withheld": withheld, "redacted": redacted, "lost": lost, "wrong": wrong,
            "served_in_spite": in_spite})
    }
}

impl AddAssign for TextCounts {
    fn add_assign(&mut self, other: TextCounts) {
        self.right += other.right;
        self.withheld += other.withheld;
        self.redacted += other.redacted;
        self.lost += other.lost;
        self.wrong += other.wrong;
        self.in_spite += other.in_spite;
    }
}

/// Fetches texts and judges them.
pub(crate) struct TextCheck<'a> {
    pub(crate) source: &'a Source,
    pub(crate) registry: &'a Registry,
}

impl TextCheck<'_> {
    /// Fetches one text that an entry commits to, and holds it against what its state says.
    pub(crate) fn judge(
        &self,
        index: LeafIndex,
        statement: &Statement,
        (field, digest): (FieldName, &Digest),
        state: TextState,
        counts: &mut TextCounts,
    ) -> Result<Option<Finding>, SourceError> {
        let served = self.source.text(&path_of(digest), ADDENDUM_MAX as u64)?;
        let finding = |rule, detail: String| Some(Finding::entry(index, rule, format!("{field}: {detail}")));
        Ok(match (served, state) {
            (None, TextState::Withheld) => count(&mut counts.withheld),
            (None, TextState::Redacted(_)) => count(&mut counts.redacted),
            (None, TextState::Served | TextState::Disclosed(_)) => {
                counts.lost += 1;
                finding(TEXT_LOST, "it is not served, and no redaction that counts says so".to_owned())
            }
            (Some(bytes), TextState::Served | TextState::Disclosed(_)) => {
                match self.check(statement, field, digest, &bytes) {
                    Ok(_) => count(&mut counts.right),
                    Err(why) => {
                        counts.wrong += 1;
                        finding("text-wrong", why)
                    }
                }
            }
            // Whoever withholds can commit to the digest of somebody else's text, which is served for that one.
            (Some(bytes), TextState::Withheld) if is_other(&bytes, statement, digest) => {
                count(&mut counts.withheld)
            }
            (Some(bytes), TextState::Redacted(_)) if is_other(&bytes, statement, digest) => {
                count(&mut counts.redacted)
            }
            (Some(_), TextState::Withheld) => {
                counts.in_spite += 1;
                finding("text-served", "it is served although its issuer withholds it".to_owned())
            }
            (Some(_), TextState::Redacted(by)) => {
                counts.in_spite += 1;
                finding("text-served", format!("it is served although entry {by} erased it"))
            }
        })
    }

    /// Fetches a text that has to be served: nothing if it is not; else the text, or why what is served is not the one that
    /// the entry commits to.
    pub(crate) fn fetch(
        &self,
        statement: &Statement,
        field: FieldName,
        digest: &Digest,
    ) -> Result<Option<Result<Addendum, String>>, SourceError> {
        let served = self.source.text(&path_of(digest), ADDENDUM_MAX as u64)?;
        Ok(served.map(|bytes| self.check(statement, field, digest, &bytes)))
    }

    /// The text that the entry commits to, if the bytes are it.
    fn check(
        &self,
        statement: &Statement,
        field: FieldName,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<Addendum, String> {
        if Digest::of(bytes) != *digest {
            return Err("other bytes are served than the entry commits to".to_owned());
        }
        let addendum = Addendum::parse(bytes).map_err(|error| error.to_string())?;
        addendum.check_owner(statement).map_err(|error| error.to_string())?;
        if let (FieldName::REFUSED_STATEMENT, Item::Bytes(refused)) = (field, addendum.value()) {
            self.check_refused(statement, refused)?;
        }
        Ok(addendum)
    }

    /// Whether the second statement of a conflict is signed by a key that was enrolled for the provider. A registrar can
    /// make no evidence against anybody.
    fn check_refused(&self, conflict: &Statement, refused: &[u8]) -> Result<(), String> {
        let refused = Statement::parse(refused).map_err(|error| error.to_string())?;
        let claims = refused.claims();
        let keys = self.registry.keys();
        let key = keys.get(refused.kid()).filter(|key| *key.owner() == claims.iss);
        let signed = key.is_some_and(|key| refused.verify(key.key()).is_ok());
        let accused =
            conflict.payload().provider() == Some(&claims.iss) && claims.aud == conflict.claims().aud;
        match signed && accused {
            true => Ok(()),
            false => Err("it is no statement of the provider that it accuses".to_owned()),
        }
    }
}

/// The text of another entry.
fn is_other(bytes: &[u8], statement: &Statement, digest: &Digest) -> bool {
    let right = Digest::of(bytes) == *digest;
    right && Addendum::parse(bytes).is_ok_and(|addendum| addendum.check_owner(statement).is_err())
}

fn count(counter: &mut u64) -> Option<Finding> {
    *counter += 1;
    None
}

/// `addenda/ab/cd/abcd…`.
pub(crate) fn path_of(digest: &Digest) -> String {
    let hex = digest.to_hex();
    format!("addenda/{}/{}/{hex}", hex.get(..2).unwrap_or_default(), hex.get(2..4).unwrap_or_default())
}
