//! Lines about earlier statements, and lines that close numbers: what the outbox knows is put into them, and held against
//! them, before they are kept.

use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::past::Past as _;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::{About, StatementType};
use glasshouse_verifier::target_error::TargetError;
use glasshouse_verifier::targets::Target;

use super::OutboxError;
use super::advice::advice;
use super::earlier::Earlier;
use super::examiner::{NewLine, Seen};
use super::line::{AuthoredLine, LineError};
use super::lives::{OrderError, OwnLives};
use super::publisher::{PublishError, Publisher};
use super::record::Numbered;
use super::signer::{SignError, closes};
use crate::client::ClientError;

/// What is wrong with a line; nothing where it is right.
type Faults = Vec<LineError>;

impl Publisher<'_> {
    /// Puts into a line what follows from the statements that it is about: their subject, the texts that a disclosure
    /// opens, what must be withheld because it was withheld there.
    pub(super) fn prepare(
        &mut self,
        line: &AuthoredLine,
        new: &mut NewLine,
        sequence: u64,
        seen: &Seen,
        kept: &[Numbered],
    ) -> Result<Faults, PublishError> {
        let draft = &new.draft;
        if draft.kind() == StatementType::Void {
            return Ok(self.check_void(line, draft, sequence).into_iter().collect());
        }
        let targets = draft.targets();
        if draft.kind().rules().about != About::Target || is_tried(seen, &targets) {
            return Ok(Vec::new());
        }
        let mut faults = Vec::new();
        if let [Target::Entry(leaf)] = targets.as_slice() {
            match self.subject_of(leaf, seen, kept)? {
                Some(sub) => new.sub = Some(sub),
                None => faults.push(refused(line, "/targets/0", &TargetError::Unknown)),
            }
        }
        let earlier = Earlier { outbox: self.outbox.kept(), seen, kept, elsewhere: &self.elsewhere };
        if draft.kind() == StatementType::Amendment && is_about_private_notice(&earlier, &targets)? {
            new.draft.withhold_the_rest("private_notice");
        }
        if let (StatementType::Disclosure, [Target::Entry(leaf)]) = (new.draft.kind(), targets.as_slice()) {
            match opened(&earlier, leaf, &new.draft)? {
                Ok(texts) => new.opened = texts,
                Err(field) => faults.push(lost_text(line, field)),
            }
        }
        Ok(faults)
    }

    /// Holds a statement that is signed and not kept yet against the rules of order, as far as the outbox knows what was
    /// said before; takes it in if it may stand.
    pub(super) fn judge(
        &mut self,
        line: &AuthoredLine,
        draft: &Draft,
        statement: &[u8],
        seen: &Seen,
        kept: &[Numbered],
    ) -> Result<Faults, PublishError> {
        let targets = draft.targets();
        if draft.kind().rules().about != About::Target || is_tried(seen, &targets) {
            return Ok(Vec::new());
        }
        let mut lives = match self.lives.take() {
            Some(lives) => lives,
            None => OwnLives::of(self.outbox.kept())?,
        };
        let earlier = Earlier { outbox: self.outbox.kept(), seen, kept, elsewhere: &self.elsewhere };
        let statement = Statement::parse(statement).map_err(SignError::from)?;
        let checked = lives.check(&earlier, &statement)?;
        let faults = match checked {
            Ok(naming) => {
                lives.take(&statement, &naming);
                Vec::new()
            }
            // One of many targets that only the log knows: it decides.
            Err(OrderError { error: TargetError::Unknown, .. }) => Vec::new(),
            Err(OrderError { place, error }) => {
                let path = format!("/targets/{}", draft.place_of_target(place).unwrap_or(place));
                vec![refused(line, &path, &error)]
            }
        };
        self.lives = Some(lives);
        Ok(faults)
    }

    /// The `sub` of an earlier statement of this provider: as the outbox has it, or as its receipt proves it.
    fn subject_of(
        &mut self,
        leaf: &LeafHash,
        seen: &Seen,
        kept: &[Numbered],
    ) -> Result<Option<glasshouse_verifier::subject::Subject>, PublishError> {
        let earlier = Earlier { outbox: self.outbox.kept(), seen, kept, elsewhere: &self.elsewhere };
        if let Some((_, statement)) = earlier.find(leaf).map_err(OutboxError::from)? {
            return Ok(Some(statement.claims().sub.clone()));
        }
        let bytes = match self.log.receipt_of(leaf) {
            Ok(bytes) => bytes,
            Err(ClientError::Problem { status: 404, .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let wrong = |error: String| {
            PublishError::Log(format!("{}: the receipt of {leaf} does not hold: {error}", self.log.url()))
        };
        let receipt = Receipt::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        let proved = receipt.verify(&self.policy).map_err(|error| wrong(error.to_string()))?;
        if proved.leaf_hash() != *leaf {
            return Err(wrong(format!("it is for {}", proved.leaf_hash())));
        }
        let statement = proved.statement().clone();
        let sub = statement.claims().sub.clone();
        self.elsewhere.insert(*leaf, statement);
        Ok(Some(sub))
    }

    /// A `void` as a line closes numbers that were given out without this outbox, and none that it may give out.
    fn check_void(&self, line: &AuthoredLine, draft: &Draft, sequence: u64) -> Option<LineError> {
        let (first, last) = closes(draft)?;
        if last >= sequence {
            let allowed = format!("below {sequence}, the number that this line would have");
            return Some(wrong(line, "/last", "out-of-range", &last.to_string(), &allowed));
        }
        let (taken, _) = self.outbox.contents().places().range(first..=last).next()?;
        let allowed = "numbers that no statement of this outbox has";
        Some(wrong(line, "/first", "sequence-conflict", &taken.to_string(), allowed))
    }
}

/// Whether one of the targets is a line that was only looked at: nothing can be said about it yet.
fn is_tried(seen: &Seen, targets: &[Target]) -> bool {
    targets.iter().any(|target| matches!(target, Target::Entry(leaf) if seen.is_tried(leaf)))
}

/// Whether one of the targets is a refusal of a notice that no public body sent: its texts are between two parties.
fn is_about_private_notice(earlier: &Earlier<'_>, targets: &[Target]) -> Result<bool, OutboxError> {
    for target in targets {
        let numbers: Vec<u64> = match target {
            Target::Entry(leaf) => {
                if earlier.find(leaf)?.is_some_and(|(_, statement)| is_private_notice(&statement)) {
                    return Ok(true);
                }
                continue;
            }
            Target::Range(range) => {
                let places = earlier.outbox.contents().places();
                places.range(range.first().get()..=range.last().get()).map(|(number, _)| *number).collect()
            }
        };
        let in_hand = |number: &&Numbered| {
            let number = Sequence::new(number.sequence);
            matches!((target, number), (Target::Range(range), Some(number)) if range.contains(number))
        };
        let private = |numbered: &Numbered| {
            Statement::parse(&numbered.statement.0).is_ok_and(|statement| is_private_notice(&statement))
        };
        if earlier.kept.iter().filter(in_hand).any(private) {
            return Ok(true);
        }
        for number in numbers {
            if earlier.outbox.numbered(number)?.is_some_and(|numbered| private(&numbered)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_private_notice(statement: &Statement) -> bool {
    let payload = statement.payload();
    let source = payload.code(FieldName::SOURCE_KIND);
    payload.kind() == StatementType::NoAction
        && source.is_some_and(|source| matches!(source.as_str(), "user" | "rights_holder"))
}

/// The texts that a disclosure opens, from the outbox. The error is a text that the entry withholds and the outbox lacks.
fn opened(
    earlier: &Earlier<'_>,
    leaf: &LeafHash,
    draft: &Draft,
) -> Result<Result<Vec<Vec<u8>>, FieldName>, OutboxError> {
    let numbered = earlier.numbered(leaf)?;
    let target = earlier.find(leaf)?.map(|(_, statement)| statement);
    let mut texts = Vec::new();
    for field in fields_of(draft) {
        let is_withheld =
            target.as_ref().is_some_and(|target| target.payload().withheld().contains_key(&field));
        match numbered.as_ref().and_then(|numbered| withheld_text(numbered, field)) {
            Some(bytes) => texts.push(bytes),
            None if is_withheld => return Ok(Err(field)),
            // It is not there to be opened, which the rules of order say better.
            None => {}
        }
    }
    Ok(Ok(texts))
}

/// The field names in `fields`.
fn fields_of(draft: &Draft) -> Vec<FieldName> {
    let names = draft.fields().get(&FieldName::FIELDS).and_then(Item::as_array).unwrap_or_default();
    names.iter().filter_map(Item::as_text).filter_map(FieldName::find).collect()
}

/// The addendum of a withheld text, as it was committed to.
pub(super) fn withheld_text(numbered: &Numbered, field: FieldName) -> Option<Vec<u8>> {
    let is_of = |bytes: &[u8]| Addendum::parse(bytes).is_ok_and(|addendum| addendum.field() == field);
    numbered.withheld.iter().find(|bytes| is_of(&bytes.0)).map(|bytes| bytes.0.clone())
}

fn refused(line: &AuthoredLine, path: &str, error: &TargetError) -> LineError {
    let why = match error {
        // The places that the outbox counts with are the provider's numbers.
        TargetError::State { index: Some(number), why } => {
            format!("{why} by number {number} of this provider")
        }
        error => error.to_string(),
    };
    let then = advice(error.slug()).map(|advice| format!(": {advice}")).unwrap_or_default();
    LineError {
        line: line.number(),
        path: path.to_owned(),
        rule: error.slug().to_owned(),
        given: None,
        allowed: Some(format!("{why}{then}")),
    }
}

fn lost_text(line: &AuthoredLine, field: FieldName) -> LineError {
    let allowed = "the outbox no longer has this text: it was purged, or published with another outbox";
    wrong(line, "/fields", "needs", field.as_str(), allowed)
}

fn wrong(line: &AuthoredLine, path: &str, rule: &str, given: &str, allowed: &str) -> LineError {
    LineError::field(line.number(), path, rule, Some(given), allowed)
}
