//! A place inside a payload, written as a JSON Pointer (RFC 6901) only when an error needs it.

use std::fmt;

/// A chain of steps from the payload down; it costs nothing until it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pointer<'a> {
    parent: Option<&'a Pointer<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

/// At most so many characters of a name that arrived are written.
const MAX_NAME: usize = 80;

impl Pointer<'static> {
    /// The payload itself: the empty pointer.
    pub(crate) const ROOT: Pointer<'static> = Pointer { parent: None, step: Step::Root };
}

impl<'a> Pointer<'a> {
    /// The member of that name.
    pub(crate) fn name(&'a self, name: &'a str) -> Pointer<'a> {
        Pointer { parent: Some(self), step: Step::Name(name) }
    }

    /// The element of that number, from 0.
    pub(crate) fn index(&'a self, index: usize) -> Pointer<'a> {
        Pointer { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Index(index) => write!(f, "/{index}"),
            Step::Name(name) => {
                f.write_str("/")?;
                for c in name.chars().take(MAX_NAME) {
                    match c {
                        '~' => f.write_str("~0")?,
                        '/' => f.write_str("~1")?,
                        c if c.is_control() => f.write_str("\u{fffd}")?,
                        c => write!(f, "{c}")?,
                    }
                }
                Ok(())
            }
        }
    }
}
