//! The points of Article 17(3) that a statement can lack.

use super::Spoken;

/// Each as the object of "it does not say".
#[derive(Debug)]
pub(crate) struct MissingTexts {
    pub(crate) territory: &'static str,
    pub(crate) facts: &'static str,
    pub(crate) basis: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) why: &'static str,
    pub(crate) redress: &'static str,
}

pub(crate) static MISSING: Spoken<MissingTexts> = Spoken {
    en: MissingTexts {
        territory: "where the restriction applies",
        facts: "the facts and circumstances, in words that can be read here",
        basis: "on what basis the provider acted",
        rule: "which law or which clause of its terms it relies on",
        why: "why that law or clause applies",
        redress: "how to contest the decision",
    },
    fr: MissingTexts {
        territory: "où la restriction s’applique",
        facts: "les faits et circonstances, sous une forme lisible ici",
        basis: "sur quelle base le fournisseur a agi",
        rule: "sur quelle loi ou quelle clause de ses conditions il s’appuie",
        why: "pourquoi cette loi ou cette clause s’applique",
        redress: "comment contester la décision",
    },
};
