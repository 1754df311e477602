//! The list of code sets.
// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.

use super::{european, own, places};

/// Which closed set of values a code is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeSet {
    /// `account_type`, 2 values.
    AccountType,
    /// `amendment_reason`, 7 values.
    AmendmentReason,
    /// `attribution_kind`, 4 values.
    AttributionKind,
    /// `authority_kind`, 6 values.
    AuthorityKind,
    /// `automated_decision`, 3 values.
    AutomatedDecision,
    /// `automated_detection`, 2 values.
    AutomatedDetection,
    /// `category`, 16 values.
    Category,
    /// `category_specification`, 69 values.
    CategorySpecification,
    /// `category_specification_v1`, 55 values.
    CategorySpecificationV1,
    /// `category_v1`, 14 values.
    CategoryV1,
    /// `content_type`, 8 values.
    ContentType,
    /// `country`, 249 values.
    Country,
    /// `decision_account`, 2 values.
    DecisionAccount,
    /// `decision_ground`, 2 values.
    DecisionGround,
    /// `decision_monetary`, 3 values.
    DecisionMonetary,
    /// `decision_provision`, 4 values.
    DecisionProvision,
    /// `decision_visibility`, 7 values.
    DecisionVisibility,
    /// `incompatible_content_illegal`, 2 values.
    IncompatibleContentIllegal,
    /// `infrastructure_measure`, 12 values.
    InfrastructureMeasure,
    /// `jurisdiction`, 251 values.
    Jurisdiction,
    /// `language`, 184 values.
    Language,
    /// `legal_basis_kind`, 7 values.
    LegalBasisKind,
    /// `lifted_reason`, 6 values.
    LiftedReason,
    /// `procedure`, 5 values.
    Procedure,
    /// `provider_role`, 17 values.
    ProviderRole,
    /// `purpose`, 3 values.
    Purpose,
    /// `redaction_ground`, 7 values.
    RedactionGround,
    /// `redress`, 3 values.
    Redress,
    /// `refusal_reason`, 9 values.
    RefusalReason,
    /// `relation`, 5 values.
    Relation,
    /// `requested_by`, 7 values.
    RequestedBy,
    /// `result`, 4 values.
    Result,
    /// `retirement_reason`, 3 values.
    RetirementReason,
    /// `source_kind`, 12 values.
    SourceKind,
    /// `source_type`, 4 values.
    SourceType,
    /// `territory`, 250 values.
    Territory,
    /// `void_reason`, 4 values.
    VoidReason,
    /// `withheld_ground`, 8 values.
    WithheldGround,
    /// `yes_no`, 2 values.
    YesNo,
}

