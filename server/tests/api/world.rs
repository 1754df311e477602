//! A ledger made for one test, a server over it, and a provider who is enrolled.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::{self, SecretKey};
use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_server::ledger_server::{LedgerServer, ServerError, ServerOptions};
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub(crate) const ORIGIN: &str = "log.example/takedowns";
pub(crate) const PROVIDER: &str = "https://host.example";

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) registrar: Author,
    pub(crate) provider: Author,
    pub(crate) runtime: Runtime,
    pub(crate) server: Option<LedgerServer>,
    pub(crate) agent: ureq::Agent,
    /// What a server is started with beside the usual.
    pub(crate) tune: Box<dyn Fn(&mut ServerOptions) + Send + Sync>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and slug of a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let kind = self.json()["type"].as_str().unwrap().to_owned();
        (self.status, kind.trim_start_matches("urn:glasshouse:problem:").to_owned())
    }
}

impl World {
    /// A new ledger with nothing but its genesis.
    pub(crate) fn new() -> World {
        let mut world = World::made();
        world.start().unwrap();
        world
    }

    /// The same, and no server yet.
    pub(crate) fn made() -> World {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("registrar.key");
        let options = InitOptions {
            folder: folder.path().join("ledger"),
            origin: origin(),
            registrar_key: key.clone(),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        Ledger::init(&options, Arc::new(SystemClock)).unwrap();
        let registrar = Issuer::of_registrar(&origin());
        let provider = Issuer::parse_provider(PROVIDER).unwrap();
        World {
            registrar: Author::new(registrar, origin(), key_file::read_pem(&key).unwrap()).unwrap(),
            provider: Author::new(provider, origin(), SecretKey::generate().unwrap()).unwrap(),
            folder,
            runtime: Runtime::new().unwrap(),
            server: None,
            agent: ureq::Agent::config_builder().http_status_as_error(false).build().into(),
            tune: Box::new(|_| {}),
        }
    }

    /// A ledger with a provider enrolled in entry 1.
    pub(crate) fn with_provider() -> World {
        let world = World::new();
        let enrolment = world.enrolment(&world.provider, 2);
        let reply = world.submit(&[&enrolment]);
        assert_eq!(reply.status, 200, "{}", reply.json());
        world
    }

    pub(crate) fn start(&mut self) -> Result<(), ServerError> {
        let mut options =
            ServerOptions::new(self.folder.path().join("ledger"), "127.0.0.1:0".parse().unwrap());
        options.round_interval = std::time::Duration::from_millis(5);
        // However full the machine's disk is.
        options.storage.least_free = 0;
        // However busy the machine is, an answer covers what is published; no test waits so long.
        options.search.follow = std::time::Duration::from_secs(60);
        (self.tune)(&mut options);
        self.server = Some(self.runtime.block_on(LedgerServer::start(&options))?);
        Ok(())
    }

    /// A second server on the same folder.
    pub(crate) fn start_another(&self) -> Result<(), ServerError> {
        let options = ServerOptions::new(self.folder.path().join("ledger"), "127.0.0.1:0".parse().unwrap());
        self.runtime.block_on(LedgerServer::start(&options)).map(|_| ())
    }

    pub(crate) fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop()).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        self.server.as_ref().unwrap().url()
    }

    pub(crate) fn enrolment(&self, provider: &Author, sequence: u64) -> Signed {
        let enrolment = Enrolment {
            provider: provider.issuer().clone(),
            name: "Host Example".to_owned(),
            roles: vec!["host".to_owned(), "cdn".to_owned()],
            country: "DE".to_owned(),
            key: *provider.public_key(),
            request: provider.request(now()),
            evidence: None,
            contact: None,
        };
        let sequence = Sequence::new(sequence).unwrap();
        self.registrar.sign_own(&enrolment.draft(), sequence, now()).unwrap()
    }

    pub(crate) fn decision(&self, sequence: u64) -> Signed {
        sign(&self.provider, &Draft::from_json(&decision_line(sequence)).unwrap(), sequence)
    }

    pub(crate) fn submit(&self, signed: &[&Signed]) -> Reply {
        self.post(&self.body(signed))
    }

    /// The body of a submission.
    pub(crate) fn body(&self, signed: &[&Signed]) -> Vec<u8> {
        let served: Vec<Vec<&[u8]>> = signed.iter().map(|signed| signed.served().collect()).collect();
        let batch: Vec<_> = signed
            .iter()
            .zip(served)
            .map(|(signed, addenda)| SubmissionSlices { statement: signed.statement(), addenda })
            .collect();
        encode_batch(&batch)
    }

    /// Submits statements, all of which are taken.
    #[track_caller]
    pub(crate) fn take(&self, signed: &[&Signed]) {
        for batch in signed.chunks(500) {
            let answer = self.submit(batch).json();
            for result in answer["results"].as_array().unwrap() {
                assert_eq!(result["status"], "accepted", "{answer}");
            }
        }
    }

    pub(crate) fn post(&self, body: &[u8]) -> Reply {
        self.post_as(body, "application/cbor")
    }

    pub(crate) fn post_as(&self, body: &[u8], media_type: &str) -> Reply {
        self.post_to("/api/v1/statements", body, media_type)
    }

    pub(crate) fn post_to(&self, path: &str, body: &[u8], media_type: &str) -> Reply {
        let url = format!("{}{path}", self.url());
        // A server that refuses before it has read a body may end the connection: nobody else should be given it.
        let post = self.agent.post(&url).header("connection", "close");
        reply(post.header("content-type", media_type).send(body))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.get_as(path, "*/*")
    }

    pub(crate) fn get_as(&self, path: &str, accept: &str) -> Reply {
        self.get_with(path, "accept", accept)
    }

    pub(crate) fn get_with(&self, path: &str, header: &str, value: &str) -> Reply {
        reply(self.agent.get(format!("{}{path}", self.url())).header(header, value).call())
    }
}

