//! Whether one statement names another (`spec/lifecycle.md`, "Format: targets"): for a reader who holds both and not the
//! log between them. That the later one stands behind the earlier one, in the same log, is the reader's to check.

use crate::fields::FieldName;
use crate::hash::LeafHash;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::targets::Target;

/// How a later statement names an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// By its leaf hash, not only by a range of numbers.
    pub by_leaf: bool,
    /// Those of the later statement's `fields` that the earlier one has among its texts.
    pub texts: Vec<FieldName>,
}

/// How `later` names `entry`, whose leaf hash is `leaf`; `None` where it does not, or may not.
pub fn named_by(later: &Statement, entry: &Statement, leaf: &LeafHash) -> Option<Named> {
    let (payload, claims) = (later.payload(), later.claims());
    let owner = payload.provider().unwrap_or(&claims.iss);
    if *owner != entry.claims().iss || claims.aud != entry.claims().aud {
        return None;
    }
    let (mut by_leaf, mut by_range) = (false, false);
    for target in payload.targets()?.iter() {
        match target {
            Target::Entry(named) => by_leaf |= named == leaf,
            Target::Range(range) => by_range |= range.contains(entry.sequence()),
        }
    }
    let kind = entry.payload().kind();
    let names = |by_leaf| payload.kind().may_name(kind, by_leaf);
    let by_leaf = by_leaf && names(true);
    let by_range = by_range && names(false);
    if !(by_leaf || by_range) {
        return None;
    }
    let has = |field: &FieldName| entry.payload().addenda().contains_key(field);
    let texts = payload.names(FieldName::FIELDS).iter().copied().filter(has).collect();
    Some(Named { by_leaf, texts })
}

