//! Every bound on what arrives, with its reason. Nothing is allocated beyond them.

/// Greatest tree size: 2^53 − 1, the greatest integer that every JSON reader holds exactly.
pub const TREE_SIZE_MAX: u64 = (1 << 53) - 1;

/// Most hashes in an inclusion proof: the depth of a tree of [`TREE_SIZE_MAX`] leaves.
pub const INCLUSION_PROOF_MAX: usize = 53;

/// Most hashes in a consistency proof: the depth of the greatest tree, and the node where the proof begins.
pub const CONSISTENCY_PROOF_MAX: usize = 54;

/// Hashes in a full tile and entries in a full bundle (c2sp.org/tlog-tiles).
pub const TILE_WIDTH: u16 = 256;

/// Greatest tile level that a path can name (c2sp.org/tlog-tiles).
pub const TILE_LEVEL_MAX: u8 = 63;

/// Greatest entry, in bytes: a bundle gives its length in 16 bits (c2sp.org/tlog-tiles).
pub const ENTRY_MAX: usize = 65_535;

/// Greatest note, in bytes: room for 64 signatures of the largest kind, and a text beside them.
pub const NOTE_MAX: usize = 256 * 1024;

/// Greatest note in a tick, in bytes: half of what an entry may have. Eight ML-DSA-44 cosignatures beside the log's own lines
/// fit, or some 200 of Ed25519.
pub const TICK_NOTE_MAX: usize = 32 * 1024;

/// Most tables of multiples of keys in a process, 30 KiB each at most: a log has some thousand keys, and few of them sign most of it.
pub const KEY_TABLES_MAX: usize = 512;

/// Most keys that a thread remembers as sound, 200 bytes each: those of a log itself, and of the providers in turn.
pub const SOUND_KEYS_MAX: usize = 32;

/// Most signature lines of a note: four times what c2sp.org/signed-note asks a reader to take.
pub const NOTE_SIGNATURES_MAX: usize = 64;

/// Greatest origin and key name, in bytes: witnesses count their length in 8 bits (c2sp.org/tlog-cosignature).
pub const NAME_MAX: usize = 255;

/// Greatest verifier key text, in bytes: a name, an identifier, and the largest public key in base64.
pub const VKEY_MAX: usize = 4096;

/// Greatest policy, in bytes: room for every line that the next three bounds allow.
pub const POLICY_MAX: usize = 256 * 1024;

/// Most lines of a policy: 32 logs, 32 witnesses and 32 groups are what every reader takes, and comments stand between.
pub const POLICY_LINES_MAX: usize = 256;

/// Greatest proof file, in bytes: a note, 53 hashes of 45 bytes, and an extra line that holds an entry.
pub const TLOG_PROOF_MAX: usize = NOTE_MAX + 128 * 1024;

/// Greatest evidence file, in bytes: two receipts without texts, each of 64 entries of 64 KiB in base64, or two notes and a
/// proof.
pub const EVIDENCE_MAX: usize = 16 << 20;

/// Most arrays and objects inside each other in a JSON file, the outermost counted: ours have four, and every reader's stack has
/// room for these.
pub const JSON_DEPTH_MAX: usize = 64;

/// Most arrays, objects and commas of a JSON file, those inside texts not counted: ours have some thousands, and a reader that
/// keeps millions of them runs out of time or memory.
pub const JSON_PARTS_MAX: usize = 65_536;

/// Greatest COSE receipt, in bytes: 54 hashes of 34 bytes, a name of 255 bytes twice, a key's thumbprint and a signature
/// make fewer than 2,700.
pub const COSE_RECEIPT_MAX: usize = 4096;

/// Most receipts in one transparent statement: a log gives one, and a holder may keep some of different ages.
pub const COSE_RECEIPTS_MAX: usize = 8;

/// Greatest transparent statement, in bytes: a statement, its receipts, and a head before each.
pub const TRANSPARENT_MAX: usize = ENTRY_MAX + COSE_RECEIPTS_MAX * (COSE_RECEIPT_MAX + 3) + 16;

/// Most keys in a key set: 16 that a genesis names, and three changes of all of them.
pub const KEY_SET_MAX: usize = 64;
