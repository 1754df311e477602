//! A plot with its title, what it shows in a sentence, and the same numbers as a table.

use maud::{Markup, html};

use super::value;
use crate::plot::bars::{self, Bar};
use crate::plot::columns::{self, Column, Words};
use crate::texts::frame::FRAME;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;

/// Bars that are drawn; the table has all.
const BARS_DRAWN: usize = 8;

/// One count of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    /// What is counted, in words.
    pub(super) label: String,
    /// How many.
    pub(super) count: u64,
    /// Where they are listed.
    pub(super) link: Option<String>,
}

/// A figure.
#[derive(Debug)]
pub(super) struct Figure<'f> {
    /// The page that it is on.
    pub(super) visit: &'f Visit,
    /// Its name in the page.
    pub(super) id: &'f str,
    /// Its title.
    pub(super) title: &'f str,
    /// What the rows of its table are.
    pub(super) of: &'f str,
}

impl Figure<'_> {
    /// Counts in the order of time.
    pub(super) fn over_time(&self, counts: &[Count]) -> Markup {
        let texts = PLOTS.in_(self.visit.language);
        let total = counts.iter().map(|count| count.count).sum();
        let (Some(first), Some(last), 1..) = (counts.first(), counts.last(), total) else {
            return self.empty();
        };
        let description = (texts.over_time)(&self.number(total), &first.label, &last.label);
        let columns: Vec<Column> =
            counts.iter().map(|count| Column { label: count.label.clone(), count: count.count }).collect();
        let words = Words { id: self.id, title: self.title, description: &description };
        let drawing = columns::drawing(&words, &columns, |n| self.number(n));
        let rows: Vec<&Count> = counts.iter().rev().filter(|count| count.count > 0).collect();
        self.around(&description, None, &drawing, &rows)
    }

    /// Counts by name, the greatest first.
    pub(super) fn by_name(&self, counts: &[Count]) -> Markup {
        let texts = PLOTS.in_(self.visit.language);
        let Some(most) = counts.first() else { return self.empty() };
        let description = (texts.greatest)(&most.label, &self.number(most.count));
        let bars: Vec<Bar> = counts
            .iter()
            .take(BARS_DRAWN)
            .map(|count| Bar { label: count.label.clone(), count: count.count })
            .collect();
        let others = counts.len().saturating_sub(bars.len()) as u64;
        let others = (others > 0).then(|| (texts.others)(&self.number(others)));
        let words = Words { id: self.id, title: self.title, description: &description };
        let drawing = bars::drawing(&words, &bars, |n| self.number(n));
        self.around(&description, others.as_deref(), &drawing, &counts.iter().collect::<Vec<_>>())
    }

    fn number(&self, number: u64) -> String {
        value::number(self.visit, number)
    }

    fn empty(&self) -> Markup {
        html! { figure { figcaption { h3 { (self.title) } p { (PLOTS.in_(self.visit.language).nothing) } } } }
    }

    fn around(&self, description: &str, more: Option<&str>, drawing: &Markup, rows: &[&Count]) -> Markup {
        let texts = PLOTS.in_(self.visit.language);
        html! {
            figure id=(self.id) {
                figcaption { h3 { (self.title) } p { (description) } }
                (drawing)
                @if let Some(more) = more { p.note { (more) } }
                details {
                    summary { (FRAME.in_(self.visit.language).table) }
                    table {
                        caption.unseen { (self.title) }
                        thead { tr { th scope="col" { (self.of) } th.number scope="col" { (texts.count) } } }
                        tbody {
                            @for row in rows {
                                tr {
                                    th scope="row" {
                                        @match &row.link { Some(link) => a href=(link) { (row.label) }, None => (row.label) }
                                    }
                                    td.number { (self.number(row.count)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
