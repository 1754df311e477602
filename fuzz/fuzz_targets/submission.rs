//! Bodies of submissions, and what is in them: no panic, and one legal spelling.
#![no_main]

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::{encode_batch, walk_batch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(items) = walk_batch(data) else { return };
    assert!((1..=1_000).contains(&items.len()));
    for item in items.iter().flatten() {
        assert!(item.addenda.len() <= 32);
        let statement = Statement::parse(item.statement).ok();
        for bytes in &item.addenda {
            let Ok(addendum) = Addendum::parse(bytes) else { continue };
            assert_eq!(addendum.encode(), *bytes);
            if let Some(statement) = &statement {
                let _ = addendum.check_owner(statement);
                let _ = addendum.value().as_bytes().map(|value| Sealed::parse(value, statement));
            }
        }
        if let Some(Ok(entry)) = statement.map(Entry::of) {
            assert_eq!(Entry::parse(entry.bytes()).as_ref(), Ok(&entry));
        }
    }
    let whole: Result<Vec<_>, _> = items.into_iter().collect();
    if let Ok(whole) = whole {
        assert_eq!(encode_batch(&whole), data);
    }
});
