//! Data sets that a reader makes with the command.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::reader::Reader;

/// Exit status and answer of `export` with these arguments.
pub(crate) fn export(reader: &Reader, place: &str, more: &[&str]) -> (i32, Value) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
    command.args(["export", place, "--policy", "policy", "--state", "state", "--json"]).args(more);
    let output = command.current_dir(reader.path("")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answer = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), answer)
}

/// Every file below a folder with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in ["", "entries"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Names of everything in the reader's folder, hidden files too.
pub(crate) fn names(reader: &Reader) -> Vec<String> {
    let entries = std::fs::read_dir(reader.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}
