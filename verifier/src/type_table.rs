//! Which fields each type of statement has, and each role.
// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.

use crate::fields::{FieldName, FieldSet};
use crate::statement_type::{About, Issuing, RoleGroup, TypeRules};

pub(crate) static DECISION: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Subject,
    required: FieldSet::of(&[
        FieldName::PROVIDER_ROLE,
        FieldName::CATEGORY,
        FieldName::APPLICATION_DATE,
        FieldName::SOURCE_TYPE,
        FieldName::AUTOMATED_DETECTION,
        FieldName::AUTOMATED_DECISION,
        FieldName::LEGAL_BASIS,
    ]),
    optional: FieldSet::of(&[
        FieldName::DECISION_VISIBILITY,
        FieldName::END_DATE_VISIBILITY_RESTRICTION,
        FieldName::DECISION_MONETARY,
        FieldName::END_DATE_MONETARY_RESTRICTION,
        FieldName::DECISION_PROVISION,
        FieldName::END_DATE_SERVICE_RESTRICTION,
        FieldName::DECISION_ACCOUNT,
        FieldName::END_DATE_ACCOUNT_RESTRICTION,
        FieldName::ACCOUNT_TYPE,
        FieldName::DECISION_GROUND,
        FieldName::INCOMPATIBLE_CONTENT_ILLEGAL,
        FieldName::CATEGORY_ADDITION,
        FieldName::CATEGORY_SPECIFICATION,
        FieldName::CONTENT_TYPE,
        FieldName::CONTENT_LANGUAGE,
        FieldName::CONTENT_DATE,
        FieldName::CONTENT_ID,
        FieldName::TERRITORIAL_SCOPE,
        FieldName::INFRASTRUCTURE_MEASURE,
        FieldName::REDRESS,
        FieldName::RELATES_TO,
        FieldName::ACTED_AT,
        FieldName::ITEMS,
        FieldName::SOURCE_KIND,
        FieldName::AUTHORITY_NOTIFIED,
        FieldName::ATTRIBUTION,
        FieldName::ATTRIBUTED_AT,
    ]),
    required_addenda: FieldSet::of(&[FieldName::PUID, FieldName::DECISION_FACTS]),
    optional_addenda: FieldSet::of(&[
        FieldName::SUBJECT,
        FieldName::CONTENT_URL,
        FieldName::SOURCE_IDENTITY,
        FieldName::INSTRUMENT,
        FieldName::PROVISION,
        FieldName::ORDER_AUTHORITY,
        FieldName::ORDER_REFERENCE,
        FieldName::DOCUMENT_SHA256,
        FieldName::CONTACT,
        FieldName::REDRESS_URL,
        FieldName::RELATES_TO_URI,
        FieldName::ITEMS_LIST,
        FieldName::ATTRIBUTED_TO,
        FieldName::ATTRIBUTION_SOURCE,
        FieldName::CATEGORY_SPECIFICATION_OTHER,
        FieldName::CONTENT_TYPE_OTHER,
        FieldName::DECISION_GROUND_REFERENCE_URL,
        FieldName::DECISION_VISIBILITY_OTHER,
        FieldName::DECISION_MONETARY_OTHER,
        FieldName::ILLEGAL_CONTENT_LEGAL_GROUND,
        FieldName::ILLEGAL_CONTENT_EXPLANATION,
        FieldName::INCOMPATIBLE_CONTENT_GROUND,
        FieldName::INCOMPATIBLE_CONTENT_EXPLANATION,
        FieldName::ATTRIBUTED_PUID,
    ]),
};

