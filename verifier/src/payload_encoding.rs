//! A payload on its way out, as CBOR. Every statement that is read is written again here, and compared: nothing is copied for it,
//! and codes, which are most of it, are written without items.

use crate::cbor::{Data, Major, put_head, put_item, put_text};
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::payload::Parts;

/// Room made for the bytes of a payload; most need less.
const USUAL_LENGTH: usize = 2_048;

/// A member on its way out: one that every payload has, or a field of the table.
enum Member<'a> {
    Frame(Data<'a>),
    Field(&'a FieldValue),
}

impl Parts {
    /// The CBOR form in its one spelling. Members stand in the order of their encoded names
    /// (RFC 8949 §4.2.1), in which a shorter one comes first.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let Parts { kind, vocabulary, sequence, addenda, withheld, fields } = self;
        let name = |field: &FieldName| Data::text(field.as_str());
        let addenda =
            addenda.iter().map(|(field, digest)| (name(field), Data::bytes(digest.as_bytes().as_slice())));
        let mut members = vec![
            ("type", Member::Frame(Data::text(kind.as_str()))),
            ("vocabulary", Member::Frame(Data::text(vocabulary.as_str()))),
            ("sequence", Member::Frame(Data::Integer(sequence.get().into()))),
            ("addenda", Member::Frame(Data::Map(addenda.collect()))),
        ];
        if !withheld.is_empty() {
            let terms = withheld.iter().map(|(field, terms)| (name(field), terms.to_item()));
            members.push(("withheld", Member::Frame(Data::Map(terms.collect()))));
        }
        members.extend(fields.iter().map(|(field, value)| (field.as_str(), Member::Field(value))));
        members.sort_unstable_by_key(|(name, _)| (name.len(), *name));
        let mut out = Vec::with_capacity(USUAL_LENGTH);
        put_head(&mut out, Major::Map, members.len());
        for (name, member) in members {
            put_text(&mut out, name);
            match member {
                Member::Frame(item) => put_item(&mut out, &item),
                Member::Field(value) => value.put(&mut out),
            }
        }
        out
    }
}
