//! Lines beside the results: faults, notes and waiting, on standard error.
//!
//! What a log answers stands in some of them, and a log may be hostile: no byte of it steers a terminal. And nobody need
//! listen: where standard error is closed, a line is lost and the work goes on.

use std::io::Write as _;

/// Writes a line, or several.
pub(super) fn tell(text: &str) {
    // A closed standard error is whoever closed it's choice; the exit status still tells.
    let _ = writeln!(std::io::stderr(), "{}", plain(text));
}

/// The text with everything escaped that could steer a terminal or turn words round: control characters but line feed and
/// tab, and the marks of direction (Unicode UAX #9).
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        let steers = letter.is_control() && !matches!(letter, '\n' | '\t');
        let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match steers || turns {
            true => plain.extend(letter.escape_unicode()),
            false => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let hostile = "a\u{1b}[31mb\u{7}\r\u{9b}2J \u{202e}c\u{2066}\u{200f}";
        assert_eq!(plain(hostile), "a\\u{1b}[31mb\\u{7}\\u{d}\\u{9b}2J \\u{202e}c\\u{2066}\\u{200f}");
        let honest = "Zwölf Sätze:\n\tعدد ١٢, «déjà vu», 🦀";
        assert_eq!(plain(honest), honest);
    }
}
