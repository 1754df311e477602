//! More than a server can take: those who send it wait or are told to come back, and nobody else has to.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_server::limits::QUEUED_STATEMENTS;
use glasshouse_tests::forge;
use glasshouse_tests::workload::{Publisher, batch, decision, now, subject_of};
use glasshouse_tests::world::{Reply, World};
use glasshouse_verifier::sequence::Sequence;

/// Times that the offered load must be of the taken one.
const OVERLOAD: usize = 4;

/// Statements in one batch of an overload, and who sends such batches: together more than the queue has room for.
const BATCH: usize = 1_000;
const SENDERS: usize = 48;

/// Batches of each provider that are signed ahead beside those that are sent first. Further ones are signed when they are sent.
const AHEAD: usize = 3;

/// How much longer an answer may take than the queue takes to be written out when it is full, and what it may take besides: whoever
/// waits has a turn to wait for before.
const LATE: (u32, Duration) = (2, Duration::from_secs(5));

/// The most memory that the server may have held, in KiB: more than in `bad_input.rs`, for here the queue is full of small statements, and
/// each takes several times its bytes until it has its place.
const PEAK_KIB: u64 = 640 * 1024;

fn served(more: &[&str]) -> World {
    let mut world = World::init(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    world.serve_logging(more, "info");
    world
}

/// Sends a body as somebody behind a proxy on this machine.
fn post_from(world: &World, client: &str, body: &[u8]) -> (Reply, Duration) {
    let began = Instant::now();
    let headers = [("Content-Type", "application/cbor"), ("X-Forwarded-For", client)];
    let reply = world.post_with("/api/v1/statements", body, &headers);
    (reply, began.elapsed())
}

fn sign(publisher: &mut Publisher, count: usize) -> Vec<Signed> {
    (0..count).map(|_| publisher.sign_next()).collect()
}

/// A batch of statements that say the same and are signed each under its number: read once, they are made in half the time.
fn same(publisher: &mut Publisher, count: usize) -> Vec<u8> {
    let draft = Draft::from_json(&decision(1)).unwrap();
    let signed: Vec<Signed> = (0..count)
        .map(|_| {
            let number = publisher.next_number();
            publisher.skip();
            let sequence = Sequence::new(number).unwrap();
            publisher.author().sign(&draft, sequence, subject_of(number), now()).unwrap()
        })
        .collect();
    batch(&signed)
}

/// The same statements, each with a signature that costs as much to check as a good one.
fn with_bad_signatures(signed: &[Signed]) -> Vec<u8> {
    let spoilt: Vec<(Vec<u8>, Vec<Vec<u8>>)> = signed
        .iter()
        .map(|signed| {
            let mut statement = signed.statement().to_vec();
            let scalar = statement.len() - 32;
            statement[scalar] ^= 1;
            (statement, signed.served().map(<[u8]>::to_vec).collect())
        })
        .collect();
    forge::body(spoilt.iter().map(|(statement, addenda)| (statement.as_slice(), addenda.as_slice())))
}

/// The time below which that part of some answers came.
fn share(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    times[((times.len() as f64 * part) as usize).min(times.len() - 1)]
}

/// Ends a flood also where a test fails beside it.
struct Flood<'a>(&'a AtomicBool);

impl Drop for Flood<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The forger names the provider's own key: that must cost the provider nothing.
#[test]
fn bad_signatures_in_a_providers_name_do_not_keep_it_waiting() {
    let mut world = served(&["--trusted-proxy", "127.0.0.1"]);
    let mut provider = world.enrol("one");
    let bad = with_bad_signatures(&sign(&mut Publisher::new("one", world.registrar().origin()), 1_000));
    let (world, over) = (&world, &AtomicBool::new(false));
    let (mut honest, mut flood) = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        let (reply, took) = post_from(world, "192.0.2.66", &bad);
                        match reply.status {
                            422 => times.push(took),
                            status => assert_eq!(status, 503, "{}", String::from_utf8_lossy(&reply.body)),
                        }
                    }
                    times
                })
            })
            .collect();
        let flood = Flood(over);
        // Until the flood fills the line.
        let refused = || metric(world, "glasshouse_statements_total{result=\"bad-signature\"}").unwrap_or(0);
        while refused() < 5_000 {
            std::thread::yield_now();
        }
        let honest: Vec<Duration> = (0..10)
            .map(|_| {
                let (reply, took) = post_from(world, "192.0.2.1", &batch(&sign(&mut provider, 10)));
                assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                took
            })
            .collect();
        drop(flood);
        let flood: Vec<Duration> = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        (honest, flood)
    });
    let (middle, worst) = (share(&mut honest, 0.5), share(&mut honest, 1.0));
    let flood_middle = share(&mut flood, 0.5);
    println!(
        "beside {} batches of bad signatures, {flood_middle:?} each: {middle:?} for a batch, {worst:?} at most",
        flood.len()
    );
    assert!(middle * 2 < flood_middle, "{middle:?} beside {flood_middle:?}");
}

