//! The readers of the load program and of the soak take what an honest ledger gives, and see each thing that it would not.

use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use glasshouse_tests::follower::{FollowFigures, Follower};
use glasshouse_tests::front::{Answered, Front};
use glasshouse_tests::read_error::ReadError;
use glasshouse_tests::receipt_reader::{ReceiptFigures, ReceiptReader, ReceiptSource};
use glasshouse_tests::site::Site;
use glasshouse_tests::workload::Publisher;
use glasshouse_tests::world::World;
use glasshouse_verifier::vkey::Vkey;

/// What is done to the answer under a path; nothing where it is `None`.
type Trick = fn(&str, &mut Answered);

/// A ledger with more than a full bundle, behind a front that can be told to lie.
struct Scene {
    world: World,
    publisher: Publisher,
    front: Front,
    trick: Arc<Mutex<Option<Trick>>>,
}

impl Scene {
    fn new() -> Scene {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let publisher = world.enrol("one");
        let trick: Arc<Mutex<Option<Trick>>> = Arc::default();
        let told = Arc::clone(&trick);
        let front = Front::before(
            world.server().url(),
            Arc::new(move |_, path, answered| {
                if let Some(trick) = *told.lock().unwrap() {
                    trick(path, answered);
                }
            }),
        );
        let mut scene = Scene { world, publisher, front, trick };
        scene.grow(300);
        scene
    }

    fn grow(&mut self, count: usize) {
        let signed: Vec<_> = (0..count).map(|_| self.publisher.sign_next()).collect();
        assert!(self.world.submit(&signed).iter().all(|result| result["status"] == "accepted"));
    }

    fn log(&self) -> Vkey {
        Vkey::parse(std::fs::read_to_string(self.world.dir().join("log.vkey")).unwrap().trim_end()).unwrap()
    }

    fn follower(&self) -> Follower {
        Follower::new(self.log(), Arc::<FollowFigures>::default())
    }

    fn tell(&self, trick: Option<Trick>) {
        *self.trick.lock().unwrap() = trick;
    }
}

/// Changes the plain bytes of an answer.
fn change(answered: &mut Answered, how: impl FnOnce(&mut Vec<u8>)) {
    let is_packed = answered.headers.iter().any(|(name, _)| name == "content-encoding");
    if is_packed {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(answered.body.as_slice()).read_to_end(&mut plain).unwrap();
        answered.body = plain;
        answered.set("content-encoding", "");
    }
    how(&mut answered.body);
}

fn flip_last(answered: &mut Answered) {
    change(answered, |bytes| *bytes.last_mut().unwrap() ^= 1);
}

/// Each lie, by what a follower says of it.
const LIES: [(&str, Trick); 5] = [
    ("tile 0/1 is not of the entries", |path, answered| {
        if path.starts_with("tile/entries/001") {
            flip_last(answered);
        }
    }),
    ("tile 0/1 is not of the entries", |path, answered| {
        if path.starts_with("tile/0/001") {
            flip_last(answered);
        }
    }),
    ("are not of its tree", |path, answered| {
        if path.starts_with("tile/1/") {
            flip_last(answered);
        }
    }),
    ("consistency proof does not hold", |path, answered| {
        if path.starts_with("api/v1/proofs/consistency") {
            change(answered, |bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let proof: serde_json::Value = serde_json::from_str(&text).unwrap();
                let first = proof["hashes"][0].as_str().unwrap();
                *bytes = text.replace(first, &first.chars().rev().collect::<String>()).into_bytes();
            });
        }
    }),
    ("signature", |path, answered| {
        if path == "checkpoint" {
            change(answered, |bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let size = text.lines().nth(1).unwrap().to_owned();
                *bytes = text.replacen(&size, &format!("1{size}"), 1).into_bytes();
            });
        }
    }),
];

