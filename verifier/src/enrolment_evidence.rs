//! Why a registrar believed a request to enrol a key.

use serde_json::{Value, json};

use crate::cbor::Data;
use crate::field_value::base64_text;
use crate::hash::Digest;
use crate::instant::Instant;
use crate::item_map::ItemMap;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};

/// `evidence` of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The same request payload, a COSE_Sign1 by another key of that provider.
    Cosigned(Vec<u8>),
    /// What stood at the provider's own address.
    WellKnown {
        /// SHA-256 of `https://<provider>/.well-known/glasshouse.json`, which names the key.
        digest: Digest,
        /// When it was fetched.
        fetched_at: Instant,
    },
}

impl Evidence {
    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Evidence> {
        if item.get("cosigned").is_some() {
            let members = Members::exactly(item, &["cosigned"], &[], at, errors)?;
            let cosigned = member(&members, "cosigned", at, errors, reading::cose_sign1)?;
            return Some(Evidence::Cosigned(cosigned));
        }
        let members = Members::exactly(item, &["well_known", "fetched_at"], &[], at, errors)?;
        let digest = member(&members, "well_known", at, errors, reading::digest);
        let fetched_at = member(&members, "fetched_at", at, errors, Instant::read);
        Some(Evidence::WellKnown { digest: digest?, fetched_at: fetched_at? })
    }

    pub(crate) fn to_item(&self) -> Data<'_> {
        let mut map = ItemMap::new();
        match self {
            Evidence::Cosigned(bytes) => map.put("cosigned", Some(Data::bytes(bytes))),
            Evidence::WellKnown { digest, fetched_at } => {
                map.put("well_known", Some(Data::bytes(digest.as_bytes().as_slice())));
                map.put("fetched_at", Some(fetched_at.to_item()));
            }
        }
        map.finish()
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Evidence::Cosigned(bytes) => json!({"cosigned": base64_text(bytes)}),
            Evidence::WellKnown { digest, fetched_at } => {
                json!({"well_known": digest.to_hex(), "fetched_at": fetched_at.to_string()})
            }
        }
    }
}
