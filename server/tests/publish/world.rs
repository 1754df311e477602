//! A ledger, its server, and providers that are enrolled over HTTP.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use glasshouse_ledger::author::Author;
use glasshouse_ledger::clock::Clock;
use glasshouse_ledger::key_file::{self, SecretKey};
use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_server::client::log::{IssuerState, ItemAnswer, RemoteLog};
use glasshouse_server::client::{Client, Patience};
use glasshouse_server::ledger_server::{LedgerServer, ServerOptions};
use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::event::{Event, Summary};
use glasshouse_server::outbox::line::{AuthoredLine, LineError};
use glasshouse_server::outbox::publisher::{PublishError, Publisher, Settings};
use glasshouse_server::outbox::record::{Pin, Record};
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const ORIGIN: &str = "publish.test/log";

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) log: RemoteLog,
    // Behind the client: it is dropped first.
    _server: LedgerServer,
    _runtime: Runtime,
}

/// A provider with its key and the folder of its outbox.
pub(crate) struct Provider {
    pub(crate) iss: Issuer,
    pub(crate) key: SecretKey,
    pub(crate) outbox: PathBuf,
    /// How far the provider's clock is behind.
    pub(crate) hours_behind: u64,
}

/// A clock that is behind.
struct Behind(u64);

impl Clock for Behind {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms() - self.0 * 3_600_000
    }
}

impl World {
    pub(crate) fn start() -> World {
        World::start_held(Duration::ZERO)
    }

    /// The same with a hold of redactions.
    pub(crate) fn start_held(hold: Duration) -> World {
        let dir = tempfile::tempdir().unwrap();
        let options = InitOptions {
            folder: dir.path().join("ledger"),
            origin: Origin::parse(ORIGIN).unwrap(),
            registrar_key: dir.path().join("registrar.pem"),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        Ledger::init(&options, Arc::new(SystemClock)).unwrap();
        let runtime = Runtime::new().unwrap();
        let mut serve = ServerOptions::new(options.folder, "127.0.0.1:0".parse().unwrap());
        serve.round_interval = Duration::from_millis(2);
        serve.redaction_hold = hold;
        // However full the machine's disk is.
        serve.storage.least_free = 0;
        let server = runtime.block_on(LedgerServer::start(&serve)).unwrap();
        let log = RemoteLog::new(Client::new(&server.url(), Patience::default()).unwrap());
        World { dir, log, _server: server, _runtime: runtime }
    }

    /// Enrols `https://<name>.example` as a content delivery network.
    pub(crate) fn enrol(&self, name: &str) -> Provider {
        let key = SecretKey::generate().unwrap();
        let iss = Issuer::parse_provider(&format!("https://{name}.example")).unwrap();
        let outbox = self.dir.path().join(format!("{name}.outbox"));
        let provider = Provider { iss, key, outbox, hours_behind: 0 };
        self.enrol_key(&provider, &provider.key);
        provider
    }

    /// Admits a key of a provider.
    pub(crate) fn enrol_key(&self, provider: &Provider, key: &SecretKey) {
        let origin = Origin::parse(ORIGIN).unwrap();
        let author = Author::new(provider.iss.clone(), origin.clone(), key.clone()).unwrap();
        let now = SystemClock.now_ms() / 1_000;
        let enrolment = Enrolment {
            provider: provider.iss.clone(),
            name: "A provider".to_owned(),
            roles: vec!["cdn".to_owned()],
            country: "US".to_owned(),
            key: *author.public_key(),
            request: author.request(now),
            evidence: None,
            contact: None,
        };
        self.by_registrar(&enrolment.draft());
    }

    /// Puts a statement of the registrar on record.
    pub(crate) fn by_registrar(&self, draft: &glasshouse_ledger::draft::Draft) {
        let origin = Origin::parse(ORIGIN).unwrap();
        let key = key_file::read_pem(&self.dir.path().join("registrar.pem")).unwrap();
        let registrar = Author::new(Issuer::of_registrar(&origin), origin, key).unwrap();
        let iss = registrar.issuer().as_str();
        let state = self.log.issuers().unwrap().into_iter().find(|state| state.iss == iss).unwrap();
        let number = Sequence::new(state.sequence.highest + 1).unwrap();
        let signed = registrar.sign_own(draft, number, SystemClock.now_ms() / 1_000).unwrap();
        let slices = SubmissionSlices { statement: signed.statement(), addenda: signed.served().collect() };
        let answers = self.log.submit(&encode_batch(&[slices]), 1).unwrap();
        assert!(matches!(answers[0], ItemAnswer::Accepted { .. }), "{answers:?}");
    }

    /// Leaves a provider with so many numbers that never arrived, and the next one on record.
    pub(crate) fn hole(&self, provider: &Provider, lost: u64) {
        let identity = self.log.identity().unwrap();
        let provider_iss = provider.iss.as_str().to_owned();
        let pin = Pin { version: 1, origin: identity.origin, vkey: identity.vkey, provider: provider_iss };
        let mut outbox = Outbox::open(&provider.outbox).unwrap();
        outbox.pin(pin).unwrap();
        outbox.append_durable(&[Record::Started { after: lost }]).unwrap();
        provider.publish(self, outbox, &decisions(1), &mut Vec::new()).unwrap();
        let state = self.state(provider).sequence;
        assert_eq!((state.unbroken, state.highest, state.missing.len() as u64), (0, lost + 1, lost));
    }

    pub(crate) fn state(&self, provider: &Provider) -> IssuerState {
        self.log.issuer(provider.iss.as_str()).unwrap().unwrap()
    }
}

impl Provider {
    /// Publishes lines through this outbox; `events` are what the publisher told.
    pub(crate) fn publish(
        &self,
        world: &World,
        outbox: Outbox,
        lines: &[Result<AuthoredLine, LineError>],
        events: &mut Vec<String>,
    ) -> Result<Summary, PublishError> {
        self.publish_to(&world.log, outbox, lines, events)
    }