impl CodeSet {
    /// Every set, in the order of their names.
    pub const ALL: &'static [CodeSet] = &[
        CodeSet::AccountType,
        CodeSet::AmendmentReason,
        CodeSet::AttributionKind,
        CodeSet::AuthorityKind,
        CodeSet::AutomatedDecision,
        CodeSet::AutomatedDetection,
        CodeSet::Category,
        CodeSet::CategorySpecification,
        CodeSet::CategorySpecificationV1,
        CodeSet::CategoryV1,
        CodeSet::ContentType,
        CodeSet::Country,
        CodeSet::DecisionAccount,
        CodeSet::DecisionGround,
        CodeSet::DecisionMonetary,
        CodeSet::DecisionProvision,
        CodeSet::DecisionVisibility,
        CodeSet::IncompatibleContentIllegal,
        CodeSet::InfrastructureMeasure,
        CodeSet::Jurisdiction,
        CodeSet::Language,
        CodeSet::LegalBasisKind,
        CodeSet::LiftedReason,
        CodeSet::Procedure,
        CodeSet::ProviderRole,
        CodeSet::Purpose,
        CodeSet::RedactionGround,
        CodeSet::Redress,
        CodeSet::RefusalReason,
        CodeSet::Relation,
        CodeSet::RequestedBy,
        CodeSet::Result,
        CodeSet::RetirementReason,
        CodeSet::SourceKind,
        CodeSet::SourceType,
        CodeSet::Territory,
        CodeSet::VoidReason,
        CodeSet::WithheldGround,
        CodeSet::YesNo,
    ];

    /// The name as in the field table.
    pub fn name(self) -> &'static str {
        match self {
            CodeSet::AccountType => "account_type",
            CodeSet::AmendmentReason => "amendment_reason",
            CodeSet::AttributionKind => "attribution_kind",
            CodeSet::AuthorityKind => "authority_kind",
            CodeSet::AutomatedDecision => "automated_decision",
            CodeSet::AutomatedDetection => "automated_detection",
            CodeSet::Category => "category",
            CodeSet::CategorySpecification => "category_specification",
            CodeSet::CategorySpecificationV1 => "category_specification_v1",
            CodeSet::CategoryV1 => "category_v1",
            CodeSet::ContentType => "content_type",
            CodeSet::Country => "country",
            CodeSet::DecisionAccount => "decision_account",
            CodeSet::DecisionGround => "decision_ground",
            CodeSet::DecisionMonetary => "decision_monetary",
            CodeSet::DecisionProvision => "decision_provision",
            CodeSet::DecisionVisibility => "decision_visibility",
            CodeSet::IncompatibleContentIllegal => "incompatible_content_illegal",
            CodeSet::InfrastructureMeasure => "infrastructure_measure",
            CodeSet::Jurisdiction => "jurisdiction",
            CodeSet::Language => "language",
            CodeSet::LegalBasisKind => "legal_basis_kind",
            CodeSet::LiftedReason => "lifted_reason",
            CodeSet::Procedure => "procedure",
            CodeSet::ProviderRole => "provider_role",
            CodeSet::Purpose => "purpose",
            CodeSet::RedactionGround => "redaction_ground",
            CodeSet::Redress => "redress",
            CodeSet::RefusalReason => "refusal_reason",
            CodeSet::Relation => "relation",
            CodeSet::RequestedBy => "requested_by",
            CodeSet::Result => "result",
            CodeSet::RetirementReason => "retirement_reason",
            CodeSet::SourceKind => "source_kind",
            CodeSet::SourceType => "source_type",
            CodeSet::Territory => "territory",
            CodeSet::VoidReason => "void_reason",
            CodeSet::WithheldGround => "withheld_ground",
            CodeSet::YesNo => "yes_no",
        }
    }

    /// Its values, sorted by bytes.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            CodeSet::AccountType => european::ACCOUNT_TYPE,
            CodeSet::AmendmentReason => own::AMENDMENT_REASON,
            CodeSet::AttributionKind => own::ATTRIBUTION_KIND,
            CodeSet::AuthorityKind => own::AUTHORITY_KIND,
            CodeSet::AutomatedDecision => european::AUTOMATED_DECISION,
            CodeSet::AutomatedDetection => european::AUTOMATED_DETECTION,
            CodeSet::Category => european::CATEGORY,
            CodeSet::CategorySpecification => european::CATEGORY_SPECIFICATION,
            CodeSet::CategorySpecificationV1 => european::CATEGORY_SPECIFICATION_V1,
            CodeSet::CategoryV1 => european::CATEGORY_V1,
            CodeSet::ContentType => european::CONTENT_TYPE,
            CodeSet::Country => places::COUNTRY,
            CodeSet::DecisionAccount => european::DECISION_ACCOUNT,
            CodeSet::DecisionGround => european::DECISION_GROUND,
            CodeSet::DecisionMonetary => european::DECISION_MONETARY,
            CodeSet::DecisionProvision => european::DECISION_PROVISION,
            CodeSet::DecisionVisibility => european::DECISION_VISIBILITY,
            CodeSet::IncompatibleContentIllegal => european::INCOMPATIBLE_CONTENT_ILLEGAL,
            CodeSet::InfrastructureMeasure => own::INFRASTRUCTURE_MEASURE,
            CodeSet::Jurisdiction => places::JURISDICTION,
            CodeSet::Language => places::LANGUAGE,
            CodeSet::LegalBasisKind => own::LEGAL_BASIS_KIND,
            CodeSet::LiftedReason => own::LIFTED_REASON,
            CodeSet::Procedure => own::PROCEDURE,
            CodeSet::ProviderRole => own::PROVIDER_ROLE,
            CodeSet::Purpose => own::PURPOSE,
            CodeSet::RedactionGround => own::REDACTION_GROUND,
            CodeSet::Redress => own::REDRESS,
            CodeSet::RefusalReason => own::REFUSAL_REASON,
            CodeSet::Relation => own::RELATION,
            CodeSet::RequestedBy => own::REQUESTED_BY,
            CodeSet::Result => own::RESULT,
            CodeSet::RetirementReason => own::RETIREMENT_REASON,
            CodeSet::SourceKind => own::SOURCE_KIND,
            CodeSet::SourceType => european::SOURCE_TYPE,
            CodeSet::Territory => places::TERRITORY,
            CodeSet::VoidReason => own::VOID_REASON,
            CodeSet::WithheldGround => own::WITHHELD_GROUND,
            CodeSet::YesNo => own::YES_NO,
        }
    }
}
