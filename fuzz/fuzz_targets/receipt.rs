//! Receipts and evidence under the key of the test vectors: no panic, and one legal spelling.
#![no_main]

use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use libfuzzer_sys::fuzz_target;

/// The log of the test vectors, whose secret key is 32 times 01.
const POLICY: &str =
    "log log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\nquorum none\n";

fuzz_target!(|data: &[u8]| {
    let Ok(policy) = Policy::parse(POLICY) else { unreachable!("the policy is good") };
    if let (Ok(text), [log, ..]) = (std::str::from_utf8(data), policy.logs())
        && let Ok(evidence) = Evidence::parse(text, log.key())
    {
        assert_eq!(evidence.encode(), text);
    }
    let Ok(receipt) = Receipt::parse(data) else { return };
    assert_eq!(receipt.encode().as_bytes(), data);
    match receipt.verify(&policy) {
        Ok(proved) => {
            assert_eq!(Some(proved.statement()), receipt.entry().as_ref().map(|entry| entry.statement()));
            assert!(!proved.proved().is_empty() && !proved.not_proved().is_empty());
        }
        Err(error) => assert!(!error.to_string().is_empty() && (1..=10).contains(&error.step())),
    }
});
