//! What other registers, laws and people call our fields, types and codes, where the spelling does not tell.

use glasshouse_verifier::codes::CodeSet;

use crate::near::{folded, negates};

/// A word, and what it may mean, the likeliest first.
type Alias = (&'static str, &'static [&'static str]);

/// Words for fields. Only those that the line's type has are named, so the same word can mean one in each type.
const FIELDS: &[Alias] = &[
    ("account", &["subject", "decision_account"]),
    ("action", &["infrastructure_measure", "decision_visibility", "decision_account"]),
    ("country", &["territorial_scope"]),
    ("court", &["legal_basis", "order_authority", "outcome_body"]),
    ("date", &["application_date", "content_date", "end_date", "decided_at"]),
    ("description", &["decision_facts"]),
    ("domain", &["subject"]),
    ("entry", &["targets"]),
    ("explanation", EXPLANATIONS),
    ("facts", &["decision_facts"]),
    ("ground", REASONS),
    ("grounds", REASONS),
    ("justification", EXPLANATIONS),
    ("keyword", &["category_specification"]),
    ("keywords", &["category_specification"]),
    ("law", &["legal_basis", "instrument"]),
    ("measure", &["infrastructure_measure", "decision_visibility"]),
    ("notifier", &["source_identity"]),
    ("number", &["puid"]),
    ("order", &["legal_basis"]),
    ("platform_uid", &["puid"]),
    ("range", &["targets"]),
    ("reason", REASONS),
    ("reasons", REASONS),
    ("reporter", &["source_identity"]),
    ("role", &["provider_role"]),
    ("source", &["source_type", "source_kind"]),
    ("target", &["targets"]),
    ("url", &["content_url", "subject"]),
    ("uuid", &["puid"]),
    ("why", REASONS),
];

/// Why something was done: a code of its own in most types. A decision says it by its ground, its basis and its facts.
const REASONS: &[&str] = &[
    "amendment_reason",
    "refusal_reason",
    "lifted_reason",
    "redaction_ground",
    "void_reason",
    "decision_ground",
    "legal_basis",
    "decision_facts",
];

const EXPLANATIONS: &[&str] = &[
    "amendment_explanation",
    "refusal_explanation",
    "lifted_explanation",
    "outcome_explanation",
    "redaction_explanation",
    "void_explanation",
    "withdrawal_explanation",
    "declaration_explanation",
    "decision_facts",
];

const TYPES: &[Alias] = &[
    ("appeal", &["outcome"]),
    ("block", &["decision"]),
    ("complaint", &["outcome"]),
    ("correction", &["amendment"]),
    ("deletion", &["redaction"]),
    ("denial", &["no_action"]),
    ("embargo", &["sealed"]),
    ("end", &["lifted"]),
    ("erasure", &["redaction"]),
    ("judgment", &["outcome"]),
    ("refusal", &["no_action"]),
    ("refused", &["no_action"]),
    ("reinstated", &["lifted", "outcome"]),
    ("reinstatement", &["lifted", "outcome"]),
    ("rejection", &["no_action"]),
    ("removal", &["decision"]),
    ("restored", &["lifted"]),
    ("restriction", &["decision"]),
    ("retraction", &["withdrawal"]),
    ("reversal", &["outcome"]),
    ("revocation", &["withdrawal"]),
    ("sor", &["decision"]),
    ("statement_of_reasons", &["decision"]),
    ("summary", &["declaration"]),
    ("takedown", &["decision"]),
    ("unblock", &["lifted"]),
];

const IP: &[&str] = &["STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"];
const MINORS: &[&str] = &["STATEMENT_CATEGORY_PROTECTION_OF_MINORS"];
const SCAMS: &[&str] = &["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"];
const SPEECH: &[&str] = &["STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"];
const SECURITY: &[&str] = &["STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"];
const PRIVACY: &[&str] = &["STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"];
const CYBER: &[&str] = &["STATEMENT_CATEGORY_CYBER_VIOLENCE"];

const CATEGORIES: &[Alias] = &[
    ("abuse", CYBER),
    ("child", MINORS),
    ("children", MINORS),
    ("copyright", IP),
    ("counterfeit", IP),
    ("csam", MINORS),
    ("defamation", SPEECH),
    ("dmca", IP),
    ("doxing", CYBER),
    ("doxxing", CYBER),
    ("extremism", SECURITY),
    ("gdpr", PRIVACY),
    ("harassment", CYBER),
    ("hate", SPEECH),
    ("ip", IP),
    ("ipr", IP),
    ("phishing", SCAMS),
    ("piracy", IP),
    ("spam", SCAMS),
    ("stalking", CYBER),
    ("suicide", &["STATEMENT_CATEGORY_SELF_HARM"]),
    ("terrorism", SECURITY),
    ("terrorist", SECURITY),
    ("trademark", IP),
];

const ROLES: &[Alias] = &[
    ("ca", &["certificate_authority"]),
    ("dns", &["dns_resolver"]),
    ("hoster", &["host"]),
    ("hosting", &["host"]),
    ("isp", &["access_provider"]),
    ("platform", &["social", "marketplace", "host"]),
    ("proxy", &["reverse_proxy"]),
    ("psp", &["payment"]),
    ("resolver", &["dns_resolver"]),
    ("telecom", &["access_provider"]),
    ("webhost", &["host"]),
];

/// On what a decision rests that nobody ordered; an emergency is one that could not wait for an order.
const NO_ORDER: &[&str] = &["discretion", "emergency"];
/// On what a decision rests that no law asks for; or its author does not say.
const NO_LAW: &[&str] = &["discretion", "unstated"];
const UNSTATED: &[&str] = &["unstated"];

const LEGAL_BASES: &[Alias] = &[
    ("aup", &["terms_of_service"]),
    ("contract", &["terms_of_service"]),
    ("injunction", &["court_order"]),
    ("judgment", &["court_order"]),
    ("law", &["statute"]),
    ("legal", &["statute"]),
    ("no_authority_order", NO_ORDER),
    ("no_basis", NO_LAW),
    ("no_court_order", NO_ORDER),
    ("no_law", NO_LAW),
    ("no_legal_basis", NO_LAW),
    ("no_order", NO_ORDER),
    ("no_statute", NO_LAW),
    ("none", NO_LAW),
    ("not_legal", NO_LAW),
    ("not_ordered", NO_ORDER),
    ("not_specified", UNSTATED),
    ("not_stated", UNSTATED),
    ("order", &["court_order", "authority_order"]),
    ("police", &["authority_order"]),
    ("policy", &["terms_of_service"]),
    ("tos", &["terms_of_service"]),
    ("voluntary", &["discretion"]),
    ("without_court_order", NO_ORDER),
    ("without_legal_basis", NO_LAW),
    ("without_order", NO_ORDER),
];

const MEASURES: &[Alias] = &[
    ("blackholed", &["transit_null_routed"]),
    ("blocked", &["access_blocked", "block_page"]),
    ("clienthold", &["domain_hold"]),
    ("null_route", &["transit_null_routed"]),
    ("serverhold", &["domain_hold"]),
];

/// Fields that a word may mean, of those that may stand there.
pub(super) fn fields(word: &str, known: &[&'static str]) -> Vec<&'static str> {
    let mut meant = find(FIELDS, word);
    meant.retain(|field| known.contains(field));
    meant
}

/// Types that a word may mean.
pub(super) fn types(word: &str) -> Vec<&'static str> {
    find(TYPES, word)
}

/// Codes of a set that a word may mean; a part of it may, as the `IP` of `STATEMENT_CATEGORY_IP`, unless the word says no:
/// no part of `no_order` says what it means.
pub(super) fn codes(word: &str, set: CodeSet) -> Vec<&'static str> {
    of_set(set).map(|aliases| find_by_part(aliases, word)).unwrap_or_default()
}

/// Whatever a word may mean, wherever it stands.
pub fn known_as(word: &str) -> Vec<&'static str> {
    let codes =
        [CATEGORIES, ROLES, LEGAL_BASES, MEASURES].into_iter().flat_map(|aliases| find(aliases, word));
    let mut meant: Vec<&'static str> = [find(TYPES, word), find(FIELDS, word)].concat();
    meant.extend(codes);
    meant
}

fn of_set(set: CodeSet) -> Option<&'static [Alias]> {
    match set {
        CodeSet::Category => Some(CATEGORIES),
        CodeSet::ProviderRole => Some(ROLES),
        CodeSet::LegalBasisKind => Some(LEGAL_BASES),
        CodeSet::InfrastructureMeasure => Some(MEASURES),
        _ => None,
    }
}

