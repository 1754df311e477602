//! A dishonest operator: serves a ledger's public folder, and something else where it was told to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::right_edge::RightEdge;
use glasshouse_verifier::hash::LeafHash;

/// What is answered in place of a resource.
#[derive(Debug, Clone)]
pub enum Lie {
    /// Other bytes.
    Bytes(Vec<u8>),
    /// The head of an answer that announces these bytes, and half of them.
    Half(Vec<u8>),
    /// Bytes without an end.
    Endless,
    /// A redirect to another address.
    Redirect(String),
    /// Bytes under a content coding.
    Encoded(&'static str, Vec<u8>),
    /// The bytes to whoever asks first, and nothing from then on.
    Once(Vec<u8>),
    /// Only a status.
    Status(u16),
}

/// A server of lies, for as long as the process lives.
#[derive(Debug)]
pub struct Liar {
    url: String,
}

impl Liar {
    /// Serves a folder, and each of the lies at its path (`checkpoint`, `tile/0/000`, …).
    pub fn serve<P: Into<String>>(folder: PathBuf, lies: impl IntoIterator<Item = (P, Lie)>) -> Liar {
        let lies: BTreeMap<String, Lie> = lies.into_iter().map(|(path, lie)| (path.into(), lie)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(BTreeSet::new()));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, lies, told) = (folder.clone(), lies.clone(), told.clone());
                // A reader that has heard enough goes away: that is its right.
                std::thread::spawn(move || answer(stream, &folder, &lies, &told).unwrap_or_default());
            }
        });
        Liar { url }
    }

    /// `http://127.0.0.1:…`, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Writes a whole log into a folder, laid out as its URLs, signed by whoever holds the key.
pub fn write_log(folder: &Path, entries: &[Vec<u8>], signer: &LogSigner) {
    let growth = RightEdge::empty()
        .grow(entries.iter().map(|entry| (LeafHash::of_entry(entry), entry.as_slice())))
        .unwrap();
    let note = signer.sign(&growth.edge().head(), 1).unwrap().note_text();
    let files = growth.files().iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in files.chain([("checkpoint", note.as_bytes())]) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// One request, one answer, end of connection.
fn answer(
    stream: TcpStream,
    folder: &Path,
    lies: &BTreeMap<String, Lie>,
    told: &Mutex<BTreeSet<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let mut out = &stream;
    match lies.get(path) {
        Some(Lie::Bytes(bytes)) => whole(out, 200, "", bytes),
        Some(Lie::Half(bytes)) => {
            head(out, 200, &format!("Content-Length: {}\r\n", bytes.len()))?;
            out.write_all(&bytes[..bytes.len() / 2])
        }
        Some(Lie::Endless) => {
            head(out, 200, "")?;
            loop {
                out.write_all(&[b'a'; 4096])?;
            }
        }
        Some(Lie::Redirect(to)) => whole(out, 302, &format!("Location: {to}/{path}\r\n"), &[]),
        Some(Lie::Encoded(coding, bytes)) => {
            whole(out, 200, &format!("Content-Encoding: {coding}\r\n"), bytes)
        }
        Some(Lie::Once(bytes)) => match told.lock().unwrap().insert(path.to_owned()) {
            true => whole(out, 200, "", bytes),
            false => whole(out, 500, "", b"no"),
        },
        Some(Lie::Status(status)) => whole(out, *status, "", b"no"),
        None => match std::fs::read(folder.join(path)) {
            Ok(bytes) => whole(out, 200, "", &bytes),
            Err(_) => whole(out, 404, "", &[]),
        },
    }
}

fn head(mut out: impl Write, status: u16, fields: &str) -> std::io::Result<()> {
    write!(out, "HTTP/1.1 {status} x\r\nConnection: close\r\n{fields}\r\n")
}

fn whole(mut out: impl Write, status: u16, fields: &str, bytes: &[u8]) -> std::io::Result<()> {
    head(&mut out, status, &format!("Content-Length: {}\r\n{fields}", bytes.len()))?;
    out.write_all(bytes)
}