pub(crate) static NO_ACTION: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Subject,
    required: FieldSet::of(&[
        FieldName::PROVIDER_ROLE,
        FieldName::CATEGORY,
        FieldName::SOURCE_TYPE,
        FieldName::AUTOMATED_DECISION,
        FieldName::REFUSAL_REASON,
    ]),
    optional: FieldSet::of(&[
        FieldName::AUTOMATED_DETECTION,
        FieldName::CATEGORY_ADDITION,
        FieldName::CATEGORY_SPECIFICATION,
        FieldName::CONTENT_TYPE,
        FieldName::CONTENT_LANGUAGE,
        FieldName::CONTENT_DATE,
        FieldName::CONTENT_ID,
        FieldName::TERRITORIAL_SCOPE,
        FieldName::LEGAL_BASIS,
        FieldName::REDRESS,
        FieldName::RELATES_TO,
        FieldName::ITEMS,
        FieldName::SOURCE_KIND,
        FieldName::AUTHORITY_NOTIFIED,
        FieldName::ATTRIBUTION,
        FieldName::NOTICE_RECEIVED,
        FieldName::ATTRIBUTED_AT,
    ]),
    required_addenda: FieldSet::of(&[FieldName::PUID, FieldName::DECISION_FACTS]),
    optional_addenda: FieldSet::of(&[
        FieldName::SUBJECT,
        FieldName::CONTENT_URL,
        FieldName::SOURCE_IDENTITY,
        FieldName::INSTRUMENT,
        FieldName::PROVISION,
        FieldName::ORDER_AUTHORITY,
        FieldName::ORDER_REFERENCE,
        FieldName::DOCUMENT_SHA256,
        FieldName::CONTACT,
        FieldName::REDRESS_URL,
        FieldName::RELATES_TO_URI,
        FieldName::ITEMS_LIST,
        FieldName::ATTRIBUTED_TO,
        FieldName::ATTRIBUTION_SOURCE,
        FieldName::CATEGORY_SPECIFICATION_OTHER,
        FieldName::CONTENT_TYPE_OTHER,
        FieldName::DECISION_GROUND_REFERENCE_URL,
        FieldName::REFUSAL_EXPLANATION,
        FieldName::ATTRIBUTED_PUID,
    ]),
};

pub(crate) static VOID: TypeRules = TypeRules {
    issuing: Issuing::Either,
    about: About::Provider,
    required: FieldSet::of(&[FieldName::FIRST, FieldName::LAST, FieldName::VOID_REASON]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::VOID_EXPLANATION]),
};

pub(crate) static GENESIS: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Log,
    required: FieldSet::of(&[
        FieldName::LOG_VKEYS,
        FieldName::RECEIPT_KEYS,
        FieldName::REGISTRAR_KEY,
        FieldName::NEXT_REGISTRAR_KID,
        FieldName::PURPOSE,
    ]),
    optional: FieldSet::of(&[FieldName::PREDECESSOR]),
    required_addenda: FieldSet::of(&[FieldName::POLICY]),
    optional_addenda: FieldSet::of(&[FieldName::CONTACT]),
};

pub(crate) static ENROLMENT: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Provider,
    required: FieldSet::of(&[
        FieldName::PROVIDER,
        FieldName::NAME,
        FieldName::ROLES,
        FieldName::COUNTRY,
        FieldName::KEY,
        FieldName::REQUEST,
    ]),
    optional: FieldSet::of(&[FieldName::EVIDENCE]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::CONTACT]),
};

pub(crate) static KEY_RETIREMENT: TypeRules = TypeRules {
    issuing: Issuing::Either,
    about: About::Provider,
    required: FieldSet::of(&[FieldName::PROVIDER, FieldName::KID, FieldName::RETIREMENT_REASON]),
    optional: FieldSet::of(&[FieldName::SUSPECT_FROM]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::RETIREMENT_EXPLANATION]),
};

pub(crate) static TICK: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Log,
    required: FieldSet::of(&[FieldName::CHECKPOINT]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[]),
};