fn find(aliases: &[Alias], word: &str) -> Vec<&'static str> {
    let Some(word) = folded(word) else { return Vec::new() };
    aliases.iter().find(|(alias, _)| *alias == word).map(|(_, meant)| meant.to_vec()).unwrap_or_default()
}

fn find_by_part(aliases: &[Alias], word: &str) -> Vec<&'static str> {
    let whole = find(aliases, word);
    if !whole.is_empty() {
        return whole;
    }
    let Some(word) = folded(word).filter(|word| !negates(word)) else { return whole };
    word.split('_').map(|part| find(aliases, part)).find(|meant| !meant.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use glasshouse_verifier::fields::FieldName;

    use super::super::super::line::WRITTEN;
    use super::super::glossary::find_field;
    use super::*;

    #[test]
    fn every_alias_means_something_that_there_is() {
        let sets = [
            CodeSet::Category,
            CodeSet::ProviderRole,
            CodeSet::LegalBasisKind,
            CodeSet::InfrastructureMeasure,
        ];
        for set in sets {
            for (alias, meant) in of_set(set).unwrap() {
                assert!(!set.values().contains(alias), "{alias} is a code itself");
                assert!(meant.iter().all(|code| set.values().contains(code)), "{alias}: {meant:?}");
            }
        }
        for (alias, meant) in FIELDS {
            let known = |name: &&str| FieldName::find(name).is_some();
            assert!(meant.iter().all(known) && find_field(alias).is_none(), "{alias}: {meant:?}");
        }
        for (alias, meant) in TYPES {
            assert!(meant.iter().all(|name| WRITTEN.iter().any(|kind| kind.as_str() == *name)), "{alias}");
        }
        for aliases in [FIELDS, TYPES, CATEGORIES, ROLES, LEGAL_BASES, MEASURES] {
            let is_folded = |(alias, _): &Alias| folded(alias).as_deref() == Some(*alias);
            assert!(aliases.iter().all(is_folded) && aliases.is_sorted_by_key(|(alias, _)| alias));
        }
    }
}
