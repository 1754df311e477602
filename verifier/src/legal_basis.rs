//! On what a decision rests: a law, an order, the terms, an emergency, or nothing that was stated.

use serde_json::{Map, Value};

use crate::cbor::Data;
use crate::codes::{Code, CodeSet};
use crate::instant::Instant;
use crate::item_map::ItemMap;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};
use crate::statute::StatuteId;

/// `legal_basis` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalBasis {
    kind: Code,
    jurisdiction: Option<Code>,
    statute_id: Option<StatuteId>,
    order: Option<Order>,
}

/// The order of a court or an authority, as the provider received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What kind of authority: a code of `authority_kind`.
    pub authority_kind: Code,
    /// Of which country: a code of `country`.
    pub country: Code,
    /// When it was issued.
    pub issued: Option<Instant>,
    /// When it was received.
    pub received: Option<Instant>,
    /// By when it must be followed.
    pub deadline: Option<Instant>,
}

impl LegalBasis {
    /// A code of `legal_basis_kind`.
    pub fn kind(&self) -> Code {
        self.kind
    }

    /// Whose law: a code of `jurisdiction`.
    pub fn jurisdiction(&self) -> Option<Code> {
        self.jurisdiction
    }

    /// The law's identifier.
    pub fn statute_id(&self) -> Option<&StatuteId> {
        self.statute_id.as_ref()
    }

    /// The order; there is one exactly for the kinds `court_order` and `authority_order`.
    pub fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<LegalBasis> {
        let optional = ["jurisdiction", "statute_id", "order"];
        let members = Members::exactly(item, &["kind"], &optional, at, errors)?;
        let kind = member(&members, "kind", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::LegalBasisKind, at, errors)
        });
        let jurisdiction = member(&members, "jurisdiction", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::Jurisdiction, at, errors)
        });
        let statute_id = member(&members, "statute_id", at, errors, StatuteId::read);
        let order = member(&members, "order", at, errors, Order::read);
        Some(LegalBasis { kind: kind?, jurisdiction, statute_id, order })
    }

    pub(crate) fn to_item(&self) -> Data<'_> {
        let mut map = ItemMap::new();
        map.put_code("kind", Some(self.kind));
        map.put_code("jurisdiction", self.jurisdiction);
        map.put("statute_id", self.statute_id.as_ref().map(|s| Data::text(s.as_str())));
        map.put("order", self.order.as_ref().map(Order::to_item));
        map.finish()
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("kind".into(), self.kind.as_str().into());
        if let Some(jurisdiction) = self.jurisdiction {
            map.insert("jurisdiction".into(), jurisdiction.as_str().into());
        }
        if let Some(statute_id) = &self.statute_id {
            map.insert("statute_id".into(), statute_id.as_str().into());
        }
        if let Some(order) = &self.order {
            map.insert("order".into(), order.to_json());
        }
        Value::Object(map)
    }
}

impl Order {
    fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Order> {
        let optional = ["issued", "received", "deadline"];
        let required = ["authority_kind", "country"];
        let members = Members::exactly(item, &required, &optional, at, errors)?;
        let kind = member(&members, "authority_kind", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::AuthorityKind, at, errors)
        });
        let country = member(&members, "country", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::Country, at, errors)
        });
        let issued = member(&members, "issued", at, errors, Instant::read);
        let received = member(&members, "received", at, errors, Instant::read);
        let deadline = member(&members, "deadline", at, errors, Instant::read);
        Some(Order { authority_kind: kind?, country: country?, issued, received, deadline })
    }

    fn instants(&self) -> [(&'static str, Option<Instant>); 3] {
        let Order { issued, received, deadline, .. } = *self;
        [("issued", issued), ("received", received), ("deadline", deadline)]
    }

    fn to_item(&self) -> Data<'_> {
        let mut map = ItemMap::new();
        map.put_code("authority_kind", Some(self.authority_kind));
        map.put_code("country", Some(self.country));
        for (name, instant) in self.instants() {
            map.put(name, instant.map(Instant::to_item));
        }
        map.finish()
    }

    fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("authority_kind".into(), self.authority_kind.as_str().into());
        map.insert("country".into(), self.country.as_str().into());
        for (name, instant) in self.instants() {
            if let Some(instant) = instant {
                map.insert(name.into(), instant.to_string().into());
            }
        }
        Value::Object(map)
    }
}
