//! Paths that no log has: other spellings of a tile's path, and tiles beyond the tree.

use super::any_checkpoint::AnyCheckpoint;
use super::published::width_of;
use super::report::Report;
use super::rules;
use super::wire::Wire;
use crate::answer::Trouble;

/// A spelling, and the rule of the grammar that it breaks.
fn spellings(width: u16) -> Vec<(String, &'static str)> {
    let right = if width == 256 { "000".to_owned() } else { format!("000.p/{width}") };
    vec![
        (format!("tile/00/{right}"), "a level has no leading zero"),
        (format!("tile/+0/{right}"), "a level is digits alone"),
        (format!("tile/0/{}", right.replacen("000", "0", 1)), "an index is in groups of three digits"),
        (format!("tile/0/{}", right.replacen("000", "0000", 1)), "an index is in groups of three digits"),
        (format!("tile/0/x000/{right}"), "an index has no leading group of zeros"),
        (format!("tile/0/X000/{right}"), "a group begins with a small x"),
        ("tile/0/000.p/256".to_owned(), "a partial tile has at most 255 hashes"),
        (format!("tile/0/000.p/0{width}"), "a width has no leading zero"),
        ("tile/0/000.p/".to_owned(), "a width is a number"),
        (format!("tile/8/0/{right}"), "the height of a tile is not in its path"),
        (format!("tile/data/{right}"), "bundles are under entries"),
        (format!("tile/entries/{}", right.replacen("000", "0", 1)), "an index is in groups of three digits"),
        (format!("tile/0/{right}/"), "a path has no final slash"),
        (format!("tile/0/{}", right.replacen("000", "%30%30%30", 1)), "a path has no escapes"),
    ]
}

/// What was answered although it should not be, and how the rest was refused.
#[derive(Default)]
struct Asked {
    /// Of the first refusal with another status than 404 and 400.
    status: Option<String>,
    /// Of the first refusal that caches keep.
    cached: Option<String>,
}

impl Asked {
    /// The paths that are answered.
    fn answered<'p>(
        &mut self,
        wire: &Wire,
        paths: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Result<(), String>, Trouble> {
        let mut answered = Vec::new();
        for (path, why) in paths {
            let reply = wire.plain(path)?;
            if reply.status < 400 {
                answered.push(format!("{path} answers {} ({why})", reply.status));
                continue;
            }
            if !matches!(reply.status, 400 | 404) {
                self.status.get_or_insert(format!("{path}: the status is {}", reply.status));
            }
            if reply.is_cached_long() {
                let control = reply.header("cache-control");
                self.cached.get_or_insert(format!("{path}: Cache-Control is {control:?}"));
            }
        }
        Ok(if answered.is_empty() { Ok(()) } else { Err(answered.join("; ")) })
    }
}

/// Empty tiles and bundles.
const EMPTY: [&str; 2] = ["tile/0/000.p/0", "tile/entries/000.p/0"];

/// So far beyond that the log cannot have grown there meanwhile.
const BEYOND: [&str; 5] = [
    "tile/0/x999/x999/x999/999",
    "tile/entries/x999/x999/x999/999",
    "tile/6/999",
    "tile/63/000.p/1",
    "tile/64/000.p/1",
];

/// Asks for all of them; around an empty log there are none that could not be right tomorrow.
pub(crate) fn run(wire: &Wire, newest: &AnyCheckpoint, report: &mut Report) -> Result<(), Trouble> {
    let size = newest.size.get();
    if size == 0 {
        return Ok(());
    }
    let mut asked = Asked::default();
    let spellings = spellings(width_of(size, 0, 0));
    let outcome = asked.answered(wire, spellings.iter().map(|(path, why)| (path.as_str(), *why)))?;
    report.check(rules::PATH_GRAMMAR, outcome);
    let outcome = asked.answered(wire, EMPTY.map(|path| (path, "it is empty")))?;
    report.check(rules::PATH_EMPTY, outcome);
    let outcome = asked.answered(wire, BEYOND.map(|path| (path, "it is beyond the tree")))?;
    report.check(rules::PATH_BEYOND, outcome);
    report.check(rules::PATH_STATUS, asked.status.map_or(Ok(()), Err));
    report.check(rules::PATH_CACHE, asked.cached.map_or(Ok(()), Err));
    Ok(())
}
