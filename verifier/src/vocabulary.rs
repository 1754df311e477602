//! The versions of the European vocabulary. A statement names the one that its codes are from.

use std::fmt;

use crate::codes::CodeSet;

/// A version of the European database's vocabulary (Commission Implementing Regulation (EU) 2024/2835 for the second).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vocabulary {
    /// `dsa-tdb/1`, in use from 2023-09-25 to 2025-06-30.
    Version1,
    /// `dsa-tdb/2`, in use since 2025-07-01.
    Version2,
}

impl Vocabulary {
    /// Both, the older one first.
    pub const ALL: [Vocabulary; 2] = [Vocabulary::Version1, Vocabulary::Version2];

    /// The version of that name.
    pub fn find(name: &str) -> Option<Vocabulary> {
        Vocabulary::ALL.into_iter().find(|version| version.as_str() == name)
    }

    /// The name as it stands in statements.
    pub fn as_str(self) -> &'static str {
        match self {
            Vocabulary::Version1 => "dsa-tdb/1",
            Vocabulary::Version2 => "dsa-tdb/2",
        }
    }

    /// The set that stands in this version for a set of the field table. Only categories and keywords differ.
    pub fn set(self, set: CodeSet) -> CodeSet {
        match (self, set) {
            (Vocabulary::Version1, CodeSet::Category) => CodeSet::CategoryV1,
            (Vocabulary::Version1, CodeSet::CategorySpecification) => CodeSet::CategorySpecificationV1,
            _ => set,
        }
    }
}

impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
