//! The texts of plots, and what their values are called where no label of a code says it.

use super::Spoken;

/// What stands on and beside plots.
#[derive(Debug)]
pub(crate) struct PlotTexts {
    pub(crate) none: &'static str,
    pub(crate) count: &'static str,
    pub(crate) day: &'static str,
    pub(crate) month: &'static str,
    pub(crate) over_time: fn(&str, &str, &str) -> String,
    pub(crate) greatest: fn(&str, &str) -> String,
    pub(crate) nothing: &'static str,
    pub(crate) others: fn(&str) -> String,
    pub(crate) without: &'static str,
    pub(crate) with: &'static str,
}

pub(crate) static PLOTS: Spoken<PlotTexts> = Spoken {
    en: PlotTexts {
        none: "Not stated",
        count: "Statements",
        day: "Day",
        month: "Month or year",
        over_time: |count, first, last| format!("{count} in all, from {first} to {last}."),
        greatest: |label, count| format!("Most often: {label}, {count}."),
        nothing: "There is nothing to count yet.",
        others: |count| format!("The table has {count} more."),
        without: "Without an order",
        with: "On an order",
    },
    fr: PlotTexts {
        none: "Non indiqué",
        count: "Déclarations",
        day: "Jour",
        month: "Mois ou année",
        over_time: |count, first, last| format!("{count} en tout ({first} – {last})."),
        greatest: |label, count| format!("Le plus souvent : {label}, {count}."),
        nothing: "Il n’y a encore rien à compter.",
        others: |count| format!("{count} autres valeurs figurent seulement dans le tableau."),
        without: "Sans injonction",
        with: "Sur injonction",
    },
};
