//! What a tick proves: its checkpoint is opened under the policy that the server has, and the times of its witnesses are days.

use std::sync::Arc;

use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::tick_bounds::TickBounds;

use super::day_number::day_number;
use super::logged::Tick;

/// Whose times are believed.
#[derive(Clone)]
pub(crate) struct Ticking {
    policy: Option<Policy>,
    origin: Origin,
    clock: Arc<dyn Clock>,
}

impl Ticking {
    /// The witnesses of a policy; without one no tick proves anything.
    pub(crate) fn new(reader: &Reader, policy: Option<Policy>, clock: Arc<dyn Clock>) -> Ticking {
        let origin = reader.with_registry(|registry| registry.origin().clone());
        Ticking { policy, origin, clock }
    }

    /// What tells this policy from others, hex.
    pub(crate) fn digest(&self) -> String {
        Digest::of(format!("{:?}", self.policy).as_bytes()).to_hex()
    }

    /// What an entry proves, in days; `None` for one that is no tick, and for a tick that bounds nothing.
    pub(crate) fn tick(&self, index: LeafIndex, statement: &Statement) -> Option<Tick> {
        let (bounds, size) = self.bounds(index, statement)?;
        let day = |seconds| Instant::new(seconds).and_then(Instant::day).map(day_number);
        Some(Tick { index: index.get(), after: day(bounds.after)?, size, before: day(bounds.before)? })
    }

    /// The same to the second, and the size of the tree that the tick names.
    pub(crate) fn bounds(&self, index: LeafIndex, statement: &Statement) -> Option<(TickBounds, u64)> {
        if statement.payload().kind() != StatementType::Tick || !statement.claims().is_registrar() {
            return None;
        }
        let Some(FieldValue::Note(note)) = statement.payload().field(FieldName::CHECKPOINT) else {
            return None;
        };
        let policy = self.policy.as_ref()?;
        let trusted = policy.open(note.as_bytes()).ok()?;
        let size = trusted.signed().head().size().get();
        if *trusted.signed().checkpoint().origin() != self.origin || size > index.get() {
            return None;
        }
        let bounds = TickBounds::of(policy, trusted.witnesses(), self.clock.now_ms() / 1_000)?;
        Some((bounds, size))
    }
}
