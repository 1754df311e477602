//! Every rule that is tried, and how much it asks. A rule that is not in these lists cannot be reported.

/// How much a rule asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// The specification says MUST, or defines by it the bytes that every reader computes with.
    Must,
    /// The specification says SHOULD, or says it without a word of demand.
    Should,
    /// The specification is silent; readers are glad of it.
    Wish,
}

impl Demand {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Demand::Must => "must",
            Demand::Should => "should",
            Demand::Wish => "wish",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// What it is about, a dot, a word.
    pub(crate) id: &'static str,
    /// How much it asks.
    pub(crate) demand: Demand,
    /// The rule in words, and which specification has it.
    pub(crate) words: &'static str,
}

/// Names each rule, and lists all of them.
macro_rules! rules {
    ($(#[$doc:meta])* $list:ident: $($name:ident $demand:ident $id:literal $words:literal;)+) => {
        $(pub(crate) const $name: Rule = Rule { id: $id, demand: Demand::$demand, words: $words };)+
        $(#[$doc])*
        pub(crate) const $list: &[Rule] = &[$($name),+];
    };
}

rules! {
    /// Of a log, in the order in which they are tried.
    LOG:
    CHECKPOINT_SERVED Must "checkpoint.served" "<prefix>/checkpoint answers 200, and no redirect (tlog-tiles, Checkpoints)";
    CHECKPOINT_TYPE Must "checkpoint.type" "Content-Type is text/plain; charset=utf-8 (tlog-tiles, Checkpoints)";
    CHECKPOINT_CACHE Should "checkpoint.cache" "no cache keeps it beyond a few seconds (tlog-tiles, Checkpoints)";
    CHECKPOINT_CORS Wish "checkpoint.cors" "any page may read it: Access-Control-Allow-Origin is *";
    CHECKPOINT_FORM Must "checkpoint.form" "it is a signed note with an origin, a size and a root (signed-note, tlog-checkpoint)";
    CHECKPOINT_EXTENSIONS Should "checkpoint.extensions" "there are no extension lines (tlog-checkpoint)";
    CHECKPOINT_SIGNATURE Must "checkpoint.signature" "the checkpoint carries an Ed25519 signature by the log (tlog-tiles, Checkpoints)";
    CHECKPOINT_KEY_NAME Should "checkpoint.key-name" "the log key's name is the origin (tlog-checkpoint)";
    TILE_SERVED Must "tile.served" "every tile of the checkpoint's tree answers 200, or the full one where a partial one is gone (tlog-tiles, Partial Tiles)";
    TILE_TYPE Should "tile.type" "tiles are application/octet-stream (tlog-tiles, Merkle Tree)";
    TILE_WIDTH Must "tile.width" "a tile holds as many hashes of 32 bytes as its path says (tlog-tiles, Partial Tiles)";
    TILE_CACHE Should "tile.cache" "caches may keep tiles for long (tlog-tiles, Merkle Tree)";
    TILE_CORS Wish "tile.cors" "any page may read tiles: Access-Control-Allow-Origin is *";
    TILE_LEVELS Must "tile.levels" "a hash of level 1 and up is the root of the full tile below it (tlog-tiles, Merkle Tree)";
    TILE_ROOT Must "tile.root" "the tiles lead to the checkpoint's root (tlog-tiles, Merkle Tree; RFC 6962 section 2.1)";
    BUNDLE_SERVED Must "bundle.served" "every bundle of the checkpoint's tree answers 200, or the full one where a partial one is gone (tlog-tiles, Log entries)";
    BUNDLE_TYPE Should "bundle.type" "bundles are application/octet-stream (tlog-tiles, Log entries)";
    BUNDLE_FORM Must "bundle.form" "a bundle is as many entries as its path says, each behind its length (tlog-tiles, Log entries)";
    BUNDLE_HASHES Must "bundle.hashes" "the entries hash to the tile of level 0 (tlog-tiles, Log entries)";
    BUNDLE_CACHE Should "bundle.cache" "caches may keep bundles for long (tlog-tiles, Log entries)";
    BUNDLE_ADDENDA Must "bundle.addenda" "where addenda.v1 is served, every entry ends with an index of addenda (tlog-addenda)";
    BUNDLE_CODING Must "bundle.coding" "with or without gzip a bundle holds the same bytes, and no coding comes that was not asked for but gzip (tlog-tiles, Log entries)";
    BUNDLE_GZIP Should "bundle.gzip" "bundles are compressed for who asks for it (tlog-tiles, Log entries)";
    BUNDLE_VARY Should "bundle.vary" "an answer that depends on Accept-Encoding says so in Vary (RFC 9110 section 12.5.5)";
    PATH_GRAMMAR Should "path.grammar" "every tile and bundle has one path, and no other one answers (tlog-tiles, Merkle Tree)";
    PATH_EMPTY Must "path.empty" "empty tiles are not served (tlog-tiles, Partial Tiles)";
    PATH_BEYOND Wish "path.beyond" "what the tree does not have is not served";
    PATH_STATUS Wish "path.status" "what does not exist is 404, or 400 for a wrong path";
    PATH_CACHE Wish "path.cache" "an error is not kept for long: the tile may exist tomorrow";
    GROWTH_SERVED Must "growth.served" "each later checkpoint is served, in its form and with its signature, as the first one (tlog-tiles, Checkpoints)";
    GROWTH_MONOTONE Should "growth.monotone" "a later checkpoint is not smaller, as it is where a cache kept it for too long (tlog-tiles, Checkpoints)";
    GROWTH_UNFORKED Must "growth.unforked" "a later checkpoint has the same origin, and at the same size the same root (tlog-checkpoint, Signatures)";
    GROWTH_CONSISTENT Must "growth.consistent" "the tiles of the largest tree lead to the root of every other one too (tlog-checkpoint, Signatures; RFC 6962 section 2.1.2)";
    GROWTH_RETAINED Must "growth.retained" "partial tiles of a published size stay until the full one exists (tlog-tiles, Partial Tiles)";
}

rules! {
    /// Of a witness, in the order in which they are tried.
    WITNESS:
    KNOWN Must "witness.known" "a log on its list is known to it: 200, or 409 with the size at which it stands (tlog-witness, add-checkpoint)";
    COSIGNS Must "witness.cosigns" "a consistent checkpoint is answered with 200 and the witness's cosignature (tlog-witness, add-checkpoint)";
    TIME Should "witness.time" "the cosignature's time is now (tlog-cosignature)";
    AGAIN Must "witness.again" "the same checkpoint again is cosigned again (tlog-witness, add-checkpoint)";
    MALFORMED Should "witness.malformed" "a body that is none is 400 (tlog-witness, add-checkpoint; RFC 9110 section 15.5.1)";
    OLD_SIZE Must "witness.old-size" "an old size above the checkpoint's is 400 (tlog-witness, add-checkpoint)";
    LONG Wish "witness.long" "a body of two mebibytes is refused";
    METHOD Wish "witness.method" "add-checkpoint takes POST alone: 405 or 404 for GET";
    UNKNOWN_LOG Must "witness.unknown-log" "an origin that it does not know is 404 (tlog-witness, add-checkpoint)";
    FORGED Must "witness.forged" "what no key of the log signed is 403 (tlog-witness, add-checkpoint)";
    CONFLICT Must "witness.conflict" "another old size is 409 with the right one, as text/x.tlog.size (tlog-witness, add-checkpoint)";
    FORK Must "witness.fork" "another root at the same size is refused: 422, or 409 by version 1.0 (tlog-witness, add-checkpoint)";
    PROOF Must "witness.proof" "a proof that does not hold is 422 (tlog-witness, add-checkpoint)";
    ORDER Should "witness.order" "signature before old size before proof, as the specification lists them";
    UNMOVED Must "witness.unmoved" "after all refusals it stands where it stood (tlog-witness, add-checkpoint)";
    RACE Must "witness.race" "of two checkpoints from one old size at once, one is cosigned, the other is 409, and the witness stands at the first (tlog-witness, add-checkpoint)";
    MONITORING Should "witness.monitoring" "its newest cosigned checkpoint is served under the hash of the origin (tlog-witness, Monitor Retrieval Mechanism)";
    MONITORING_UNKNOWN Should "witness.monitoring-unknown" "what it never cosigned is 404 there (tlog-witness, Monitor Retrieval Mechanism)";
}
