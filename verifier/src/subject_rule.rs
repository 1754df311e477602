//! What the claim `sub` must be for each type of statement.

use crate::claims::Claims;
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::payload_rules::Facts;
use crate::pointer::Pointer;
use crate::statement_type::About;
use crate::subject::{Subject, SubjectKind};

/// The claim `sub` follows from the type; for life-cycle statements, from the provider or the log that they are about.
pub(crate) fn check(facts: &Facts<'_>, errors: &mut Errors) {
    let Claims { iss, sub, aud, .. } = facts.claims;
    let provider = match facts.fields.get(&FieldName::PROVIDER) {
        Some(FieldValue::Issuer(provider)) => Some(provider),
        // A field that is misread, or missing where it is required, has an error of its own.
        _ if facts.has(FieldName::PROVIDER) || facts.kind.rules().required.contains(FieldName::PROVIDER) => {
            None
        }
        _ => Some(iss),
    };
    let targets = match facts.fields.get(&FieldName::TARGETS) {
        Some(FieldValue::Targets(targets)) => Some(targets),
        _ => None,
    };
    let (right, allowed) = match (facts.kind.rules().about, provider) {
        (About::Subject, _) => (sub.is_moderated(), "s:…, domain:… or asn:…".to_owned()),
        (About::Provider, Some(of)) => (*sub == Subject::provider(of), format!("provider:{of}")),
        (About::Provider, None) => (sub.kind() == SubjectKind::Provider, "provider:…".to_owned()),
        (About::Target, _) if targets.is_none_or(|targets| targets.single_entry().is_some()) => return,
        (About::Target, Some(of)) => (*sub == Subject::provider(of), format!("provider:{of}")),
        (About::Target, None) => (sub.kind() == SubjectKind::Provider, "provider:…".to_owned()),
        (About::Log, _) => (*sub == Subject::log(aud), format!("log:{aud}")),
    };
    if !right {
        let error = PayloadError::at(&Pointer::ROOT, Rule::Sub).given(sub.as_str());
        errors.push(error.allowed(allowed));
    }
}
