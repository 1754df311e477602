//! The types of statements and the fields that each has.

use std::fmt;

use crate::codes::Code;
use crate::fields::FieldSet;
use crate::type_table;

/// What a statement says. Another type is "not understood".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementType {
    /// A restriction was imposed.
    Decision,
    /// A notice or a demand was refused.
    NoAction,
    /// These numbers will not be filed.
    Void,
    /// Entry 0 of a log, the registrar's.
    Genesis,
    /// A provider's key is admitted.
    Enrolment,
    /// A key ends.
    KeyRetirement,
    /// The registrar logs a cosigned checkpoint.
    Tick,
    /// An earlier statement was wrong.
    Amendment,
    /// A complaint, a dispute or a court case ended.
    Outcome,
    /// A restriction ended.
    Lifted,
    /// "This was not ours", after a key was stolen.
    Withdrawal,
    /// Something was decided; no more may be said.
    Sealed,
    /// Withheld texts, or what was sealed, are now public.
    Disclosure,
    /// Texts were erased.
    Redaction,
    /// The provider's own count for a period.
    Declaration,
    /// A provider signed two statements under one number.
    Conflict,
    /// The registrar changes keys.
    Keys,
    /// The registrar changes the log's rules.
    Policy,
    /// The log takes nothing more.
    Closure,
}

/// Who signs a type of statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuing {
    /// Providers only.
    Provider,
    /// The registrar only.
    Registrar,
    /// Both.
    Either,
}

/// What the claim `sub` of a type of statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A subject of moderation: `s:…`, `domain:…` or `asn:…`.
    Subject,
    /// `provider:` and the provider that the statement is about.
    Provider,
    /// `log:` and the origin of the log.
    Log,
    /// The `sub` of the one entry that it names by its leaf hash; else `provider:` and whose entries it names.
    Target,
}

/// The row of one type in the table.
#[derive(Debug)]
pub struct TypeRules {
    /// Who signs it.
    pub issuing: Issuing,
    /// What its `sub` is.
    pub about: About,
    /// Fields of the entry that must be there.
    pub required: FieldSet,
    /// Fields of the entry that may be there.
    pub optional: FieldSet,
    /// Addenda that must be committed to.
    pub required_addenda: FieldSet,
    /// Addenda that may be committed to.
    pub optional_addenda: FieldSet,
}

/// A group of provider roles with the same rules.
#[derive(Debug)]
pub struct RoleGroup {
    /// Its name, as in the table.
    pub name: &'static str,
    /// The roles in it.
    pub roles: &'static [&'static str],
    /// Fields that a decision in such a role must have.
    pub required_in_decision: FieldSet,
    /// Fields that no statement in such a role may have.
    pub forbidden: FieldSet,
}

impl RoleGroup {
    /// The group of a role.
    pub fn of(role: Code) -> Option<&'static RoleGroup> {
        type_table::ROLE_GROUPS.iter().find(|group| group.roles.contains(&role.as_str()))
    }
}

impl StatementType {
    /// Every type that this version reads.
    pub const ALL: [StatementType; 19] = [
        StatementType::Decision,
        StatementType::NoAction,
        StatementType::Void,
        StatementType::Genesis,
        StatementType::Enrolment,
        StatementType::KeyRetirement,
        StatementType::Tick,
        StatementType::Amendment,
        StatementType::Outcome,
        StatementType::Lifted,
        StatementType::Withdrawal,
        StatementType::Sealed,
        StatementType::Disclosure,
        StatementType::Redaction,
        StatementType::Declaration,
        StatementType::Conflict,
        StatementType::Keys,
        StatementType::Policy,
        StatementType::Closure,
    ];

    /// The type of that name, if this version reads it.
    pub fn find(name: &str) -> Option<StatementType> {
        StatementType::ALL.into_iter().find(|t| t.as_str() == name)
    }

    /// The name as it stands in statements.
    pub fn as_str(self) -> &'static str {
        match self {
            StatementType::Decision => "decision",
            StatementType::NoAction => "no_action",
            StatementType::Void => "void",
            StatementType::Genesis => "genesis",
            StatementType::Enrolment => "enrolment",
            StatementType::KeyRetirement => "key_retirement",
            StatementType::Tick => "tick",
            StatementType::Amendment => "amendment",
            StatementType::Outcome => "outcome",
            StatementType::Lifted => "lifted",
            StatementType::Withdrawal => "withdrawal",
            StatementType::Sealed => "sealed",
            StatementType::Disclosure => "disclosure",
            StatementType::Redaction => "redaction",
            StatementType::Declaration => "declaration",
            StatementType::Conflict => "conflict",
            StatementType::Keys => "keys",
            StatementType::Policy => "policy",
            StatementType::Closure => "closure",
        }
    }

    /// Its row in the table.
    pub fn rules(self) -> &'static TypeRules {
        match self {
            StatementType::Decision => &type_table::DECISION,
            StatementType::NoAction => &type_table::NO_ACTION,
            StatementType::Void => &type_table::VOID,
            StatementType::Genesis => &type_table::GENESIS,
            StatementType::Enrolment => &type_table::ENROLMENT,
            StatementType::KeyRetirement => &type_table::KEY_RETIREMENT,
            StatementType::Tick => &type_table::TICK,
            StatementType::Amendment => &type_table::AMENDMENT,
            StatementType::Outcome => &type_table::OUTCOME,
            StatementType::Lifted => &type_table::LIFTED,
            StatementType::Withdrawal => &type_table::WITHDRAWAL,
            StatementType::Sealed => &type_table::SEALED,
            StatementType::Disclosure => &type_table::DISCLOSURE,
            StatementType::Redaction => &type_table::REDACTION,
            StatementType::Declaration => &type_table::DECLARATION,
            StatementType::Conflict => &type_table::CONFLICT,
            StatementType::Keys => &type_table::KEYS,
            StatementType::Policy => &type_table::POLICY,
            StatementType::Closure => &type_table::CLOSURE,
        }
    }
}

impl fmt::Display for StatementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
