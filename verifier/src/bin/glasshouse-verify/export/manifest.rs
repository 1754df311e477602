//! `manifest.json`: what pins a data set. It has no time and no path, so that it says the same whoever makes it.

use glasshouse_verifier::data_set::{Column, Extent, Format, TextsKept, VERSION};
use glasshouse_verifier::vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;
use crate::session::Session;

use super::data_file::DataFile;
use super::writing::{Asked, DataSet};

/// The name of its file.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Greatest manifest that is read: 1,321 files of 300 bytes, and a note.
pub(crate) const MANIFEST_MAX: usize = 2 << 20;

/// The version of the manifest.
pub(crate) const FORMAT: &str = "glasshouse-data-set-manifest/1";

/// The manifest of a data set (`spec/data-set.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    /// The program that made it. Another version of it may write the same rows in other bytes.
    pub(crate) program: String,
    /// The log.
    pub(crate) origin: String,
    /// How many entries its tree has.
    pub(crate) size: u64,
    /// The root of that tree, hex.
    pub(crate) root: String,
    /// The checkpoint of that tree with every signature that it had, a signed note.
    pub(crate) checkpoint: String,
    pub(crate) audit: Audited,
    /// The version of the columns.
    pub(crate) columns: String,
    /// `coded` or `with-texts`.
    pub(crate) extent: String,
    /// `parquet`, `csv` or `jsonl`.
    pub(crate) file_format: String,
    /// The columns in order.
    pub(crate) fields: Vec<Field>,
    /// The versions of the European vocabulary whose codes can stand in it.
    pub(crate) vocabularies: Vec<String>,
    /// Rows of all files.
    pub(crate) rows: u64,
    pub(crate) left_out: LeftOut,
    pub(crate) files: Vec<DataFile>,
}

/// What the audit said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audited {
    /// `holds` or `not-understood`.
    pub(crate) verdict: String,
    pub(crate) message: String,
    /// SHA-256 of the policy that the checkpoint was trusted under, hex.
    pub(crate) policy: String,
    /// The policy's names of the witnesses whose cosignatures counted.
    pub(crate) witnesses: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// `integer`, `boolean`, `day`, `instant`, `text` or `list`.
    pub(crate) kind: String,
}

/// What is not in it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    pub(crate) rows: LeftOutRows,
    /// Texts of the columns; null where no texts were asked for.
    pub(crate) texts: Option<LeftOutTexts>,
}

/// Entries without a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOutRows {
    /// Entries that were made for a newer program.
    pub(crate) not_understood: u64,
}

/// Texts that may not stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOutTexts {
    pub(crate) withheld: u64,
    pub(crate) redacted: u64,
    /// Locators that are shown nowhere.
    pub(crate) hidden: u64,
}

impl Manifest {
    /// The manifest of what was written.
    pub(crate) fn of(
        session: &Session,
        audited: &Answer,
        asked: Asked,
        made: &DataSet,
        policy: String,
    ) -> Manifest {
        let newest = session.newest();
        let witnesses = session.newest.witnesses().iter().map(|witness| witness.name.clone());
        Manifest {
            format: FORMAT.to_owned(),
            program: program(),
            origin: newest.checkpoint().origin().as_str().to_owned(),
            size: newest.head().size().get(),
            root: newest.head().root().to_hex(),
            checkpoint: newest.note_text(),
            audit: Audited {
                verdict: audited.verdict().name().to_owned(),
                message: audited.sentence().to_owned(),
                policy,
                witnesses: witnesses.collect(),
            },
            columns: VERSION.to_owned(),
            extent: name_of(asked.extent).to_owned(),
            file_format: asked.format.as_str().to_owned(),
            fields: fields(asked.extent),
            vocabularies: vocabularies(),
            rows: made.files.iter().map(|file| file.rows).sum(),
            left_out: LeftOut::of(made),
            files: made.files.clone(),
        }
    }

    /// As it lies in the folder.
    pub(crate) fn encode(&self) -> String {
        // Strings and numbers are always written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// How the data set was asked for; `None` if this version knows no such format, extent or columns.
    pub(crate) fn asked(&self) -> Option<Asked> {
        let extent =
            [Extent::Coded, Extent::WithTexts].into_iter().find(|extent| name_of(*extent) == self.extent);
        let asked = Asked { format: Format::find(&self.file_format)?, extent: extent? };
        (self.columns == VERSION && self.fields == fields(asked.extent)).then_some(asked)
    }
}

impl LeftOut {
    pub(crate) fn of(made: &DataSet) -> LeftOut {
        let texts = |kept: TextsKept| {
            let TextsKept { withheld, redacted, hidden } = kept;
            LeftOutTexts { withheld, redacted, hidden }
        };
        LeftOut {
            rows: LeftOutRows { not_understood: made.not_understood },
            texts: made.texts_kept.map(texts),
        }
    }
}

/// This program and its version.
pub(crate) fn program() -> String {
    concat!("glasshouse-verify ", env!("CARGO_PKG_VERSION")).to_owned()
}

/// The versions of the European vocabulary that this program knows.
pub(crate) fn vocabularies() -> Vec<String> {
    Vocabulary::ALL.iter().map(|version| version.as_str().to_owned()).collect()
}

fn name_of(extent: Extent) -> &'static str {
    match extent {
        Extent::Coded => "coded",
        Extent::WithTexts => "with-texts",
    }
}

fn fields(extent: Extent) -> Vec<Field> {
    let field =
        |column: &Column| Field { name: column.name.to_owned(), kind: column.kind.as_str().to_owned() };
    extent.columns().map(field).collect()
}
