//! Every bound on what arrives from the network, each with its reason.

use std::time::Duration;

/// Bytes of submission bodies that may lie in memory at the same time: three of the greatest. A body can take twice its
/// length while its memory grows (with 128 MiB, hostile bodies brought the process to 385 MiB), and the whole stays
/// bounded however many clients send at once.
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

/// Bytes a second that a client has to read, on average over an answer, or it is given up: a slow telephone line. An answer
/// has its place in memory until it was read.
pub const LEAST_PACE: u64 = 8 << 10;

/// Time before the pace of reading is looked at: a radio link may stop for that long.
pub const PACE_GRACE: Duration = Duration::from_secs(20);

/// Connections that are open at the same time; further ones wait in the system's queue.
pub const MAX_CONNECTIONS: usize = 900;

/// Files that the process may have open, where the system lets it: [`MAX_CONNECTIONS`], and those of the log and its indexes.
pub const MAX_OPEN_FILES: u64 = 8_192;

/// Connections that one address may hold, unless told otherwise: an auditor asks for 16 tiles at once, and several people may sit
/// behind one address. Fifteen addresses together can still hold all.
pub const CONNECTIONS_PER_ADDRESS: usize = 64;

/// Time that a client has for its TLS handshake: two or three ways there and back, and a slow telephone.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// When fewer connections than this are free, the server is crowded: a new connection brings one request and is closed, its
/// head has [`CROWDED_HEAD_TIMEOUT`], and who reads slowly is given up soon. So slow readers cannot keep the others out, however many they are.
pub const CROWDED_BELOW: usize = MAX_CONNECTIONS / 2;

/// Time to send a request's head while the server is crowded.
pub const CROWDED_HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// What [`LEAST_PACE`] is while the server is crowded.
pub const CROWDED_PACE: u64 = 64 << 10;

/// What [`PACE_GRACE`] is while the server is crowded.
pub const CROWDED_GRACE: Duration = Duration::from_secs(2);

/// Bytes of an answer that the system takes over at once, so that a page or a feed needs no connection of ours while it is
/// being read. Linux counts twice that, and takes no more than `net.core.wmem_max`.
pub const SEND_BUFFER: usize = 256 << 10;

/// Time that requests have to finish once the server was told to stop.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(50);

/// `Retry-After` of an answer that says "overloaded", in seconds.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// `Retry-After` while the search index or the look-ups are behind, in seconds: the one is built at some thousands of entries a
/// second, the others at tens of thousands.
pub const INDEX_RETRY_AFTER_SECONDS: u32 = 5;

/// Time that a request waits for the look-ups, without a turn of reading, where they are further behind than a step: heavy traffic
/// leaves them so for a part of a second.
pub const LOOK_UPS_WAIT: Duration = Duration::from_secs(2);

/// `Retry-After` while the disk is almost full, in seconds: somebody has to make room.
pub const STORAGE_RETRY_AFTER_SECONDS: u32 = 30;

/// Statements that came in over `POST /entries` and are not answered: each holds a task and its statement, 64 MiB in all.
pub const ENTRIES_PENDING: usize = 1_000;

/// Time that `POST /entries` waits for a published checkpoint before it answers 202. Most take a round, far below a second.
pub const ENTRY_WAIT: Duration = Duration::from_secs(10);

/// Batches whose statements are checked at the same time. One keeps all cores busy; the second is ready when it ends.
/// Each may hold a copy of its body.
pub const ADMISSIONS_AT_ONCE: usize = 2;

/// Statements that were admitted and wait for a round: a second of the rate that is aimed at, and more than two of the greatest
/// rounds. Each takes some 5 KiB of memory with what was read out of it, however few bytes it has.
pub const QUEUED_STATEMENTS: usize = 20_000;

/// Bytes of statements and texts that wait for a round, as they were sent. What is read out of them takes several times as much (see
/// [`QUEUED_STATEMENTS`]): with both indexes a full queue was measured at 490 MiB for the process.
pub const QUEUED_BYTES: usize = 32 << 20;

/// Requests that read the ledger at the same time, until their answer has its place among [`ANSWERS_IN_FLIGHT`]. Most
/// take less than a millisecond; but one may hold the texts of a whole body several times over, as bytes and as JSON.
pub const READS_AT_ONCE: usize = 2;

/// Bodies of drafts that are looked at at the same time: one keeps a core busy, and statements go before drafts.
pub const DRAFTS_AT_ONCE: usize = 1;

