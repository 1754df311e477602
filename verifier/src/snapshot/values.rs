//! How single values, lists and maps are written down. What has a rule is read by the function that has it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use super::{Eye, Pen, Stored};
use crate::codes::{Code, CodeSet};
use crate::day::Day;
use crate::fields::{FieldName, FieldSet};
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey};
use crate::known_key::KnownKey;
use crate::origin::Origin;
use crate::sequence::Sequence;
use crate::size::LeafIndex;
use crate::statement_type::StatementType;
use crate::targets::SequenceRange;
use crate::vkey::Vkey;

/// Values that one of the pen's own words can say.
macro_rules! values {
    ($($kind:ty: |$value:ident, $to:ident| $put:expr, |$from:ident| $take:expr;)+) => {$(
        impl Stored for $kind {
            fn put(&self, $to: &mut Pen) {
                let $value = self;
                $put;
            }

            fn take($from: &mut Eye<'_>) -> Option<$kind> {
                $take
            }
        }
    )+};
}

values! {
    u64: |value, to| to.number(*value), |from| from.number();
    u32: |value, to| to.number(u64::from(*value)), |from| u32::try_from(from.number()?).ok();
    bool: |value, to| to.number(u64::from(*value)), |from| match from.number()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    };
    // Bits: small as numbers where few are set, and then there are few of them.
    [u64; 8]: |value, to| value.iter().for_each(|word| to.bytes(&word.to_le_bytes())), |from| {
        let mut words = [0; 8];
        for word in &mut words {
            *word = u64::from_le_bytes(*from.bytes(8)?.first_chunk()?);
        }
        Some(words)
    };
    String: |value, to| to.word(value), |from| from.word().map(str::to_owned);
    Issuer: |value, to| to.word(value.as_str()), |from| from.issuer();
    Origin: |value, to| to.word(value.as_str()), |from| Origin::parse(from.word()?).ok();
    Vkey: |value, to| to.word(&value.encode()), |from| Vkey::parse(from.word()?).ok();
    StatementType: |value, to| to.word(value.as_str()), |from| StatementType::find(from.word()?);
    FieldName: |value, to| to.word(value.as_str()), |from| FieldName::find(from.word()?);
    FieldSet: |value, to| value.iter().collect::<Vec<FieldName>>().put(to),
        |from| Some(FieldSet::of(&Vec::<FieldName>::take(from)?));
    Code: |value, to| {
        to.word(value.set().name());
        to.word(value.as_str());
    }, |from| {
        let set = from.word()?;
        let set = CodeSet::ALL.iter().copied().find(|known| known.name() == set)?;
        Code::find(set, from.word()?)
    };
    Day: |value, to| to.word(&value.to_string()), |from| Day::parse(from.word()?);
    Sequence: |value, to| to.number(value.get()), |from| Sequence::new(from.number()?);
    LeafIndex: |value, to| to.number(value.get()), |from| LeafIndex::new(from.number()?).ok();
    SequenceRange: |value, to| (value.first(), value.last()).put(to), |from| {
        let (first, last) = Stored::take(from)?;
        SequenceRange::new(first, last)
    };
    Kid: |value, to| to.bytes(value.as_bytes()), |from| Some(Kid::from_bytes(*from.bytes(32)?.first_chunk()?));
    PublicKey: |value, to| to.bytes(value.as_bytes()),
        |from| PublicKey::from_bytes(*from.bytes(32)?.first_chunk()?).ok();
    KnownKey: |value, to| value.key().put(to), |from| Stored::take(from).map(KnownKey::new);
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, to: &mut Pen) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut Eye<'_>) -> Option<Option<T>> {
        match bool::take(from)? {
            true => T::take(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Stored> Stored for Arc<T> {
    fn put(&self, to: &mut Pen) {
        (**self).put(to);
    }

    fn take(from: &mut Eye<'_>) -> Option<Arc<T>> {
        T::take(from).map(Arc::new)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, to: &mut Pen) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut Eye<'_>) -> Option<(A, B)> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, to: &mut Pen) {
        to.number(self.len() as u64);
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut Eye<'_>) -> Option<Vec<T>> {
        take_all(from)
    }
}

impl<K: Stored + Ord, V: Stored> Stored for BTreeMap<K, V> {
    fn put(&self, to: &mut Pen) {
        put_all(self.iter(), to);
    }

    fn take(from: &mut Eye<'_>) -> Option<BTreeMap<K, V>> {
        take_all(from)
    }
}

impl<K: Stored + Ord + Hash, V: Stored> Stored for HashMap<K, V> {
    fn put(&self, to: &mut Pen) {
        let mut sorted: Vec<(&K, &V)> = self.iter().collect();
        sorted.sort_unstable_by_key(|(one, _)| *one);
        put_all(sorted.into_iter(), to);
    }

    fn take(from: &mut Eye<'_>) -> Option<HashMap<K, V>> {
        take_all(from)
    }
}

impl<K: Stored + Ord + Hash> Stored for HashSet<K> {
    fn put(&self, to: &mut Pen) {
        let mut sorted: Vec<&K> = self.iter().collect();
        sorted.sort_unstable();
        to.number(sorted.len() as u64);
        sorted.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut Eye<'_>) -> Option<HashSet<K>> {
        take_all(from)
    }
}

fn put_all<'a, K: Stored + 'a, V: Stored + 'a>(
    pairs: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    to: &mut Pen,
) {
    to.number(pairs.len() as u64);
    for (key, value) in pairs {
        key.put(to);
        value.put(to);
    }
}

/// As many as the length says. Nothing is set aside for them before they are read.
fn take_all<T: Stored, C: FromIterator<T>>(from: &mut Eye<'_>) -> Option<C> {
    let length = from.length()?;
    (0..length).map(|_| T::take(from)).collect()
}
