//! Counts by name: one bar for each, the name above it.

use maud::{Markup, html};

use super::columns::Words;
use super::{WIDTH, at, cut};

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// What is counted.
    pub(crate) label: String,
    /// How many.
    pub(crate) count: u64,
}

/// Height of a bar with its name.
const ROW: f64 = 32.0;
/// Letters of a name that have room beside its number.
const LETTERS: usize = 46;

/// The plot; `write` is how the language writes a number.
pub(crate) fn drawing(words: &Words<'_>, bars: &[Bar], write: impl Fn(u64) -> String) -> Markup {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or_default().max(1);
    let (title, description) = (format!("{}-title", words.id), format!("{}-description", words.id));
    html! {
        svg.plot viewBox=(format!("0 0 {} {}", at(WIDTH), at(ROW * bars.len() as f64))) role="img"
            aria-labelledby=(format!("{title} {description}")) {
            title id=(title) { (words.title) }
            desc id=(description) { (words.description) }
            @for (place, bar) in bars.iter().enumerate() {
                @let y = ROW * place as f64;
                text x="0" y=(at(y + 13.0)) { (cut(&bar.label, LETTERS)) }
                text x=(at(WIDTH)) y=(at(y + 13.0)) text-anchor="end" { (write(bar.count)) }
                rect.track x="0" y=(at(y + 19.0)) width=(at(WIDTH)) height="6" {}
                rect.bar x="0" y=(at(y + 19.0)) width=(at((WIDTH * bar.count as f64 / most as f64).max(1.0))) height="6" {
                    title { (bar.label) ": " (write(bar.count)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_long_names_are_cut() {
        let bars = [
            Bar { label: "a".repeat(80), count: 10 },
            Bar { label: "<b>".to_owned(), count: 5 },
            Bar { label: "c".to_owned(), count: 0 },
        ];
        let words = Words { id: "by-name", title: "T", description: "d" };
        let svg = drawing(&words, &bars, |n| format!("{n}!")).into_string();
        for part in [
            "rect class=\"bar\" x=\"0\" y=\"19\" width=\"360\"",
            "width=\"180\"",
            "…</text>",
            "&lt;b&gt;",
            "10!",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
    }
}
