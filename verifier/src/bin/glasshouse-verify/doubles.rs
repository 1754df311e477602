//! Providers that signed two statements under one number, and evidence that convinces others. What is not proved is an
//! accusation by the registrar, and is called that.

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::double_statement::DoubleStatement;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::submission::ADDENDUM_MAX;
use serde_json::{Value, json};

use crate::audit::Audit;
use crate::evidence::signature;
use crate::found::Conflict;
use crate::text_check::path_of;

/// For so many conflicts both statements are fetched.
const FETCHED: usize = 100;

/// One conflict on record.
pub(crate) struct Double {
    pub(crate) conflict: Conflict,
    /// The signature of the statement on record, in hex. It and the other one are told only beside proof.
    filed: Option<String>,
    /// That of the other one, where its text is served.
    other: Option<String>,
    /// Proof for others, where both were there.
    pub(crate) evidence: Option<Evidence>,
}

impl Audit {
    /// The conflicts that are listed, the first hundred of them with what they are about.
    pub(crate) fn doubles(&self, newest: &SignedCheckpoint) -> Vec<Double> {
        let listed = self.found.conflicts.listed.iter().enumerate();
        listed.map(|(at, conflict)| self.double(conflict, newest, at < FETCHED)).collect()
    }

    pub(crate) fn double(&self, conflict: &Conflict, newest: &SignedCheckpoint, fetch: bool) -> Double {
        let filed = self.statement(conflict.entry);
        let other = if fetch { self.refused(conflict.index) } else { None };
        let evidence = match (&filed, &other) {
            (Some(filed), Some(other)) => self.prove(conflict, filed, other, newest),
            _ => None,
        };
        Double {
            conflict: conflict.clone(),
            filed: filed.as_ref().map(signature),
            other: other.as_ref().map(signature),
            evidence,
        }
    }

    fn statement(&self, index: LeafIndex) -> Option<Statement> {
        let bytes = self.past.read(index).ok()??;
        Some(Entry::parse(&bytes).ok()?.into_statement())
    }

    /// The second statement: the entry itself, or what the text of the registrar's one holds whole.
    fn refused(&self, conflict: LeafIndex) -> Option<Statement> {
        let conflict = self.statement(conflict)?;
        if conflict.payload().kind() != StatementType::Conflict {
            return Some(conflict);
        }
        let digest = conflict.payload().addenda().get(&FieldName::REFUSED_STATEMENT)?;
        let text = self.bundles.source().text(&path_of(digest), ADDENDUM_MAX as u64).ok()??;
        if Digest::of(&text) != *digest {
            return None;
        }
        match Addendum::parse(&text).ok()?.value() {
            Item::Bytes(bytes) => Statement::parse(bytes).ok(),
            _ => None,
        }
    }

    fn prove(
        &self,
        conflict: &Conflict,
        filed: &Statement,
        other: &Statement,
        newest: &SignedCheckpoint,
    ) -> Option<Evidence> {
        let receipt = self.receipt(conflict.entry, newest)?;
        let enrolment = match filed.kid() == other.kid() {
            true => None,
            false => {
                let keys = self.registry.keys();
                Some(self.receipt(keys.get(other.kid())?.enrolled_at(), newest)?)
            }
        };
        let double = DoubleStatement::new(&receipt, other.bytes(), enrolment.as_deref(), &self.log).ok()?;
        Some(Evidence::DoubleStatement(Box::new(double)))
    }
}

impl Double {
    /// Both signatures, where it is proved that the provider made them.
    fn signatures(&self) -> Option<(&str, &str)> {
        self.evidence.as_ref().and(self.filed.as_deref().zip(self.other.as_deref()))
    }

    /// For people.
    pub(crate) fn words(&self) -> String {
        let Conflict { index, iss, sequence, entry } = &self.conflict;
        if let Some((one, other)) = self.signatures() {
            return format!(
                "{iss}: double-statement: it signed number {sequence} twice: entry {entry} has it (signature {one}), entry {index} \
                 shows the other one (signature {other})"
            );
        }
        let why = match &self.other {
            None => "the other statement is not served, or was not looked at",
            Some(_) => "what is served does not show that a key of the provider signed the other statement",
        };
        format!(
            "{iss}: accused: entry {index} says that it signed number {sequence} twice, once in entry {entry}. That is not proved: {why}"
        )
    }

    /// The same for programs. `signatures` is there where it is proved.
    pub(crate) fn to_json(&self) -> Value {
        let Conflict { index, iss, sequence, entry } = &self.conflict;
        let mut object = json!({"index": index.get(), "iss": iss.as_str(), "sequence": sequence.get(),
            "entry": entry.get(), "proved": self.signatures().is_some(), "detail": self.words()});
        if let (Some((one, other)), Some(members)) = (self.signatures(), object.as_object_mut()) {
            members.insert("signatures".to_owned(), json!([one, other]));
        }
        object
    }
}
