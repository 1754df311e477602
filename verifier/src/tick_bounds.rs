//! Between which moments a ticked checkpoint was seen, as far as a quorum of witnesses says so (`spec/log.md`, "Time").

use crate::policy::{Policy, Witnessed};

/// How far the clocks of ledger and witnesses may be apart before anybody is blamed, in seconds.
pub const SKEW: u64 = 600;

/// What the witnesses of one checkpoint say together, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickBounds {
    /// The latest time at which, or later, a quorum says that it saw the checkpoint: what stands behind its tick was logged
    /// after it.
    pub after: u64,
    /// The earliest time by which a quorum says that it had seen the checkpoint: what it covers was logged before it.
    pub before: u64,
}

impl TickBounds {
    /// One wrong clock moves neither bound where the quorum does not hang on that witness. Times that the reader's own clock,
    /// `now`, has not come to are not counted. `None` if what is left makes no quorum. Under `quorum none` everybody who
    /// signed has to agree.
    pub fn of(policy: &Policy, witnessed: &[Witnessed], now: u64) -> Option<TickBounds> {
        let has_come = |one: &&Witnessed| one.time <= now.saturating_add(SKEW);
        let mut seen: Vec<Witnessed> = witnessed.iter().filter(has_come).cloned().collect();
        seen.sort_by_key(|one| one.time);
        if !policy.asks_for_witnesses() {
            return Some(TickBounds { after: seen.first()?.time, before: seen.last()?.time });
        }
        let makes_quorum = |some: Option<&[Witnessed]>| some.is_some_and(|some| policy.is_quorum(some));
        let latest = (0..seen.len()).rev().find(|from| makes_quorum(seen.get(*from..)))?;
        let earliest = (0..seen.len()).find(|to| makes_quorum(seen.get(..=*to)))?;
        Some(TickBounds { after: seen.get(latest)?.time, before: seen.get(earliest)?.time })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use crate::vkey::{Vkey, VkeyKind};
    use ed25519_dalek::SigningKey;

    use super::*;

    const LOG: &str = "log log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    const T: u64 = 1_750_000_000;
    const NOW: u64 = T + 1_000_000;

    fn bounds(rest: &str, times: [u64; 3]) -> Option<(u64, u64)> {
        let witness = |at: u8| {
            let key = SigningKey::from_bytes(&[0x30 + at; 32]).verifying_key().to_bytes();
            let vkey = Vkey::new("witness.example", VkeyKind::Cosignature, key).unwrap();
            format!("witness w{at} {}\n", vkey.encode())
        };
        let witnesses = [0, 1, 2].map(witness);
        let policy = Policy::parse(&format!("{LOG}\n{}{rest}\n", witnesses.concat())).unwrap();
        let witnessed = times.iter().enumerate().filter(|(_, time)| **time > 0);
        let witnessed: Vec<Witnessed> =
            witnessed.map(|(at, time)| Witnessed { name: format!("w{at}"), time: *time }).collect();
        TickBounds::of(&policy, &witnessed, NOW).map(|bounds| (bounds.after, bounds.before))
    }

    #[test]
    fn one_wrong_clock_moves_no_bound_of_a_quorum_of_two() {
        let two = "group g 2 w0 w1 w2\nquorum g";
        assert_eq!(bounds(two, [T, T + 1, T + 2]), Some((T + 1, T + 1)));
        assert_eq!(bounds(two, [T, T + 1, 1]), Some((T, T)), "slow");
        assert_eq!(bounds(two, [T + 900_000, T + 1, T]), Some((T + 1, T + 1)), "fast");
        assert_eq!(bounds(two, [T, T + 1, u64::MAX]), Some((T, T + 1)), "not come yet");
        assert_eq!(bounds(two, [T, 0, T + 1]), Some((T, T + 1)), "two are enough");
        assert_eq!(bounds(two, [T, 0, u64::MAX]), None, "no quorum is left");
        assert_eq!(bounds(two, [T, 0, NOW + SKEW]), Some((T, NOW + SKEW)), "clocks may differ");
        assert_eq!(bounds(two, [T, 0, NOW + SKEW + 1]), None);
    }

    #[test]
    fn other_quorums_weigh_as_they_are_written() {
        let times = [T, T + 1, T + 2];
        assert_eq!(bounds("group g all w0 w1 w2\nquorum g", times), Some((T, T + 2)));
        assert_eq!(bounds("group g any w0 w1 w2\nquorum g", times), Some((T + 2, T)));
        assert_eq!(bounds("quorum w1", times), Some((T + 1, T + 1)));
        assert_eq!(bounds("group h any w1 w2\ngroup g all w0 h\nquorum g", times), Some((T, T + 1)));
        assert_eq!(bounds("quorum none", times), Some((T, T + 2)));
        assert_eq!(bounds("quorum none", [0, 0, 0]), None);
    }
}
