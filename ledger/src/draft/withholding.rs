//! Which texts of a line stay with the provider: what the author says, else what the field table and the subject ask for.

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::statement_type::StatementType;
use serde_json::{Map, Value};

use super::json_form::{day, error, is_absent, map_item, pointer, text};
use super::line::has_locator_keyword;

/// That a text is committed to and not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withholding {
    ground: Item,
    until: Option<Item>,
}

impl Withholding {
    /// Withheld on a ground of the code set `withheld_ground`, with no day on which it ends.
    pub fn on(ground: &str) -> Withholding {
        Withholding { ground: Item::text(ground.to_owned()), until: None }
    }

    /// The day on which it ends, as the author wrote it.
    pub(super) fn until(&self) -> Option<&str> {
        self.until.as_ref()?.as_text()
    }

    /// As it stands in the payload: `{ground, until?}`.
    pub(crate) fn item(&self) -> Item {
        let mut pairs = vec![(Item::text("ground"), self.ground.clone())];
        pairs.extend(self.until.clone().map(|until| (Item::text("until"), until)));
        map_item(pairs)
    }
}

/// What the author wrote under `withheld`.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    withheld: BTreeMap<FieldName, Withholding>,
    pub(super) served: BTreeSet<FieldName>,
}

/// Reads `{field: {ground, until?}}` and `{field: false}`.
pub(super) fn read(value: Option<&Value>, errors: &mut Vec<PayloadError>) -> Wishes {
    let mut wishes = Wishes::default();
    let map = match value {
        None => return wishes,
        Some(Value::Object(map)) => map,
        Some(_) => {
            errors.push(error("/withheld", Rule::WrongType, None, "an object of fields"));
            return wishes;
        }
    };
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        let path = format!("/withheld/{}", pointer(name));
        let Some(field) = FieldName::find(name).filter(|field| field.is_addendum()) else {
            errors.push(error(&path, Rule::UnknownField, Some(name), "a text field of this line"));
            continue;
        };
        match value {
            Value::Bool(false) => {
                wishes.served.insert(field);
            }
            Value::Object(members) => match read_one(&path, members) {
                Ok(withholding) => {
                    wishes.withheld.insert(field, withholding);
                }
                Err(mut more) => errors.append(&mut more),
            },
            _ => {
                let allowed = "{\"ground\": …, \"until\": day} or false";
                errors.push(error(&path, Rule::WrongType, None, allowed));
            }
        }
    }
    wishes
}

fn read_one(path: &str, members: &Map<String, Value>) -> Result<Withholding, Vec<PayloadError>> {
    let mut ground = None;
    let mut until = None;
    let mut errors = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| !is_absent(value)) {
        let path = format!("{path}/{}", pointer(name));
        let read = match name.as_str() {
            "ground" => text(&path, value).map(|item| ground = Some(item)),
            "until" => day(&path, value).map(|item| until = Some(item)),
            _ => Err(error(&path, Rule::UnknownField, Some(name), "ground or until")),
        };
        errors.extend(read.err());
    }
    match ground {
        Some(ground) if errors.is_empty() => Ok(Withholding { ground, until }),
        None if errors.is_empty() => {
            let path = format!("{path}/ground");
            Err(vec![error(&path, Rule::Required, None, "on what ground it is withheld")])
        }
        _ => Err(errors),
    }
}

/// The texts of the line that are withheld: by wish, else by default. A wish for a text that the line does not have is
/// an error, so that a misspelt one does not publish anything.
pub(super) fn decide(
    wishes: &Wishes,
    kind: StatementType,
    fields: &BTreeMap<FieldName, Item>,
    texts: &BTreeMap<FieldName, Item>,
    errors: &mut Vec<PayloadError>,
) -> BTreeMap<FieldName, Withholding> {
    for name in wishes.withheld.keys().chain(&wishes.served).filter(|name| !texts.contains_key(name)) {
        let path = format!("/withheld/{name}");
        errors.push(error(&path, Rule::Needs, None, "a text that this line has"));
    }
    let private = is_refused_private_notice(kind, fields);
    let mut withheld = wishes.withheld.clone();
    for (name, value) in texts {
        if wishes.served.contains(name) || withheld.contains_key(name) {
            continue;
        }
        if let Some(ground) = default_ground(*name, value, fields, private) {
            withheld.insert(*name, Withholding::on(ground));
        }
    }
    withheld
}

/// On what ground a text is withheld unless the author says otherwise (design §3.1); `None`: it is served.
fn default_ground(
    name: FieldName,
    value: &Item,
    fields: &BTreeMap<FieldName, Item>,
    private_notice: bool,
) -> Option<&'static str> {
    let is_locator = name == FieldName::CONTENT_URL || name == FieldName::ITEMS_LIST;
    let is_subject = name == FieldName::SUBJECT;
    if (is_locator || is_subject) && has_locator_keyword(fields) {
        return Some("illegal_content_locator");
    }
    if private_notice && name != FieldName::PUID {
        return Some("private_notice");
    }
    if name == FieldName::SEALED_STATEMENT {
        return Some("confidential_order");
    }
    let names_someone = is_subject
        && value.as_text().is_some_and(|text| text.starts_with("url:") || text.starts_with("account:"));
    if names_someone || name.withheld_by_default() {
        return Some("personal_data");
    }
    None
}

/// A notice that was refused and that no public body sent: its texts are between two parties.
fn is_refused_private_notice(kind: StatementType, fields: &BTreeMap<FieldName, Item>) -> bool {
    let source = fields.get(&FieldName::SOURCE_KIND).and_then(Item::as_text);
    kind == StatementType::NoAction && matches!(source, Some("user" | "rights_holder"))
}
