//! What commands say on standard output. A reader that goes away, as `head` does, and a disk that is full change nothing of what
//! a command does: it goes on to its end, and its exit status says that not all of it was told.

use std::fmt::Arguments;
use std::io::Write as _;
use std::sync::OnceLock;

/// Why the first words that nobody got were not told.
static UNTOLD: OnceLock<String> = OnceLock::new();

/// Writes a line to standard output, in the words of [`println!`], which would end the command in the middle of its work.
macro_rules! say {
    ($($words:tt)*) => { $crate::commands::standard_output::line(format_args!($($words)*)) };
}
pub(crate) use say;

/// Writes a line.
pub(crate) fn line(words: Arguments<'_>) {
    text(format_args!("{words}\n"));
}

/// Writes words as they are.
pub(crate) fn text(words: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_fmt(words).and_then(|()| out.flush()) {
        // The first reason is the one that is told.
        let _ = UNTOLD.set(error.to_string());
    }
}

/// Why not everything was told, if so.
pub(crate) fn untold() -> Option<&'static str> {
    UNTOLD.get().map(String::as_str)
}