fn reply(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Reply {
    let response = response.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().into_with_config().limit(64 << 20).read_to_vec().unwrap();
    Reply { status, headers, body }
}

/// Signs a decision on a subject that is always the same.
pub(crate) fn sign(author: &Author, draft: &Draft, sequence: u64) -> Signed {
    author.sign(draft, Sequence::new(sequence).unwrap(), usual_subject(), now()).unwrap()
}

/// The `sub` of decisions.
pub(crate) fn usual_subject() -> Subject {
    Subject::parse("s:00112233445566778899aabbccddeeff").unwrap()
}

pub(crate) fn decision_line(number: u64) -> Value {
    json!({
        "type": "decision",
        "puid": format!("case-{number}"),
        "subject": "domain:forum.example.com",
        "provider_role": "cdn",
        "infrastructure_measure": ["proxying_stopped"],
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        "application_date": "2022-09-03",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "territorial_scope": ["WORLD"],
        "legal_basis": {"kind": "emergency"},
        "decision_facts": "<b>Imminent</b> danger to human life; there was no court order.",
        "contact": "appeals@host.example",
        "withheld": {"contact": {"ground": "personal_data"}},
    })
}

pub(crate) fn origin() -> Origin {
    Origin::parse(ORIGIN).unwrap()
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What a later statement is about.
pub(crate) enum About<'a> {
    /// One entry, by its leaf hash.
    Entry(&'a Signed),
    /// A range of the author's own numbers.
    Numbers(u64, u64),
}

/// Signs a statement about an earlier one. A value is a code, a day, a number or a list of texts.
pub(crate) fn later(author: &Author, kind: &str, sequence: u64, about: About<'_>, fields: Value) -> Signed {
    let draft = draft_about(kind, &about, fields);
    match about {
        About::Entry(_) => sign(author, &draft, sequence),
        About::Numbers(..) => author.sign_own(&draft, Sequence::new(sequence).unwrap(), now()).unwrap(),
    }
}

/// The same about an entry, issued at that moment.
pub(crate) fn later_at(
    author: &Author,
    kind: &str,
    sequence: u64,
    target: &Signed,
    fields: Value,
    iat: u64,
) -> Signed {
    let draft = draft_about(kind, &About::Entry(target), fields);
    author.sign(&draft, Sequence::new(sequence).unwrap(), usual_subject(), iat).unwrap()
}

/// The same about an entry with another `sub` than decisions have.
pub(crate) fn later_about(
    author: &Author,
    kind: &str,
    sequence: u64,
    target: &Signed,
    fields: Value,
    sub: &str,
) -> Signed {
    let draft = draft_about(kind, &About::Entry(target), fields);
    author.sign(&draft, Sequence::new(sequence).unwrap(), Subject::parse(sub).unwrap(), now()).unwrap()
}

fn draft_about(kind: &str, about: &About<'_>, fields: Value) -> Draft {
    let text = |text: &str| Item::text(text.to_owned());
    let item = |value: &Value| match value {
        Value::String(value) => text(value),
        Value::Number(number) => Item::Integer(number.as_u64().unwrap().into()),
        Value::Array(list) => Item::Array(list.iter().map(|one| text(one.as_str().unwrap())).collect()),
        other => panic!("{other}"),
    };
    let target = match about {
        About::Entry(signed) => vec![(text("entry"), Item::bytes(signed.leaf_hash().as_bytes().to_vec()))],
        About::Numbers(first, last) => {
            vec![
                (text("last"), Item::Integer((*last).into())),
                (text("first"), Item::Integer((*first).into())),
            ]
        }
    };
    let kind = StatementType::find(kind).unwrap();
    let mut draft = Draft::new(kind).with_field(FieldName::TARGETS, Item::Array(vec![Item::Map(target)]));
    for (name, value) in fields.as_object().unwrap() {
        let name = FieldName::find(name).unwrap();
        draft = match name.is_addendum() {
            true => draft.with_text(name, item(value)),
            false => draft.with_field(name, item(value)),
        };
    }
    draft
}
