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
        over_time: |count, first, last| match first == last {
            true => format!("{count} in all: {first}."),
            false => format!("{count} in all, from {first} to {last}."),
        },
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
        over_time: |count, first, last| match first == last {
            true => format!("{count} en tout ({first})."),
            false => format!("{count} en tout ({first} – {last})."),
        },
        greatest: |label, count| format!("Le plus souvent : {label}, {count}."),
        nothing: "Il n’y a encore rien à compter.",
        others: |count| format!("{count} autres valeurs figurent seulement dans le tableau."),
        without: "Sans injonction",
        with: "Sur injonction",
    },
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_time_of_one_month_has_no_end_beside_its_beginning() {
        assert_eq!((PLOTS.en.over_time)("7", "March 2024", "March 2024"), "7 in all: March 2024.");
        assert_eq!((PLOTS.fr.over_time)("7", "mars 2024", "mars 2024"), "7 en tout (mars 2024).");
        assert_eq!(
            (PLOTS.en.over_time)("7", "March 2024", "April 2024"),
            "7 in all, from March 2024 to April 2024."
        );
    }
}
