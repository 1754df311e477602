//! Counts over time: one column for each day or month.

use maud::{Markup, html};

use super::{WIDTH, at};

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Which day or month, as it is written.
    pub(crate) label: String,
    /// How many.
    pub(crate) count: u64,
}

/// What is written on a plot.
#[derive(Debug)]
pub(crate) struct Words<'w> {
    /// Names the plot's parts in its page; letters and hyphens.
    pub(crate) id: &'w str,
    /// Its title.
    pub(crate) title: &'w str,
    /// What it shows, in a sentence.
    pub(crate) description: &'w str,
}

/// Height of the columns.
const HEIGHT: f64 = 110.0;
/// Room above the highest column, for the number that it stands for.
const ABOVE: f64 = 18.0;
/// Room below, for the days or months.
const BELOW: f64 = 20.0;
/// Width of a digit of the scale.
const DIGIT: f64 = 6.6;
/// The widest column.
const WIDEST: f64 = 28.0;

/// A top for the scale that is easy to read: 1, 2 or 5 and zeros, and not below the count.
fn top(most: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for step in [1, 2, 5] {
            let top = unit.saturating_mul(step);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// The plot; `write` is how the language writes a number.
pub(crate) fn drawing(words: &Words<'_>, columns: &[Column], write: impl Fn(u64) -> String) -> Markup {
    let top = top(columns.iter().map(|column| column.count).max().unwrap_or_default());
    let base = ABOVE + HEIGHT;
    let left = 8.0 + DIGIT * write(top).chars().count() as f64;
    let step = ((WIDTH - left) / columns.len().max(1) as f64).min(WIDEST + 4.0);
    let gap = if step > 6.0 { 2.0 } else { 0.5 };
    let height = |count: u64| HEIGHT * count as f64 / top as f64;
    let half = top.is_multiple_of(2).then_some((base - HEIGHT / 2.0, top / 2));
    let scale: Vec<(f64, u64)> = std::iter::once((base - HEIGHT, top)).chain(half).collect();
    let (title, description) = (format!("{}-title", words.id), format!("{}-description", words.id));
    html! {
        svg.plot viewBox=(format!("0 0 {} {}", at(WIDTH), at(base + BELOW))) role="img"
            aria-labelledby=(format!("{title} {description}")) {
            title id=(title) { (words.title) }
            desc id=(description) { (words.description) }
            @for (y, _) in &scale {
                line.grid x1=(at(left)) y1=(at(*y)) x2=(at(WIDTH)) y2=(at(*y)) {}
            }
            @for (place, column) in columns.iter().enumerate() {
                @let tall = height(column.count);
                rect.bar x=(at(left + place as f64 * step)) y=(at(base - tall)) width=(at(step - gap)) height=(at(tall)) {
                    title { (column.label) ": " (write(column.count)) }
                }
            }
            @for (y, count) in &scale {
                text.small x="0" y=(at(y + 4.0)) { (write(*count)) }
            }
            line.axis x1=(at(left)) y1=(at(base)) x2=(at(WIDTH)) y2=(at(base)) {}
            @if let Some(first) = columns.first() {
                text.small x=(at(left)) y=(at(base + 14.0)) { (first.label) }
            }
            @if let [_, .., last] = columns {
                @let end = (left + step * columns.len() as f64).clamp(WIDTH * 0.66, WIDTH);
                text.small x=(at(end)) y=(at(base + 14.0)) text-anchor="end" { (last.label) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_scale_ends_at_an_easy_number() {
        for (most, expected) in
            [(0, 1), (1, 1), (3, 5), (6, 10), (51, 100), (1_999, 2_000), (u64::MAX, u64::MAX)]
        {
            assert_eq!(top(most), expected, "{most}");
        }
    }

    #[test]
    fn every_column_has_its_height_and_texts_are_escaped() {
        let column = |label: &str, count| Column { label: label.to_owned(), count };
        let columns = [column("<1>", 5), column("2", 10), column("3", 0)];
        let words = Words { id: "by-day", title: "T & U", description: "d" };
        let svg = drawing(&words, &columns, |n| n.to_string()).into_string();
        for part in
            ["height=\"55\"", "height=\"110\"", "height=\"0\"", "T &amp; U", "&lt;1&gt;", "role=\"img\""]
        {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert!(
            !svg.contains("style=") && drawing(&words, &[], |n| n.to_string()).into_string().contains("<svg")
        );
    }
}
