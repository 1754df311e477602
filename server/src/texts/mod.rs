//! Everything that the pages say, in every language: a struct for each page or part with a value for each language, so
//! that a missing text does not compile; and what codes are called, from data files that tests hold complete.

pub(crate) mod authority;
pub(crate) mod entry;
pub(crate) mod feed;
pub(crate) mod formats;
pub(crate) mod frame;
pub(crate) mod front;
pub(crate) mod kinds;
pub(crate) mod labels;
pub(crate) mod language;
pub(crate) mod life;
pub(crate) mod log;
pub(crate) mod missing;
pub(crate) mod place;
pub(crate) mod plots;
pub(crate) mod problem;
pub(crate) mod provider;
pub(crate) mod script_labels;
pub(crate) mod search;
pub(crate) mod subject;

pub(crate) use self::language::{Language, Spoken};
