//! That a text is committed to and not served, why, and until when.

use serde_json::{Value, json};

use crate::cbor::{Data, Item};
use crate::codes::{Code, CodeSet};
use crate::day::Day;
use crate::item_map::ItemMap;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};

/// Why a field is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld {
    /// A code of `withheld_ground`.
    pub ground: Code,
    /// Until which day.
    pub until: Option<Day>,
}

impl Withheld {
    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Withheld> {
        let members = Members::exactly(item, &["ground"], &["until"], at, errors)?;
        let ground = member(&members, "ground", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::WithheldGround, at, errors)
        });
        let until = member(&members, "until", at, errors, Day::read);
        Some(Withheld { ground: ground?, until })
    }

    pub(crate) fn to_item(self) -> Item {
        let mut map = ItemMap::new();
        map.put_code("ground", Some(self.ground));
        map.put("until", self.until.map(Day::to_item));
        map.finish()
    }

    pub(crate) fn to_json(self) -> Value {
        match self.until {
            Some(until) => json!({"ground": self.ground.as_str(), "until": until.to_string()}),
            None => json!({"ground": self.ground.as_str()}),
        }
    }
}
