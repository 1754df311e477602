//! What an `init` that died leaves behind before anything was signed, and which of it the next one refuses.

use std::fs;
use std::path::Path;

/// What a ledger is known by; `init` refuses a folder with any of these, and replaces none.
pub(crate) const MADE: [&str; 9] = [
    "log.key",
    "log.ml-dsa-44.key",
    "receipt.key",
    "log.vkey",
    "log.ml-dsa-44.vkey",
    "state",
    "state.sled",
    "public",
    "place",
];
/// What lies there from the first signature on. The stage of the genesis holds the first signed checkpoint, and it goes
/// only after the others are durable.
const SIGNED: [&str; 4] = ["state", "place", "public/checkpoint", "public/tile"];
/// Folders that lie empty before.
const EMPTY: [&str; 2] = ["stage", "addenda-pack"];

/// Which of [`MADE`] lie in the folder, if nothing there is signed; `None` if something is, or may be.
pub(crate) fn leftovers(folder: &Path) -> Option<Vec<&'static str>> {
    let there = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    let empty = |name: &&str| match fs::read_dir(folder.join(name)) {
        Ok(mut files) => files.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if SIGNED.iter().any(|name| there(name)) || !EMPTY.iter().all(empty) {
        return None;
    }
    Some(MADE.into_iter().filter(|name| there(name)).collect())
}
