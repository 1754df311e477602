//! `export --check`: makes the data set of a manifest again, without writing it, and compares.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use glasshouse_verifier::policy::TrustedCheckpoint;
use glasshouse_verifier::size::TreeSize;
use serde::Deserialize;

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit_arguments::AuditArguments;
use crate::input::read;
use crate::log::{More, audit_then};
use crate::plural::counted;
use crate::session::Session;

use super::data_file::{DataFile, ENTRIES, sha256_of};
use super::manifest::{FORMAT, LeftOut, MANIFEST, MANIFEST_MAX, Manifest, program, vocabularies};
use super::rows_in_files;
use super::tree_at::TreeAt;
use super::writing::{Asked, DataSet, Failure, write};

/// As many differences are listed.
const LISTED: usize = 100;

/// What every version of a manifest has.
#[derive(Deserialize)]
struct FormatOnly {
    format: String,
}

pub(crate) fn run(arguments: &AuditArguments, folder: &Path, json: bool) -> Result<Answer, Trouble> {
    let path = folder.join(MANIFEST);
    let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
    let text = read(&path, MANIFEST_MAX)?;
    let format: FormatOnly = serde_json::from_slice(&text).map_err(|error| trouble(&error))?;
    let not_understood =
        |what: &str| Answer::new(Verdict::NotUnderstood, format!("{}: {what}", path.display()));
    if format.format != FORMAT {
        return Ok(not_understood("a manifest of another version"));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| trouble(&error))?;
    let Some(asked) = manifest.asked() else {
        return Ok(not_understood(
            "a data set with other columns, or in another format, than this version makes",
        ));
    };
    let trusted = match arguments.trust.policy()?.open(manifest.checkpoint.as_bytes()) {
        Ok(trusted) => trusted,
        Err(error) => return Ok(differs(vec![format!("the manifest's checkpoint is not trusted: {error}")])),
    };
    let named = (&manifest.origin, manifest.size, &manifest.root);
    let signed = trusted.signed();
    let (origin, size, root) =
        (signed.checkpoint().origin().to_string(), signed.head().size(), signed.head().root().to_hex());
    if named != (&origin, size.get(), &root) {
        return Ok(differs(vec!["the manifest names another tree than its checkpoint".to_owned()]));
    }
    let policy = arguments.trust.digest()?;
    if let Some(difference) = audit_differs(&manifest, &policy, &trusted) {
        return Ok(differs(vec![difference.to_owned()]));
    }
    // The audit compares the manifest's tree with the log's, as it does with any that a reader kept.
    let mut kept = tempfile::NamedTempFile::new().map_err(|error| Trouble(error.to_string()))?;
    kept.write_all(manifest.checkpoint.as_bytes()).map_err(|error| Trouble(error.to_string()))?;
    let mut arguments = arguments.clone();
    arguments.old.push(kept.path().to_owned());
    audit_then(&arguments, &More::default(), json, &mut |session, further, answer| match super::why_not(
        session, further, &answer,
    ) {
        Some(why) => Ok(answer.line(format!("the data set was not compared: {why}"))),
        None => {
            let answer = compare(session, &manifest, (asked, size), folder)?;
            Ok(match (answer.verdict() == Verdict::Holds, manifest.audit.policy == policy) {
                (true, true) => answer.line(MESSAGE),
                (true, false) => answer.line(MAKERS_WORD).member("remark", MAKERS_WORD),
                (false, _) => answer,
            })
        }
    })
}

/// Said of an audit that was made under another policy than the reader's.
const MAKERS_WORD: &str = "the manifest's audit is its maker's word: it was made under another policy";

/// Said of every manifest that holds.
const MESSAGE: &str = "not compared: the manifest's audit.message, which is its maker's word";

/// What the manifest cannot have said of its audit. What was said under another policy, nobody can say again.
fn audit_differs(manifest: &Manifest, policy: &str, trusted: &TrustedCheckpoint) -> Option<&'static str> {
    let verdict = match manifest.left_out.rows.not_understood {
        0 => Verdict::Holds,
        _ => Verdict::NotUnderstood,
    };
    let witnesses = trusted.witnesses().iter().map(|witness| &witness.name);
    if manifest.audit.verdict != verdict.name() {
        return Some("audit.verdict is not what entries left out say");
    }
    if manifest.audit.policy == policy && !witnesses.eq(&manifest.audit.witnesses) {
        return Some("audit.witnesses are not those that signed the checkpoint");
    }
    None
}

fn differs(differences: Vec<String>) -> Answer {
    let things = counted(differences.len() as u64, "thing differs", "things differ");
    let sentence = format!("{things} between the data set, its manifest and the log");
    let answer = Answer::new(Verdict::DoesNotHold, sentence).member("differences", differences.clone());
    differences.iter().take(LISTED).fold(answer, |answer, difference| answer.line(format!("- {difference}")))
}

