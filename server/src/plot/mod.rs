//! Plots as SVG, drawn on the server: counts over time, counts by name, and the path of a proof.
//!
//! Each has a title and a description for those who do not see it, takes its colours from the style sheet by classes, and
//! stands beside a table with the same numbers.

pub(crate) mod bars;
pub(crate) mod columns;
pub(crate) mod path;

/// Width of every plot in units of its own, near the width of a phone in pixels, so that letters keep their size there.
pub(crate) const WIDTH: f64 = 360.0;

/// A coordinate with at most one decimal: more would be bytes without a difference.
pub(crate) fn at(coordinate: f64) -> String {
    let text = format!("{coordinate:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A text cut to so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn coordinates_are_short_and_texts_are_cut_between_characters() {
        assert_eq!((at(3.0), at(2.25), at(-0.04)), ("3".into(), "2.2".into(), "-0".into()));
        assert_eq!(
            (cut("éèà", 3), cut("éèàù", 3), cut("ab cd", 4)),
            ("éèà".into(), "éè…".into(), "ab…".into())
        );
    }
}
