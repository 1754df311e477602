//! Which entries a statement names, and whether it may: the rules of order of `spec/lifecycle.md`.

use std::collections::HashMap;

use crate::entry_state::EntryState;
use crate::fields::{FieldName, is_locator_keyword};
use crate::hash::Digest;
use crate::issuer::Issuer;
use crate::lives::Lives;
use crate::past::Past;
use crate::payload::Payload;
use crate::registry_error::RegistryError;
use crate::sequence::{NumberState, Sequence, SequenceWindow};
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::{Issuing, StatementType};
use crate::target_error::TargetError;
use crate::targets::{SequenceRange, Target};
use crate::withheld::Withheld;

/// So many statements may name one entry, or one number by ranges: more than a dispute ever has, and few enough that
/// the state of an entry costs less than a signature to compute.
pub const MAX_NAMED: usize = 10_000;

/// So deep may withdrawals of withdrawals go.
pub const MAX_DEPTH: u32 = 8;

/// What a statement names, found and allowed. Empty for a statement without targets.
#[derive(Debug, Clone, Default)]
pub struct Naming {
    entries: Vec<NamedEntry>,
    ranges: Vec<SequenceRange>,
}

/// An entry that is named by its leaf hash.
#[derive(Debug, Clone)]
pub struct NamedEntry {
    /// Its place.
    pub index: LeafIndex,
    /// Whose it is.
    pub owner: Issuer,
    /// Its number.
    pub sequence: Sequence,
    /// Its type.
    pub kind: StatementType,
    /// Of the texts that the statement is about, those that the entry withholds and nobody opened or erased before.
    pub embargoed: Vec<(FieldName, Withheld)>,
    /// The digests of the texts that a disclosure opens.
    pub opened: Vec<(FieldName, Digest)>,
}

impl Naming {
    /// The entries that are named by leaf hash, in the order of the targets.
    pub fn entries(&self) -> &[NamedEntry] {
        &self.entries
    }

    /// The ranges of numbers.
    pub fn ranges(&self) -> &[SequenceRange] {
        &self.ranges
    }

    /// Whether a withdrawal is named; by ranges none is.
    pub fn names_withdrawals(&self) -> bool {
        self.entries.iter().any(|entry| entry.kind == StatementType::Withdrawal)
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.ranges.is_empty()
    }
}

impl StatementType {
    /// Whether a statement of this type may be about an entry of type `named`. By a range a withdrawal names no
    /// withdrawal and no redaction.
    pub(crate) fn may_name(self, named: StatementType, by_leaf: bool) -> bool {
        use StatementType as T;
        match self {
            T::Amendment | T::Outcome => matches!(named, T::Decision | T::NoAction),
            T::Lifted => named == T::Decision,
            T::Withdrawal => match named {
                T::Decision | T::NoAction | T::Amendment | T::Outcome | T::Lifted => true,
                T::Sealed | T::Declaration => true,
                T::Withdrawal | T::Redaction => by_leaf,
                _ => false,
            },
            T::Disclosure => by_leaf && matches!(named, T::Decision | T::NoAction | T::Amendment | T::Sealed),
            T::Redaction => {
                let rules = named.rules();
                !rules.required_addenda.union(rules.optional_addenda).is_empty()
            }
            T::Conflict => by_leaf && named.rules().issuing != Issuing::Registrar,
            _ => false,
        }
    }
}

/// What the rules of order look at. A registry has all of a log; an issuer that knows only what it said itself can hold
/// its next statement against that before it is sent.
pub struct Before<'a> {
    /// Finds the entries that are named by their leaf hashes.
    pub past: &'a dyn Past,
    /// What was said about entries so far.
    pub lives: &'a Lives,
    /// The numbers of each issuer.
    pub windows: &'a HashMap<Issuer, SequenceWindow>,
}

