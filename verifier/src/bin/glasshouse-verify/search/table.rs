//! Cells of others in columns: each cell one line, cut where it is too wide, numbers and words alike to the left.

use crate::printable::{line, padded, width};

/// A table whose rows come in pieces: a column gets wider with a wider cell, and never narrower.
pub(super) struct Table {
    names: Vec<&'static str>,
    widths: Vec<usize>,
    widest: Vec<usize>,
    is_begun: bool,
}

impl Table {
    /// Columns by their names, and how wide each may get.
    pub(super) fn new(columns: impl Iterator<Item = (&'static str, usize)>) -> Table {
        let (names, widest): (Vec<&'static str>, Vec<usize>) = columns.unzip();
        let widths = names.iter().map(|name| width(name)).collect();
        Table { names, widths, widest, is_begun: false }
    }

    /// How many columns.
    pub(super) fn columns(&self) -> usize {
        self.names.len()
    }

    /// More rows as lines, below the names of the columns if they are the first. What no row is missing has no cell.
    pub(super) fn lines(&mut self, rows: &[Vec<String>]) -> String {
        let cut: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().zip(&self.widest).map(|(cell, widest)| line(cell, *widest)).collect())
            .collect();
        for row in &cut {
            for (widest, cell) in self.widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        let mut text = String::new();
        if !self.is_begun && !cut.is_empty() {
            self.is_begun = true;
            self.push(&mut text, &self.names);
        }
        cut.iter().for_each(|row| self.push(&mut text, row));
        text
    }

    fn push(&self, text: &mut String, row: &[impl AsRef<str>]) {
        let cells: Vec<String> =
            row.iter().zip(&self.widths).map(|(cell, width)| padded(cell.as_ref(), *width)).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn columns_stay_columns() {
        let mut table = Table::new([("name", 6), ("count", 5)].into_iter());
        let row = |name: &str, count: &str| vec![name.to_owned(), count.to_owned()];
        assert_eq!(table.lines(&[]), "");
        let text = table.lines(&[row("a", "1"), row("漢字漢字漢字", "22"), row("x\ny\u{1b}", "3")]);
        assert_eq!(text, "name   count\na      1\n漢字…  22\nx\u{fffd}y\u{fffd}   3\n");
        assert_eq!(table.lines(&[row("b", "4")]), "b      4\n");
    }
}
