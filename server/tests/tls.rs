//! `glasshouse serve` over TLS: a client that trusts one certificate, new ones on SIGHUP, and those who never finish a handshake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_server::limits::HANDSHAKE_TIMEOUT;
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::origin::Origin;
use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

const ORIGIN: &str = "log.example/takedowns";
const HOST: &str = "ledger.example";

/// A certificate that signs itself, and its key, both in PEM.
struct Pair {
    certificate: String,
    key: String,
    der: CertificateDer<'static>,
}

impl Pair {
    fn new() -> Pair {
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let (certificate, der) = (made.cert.pem(), made.cert.der().clone());
        Pair { certificate, der, key: made.signing_key.serialize_pem() }
    }
}

/// A ledger and the files of its TLS.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(pair: &Pair) -> World {
        let folder = tempfile::tempdir().unwrap();
        let options = InitOptions {
            folder: folder.path().join("ledger"),
            origin: Origin::parse(ORIGIN).unwrap(),
            registrar_key: folder.path().join("registrar.key"),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        Ledger::init(&options, Arc::new(SystemClock)).unwrap();
        let world = World { folder };
        world.write(&pair.certificate, &pair.key);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, certificate: &str, key: &str) {
        std::fs::write(self.path("tls.pem"), certificate).unwrap();
        std::fs::write(self.path("tls.key"), key).unwrap();
        self.set_mode(0o600);
    }

    fn set_mode(&self, mode: u32) {
        std::fs::set_permissions(self.path("tls.key"), PermissionsExt::from_mode(mode)).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--min-free", "0", "--dir"]);
        command.arg(self.path("ledger")).arg("--tls-certificate").arg(self.path("tls.pem"));
        command.arg("--tls-key").arg(self.path("tls.key"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn serve(&self) -> Server {
        let mut child = self.command().spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = ready["url"].as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
        let log = BufReader::new(child.stderr.take().unwrap());
        Server { child, address, log }
    }

    /// What a start says that is refused.
    fn refused(&self) -> String {
        let output = self.command().output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    }
}

struct Server {
    child: Child,
    address: String,
    log: BufReader<ChildStderr>,
}

impl Server {
    /// Sends SIGHUP, and waits for the line that says what became of it.
    fn reload(&mut self, said: &str) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
        let mut line = String::new();
        while !line.contains(said) {
            line.clear();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "the server ended before it said: {said}");
        }
    }

    fn plain(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// A connection of a client that trusts this certificate and no other.
    fn trusting(&self, pair: &Pair, version: &'static SupportedProtocolVersion) -> Tls {
        let mut roots = RootCertStore::empty();
        roots.add(pair.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = ServerName::try_from(HOST).unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(session, self.plain())
    }

    /// Whether a client that trusts this certificate gets an answer.
    fn serves(&self, pair: &Pair) -> bool {
        let mut stream = self.trusting(pair, &TLS13);
        match stream.write_all(&ask("Connection: close\r\n")) {
            Ok(()) => answer(&mut stream).contains(ORIGIN),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
                false
            }
        }
    }

    fn stop(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn ask(more: &str) -> Vec<u8> {
    format!("GET /checkpoint HTTP/1.1\r\nHost: {HOST}\r\n{more}\r\n").into_bytes()
}

/// Everything up to the end, which the server has to say (RFC 8446 section 6.1).
fn answer(stream: &mut Tls) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn both_versions_speak_http_1_1_with_whoever_trusts_the_certificate() {
    let (pair, other) = (Pair::new(), Pair::new());
    let server = World::new(&pair).serve_kept();
    for version in [&TLS12, &TLS13] {
        let mut stream = server.1.trusting(&pair, version);
        stream.write_all(&ask("Connection: close\r\n")).unwrap();
        let text = answer(&mut stream);
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains(ORIGIN), "{text}");
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(stream.conn.protocol_version(), Some(version.version));
    }
    assert!(!server.1.serves(&other));
    assert_eq!(server.1.stop(), Some(0));
}

#[test]
fn a_reload_serves_the_new_pair_and_keeps_what_is_open() {
    let (old, new) = (Pair::new(), Pair::new());
    let world = World::new(&old);
    let mut server = world.serve();
    let mut open = server.trusting(&old, &TLS13);
    open.write_all(&ask("")).unwrap();
    let mut first = [0; 15];
    open.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");

    world.write(&new.certificate, &new.key);
    server.reload("the certificate was read anew");
    assert!(server.serves(&new) && !server.serves(&old));
    open.write_all(&ask("Connection: close\r\n")).unwrap();
    assert!(answer(&mut open).contains("HTTP/1.1 200 OK"), "the connection that was open goes on");

    let metrics = |server: &Server| {
        let mut stream = server.trusting(&new, &TLS13);
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        answer(&mut stream)
    };
    for (certificate, key, mode) in [
        (old.certificate.as_str(), new.key.as_str(), 0o600),
        (&new.certificate[..100], &new.key, 0o600),
        ("no certificate", &new.key, 0o600),
        (&new.certificate, "no key", 0o600),
        (&new.certificate, &new.key, 0o644),
    ] {
        world.write(certificate, key);
        world.set_mode(mode);
        server.reload("the certificate was not changed");
        assert!(server.serves(&new), "{certificate} {mode:o}");
    }
    std::fs::remove_file(world.path("tls.pem")).unwrap();
    server.reload("the certificate was not changed");
    let told = metrics(&server);
    assert!(told.contains("glasshouse_tls_reloads_total{result=\"refused\"} 6"), "{told}");
    assert!(told.contains("glasshouse_tls_reloads_total{result=\"loaded\"} 1"), "{told}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_pair_that_cannot_be_served_is_refused_at_the_start() {
    let (pair, other) = (Pair::new(), Pair::new());
    let world = World::new(&pair);
    world.set_mode(0o640);
    assert!(world.refused().contains("chmod 600"));
    world.write(&pair.certificate, &other.key);
    assert!(world.refused().contains("cannot be served"));
    let twice = [pair.certificate.as_str(), &" ".repeat(256 << 10)].concat();
    world.write(&twice, &pair.key);
    assert!(world.refused().contains("is longer than"));
}

#[test]
fn plain_http_on_the_port_of_tls_ends_and_others_go_on() {
    let pair = Pair::new();
    let (_world, server) = World::new(&pair).serve_kept();
    let mut stream = server.plain();
    stream.write_all(&ask("")).unwrap();
    let mut bytes = Vec::new();
    // An alert (RFC 8446 section 6), and an end that is no reset.
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.first(), Some(&21), "{bytes:?}");
    assert!(!bytes.starts_with(b"HTTP"));
    assert!(server.serves(&pair));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_handshake_that_never_ends_is_cut_off() {
    let pair = Pair::new();
    let (_world, server) = World::new(&pair).serve_kept();
    let began = Instant::now();
    let silent = server.plain();
    let mut begun = server.plain();
    // The head of a record of 512 bytes, and no more of it.
    begun.write_all(&[22, 3, 1, 2, 0, 1]).unwrap();
    for mut stream in [silent, begun] {
        let _ = stream.read_to_end(&mut Vec::new());
        let waited = began.elapsed();
        assert!(
            (HANDSHAKE_TIMEOUT..HANDSHAKE_TIMEOUT + Duration::from_secs(15)).contains(&waited),
            "{waited:?}"
        );
    }
    assert!(server.serves(&pair));
    // Nor does it hold a server up that is to stop.
    let hanging = server.plain();
    let stopping = Instant::now();
    assert_eq!(server.stop(), Some(0));
    assert!(stopping.elapsed() < HANDSHAKE_TIMEOUT, "{:?}", stopping.elapsed());
    drop(hanging);
}

impl World {
    /// The world and its server.
    fn serve_kept(self) -> (World, Server) {
        let server = self.serve();
        (self, server)
    }
}

#[test]
fn a_certificate_needs_its_key() {
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse"))
        .args(["serve", "--dir"])
        .arg(Path::new("nowhere"))
        .args(["--tls-certificate", "a.pem"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--tls-key"));
}
