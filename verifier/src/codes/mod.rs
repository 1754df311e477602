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
        Code::find_next(set, text, &mut 0)
    }

    /// The same for a code of a list, which is looked for first at `next`: the place in the set behind the code before it, and then
    /// behind this one. Lists ascend, and long ones name neighbours.
    pub(crate) fn find_next(set: CodeSet, text: &str, next: &mut usize) -> Option<Code> {
        let values = set.values();
        let is_next = values.get(*next).is_some_and(|value| *value == text);
        let position = if is_next { *next } else { position(values, text)? };
        *next = position + 1;
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

fn position(values: &[&str], text: &str) -> Option<usize> {
    match values.len() {
        // Lengths and last bytes tell most of them apart, and are compared faster than what long codes begin with.
        ..=SHORT_SET => {
            let same = |value: &str| value.len() == text.len() && last_byte(value) == last_byte(text);
            values.iter().position(|value| same(value) && *value == text)
        }
        // Byte by byte: codes of two letters are many, and each comparison of them a call otherwise.
        _ => values.binary_search_by(|value| value.bytes().cmp(text.bytes())).ok(),
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
