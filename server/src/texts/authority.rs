//! The texts of the page of authorities.

use super::Spoken;

/// What the page of authorities says.
#[derive(Debug)]
pub(crate) struct AuthorityTexts {
    pub(crate) list: &'static str,
    pub(crate) list_lead: &'static str,
    pub(crate) list_none: &'static str,
    pub(crate) kicker: &'static str,
    pub(crate) lead: fn(&str) -> String,
    pub(crate) spelling: &'static str,
    pub(crate) none: &'static str,
    pub(crate) of_whom: &'static str,
    pub(crate) what: &'static str,
    pub(crate) measures: &'static str,
    pub(crate) how: &'static str,
    pub(crate) over_time: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) all: &'static str,
    pub(crate) decisions: &'static str,
}

pub(crate) static AUTHORITY: Spoken<AuthorityTexts> = Spoken {
    en: AuthorityTexts {
        list: "Authorities",
        list_lead: "Who ordered something, by the names that providers published. Each name is as the provider wrote it: one authority can stand here under several.",
        list_none: "No order of a named authority is on record.",
        kicker: "Authority",
        lead: |count| match count {
            "1" => "Providers name it in one statement as the one who ordered or demanded it.".to_owned(),
            _ => format!("Providers name it in {count} statements as the one who ordered or demanded it."),
        },
        spelling: "Only this spelling is counted. What the authority itself says is not on record here.",
        none: "No statement on record names it in exactly this spelling.",
        of_whom: "Of whom",
        what: "On what ground",
        measures: "What was done",
        how: "How it went",
        over_time: "Over time",
        newest: "The newest",
        all: "All of them",
        decisions: "Statements",
    },
    fr: AuthorityTexts {
        list: "Autorités",
        list_lead: "Qui a ordonné quelque chose, selon les noms publiés par les fournisseurs. Chaque nom est tel que le fournisseur l’a écrit : une même autorité peut figurer sous plusieurs noms.",
        list_none: "Aucune injonction d’une autorité nommée n’est enregistrée.",
        kicker: "Autorité",
        lead: |count| {
            match count {
            "1" => "Une déclaration de fournisseur la désigne comme étant à l’origine de l’injonction ou de la demande."
                .to_owned(),
            _ => format!(
                "{count} déclarations de fournisseurs la désignent comme étant à l’origine de l’injonction ou de la demande."
            ),
        }
        },
        spelling: "Seule cette graphie est comptée. Ce que l’autorité dit elle-même n’est pas enregistré ici.",
        none: "Aucune déclaration enregistrée ne la nomme exactement sous cette graphie.",
        of_whom: "À qui",
        what: "Pour quel motif",
        measures: "Ce qui a été fait",
        how: "Ce qu’il en est advenu",
        over_time: "Au fil du temps",
        newest: "Les plus récentes",
        all: "Toutes",
        decisions: "Déclarations",
    },
};
