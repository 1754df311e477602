//! Writes the files of a data set, some months at a time, so that memory is bounded however many months there are.

use std::io::{self, BufWriter, Write};

use glasshouse_verifier::data_set::{Extent, Format, Row, RowWriter, TextsKept, Tree};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use rayon::prelude::*;

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit::Stop;
use crate::progress::progress_bar;
use crate::source::SourceError;

use super::data_file::{DataFile, ENTRIES, Hashing};
use super::months::{Months, place};
use super::row_maker::RowMaker;
use super::tree_at::TreeAt;

/// Files that are written at the same time; each may hold a row group, some 30 MiB. With more months the entries are read again.
const FILES_AT_ONCE: usize = 8;

/// How a data set is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) format: Format,
    pub(crate) extent: Extent,
}

/// What was written.
pub(crate) struct DataSet {
    /// In the order of their names.
    pub(crate) files: Vec<DataFile>,
    /// Entries of a later version, which have no row.
    pub(crate) not_understood: u64,
    /// Texts that may not stand in it; `None` where no texts were asked for.
    pub(crate) texts_kept: Option<TextsKept>,
}

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An entry or a text cannot be read.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// The disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A text that the log has to serve is not served, or it is not the text.
    #[error("entry {index}: {field}: {}", why.as_deref().unwrap_or("it is not served"))]
    Text {
        /// The entry that commits to it.
        index: LeafIndex,
        /// Its field.
        field: FieldName,
        /// What is wrong with what was served; `None` if nothing was.
        why: Option<String>,
    },
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        Failure::Stop(Stop::Source(error))
    }
}

impl Failure {
    /// A log that does not serve a text that it has to serve is to blame; for all else it is not.
    pub(crate) fn answer(self, answer: Answer) -> Result<Answer, Trouble> {
        match self {
            Failure::Text { .. } => Ok(answer
                .with_verdict(Verdict::DoesNotHold)
                .line(format!("no data set was made: {self}"))
                .member("data_set", serde_json::Value::Null)),
            other => Err(Trouble(format!("no data set was made: {other}"))),
        }
    }
}

/// Makes the data set of a tree; `create` opens a file by its name.
pub(crate) fn write<W: Write + Send>(
    tree: &TreeAt<'_>,
    asked: Asked,
    create: &mut dyn FnMut(&str) -> io::Result<W>,
) -> Result<DataSet, Failure> {
    let maker = RowMaker::new(tree, asked.extent);
    let size = tree.head.size().get();
    let bar = progress_bar(2 * size);
    let months = Months::of(tree, &maker, &bar)?;
    let mut made = DataSet {
        files: Vec::new(),
        not_understood: months.left_out,
        texts_kept: (asked.extent == Extent::WithTexts).then(TextsKept::default),
    };
    // Once for the months, and once for each pass.
    bar.set_length(size * (1 + months.names().len().div_ceil(FILES_AT_ONCE) as u64));
    for (pass, names) in (0..).zip(months.names().chunks(FILES_AT_ONCE)) {
        let mut pass = Pass { maker: &maker, months: &months, first: pass * FILES_AT_ONCE, open: Vec::new() };
        for month in names {
            pass.open.push(Open::new(tree, asked, month.as_deref(), create)?);
        }
        let mut failed = None;
        let read = tree.each_bundle(&mut |first, entries| {
            bar.inc(entries.len() as u64);
            pass.take(first, entries, &mut made.texts_kept).map_err(|failure| {
                failed = Some(failure);
                Stop::Interrupted
            })
        });
        match (failed, read) {
            (Some(failure), _) => return Err(failure),
            (None, read) => read?,
        }
        for open in pass.open {
            made.files.push(open.finish()?);
        }
    }
    bar.finish_and_clear();
    Ok(made)
}

/// The row of an entry of these months, with its month and what is not in it.
type Made = Result<Option<(usize, Row, TextsKept)>, Failure>;

/// One reading of the entries, for the files of some months.
struct Pass<'a, W: Write + Send> {
    maker: &'a RowMaker<'a>,
    months: &'a Months,
    /// The first of its months.
    first: usize,
    open: Vec<Open<W>>,
}

impl<W: Write + Send> Pass<'_, W> {
    fn take(
        &mut self,
        first: LeafIndex,
        entries: &[&[u8]],
        kept: &mut Option<TextsKept>,
    ) -> Result<(), Failure> {
        let (from, to) = (self.first, self.first + self.open.len());
        let of_this_pass = |index| self.months.month(index).filter(|month| (from..to).contains(month));
        let rows = entries.par_iter().enumerate().map(|(at, bytes)| {
            let index = place(first, at)?;
            let Some(month) = of_this_pass(index) else { return Ok(None) };
            Ok(self.maker.row(index, bytes)?.map(|(row, kept)| (month, row, kept)))
        });
        // In the order of the log, whichever was ready first.
        let rows: Vec<Made> = rows.collect();
        for made in rows {
            let Some((month, row, not)) = made? else { continue };
            if let Some(kept) = kept {
                kept.withheld += not.withheld;
                kept.redacted += not.redacted;
                kept.hidden += not.hidden;
            }
            if let Some(open) = self.open.get_mut(month - from) {
                open.writer.write(&row)?;
                open.rows += 1;
            }
        }
        Ok(())
    }
}

/// A file that is being written.
struct Open<W: Write + Send> {
    name: String,
    month: Option<String>,
    rows: u64,
    writer: RowWriter<Hashing<BufWriter<W>>>,
}

impl<W: Write + Send> Open<W> {
    fn new(
        tree: &TreeAt<'_>,
        asked: Asked,
        month: Option<&str>,
        create: &mut dyn FnMut(&str) -> io::Result<W>,
    ) -> io::Result<Open<W>> {
        let name = format!("{ENTRIES}/{}.{}", month.unwrap_or("undated"), asked.format.as_str());
        let of = Tree { origin: tree.origin.clone(), head: tree.head };
        let out = Hashing::new(BufWriter::new(create(&name)?));
        let writer = RowWriter::new(asked.format, asked.extent, &of, out)?;
        Ok(Open { name, month: month.map(str::to_owned), rows: 0, writer })
    }

    fn finish(self) -> io::Result<DataFile> {
        let (bytes, sha256) = self.writer.finish()?.finish()?;
        Ok(DataFile { name: self.name, month: self.month, rows: self.rows, bytes, sha256 })
    }
}