#[test]
fn a_follower_takes_an_honest_log_and_no_lie() {
    let mut scene = Scene::new();
    let url = scene.front.url().to_owned();
    let mut follower = scene.follower();
    follower.look(&url).unwrap();
    assert_eq!(follower.size(), 302);
    // One that begins at the end of the log, from its tiles alone, goes on as well.
    let mut late = scene.follower();
    late.skip_to_now(&url).unwrap();
    scene.grow(20);
    for (said, lie) in LIES {
        scene.tell(Some(lie));
        let wrong = follower.look(&url).unwrap_err();
        assert!(matches!(&wrong, ReadError::Wrong(what) if what.contains(said)), "{said}: {wrong}");
        assert_eq!(follower.size(), 302, "it stays at what it has checked");
    }
    scene.tell(None);
    for follower in [&mut follower, &mut late] {
        follower.look(&url).unwrap();
        assert_eq!(follower.size(), 322);
    }
    // Over the edges of bundles, and once without any news.
    for entries in [190, 1, 700] {
        scene.grow(entries);
        follower.look(&url).unwrap();
        late.look(&url).unwrap();
    }
    late.look(&url).unwrap();
    assert_eq!((follower.size(), late.size()), (1_213, 1_213));
}

#[test]
fn a_server_that_is_away_is_no_lie_and_one_that_forgets_is() {
    let mut scene = Scene::new();
    let url = scene.front.url().to_owned();
    let mut follower = scene.follower();
    scene.tell(Some(|path, answered| answered.cut = path.starts_with("tile/0/")));
    assert!(matches!(follower.look(&url), Err(ReadError::Away(_))));
    scene.tell(Some(|_, answered| answered.status = 503));
    assert!(matches!(follower.look(&url), Err(ReadError::Away(_))));
    scene.tell(Some(|path, answered| {
        if path.starts_with("tile/entries/000") {
            answered.status = 404;
        }
    }));
    assert!(matches!(follower.look(&url), Err(ReadError::Wrong(what)) if what.contains("404")));
    scene.tell(None);
    follower.look(&url).unwrap();
    // The ledger is set back to what it was: the same key, an honest checkpoint, and less than was shown.
    static OLD: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    *OLD.lock().unwrap() = scene.world.get("/checkpoint").body;
    scene.grow(5);
    // The interface may show a tree a moment later than `/checkpoint`: no lie, and nothing is taken on trust meanwhile.
    scene.tell(Some(|path, answered| {
        if path.starts_with("api/v1/proofs/consistency") {
            answered.status = 400;
            answered.body = br#"{"errors":[{"path":"to","rule":"out-of-range"}]}"#.to_vec();
        }
    }));
    assert!(matches!(follower.look(&url), Err(ReadError::Away(_))));
    assert_eq!(follower.size(), 302);
    scene.tell(None);
    follower.look(&url).unwrap();
    scene.tell(Some(|path, answered| {
        if path == "checkpoint" {
            answered.body = OLD.lock().unwrap().clone();
        }
    }));
    let wrong = follower.look(&url).unwrap_err().to_string();
    assert!(wrong.contains("shrank from 307 to 302"), "{wrong}");
}

#[test]
fn a_receipt_reader_takes_honest_answers_and_no_lie() {
    let scene = Scene::new();
    let figures = Arc::<ReceiptFigures>::default();
    let source = ReceiptSource {
        policy: scene.world.policy(),
        log: scene.log(),
        published: Arc::new(AtomicU64::new(302)),
        check_one_in: 1,
    };
    // Reads until it has seen something wrong, or has checked so many more.
    let read = |enough: u64| {
        let site = Site::default();
        site.open(scene.front.url());
        let until = figures.checked.load(Ordering::Relaxed) + enough;
        let mut reader = ReceiptReader::new(source.clone(), 1, Arc::clone(&figures));
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| reader.read(&site, 1_000.0));
            while !reading.is_finished() && figures.checked.load(Ordering::Relaxed) < until {
                std::thread::yield_now();
            }
            site.end();
            reading.join().unwrap()
        })
    };
    assert_eq!(read(50), Ok(()));
    assert!(figures.receipts.percentiles().count >= 25 && figures.proofs.percentiles().count >= 25);
    let lies: [(&str, Trick); 2] = [
        ("proof", |path, answered| {
            if path.starts_with("api/v1/proofs/inclusion") {
                change(answered, |bytes| {
                    let mut proof: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                    proof["leaf_hash"] = "00".repeat(32).into();
                    *bytes = proof.to_string().into_bytes();
                });
            }
        }),
        ("receipt", |path, answered| {
            if path.starts_with("api/v1/receipts/") {
                change(answered, |bytes| {
                    let text = String::from_utf8(bytes.clone()).unwrap();
                    *bytes = text.replacen("\"index\"", "\"indes\"", 1).into_bytes();
                });
            }
        }),
    ];
    for (what, lie) in lies {
        scene.tell(Some(lie));
        assert!(read(10).is_err(), "{what}");
    }
}