pub(crate) static AMENDMENT: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Target,
    required: FieldSet::of(&[FieldName::TARGETS, FieldName::AMENDMENT_REASON]),
    optional: FieldSet::of(&[
        FieldName::REMOVED,
        FieldName::PROVIDER_ROLE,
        FieldName::CATEGORY,
        FieldName::APPLICATION_DATE,
        FieldName::SOURCE_TYPE,
        FieldName::AUTOMATED_DETECTION,
        FieldName::AUTOMATED_DECISION,
        FieldName::LEGAL_BASIS,
        FieldName::REFUSAL_REASON,
        FieldName::DECISION_VISIBILITY,
        FieldName::END_DATE_VISIBILITY_RESTRICTION,
        FieldName::DECISION_MONETARY,
        FieldName::END_DATE_MONETARY_RESTRICTION,
        FieldName::DECISION_PROVISION,
        FieldName::END_DATE_SERVICE_RESTRICTION,
        FieldName::DECISION_ACCOUNT,
        FieldName::END_DATE_ACCOUNT_RESTRICTION,
        FieldName::ACCOUNT_TYPE,
        FieldName::DECISION_GROUND,
        FieldName::INCOMPATIBLE_CONTENT_ILLEGAL,
        FieldName::CATEGORY_ADDITION,
        FieldName::CATEGORY_SPECIFICATION,
        FieldName::CONTENT_TYPE,
        FieldName::CONTENT_LANGUAGE,
        FieldName::CONTENT_DATE,
        FieldName::CONTENT_ID,
        FieldName::TERRITORIAL_SCOPE,
        FieldName::INFRASTRUCTURE_MEASURE,
        FieldName::REDRESS,
        FieldName::RELATES_TO,
        FieldName::ACTED_AT,
        FieldName::ITEMS,
        FieldName::SOURCE_KIND,
        FieldName::AUTHORITY_NOTIFIED,
        FieldName::ATTRIBUTION,
        FieldName::ATTRIBUTED_AT,
        FieldName::NOTICE_RECEIVED,
    ]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[
        FieldName::DECISION_FACTS,
        FieldName::CONTENT_URL,
        FieldName::SOURCE_IDENTITY,
        FieldName::INSTRUMENT,
        FieldName::PROVISION,
        FieldName::ORDER_AUTHORITY,
        FieldName::ORDER_REFERENCE,
        FieldName::DOCUMENT_SHA256,
        FieldName::CONTACT,
        FieldName::REDRESS_URL,
        FieldName::RELATES_TO_URI,
        FieldName::ITEMS_LIST,
        FieldName::ATTRIBUTED_TO,
        FieldName::ATTRIBUTION_SOURCE,
        FieldName::CATEGORY_SPECIFICATION_OTHER,
        FieldName::CONTENT_TYPE_OTHER,
        FieldName::DECISION_GROUND_REFERENCE_URL,
        FieldName::DECISION_VISIBILITY_OTHER,
        FieldName::DECISION_MONETARY_OTHER,
        FieldName::ILLEGAL_CONTENT_LEGAL_GROUND,
        FieldName::ILLEGAL_CONTENT_EXPLANATION,
        FieldName::INCOMPATIBLE_CONTENT_GROUND,
        FieldName::INCOMPATIBLE_CONTENT_EXPLANATION,
        FieldName::ATTRIBUTED_PUID,
        FieldName::REFUSAL_EXPLANATION,
        FieldName::AMENDMENT_EXPLANATION,
    ]),
};

pub(crate) static OUTCOME: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Target,
    required: FieldSet::of(&[FieldName::TARGETS, FieldName::PROCEDURE, FieldName::RESULT]),
    optional: FieldSet::of(&[FieldName::COMPLAINT_RECEIVED, FieldName::DECIDED_AT, FieldName::IMPLEMENTED]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::OUTCOME_EXPLANATION, FieldName::OUTCOME_BODY]),
};

pub(crate) static LIFTED: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Target,
    required: FieldSet::of(&[FieldName::TARGETS, FieldName::END_DATE, FieldName::LIFTED_REASON]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::LIFTED_EXPLANATION]),
};

pub(crate) static WITHDRAWAL: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Target,
    required: FieldSet::of(&[FieldName::TARGETS]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::WITHDRAWAL_EXPLANATION]),
};

pub(crate) static SEALED: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Provider,
    required: FieldSet::of(&[]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[FieldName::SEALED_STATEMENT]),
    optional_addenda: FieldSet::of(&[]),
};

pub(crate) static DISCLOSURE: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Target,
    required: FieldSet::of(&[FieldName::TARGETS, FieldName::FIELDS]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::DISCLOSURE_EXPLANATION]),
};

