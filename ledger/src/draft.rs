//! What a provider says, before it is numbered, salted and signed: one line of authoring JSON, or a registrar's act.
//!
//! In authoring JSON the coded fields and the texts stand side by side; the field table decides which of them go into
//! the entry and which become addenda. A line may also be about earlier ones (`targets`), or seal another one
//! (`statement`). A draft knows nothing of keys, logs and numbers: an `Author` adds those.

pub mod advice;
mod dropped;
mod json_form;
pub mod json_line;
mod line;
mod nested;
mod reference;
mod targets;
mod trial;
mod withholding;

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::PayloadError;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use glasshouse_verifier::vocabulary::Vocabulary;

pub use self::dropped::Warning;
pub(crate) use self::json_form::map_item;
pub use self::reference::Reference;
pub(crate) use self::trial::payload_item;
pub use self::withholding::Withholding;

/// What is to be signed: the type, the coded fields, the texts, and which texts are withheld.
#[derive(Debug, Clone)]
pub struct Draft {
    kind: StatementType,
    vocabulary: Vocabulary,
    fields: BTreeMap<FieldName, Item>,
    texts: BTreeMap<FieldName, Item>,
    withheld: BTreeMap<FieldName, Withholding>,
    /// Texts that the author asked to serve.
    served: BTreeSet<FieldName>,
    relations: Vec<reference::Relation>,
    targets: Vec<targets::Target>,
    sealed: Option<Box<Draft>>,
    subject: Option<String>,
    subject_in_entry: bool,
    warnings: Vec<Warning>,
}

impl Draft {
    /// An empty draft of a type, for the registrar's statements and for voids.
    pub fn new(kind: StatementType) -> Draft {
        Draft {
            kind,
            vocabulary: Vocabulary::Version2,
            fields: BTreeMap::new(),
            texts: BTreeMap::new(),
            withheld: BTreeMap::new(),
            served: BTreeSet::new(),
            relations: Vec::new(),
            targets: Vec::new(),
            sealed: None,
            subject: None,
            subject_in_entry: false,
            warnings: Vec::new(),
        }
    }

    /// One line of authoring JSON (an object). Every fault of the line is in the error, each with its JSON Pointer into
    /// the line; what the European database would drop without a word is dropped here with a warning.
    pub fn from_json(line: &serde_json::Value) -> Result<Draft, Vec<PayloadError>> {
        line::read(line)
    }

    /// The same form for a `disclosure`, which no line is: a tool makes it where it has the texts.
    ///
    /// # Errors
    /// As [`Draft::from_json`].
    pub fn disclosure_from_json(line: &serde_json::Value) -> Result<Draft, Vec<PayloadError>> {
        line::read_of_command(line)
    }

    /// Sets a coded field.
    #[must_use]
    pub fn with_field(mut self, name: FieldName, value: Item) -> Draft {
        self.fields.insert(name, value);
        self
    }

    /// Sets a text: the value of an addendum.
    #[must_use]
    pub fn with_text(mut self, name: FieldName, value: Item) -> Draft {
        self.texts.insert(name, value);
        self
    }

    /// Sets the earlier statements that it is about; they are put in their one order.
    #[must_use]
    pub fn with_targets(mut self, named: impl IntoIterator<Item = Target>) -> Draft {
        self.targets = named.into_iter().map(targets::Target::Named).collect();
        self.put_references();
        self
    }

    /// The statement's type.
    pub fn kind(&self) -> StatementType {
        self.kind
    }

    /// By which version of the European vocabulary its codes are judged.
    pub fn vocabulary(&self) -> Vocabulary {
        self.vocabulary
    }

    /// What the pseudonym stands for: `domain:…`, `url:…`, `account:…`, `asn:…`, or `puid:<the puid>` where the author
    /// named no subject. A provider's tool keeps one pseudonym for each of these. `None` for statements on no subject.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The `sub` that the author asked for in clear (`"subject_in_entry": true`, only with `domain:` and `asn:`).
    pub fn subject_in_entry(&self) -> Option<&str> {
        self.subject.as_deref().filter(|_| self.subject_in_entry)
    }

    /// The provider's own number for the decision, by which a line is known.
    pub fn puid(&self) -> Option<&str> {
        self.texts.get(&FieldName::PUID).and_then(Item::as_text)
    }

    /// What was dropped and why.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The coded fields.
    pub fn fields(&self) -> &BTreeMap<FieldName, Item> {
        &self.fields
    }

    /// The texts: field to value of its addendum.
    pub fn texts(&self) -> &BTreeMap<FieldName, Item> {
        &self.texts
    }

    /// Which texts stay with the provider, and on what ground.
    pub fn withheld(&self) -> &BTreeMap<FieldName, Withholding> {
        &self.withheld
    }

    /// Withholds every text that the author did not ask to serve and that is not withheld already: what corrects a text
    /// that is between two parties is between them too.
    pub fn withhold_the_rest(&mut self, ground: &str) {
        for name in self.texts.keys().filter(|name| !self.served.contains(name)) {
            self.withheld.entry(*name).or_insert_with(|| Withholding::on(ground));
        }
    }

    /// What a `sealed` statement holds back: the decision or refusal that would have been filed.
    pub fn sealed(&self) -> Option<&Draft> {
        self.sealed.as_deref()
    }

    /// The earlier statements that it is about, in their one order, each once. A reference that is not resolved stands as
    /// a digest that is none of an entry.
    pub fn targets(&self) -> Vec<Target> {
        targets::sorted(&self.targets)
    }

    /// Where in the author's list the target stands that has this place in [`Draft::targets`].
    pub fn place_of_target(&self, place: usize) -> Option<usize> {
        let target = *self.targets().get(place)?;
        self.targets.iter().position(|authored| targets::sorted(std::slice::from_ref(authored)) == [target])
    }

    /// The references to earlier lines that are still to be resolved.
    pub fn unresolved(&self) -> impl Iterator<Item = &Reference> {
        let inner = self.sealed.iter().flat_map(|inner| inner.relations.iter());
        let relations = self.relations.iter().chain(inner).filter_map(reference::Relation::unresolved);
        relations.chain(self.targets.iter().filter_map(targets::Target::unresolved))
    }

    /// Puts leaf hashes in the place of `puid:…`, `sequence:…` and `id:…`. `look_up` knows the provider's earlier lines.
    ///
    /// # Errors
    /// One `needs` error for each reference that `look_up` does not know; the draft must not be signed then.
    pub fn resolve(
        &mut self,
        mut look_up: impl FnMut(&Reference) -> Option<LeafHash>,
    ) -> Result<(), Vec<PayloadError>> {
        self.resolve_by(&mut look_up)
    }

    fn resolve_by(
        &mut self,
        look_up: &mut dyn FnMut(&Reference) -> Option<LeafHash>,
    ) -> Result<(), Vec<PayloadError>> {
        let mut errors = Vec::new();
        errors.extend(reference::resolve(&mut self.relations, look_up).err().into_iter().flatten());
        errors.extend(targets::resolve(&mut self.targets, look_up).err().into_iter().flatten());
        if let Some(inner) = &mut self.sealed {
            let inner = inner.resolve_by(look_up).err().into_iter().flatten();
            errors.extend(inner.map(|error| line::inside("/statement", error)));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        self.put_references();
        Ok(())
    }

    /// What the references say as fields of the payload.
    fn put_references(&mut self) {
        let relations = reference::item(&self.relations).map(|item| (FieldName::RELATES_TO, item));
        let targets = targets::item(&self.targets).map(|item| (FieldName::TARGETS, item));
        self.fields.extend(relations.into_iter().chain(targets));
    }
}