impl Before<'_> {
    /// Finds everything that a statement names, and checks that it may.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Target`] with the first rule that is broken; [`RegistryError::Past`]: the look-up failed.
    pub fn name(&self, at: LeafIndex, statement: &Statement) -> Result<Naming, RegistryError> {
        let mut naming = Naming::default();
        let payload = statement.payload();
        let Some(targets) = payload.targets() else { return Ok(naming) };
        let owner = payload.provider().unwrap_or(&statement.claims().iss);
        for (place, target) in targets.iter().enumerate() {
            let wrong = |error: TargetError| RegistryError::Target { place, error };
            match target {
                Target::Entry(leaf) => {
                    let found = self.past.find(leaf).map_err(RegistryError::Past)?;
                    let found = found.filter(|(index, _)| *index < at);
                    let (index, named) = found.ok_or_else(|| wrong(TargetError::Unknown))?;
                    let one = targets.single_entry().is_some();
                    naming
                        .entries
                        .push(self.check_entry(statement, owner, index, &named, one).map_err(wrong)?);
                }
                Target::Range(range) => {
                    self.check_range(owner, *range).map_err(wrong)?;
                    naming.ranges.push(*range);
                }
            }
        }
        Ok(naming)
    }

    /// Rules 2 to 4 and 6 to 8, for an entry that was found.
    fn check_entry(
        &self,
        statement: &Statement,
        owner: &Issuer,
        index: LeafIndex,
        named: &Statement,
        is_single: bool,
    ) -> Result<NamedEntry, TargetError> {
        let (kind, of) = (statement.payload().kind(), named.payload().kind());
        // A conflict is a provider's.
        let registrars = kind == StatementType::Conflict && named.claims().is_registrar();
        if named.claims().iss != *owner || registrars {
            return Err(TargetError::Owner);
        }
        let depth = self.lives.depth(owner, named.sequence());
        if !kind.may_name(of, true) || (kind == StatementType::Withdrawal && depth >= MAX_DEPTH) {
            return Err(TargetError::Type(of));
        }
        let same_subject = statement.claims().sub == named.claims().sub;
        if is_single && kind != StatementType::Conflict && !same_subject {
            return Err(TargetError::Sub(named.claims().sub.to_string()));
        }
        let state = EntryState::of(self.lives, named);
        check_texts(statement.payload(), named, &state)?;
        check_state(kind, &state)?;
        if kind == StatementType::Disclosure {
            check_locators(statement.payload(), named, &state)?;
        }
        let fields = || statement.payload().names(FieldName::FIELDS).iter();
        let embargo = |field: &FieldName| {
            let open = !state.embargo_ended.contains(*field) && !state.is_disclosed(*field);
            named.payload().withheld().get(field).filter(|_| open).map(|terms| (*field, *terms))
        };
        let opened = |field: &FieldName| named.payload().addenda().get(field).map(|digest| (*field, *digest));
        let opens = kind == StatementType::Disclosure;
        Ok(NamedEntry {
            index,
            owner: owner.clone(),
            sequence: named.sequence(),
            kind: of,
            embargoed: fields().filter_map(embargo).collect(),
            opened: fields().filter(|_| opens).filter_map(opened).collect(),
        })
    }

    /// 5: every number of a range is used.
    fn check_range(&self, owner: &Issuer, range: SequenceRange) -> Result<(), TargetError> {
        let free = match self.windows.get(owner) {
            None => Some(range.first()),
            Some(window) => first_unused(window, range),
        };
        if let Some(number) = free {
            return Err(TargetError::Number(number));
        }
        if self.lives.crowd(owner, range) >= MAX_NAMED {
            let why = "its numbers are named by as many statements as may name one";
            return Err(TargetError::State { index: None, why });
        }
        Ok(())
    }
}

/// 7: what was said once is not said again, and nothing is said about what was withdrawn.
fn check_state(kind: StatementType, state: &EntryState) -> Result<(), TargetError> {
    use StatementType as T;
    let lasting = matches!(kind, T::Redaction | T::Disclosure | T::Conflict);
    let refuse = |index, why| Err(TargetError::State { index, why });
    match (state.withdrawn, state.lifted, state.conflict) {
        _ if state.named >= MAX_NAMED => refuse(None, "it is named by as many statements as may name one"),
        (Some(by), _, _) if !lasting => refuse(Some(by), "it was withdrawn"),
        (_, Some(by), _) if kind == T::Lifted => refuse(Some(by), "it was lifted already"),
        (_, _, Some(by)) if kind == T::Conflict => refuse(Some(by), "its conflict is on record already"),
        _ => Ok(()),
    }
}

/// 8: a locator that must not be served is not opened either.
fn check_locators(payload: &Payload, named: &Statement, state: &EntryState) -> Result<(), TargetError> {
    let hidden = state.hidden_locators(named);
    match payload.names(FieldName::FIELDS).iter().find(|field| hidden.contains(**field)) {
        Some(field) => Err(TargetError::MustBeWithheld(*field)),
        None => Ok(()),
    }
}

/// Whether a payload stands under a keyword whose locators are never served.
pub(crate) fn brings_locator_keyword(payload: &Payload) -> bool {
    payload.codes(FieldName::CATEGORY_SPECIFICATION).iter().any(|code| is_locator_keyword(code.as_str()))
}

/// The first number of a range that is neither taken nor closed. At most the window's 65,536 numbers are looked at.
fn first_unused(window: &SequenceWindow, range: SequenceRange) -> Option<Sequence> {
    let from = range.first().get().max(window.unbroken() + 1);
    let used = |number| matches!(window.state(number), NumberState::Taken | NumberState::Voided);
    (from..=range.last().get()).filter_map(Sequence::new).find(|number| !used(*number))
}

/// 6: the texts that a disclosure opens or a redaction erases are there, and 7 as far as it speaks of texts.
fn check_texts(payload: &Payload, named: &Statement, state: &EntryState) -> Result<(), TargetError> {
    let fields = payload.names(FieldName::FIELDS);
    let has = |field: &FieldName| named.payload().addenda().contains_key(field);
    match payload.kind() {
        StatementType::Disclosure => {
            if let Some(field) = fields.iter().find(|field| !named.payload().withheld().contains_key(field)) {
                return Err(TargetError::Text(*field));
            }
            let done = |field: &&FieldName| state.is_disclosed(**field) || state.is_redacted(**field);
            match fields.iter().find(done) {
                Some(field) => Err(TargetError::Done(*field)),
                None => Ok(()),
            }
        }
        StatementType::Redaction => {
            let mut there = fields.iter().filter(|field| has(field)).peekable();
            match (there.peek().copied(), fields.first()) {
                (None, Some(field)) => Err(TargetError::Text(*field)),
                (Some(first), _) if there.all(|field| state.is_redacted(*field)) => {
                    Err(TargetError::Done(*first))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
