//! The parameters of a query: their names, and the values that each allows.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::entry_state::Standing;
use glasshouse_verifier::fields::{FieldName, Form, MEASURES};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

/// Stands for the absence of the field: of an `attribution` where nobody else's decision is reported, of a
/// `decision_ground` where the role has none.
pub const NONE: &str = "none";

/// The decision rests on an order.
pub(super) const WITH: &str = "with";
/// It does not say on what it rests: also the code of such a basis.
pub(super) const UNSTATED: &str = "unstated";
/// It says on what it rests, and that is no order.
pub(super) const WITHOUT: &str = "without";

/// What can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// Whose: an issuer, with or without `https://`.
    Provider,
    /// A range of the issuer's numbers, `<first>-<last>`.
    Numbers,
    /// The statement's type.
    Type,
    /// What it is about: the claim `sub`.
    Sub,
    /// Which version of the European vocabulary its category is from; without a category, its own.
    Vocabulary,
    /// Whether it reports somebody else's decision, and from where.
    Attribution,
    /// How the provider came to act.
    SourceType,
    /// On which of the two European grounds, if on any.
    DecisionGround,
    /// On what it rests.
    LegalBasis,
    /// Whether it rests on an order. A decision whose basis is `unstated` is neither with nor without one.
    Order,
    /// From what kind of authority the order is that it rests on.
    AuthorityKind,
    /// Of which country the order is that it rests on.
    OrderCountry,
    /// In which role.
    ProviderRole,
    /// Why a demand was refused.
    RefusalReason,
    /// The category, `category_addition` not looked at.
    Category,
    /// A keyword.
    Keyword,
    /// Where it holds.
    Territory,
    /// In which language the content is.
    Language,
    /// What was done.
    Measure,
    /// Whether it was found by a program.
    AutomatedDetection,
    /// Whether it was decided by a program.
    AutomatedDecision,
    /// The procedure of an outcome about it; of an outcome, its own.
    Procedure,
    /// The result of the same outcome.
    Result,
    /// The day of the same outcome is this one or later.
    OutcomeFrom,
    /// The day of the same outcome is this one or earlier.
    OutcomeTo,
    /// What became of it.
    Standing,
    /// Its day is this one or later.
    From,
    /// Its day is this one or earlier.
    To,
    /// Its index is below this one.
    Before,
}

impl Parameter {
    /// Every parameter, in the order in which a query is written.
    pub const ALL: [Parameter; 29] = [
        Parameter::Provider,
        Parameter::Numbers,
        Parameter::Type,
        Parameter::Sub,
        Parameter::Vocabulary,
        Parameter::Attribution,
        Parameter::SourceType,
        Parameter::DecisionGround,
        Parameter::LegalBasis,
        Parameter::Order,
        Parameter::AuthorityKind,
        Parameter::OrderCountry,
        Parameter::ProviderRole,
        Parameter::RefusalReason,
        Parameter::Category,
        Parameter::Keyword,
        Parameter::Territory,
        Parameter::Language,
        Parameter::Measure,
        Parameter::AutomatedDetection,
        Parameter::AutomatedDecision,
        Parameter::Procedure,
        Parameter::Result,
        Parameter::OutcomeFrom,
        Parameter::OutcomeTo,
        Parameter::Standing,
        Parameter::From,
        Parameter::To,
        Parameter::Before,
    ];

