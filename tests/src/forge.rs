//! Statements that no honest tool makes: any header, any payload, any bytes, under a real signature.

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::cbor::{self, Item, Walker};
use glasshouse_verifier::cose;

/// The label of the CWT claims in a protected header (RFC 9597).
const CLAIMS: i128 = 15;

/// A good statement taken apart, to be changed and signed again.
#[derive(Debug, Clone)]
pub struct Forgery {
    header: Item,
    payload: Item,
}

/// A text item.
pub fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

/// A map with text keys.
pub fn map(pairs: &[(&str, Item)]) -> Item {
    Item::Map(pairs.iter().map(|(key, value)| (text(key), value.clone())).collect())
}

/// The two byte strings of a statement that matter: protected header and payload.
pub fn parts(statement: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut walker = Walker::new(&statement[1..]);
    assert_eq!(walker.array().unwrap(), 4);
    let protected = walker.bytes().unwrap().to_vec();
    assert_eq!(walker.map().unwrap(), 0);
    (protected, walker.bytes().unwrap().to_vec())
}

/// A COSE_Sign1 of any two byte strings, with a signature that holds.
pub fn seal(protected: &[u8], payload: &[u8], key: &SecretKey) -> Vec<u8> {
    cose::assemble(protected, payload, &key.sign(&cose::sig_structure(protected, payload)))
}

/// The body of `POST /api/v1/statements` for these statements and addenda.
pub fn body<'a>(submissions: impl IntoIterator<Item = (&'a [u8], &'a [Vec<u8>])>) -> Vec<u8> {
    let submissions = submissions.into_iter().map(|(statement, addenda)| {
        let addenda = addenda.iter().map(|bytes| Item::bytes(bytes.clone())).collect();
        Item::Array(vec![Item::bytes(statement.to_vec()), Item::Array(addenda)])
    });
    cbor::encode(&Item::Array(submissions.collect()))
}

impl Forgery {
    /// Takes a statement apart.
    pub fn of(statement: &[u8]) -> Forgery {
        let (protected, payload) = parts(statement);
        Forgery { header: cbor::decode(&protected).unwrap(), payload: cbor::decode(&payload).unwrap() }
    }

    /// Puts a value under a label of the protected header.
    #[must_use]
    pub fn header(mut self, label: i128, value: Item) -> Forgery {
        put(&mut self.header, Item::Integer(label), Some(value));
        self
    }

    /// Takes a label out of the protected header.
    #[must_use]
    pub fn without_header(mut self, label: i128) -> Forgery {
        put(&mut self.header, Item::Integer(label), None);
        self
    }

    /// Puts a value under a label of the claims, or takes the label out.
    #[must_use]
    pub fn claim(mut self, label: i128, value: Option<Item>) -> Forgery {
        let Item::Map(pairs) = &mut self.header else { panic!("the header is a map") };
        let (_, claims) = pairs.iter_mut().find(|(key, _)| *key == Item::Integer(CLAIMS)).unwrap();
        put(claims, Item::Integer(label), value);
        self
    }

    /// Puts a value at a place of the payload: a JSON Pointer through maps and arrays that are there.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: Item) -> Forgery {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match at(&mut self.payload, parent) {
            Item::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
            parent => put(parent, text(name), Some(value)),
        }
        self
    }

    /// Takes a member of the payload out.
    #[must_use]
    pub fn without(mut self, pointer: &str) -> Forgery {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        put(at(&mut self.payload, parent), text(name), None);
        self
    }

    /// Whether the payload has a value there.
    pub fn has(&self, pointer: &str) -> bool {
        pointer.split('/').skip(1).try_fold(&self.payload, |item, name| item.get(name)).is_some()
    }

    /// The encoded protected header.
    pub fn protected(&self) -> Vec<u8> {
        cbor::encode(&self.header)
    }

    /// The encoded payload.
    pub fn payload(&self) -> Vec<u8> {
        cbor::encode(&self.payload)
    }

    /// The statement, with a signature that holds.
    pub fn sign(&self, key: &SecretKey) -> Vec<u8> {
        seal(&self.protected(), &self.payload(), key)
    }
}

/// What a JSON Pointer leads to.
#[track_caller]
fn at<'a>(item: &'a mut Item, pointer: &str) -> &'a mut Item {
    pointer.split('/').skip(1).fold(item, |item, name| match item {
        Item::Array(elements) => &mut elements[name.parse::<usize>().unwrap()],
        Item::Map(pairs) => pairs
            .iter_mut()
            .find(|(key, _)| key.as_text() == Some(name))
            .map_or_else(|| panic!("no {name} in the payload"), |(_, value)| value),
        other => panic!("{name} inside {other:?}"),
    })
}

fn put(map: &mut Item, key: Item, value: Option<Item>) {
    let Item::Map(pairs) = map else { panic!("not a map: {map:?}") };
    pairs.retain(|(k, _)| *k != key);
    pairs.extend(value.map(|value| (key, value)));
}
