//! What stands in URLs, and the names in statements: paths of tiles and bundles, conditions of a search, origins, issuers,
//! subjects, statutes, days, sizes, keys. No panic, and one legal spelling.
#![no_main]

use std::fmt::Display;

use glasshouse_ledger::query::Query;
use glasshouse_verifier::cose_key::CoseKey;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::request::EnrolmentRequest;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statute::StatuteId;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::tile::{BundlePath, TilePath};
use libfuzzer_sys::fuzz_target;

/// The server's own file: the server itself takes minutes to build.
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../server/src/static_side/resource.rs"]
mod resource;

/// As [`resource`]: what a witness answers.
#[rustfmt::skip]
#[path = "../../server/src/witnesses/wire.rs"]
mod wire;

fuzz_target!(|data: &[u8]| {
    if let Some(key) = CoseKey::parse(data) {
        assert_eq!(key.as_bytes().as_slice(), data);
    }
    let _ = EnrolmentRequest::parse(data);
    if let Some(size) = wire::parse_size(data) {
        assert_eq!(format!("{size}\n").as_bytes(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(resource) = resource::Resource::parse(text) {
        assert_eq!(format!("/{}", resource.file_name()), text);
        assert!(!text.contains("..") && !text.contains("//"));
        let _ = resource.entries();
    }
    same(text, TilePath::parse(text).ok().map(|path| path.encode()));
    same(text, BundlePath::parse(text).ok().map(|path| path.encode()));
    same(text, Origin::parse(text).ok().map(|origin| origin.as_str().to_owned()));
    same(text, Issuer::parse(text).ok());
    same(text, Issuer::parse_provider(text).ok());
    same(text, Subject::parse(text).ok());
    same(text, StatuteId::parse(text));
    same(text, Day::parse(text));
    same(text, TreeSize::parse(text).ok());
    same(text, LeafIndex::parse(text).ok());
    let pairs: Vec<(&str, &str)> =
        text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    if let Ok(query) = Query::parse(pairs.iter().copied()) {
        assert_eq!(query.wanted().count(), pairs.len());
        assert!(!query.encode().is_empty());
    }
});

/// What was read is written in the same way.
fn same(text: &str, read: Option<impl Display>) {
    if let Some(read) = read {
        assert_eq!(read.to_string(), text);
    }
}
