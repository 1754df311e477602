//! The rows of a search, as they are streamed: every entry that meets the conditions in one tree.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use glasshouse_ledger::current::{Current, CurrentReader};
use glasshouse_ledger::entry_cursor::EntryCursor;
use glasshouse_ledger::pack::PackError;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_ledger::text_cursor::TextCursor;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::data_set::shown_text::{show, text_of, wanted};
use glasshouse_verifier::data_set::{AsItStands, Extent, Format, Row, RowWriter, Show, Tree};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::{LeafIndex, TreeSize};

use crate::problem::Problem;
use crate::search::{Conditions, FoundAgain, FrozenSearch};

/// What an export is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedExport {
    pub(crate) format: Format,
    pub(crate) extent: Extent,
    pub(crate) conditions: Conditions,
}

impl AskedExport {
    /// Reads the pairs of a URL's query: `format`, `texts`, and conditions.
    ///
    /// # Errors
    /// `bad-request`, naming the parameter and what it allows.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<AskedExport, Problem> {
        let (mut format, mut extent) = (None, None);
        let mut conditions = Vec::new();
        for (name, value) in pairs {
            let twice = match name.as_str() {
                "format" => format.replace(read_format(value)?).is_some(),
                "texts" => extent.replace(read_extent(value)?).is_some(),
                _ => {
                    conditions.push((name.clone(), value.clone()));
                    false
                }
            };
            if twice {
                return Err(Problem::of_parameter(name, "duplicate", value, "this parameter is given once"));
            }
        }
        let format = format.ok_or_else(|| Problem::of_parameter("format", "required", "", &formats()))?;
        let extent = extent.unwrap_or(Extent::Coded);
        Ok(AskedExport { format, extent, conditions: Conditions::parse(&conditions)? })
    }
}

fn formats() -> String {
    format!("one of {}", Format::ALL.map(Format::as_str).join(", "))
}

fn read_format(text: &str) -> Result<Format, Problem> {
    Format::find(text).ok_or_else(|| Problem::of_parameter("format", "not-a-code", text, &formats()))
}

fn read_extent(text: &str) -> Result<Extent, Problem> {
    match text {
        "with" => Ok(Extent::WithTexts),
        "without" => Ok(Extent::Coded),
        _ => Err(Problem::of_parameter("texts", "not-a-code", text, "with or without")),
    }
}

/// The entries of a search in one tree.
pub(crate) struct Frozen {
    pub(crate) tree: Tree,
    found: Box<dyn Iterator<Item = LeafIndex> + Send>,
    again: Option<FoundAgain>,
}

impl Frozen {
    /// Searches as of the moment at which the search was frozen, however long that takes. What is published meanwhile does not
    /// change it.
    ///
    /// # Errors
    /// As the search.
    pub(crate) fn of(
        reader: &Reader,
        search: &FrozenSearch,
        tree: Tree,
        conditions: &Conditions,
    ) -> Result<Frozen, Problem> {
        let found = Box::new(search.every(conditions)?);
        Ok(Frozen { tree, found, again: search.again(reader, conditions) })
    }

    /// Writes the rows.
    ///
    /// # Errors
    /// If the ledger cannot be read, or nobody reads what is written.
    pub(crate) fn write<W: Write + Send>(
        self,
        reader: &Reader,
        asked: &AskedExport,
        out: W,
    ) -> io::Result<W> {
        let mut writer = RowWriter::new(asked.format, asked.extent, &self.tree, out)?;
        let mut maker = RowMaker {
            size: self.tree.head.size(),
            later: CurrentReader::new(reader.cursor()),
            texts: TextCursor::new(reader.clone()),
            again: self.again,
            reader,
        };
        for index in self.found {
            if let Some(row) = maker.row(index, asked)? {
                writer.write(&row)?;
            }
        }
        writer.finish()
    }
}

/// Makes the rows of one export.
struct RowMaker<'a> {
    reader: &'a Reader,
    /// The size of the tree that rows are of. What was said since is passed over, entry by entry: a copy of all that was said
    /// would keep the log from publishing while it is made.
    size: TreeSize,
    later: CurrentReader<EntryCursor>,
    texts: TextCursor,
    /// Where conditions look at texts.
    again: Option<FoundAgain>,
}

