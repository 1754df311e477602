//! Deterministic CBOR (RFC 8949 §4.2.1), the small part of it that Glasshouse uses.
//!
//! [`decode`] accepts exactly the bytes that [`encode`] writes: the [`Walker`] sees them first and bounds depth
//! and lengths, then `serde_cbor` reads them, then what was read is written again and compared.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

pub use crate::cbor_error::{CborError, CborErrorKind};
pub use crate::walker::{Head, MAX_DEPTH, Major, Walker};

/// The most bytes that are ever decoded into items, 1 MiB: the bound of an addendum. Larger bodies are walked.
pub const MAX_DECODE: usize = 1 << 20;

/// Elements or pairs that room is made for at once: most of what is decoded has fewer, and a head that claims more than there
/// is gets no more than this.
const ROOM: usize = 32;

/// One data item: the whole data model. No float, no null, no tag inside. Its strings may lie in what it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data<'a> {
    /// An integer of major type 0 or 1: −2^64 … 2^64 − 1.
    Integer(i128),
    /// A byte string.
    Bytes(Cow<'a, [u8]>),
    /// A text string, valid UTF-8.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Data<'a>>),
    /// A map, its pairs in the order of their encoded keys, no key twice.
    Map(Vec<(Data<'a>, Data<'a>)>),
    /// `true` or `false`.
    Bool(bool),
}

/// A data item that owns its strings.
pub type Item = Data<'static>;

impl<'a> Data<'a> {
    /// A text string.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Data<'a> {
        Data::Text(text.into())
    }

    /// A byte string.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Data<'a> {
        Data::Bytes(bytes.into())
    }

    /// The same with strings of its own.
    pub fn into_owned(self) -> Item {
        match self {
            Data::Integer(integer) => Item::Integer(integer),
            Data::Bytes(bytes) => Item::bytes(bytes.into_owned()),
            Data::Text(text) => Item::text(text.into_owned()),
            Data::Array(items) => Item::Array(items.into_iter().map(Data::into_owned).collect()),
            Data::Map(pairs) => {
                Item::Map(pairs.into_iter().map(|(k, v)| (k.into_owned(), v.into_owned())).collect())
            }
            Data::Bool(yes) => Item::Bool(yes),
        }
    }

    /// The value under a text key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Data<'a>> {
        match self {
            Data::Map(pairs) => {
                pairs.iter().find(|(k, _)| matches!(k, Data::Text(t) if t == key)).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if this is a byte string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Data::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The integer, if it is one and not negative.
    pub fn as_unsigned(&self) -> Option<u64> {
        match self {
            Data::Integer(i) => u64::try_from(*i).ok(),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Data<'a>]> {
        match self {
            Data::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs, if this is a map.
    pub fn as_map(&self) -> Option<&[(Data<'a>, Data<'a>)]> {
        match self {
            Data::Map(pairs) => Some(pairs),
            _ => None,
        }
    }
}

/// Decodes exactly one item of at most [`MAX_DECODE`] bytes, in its one legal spelling, without a tag.
pub fn decode(bytes: &[u8]) -> Result<Item, CborError> {
    if bytes.len() > MAX_DECODE {
        return Err(CborError::new(CborErrorKind::TooLong, MAX_DECODE));
    }
    Walker::check(bytes)?;
    reread(bytes).map(Data::into_owned)
}

/// What `serde_cbor` makes of the bytes, if it writes them again in the same way: for bytes that a [`Walker`] has checked,
/// which need not be walked twice.
pub(crate) fn reread(bytes: &[u8]) -> Result<Data<'_>, CborError> {
    let item = read(bytes)?;
    let mut again = Vec::with_capacity(bytes.len());
    let written = Write(&item).serialize(&mut serde_cbor::Serializer::new(&mut again));
    if written.is_ok() && again == bytes {
        return Ok(item);
    }
    let offset = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(CborError::new(CborErrorKind::Respelled, offset))
}

/// What `serde_cbor` makes of the bytes: for bytes that a [`Walker`] has checked, and of which what was made is written again anyway.
pub(crate) fn read(bytes: &[u8]) -> Result<Data<'_>, CborError> {
    let read = serde_cbor::from_slice::<Read<'_>>(bytes);
    Ok(read.map_err(|_| CborError::new(CborErrorKind::Unexpected, 0))?.0)
}

/// The one legal spelling of an item. Maps are put into order; of two equal keys the first one stays.
///
/// An integer outside −2^64 … 2^64 − 1 has no encoding: the answer is then empty, which no reader takes for an
/// item.
pub fn encode(item: &Data) -> Vec<u8> {
    serde_cbor::to_vec(&Write(item)).unwrap_or_default()
}

/// Writes an item that has an encoding.
pub(crate) fn put_item(out: &mut Vec<u8>, item: &Data) {
    // A buffer takes everything.
    let _ = Write(item).serialize(&mut serde_cbor::Serializer::new(out));
}

/// Writes the shortest head (RFC 8949 §3) of a string of so many bytes, or an array or map of so many elements.
pub(crate) fn put_head(out: &mut Vec<u8>, major: Major, length: usize) {
    put_argument(out, major, length as u64);
}

/// Writes a text.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_head(out, Major::Text, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Writes the shortest head with that number, length or count.
pub(crate) fn put_argument(out: &mut Vec<u8>, major: Major, argument: u64) {
    let bytes = argument.to_be_bytes();
    let (info, from) = match argument {
        0..=23 => (bytes[7], 8),
        24..=0xff => (24, 7),
        0x100..=0xffff => (25, 6),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 0),
    };
    out.push((major as u8) << 5 | info);
    out.extend_from_slice(&bytes[from..]);
}

/// The order of RFC 8949 §4.2.1: that of the encoded bytes.
fn key_order(a: &Data, b: &Data) -> Ordering {
    match (a, b) {
        (Data::Text(a), Data::Text(b)) => a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes())),
        (Data::Integer(a), Data::Integer(b)) => (*a < 0, a.unsigned_abs()).cmp(&(*b < 0, b.unsigned_abs())),
        _ => encode(a).cmp(&encode(b)),
    }
}

