//! Reads the vectors of one family and compares verdicts.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// One family of vectors.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) judge: fn(&Value) -> Verdict,
    /// The fewest vectors of each kind, so that a folder that moved cannot pass for one that holds.
    pub(crate) valid: usize,
    pub(crate) invalid: usize,
}

/// What the verifier found in a right vector, or the rule that a wrong one breaks.
pub(crate) type Verdict = Result<Value, Refusal>;

/// Why the verifier refused a vector.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) rule: String,
    /// What else the vectors of the family say of a refusal (`path`, `index`, `errors`).
    pub(crate) more: Map<String, Value>,
    /// The verifier's own words, for a person who reads a failed test.
    pub(crate) words: String,
}

impl Refusal {
    pub(crate) fn new(rule: &str, words: impl std::fmt::Display) -> Refusal {
        Refusal { rule: rule.to_owned(), words: words.to_string(), ..Refusal::default() }
    }
}

/// The folder of all vectors.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors")
}

/// Runs a family; a line for each vector whose verdict is another one goes to `wrong`.
pub(crate) fn run(family: &Family, wrong: &mut Vec<String>) {
    for (kind, least) in [("valid", family.valid), ("invalid", family.invalid)] {
        let files = files_of(&folder().join(family.name).join(kind));
        assert!(files.len() >= least, "{} has {} {kind} vectors, not {least}", family.name, files.len());
        for file in files {
            let vector: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let expect = vector["expect"].as_object().unwrap();
            assert_eq!(expect["ok"].as_bool(), Some(kind == "valid"), "{}", file.display());
            if let Err(why) = compare((family.judge)(&vector["input"]), expect) {
                let name = vector["name"].as_str().unwrap();
                let about = vector["description"].as_str().unwrap_or_default();
                wrong.push(format!("{}/{kind}/{name} ({about}): {why}", family.name));
            }
        }
    }
}

pub(crate) fn files_of(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    files
}

pub(crate) fn compare(verdict: Verdict, expect: &Map<String, Value>) -> Result<(), String> {
    match verdict {
        Ok(found) if expect["ok"] == true => {
            let mut expected = expect.clone();
            expected.remove("ok");
            if found == Value::Object(expected.clone()) {
                return Ok(());
            }
            Err(format!("found {found}, expected {}", Value::Object(expected)))
        }
        Ok(found) => Err(format!("accepted as {found}, should be refused by {}", expect["rule"])),
        Err(refusal) if expect["ok"] == true => Err(format!("refused: {} ({})", refusal.rule, refusal.words)),
        Err(refusal) => {
            if expect["rule"] != refusal.rule.as_str() {
                let words = &refusal.words;
                return Err(format!(
                    "refused by {} ({words}), should be by {}",
                    refusal.rule, expect["rule"]
                ));
            }
            for (member, found) in &refusal.more {
                if expect.get(member) != Some(found) {
                    return Err(format!("{member} is {found}, should be {:?}", expect.get(member)));
                }
            }
            Ok(())
        }
    }
}

/// The bytes of a member in hex.
pub(crate) fn hex_of(input: &Value, member: &str) -> Vec<u8> {
    hex::decode(text_of(input, member)).unwrap()
}

/// A text member.
pub(crate) fn text_of<'a>(input: &'a Value, member: &str) -> &'a str {
    input[member].as_str().unwrap_or_else(|| panic!("no text {member:?} in {input}"))
}

/// The bytes of a text member, or of its twin in hex where they are no UTF-8.
pub(crate) fn text_bytes(input: &Value, member: &str) -> Vec<u8> {
    let twin = format!("{member}_hex");
    if input.get(&twin).is_some() { hex_of(input, &twin) } else { text_of(input, member).as_bytes().to_vec() }
}

/// 32 bytes in hex.
pub(crate) fn hash_of(text: &Value) -> [u8; 32] {
    hex::decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}
