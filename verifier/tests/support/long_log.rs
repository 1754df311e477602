//! A log that grows, and a server that counts what is asked of it and can be cut off.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::payload::Payload;
use glasshouse_verifier::statement::{Statement, UnsignedStatement};
use glasshouse_verifier::tile::Tile;

use crate::served_log::{bundle, checkpoint, small_log};

/// The provider of entry 4 of the small log, whose key is 32 times this byte.
const PROVIDER: u8 = 0x11;

/// The small log, and decisions of one provider behind it. Another `iat` makes other entries.
pub(crate) fn entries(size: usize, iat: u64) -> Vec<Vec<u8>> {
    let mut entries = small_log();
    let model = Entry::parse(&entries[4]).unwrap().into_statement();
    entries.extend((3_u64..).map(|number| decision(&model, number, iat)).take(size - entries.len()));
    entries
}

/// The model's decision under another number, signed again.
pub(crate) fn decision(model: &Statement, number: u64, iat: u64) -> Vec<u8> {
    let mut claims = model.claims().clone();
    claims.iat = iat;
    let Item::Map(mut pairs) = cbor::decode(&model.payload().encode()).unwrap() else { unreachable!() };
    for (key, value) in &mut pairs {
        if key.as_text() == Some("sequence") {
            *value = Item::Integer(number.into());
        }
    }
    sign(PROVIDER, model, claims, &Item::Map(pairs))
}

/// The entry of a payload, signed by the key of that seed, which the model names too.
pub(crate) fn sign(seed: u8, model: &Statement, claims: Claims, payload: &Item) -> Vec<u8> {
    let payload = Payload::parse(payload, &claims).unwrap();
    let unsigned = UnsignedStatement::new(model.kid(), &claims, &payload);
    let signature = SigningKey::from_bytes(&[seed; 32]).sign(&unsigned.sig_structure());
    let statement = Statement::parse(&unsigned.assemble(&signature.to_bytes())).unwrap();
    Entry::of(statement).unwrap().bytes().to_vec()
}

/// The public folder of a log of at most 65,535 entries.
pub(crate) struct LongLog(tempfile::TempDir);

impl LongLog {
    pub(crate) fn of(entries: &[Vec<u8>]) -> LongLog {
        let log = LongLog(tempfile::tempdir().unwrap());
        log.publish(entries);
        log
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Everything of a log of these entries; what was there before stays.
    pub(crate) fn publish(&self, entries: &[Vec<u8>]) {
        let name = |level: &str, number: usize, width: usize| match width {
            256 => format!("tile/{level}/{number:03}"),
            _ => format!("tile/{level}/{number:03}.p/{width}"),
        };
        let mut upper: Vec<NodeHash> = Vec::new();
        for (number, part) in entries.chunks(256).enumerate() {
            self.put(&name("entries", number, part.len()), bundle(part));
            let nodes = part.iter().map(|entry| LeafHash::of_entry(entry).to_node()).collect();
            let tile = Tile::new(nodes).unwrap();
            self.put(&name("0", number, part.len()), tile.encode());
            if part.len() == 256 {
                upper.push(tile.root());
            }
        }
        if !upper.is_empty() {
            self.put(&name("1", 0, upper.len()), Tile::new(upper).unwrap().encode());
        }
        self.put("checkpoint", checkpoint(entries));
    }

    /// Puts another file at a place.
    pub(crate) fn replace(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.put(name, bytes);
    }
}

/// Serves a folder until the test ends.
pub(crate) struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    left: Arc<AtomicI64>,
    teller: Arc<Teller>,
}

/// How many requests are still to come before somebody is told.
type Teller = Mutex<Option<(usize, Sender<()>)>>;

impl Server {
    pub(crate) fn of(folder: &Path) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, left) = (Arc::default(), Arc::new(AtomicI64::new(i64::MAX)));
        let teller: Arc<Teller> = Arc::default();
        let server =
            Server { url, asked: Arc::clone(&asked), left: Arc::clone(&left), teller: Arc::clone(&teller) };
        let folder = folder.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (folder, asked, left) = (folder.clone(), Arc::clone(&asked), Arc::clone(&left));
                let teller = Arc::clone(&teller);
                std::thread::spawn(move || answer(&stream.unwrap(), &folder, &asked, &left, &teller));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From then on so many requests are answered; of the next one, half of the answer is sent.
    pub(crate) fn cut_after(&self, requests: i64) {
        self.left.store(requests, Ordering::SeqCst);
    }

    /// How many requests were cut off.
    pub(crate) fn cut(&self) -> i64 {
        -self.left.load(Ordering::SeqCst).min(0)
    }

    /// Tells when so many requests more have come.
    pub(crate) fn tell_after(&self, requests: usize) -> Receiver<()> {
        let (send, receive) = channel();
        *self.teller.lock().unwrap() = Some((requests, send));
        receive
    }

    /// What was asked since the last call, sorted.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

fn answer(stream: &TcpStream, folder: &Path, asked: &Mutex<Vec<String>>, left: &AtomicI64, teller: &Teller) {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let Some(Ok(request)) = lines.next() else { return };
        let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let cut = left.fetch_sub(1, Ordering::SeqCst) <= 0;
        if !cut {
            asked.lock().unwrap().push(path.clone());
        }
        let mut waiting = teller.lock().unwrap();
        match waiting.as_mut() {
            Some((0 | 1, tell)) => {
                // Nobody waits any more where the run was over before.
                let _ = tell.send(());
                *waiting = None;
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
        drop(waiting);
        let (status, body) = match std::fs::read(folder.join(PathBuf::from(path))) {
            Ok(bytes) => ("200 OK", bytes),
            Err(_) => ("404 Not Found", vec![]),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        let sent = if cut { &body[..body.len() / 2] } else { &body[..] };
        let mut out = stream;
        if out.write_all(&[head.as_bytes(), sent].concat()).is_err() || cut {
            return;
        }
    }
}
