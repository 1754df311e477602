//! Withdrawals on which a redaction rests that is final: they let it count, and can no longer be withdrawn.

use std::collections::HashSet;

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;

/// Finds the withdrawals that must go on to count if an entry is to: each of its own withdrawals does not count, and for
/// each there is one that sees to that.
pub(super) fn keep(
    keepers: &mut HashSet<LeafIndex>,
    registry: &Registry,
    author: &Issuer,
    entry: (Sequence, StatementType),
) {
    let mut must_count = vec![entry];
    while let Some((sequence, kind)) = must_count.pop() {
        for (_, number, _) in registry.withdrawals_of(author, sequence, kind) {
            for (keeper, its_number, counts) in
                registry.withdrawals_of(author, number, StatementType::Withdrawal)
            {
                if counts && keepers.insert(keeper) {
                    must_count.push((its_number, StatementType::Withdrawal));
                }
            }
        }
    }
}
