//! A server says that it has no such entry, and a receipt proves that the log had one: whether that is the log, which denies
//! what it proved, or another place.

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::tile::BundlePath;

use crate::answer::{Answer, Verdict};
use crate::bundles::Bundles;
use crate::plural::counted;
use crate::source::{NOTE_LIMIT, Source};

/// Entries of a full bundle.
const BUNDLE: u64 = 256;

/// What is said where the log denies it; an error says why nothing is known.
pub(crate) fn judge(source: &Source, place: &str, about: &Proved) -> Result<Answer, String> {
    let (origin, index) = (about.origin(), about.index());
    let none = |why: String| format!("it shows no checkpoint of the log {origin}{why}. Is the URL right?");
    let note = source.get("checkpoint", NOTE_LIMIT).map_err(|error| error.to_string())?;
    let note = note.ok_or_else(|| none(String::new()))?;
    let shown = SignedCheckpoint::open(&note, about.checkpoint().signed().log())
        .map_err(|error| none(format!(" ({error})")))?;
    let size = shown.head().size();
    let entries = counted(size.get(), "entry", "entries");
    if size.get() <= index.get() {
        return Err(format!(
            "it shows a checkpoint of {entries}, and the receipt is for entry {index}: it lags behind, or hides the rest. \
             Ask again later"
        ));
    }
    let first = index.get() - index.get() % BUNDLE;
    let width = u16::try_from((size.get() - first).min(BUNDLE)).map_err(|error| error.to_string())?;
    let path = BundlePath::new(first / BUNDLE, width).map_err(|error| error.to_string())?;
    let bytes = Bundles::new(source.clone(), None).fetch(path).map_err(|error| error.to_string())?;
    let bundle = parse_bundle(&bytes, width).map_err(|error| format!("{}: {error}", path.encode()))?;
    let at = usize::try_from(index.get() - first).map_err(|error| error.to_string())?;
    if bundle.get(at).is_some_and(|entry| LeafHash::of_entry(entry) == about.leaf_hash()) {
        return Err(
            "it serves the entry, and does not answer questions about it: a copy of the log's files?"
                .to_owned(),
        );
    }
    let sentence = format!(
        "the receipt holds, and {place} denies what it proves: it shows a checkpoint of {entries} that {origin} signed, and \
         serves another entry at index {index}. Whether the log contradicted itself, \
         `glasshouse-verify log {place} --receipt FILE` tells, and saves the proof"
    );
    let answer = Answer::new(Verdict::DoesNotHold, sentence).line("keep the receipt");
    Ok(answer
        .member("rule", "denied")
        .member("origin", origin.as_str())
        .member("index", index.get())
        .member("leaf_hash", about.leaf_hash().to_hex()))
}
