//! Counts of what a search finds, by the values of one or two dimensions.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::search::{Counted, Dimension};

/// Counts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct CountsView {
    /// Entries of the published tree.
    pub(crate) size: u64,
    /// The size of the tree that the answer covers: `size`, or less where the index is behind.
    pub(crate) indexed: u64,
    /// What is counted by.
    pub(crate) by: Vec<&'static str>,
    /// Entries that meet the conditions. One with several values is counted once for each, so the counts can add up to more.
    pub(crate) total: u64,
    /// The counts, the greatest first, at most 10,000: under the name of each dimension its value, and `count`. Where the field is
    /// absent, the value is `none`; of `authority`, which can be any text, it is null.
    #[schema(value_type = Vec<Object>)]
    pub(crate) counts: Vec<CountRow>,
    /// What the rows beyond these add up to; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<LeftOut>,
}

/// One count.
#[derive(Debug)]
pub(crate) struct CountRow {
    by: Vec<&'static str>,
    /// A value for each dimension; nothing for an absent text.
    pub(crate) values: Vec<Option<String>>,
    /// How many entries have these values.
    pub(crate) count: u64,
}

/// Rows that are not shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LeftOut {
    /// How many.
    pub(crate) rows: u64,
    /// What they add up to.
    pub(crate) count: u64,
}

impl Serialize for CountRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.by.len() + 1))?;
        for (name, value) in self.by.iter().zip(&self.values) {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("count", &self.count)?;
        map.end()
    }
}

impl CountsView {
    /// The view of counts.
    pub(crate) fn new(size: u64, indexed: u64, by: &[Dimension], total: u64, counted: Counted) -> CountsView {
        let by: Vec<&'static str> = by.iter().map(|dimension| dimension.name()).collect();
        let row = |(values, count)| CountRow { by: by.clone(), values, count };
        let left_out = (counted.rows_left_out > 0)
            .then_some(LeftOut { rows: counted.rows_left_out, count: counted.left_out });
        let counts = counted.rows.into_iter().map(row).collect();
        CountsView { size, indexed, by, total, counts, left_out }
    }
}
