//! What `q` asks for: words that must all occur, "phrases", and -words that must not. Nothing else has a meaning in it:
//! there are no wildcards, no fields, no operators.

use tantivy::tokenizer::TextAnalyzer;

use crate::limits::{MAX_TEXT_QUERY, MAX_TEXT_TERMS};
use crate::problem::Problem;

use super::words::{WORD_MAX, analyzer, has_long_word, padded, words};

/// What stands around a phrase: the quotation marks of keyboards, and those that phones and word processors make of them.
/// Each opens and each closes, for languages use them in different ways.
const QUOTES: [char; 7] = ['"', '“', '”', '„', '‟', '«', '»'];

/// What a text must hold, and what not. A word is a phrase of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TextQuery {
    given: String,
    with: Vec<Vec<String>>,
    without: Vec<Vec<String>>,
}

impl TextQuery {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// `bad-request`: too long, too many words, a word too long, or no word at all.
    pub(crate) fn parse(given: &str) -> Result<TextQuery, Problem> {
        let wrong = |rule: &str, allowed: &str| Err(Problem::of_parameter("q", rule, given, allowed));
        let too_long = given.len() > 4 * MAX_TEXT_QUERY || given.chars().count() > MAX_TEXT_QUERY;
        if too_long {
            return wrong("too-long", &format!("at most {MAX_TEXT_QUERY} characters"));
        }
        // The index has none, so that the answer would be that of a query without it.
        if has_long_word(given) {
            return wrong(
                "too-long",
                &format!("words of at most {WORD_MAX} bytes; longer ones are not found"),
            );
        }
        let mut query = TextQuery { given: given.trim().to_owned(), with: Vec::new(), without: Vec::new() };
        let mut analyzer = analyzer();
        let mut rest = given.trim_start();
        while !rest.is_empty() {
            rest = query.take(&mut analyzer, rest).trim_start();
        }
        match query.phrases().map(|phrase| phrase.len()).sum::<usize>() {
            0 => wrong("no-word", "words, \"phrases\" and -words, with a letter or digit in them"),
            many if many > MAX_TEXT_TERMS => wrong("too-long", &format!("at most {MAX_TEXT_TERMS} words")),
            _ => Ok(query),
        }
    }

    /// Takes one term, and gives what stands behind it. A phrase whose end is missing goes on to the end.
    fn take<'t>(&mut self, analyzer: &mut TextAnalyzer, text: &'t str) -> &'t str {
        let (unwanted, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let is_end = |c: char| c.is_whitespace() || QUOTES.contains(&c);
        let (term, rest) = match text.strip_prefix(QUOTES) {
            Some(phrase) => phrase.split_once(QUOTES).unwrap_or((phrase, "")),
            None => text.split_at(text.find(is_end).unwrap_or(text.len())),
        };
        let phrase = words(analyzer, term);
        if !phrase.is_empty() {
            let place = if unwanted { &mut self.without } else { &mut self.with };
            place.push(phrase);
        }
        rest
    }

    fn phrases(&self) -> impl Iterator<Item = &Vec<String>> {
        self.with.iter().chain(&self.without)
    }

    /// As it was typed.
    pub(crate) fn given(&self) -> &str {
        &self.given
    }

    /// Phrases that must occur.
    pub(crate) fn with(&self) -> &[Vec<String>] {
        &self.with
    }

    /// Phrases that must not.
    pub(crate) fn without(&self) -> &[Vec<String>] {
        &self.without
    }

    /// Whether texts, each as [`padded`] words, are what is asked for. A phrase stands inside one text.
    pub(crate) fn matches(&self, texts: &[String]) -> bool {
        let occurs = |phrase: &Vec<String>| {
            let phrase = padded(phrase);
            texts.iter().any(|text| text.contains(&phrase))
        };
        self.with.iter().all(occurs) && !self.without.iter().any(occurs)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn words_phrases_and_exclusions_are_read() {
        for (given, with, without) in [
            ("forum", vec![vec!["forum"]], vec![]),
            (" Forum  Kiwi ", vec![vec!["forum"], vec!["kiwi"]], vec![]),
            ("\"human life\" -order", vec![vec!["human", "life"]], vec![vec!["order"]]),
            ("-\"court order\"", vec![], vec![vec!["court", "order"]]),
            ("\"not closed", vec![vec!["not", "closed"]], vec![]),
            ("a\"b c\"d", vec![vec!["a"], vec!["b", "c"], vec!["d"]], vec![]),
            ("forum.example:80", vec![vec!["forum", "example", "80"]], vec![]),
            (
                "text:x* /a.*/ [a TO b] ~2 ^3",
                vec![vec!["text", "x"], vec!["a"], vec!["a"], vec!["to"], vec!["b"], vec!["2"], vec!["3"]],
                vec![],
            ),
            ("-- - x", vec![vec!["x"]], vec![]),
            ("“human life” -order", vec![vec!["human", "life"]], vec![vec!["order"]]),
            ("„human life“ -“court order”", vec![vec!["human", "life"]], vec![vec!["court", "order"]]),
            ("« vie humaine » -« décision »", vec![vec!["vie", "humaine"]], vec![vec!["decision"]]),
            (
                "»human life« a“b c”d",
                vec![vec!["human", "life"], vec!["a"], vec!["b", "c"], vec!["d"]],
                vec![],
            ),
            ("“not closed", vec![vec!["not", "closed"]], vec![]),
            ("forum’s", vec![vec!["forum", "s"]], vec![]),
        ] {
            let query = TextQuery::parse(given).unwrap();
            assert_eq!(
                (query.with.clone(), query.without.clone()),
                (owned(&with), owned(&without)),
                "{given}"
            );
        }
    }

    fn owned(phrases: &[Vec<&str>]) -> Vec<Vec<String>> {
        phrases.iter().map(|phrase| phrase.iter().map(|word| (*word).to_owned()).collect()).collect()
    }

    #[test]
    fn what_costs_too_much_or_asks_for_nothing_is_refused() {
        let (long, many) = ("a".repeat(MAX_TEXT_QUERY + 1), "a ".repeat(MAX_TEXT_TERMS + 1));
        let phrase = format!("\"{many}\"");
        let (word, unwanted) =
            ("a".repeat(WORD_MAX + 1), format!("x -\"y {}\"", "ж".repeat(WORD_MAX / 2 + 1)));
        let huge = "\u{1f600}".repeat(3_000_000);
        for (given, rule) in [
            (long.as_str(), "too-long"),
            (&many, "too-long"),
            (&phrase, "too-long"),
            (&huge, "too-long"),
            (&word, "too-long"),
            (&unwanted, "too-long"),
            ("", "no-word"),
            ("- \" \"", "no-word"),
            ("“ ” «»", "no-word"),
        ] {
            assert_eq!(TextQuery::parse(given).unwrap_err().errors[0].rule, rule, "{rule}");
        }
        assert!(TextQuery::parse(&"a ".repeat(MAX_TEXT_TERMS)).is_ok());
        assert!(TextQuery::parse(&"a".repeat(WORD_MAX)).is_ok());
    }

    #[test]
    fn a_phrase_stands_inside_one_text() {
        let texts = [" a b ".to_owned(), " c ".to_owned()];
        for (given, expected) in [
            ("a c", true),
            ("\"a b\"", true),
            ("\"b c\"", false),
            ("-\"b c\"", true),
            ("a -c", false),
            ("\"a b c d\"", false),
        ] {
            assert_eq!(TextQuery::parse(given).unwrap().matches(&texts), expected, "{given}");
        }
    }
}
