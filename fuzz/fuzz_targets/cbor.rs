//! Our reader of CBOR against another one (ciborium): one verdict, and one value.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// The comparison is also a test of the workspace, over vectors and random items.
#[rustfmt::skip]
#[path = "../../tests/tests/all/foreign_cbor.rs"]
mod foreign_cbor;

fuzz_target!(|data: &[u8]| {
    foreign_cbor::compare(data);
});
