//! How the keys are written down in a snapshot.

use super::{Change, KeyRing, KeySnapshot};
use crate::snapshot::stored;

stored!(KeySnapshot { keys, announced });
stored!(Change { index, brings_key, log_keys });
stored!(KeyRing { registrar, keys, reserved, log_keys, receipt_keys, receipts, changes, providers });