/// A counter or gauge of the server.
fn metric(world: &World, name: &str) -> Option<u64> {
    let text = String::from_utf8(world.get("/metrics").body).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().parse().ok()
}

/// The size of the tree that everybody sees.
fn published_size(world: &World) -> u64 {
    let note = String::from_utf8(world.get("/checkpoint").body).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

/// What became of an overload.
#[derive(Default)]
struct Told {
    taken: Vec<Duration>,
    refused: usize,
}

/// One provider's batches of [`BATCH`] statements, none of which was sent before: what was sent before costs a server next to nothing.
struct Batches {
    ahead: Mutex<Vec<Vec<u8>>>,
    provider: Mutex<Publisher>,
}

impl Batches {
    /// Signs so many ahead.
    fn sign(mut provider: Publisher, count: usize) -> Batches {
        let ahead = (0..count).map(|_| same(&mut provider, BATCH)).collect();
        Batches { ahead: Mutex::new(ahead), provider: Mutex::new(provider) }
    }

    /// The next one; where none is left, it is signed now.
    fn next(&self) -> Vec<u8> {
        let ahead = self.ahead.lock().unwrap().pop();
        ahead.unwrap_or_else(|| same(&mut self.provider.lock().unwrap(), BATCH))
    }
}

/// Sends new batches, each again and again until it is taken, and never waits as it is told to.
fn insist(world: &World, client: &str, batches: &Batches, over: &AtomicBool) -> Told {
    let (mut told, mut body) = (Told::default(), batches.next());
    while !over.load(Ordering::Relaxed) {
        let (reply, took) = post_from(world, client, &body);
        match reply.status {
            200 => {
                told.taken.push(took);
                body = batches.next();
            }
            status => {
                assert!([429, 503].contains(&status), "{status}: {}", String::from_utf8_lossy(&reply.body));
                let wait = reply.header("retry-after").and_then(|seconds| seconds.parse::<u64>().ok());
                assert!(wait.is_some_and(|seconds| (1..=60).contains(&seconds)), "{:?}", reply.headers);
                told.refused += 1;
            }
        }
    }
    told
}

/// Asks and publishes a little until the overload is there; how long each took.
fn beside(world: &World, honest: &mut Publisher, enough: impl Fn(Duration) -> bool) -> [Vec<Duration>; 2] {
    let (mut read, mut published) = (Vec::new(), Vec::new());
    let began = Instant::now();
    while !enough(began.elapsed()) {
        for path in ["/checkpoint", "/api/v1/statements/1", "/"] {
            let asked = Instant::now();
            assert_eq!(world.get(path).status, 200, "{path}");
            read.push(asked.elapsed());
        }
        let (reply, took) = post_from(world, "192.0.2.200", &batch(&sign(honest, 10)));
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        published.push(took);
    }
    [read, published]
}

#[test]
fn four_times_what_can_be_taken_is_told_to_come_back() {
    let mut world = served(&["--trusted-proxy", "127.0.0.1"]);
    let mut honest = world.enrol("honest");
    let providers: Vec<Publisher> = (0..4).map(|at| world.enrol(&format!("p{at}"))).collect();
    let batches: Vec<Batches> = std::thread::scope(|scope| {
        let signing: Vec<_> = providers
            .into_iter()
            .map(|provider| scope.spawn(|| Batches::sign(provider, SENDERS / 4 + AHEAD)))
            .collect();
        signing.into_iter().map(|signing| signing.join().unwrap()).collect()
    });
    let (world, batches, over) = (&world, &batches, &AtomicBool::new(false));
    let before = published_size(world);
    let counted = |status| {
        let name = "glasshouse_http_requests_total{route=\"/api/v1/statements\",status=";
        metric(world, &format!("{name}\"{status}\"}}")).unwrap_or(0)
    };
    let (told, [mut read, mut published], took) = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|at| {
                let client = format!("192.0.2.{}", at % 8);
                scope.spawn(move || insist(world, &client, &batches[at % batches.len()], over))
            })
            .collect();
        let flood = Flood(over);
        let began = Instant::now();
        let honest = beside(world, &mut honest, |since| {
            let (taken, refused) = (counted(200), counted(503));
            assert!(since < Duration::from_secs(60), "{refused} refused beside {taken} taken");
            since > Duration::from_secs(4) && taken + refused >= OVERLOAD as u64 * taken && refused > 0
        });
        drop(flood);
        let told: Vec<Told> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
        (told, honest, began.elapsed())
    });
    let mut taken: Vec<Duration> = told.iter().flat_map(|told| told.taken.clone()).collect();
    let refused: usize = told.iter().map(|told| told.refused).sum();
    let peak = world.server().peak_memory_kib();
    let new = (taken.len() * BATCH + published.len() * 10) as u64;
    assert_eq!(published_size(world) - before, new, "statements in the tree that were not there before");
    println!(
        "in {took:?} {} batches of 1,000 taken, {refused} told to come back; taken ones: {:?}, {:?}, {:?} (50th, 99th, greatest)",
        taken.len(),
        share(&mut taken, 0.5),
        share(&mut taken, 0.99),
        share(&mut taken, 1.0),
    );
    println!(
        "beside them {} batches of 10: {:?}, {:?}; {} reads: {:?}, {:?} (50th, greatest); peak {} MiB",
        published.len(),
        share(&mut published, 0.5),
        share(&mut published, 1.0),
        read.len(),
        share(&mut read, 0.5),
        share(&mut read, 1.0),
        peak / 1024,
    );
    let statements = u32::try_from(taken.len() * BATCH).unwrap();
    let full = took * u32::try_from(QUEUED_STATEMENTS).unwrap() / statements;
    let latest = full * LATE.0 + LATE.1;
    println!("a full queue is written out in {full:?}");
    assert!(share(&mut taken, 1.0) < latest && share(&mut published, 1.0) < latest);
    assert!(share(&mut read, 1.0) < Duration::from_secs(5));
    assert!(peak <= PEAK_KIB, "{} MiB", peak / 1024);
}

