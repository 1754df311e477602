//! Keywords against categories, as the European documentation lists them.
//!
//! `KEYWORD_OTHER` means "not captured by any other keyword" and goes with every category. `KEYWORD_STALKING` is taken
//! by the European validator and listed under no category.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::super::Draft;
use super::caution::Caution;
use super::finding::Finding;
use super::keyword_table::BY_CATEGORY;

const OTHER: &str = "KEYWORD_OTHER";

/// The category that lists a keyword.
fn category_of(keyword: &str) -> Option<&'static str> {
    BY_CATEGORY.iter().find(|(_, keywords)| keywords.contains(&keyword)).map(|(category, _)| *category)
}

/// Looks at the keywords of a draft. The documentation of version 1 of the vocabulary has no such list.
pub(super) fn check(draft: &Draft, found: &mut Vec<Finding>) {
    let keywords = codes(draft, FieldName::CATEGORY_SPECIFICATION);
    let path = format!("/{}", FieldName::CATEGORY_SPECIFICATION);
    if keywords.contains(&OTHER) && !draft.texts().contains_key(&FieldName::CATEGORY_SPECIFICATION_OTHER) {
        let advice = "say in category_specification_other what no keyword captures";
        found.push(Finding::caution(&path, Caution::OtherWithoutText, Some(OTHER.to_owned()), advice));
    }
    let mut categories = codes(draft, FieldName::CATEGORY);
    categories.extend(codes(draft, FieldName::CATEGORY_ADDITION));
    let known = |category: &&str| Code::find(CodeSet::Category, category).is_some();
    // A category that is no code is an error of its own.
    if draft.vocabulary() != Vocabulary::Version2 || categories.is_empty() || !categories.iter().all(known) {
        return;
    }
    let is_code = |keyword: &&str| Code::find(CodeSet::CategorySpecification, keyword).is_some();
    for keyword in keywords.into_iter().filter(is_code).filter(|keyword| *keyword != OTHER) {
        let given = Some(keyword.to_owned());
        match category_of(keyword) {
            None => {
                let advice =
                    "no category lists it; KEYWORD_CYBER_STALKING has STATEMENT_CATEGORY_CYBER_VIOLENCE";
                found.push(Finding::caution(&path, Caution::KeywordListedNowhere, given, advice));
            }
            Some(category) if !categories.contains(&category) => {
                let advice = format!(
                    "it belongs to {category}: put that into category or category_addition, or take the keyword out"
                );
                found.push(Finding::caution(&path, Caution::KeywordOutsideCategory, given, advice));
            }
            Some(_) => {}
        }
    }
}

/// The codes of a field of one code or of a set.
fn codes(draft: &Draft, field: FieldName) -> Vec<&str> {
    match draft.fields().get(&field) {
        Some(Item::Text(code)) => vec![code],
        Some(Item::Array(set)) => set.iter().filter_map(Item::as_text).collect(),
        _ => Vec::new(),
    }
}
