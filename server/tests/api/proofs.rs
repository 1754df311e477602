//! What is read back proves itself with the verifier.

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::vkey::Vkey;
use serde_json::Value;

use crate::world::World;

fn hashes(json: &Value) -> Vec<NodeHash> {
    json.as_array().unwrap().iter().map(|hash| NodeHash::from_hex(hash.as_str().unwrap()).unwrap()).collect()
}

fn head(size: &Value, root: &Value) -> TreeHead {
    let root = RootHash::from_hex(root.as_str().unwrap()).unwrap();
    TreeHead::new(TreeSize::new(size.as_u64().unwrap()).unwrap(), root).unwrap()
}

fn vkey(world: &World) -> Vkey {
    Vkey::parse(std::str::from_utf8(&world.get("/vkey").body).unwrap().trim_end()).unwrap()
}

#[test]
fn a_receipt_verifies_with_nothing_but_the_log_s_key() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let policy = Policy::of_log(vkey(&world)).unwrap();
    let by_leaf = format!("/api/v1/receipts/{}", decision.leaf_hash());
    for path in ["/api/v1/receipts/2", "/api/v1/receipts/0", "/api/v1/receipts/1", by_leaf.as_str()] {
        let reply = world.get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/vnd.glasshouse.receipt+json"));
        Receipt::parse(&reply.body).unwrap().verify(&policy).unwrap();
    }
    let proof = world.get_as("/api/v1/receipts/2", "text/plain");
    assert_eq!(proof.header("content-type"), Some("text/plain; charset=utf-8"));
    let proof = TlogProof::parse(std::str::from_utf8(&proof.body).unwrap()).unwrap();
    proof.verify(decision.leaf_hash(), &policy).unwrap();
}

#[test]
fn inclusion_and_consistency_of_every_size() {
    let world = World::with_provider();
    for number in 1..=5 {
        world.submit(&[&world.decision(number)]);
    }
    for size in 1..=7u64 {
        for index in 0..size {
            let json = world.get(&format!("/api/v1/proofs/inclusion?index={index}&size={size}")).json();
            let leaf = LeafHash::from_hex(json["leaf_hash"].as_str().unwrap()).unwrap();
            let proof = InclusionProof::new(hashes(&json["hashes"])).unwrap();
            let head = head(&json["size"], &json["root"]);
            verify_inclusion(&leaf, LeafIndex::new(index).unwrap(), &head, &proof).unwrap();
        }
        for from in 0..=size {
            let json = world.get(&format!("/api/v1/proofs/consistency?from={from}&to={size}")).json();
            let proof = ConsistencyProof::new(hashes(&json["hashes"])).unwrap();
            let old = OldTree(head(&json["from"], &json["from_root"]));
            verify_consistency(&old, &NewTree(head(&json["to"], &json["to_root"])), &proof).unwrap();
        }
    }
    let newest = world.get("/api/v1/proofs/inclusion?index=3").json();
    let signed =
        SignedCheckpoint::open(newest["checkpoint"].as_str().unwrap().as_bytes(), &vkey(&world)).unwrap();
    assert_eq!(signed.head().root().to_hex(), newest["root"].as_str().unwrap());
    assert_eq!(newest["size"], 7);
}

#[test]
fn what_was_never_published_is_refused_by_name() {
    let world = World::with_provider();
    for (path, parameter, rule) in [
        ("inclusion", "index", "required"),
        ("inclusion?index=2", "index", "out-of-range"),
        ("inclusion?index=0&size=0", "index", "out-of-range"),
        ("inclusion?index=0&size=3", "size", "out-of-range"),
        ("inclusion?index=00", "index", "grammar"),
        ("inclusion?index=-1", "index", "grammar"),
        ("inclusion?index=9007199254740991", "index", "grammar"),
        ("consistency", "from", "required"),
        ("consistency?from=2&to=1", "from", "out-of-range"),
        ("consistency?from=1&to=3", "to", "out-of-range"),
        ("consistency?from=x", "from", "grammar"),
    ] {
        let reply = world.get(&format!("/api/v1/proofs/{path}"));
        assert_eq!(reply.problem(), (400, "bad-request".to_owned()), "{path}");
        let error = &reply.json()["errors"][0];
        assert_eq!((error["path"].as_str(), error["rule"].as_str()), (Some(parameter), Some(rule)), "{path}");
    }
}
