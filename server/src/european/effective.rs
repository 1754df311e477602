//! Which fields and texts hold for a decision, with everything that was said about it later: the one place that decides
//! what an export says of an entry.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use glasshouse_ledger::walk::{States, Walk, WalkError, Walked, WalkedText};
use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry_state::{Standing, TextState};
use glasshouse_verifier::field_map::FieldMap;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;

/// A text, or why it is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownText {
    /// It is public: its value.
    Public(Item),
    /// Its issuer keeps it.
    Withheld,
    /// It was erased.
    Erased,
}

/// A decision as it is to be shown.
#[derive(Debug, Clone)]
pub struct Effective<'a> {
    /// Its coded fields.
    pub fields: Cow<'a, FieldMap<FieldValue>>,
    /// Those of its texts that were asked for.
    pub texts: BTreeMap<FieldName, ShownText>,
    /// Which texts it has besides.
    pub others: Vec<FieldName>,
    /// What became of it.
    pub standing: Standing,
    /// Whether an amendment changed it.
    pub is_amended: bool,
}

/// What all entries of a log say about one.
pub struct Later {
    states: States,
    wanted: Vec<FieldName>,
    /// The amendment that was read last: one may be about 40,000 decisions in a row.
    amendment: Mutex<Option<Arc<Walked>>>,
}

impl Later {
    /// `states` are those of the whole log; `wanted` are the texts that will be asked for.
    pub fn new(states: States, wanted: Vec<FieldName>) -> Later {
        Later { states, wanted, amendment: Mutex::new(None) }
    }

    /// The decision of an entry, as it holds now. Of `walk`, the amendments of it are read.
    ///
    /// # Errors
    /// [`WalkError`], and a text that is neither there, withheld nor erased.
    pub fn effective<'a>(&self, walk: &Walk, walked: &'a Walked) -> Result<Effective<'a>, WalkError> {
        let statement = walked.entry.statement();
        let payload = statement.payload();
        let state = self.states.of(statement);
        let standing = state.standing(payload.kind());
        if state.amendments.is_empty() {
            let others = payload.addenda().keys().filter(|field| !walked.texts.contains_key(field));
            return Ok(Effective {
                fields: Cow::Borrowed(payload.fields()),
                texts: self.texts_of(walked, |_| true)?,
                others: others.copied().collect(),
                standing,
                is_amended: false,
            });
        }
        let mut amended = AsAmended::filed(walked.index, payload);
        let mut read = Vec::with_capacity(state.amendments.len());
        for index in &state.amendments {
            let amendment = self.amendment(walk, *index)?;
            amended.amend(*index, amendment.entry.statement().payload());
            read.push(amendment);
        }
        let mut texts = self.texts_of(walked, |field| amended.texts.get(&field) == Some(&walked.index))?;
        for amendment in read {
            texts.extend(
                self.texts_of(&amendment, |field| amended.texts.get(&field) == Some(&amendment.index))?,
            );
        }
        let others = amended.texts.keys().filter(|field| !texts.contains_key(field)).copied().collect();
        let fields = amended.fields.into_iter().map(|(field, (_, value))| (field, value)).collect();
        Ok(Effective { fields: Cow::Owned(fields), texts, others, standing, is_amended: true })
    }

    fn amendment(&self, walk: &Walk, index: LeafIndex) -> Result<Arc<Walked>, WalkError> {
        let mut last = self.amendment.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(walked) = last.as_ref().filter(|walked| walked.index == index) {
            return Ok(Arc::clone(walked));
        }
        let walked = Arc::new(walk.read(index, &self.wanted)?);
        *last = Some(Arc::clone(&walked));
        Ok(walked)
    }

    /// Those texts of an entry that hold, each as its state says. The state decides, and not what lies in the pack: what is
    /// redacted and not erased yet is not shown.
    fn texts_of(
        &self,
        walked: &Walked,
        holds: impl Fn(FieldName) -> bool,
    ) -> Result<BTreeMap<FieldName, ShownText>, WalkError> {
        let statement = walked.entry.statement();
        let state = self.states.of(statement);
        let mut texts = BTreeMap::new();
        for (field, there) in walked.texts.iter().filter(|(field, _)| holds(**field)) {
            let shown = match (state.text(statement.payload(), *field), there) {
                (Some(TextState::Withheld), _) => ShownText::Withheld,
                (Some(TextState::Redacted(_)), _) | (_, WalkedText::Erased) => ShownText::Erased,
                (_, WalkedText::There(value)) => ShownText::Public(value.clone()),
                (_, WalkedText::Absent) => {
                    let rule = format!("the text {field} is neither served, withheld nor erased");
                    return Err(WalkError::Damaged { index: walked.index.get(), rule });
                }
            };
            texts.insert(*field, shown);
        }
        Ok(texts)
    }
}
