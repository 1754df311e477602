//! Words of a text: what stands between white space, brackets, quotation marks and the like.

/// A word and where it begins, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

/// What ends a word besides white space.
fn is_border(c: char) -> bool {
    let marks = "<>()[]{}\"'`,;|“”„«»‘’‚‹›…";
    c.is_whitespace() || marks.contains(c)
}

/// Marks that stand in front of a word, and behind it, without being of it.
const LEADING: &[char] = &['.', ':', '*', '-', '–', '—', '!', '?', '#', '~'];
const TRAILING: &[char] = &['.', ':', '!', '?', '*', '–', '—', '~'];

/// The words of a text, in order.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.split(is_border).filter_map(move |piece| {
        let trimmed = piece.trim_start_matches(LEADING);
        let skipped = piece.len() - trimmed.len();
        let start = piece.as_ptr().addr() - text.as_ptr().addr() + skipped;
        let trimmed = trimmed.trim_end_matches(TRAILING);
        (!trimmed.is_empty()).then_some(Word { text: trimmed, start })
    })
}
