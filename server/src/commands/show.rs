//! `glasshouse show`: one reader is shown a withheld text, and can check it against the log.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::fields::FieldName;
use serde_json::json;

use super::CommandError;
use super::which::{Which, text_field};
use crate::commands::standard_output::say;
use crate::outbox::kept::Kept;
use crate::outbox::showing::{Shown, show};

/// Write a receipt for one reader, with texts that are withheld from the public.
///
/// A judge, an auditor or the person affected can check with it that these are the texts that the statement committed to
/// when it was filed: `glasshouse-verify receipt FILE --policy policy.txt`. Nothing is sent anywhere; the log is not asked.
/// The file holds what the public must not see: hand it on as you would the text itself.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse show --outbox outbox --puid 2026-0042 --to for-the-court.json\n  glasshouse show --outbox outbox --sequence 17 --to for-the-court.json\n\nWithout --field every withheld text is in it. A text that was redacted is never in it."
)]
pub struct Show {
    /// Folder of the outbox.
    #[arg(long, value_name = "O")]
    outbox: PathBuf,

    #[command(flatten)]
    which: Which,

    /// The receipt to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// A withheld text to show; may be given many times. Without it, all of them.
    #[arg(long, value_name = "FIELD", value_parser = text_field)]
    field: Vec<FieldName>,
}

impl Show {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let kept = Kept::read(&self.outbox)?;
        let sequence = self.which.find(kept.contents(), &self.outbox)?;
        let shown = show(&kept, sequence, &self.field)?;
        write_new(&self.to, shown.receipt.encode().as_bytes())?;
        self.tell(&shown, json);
        Ok(())
    }

    fn tell(&self, shown: &Shown, json: bool) {
        let names = |fields: &[FieldName]| -> Vec<&'static str> {
            fields.iter().map(|field| field.as_str()).collect()
        };
        let (texts, left_out) = (names(&shown.texts), names(&shown.left_out));
        let (index, number) = (shown.proved.index().get(), shown.proved.statement().sequence().get());
        let file = self.to.display();
        if json {
            let event = json!({"event": "shown", "file": self.to, "index": index, "sequence": number,
                "withheld_texts": texts, "left_out": left_out});
            say!("{event}");
            return;
        }
        say!("{file}: the receipt of number {number}, entry {index}");
        match texts.as_slice() {
            [] => say!("it withholds no text: this is the public receipt"),
            texts => say!("with texts that the public does not see: {}", texts.join(", ")),
        }
        if !left_out.is_empty() {
            say!("left out, because they were redacted since: {}", left_out.join(", "));
        }
        say!("its reader checks it with: glasshouse-verify receipt {file} --policy policy.txt");
    }
}

/// Writes a file that is not there yet, whole or not at all, for its owner's eyes only.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let fail = || CommandError::io(path.display().to_string());
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    let mut file = builder.permissions(Permissions::from_mode(0o600)).tempfile_in(folder).map_err(fail())?;
    file.write_all(bytes).map_err(fail())?;
    file.as_file().sync_data().map_err(fail())?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(CommandError::Refused(
            format!("{}: there is a file of that name already; nothing was written", path.display()),
        )),
        Err(error) => Err(fail()(error.error)),
    }
}
