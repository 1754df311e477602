//! The keys that a log ever had for its checkpoints (`spec/log.md`, "Keys of the log").

use crate::vkey::{Vkey, VkeyKind};

/// Every key of these lists, each once: what one of them signed holds for ever. Those of type 6 are left out unless each list
/// has one: whoever trusts one asks for it below every checkpoint.
pub(crate) fn ever_named<'k>(lists: impl Iterator<Item = &'k [Vkey]> + Clone) -> Vec<Vkey> {
    let is_second = |key: &Vkey| key.kind() == VkeyKind::MlDsa44;
    let always_second = lists.clone().all(|list| list.iter().any(is_second));
    let mut keys: Vec<Vkey> = Vec::new();
    for key in lists.flatten().filter(|key| always_second || !is_second(key)) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}
