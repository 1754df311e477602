//! The words of a query as people read them: what a condition and its value are called.

use std::collections::BTreeMap;

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::codes::CodeSet;

use super::entry::named;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;
use crate::texts::search::SEARCH;
use crate::texts::{formats, labels};

/// Stands for the absence of a value.
pub(super) const NONE: &str = "none";

/// Names of providers by their issuers.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Those of everybody who was ever enrolled.
    pub(super) fn of(reader: &Reader) -> Names {
        reader.with_registry(|registry| {
            let named = registry.providers();
            Names(named.map(|one| (one.issuer().as_str().to_owned(), one.name().to_owned())).collect())
        })
    }

    /// The name of an issuer, or its host. With or without `https://`.
    pub(super) fn of_issuer<'n>(&'n self, issuer: &'n str) -> &'n str {
        let host = issuer.trim_start_matches("https://");
        self.0.get(&format!("https://{host}")).map_or(host, String::as_str)
    }

    /// Every issuer with its name, in the order of the issuers.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(issuer, name)| (issuer.trim_start_matches("https://"), name.as_str()))
    }
}

/// The sets whose codes a condition has.
fn sets(name: &str) -> &'static [CodeSet] {
    match name {
        "category" => &[CodeSet::Category, CodeSet::CategoryV1],
        "keyword" => &[CodeSet::CategorySpecification, CodeSet::CategorySpecificationV1],
        "provider_role" => &[CodeSet::ProviderRole],
        "decision_ground" => &[CodeSet::DecisionGround],
        "legal_basis" => &[CodeSet::LegalBasisKind],
        "authority_kind" => &[CodeSet::AuthorityKind],
        "order_country" => &[CodeSet::Country],
        "territory" => &[CodeSet::Territory],
        "language" => &[CodeSet::Language],
        "source_type" => &[CodeSet::SourceType],
        "automated_detection" => &[CodeSet::AutomatedDetection],
        "automated_decision" => &[CodeSet::AutomatedDecision],
        "attribution" => &[CodeSet::AttributionKind],
        "refusal_reason" => &[CodeSet::RefusalReason],
        "procedure" => &[CodeSet::Procedure],
        "result" => &[CodeSet::Result],
        "measure" => &[
            CodeSet::DecisionVisibility,
            CodeSet::DecisionMonetary,
            CodeSet::DecisionProvision,
            CodeSet::DecisionAccount,
            CodeSet::InfrastructureMeasure,
        ],
        _ => &[],
    }
}

/// One value of a condition or of a dimension in words.
pub(super) fn value(visit: &Visit, names: &Names, name: &str, value: &str) -> String {
    let (language, plots) = (visit.language, PLOTS.in_(visit.language));
    let known = |label: &str| Some(label.to_owned()).filter(|label| !label.is_empty());
    let words = match (name, value) {
        ("attribution", NONE) => known(SEARCH.in_(language).attribution_none),
        // Of a text it is the text.
        ("authority" | "subject" | "q", NONE) => None,
        (_, NONE) => known(plots.none),
        ("order", "unstated") => labels::among(language, sets("legal_basis"), "unstated").and_then(known),
        ("order", "with") => known(plots.with),
        ("order", "without") => known(plots.without),
        ("type", value) => known(labels::statement_type(language, value)),
        ("standing", value) => known(labels::standing(language, value)),
        ("provider", value) => known(names.of_issuer(value)),
        ("sub" | "subject", value) => named(value).and_then(known),
        ("month", value) => Some(formats::month(language, value)),
        ("day" | "from" | "to" | "logged_from" | "logged_to" | "outcome_from" | "outcome_to", value) => {
            Some(formats::day(language, value))
        }
        ("measure", value) if value.starts_with("decision_") || value == "infrastructure_measure" => {
            known(labels::field(language, value))
        }
        (name, value) => labels::among(language, sets(name), value).and_then(known),
    };
    words.unwrap_or_else(|| value.to_owned())
}

/// What the absence of a text is called.
pub(super) fn absent(visit: &Visit) -> &'static str {
    PLOTS.in_(visit.language).none
}

/// Several values with commas between them.
pub(super) fn values(visit: &Visit, names: &Names, name: &str, given: &str) -> String {
    if sets(name).is_empty() && !matches!(name, "type" | "standing") {
        return value(visit, names, name, given);
    }
    given.split(',').map(|one| value(visit, names, name, one)).collect::<Vec<_>>().join(", ")
}

/// What a condition is called.
pub(super) fn condition(visit: &Visit, name: &str) -> &'static str {
    let texts = SEARCH.in_(visit.language);
    match name {
        "q" => texts.words,
        "type" => texts.kind,
        "provider" => texts.provider,
        "provider_role" => texts.role,
        "category" => texts.category,
        "keyword" => texts.keyword,
        "measure" => texts.measure,
        "territory" => texts.territory,
        "language" => texts.language,
        "subject" | "sub" => texts.subject,
        "standing" => texts.standing,
        "decision_ground" => texts.ground,
        "legal_basis" => texts.legal_basis,
        "order" => texts.order,
        "authority" => texts.authority,
        "authority_kind" => texts.authority_kind,
        "order_country" => texts.order_country,
        "source_type" => texts.source,
        "automated_detection" => texts.detection,
        "automated_decision" => texts.decision,
        "attribution" => texts.attribution,
        "refusal_reason" => texts.refusal,
        "vocabulary" => texts.vocabulary,
        "procedure" => texts.procedure,
        "result" => texts.result,
        "numbers" => texts.numbers,
        "from" | "outcome_from" => texts.from,
        "to" | "outcome_to" => texts.to,
        "logged_from" => texts.logged_from,
        "logged_to" => texts.logged_to,
        _ => texts.conditions,
    }
}
