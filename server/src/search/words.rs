//! Words of texts and of what is looked for in them: lower case, without accents, whatever the language and however it was
//! typed. Scripts that write no spaces have one word for each character, so that a run of them is found as a phrase.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, TextAnalyzer, Token, TokenStream, Tokenizer};

/// Longest word in bytes, without accents. A longer run of letters is a key or a picture in base64, which
/// nobody types.
pub(crate) const WORD_MAX: usize = 128;

/// What makes words.
pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Splitter::default()).filter(LowerCaser).filter(AsciiFoldingFilter).build()
}

/// The words of a text, each with its place among them.
pub(crate) fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let (text, mut words) = (plain(text), Vec::new());
    let mut stream = analyzer.token_stream(&text);
    while stream.advance() {
        words.push(stream.token().text.clone());
    }
    words
}

/// Whether a text has a word that is left out because it is longer than [`WORD_MAX`].
pub(crate) fn has_long_word(text: &str) -> bool {
    let (text, mut token) = (plain(text), Token::default());
    let mut stream = SplitStream { text: &text, at: 0, token: &mut token };
    while stream.run() {
        if stream.token.text.len() > WORD_MAX {
            return true;
        }
    }
    false
}

/// Words in a row, with a space before and behind each: a phrase stands in a text where it stands in there.
pub(crate) fn padded(words: &[String]) -> String {
    let mut text = String::from(" ");
    for word in words {
        text.push_str(word);
        text.push(' ');
    }
    text
}

/// A text without accents and without what nobody sees, with one spelling where Unicode has several (UAX #15, NFKD without
/// marks, then NFC).
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    // A sigma at the end of a word is the same letter, and has no upper case of its own.
    let one_sigma = |character| if character == 'ς' { 'σ' } else { character };
    let is_seen = |character: &char| !is_accent(*character) && !is_invisible(*character);
    text.nfkd().filter(is_seen).map(one_sigma).nfc().collect()
}

/// Splits texts at everything that is neither letter nor digit.
#[derive(Debug, Clone, Default)]
struct Splitter {
    token: Token,
}

struct SplitStream<'a> {
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for Splitter {
    type TokenStream<'a> = SplitStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> SplitStream<'a> {
        self.token.reset();
        SplitStream { text, at: 0, token: &mut self.token }
    }
}

impl SplitStream<'_> {
    /// Goes over one run of letters and digits, or one character of a script without spaces. False at the end of the text.
    fn run(&mut self) -> bool {
        self.token.text.clear();
        self.token.offset_from = self.at;
        let rest = self.text.get(self.at..).unwrap_or_default();
        for character in rest.chars() {
            let alone = is_alone(character);
            let inside = character.is_alphanumeric();
            if !self.token.text.is_empty() && (alone || !inside) {
                return true;
            }
            self.at += character.len_utf8();
            if inside {
                self.token.text.push(character);
                self.token.offset_to = self.at;
            }
            if alone {
                return true;
            }
            if self.token.text.is_empty() {
                self.token.offset_from = self.at;
            }
        }
        !self.token.text.is_empty()
    }
}

impl TokenStream for SplitStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.position = self.token.position.wrapping_add(1);
        while self.run() {
            if self.token.text.len() <= WORD_MAX {
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Combining marks of Latin, Greek and Cyrillic (Unicode block "Combining Diacritical Marks").
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Characters that have no shape: soft hyphens, joiners, spaces of no width, marks of direction, variation selectors. A word
/// with one inside is read as one without it.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Ideographs, kana, Thai, Lao, Khmer and Burmese: written without spaces.
fn is_alone(character: char) -> bool {
    character.is_alphanumeric()
        && matches!(
            character,
            '\u{e00}'..='\u{eff}'
                | '\u{1000}'..='\u{109f}'
                | '\u{1780}'..='\u{17ff}'
                | '\u{3040}'..='\u{30ff}'
                | '\u{3400}'..='\u{4dbf}'
                | '\u{4e00}'..='\u{9fff}'
                | '\u{f900}'..='\u{faff}'
                | '\u{20000}'..='\u{3ffff}'
        )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn words_are_plain_in_every_script() {
        let mut analyzer = analyzer();
        for (text, expected) in [
            ("", vec![]),
            (" -- ", vec![]),
            ("Kiwi-Farms, 2022!", vec!["kiwi", "farms", "2022"]),
            ("§ 4 der Verträge", vec!["4", "der", "vertrage"]),
            ("de\u{301}cision DÉCISION", vec!["decision", "decision"]),
            ("Straße œuvre", vec!["strasse", "oeuvre"]),
            ("Закон о СМИ", vec!["закон", "о", "сми"]),
            ("删除 内容x1", vec!["删", "除", "内", "容", "x1"]),
            ("ΟΔΟΣ οδός Οδοσ", vec!["οδοσ", "οδοσ", "οδοσ"]),
            ("ΑΠΌΦΑΣΗ απόφαση αποφα\u{301}ση", vec!["αποφαση", "αποφαση", "αποφαση"]),
            ("İSTANBUL ıslak", vec!["istanbul", "islak"]),
            ("Ёлка елка йод", vec!["елка", "елка", "иод"]),
            (
                "ver\u{ad}boten ver\u{200b}bo\u{2060}ten \u{feff}verboten",
                vec!["verboten", "verboten", "verboten"],
            ),
            ("ﬁle ＦＩＬＥ x²", vec!["file", "file", "x2"]),
            ("한글 \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", vec!["한글", "한글"]),
            ("ガ カ\u{3099}", vec!["ガ", "ガ"]),
            ("<script>alert(1)</script>", vec!["script", "alert", "1", "script"]),
        ] {
            assert_eq!(words(&mut analyzer, text), expected, "{text}");
        }
        let long = "a".repeat(WORD_MAX + 1);
        assert_eq!(words(&mut analyzer, &format!("x {long} y")), ["x", "y"]);
        assert!(has_long_word(&format!("x {long} y")) && !has_long_word(&long[1..]));
    }
}
