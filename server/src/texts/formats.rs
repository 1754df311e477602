//! Numbers, days and moments as a language writes them.

use glasshouse_verifier::day::Day;
use glasshouse_verifier::instant::Instant;

use super::Language;

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
];

/// A whole number with its thousands apart: `12,345`, or `12 345` with the narrow space that does not break.
pub(crate) fn number(language: Language, number: u64) -> String {
    let between = match language {
        Language::English => ',',
        Language::French => '\u{202f}',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(between);
        }
        text.push(digit);
    }
    text
}

/// A label within a sentence: its first letter is a small one, unless it begins with an abbreviation ("DNS resolver").
pub(crate) fn inside(label: &str) -> String {
    let mut letters = label.chars();
    let Some(first) = letters.next() else { return String::new() };
    match letters.clone().next() {
        Some(second) if second.is_uppercase() || second.is_ascii_digit() => label.to_owned(),
        _ => first.to_lowercase().chain(letters).collect(),
    }
}

fn month_name(language: Language, month: &str) -> Option<&'static str> {
    let names = match language {
        Language::English => &MONTHS[0],
        Language::French => &MONTHS[1],
    };
    let month: usize = month.parse().ok()?;
    names.get(month.checked_sub(1)?).copied()
}

/// A month, `YYYY-MM`, in words; a text of another form stays as it is.
pub(crate) fn month(language: Language, text: &str) -> String {
    let parts = text.split_once('-');
    let words = parts.and_then(|(year, month)| Some(format!("{} {year}", month_name(language, month)?)));
    words.unwrap_or_else(|| text.to_owned())
}

/// A day, `YYYY-MM-DD`, in words; a text of another form stays as it is.
pub(crate) fn day(language: Language, text: &str) -> String {
    let words = || {
        Day::parse(text)?;
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let name = month_name(language, month)?;
        let day = day.trim_start_matches('0');
        let day = if day == "1" && language == Language::French { "1er" } else { day };
        Some(format!("{day} {name} {year}"))
    };
    words().unwrap_or_else(|| text.to_owned())
}

/// A moment in RFC 3339, UTC, in words, to the minute; a text of another form stays as it is.
pub(crate) fn moment(language: Language, text: &str) -> String {
    let words = || {
        Instant::parse_rfc3339(text)?;
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let time = time.get(..5)?;
        Some(match language {
            Language::English => format!("{}, {time} UTC", day(language, date)),
            Language::French => format!("{} à {time} UTC", day(language, date)),
        })
    };
    words().unwrap_or_else(|| text.to_owned())
}

/// What stands between a name and what it is.
pub(crate) fn colon(language: Language) -> &'static str {
    match language {
        Language::English => ": ",
        Language::French => "\u{a0}: ",
    }
}

/// Names as a list in a sentence: `a, b and c`.
pub(crate) fn list(language: Language, items: &[String]) -> String {
    let and = match language {
        Language::English => "and",
        Language::French => "et",
    };
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const EN: Language = Language::English;
    const FR: Language = Language::French;

    #[test]
    fn labels_inside_a_sentence_keep_their_abbreviations() {
        for (label, expected) in [
            ("DNS resolver", "DNS resolver"),
            ("Résolveur DNS", "résolveur DNS"),
            ("Accès bloqué", "accès bloqué"),
            ("Équipe", "équipe"),
            ("SHA-256", "SHA-256"),
            ("A court", "a court"),
            ("", ""),
        ] {
            assert_eq!(inside(label), expected);
        }
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        for (value, en, fr) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1\u{202f}000"),
            (12_345_678, "12,345,678", "12\u{202f}345\u{202f}678"),
        ] {
            assert_eq!((number(EN, value).as_str(), number(FR, value).as_str()), (en, fr));
        }
    }

    #[test]
    fn days_and_moments_are_words_and_other_texts_stay() {
        assert_eq!(
            (day(EN, "2022-09-03"), day(FR, "2022-09-01")),
            ("3 September 2022".into(), "1er septembre 2022".into())
        );
        assert_eq!(moment(EN, "2022-12-24T08:05:59Z"), "24 December 2022, 08:05 UTC");
        assert_eq!(moment(FR, "2022-12-24T08:05:59Z"), "24 décembre 2022 à 08:05 UTC");
        assert_eq!(
            (month(EN, "2022-02"), month(FR, "2022-08")),
            ("February 2022".into(), "août 2022".into())
        );
        for text in ["", "2022-13-01", "-", "é", "2022-09-03T", "Z", "T1é:00Z"] {
            assert_eq!((day(FR, text).as_str(), moment(EN, text).as_str()), (text, text));
        }
    }

    #[test]
    fn a_list_reads_as_a_sentence_does() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!((list(EN, &items), list(FR, &items[..2])), ("a, b and c".into(), "a et b".into()));
        assert_eq!((list(EN, &items[..1]), list(EN, &[])), ("a".into(), String::new()));
    }
}
