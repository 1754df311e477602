//! A server in front of a ledger: passes requests on, and answers as it was told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Bends the answer to a request, given its method, path and body; `None`: it never answers.
pub type Bend = Arc<dyn Fn(&str, &str, Vec<u8>) -> Option<Vec<u8>> + Send + Sync>;

/// Serves for as long as the process lives.
#[derive(Debug)]
pub struct Front {
    url: String,
}

impl Front {
    /// Stands before the ledger at `target`.
    pub fn before(target: &str, bend: Bend) -> Front {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let target = target.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (target, bend) = (target.clone(), Arc::clone(&bend));
                std::thread::spawn(move || pass(stream, &target, &bend));
            }
        });
        Front { url }
    }

    /// `http://127.0.0.1:…`, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// One request, one answer, end of connection. Who goes away early has a right to.
fn pass(stream: TcpStream, target: &str, bend: &Bend) {
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    if reader.read_line(&mut request).is_err() {
        return;
    }
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, bytes) = ask(method, &format!("{target}{path}"), &body);
    match bend(method, path, bytes) {
        Some(bytes) => {
            let head = format!(
                "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                bytes.len()
            );
            let mut out = &stream;
            let _ = out.write_all(head.as_bytes()).and_then(|()| out.write_all(&bytes));
        }
        // Held until the other side goes away.
        None => drop(reader.read(&mut [0])),
    }
}

fn ask(method: &str, url: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = match method {
        "POST" => agent.post(url).header("Content-Type", "application/cbor").send(body),
        _ => agent.get(url).call(),
    };
    let mut answer = answer.unwrap();
    let status = answer.status().as_u16();
    (status, answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap())
}