/// Whether the pairs stand in order, no key twice: then nothing has to be done for it.
fn is_sorted(pairs: &[(Data, Data)]) -> bool {
    let ascends = |two: &[(Data, Data)]| matches!(two, [a, b] if key_order(&a.0, &b.0) == Ordering::Less);
    pairs.windows(2).all(ascends)
}

/// An item on its way out.
struct Write<'w, 'a>(&'w Data<'a>);

impl Serialize for Write<'_, '_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Data::Integer(integer) => out.serialize_i128(*integer),
            Data::Bytes(bytes) => out.serialize_bytes(bytes),
            Data::Text(text) => out.serialize_str(text),
            Data::Array(items) => out.collect_seq(items.iter().map(Write)),
            Data::Map(pairs) if is_sorted(pairs) => {
                out.collect_map(pairs.iter().map(|(k, v)| (Write(k), Write(v))))
            }
            Data::Map(pairs) => {
                let mut sorted: Vec<&(Data<'_>, Data<'_>)> = pairs.iter().collect();
                sorted.sort_by(|a, b| key_order(&a.0, &b.0));
                sorted.dedup_by(|b, a| a.0 == b.0);
                out.collect_map(sorted.iter().map(|(k, v)| (Write(k), Write(v))))
            }
            Data::Bool(yes) => out.serialize_bool(*yes),
        }
    }
}