pub(crate) static REDACTION: TypeRules = TypeRules {
    issuing: Issuing::Either,
    about: About::Target,
    required: FieldSet::of(&[
        FieldName::TARGETS,
        FieldName::FIELDS,
        FieldName::REDACTION_GROUND,
        FieldName::REQUESTED_BY,
    ]),
    optional: FieldSet::of(&[FieldName::REQUEST_RECEIVED, FieldName::PROVIDER]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::REDACTION_EXPLANATION]),
};

pub(crate) static DECLARATION: TypeRules = TypeRules {
    issuing: Issuing::Provider,
    about: About::Provider,
    required: FieldSet::of(&[
        FieldName::PERIOD_START,
        FieldName::PERIOD_END,
        FieldName::DECISIONS_TAKEN,
        FieldName::NOT_PUBLISHED,
    ]),
    optional: FieldSet::of(&[FieldName::FIRST_SEQUENCE, FieldName::LAST_SEQUENCE]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::DECLARATION_EXPLANATION]),
};

pub(crate) static CONFLICT: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Provider,
    required: FieldSet::of(&[FieldName::PROVIDER, FieldName::TARGETS]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[FieldName::REFUSED_STATEMENT]),
    optional_addenda: FieldSet::of(&[]),
};

pub(crate) static KEYS: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Log,
    required: FieldSet::of(&[FieldName::NEXT_REGISTRAR_KID]),
    optional: FieldSet::of(&[FieldName::REGISTRAR_KEY, FieldName::LOG_VKEYS, FieldName::RECEIPT_KEYS]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[]),
};

pub(crate) static POLICY: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Log,
    required: FieldSet::of(&[]),
    optional: FieldSet::of(&[]),
    required_addenda: FieldSet::of(&[FieldName::POLICY]),
    optional_addenda: FieldSet::of(&[FieldName::CONTACT]),
};

pub(crate) static CLOSURE: TypeRules = TypeRules {
    issuing: Issuing::Registrar,
    about: About::Log,
    required: FieldSet::of(&[]),
    optional: FieldSet::of(&[FieldName::SUCCESSOR]),
    required_addenda: FieldSet::of(&[]),
    optional_addenda: FieldSet::of(&[FieldName::CLOSURE_EXPLANATION, FieldName::CONTACT]),
};

/// The group of a provider role.
pub(crate) static ROLE_GROUPS: &[RoleGroup] = &[
    RoleGroup {
        name: "content",
        roles: &["app_store", "host", "marketplace", "messaging", "search", "social"],
        required_in_decision: FieldSet::of(&[
            FieldName::CONTENT_DATE,
            FieldName::CONTENT_TYPE,
            FieldName::DECISION_GROUND,
        ]),
        forbidden: FieldSet::of(&[]),
    },
    RoleGroup {
        name: "infrastructure",
        roles: &[
            "access_provider",
            "cdn",
            "certificate_authority",
            "ddos_protection",
            "dns_resolver",
            "payment",
            "registrar",
            "registry",
            "reverse_proxy",
            "transit",
        ],
        required_in_decision: FieldSet::of(&[]),
        forbidden: FieldSet::of(&[
            FieldName::CONTENT_DATE,
            FieldName::CONTENT_ID,
            FieldName::CONTENT_LANGUAGE,
            FieldName::CONTENT_TYPE,
        ]),
    },
    RoleGroup {
        name: "any",
        roles: &["other"],
        required_in_decision: FieldSet::of(&[]),
        forbidden: FieldSet::of(&[]),
    },
];

/// Fields that hold locators.
pub(crate) const LOCATORS: FieldSet = FieldSet::of(&[FieldName::CONTENT_URL, FieldName::ITEMS_LIST]);

/// Keywords under which a locator must not be served.
pub(crate) static LOCATOR_KEYWORDS: &[&str] = &[
    "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
    "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
    "KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS",
    "KEYWORD_IMAGE_BASED_SEXUAL_ABUSE",
    "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",
    "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
    "KEYWORD_NON_CONSENSUAL_ITEMS_DEEPFAKE",
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
    "KEYWORD_RIGHT_TO_BE_FORGOTTEN",
    "KEYWORD_TERRORIST_CONTENT",
];

/// Fields that came with version 2 of the European vocabulary.
pub(crate) const NEW_IN_VERSION_2: FieldSet = FieldSet::of(&[FieldName::CONTENT_ID]);
