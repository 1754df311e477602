//! Goes through a log and makes rows of it, and counts what does not fit.

use std::collections::BTreeMap;
use std::io;

use glasshouse_ledger::walk::{Walk, WalkError, Walked};
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;
use rayon::prelude::*;
use serde::Serialize;

use super::effective::Later;
use super::layout::Layout;
use super::recent::Recent;
use super::row::{EuropeanRow, LeftOut, Loss, check_kind, row, wanted_texts};

/// Which statements are exported, and as what.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The dump's columns.
    pub layout: Layout,
    /// Only those of this day, `YYYY-MM-DD`, by `created_at`.
    pub day: Option<String>,
    /// Only what this provider signed.
    pub provider: Option<Issuer>,
}

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// Texts that were read may be erased by now.
    #[error("entry {0} was published while this ran, and may erase what was read: run it again")]
    Redacted(LeafIndex),
    /// What is written.
    #[error("writing the dump: {0}")]
    Write(io::Error),
}

/// What an export counts: each map from a reason or a field to how many statements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows that were written.
    pub rows: u64,
    /// Statements of other days than the one that was asked for.
    pub other_days: u64,
    /// Statements that give no row.
    pub left_out: BTreeMap<String, u64>,
    /// Cells that are empty although the statement has or had a text.
    pub left_empty: BTreeMap<String, u64>,
    /// Fields and texts for which the European schema has no column.
    pub no_column: BTreeMap<&'static str, u64>,
    /// Cells that say it in the words of the European schema.
    pub reworded: BTreeMap<&'static str, u64>,
    /// What became of decisions whose rows do not say it.
    pub later: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Counts a row and what is not in it.
    pub fn count(&mut self, row: &EuropeanRow) {
        self.rows += 1;
        for loss in &row.losses {
            let count = match loss {
                Loss::Withheld(column) => self.left_empty.entry(format!("{column}: withheld")).or_default(),
                Loss::Erased(column) => self.left_empty.entry(format!("{column}: erased")).or_default(),
                Loss::Missing(column) => {
                    self.left_empty.entry(format!("{column}: not in the mirrored dump")).or_default()
                }
                Loss::NoColumn(field) => self.no_column.entry(field.as_str()).or_default(),
                Loss::Territory => {
                    self.reworded.entry("territorial_scope: left out beyond the EEA").or_default()
                }
                Loss::World => {
                    self.reworded.entry("territorial_scope: world-wide, written as the EEA").or_default()
                }
                Loss::Later(standing) => self.later.entry(standing.as_str()).or_default(),
                Loss::Amended => self.later.entry("amended").or_default(),
            };
            *count += 1;
        }
    }

    /// Counts a statement without a row.
    pub fn leave_out(&mut self, reason: LeftOut) {
        *self.left_out.entry(reason.to_string()).or_default() += 1;
    }
}

/// What comes by as a log is gone through.
#[derive(Debug)]
pub enum Passing<'a> {
    /// A row, and the name of the provider that was asked for.
    Row(&'a EuropeanRow, Option<&'a str>),
    /// A statement of another day than the one that was asked for.
    OtherDay,
    /// A statement that gives no row.
    LeftOut(LeftOut),
    /// So many entries more are done.
    Entries(u64),
}

/// An export of one log.
pub struct Export {
    walk: Walk,
    later: Later,
    selection: Selection,
    wanted: Vec<FieldName>,
    /// Under which name each provider was enrolled, and from which entry on.
    names: BTreeMap<Issuer, Vec<(LeafIndex, String)>>,
}

impl Export {
    /// Of what a log has published. Goes through it, to learn what was said about each entry later, and tells `watch` how
    /// many entries more are done.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn new(
        mut walk: Walk,
        selection: Selection,
        watch: &mut dyn FnMut(u64),
    ) -> Result<Export, ExportError> {
        let wanted = wanted_texts();
        let later = Later::new(walk.states(watch)?, wanted.clone());
        Ok(Export { walk, later, selection, wanted, names: BTreeMap::new() })
    }

    /// The name under which a provider was enrolled last, of the entries that were gone through.
    pub fn name_of(&self, provider: &Issuer) -> Option<&str> {
        self.names.get(provider)?.last().map(|(_, name)| name.as_str())
    }

    /// That nothing was published since this began by which a text is redacted. What is not shown to anybody yet may hold texts that it names.
    ///
    /// # Errors
    /// [`ExportError::Redacted`].
    pub fn check_nothing_redacted(&self) -> Result<(), ExportError> {
        self.walk.erased_since()?.map_or(Ok(()), |at| Err(ExportError::Redacted(at)))
    }

    /// Goes through the whole log once, and tells `watch` what comes.
    ///
    /// # Errors
    /// [`ExportError`], and what `watch` fails with.
    pub fn pass(&mut self, watch: &mut dyn FnMut(Passing<'_>) -> io::Result<()>) -> Result<(), ExportError> {
        self.walk.rewind();
        self.names.clear();
        let mut recent = Recent::default();
        loop {
            let bundle = self.walk.next_bundle(&self.wanted)?;
            if bundle.is_empty() {
                return Ok(());
            }
            self.learn_names(&bundle);
            let made: Result<Vec<Option<Result<EuropeanRow, LeftOut>>>, WalkError> =
                bundle.par_iter().map(|walked| self.make(walked)).collect();
            let provider = self.selection.provider.as_ref().and_then(|provider| self.name_of(provider));
            for made in made?.into_iter().flatten() {
                let passing = match &made {
                    Ok(row) if !recent.insert(row.cell("uuid")) => Passing::LeftOut(LeftOut::Repeated),
                    Ok(row) if self.is_of_another_day(row) => Passing::OtherDay,
                    Ok(row) => Passing::Row(row, provider),
                    Err(reason) => Passing::LeftOut(*reason),
                };
                watch(passing).map_err(ExportError::Write)?;
            }
            watch(Passing::Entries(bundle.len() as u64)).map_err(ExportError::Write)?;
        }
    }

    fn is_of_another_day(&self, row: &EuropeanRow) -> bool {
        self.selection.day.as_deref().is_some_and(|day| row.day() != day)
    }

    /// The row of an entry; `None` for what was not asked for.
    fn make(&self, walked: &Walked) -> Result<Option<Result<EuropeanRow, LeftOut>>, WalkError> {
        let issuer = &walked.entry.statement().claims().iss;
        if self.selection.provider.as_ref().is_some_and(|provider| provider != issuer) {
            return Ok(None);
        }
        if let Err(reason) = check_kind(walked, self.selection.layout) {
            return Ok(Some(Err(reason)));
        }
        let names = self.names.get(issuer).map(Vec::as_slice).unwrap_or_default();
        let name = names.iter().rev().find(|(from, _)| *from <= walked.index).map(|(_, name)| name.as_str());
        let decision = self.later.effective(&self.walk, walked)?;
        Ok(Some(row(walked, decision, self.selection.layout, name)))
    }

    fn learn_names(&mut self, bundle: &[Walked]) {
        for walked in bundle {
            let payload = walked.entry.statement().payload();
            if payload.kind() != StatementType::Enrolment {
                continue;
            }
            if let (Some(FieldValue::Issuer(provider)), Some(FieldValue::Name(name))) =
                (payload.field(FieldName::PROVIDER), payload.field(FieldName::NAME))
            {
                self.names.entry(provider.clone()).or_default().push((walked.index, name.clone()));
            }
        }
    }
}