    /// The name in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Parameter::Provider => "provider",
            Parameter::Numbers => "numbers",
            Parameter::Type => "type",
            Parameter::Sub => "sub",
            Parameter::Vocabulary => "vocabulary",
            Parameter::Attribution => "attribution",
            Parameter::SourceType => "source_type",
            Parameter::DecisionGround => "decision_ground",
            Parameter::LegalBasis => "legal_basis",
            Parameter::Order => "order",
            Parameter::AuthorityKind => "authority_kind",
            Parameter::OrderCountry => "order_country",
            Parameter::ProviderRole => "provider_role",
            Parameter::RefusalReason => "refusal_reason",
            Parameter::Category => "category",
            Parameter::Keyword => "keyword",
            Parameter::Territory => "territory",
            Parameter::Language => "language",
            Parameter::Measure => "measure",
            Parameter::AutomatedDetection => "automated_detection",
            Parameter::AutomatedDecision => "automated_decision",
            Parameter::Procedure => "procedure",
            Parameter::Result => "result",
            Parameter::OutcomeFrom => "outcome_from",
            Parameter::OutcomeTo => "outcome_to",
            Parameter::Standing => "standing",
            Parameter::From => "from",
            Parameter::To => "to",
            Parameter::Before => "before",
        }
    }

    /// The parameter of that name.
    pub fn find(name: &str) -> Option<Parameter> {
        Parameter::ALL.into_iter().find(|parameter| parameter.as_str() == name)
    }

    /// The field of the entry that it looks at, where that is all.
    pub(super) fn field(self) -> Option<FieldName> {
        Some(match self {
            Parameter::Attribution => FieldName::ATTRIBUTION,
            Parameter::SourceType => FieldName::SOURCE_TYPE,
            Parameter::DecisionGround => FieldName::DECISION_GROUND,
            Parameter::ProviderRole => FieldName::PROVIDER_ROLE,
            Parameter::RefusalReason => FieldName::REFUSAL_REASON,
            Parameter::Category => FieldName::CATEGORY,
            Parameter::Keyword => FieldName::CATEGORY_SPECIFICATION,
            Parameter::Territory => FieldName::TERRITORIAL_SCOPE,
            Parameter::Language => FieldName::CONTENT_LANGUAGE,
            Parameter::AutomatedDetection => FieldName::AUTOMATED_DETECTION,
            Parameter::AutomatedDecision => FieldName::AUTOMATED_DECISION,
            _ => return None,
        })
    }

    /// The codes that it allows, sorted; none for a parameter of another form.
    pub fn codes(self) -> Vec<&'static str> {
        let of = |sets: &[CodeSet]| sets.iter().flat_map(|set| set.values().iter().copied()).collect();
        let mut codes: Vec<&'static str> = match self {
            Parameter::Type => StatementType::ALL.iter().map(|kind| kind.as_str()).collect(),
            Parameter::Standing => Standing::ALL.iter().map(|standing| standing.as_str()).collect(),
            Parameter::Vocabulary => Vocabulary::ALL.iter().map(|version| version.as_str()).collect(),
            Parameter::Attribution => {
                let kinds = CodeSet::AttributionKind.values().iter().copied();
                kinds.chain([NONE]).collect()
            }
            Parameter::Measure => {
                // The name of a field stands for all its codes.
                let sets = MEASURES.iter().filter_map(|field| match field.form() {
                    Form::Code(set) | Form::Codes(set) => Some(set),
                    _ => None,
                });
                let codes = sets.flat_map(|set| set.values().iter().copied());
                codes.chain(MEASURES.iter().map(|field| field.as_str())).collect()
            }
            Parameter::SourceType => of(&[CodeSet::SourceType]),
            Parameter::DecisionGround => {
                CodeSet::DecisionGround.values().iter().copied().chain([NONE]).collect()
            }
            Parameter::LegalBasis => of(&[CodeSet::LegalBasisKind]),
            Parameter::Order => vec![UNSTATED, WITH, WITHOUT],
            Parameter::AuthorityKind => of(&[CodeSet::AuthorityKind]),
            Parameter::OrderCountry => of(&[CodeSet::Country]),
            Parameter::ProviderRole => of(&[CodeSet::ProviderRole]),
            Parameter::RefusalReason => of(&[CodeSet::RefusalReason]),
            Parameter::Category => of(&[CodeSet::Category, CodeSet::CategoryV1]),
            Parameter::Keyword => of(&[CodeSet::CategorySpecification, CodeSet::CategorySpecificationV1]),
            Parameter::Territory => of(&[CodeSet::Territory]),
            Parameter::Language => of(&[CodeSet::Language]),
            Parameter::AutomatedDetection => of(&[CodeSet::AutomatedDetection]),
            Parameter::AutomatedDecision => of(&[CodeSet::AutomatedDecision]),
            Parameter::Procedure => of(&[CodeSet::Procedure]),
            Parameter::Result => of(&[CodeSet::Result]),
            _ => Vec::new(),
        };
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// What it allows, in words.
    pub fn allowed(self) -> String {
        match self {
            Parameter::Provider => "an issuer: host, or host and port, or a log's origin".to_owned(),
            Parameter::Sub => {
                "a subject: s:<32 hex digits>, domain:<host>, asn:<number>, log:<origin> or provider:<issuer>"
                    .to_owned()
            }
            Parameter::Numbers => "<first>-<last>, two numbers from 1, at most 1,048,576 of them".to_owned(),
            Parameter::From | Parameter::To | Parameter::OutcomeFrom | Parameter::OutcomeTo => {
                "a day, YYYY-MM-DD, 1990-01-01 to 2099-12-31".to_owned()
            }
            Parameter::Before => "an index in decimal".to_owned(),
            _ => format!("one or more of {}, separated by commas", self.codes().join(", ")),
        }
    }
}
