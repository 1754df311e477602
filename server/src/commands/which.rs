//! Which statement of an outbox a command is about, as its arguments say.

use std::fmt;
use std::path::Path;

use clap::Args;
use glasshouse_ledger::near::near;
use glasshouse_verifier::fields::FieldName;
use serde_json::{Value, json};

use super::CommandError;
use crate::outbox::contents::Contents;
use crate::outbox::kept::Kept;
use crate::outbox::place_in_log::PlaceInLog;

/// One of the three.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The decision's own number at the provider, as its line has it.
    #[arg(long, value_name = "PUID")]
    puid: Option<String>,

    /// The statement, by the provider's own number for it (sequence), which `publish` tells. The index of its entry in the
    /// log is another number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    sequence: Option<u64>,

    /// What a line without a puid is called, as its member `id` has it.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

impl Which {
    /// The statement's number, if the outbox holds it.
    ///
    /// # Errors
    /// `Refused`, saying what to look at.
    pub(super) fn find(&self, contents: &Contents, outbox: &Path) -> Result<u64, CommandError> {
        let name = self.reference();
        let number = match self.sequence {
            Some(number) => contents.place(number).map(|_| number),
            None => contents.line(&name).map(|line| line.sequence),
        };
        number.ok_or_else(|| unknown(&name, contents, outbox))
    }

    /// As a line refers to it: `puid:…`, `sequence:…`, `id:…`.
    pub(super) fn reference(&self) -> String {
        match (&self.puid, &self.id, self.sequence) {
            (Some(puid), _, _) => format!("puid:{puid}"),
            (None, Some(id), _) => format!("id:{id}"),
            (None, None, number) => format!("sequence:{}", number.unwrap_or_default()),
        }
    }
}

/// A statement as people find it again, as far as an outbox knows it.
#[derive(Debug)]
pub(super) struct Meant {
    /// The provider's own number.
    sequence: u64,
    /// Where the entry stands in the log; nothing where it is not known to be on record.
    place: Option<PlaceInLog>,
    /// `puid:…` or `id:…`; nothing where the line had neither, or it was purged.
    name: Option<String>,
}

impl Meant {
    /// # Errors
    /// The journal's.
    pub(super) fn of(kept: &Kept, sequence: u64) -> Result<Meant, CommandError> {
        let is_name = |id: &String| ["puid:", "id:"].iter().any(|kind| id.starts_with(kind));
        let name = kept.numbered(sequence)?.and_then(|numbered| numbered.id).filter(is_name);
        Ok(Meant { sequence, place: kept.place_in_log(sequence), name })
    }

    /// As JSON: an index that is not proved is none.
    pub(super) fn to_json(&self) -> Value {
        let index = self.place.and_then(PlaceInLog::proved);
        json!({"sequence": self.sequence, "index": index, "name": self.name})
    }
}

impl fmt::Display for Meant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "number {}", self.sequence)?;
        match self.place {
            Some(place) => write!(out, ", {place}")?,
            None => write!(out, ", not on record yet as far as this outbox knows")?,
        }
        self.name.iter().try_for_each(|name| write!(out, ", {name}"))
    }
}

/// Most names that are proposed.
const MOST_NEAR: usize = 3;

/// What is said of a name, `puid:…`, `id:…` or `sequence:…`, that an outbox does not hold: which names it holds that look like it.
pub(super) fn unknown(name: &str, contents: &Contents, outbox: &Path) -> CommandError {
    let (kind, given) = name.split_once(':').unwrap_or_default();
    let of_kind = contents.ids().filter_map(|id| id.strip_prefix(kind)?.strip_prefix(':'));
    let mut alike = near(given, of_kind);
    alike.truncate(MOST_NEAR);
    let alike = match alike.as_slice() {
        [] => String::new(),
        names => format!(" It holds {}.", names.join(", ")),
    };
    CommandError::Refused(format!(
        "{}: this outbox holds no {name}.{alike} Was it published from another outbox, or refused by the log? {} has a line \
         for each statement that it holds",
        outbox.display(),
        outbox.join("journal").display()
    ))
}

/// The field of a text, as an argument.
///
/// # Errors
/// It is none.
pub(super) fn text_field(name: &str) -> Result<FieldName, String> {
    let field = FieldName::find(name).filter(|field| field.is_addendum());
    field.ok_or_else(|| "no text of a statement has that name: see the fields in spec/payload.md".to_owned())
}
