//! Words of others on the way to a terminal or into a file: no control character, no mark that turns the direction of what
//! stands around it, nothing that cannot be seen, but for what scripts and emoji are joined and chosen with.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Stands for a character that is not shown.
const REPLACED: char = '\u{fffd}';

/// Stands at the end of what was cut.
const CUT: char = '…';

/// Whether it moves the cursor, turns the direction of writing (Unicode's Bidi_Control), breaks lines, hides other text, or shows
/// nothing at all, so that two names look alike: what Unicode calls default-ignorable (DerivedCoreProperties.txt), interlinear
/// annotation, and the fillers of Hangul. Words are written with U+200C and U+200D, and with variation selectors.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Bidi_Control; line and paragraph separators.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}'
            // Soft hyphen, grapheme joiner, vowels of Khmer that are not written, the separator of Mongolian vowels.
            | '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            // Spaces without a width, operators that are not written, old format characters.
            | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            // Fillers.
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            // Interlinear annotation and what is not assigned before it; shorthand and music; tags.
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// One line of it, at most so many columns of a terminal wide. At most three characters for each column: marks that stand
/// on others have no width, and a tower of them has an end.
pub(crate) fn line(text: &str, columns: usize) -> String {
    let most = columns.saturating_mul(3);
    let shown: String =
        text.chars().take(most + 1).map(|c| if is_unseen(c) { REPLACED } else { c }).collect();
    if shown.chars().count() <= most && shown.width() <= columns {
        return shown;
    }
    let (mut cut, mut used) = (String::new(), 0);
    for c in shown.chars().take(most.saturating_sub(1)) {
        used += c.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        cut.push(c);
    }
    cut.push(CUT);
    cut
}

/// Lines of it: as it is, but for what is not shown.
pub(crate) fn lines(text: &str) -> String {
    let keeps = |c: char| matches!(c, '\n' | '\t') || !is_unseen(c);
    text.chars().map(|c| if keeps(c) { c } else { REPLACED }).collect()
}

/// A JSON text with the same content, in which what is not shown is escaped. Such characters stand in its strings only.
pub(crate) fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unseen(c) {
            true => {
                let units = c
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<String>();
                escaped.push_str(&units);
            }
            false => escaped.push(c),
        }
    }
    escaped
}

/// How many columns of a terminal it takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// So many spaces behind it that it takes so many columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn nothing_unseen_is_shown() {
        let hostile = "a\u{1b}[2J\u{202e}b\n\u{9b}c\u{7f}\u{2066}\u{feff}\u{e0041}d";
        let shown = line(hostile, 100);
        assert!(!shown.chars().any(is_unseen), "{shown:?}");
        assert_eq!(shown.chars().filter(|c| *c == REPLACED).count(), 8);
        assert_eq!(lines("a\n\tb\rc\u{200f}"), "a\n\tb\u{fffd}c\u{fffd}");
        let written = serde_json::json!({"name": hostile}).to_string();
        let safe = json(&written);
        assert!(!safe.chars().any(is_unseen), "{safe:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap()["name"], hostile);
    }

    /// A name with one of these in it looks like the name without.
    #[test]
    fn what_shows_nothing_is_replaced() {
        for c in "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{180e}\u{2061}\u{2062}\u{2063}\u{2064}\u{206a}\u{206f}\u{3164}\u{ffa0}\u{fff9}\u{fffb}\u{1d173}"
            .chars()
        {
            let name = format!("https://sh{c}op.example");
            assert_eq!(line(&name, 80), "https://sh\u{fffd}op.example", "{}", c.escape_unicode());
            let safe = json(&serde_json::json!(name).to_string());
            assert!(safe.is_ascii() && serde_json::from_str::<String>(&safe).unwrap() == name, "{safe}");
        }
        // Persian and emoji are written with joiners and selectors.
        let written = "می\u{200c}خواهم 👩\u{200d}👧 ❤\u{fe0f}";
        assert_eq!(line(written, 80), written);
    }

    #[test]
    fn a_line_has_its_width() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        // Each of these takes two columns.
        assert_eq!(line("漢字漢字", 8), "漢字漢字");
        assert_eq!((line("漢字漢字漢", 8).as_str(), width("漢字漢")), ("漢字漢…", 6));
        let tower = format!("a{}", "\u{301}".repeat(1_000));
        assert!(line(&tower, 5).chars().count() <= 15);
        assert_eq!(line("abc", 0), "…");
        assert_eq!(padded("漢", 4), "漢  ");
        assert_eq!(padded("abcde", 4), "abcde");
    }
}
