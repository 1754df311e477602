//! Every bound on what arrives from the network, each with its reason.

use std::time::Duration;

/// Bytes of submission bodies that may lie in memory at the same time: three of the greatest. A body can take twice its
/// length while its memory grows (with 128 MiB, hostile bodies brought the process to 385 MiB), and the whole stays
/// below 300 MiB however many clients send at once.
pub const BODIES_IN_FLIGHT: usize = 48 << 20;

/// Bytes of answers that may lie in memory at the same time, made and not yet sent: three bundles of the greatest size
/// (256 entries of 65,535 bytes) or hundreds of the usual one; two receipts with as many texts as a body brings in.
pub const ANSWERS_IN_FLIGHT: usize = 48 << 20;

/// Answers up to this size, in bytes, are not counted: all connections together cannot make them many, and a proof
/// should not have to wait for those who read bundles slowly.
pub const SMALL_ANSWER: usize = 8_192;

/// Bundles that are compressed at the same time; more would only wait for a core.
pub const COMPRESSIONS_AT_ONCE: usize = 4;

/// Longest path and query of a request, in bytes. The longest of our own URLs has about 350.
pub const MAX_URI: usize = 2_048;

/// Greatest request head (request line and all header fields), in bytes.
pub const MAX_HEAD: usize = 16 << 10;

/// Most header fields of a request.
pub const MAX_HEADER_FIELDS: usize = 64;

/// Time that a client has to send a request's head; also how long an idle connection is kept.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Time that a client has to send a body. 16 MiB arrive in it at 0.6 MiB/s.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Time from a request's head to its answer's head: the body's, and that of a round with a slow disk.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);

/// Time that submitted statements have to be answered: less than [`REQUEST_TIMEOUT`], so that a submitter is told what the
/// ledger waits for.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);

/// Time without a byte sent after which a client that does not read is given up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that are open at the same time; further ones wait in the system's queue.
pub const MAX_CONNECTIONS: usize = 900;

/// Time that requests have to finish once the server was told to stop.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(50);

/// `Retry-After` of an answer that says "overloaded", in seconds.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// Batches whose statements are checked at the same time. One keeps all cores busy; the second is ready when it ends.
/// Each may hold a copy of its body.
pub const ADMISSIONS_AT_ONCE: usize = 2;

/// Statements that were admitted and wait for a round: two seconds of the rate that is aimed at.
pub const QUEUED_STATEMENTS: usize = 40_000;

/// Bytes of statements and texts that wait for a round. With bodies, admissions and answers this stays below 300 MiB.
pub const QUEUED_BYTES: usize = 32 << 20;

/// Requests that read the ledger at the same time, until their answer has its place among [`ANSWERS_IN_FLIGHT`]. Most
/// take less than a millisecond; but one may hold the texts of a whole body several times over, as bytes and as JSON.
pub const READS_AT_ONCE: usize = 2;

/// Bodies of drafts that are looked at at the same time: one keeps a core busy, and statements go before drafts.
pub const DRAFTS_AT_ONCE: usize = 1;

/// Bytes of bodies of drafts that may lie in memory at the same time: one of the greatest and many of the usual size. They
/// have a room of their own, so that drafts waiting for their turn never keep a statement out.
pub const DRAFTS_IN_FLIGHT: usize = 20 << 20;

/// Most drafts in one body, as many as a batch has submissions.
pub const MAX_DRAFTS: usize = 1_000;

/// Most errors, warnings and notes in one answer. A body of 16 MiB can be wrong in a million places, at 200 bytes each;
/// with this the answer stays near 6 MiB.
pub const MAX_FINDINGS: usize = 10_000;

/// Bytes of `add-checkpoint` bodies that a witness holds at the same time: 128 of the greatest, thousands of the usual.
pub const WITNESS_BODIES_IN_FLIGHT: usize = 16 << 20;

/// `add-checkpoint` requests that a witness works on at the same time, each on a thread of its own; most of that time
/// they wait for a disk. Further ones wait for their turn.
pub const WITNESS_ADDS_AT_ONCE: usize = 32;

/// Logs that one `GET /status` of a witness tells of: those of the largest lists in use, many times.
pub const WITNESS_STATUS_LOGS: usize = 1_000;
