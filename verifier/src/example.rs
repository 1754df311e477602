//! One statement with its texts, for the tests of this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use ed25519_dalek::{Signer as _, SigningKey};

use crate::addendum::Addendum;
use crate::cbor::Item;
use crate::claims::Claims;
use crate::fields::FieldName;
use crate::issuer::Issuer;
use crate::key::PublicKey;
use crate::origin::Origin;
use crate::payload::Payload;
use crate::sequence::Sequence;
use crate::statement::UnsignedStatement;
use crate::subject::Subject;

pub(crate) fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(secret(seed).verifying_key().to_bytes()).unwrap()
}

pub(crate) fn sign(seed: u8, message: &[u8]) -> [u8; 64] {
    secret(seed).sign(message).to_bytes()
}

pub(crate) fn claims() -> Claims {
    Claims {
        iss: Issuer::parse("https://www.cloudflare.com").unwrap(),
        sub: Subject::parse("domain:kiwifarms.net").unwrap(),
        aud: Origin::parse("ledger.example").unwrap(),
        iat: 1_662_249_600,
    }
}

pub(crate) fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

/// The statement's number.
pub(crate) const SEQUENCE: u64 = 7;

pub(crate) fn addendum(field: &str, value: Item) -> Addendum {
    let Claims { iss, aud, .. } = claims();
    let field = FieldName::find(field).unwrap();
    Addendum::new([0x5a; 16], aud, iss, Sequence::new(SEQUENCE).unwrap(), field, value).unwrap()
}

pub(crate) fn addenda() -> [Addendum; 2] {
    [
        addendum("puid", text("kf-2022-09-03")),
        addendum("decision_facts", text("Imminent danger to human life; no court order was received.")),
    ]
}

pub(crate) fn payload_item() -> Item {
    let digests = addenda().map(|addendum| {
        (text(addendum.field().as_str()), Item::bytes(addendum.digest().as_bytes().to_vec()))
    });
    let pairs = [
        ("type", text("decision")),
        ("vocabulary", text("dsa-tdb/2")),
        ("sequence", Item::Integer(SEQUENCE.into())),
        ("addenda", Item::Map(digests.to_vec())),
        ("provider_role", text("reverse_proxy")),
        ("category", text("STATEMENT_CATEGORY_VIOLENCE")),
        ("application_date", text("2022-09-03")),
        ("source_type", text("SOURCE_VOLUNTARY")),
        ("automated_detection", text("No")),
        ("automated_decision", text("AUTOMATED_DECISION_NOT_AUTOMATED")),
        ("legal_basis", Item::Map(vec![(text("kind"), text("emergency"))])),
        ("infrastructure_measure", Item::Array(vec![text("block_page"), text("proxying_stopped")])),
    ];
    Item::Map(pairs.map(|(name, item)| (text(name), item)).to_vec())
}

pub(crate) fn payload() -> Payload {
    Payload::parse(&payload_item(), &claims()).unwrap()
}

/// The statement signed by the key of seed 11.
pub(crate) fn statement() -> Vec<u8> {
    let unsigned = UnsignedStatement::new(&public(11).kid(), &claims(), &payload());
    unsigned.assemble(&sign(11, &unsigned.sig_structure()))
}
