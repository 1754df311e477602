//! Whose fault an error is.

/// The party that has to act on an error. Each error type of this crate answers with one where the question makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The bytes that arrived are wrong; refuse them and go on.
    HostileInput,
    /// The calling code or its configuration asked for what cannot be.
    CallerMisuse,
    /// This program contradicts itself; report it.
    OurBug,
    /// Disk, network, clock or memory failed; trying again may help.
    Environment,
}
