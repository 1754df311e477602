//! Which European dump a header belongs to. Only one of the four carries what a line needs.

/// The 38 columns of the full dump, version 2 (since 2025-07-01), in order.
pub const FULL_V2: [&str; 38] = [
    "uuid",
    "decision_visibility",
    "decision_visibility_other",
    "end_date_visibility_restriction",
    "decision_monetary",
    "decision_monetary_other",
    "end_date_monetary_restriction",
    "decision_provision",
    "end_date_service_restriction",
    "decision_account",
    "end_date_account_restriction",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_type",
    "content_type_other",
    "content_language",
    "content_date",
    "content_id_ean",
    "territorial_scope",
    "application_date",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "platform_name",
    "platform_uid",
    "created_at",
];

/// Columns of the full dump that the light one leaves out.
pub const NOT_IN_LIGHT: [&str; 4] = [
    "illegal_content_explanation",
    "incompatible_content_explanation",
    "territorial_scope",
    "decision_facts",
];

/// The column that came with version 2.
pub const NEW_IN_V2: &str = "content_id_ean";

/// Why a file cannot be imported, from its header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A light dump.
    #[error("this is a light dump (version {version}): it lacks {}. A statement must give its facts; take the full dump of the same day", NOT_IN_LIGHT.join(", "))]
    Light {
        /// 1 or 2.
        version: u8,
    },
    /// A full dump of version 1.
    #[error(
        "this is a full dump of version 1 (before 2025-07-01): it lacks {NEW_IN_V2}, and its categories and keywords are those of another vocabulary (dsa-tdb/1), some of them without a successor. Only version 2 is taken"
    )]
    Version1,
    /// Something else.
    #[error("this is not a full European dump of version 2: {0}")]
    Unknown(String),
}

/// Checks that a header is that of the full dump, version 2.
///
/// # Errors
/// Which other dump it is, or where it differs.
pub fn check(header: &[&str]) -> Result<(), HeaderError> {
    if header == FULL_V2 {
        return Ok(());
    }
    let light: Vec<&str> = FULL_V2.into_iter().filter(|name| !NOT_IN_LIGHT.contains(name)).collect();
    let is_without_ean = |columns: &[&str]| {
        columns.iter().copied().filter(|name| *name != NEW_IN_V2).eq(header.iter().copied())
    };
    if header == light {
        return Err(HeaderError::Light { version: 2 });
    }
    if is_without_ean(&light) {
        return Err(HeaderError::Light { version: 1 });
    }
    if is_without_ean(&FULL_V2) {
        return Err(HeaderError::Version1);
    }
    let differs = FULL_V2.iter().zip(header).position(|(ours, given)| ours != given);
    Err(HeaderError::Unknown(match differs {
        Some(at) => {
            let given: String = header.get(at).copied().unwrap_or_default().chars().take(60).collect();
            format!(
                "column {} must be {:?}, and is {given:?}",
                at + 1,
                FULL_V2.get(at).copied().unwrap_or("")
            )
        }
        None => format!("it has {} columns instead of {}", header.len(), FULL_V2.len()),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn without(names: &[&str]) -> Vec<&'static str> {
        FULL_V2.into_iter().filter(|name| !names.contains(name)).collect()
    }

    #[test]
    fn the_four_dumps_are_told_apart() {
        assert_eq!(check(&FULL_V2), Ok(()));
        let light = without(&NOT_IN_LIGHT);
        assert_eq!(light.len(), 34);
        assert_eq!(check(&light), Err(HeaderError::Light { version: 2 }));
        let full_v1 = without(&[NEW_IN_V2]);
        assert_eq!(check(&full_v1), Err(HeaderError::Version1));
        let light_v1: Vec<&str> = light.into_iter().filter(|name| *name != NEW_IN_V2).collect();
        assert_eq!(light_v1.len(), 33);
        assert_eq!(check(&light_v1), Err(HeaderError::Light { version: 1 }));
    }

    #[test]
    fn the_light_dump_is_told_what_it_lacks() {
        let error = check(&without(&NOT_IN_LIGHT)).unwrap_err().to_string();
        assert!(error.contains("decision_facts") && error.contains("territorial_scope"), "{error}");
    }

    #[test]
    fn another_file_is_told_where_it_differs() {
        let mut header = FULL_V2;
        header[3] = "end_date";
        let error = check(&header).unwrap_err().to_string();
        assert!(error.contains("column 4 must be \"end_date_visibility_restriction\""), "{error}");
        let error = check(&FULL_V2[..5]).unwrap_err().to_string();
        assert!(error.contains("5 columns instead of 38"), "{error}");
    }
}
