//! Code sets of this project, for what the European vocabulary cannot say.
// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.

pub(super) const AMENDMENT_REASON: &[&str] = &[
    "clerical_error",
    "incomplete",
    "other",
    "system_error",
    "wrong_category",
    "wrong_ground",
    "wrong_target",
];

pub(super) const ATTRIBUTION_KIND: &[&str] = &["court_record", "mirror", "press", "reconstruction"];

pub(super) const AUTHORITY_KIND: &[&str] =
    &["court", "ministry", "other", "police", "prosecutor", "regulator"];

pub(super) const INFRASTRUCTURE_MEASURE: &[&str] = &[
    "access_blocked",
    "block_page",
    "certificate_revoked",
    "ddos_protection_withdrawn",
    "dns_unresolved",
    "domain_deleted",
    "domain_hold",
    "hosting_terminated",
    "other",
    "payment_stopped",
    "proxying_stopped",
    "transit_null_routed",
];

pub(super) const LEGAL_BASIS_KIND: &[&str] =
    &["authority_order", "court_order", "discretion", "emergency", "statute", "terms_of_service", "unstated"];

pub(super) const LIFTED_REASON: &[&str] =
    &["complied", "expired", "order_ended", "other", "own_error", "reconsidered"];

pub(super) const PROCEDURE: &[&str] =
    &["authority", "counter_notice", "court", "internal_complaint", "out_of_court_dispute"];

pub(super) const PROVIDER_ROLE: &[&str] = &[
    "access_provider",
    "app_store",
    "cdn",
    "certificate_authority",
    "ddos_protection",
    "dns_resolver",
    "host",
    "marketplace",
    "messaging",
    "other",
    "payment",
    "registrar",
    "registry",
    "reverse_proxy",
    "search",
    "social",
    "transit",
];

pub(super) const PURPOSE: &[&str] = &["demo", "production", "test"];

pub(super) const REDACTION_GROUND: &[&str] = &[
    "authority_order",
    "court_order",
    "erasure_request",
    "error",
    "other",
    "personal_data",
    "rights_of_others",
];

pub(super) const REDRESS: &[&str] = &["internal_complaint", "judicial", "out_of_court_dispute"];

pub(super) const REFUSAL_REASON: &[&str] = &[
    "disproportionate",
    "forwarded_to_customer",
    "insufficient_notice",
    "not_illegal",
    "not_our_service",
    "order_invalid",
    "other",
    "policy",
    "within_terms",
];

pub(super) const RELATION: &[&str] = &["follows", "modifies", "precedent", "reverses", "same_incident"];

pub(super) const REQUESTED_BY: &[&str] =
    &["authority", "court", "data_subject", "other", "provider", "registrar", "rights_holder"];

pub(super) const RESULT: &[&str] = &["omitted", "partially_reversed", "reversed", "upheld"];

pub(super) const RETIREMENT_REASON: &[&str] = &["compromised", "left", "rotated"];

pub(super) const SOURCE_KIND: &[&str] = &[
    "automated_system",
    "civil_society",
    "court",
    "media",
    "ministry",
    "other",
    "own_staff",
    "police",
    "regulator",
    "rights_holder",
    "trusted_flagger",
    "user",
];

pub(super) const VOID_REASON: &[&str] = &["other", "outbox_lost", "rejected", "test"];

pub(super) const WITHHELD_GROUND: &[&str] = &[
    "confidential_order",
    "illegal_content_locator",
    "ongoing_investigation",
    "other",
    "personal_data",
    "private_notice",
    "security",
    "trade_secret",
];

pub(super) const YES_NO: &[&str] = &["No", "Yes"];
