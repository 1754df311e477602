//! What feeds say of themselves.

use super::Spoken;

/// The texts of a feed.
#[derive(Debug)]
pub(crate) struct FeedTexts {
    /// The title of the feed of all entries of a log, before its origin.
    pub(crate) everything: &'static str,
    /// That of the entries which meet conditions, before the origin and the conditions.
    pub(crate) some: &'static str,
    /// An amendment counts.
    pub(crate) amended: &'static str,
}

pub(crate) static FEED: Spoken<FeedTexts> = Spoken {
    en: FeedTexts { everything: "Everything on record at", some: "On record at", amended: "amended" },
    fr: FeedTexts {
        everything: "Tout ce qui est enregistré dans",
        some: "Enregistré dans",
        amended: "rectifiée",
    },
};
