//! Many statements about one entry: as many as may be, and no more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::store::Store;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::naming::MAX_NAMED;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use support::lives::{leaf, range, sign_about};
use support::*;

/// A log in memory, with one provider.
struct Log {
    registry: Registry,
    past: WholePast,
    number: u64,
}

impl Log {
    fn new() -> Log {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (_, reader) = enrolled(&store);
        let mut log = Log { registry: Registry::new(origin()), past: WholePast::default(), number: 0 };
        for at in 0..2 {
            let entry = reader.entry(index(at)).unwrap().unwrap();
            log.registry.apply(index(at), entry.statement(), &log.past).unwrap();
        }
        log
    }

    /// Takes in the provider's next statement, or gives the slug by which it is refused.
    fn take(&mut self, signed: &Signed) -> Result<(), &'static str> {
        let statement = Statement::parse(signed.statement()).unwrap();
        let at = index(self.registry.size());
        self.registry.apply(at, &statement, &self.past).map_err(|error| error.slug())?;
        self.past.remember(*signed.leaf_hash(), at, statement);
        self.number += 1;
        Ok(())
    }

    fn next(&self) -> u64 {
        self.number + 1
    }
}

fn amendment(number: u64, target: Target) -> Signed {
    let code = |text: &str| Item::text(text.to_owned());
    let draft = Draft::new(StatementType::Amendment)
        .with_targets([target])
        .with_field(FieldName::AMENDMENT_REASON, code("clerical_error"))
        .with_field(FieldName::CATEGORY, code("STATEMENT_CATEGORY_VIOLENCE"));
    sign_about(&provider(), &draft, number, &[target])
}

#[test]
fn an_entry_is_named_by_so_many_statements_and_no_more() {
    let mut log = Log::new();
    let (first, second) = (decision(1), decision(2));
    for signed in [&first, &second] {
        log.take(signed).unwrap();
    }
    for _ in 0..MAX_NAMED {
        let signed = amendment(log.next(), range(1, 1));
        log.take(&signed).unwrap();
    }
    for target in [range(1, 1), leaf(&first)] {
        let signed = amendment(log.next(), target);
        assert_eq!(log.take(&signed).err(), Some("target-state"), "{target:?}");
    }
    // A range of another block of numbers is counted by itself (`spec/lifecycle.md`).
    for target in [range(1, 2), range(2, 2), leaf(&second)] {
        let signed = amendment(log.next(), target);
        log.take(&signed).unwrap();
    }
}
