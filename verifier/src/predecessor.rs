//! The log that a log continues.

use serde_json::{Value, json};

use crate::cbor::Data;
use crate::claims::INTEGER_MAX;
use crate::hash::Digest;
use crate::item_map::ItemMap;
use crate::origin::Origin;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};

/// `predecessor` of a genesis: the last tree of another log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predecessor {
    /// Its origin.
    pub origin: Origin,
    /// How many entries it has, 0 to 2^53 − 1.
    pub size: u64,
    /// The root hash of its tree of that size.
    pub root: Digest,
}

impl Predecessor {
    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Predecessor> {
        let required = ["origin", "size", "root"];
        let members = Members::exactly(item, &required, &[], at, errors)?;
        let origin = member(&members, "origin", at, errors, |item, at, errors| {
            let text = reading::text(item, at, errors)?;
            let refused = |_| errors.push(reading::grammar(at, text, "an origin without scheme"));
            Origin::parse(text).map_err(refused).ok()
        });
        let size = member(&members, "size", at, errors, |item, at, errors| {
            reading::integer(item, 0, INTEGER_MAX, at, errors)
        });
        let root = member(&members, "root", at, errors, reading::digest);
        Some(Predecessor { origin: origin?, size: size?, root: root? })
    }

    pub(crate) fn to_item(&self) -> Data<'_> {
        let mut map = ItemMap::new();
        map.put("origin", Some(Data::text(self.origin.as_str())));
        map.put("size", Some(Data::Integer(self.size.into())));
        map.put("root", Some(Data::bytes(self.root.as_bytes().as_slice())));
        map.finish()
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"origin": self.origin.as_str(), "size": self.size, "root": self.root.to_hex()})
    }
}
