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
    "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",
    "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
    "KEYWORD_RIGHT_TO_BE_FORGOTTEN",
    "KEYWORD_TERRORIST_CONTENT",
];

/// Types that a later version of this software reads.
pub(crate) static LATER_TYPES: &[&str] = &[
    "amendment",
    "outcome",
    "lifted",
    "withdrawal",
    "sealed",
    "disclosure",
    "redaction",
    "declaration",
    "keys",
    "policy",
    "closure",
    "conflict",
];