/// A connection from another address of this machine.
fn connect_from(last: u8, world: &World) -> TcpStream {
    use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
    let port = world.server().url().rsplit(':').next().unwrap().parse().unwrap();
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), 0)).unwrap();
    connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Asks and keeps the connection; the status line.
fn ask(stream: &mut TcpStream) -> Option<String> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").ok()?;
    let mut line = [0; 12];
    stream.read_exact(&mut line).ok()?;
    Some(String::from_utf8_lossy(&line).into_owned())
}

#[test]
fn one_address_has_so_many_connections_and_others_have_theirs() {
    // Of a machine that trusts another proxy, its own addresses are clients like any.
    let world = served(&["--trusted-proxy", "192.0.2.99", "--connections-per-address", "20"]);
    let mut held: Vec<TcpStream> = (0..20).map(|_| connect_from(2, &world)).collect();
    for stream in &mut held {
        assert_eq!(ask(stream).as_deref(), Some("HTTP/1.1 200"));
    }
    let mut answer = String::new();
    connect_from(2, &world).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("\r\nRetry-After: 1\r\n"), "{answer}");
    assert_eq!(ask(&mut connect_from(3, &world)).as_deref(), Some("HTTP/1.1 200"));
    assert_eq!(metric(&world, "glasshouse_connections_refused_total"), Some(1));
    // What was closed makes room.
    held.truncate(10);
    let began = Instant::now();
    while ask(&mut connect_from(2, &world)).as_deref() != Some("HTTP/1.1 200") {
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn behind_a_proxy_nobody_is_turned_away_for_its_connections() {
    for more in [
        &["--trusted-proxy", "127.0.0.0/8", "--connections-per-address", "1"][..],
        &["--connections-per-address", "1"],
    ] {
        let world = served(more);
        let mut held: Vec<TcpStream> = (0..5).map(|_| connect_from(2, &world)).collect();
        assert!(held.iter_mut().all(|stream| ask(stream).as_deref() == Some("HTTP/1.1 200")));
    }
}