/// An item on its way in. Whatever is not in the data model has no method here, and is refused by serde.
struct Read<'a>(Data<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Read<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Read<'a>, D::Error> {
        input.deserialize_any(ItemVisitor).map(Read)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Data<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, a byte or text string, an array, a map or a boolean")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Data<'de>, E> {
        Ok(Data::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Data<'de>, E> {
        Ok(Data::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Data<'de>, E> {
        Ok(Data::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Data<'de>, E> {
        Ok(Data::Integer(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Data<'de>, E> {
        Ok(Data::text(value))
    }

    fn visit_borrowed_bytes<E>(self, value: &'de [u8]) -> Result<Data<'de>, E> {
        Ok(Data::bytes(value))
    }

    // Behind the walk the length that a head claims is true; whoever comes without it has at most ROOM for each head.
    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Data<'de>, A::Error> {
        let mut items = Vec::with_capacity(input.size_hint().unwrap_or(0).min(ROOM));
        while let Some(Read(item)) = input.next_element()? {
            items.push(item);
        }
        Ok(Data::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Data<'de>, A::Error> {
        let mut pairs = Vec::with_capacity(input.size_hint().unwrap_or(0).min(ROOM));
        while let Some((Read(key), Read(value))) = input.next_entry()? {
            if !matches!(key, Data::Integer(_) | Data::Text(_)) {
                return Err(A::Error::custom("a map key that is neither an integer nor text"));
            }
            pairs.push((key, value));
        }
        Ok(Data::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use proptest::prelude::*;

    /// The walker's verdict is reached without `serde_cbor`, and `reread`'s without the walker.
    fn same_verdict(input: &[u8]) -> bool {
        let walker = Walker::check(input);
        let reread = reread(input);
        assert_eq!(walker.is_ok(), reread.is_ok(), "{input:02x?}: {walker:?} {reread:?}");
        walker.is_ok()
    }

    #[test]
    fn walker_and_serde_cbor_agree_on_every_input_of_one_and_two_bytes() {
        let mut accepted = 0_u32;
        for a in 0..=255_u8 {
            accepted += u32::from(same_verdict(&[a]));
            for b in 0..=255_u8 {
                accepted += u32::from(same_verdict(&[a, b]));
            }
        }
        // One byte: 24 + 24 integers, 2 booleans, 4 empty strings and containers. Two bytes: 2 × 232 integers,
        // 256 byte strings, 128 letters, 54 arrays of one.
        assert_eq!(accepted, 54 + 464 + 256 + 128 + 54);
    }

    #[test]
    fn walker_and_serde_cbor_agree_on_every_input_of_three_bytes() {
        let inputs = (0..1_u32 << 24).map(u32::to_be_bytes);
        let accepted = inputs.filter(|bytes| same_verdict(&bytes[1..])).count();
        assert_eq!(accepted, 220_864);
    }

    fn items() -> impl Strategy<Value = Item> {
        let leaf = prop_oneof![
            any::<u64>().prop_map(|n| Item::Integer(n.into())),
            any::<u64>().prop_map(|n| Item::Integer(-1 - i128::from(n))),
            (0..300_u16).prop_map(|n| Item::Integer(n.into())),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(Item::bytes),
            ".{0,30}".prop_map(Item::text),
            any::<bool>().prop_map(Item::Bool),
        ];
        leaf.prop_recursive(6, 60, 8, |inner| {
            let key =
                prop_oneof!["[a-c]{0,3}".prop_map(Item::text), (-300..300_i128).prop_map(Item::Integer)];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Item::Array),
                prop::collection::vec((key, inner), 0..8).prop_map(Item::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_and_stays_the_same(item in items()) {
            let bytes = encode(&item);
            let decoded = decode(&bytes).unwrap();
            prop_assert_eq!(encode(&decoded), bytes);
        }

        #[test]
        fn walker_and_serde_cbor_agree_on_one_changed_byte(item in items(), at: usize, to: u8) {
            let mut bytes = encode(&item);
            let at = at % bytes.len();
            bytes[at] = to;
            same_verdict(&bytes);
        }

        #[test]
        fn walker_and_serde_cbor_agree_on_noise(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            same_verdict(&bytes);
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_their_encodings() {
        let key = |n: i128| (Item::Integer(n), Item::Bool(true));
        let text = |t: &str| (Item::text(t.to_owned()), Item::Bool(true));
        let map = Item::Map(vec![text("aa"), text("b"), key(-1), key(100), key(1), text("")]);
        let expected = hex::decode("a601f51864f520f560f56162f5626161f5").unwrap();
        assert_eq!(encode(&map), expected);
        assert!(decode(&expected).is_ok());
    }

    #[test]
    fn what_has_no_encoding_is_never_taken_for_an_item() {
        let beyond = encode(&Item::Integer(i128::from(u64::MAX) + 1));
        assert!(beyond.is_empty() && decode(&beyond).is_err());
        assert_eq!(
            encode(&Item::Integer(-1 - i128::from(u64::MAX))),
            [0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        );
    }

    #[test]
    fn a_long_input_is_refused_before_it_is_read() {
        let error = decode(&vec![0; MAX_DECODE + 1]).unwrap_err();
        assert_eq!(error.kind(), CborErrorKind::TooLong);
    }
}
