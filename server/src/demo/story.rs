//! How the story is told: numbered chapters, wrapped sentences, facts in two columns.

use std::io::{self, Write};

/// Width of a line, in characters.
const WIDTH: usize = 100;
/// Blanks in front of everything that stands in a chapter.
const INDENT: &str = "   ";

/// A story on its way to whoever reads it.
pub(super) struct Story<'a> {
    out: &'a mut dyn Write,
    chapters: u32,
}

impl<'a> Story<'a> {
    /// Begins with a title.
    pub(super) fn begin(out: &'a mut dyn Write, title: &str) -> io::Result<Story<'a>> {
        writeln!(out, "{title}\n{}", "=".repeat(title.chars().count()))?;
        Ok(Story { out, chapters: 0 })
    }

    /// Opens the next chapter.
    pub(super) fn chapter(&mut self, title: &str) -> io::Result<()> {
        self.chapters += 1;
        writeln!(self.out, "\n{}. {title}", self.chapters)
    }

    /// Sentences, wrapped.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + word.chars().count() + 1 > WIDTH - INDENT.len() {
                writeln!(self.out, "{INDENT}{line}")?;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        writeln!(self.out, "{INDENT}{line}")
    }

    /// A fact: what it is, and what it is like.
    pub(super) fn fact(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "{INDENT}  {name:<12} {value}")
    }

    /// A line as it stands, for commands to copy.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{INDENT}  {text}")
    }

    /// An empty line.
    pub(super) fn pause(&mut self) -> io::Result<()> {
        writeln!(self.out)?;
        self.out.flush()
    }
}

/// The beginning of a long identifier.
pub(super) fn short(text: &str) -> String {
    let begin: String = text.chars().take(16).collect();
    if begin.len() == text.len() { begin } else { format!("{begin}…") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn sentences_are_wrapped_and_chapters_numbered() {
        let mut out = Vec::new();
        let mut story = Story::begin(&mut out, "Title").unwrap();
        story.chapter("One").unwrap();
        story.say(&"word ".repeat(40)).unwrap();
        story.chapter("Two").unwrap();
        story.fact("name", "value").unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("Title\n=====\n\n1. One\n   word word"));
        assert!(text.contains("\n2. Two\n     name         value\n"));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn long_identifiers_are_shortened() {
        assert_eq!(short("0123456789abcdef"), "0123456789abcdef");
        assert_eq!(short("0123456789abcdef0"), "0123456789abcdef…");
    }
}
