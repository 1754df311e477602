//! Codes: values from closed sets, the only words that may stand in an entry.

mod european;
mod own;
mod places;
mod sets;

pub use sets::CodeSet;

/// One value of one closed set. It cannot hold anything that is not in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    text: &'static str,
    set: CodeSet,
}

/// A set of so many values is looked through; a larger one, all of whose values may have one length, is searched.
const SHORT_SET: usize = 80;

impl Code {
    /// The code of that spelling, if the set has it. Case matters.
    pub fn find(set: CodeSet, text: &str) -> Option<Code> {
        let values = set.values();
        let position = match values.len() {
            // Lengths and last bytes tell most of them apart, and are compared faster than what long codes begin with.
            ..=SHORT_SET => {
                let same = |value: &str| value.len() == text.len() && last_byte(value) == last_byte(text);
                values.iter().position(|value| same(value) && *value == text)?
            }
            _ => values.binary_search(&text).ok()?,
        };
        values.get(position).map(|text| Code { text, set })
    }

    /// The spelling, as it stands in statements.
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// The set that the code is from.
    pub fn set(&self) -> CodeSet {
        self.set
    }
}

fn last_byte(text: &str) -> Option<&u8> {
    text.as_bytes().last()
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}
