//! A server in front of a ledger: passes requests on, and answers as it was told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// What a server answered, and what its front makes of it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The body of the request.
    pub request: Vec<u8>,
    /// The HTTP status.
    pub status: u16,
    /// The header fields, names in lower case, those of the connection left out.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent, gzip and all.
    pub body: Vec<u8>,
    /// Whether nothing of it is ever sent: the connection is held until the other side goes away.
    pub held: bool,
    /// Whether nothing of it is ever sent, and the connection is closed. So it begins where the server did that itself.
    pub cut: bool,
}

impl Answered {
    /// Puts another value under a name; an empty one takes the header away.
    pub fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Changes the answer to a request, given its method and its path, which has no slash in front.
pub type Bend = Arc<dyn Fn(&str, &str, &mut Answered) + Send + Sync>;

/// Serves for as long as the process lives.
#[derive(Debug)]
pub struct Front {
    url: String,
}

impl Front {
    /// Stands before the server at `target`.
    pub fn before(target: &str, bend: Bend) -> Front {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let target = target.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (target, bend) = (target.clone(), Arc::clone(&bend));
                // Who goes away early has a right to.
                std::thread::spawn(move || pass(&stream, &target, &bend).unwrap_or_default());
            }
        });
        Front { url }
    }

    /// `http://127.0.0.1:…`, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// One request, one answer, end of connection.
fn pass(stream: &TcpStream, target: &str, bend: &Bend) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut request, mut line, mut length) = (String::new(), String::new(), 0);
    let mut passed = Vec::new();
    reader.read_line(&mut request)?;
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            match name.to_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                name @ ("accept" | "accept-encoding" | "content-type") => {
                    passed.push((name.to_owned(), value.trim().to_owned()));
                }
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut answered = ask(method, &format!("{target}{path}"), &passed, &body);
    bend(method, path.trim_start_matches('/'), &mut answered);
    if answered.held {
        return reader.read(&mut [0]).map(drop);
    }
    if answered.cut {
        return Ok(());
    }
    let mut out = stream;
    write!(
        out,
        "HTTP/1.1 {} x\r\nconnection: close\r\ncontent-length: {}\r\n",
        answered.status,
        answered.body.len()
    )?;
    for (name, value) in &answered.headers {
        write!(out, "{name}: {value}\r\n")?;
    }
    write!(out, "\r\n")?;
    out.write_all(&answered.body)
}

fn ask(method: &str, url: &str, passed: &[(String, String)], body: &[u8]) -> Answered {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = match method {
        "POST" => {
            passed.iter().fold(agent.post(url), |post, (name, value)| post.header(name, value)).send(body)
        }
        _ => passed.iter().fold(agent.get(url), |get, (name, value)| get.header(name, value)).call(),
    };
    let request = body.to_vec();
    let Ok(mut answer) = answer else {
        return Answered { request, status: 0, headers: vec![], body: vec![], held: false, cut: true };
    };
    let dropped = ["connection", "content-length", "transfer-encoding"];
    let headers =
        answer.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.filter(|(name, _)| !dropped.contains(&name.as_str())).collect();
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
    Answered { request, status, headers, body, held: false, cut: false }
}
