//! Statements, entries, addenda, enrolment requests and single items of CBOR: no panic, and one legal spelling.
#![no_main]

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::{Walker, decode, encode};
use glasshouse_verifier::cose::assemble;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::request::SignedRequest;
use glasshouse_verifier::statement::{Statement, encode_protected};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let item = decode(data);
    assert_eq!(Walker::check(data).is_ok(), item.is_ok());
    if let Ok(item) = item {
        assert_eq!(encode(&item), data);
    }
    if let Ok(statement) = Statement::parse(data) {
        let header = encode_protected(statement.algorithm(), statement.kid(), statement.claims());
        let payload = statement.payload().encode();
        assert_eq!(assemble(&header, &payload, statement.signature()), data);
        if let Ok(entry) = Entry::of(statement) {
            assert_eq!(Entry::parse(entry.bytes()).as_ref(), Ok(&entry));
        }
    }
    if let Ok(entry) = Entry::parse(data) {
        assert_eq!(entry.bytes(), data);
        assert_eq!(Entry::from_statement(entry.statement()).unwrap().bytes(), data);
    }
    if let Ok(addendum) = Addendum::parse(data) {
        assert_eq!(addendum.encode(), data);
    }
    if let Ok(signed) = SignedRequest::parse(data) {
        let request = signed.request();
        assert_eq!(request.assemble(signed.signer(), signed.signature()), data);
        let _ = signed.verify(&request.key);
    }
});
