//! The texts of the front page.

use super::Spoken;

/// What the front page says.
#[derive(Debug)]
pub(crate) struct FrontTexts {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) statements: fn(&str, &str, &str) -> String,
    pub(crate) newest: &'static str,
    pub(crate) newest_none: &'static str,
    pub(crate) all: &'static str,
    pub(crate) now: &'static str,
    pub(crate) now_note: &'static str,
    pub(crate) now_note_reported: &'static str,
    pub(crate) by_day: &'static str,
    pub(crate) by_month: &'static str,
    pub(crate) by_ground: &'static str,
    pub(crate) by_basis: &'static str,
    pub(crate) by_asker: &'static str,
    pub(crate) by_order: &'static str,
    pub(crate) ways: &'static str,
    pub(crate) way_refused: &'static str,
    pub(crate) way_without: &'static str,
    pub(crate) way_orders: &'static str,
    pub(crate) way_reversed: &'static str,
    pub(crate) way_erased: &'static str,
    pub(crate) way_infrastructure: &'static str,
}

pub(crate) static FRONT: Spoken<FrontTexts> = Spoken {
    en: FrontTexts {
        title: "Who took what down, why, and on what basis",
        lead: "Hosts, platforms, registrars and networks sign their decisions here. Each has a place in one public list that only grows, so that nothing can be changed or taken away unnoticed.",
        statements: |count, providers, origin| {
            let statements = if count == "1" { "statement" } else { "statements" };
            match providers {
                "0" => format!("No provider has filed anything in {origin} yet."),
                "1" => format!("One provider has filed {count} {statements} in {origin}."),
                _ => format!("{providers} providers have filed {count} {statements} in {origin}."),
            }
        },
        newest: "The newest decisions",
        newest_none: "No decision has been filed yet.",
        all: "All of them",
        now: "What is happening",
        now_note: "Decisions as they stand now: as amended since, and also those that were lifted, reversed or withdrawn. What providers report of others’ decisions is left out; the search has it.",
        now_note_reported: "No provider has filed a decision of its own yet. Counted is what providers report of others’ decisions, as it stands now: as amended since, and also what was lifted, reversed or withdrawn.",
        by_day: "Decisions by day, over the last 60 days",
        by_month: "Decisions since the beginning",
        by_ground: "On what ground",
        by_basis: "On what legal basis",
        by_asker: "How the case came to notice",
        by_order: "With or without an order",
        ways: "Questions that this ledger answers",
        way_refused: "What was asked for and refused?",
        way_without: "What was done without an order?",
        way_orders: "What did authorities order?",
        way_reversed: "Which decisions were reversed?",
        way_erased: "Which texts were erased?",
        way_infrastructure: "What did those who only carry traffic block?",
    },
    fr: FrontTexts {
        title: "Qui a retiré quoi, pourquoi, et sur quelle base",
        lead: "Hébergeurs, plateformes, bureaux d’enregistrement et réseaux signent ici leurs décisions. Chacune a sa place dans une liste publique qui ne fait que croître : rien ne peut y être modifié ou supprimé sans que cela se voie.",
        statements: |count, providers, origin| {
            let declarations = if count == "1" { "déclaration" } else { "déclarations" };
            match providers {
                "0" => format!("Aucun fournisseur n’a encore rien déposé dans {origin}."),
                "1" => format!("Un fournisseur a déposé {count} {declarations} dans {origin}."),
                _ => format!("{providers} fournisseurs ont déposé {count} {declarations} dans {origin}."),
            }
        },
        newest: "Les décisions les plus récentes",
        newest_none: "Aucune décision n’a encore été déposée.",
        all: "Toutes",
        now: "Ce qui se passe",
        now_note: "Les décisions dans leur état actuel : rectifiées le cas échéant, y compris celles qui ont été levées, annulées ou rétractées. Ce que des fournisseurs rapportent des décisions d’autrui n’est pas compté ; la recherche le trouve.",
        now_note_reported: "Aucun fournisseur n’a encore déposé de décision propre. Est compté ce que des fournisseurs rapportent des décisions d’autrui, dans son état actuel : rectifié le cas échéant, y compris ce qui a été levé, annulé ou rétracté.",
        by_day: "Décisions par jour, sur les 60 derniers jours",
        by_month: "Décisions depuis le début",
        by_ground: "Pour quel motif",
        by_basis: "Sur quelle base juridique",
        by_asker: "Comment le fournisseur en a eu connaissance",
        by_order: "Avec ou sans injonction",
        ways: "Les questions auxquelles ce registre répond",
        way_refused: "Qu’est-ce qui a été demandé et refusé ?",
        way_without: "Qu’est-ce qui a été fait sans injonction ?",
        way_orders: "Qu’ont ordonné les autorités ?",
        way_reversed: "Quelles décisions ont été annulées ?",
        way_erased: "Quels textes ont été effacés ?",
        way_infrastructure: "Qu’ont bloqué ceux qui ne font que transmettre ?",
    },
};