/// Bytes of bodies of drafts that may lie in memory at the same time: of one address at most half of it, which is one of the greatest. They
/// have a room of their own, so that drafts waiting for their turn never keep a statement out.
pub const DRAFTS_IN_FLIGHT: usize = 32 << 20;

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

/// Longest `q` of a search, in characters: a long sentence. A URL has room for 2,048 bytes in all.
pub const MAX_TEXT_QUERY: usize = 512;

/// Most words of a `q`, those of phrases among them: each costs a walk through the entries that have it.
pub const MAX_TEXT_TERMS: usize = 16;

/// Rows of a page of a list, if the request does not say how many.
pub const LIST_ROWS: usize = 100;

/// Most rows of a page of a list: some 500 KiB of JSON.
pub const MAX_LIST_ROWS: usize = 1_000;

/// Entries that one page may read for its rows, their amendments among them: some hundred milliseconds. Then it ends, and
/// says where to go on.
pub const MAX_LIST_READS: u64 = 4_096;

/// Claims that one page may weigh: an entry has 10,000 at most, and weighing these takes some hundred milliseconds.
pub const MAX_LIST_CLAIMS: usize = 100_000;

/// Most rows of counts: some 800 KiB of JSON. The rest is summed up.
pub const MAX_COUNT_ROWS: usize = 10_000;

/// Longest text that is compared whole, in bytes: what one character of `subject` can take at most, 2,048 times, does not
/// fit into a URL anyway.
pub const MAX_EXACT_TEXT: usize = 2_048;

/// Most different groups of values that one request counts: some 30 MiB beside their texts.
pub const MAX_COUNT_GROUPS: usize = 250_000;

/// Most bytes of the texts of these groups.
pub const MAX_COUNT_BYTES: usize = 32 << 20;

/// Exports that are streamed at the same time. Each keeps a bit for each entry of the log, and a row group of some 30 MiB; two keep one core busy and leave one to everybody else.
pub const EXPORTS_AT_ONCE: usize = 2;

/// Greatest answer whose bytes are hashed for a tag, on the thread that sends it: a millisecond or two. Only the longest lists and
/// counts are greater.
pub const TAGGED_ANSWER: usize = 512 << 10;

/// Bytes of an export that are sent at once.
pub const EXPORT_CHUNK: usize = 64 << 10;

/// Pieces of an export that are ready and not sent yet: with less, its thread would wait for the network and the network for it.
pub const EXPORT_CHUNKS_READY: usize = 4;

/// Time that a reader of an export has before its pace is looked at.
pub const EXPORT_GRACE: Duration = Duration::from_secs(60);

/// Bytes a second that a reader of an export must take, from its beginning on, beyond [`EXPORT_GRACE`]: a tenth of what a
/// slow telephone does. Who takes less holds a place that others wait for.
pub const EXPORT_PACE: u64 = 16 << 10;

/// What [`EXPORT_PACE`] is while others are refused a place: 2 Mbit/s. So nobody holds a place for long that others wait for.
pub const EXPORT_CROWDED_PACE: u64 = 256 << 10;

/// What [`EXPORT_GRACE`] is from then on.
pub const EXPORT_CROWDED_GRACE: Duration = Duration::from_secs(5);

/// For so long after somebody was refused, others are taken to wait: whoever does asks again after [`RETRY_AFTER_SECONDS`].
pub const EXPORT_CROWDED_FOR: Duration = Duration::from_secs(20);

/// Time that an export waits for a moment at which the index covers the published tree.
pub const EXPORT_WAIT: Duration = Duration::from_secs(10);

/// Entries of a page of a feed: what a reader of feeds shows at once, some 30 KiB. Small enough to leave at once, so that whoever
/// reads slowly keeps nobody waiting.
pub const FEED_ROWS: usize = 50;

/// Statements about one entry of a feed that are read to tell when it changed last: more than nearly every decision has, and for a
/// whole page fewer than [`MAX_LIST_READS`].
pub const FEED_CLAIMS: usize = 64;

/// Memory for what conditions that were asked for before are met by, in bytes: of a log of a million entries some 500
/// conditions, each with every segment of the index. Counts by territory need half of that.
pub const KEPT_SETS_BYTES: usize = 64 << 20;

/// Time that one search has, looked at between two conditions in one segment of the index: these take milliseconds. More would
/// keep everybody else from reading.
pub const SEARCH_TIME: Duration = Duration::from_secs(5);

/// Time that a request waits for the index: when the server has just begun, and when words are looked for and a redaction is
/// not covered.
pub const SEARCH_WAIT: Duration = Duration::from_secs(2);
