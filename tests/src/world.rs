//! A ledger of a test: its folder, its registrar, its server, its providers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::key_file::read_pem;
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::Value;

use crate::process::Process;
use crate::workload::{Publisher, batch, now};

/// The origin of every ledger of a test.
pub const ORIGIN: &str = "log.test.example";

/// No index of a test takes so long.
const INDEX_PATIENCE: Duration = Duration::from_secs(30);

/// One ledger and its server.
#[derive(Debug)]
pub struct World {
    program: PathBuf,
    scratch: tempfile::TempDir,
    server: Option<Process>,
    registrar: Author,
    registrar_number: u64,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The first header field of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl World {
    /// Makes a ledger with `glasshouse init` and starts its server.
    pub fn start(program: &Path) -> World {
        let mut world = World::init(program);
        world.serve();
        world
    }

    /// Makes a ledger and leaves it stopped.
    pub fn init(program: &Path) -> World {
        World::init_as(program, ORIGIN, &[])
    }

    /// The same under another origin, with more arguments of `glasshouse init`.
    pub fn init_as(program: &Path, origin: &str, more: &[&str]) -> World {
        let scratch = tempfile::tempdir().unwrap();
        let key = scratch.path().join("registrar.key");
        let output = Command::new(program)
            .args(["init", "--origin", origin, "--purpose", "test", "--dir"])
            .arg(scratch.path().join("ledger"))
            .arg("--registrar-key")
            .arg(&key)
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let origin = Origin::parse(origin).unwrap();
        let registrar = Author::new(Issuer::of_registrar(&origin), origin, read_pem(&key).unwrap()).unwrap();
        World { program: program.to_owned(), scratch, server: None, registrar, registrar_number: 2 }
    }

    /// Starts the server.
    #[track_caller]
    pub fn serve(&mut self) {
        self.serve_with(&[]);
    }

    /// Starts the server with more arguments.
    #[track_caller]
    pub fn serve_with(&mut self, more: &[&str]) {
        self.server =
            Some(Process::serve(&self.program, &self.dir(), more).unwrap_or_else(|why| panic!("{why}")));
    }

    /// Starts the server with more arguments, and with a log that tells what the filter says (`RUST_LOG`).
    #[track_caller]
    pub fn serve_logging(&mut self, more: &[&str], filter: &str) {
        let server = Process::serve_logging(&self.program, &self.dir(), more, Some(filter));
        self.server = Some(server.unwrap_or_else(|why| panic!("{why}")));
    }

    /// The program under test.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A folder for anything, gone with the world.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Leaves everything on disk when this world ends; where that is.
    pub fn leave(&mut self) -> &Path {
        self.scratch.disable_cleanup(true);
        self.scratch.path()
    }

    /// The ledger's folder.
    pub fn dir(&self) -> PathBuf {
        self.scratch.path().join("ledger")
    }

    /// The registrar's key file.
    pub fn registrar_key(&self) -> PathBuf {
        self.scratch.path().join("registrar.key")
    }

    /// The registrar.
    pub fn registrar(&self) -> &Author {
        &self.registrar
    }

    /// The running server.
    #[track_caller]
    pub fn server(&self) -> &Process {
        self.server.as_ref().expect("the server runs")
    }

    /// The server, to kill or stop it.
    #[track_caller]
    pub fn take_server(&mut self) -> Process {
        self.server.take().expect("the server runs")
    }

    /// The ledger's own policy file.
    pub fn policy(&self) -> Policy {
        Policy::parse(&std::fs::read_to_string(self.dir().join("policy.txt")).unwrap()).unwrap()
    }

    /// A provider below `.example` that the registrar has admitted.
    #[track_caller]
    pub fn enrol(&mut self, name: &str) -> Publisher {
        let publisher = Publisher::new(name, self.registrar.origin());
        self.admit(publisher)
    }

    /// This provider, which the registrar has admitted.
    #[track_caller]
    pub fn admit(&mut self, publisher: Publisher) -> Publisher {
        let signed = self.enrolment(&publisher, &["marketplace", "host"]);
        let reply = self.post(&batch([&signed]));
        assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
        publisher
    }

    /// The registrar's next statement: this provider's enrolment.
    pub fn enrolment(&mut self, publisher: &Publisher, roles: &[&str]) -> Signed {
        let author = publisher.author();
        let enrolment = Enrolment {
            provider: author.issuer().clone(),
            name: format!("Provider {}", author.issuer()),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            country: "LU".to_owned(),
            key: *author.public_key(),
            request: author.request(now()),
            evidence: None,
            contact: None,
        };
        let number = self.next_registrar_number();
        self.registrar.sign_own(&enrolment.draft(), number, now()).unwrap()
    }

    /// The registrar's next number, used up.
    pub fn next_registrar_number(&mut self) -> Sequence {
        let number = Sequence::new(self.registrar_number).unwrap();
        self.registrar_number += 1;
        number
    }

    /// Sends a body to `POST /api/v1/statements`.
    #[track_caller]
    pub fn post(&self, body: &[u8]) -> Reply {
        self.try_post(body).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same, where the server may be gone.
    pub fn try_post(&self, body: &[u8]) -> Result<Reply, String> {
        let url = format!("{}/api/v1/statements", self.server().url());
        let request = agent().post(&url).header("Content-Type", "application/cbor");
        reply(request.send(body).map_err(|error| error.to_string())?)
    }

    /// Sends statements and gives back the result of each.
    #[track_caller]
    pub fn submit<'a>(&self, statements: impl IntoIterator<Item = &'a Signed>) -> Vec<Value> {
        self.post(&batch(statements)).json()["results"].as_array().expect("results").clone()
    }

    /// Submits one statement with texts of another one beside its own, as a disclosure does; its result.
    #[track_caller]
    pub fn submit_opening(&self, signed: &Signed, opened: &[&[u8]]) -> Value {
        let addenda = signed.served().chain(opened.iter().copied()).collect();
        let batch = encode_batch(&[SubmissionSlices { statement: signed.statement(), addenda }]);
        self.post(&batch).json()["results"][0].clone()
    }

    /// Sends a body to a path, with these header fields.
    #[track_caller]
    pub fn post_with(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Reply {
        let mut request = agent().post(format!("{}{path}", self.server().url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.send(body).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
    }

    /// Gets a path, with more header fields.
    #[track_caller]
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = agent().get(format!("{}{path}", self.server().url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.call().unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
    }

    /// Gets a path.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    /// Waits until the index covers the log: an export begins only then.
    #[track_caller]
    pub fn await_index(&self) {
        let begun = Instant::now();
        while self.get("/api/v1/export?format=csv&type=genesis").status != 200 {
            assert!(begun.elapsed() < INDEX_PATIENCE, "the index does not cover the log");
            std::thread::yield_now();
        }
    }

    /// Runs `glasshouse` with these arguments: exit status, standard output, standard error.
    pub fn command(&self, arguments: &[&str]) -> (i32, String, String) {
        let output =
            Command::new(&self.program).args(arguments).current_dir(self.scratch()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// `glasshouse fsck` on the ledger's folder, which must find nothing.
    #[track_caller]
    pub fn assert_fsck_clean(&self) {
        let dir = self.dir();
        let (status, output, errors) = self.command(&["fsck", "--dir", dir.to_str().unwrap()]);
        assert_eq!(status, 0, "{output}{errors}");
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .new_agent()
}

fn reply(mut answer: ureq::http::Response<ureq::Body>) -> Result<Reply, String> {
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let status = answer.status().as_u16();
    let body =
        answer.body_mut().with_config().limit(64 << 20).read_to_vec().map_err(|error| error.to_string())?;
    Ok(Reply { status, headers, body })
}
