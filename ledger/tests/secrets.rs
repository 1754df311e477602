//! No secret is shown by what signs with it: not by its `Debug` form, which ends in log lines, nor by an error about its file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fmt::Debug;

use base64::Engine as _;
use glasshouse_ledger::author::Author;
use glasshouse_ledger::cosigner::Cosigner;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::ml_dsa_signer::MlDsaSigner;
use glasshouse_ledger::receipt_signer::ReceiptSigner;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;

/// No two bytes are alike, and none is a number that a list of other bytes would have in this order.
fn seed() -> [u8; 32] {
    std::array::from_fn(|i| (201 - 5 * i as i32).rem_euclid(251) as u8)
}

/// Every form in which four bytes of the seed could be written, anywhere in it.
fn spellings() -> Vec<String> {
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut spellings = Vec::new();
    for part in seed().windows(4) {
        let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        spellings.extend([hex.to_uppercase(), hex]);
        let list = |form: &dyn Fn(&u8) -> String| part.iter().map(form).collect::<Vec<_>>();
        let (decimal, hexadecimal) = (list(&|byte| byte.to_string()), list(&|byte| format!("0x{byte:02x}")));
        for numbers in [decimal, hexadecimal] {
            spellings.extend([numbers.join(", "), numbers.join(" "), numbers.join(",\n    ")]);
        }
    }
    for start in 0..3 {
        // Three bytes are four characters, wherever they begin.
        spellings.extend(seed()[start..].chunks_exact(6).map(|part| base64.encode(part)));
    }
    spellings
}

#[track_caller]
fn shows_nothing(name: &str, signer: &dyn Debug) {
    for shown in [format!("{signer:?}"), format!("{signer:#?}")] {
        for spelling in spellings() {
            assert!(!shown.contains(&spelling), "{name}: {spelling} in {shown}");
        }
    }
}

#[test]
fn nothing_that_signs_shows_its_secret() {
    let origin = Origin::parse("log.example").unwrap();
    let (key, second) = (SecretKey::from_seed(&seed()), MlDsaSecretKey::from_seed(&seed()));
    shows_nothing("SecretKey", &key);
    shows_nothing("MlDsaSecretKey", &second);
    let signer = LogSigner::new(origin.clone(), key.clone()).unwrap();
    shows_nothing("LogSigner", &signer.with_second(second.clone()).unwrap());
    shows_nothing("MlDsaSigner", &MlDsaSigner::new("log.example", second.clone()).unwrap());
    shows_nothing("ReceiptSigner", &ReceiptSigner::new(origin.clone(), key.clone()).unwrap());
    let cosigner = Cosigner::new("witness.example", key.clone()).unwrap();
    shows_nothing("Cosigner", &cosigner.with_second(second).unwrap());
    let provider = Issuer::parse_provider("https://host.example").unwrap();
    shows_nothing("Author", &Author::new(provider, origin, key).unwrap());
}

/// The test above would see it.
#[test]
fn a_seed_that_is_shown_is_found() {
    let base64 = base64::engine::general_purpose::STANDARD;
    let hex: String = seed().iter().map(|byte| format!("{byte:02x}")).collect();
    for shown in [format!("{:?}", seed()), format!("{:#?}", seed()), hex, base64.encode(seed())] {
        assert!(spellings().iter().any(|spelling| shown.contains(spelling)), "{shown}");
    }
}