impl RowMaker<'_> {
    /// The row of an entry; `None` for one that the ledger's own query does not mean, or that is found by its texts no more. Of
    /// days of logging the index is believed, and of texts that are all still there.
    fn row(&mut self, index: LeafIndex, asked: &AskedExport) -> io::Result<Option<Row>> {
        let query = asked.conditions.query();
        let entry = self.entry(index)?;
        let state = self.reader.state_in(self.size, &entry);
        let current = self.later.current(index, entry, state, query.asks_for_outcomes());
        let current = current.map_err(io::Error::other)?;
        if !query.matches(&current) || self.is_lost(&current)? {
            return Ok(None);
        }
        let texts = match asked.extent {
            Extent::Coded => BTreeMap::new(),
            Extent::WithTexts => self.texts_of(&current)?,
        };
        let Current { entry, state, amended, .. } = &current;
        Ok(Some(Row::of(&AsItStands { index, entry, state, amended, texts: &texts }, asked.extent)))
    }

    /// Whether conditions look at texts, one of the entry went out of sight since that tree, and it is found by the others no more:
    /// a row would say what the erased one said.
    fn is_lost(&mut self, current: &Current) -> io::Result<bool> {
        let is_doubtful = self.again.is_some() && self.has_lost_texts(current)?;
        match &mut self.again {
            Some(again) if is_doubtful => Ok(!again.finds(current.index).map_err(io::Error::other)?),
            _ => Ok(false),
        }
    }

    /// Whether a text of the entry, or of an amendment that gave it one in that tree, was erased or hidden since.
    fn has_lost_texts(&mut self, current: &Current) -> io::Result<bool> {
        if self.has_lost(&current.entry, &current.state) {
            return Ok(true);
        }
        let givers: BTreeSet<LeafIndex> = current.amended.texts.values().copied().collect();
        for by in givers.into_iter().filter(|by| *by != current.index) {
            let giver = self.entry(by)?;
            if self.has_lost(&giver, &self.reader.state_in(self.size, &giver)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_lost(&self, entry: &Entry, then: &EntryState) -> bool {
        let (now, statement) = (self.reader.state_of(entry), entry.statement());
        now.redacted != then.redacted || now.hidden_locators(statement) != then.hidden_locators(statement)
    }

    fn entry(&mut self, index: LeafIndex) -> io::Result<Entry> {
        let read = self.later.entry(index).map_err(io::Error::other)?;
        read.ok_or_else(|| io::Error::other(format!("there is no entry {index}")))
    }

    /// The texts that may be shown, in that tree and still: what was erased or hidden meanwhile is not there.
    fn texts_of(&mut self, current: &Current) -> io::Result<BTreeMap<FieldName, String>> {
        let statement = current.entry.statement();
        let hidden_now = self.reader.state_of(&current.entry).hidden_locators(statement);
        let hidden = current.state.hidden_locators(statement).union(hidden_now);
        let mut texts = BTreeMap::new();
        for (by, fields) in wanted(&current.amended) {
            let amendment;
            let source: &Entry = match by == current.index {
                true => &current.entry,
                false => {
                    amendment = self.entry(by)?;
                    &amendment
                }
            };
            let then = self.reader.state_in(self.size, source);
            for text in self.read_texts(source, by)? {
                let field = text.field();
                let is_shown = show(field, source.statement(), &then, hidden) == Show::Public;
                if fields.contains(&field) && is_shown {
                    texts.extend(text_of(text.value()).map(|text| (field, text)));
                }
            }
        }
        Ok(texts)
    }

    /// The texts of an entry that are public now. One that was lost stands in no row, and keeps nobody from the others; `fsck`
    /// tells of it.
    fn read_texts(&mut self, source: &Entry, by: LeafIndex) -> io::Result<Vec<Addendum>> {
        match self.texts.texts(source, by, &self.reader.state_of(source)) {
            Err(error @ (ReadError::BadEntry { .. } | ReadError::Pack(PackError::Damaged { .. }))) => {
                tracing::error!(%error, "a text cannot be exported");
                Ok(Vec::new())
            }
            read => read.map_err(io::Error::other),
        }
    }
}
