//! The texts of the page of a subject.

use super::Spoken;

/// What the page of a subject says.
#[derive(Debug)]
pub(crate) struct SubjectTexts {
    pub(crate) kicker: &'static str,
    pub(crate) pseudonym: &'static str,
    pub(crate) pseudonym_note: &'static str,
    pub(crate) lead: fn(&str, &str) -> String,
    pub(crate) order: &'static str,
    /// Of a statement that has no day of its own: when it was filed.
    pub(crate) filed: fn(&str) -> String,
    pub(crate) by: fn(&str) -> String,
    pub(crate) reports: &'static str,
    pub(crate) more: &'static str,
}

pub(crate) static SUBJECT: Spoken<SubjectTexts> = Spoken {
    en: SubjectTexts {
        kicker: "Subject",
        pseudonym: "A subject that is not named",
        pseudonym_note: "One provider uses this pseudonym for it. Other providers use others, so what they filed about the same subject is not found here.",
        lead: |count, providers| match (count, providers) {
            ("1", _) => "One statement is on record about it.".to_owned(),
            (_, "1") => format!("{count} statements of one provider are on record about it."),
            _ => format!("{count} statements of {providers} providers are on record about it."),
        },
        order: "Decisions stand at the day from which they apply, all else at the day on which it was filed; the earliest come first.",
        filed: |day| format!("filed on {day}"),
        by: |who| format!("by {who}"),
        reports: "reports a decision of",
        more: "All of them in the search",
    },
    fr: SubjectTexts {
        kicker: "Objet",
        pseudonym: "Un objet qui n’est pas nommé",
        pseudonym_note: "Ce pseudonyme est propre à un fournisseur. Les autres en utilisent d’autres ; ce qu’ils ont déposé sur le même objet ne figure donc pas ici.",
        lead: |count, providers| match (count, providers) {
            ("1", _) => "Une déclaration est enregistrée à son sujet.".to_owned(),
            (_, "1") => format!("{count} déclarations d’un seul fournisseur sont enregistrées à son sujet."),
            _ => format!("{count} déclarations de {providers} fournisseurs sont enregistrées à son sujet."),
        },
        order: "Les décisions figurent au jour à partir duquel elles s’appliquent, tout le reste au jour de son dépôt ; du plus ancien au plus récent.",
        filed: |day| format!("déposée le {day}"),
        by: |who| format!("par {who}"),
        reports: "rapporte une décision de",
        more: "Toutes, dans la recherche",
    },
};
