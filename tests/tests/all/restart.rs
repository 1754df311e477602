//! What was answered stays, through a stop in order, a restart, and the loss of every index.

use std::collections::BTreeMap;
use std::path::Path;

use glasshouse_ledger::author::Signed;
use glasshouse_tests::workload::{Publisher, batch, now};
use glasshouse_tests::world::{Reply, World};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{bundles_of, tiles_of};

fn start() -> World {
    World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")))
}

fn size(world: &World) -> u64 {
    let note = String::from_utf8(world.get("/checkpoint").body).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

/// Signs and sends so many statements; all are accepted.
#[track_caller]
fn publish(world: &World, publisher: &mut Publisher, count: usize) -> Vec<Signed> {
    let signed: Vec<Signed> = (0..count).map(|_| publisher.sign_next()).collect();
    for result in world.submit(&signed) {
        assert_eq!(result["status"], "accepted", "{result}");
    }
    signed
}

fn address(digest: &Digest) -> String {
    let hex = digest.to_hex();
    format!("/addenda/{}/{}/{hex}", &hex[..2], &hex[2..4])
}

/// Every tile and bundle of a log of that size.
fn files_of(size: u64) -> Vec<String> {
    let size = TreeSize::new(size).unwrap();
    let tiles = tiles_of(size).map(|path| path.encode());
    tiles.chain(bundles_of(size).map(|path| path.encode())).map(|path| format!("/{path}")).collect()
}

/// What anyone can ask, about these statements and the whole: the path and the answer.
fn answers(world: &World, signed: &[Signed]) -> BTreeMap<String, (u16, Vec<u8>)> {
    let size = size(world);
    let mut paths: Vec<String> =
        ["/checkpoint", "/vkey", "/addenda.v1", "/api/v1/stats", "/api/v1/providers"]
            .map(str::to_owned)
            .into();
    paths.push("/api/v1/providers/one.example".to_owned());
    paths.push(format!("/api/v1/proofs/consistency?from=2&to={size}"));
    paths.push(format!("/api/v1/proofs/inclusion?index=1&size={size}"));
    paths.push(format!("/api/v1/statements/{size}"));
    paths.extend(files_of(size));
    for signed in signed {
        let leaf = signed.leaf_hash().to_hex();
        paths.push(format!("/api/v1/statements/{leaf}"));
        paths.push(format!("/api/v1/receipts/{leaf}"));
        paths.extend(signed.served().map(|text| address(&Digest::of(text))));
    }
    let ask = |path: String| {
        let Reply { status, body, .. } = world.get(&path);
        (path, (status, body))
    };
    paths.into_iter().map(ask).collect()
}

#[track_caller]
fn assert_same(before: &BTreeMap<String, (u16, Vec<u8>)>, after: &BTreeMap<String, (u16, Vec<u8>)>) {
    for (path, (status, body)) in before {
        let (new_status, new_body) = &after[path];
        assert_eq!(status, new_status, "{path}");
        let (old, new) = (String::from_utf8_lossy(body), String::from_utf8_lossy(new_body));
        assert!(body == new_body, "{path}: {old:.2000}\nis now\n{new:.2000}");
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn a_restart_changes_no_answer() {
    let mut world = start();
    let mut publisher = world.enrol("one");
    let signed = publish(&world, &mut publisher, 20);
    let before = answers(&world, &signed);
    let served = before.values().filter(|(status, _)| *status == 200).count();
    assert!(served > 100, "only {served} of {} answers are good: wrong paths are asked for", before.len());
    assert_eq!(world.take_server().stop(), Some(0));
    world.serve();
    assert_eq!(world.server().size_at_start(), 22);
    assert_same(&before, &answers(&world, &signed));

    // What was sent before the stop and is sent again is a duplicate, and numbers go on where they were.
    for (result, at) in world.submit(&signed).iter().zip(2..) {
        assert_eq!((&result["status"], &result["index"]), (&"duplicate".into(), &at.into()), "{result}");
    }
    publish(&world, &mut publisher, 3);
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}

#[test]
fn dropped_indexes_are_rebuilt_to_the_same_answers() {
    let mut world = start();
    let mut publisher = world.enrol("one");
    let signed = publish(&world, &mut publisher, 20);
    let before = answers(&world, &signed);
    assert_eq!(world.take_server().stop(), Some(0));
    let index = world.dir().join("look-ups");
    assert!(index.exists(), "there are indexes to drop");
    std::fs::remove_dir_all(&index).unwrap();
    world.serve();
    assert_same(&before, &answers(&world, &signed));
    for (result, at) in world.submit(&signed).iter().zip(2..) {
        assert_eq!((&result["status"], &result["index"]), (&"duplicate".into(), &at.into()), "{result}");
    }
    assert!(index.exists(), "they are there again");
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}

#[test]
fn receipts_of_before_verify_for_good() {
    let mut world = start();
    let mut publisher = world.enrol("one");
    let signed = publish(&world, &mut publisher, 5);
    let receipt = |world: &World, signed: &Signed| {
        world.get(&format!("/api/v1/receipts/{}", signed.leaf_hash().to_hex())).body
    };
    let old: Vec<Vec<u8>> = signed.iter().map(|signed| receipt(&world, signed)).collect();
    let policy = world.policy();
    assert_eq!(world.take_server().stop(), Some(0));
    world.serve();
    publish(&world, &mut publisher, 400);
    for (bytes, signed) in old.iter().zip(&signed) {
        let proved = Receipt::parse(bytes).unwrap().verify(&policy).unwrap();
        assert_eq!(proved.statement().bytes(), signed.statement());
        assert_eq!(proved.size().get(), 7);
        let newer = receipt(&world, signed);
        let again = Receipt::parse(&newer).unwrap().verify(&policy).unwrap();
        assert_eq!((again.index(), again.size().get()), (proved.index(), 407));
    }
}

#[test]
fn a_stop_finishes_what_was_accepted() {
    let mut world = start();
    let publishers: Vec<Publisher> = ["one", "two", "three"].map(|name| world.enrol(name)).into();
    let url = format!("{}/api/v1/statements", world.server().url());
    let (asked, under_way) = std::sync::mpsc::channel();
    let answered: Vec<Vec<(Signed, u64)>> = std::thread::scope(|scope| {
        let senders: Vec<_> = publishers
            .into_iter()
            .map(|mut publisher| {
                let (url, asked) = (&url, asked.clone());
                scope.spawn(move || publish_until_stopped(url, &mut publisher, &asked))
            })
            .collect();
        // The tenth batch is on its way: the server is told to stop in the middle of work.
        under_way.iter().take(10).for_each(drop);
        assert_eq!(world.take_server().stop(), Some(0));
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    world.serve();
    let mut count = 0;
    for (signed, index) in answered.iter().flatten() {
        let entry = world.get(&format!("/api/v1/statements/{}", signed.leaf_hash().to_hex())).json();
        assert_eq!(entry["index"], *index, "{entry}");
        count += 1;
    }
    assert!(count > 20, "only {count} statements were answered before the stop");
    assert_eq!(world.take_server().stop(), Some(0));
    world.assert_fsck_clean();
}

/// Sends batch after batch until the server is gone; what was answered, with its index. An answer that began is whole.
fn publish_until_stopped(
    url: &str,
    publisher: &mut Publisher,
    asked: &std::sync::mpsc::Sender<()>,
) -> Vec<(Signed, u64)> {
    let mut answered = Vec::new();
    loop {
        let signed: Vec<Signed> = (0..10).map(|_| publisher.sign_next_at(now())).collect();
        // Nobody counts any more once the server was told to stop.
        let _ = asked.send(());
        let request = ureq::post(url).header("Content-Type", "application/cbor");
        let Ok(mut reply) = request.send(batch(&signed)) else { return answered };
        let text = reply.body_mut().read_to_string().unwrap();
        let results: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (signed, result) in signed.into_iter().zip(results["results"].as_array().unwrap()) {
            assert_eq!(result["status"], "accepted", "{result}");
            answered.push((signed, result["index"].as_u64().unwrap()));
        }
    }
}

#[test]
fn partial_tiles_stay_until_the_full_one_exists() {
    let mut world = start();
    let mut publisher = world.enrol("one");
    let mut published = vec![size(&world)];
    // Sizes that were published on the way to 251, each with its partial tile and bundle.
    for count in [1, 1, 5, 60, 120, 62] {
        publish(&world, &mut publisher, count);
        published.push(size(&world));
        for size in &published {
            for path in files_of(*size) {
                assert_eq!(world.get(&path).status, 200, "{path} of size {size}");
            }
        }
    }
    assert_eq!(published.last(), Some(&251));
    publish(&world, &mut publisher, 10);
    // The full ones exist. The partial ones go once the full ones are safe on the disk: at the latest in the next rounds.
    assert_eq!(size(&world), 261);
    for path in
        ["/tile/0/000", "/tile/entries/000", "/tile/0/001.p/5", "/tile/entries/001.p/5", "/tile/1/000.p/1"]
    {
        assert_eq!(world.get(path).status, 200, "{path}");
    }
    assert_eq!(world.take_server().stop(), Some(0));
    world.serve();
    for size in &published {
        for path in files_of(*size) {
            assert_eq!(world.get(&path).status, 404, "{path} of size {size}, when the full one exists");
        }
    }
    assert_eq!(world.get("/tile/0/000.p/256").status, 404, "a full tile has no partial name");
    // Proofs of old sizes come from the full tiles.
    for size in published {
        let proof = world.get(&format!("/api/v1/proofs/consistency?from={size}&to=261"));
        assert_eq!(proof.status, 200, "{size}");
    }
}