fn compare(
    session: &Session,
    manifest: &Manifest,
    (asked, size): (Asked, TreeSize),
    folder: &Path,
) -> Result<Answer, Trouble> {
    let trouble = |error: &dyn std::fmt::Display| Trouble(error.to_string());
    let tree = TreeAt::earlier(session, size).map_err(|stop| trouble(&stop))?;
    if tree.head.root().to_hex() != manifest.root {
        return Ok(differs(vec!["the log has another tree of that size".to_owned()]));
    }
    let made = match write(&tree, asked, &mut |_| Ok(io::sink())) {
        Ok(made) => made,
        Err(Failure::Text { index, field, why: None }) => {
            return Ok(gone(session, &format!("{field} of entry {index}")));
        }
        Err(failure) => {
            return failure.answer(Answer::new(Verdict::DoesNotHold, "a text is not what the log signed"));
        }
    };
    let mut differences = differences(manifest, &made);
    differences.extend(on_disk(manifest, folder).map_err(|error| trouble(&error))?);
    if !differences.is_empty() {
        let answer = differs(differences);
        return Ok(match manifest.program == program() {
            true => answer,
            false => answer.line(format!(
                "the manifest was written by {}, and this is {}, which may write the same rows in other bytes",
                manifest.program,
                program()
            )),
        });
    }
    let entries = counted(size.get(), "entry", "entries");
    let sentence = format!("the data set is the one of the tree of {entries} that the log signed");
    let answer = Answer::new(Verdict::Holds, sentence)
        .line(format!("log        {}", manifest.origin))
        .line(format!("root       {}", manifest.root))
        .line(rows_in_files(manifest.rows, manifest.files.len()))
        .member("origin", manifest.origin.as_str())
        .member("size", manifest.size)
        .member("root", manifest.root.as_str())
        .member("rows", manifest.rows);
    Ok(witnessed(answer, &session.audit.ticks.policy().open(manifest.checkpoint.as_bytes()).ok()))
}

fn witnessed(answer: Answer, trusted: &Option<TrustedCheckpoint>) -> Answer {
    let witnesses = trusted.iter().flat_map(TrustedCheckpoint::witnesses).map(|witness| witness.name.clone());
    let names: Vec<String> = witnesses.collect();
    let line = match names.is_empty() {
        true => "not proved: that anybody but the log saw that checkpoint; no witness signed it".to_owned(),
        false => format!("witnesses  {}", names.join(", ")),
    };
    answer.line(line).member("witnesses", names)
}

/// A text that was served when the data set was made. Only a redaction takes one away, and the audit found no text missing that
/// must be there, or was not asked to look.
fn gone(session: &Session, which: &str) -> Answer {
    Answer::new(
        Verdict::Trouble,
        format!(
            "{which} is not served any more: texts were erased since, or are lost (`log --texts` tells which). A data set with \
             texts can be compared as long as all of them are there; the log of {} entries itself holds",
            session.newest().head().size()
        ),
    )
}

/// What differs between a manifest and what was made again.
fn differences(manifest: &Manifest, made: &DataSet) -> Vec<String> {
    let mut found = Vec::new();
    if manifest.left_out != LeftOut::of(made) {
        found.push("left_out is another".to_owned());
    }
    if manifest.vocabularies != vocabularies() {
        found.push("vocabularies are others".to_owned());
    }
    if manifest.rows != made.files.iter().map(|file| file.rows).sum::<u64>() {
        found.push("rows is another number".to_owned());
    }
    let names = |files: &[DataFile]| files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
    let (named, there) = (names(&manifest.files), names(&made.files));
    if named != there {
        found.push(format!(
            "the manifest names the files {}, and it should {}",
            named.join(", "),
            there.join(", ")
        ));
        return found;
    }
    for (named, there) in manifest.files.iter().zip(&made.files).filter(|(named, there)| named != there) {
        found.push(format!(
            "{}: the manifest names {} and SHA-256 {}, and it should {} and {}",
            named.name,
            counted(named.rows, "row", "rows"),
            named.sha256,
            there.rows,
            there.sha256
        ));
    }
    found
}

/// What differs between a manifest and the files in the folder.
fn on_disk(manifest: &Manifest, folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut known = BTreeSet::from([MANIFEST.to_owned()]);
    for file in &manifest.files {
        // Whatever the manifest says, nothing is read from elsewhere.
        let Some(name) = Path::new(&file.name).file_name() else { continue };
        known.insert(format!("{ENTRIES}/{}", name.to_string_lossy()));
        match sha256_of(&folder.join(ENTRIES).join(name)) {
            Ok(sha256) if sha256 == file.sha256 => {}
            Ok(sha256) => {
                found.push(format!("{}: SHA-256 of the file is {sha256}, and not {}", file.name, file.sha256))
            }
            Err(error) => found.push(format!("{}: {error}", file.name)),
        }
    }
    for (prefix, folder) in
        [(String::new(), folder.to_owned()), (format!("{ENTRIES}/"), folder.join(ENTRIES))]
    {
        // Of a data set without entries there is no such folder.
        let Ok(there) = std::fs::read_dir(folder) else { continue };
        for entry in there {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if !known.contains(&name) && name != ENTRIES {
                found.push(format!("{name}: the manifest names no such file"));
            }
        }
    }
    Ok(found)
}