impl Named {
    /// The texts of `entry` that `later` erases, if it is a redaction. A range passes over what the ledger did not hold:
    /// a text that is withheld and not among those that were `opened` before.
    pub fn erases(&self, later: &Statement, entry: &Statement, opened: &[FieldName]) -> Vec<FieldName> {
        if later.payload().kind() != StatementType::Redaction {
            return Vec::new();
        }
        let withheld = entry.payload().withheld();
        let held = |field: &&FieldName| !withheld.contains_key(field) || opened.contains(field);
        self.texts.iter().filter(|field| self.by_leaf || held(field)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::cbor::Item;
    use crate::claims::Claims;
    use crate::example::{self, text};
    use crate::issuer::Issuer;
    use crate::payload::Payload;
    use crate::statement::UnsignedStatement;
    use crate::subject::Subject;

    const LEAF: LeafHash = LeafHash::from_bytes([7; 32]);

    fn entry() -> Statement {
        Statement::parse(&example::statement()).unwrap()
    }

    fn statement(iss: &str, kind: &str, targets: Vec<Item>, further: Vec<(&str, Item)>) -> Statement {
        let mut pairs = vec![
            ("type", text(kind)),
            ("vocabulary", text("dsa-tdb/2")),
            ("sequence", Item::Integer(30)),
            ("addenda", Item::Map(vec![])),
            ("targets", Item::Array(targets.clone())),
        ];
        pairs.extend(further);
        pairs.sort_by_key(|(name, _)| (name.len(), *name));
        let payload = Item::Map(pairs.into_iter().map(|(name, item)| (text(name), item)).collect());
        let is_single = targets.len() == 1 && targets[0].get("entry").is_some();
        let provider = payload.get("provider").and_then(Item::as_text).unwrap_or(iss).to_owned();
        let sub = if is_single { "domain:kiwifarms.net".to_owned() } else { format!("provider:{provider}") };
        let claims = Claims {
            iss: Issuer::parse(iss).unwrap(),
            sub: Subject::parse(&sub).unwrap(),
            ..example::claims()
        };
        let payload = Payload::parse(&payload, &claims).unwrap();
        let unsigned = UnsignedStatement::new(&example::public(11).kid(), &claims, &payload);
        let bytes = unsigned.assemble(&example::sign(11, &unsigned.sig_structure()));
        Statement::parse(&bytes).unwrap()
    }

    fn by_leaf(leaf: LeafHash) -> Item {
        Item::Map(vec![(text("entry"), Item::bytes(leaf.as_bytes().to_vec()))])
    }

    fn range(first: i128, last: i128) -> Item {
        Item::Map(vec![(text("last"), Item::Integer(last)), (text("first"), Item::Integer(first))])
    }

    const OWN: &str = "https://www.cloudflare.com";

    fn withdraws(iss: &str, target: Item) -> Option<Named> {
        named_by(&statement(iss, "withdrawal", vec![target], vec![]), &entry(), &LEAF)
    }

    #[test]
    fn an_entry_is_named_by_its_leaf_hash_or_its_number_and_only_by_whom_it_concerns() {
        assert!(withdraws(OWN, by_leaf(LEAF)).unwrap().by_leaf);
        assert!(!withdraws(OWN, range(7, 7)).unwrap().by_leaf);
        assert!(withdraws(OWN, range(1, 40_000)).is_some());
        assert_eq!(withdraws(OWN, by_leaf(LeafHash::from_bytes([8; 32]))), None);
        assert_eq!(withdraws(OWN, range(8, 9)), None);
        assert_eq!(withdraws("https://other.example", by_leaf(LEAF)), None);
        assert_eq!(withdraws("https://other.example", range(7, 7)), None);
        let opens = vec![("fields", Item::Array(vec![text("decision_facts")]))];
        let refusal = statement(OWN, "disclosure", vec![by_leaf(LEAF)], opens);
        assert_eq!(named_by(&refusal, &entry(), &LEAF).unwrap().texts, [FieldName::DECISION_FACTS]);
        let lifts = vec![("end_date", text("2022-09-05")), ("lifted_reason", text("own_error"))];
        let lifted = statement(OWN, "lifted", vec![range(1, 40)], lifts);
        assert!(named_by(&lifted, &entry(), &LEAF).is_some());
        assert_eq!(named_by(&lifted, &lifted, &LEAF), None, "what was lifted is a decision");
    }

    #[test]
    fn a_redaction_of_the_registrar_names_the_issuer_and_a_range_erases_what_the_ledger_held() {
        let redacts = |iss, provider: Option<&'static str>, target| {
            let names = ["contact", "decision_facts"].map(text).to_vec();
            let mut further = vec![
                ("fields", Item::Array(names)),
                ("redaction_ground", text("erasure_request")),
                ("requested_by", text("data_subject")),
            ];
            further.extend(provider.map(|provider| ("provider", text(provider))));
            statement(iss, "redaction", vec![target], further)
        };
        let registrar = redacts("https://ledger.example", Some(OWN), range(2, 9));
        let named = named_by(&registrar, &entry(), &LEAF).unwrap();
        assert_eq!(named.erases(&registrar, &entry(), &[]), [FieldName::DECISION_FACTS]);
        let elsewhere = redacts("https://ledger.example", Some("https://other.example"), range(2, 9));
        assert_eq!(named_by(&elsewhere, &entry(), &LEAF), None);
        // The same text withheld.
        let mut pairs = match example::payload_item() {
            Item::Map(pairs) => pairs,
            other => panic!("{other:?}"),
        };
        let terms = Item::Map(vec![(text("ground"), text("security"))]);
        pairs.push((text("withheld"), Item::Map(vec![(text("decision_facts"), terms)])));
        let payload = Payload::parse(&Item::Map(pairs), &example::claims()).unwrap();
        let unsigned = UnsignedStatement::new(&example::public(11).kid(), &example::claims(), &payload);
        let withheld =
            Statement::parse(&unsigned.assemble(&example::sign(11, &unsigned.sig_structure()))).unwrap();
        let named = named_by(&registrar, &withheld, &LEAF).unwrap();
        assert_eq!(named.erases(&registrar, &withheld, &[]), []);
        assert_eq!(
            named.erases(&registrar, &withheld, &[FieldName::DECISION_FACTS]),
            [FieldName::DECISION_FACTS]
        );
        let own = redacts(OWN, None, by_leaf(LEAF));
        let named = named_by(&own, &withheld, &LEAF).unwrap();
        assert_eq!(named.erases(&own, &withheld, &[]), [FieldName::DECISION_FACTS]);
    }
}