    /// Publishes to what may not be the log itself.
    pub(crate) fn publish_to(
        &self,
        log: &RemoteLog,
        outbox: Outbox,
        lines: &[Result<AuthoredLine, LineError>],
        events: &mut Vec<String>,
    ) -> Result<Summary, PublishError> {
        let clock = Behind(self.hours_behind);
        let watch = Box::new(|event: Event<'_>| {
            if !matches!(event, Event::Looked(_) | Event::OnRecord(_)) {
                events.push(format!("{event:?}"));
            }
        });
        let settings = Settings { batch: 2, ..Settings::default() };
        let signer = (self.iss.clone(), self.key.clone());
        let mut publisher = Publisher::start(log, &clock, outbox, signer, settings, watch)?;
        for chunk in lines.chunks(settings.batch) {
            publisher.publish(chunk)?;
        }
        let summary = publisher.finish()?;
        let outcomes =
            [summary.wrong, summary.already_published, summary.on_record, summary.refused, summary.waiting];
        assert_eq!(summary.lines, outcomes.iter().sum::<u64>(), "{summary:?}");
        Ok(summary)
    }

    /// Publishes lines that must all go well, through the provider's own outbox.
    pub(crate) fn publish_all(&self, world: &World, lines: &[Result<AuthoredLine, LineError>]) -> Summary {
        let mut events = Vec::new();
        let outbox = Outbox::open(&self.outbox).unwrap();
        let summary = self.publish(world, outbox, lines, &mut events).unwrap();
        assert_eq!((summary.wrong, summary.refused, summary.waiting), (0, 0, 0), "{events:?}");
        assert_eq!((summary.others.refused, summary.others.waiting), (0, 0), "{events:?}");
        summary
    }
}

/// A decision of a content delivery network.
pub(crate) fn decision(puid: &str) -> Value {
    json!({
        "puid": puid,
        "provider_role": "cdn",
        "infrastructure_measure": ["block_page"],
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "application_date": "2026-03-01",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "terms_of_service"},
        "decision_facts": format!("What happened in the case {puid}."),
    })
}

/// Lines with these values, numbered from 1.
pub(crate) fn lines(values: &[Value]) -> Vec<Result<AuthoredLine, LineError>> {
    (1..).zip(values).map(|(number, value)| Ok(AuthoredLine::from_value(number, value.clone()))).collect()
}

/// So many decisions, with puids from 0.
pub(crate) fn decisions(count: u32) -> Vec<Result<AuthoredLine, LineError>> {
    lines(&(0..count).map(|number| decision(&format!("case-{number}"))).collect::<Vec<_>>())
}
