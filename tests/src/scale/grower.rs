//! A ledger that is grown through its own writer, without a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_ledger::admission::{Admission, Admitted};
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::key_file::read_pem;
use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::open::{Hold, Opened};
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::submission::SubmissionSlices;
use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use crate::workload::{Publisher, decision, now};
use crate::world::ORIGIN;

/// Statements of one round.
pub const ROUND: u64 = 1_000;

/// What one round took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// By the clock.
    pub time: Duration,
    /// Of all cores together.
    pub cpu: Duration,
}

/// The ledger, its providers, and how far it is.
pub struct Grower {
    dir: PathBuf,
    publishers: Vec<Publisher>,
    /// How many decisions were signed, of the providers in turn.
    signed: u64,
    opened: Option<Opened>,
}

impl Grower {
    /// Makes a ledger below a folder, with providers enrolled.
    pub fn begin(scratch: &Path, providers: u64) -> Grower {
        let (dir, key) = (scratch.join("ledger"), scratch.join("registrar.key"));
        let origin = Origin::parse(ORIGIN).unwrap();
        let options = InitOptions {
            folder: dir.clone(),
            origin: origin.clone(),
            registrar_key: key.clone(),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        Ledger::init(&options, Arc::new(SystemClock)).unwrap();
        let registrar =
            Author::new(Issuer::of_registrar(&origin), origin.clone(), read_pem(&key).unwrap()).unwrap();
        let publishers: Vec<_> =
            (0..providers).map(|at| Publisher::new(&format!("scale-{at}"), &origin)).collect();
        let enrolments: Vec<Signed> =
            (2..).zip(&publishers).map(|(number, publisher)| enrol(&registrar, publisher, number)).collect();
        let mut grower = Grower { dir, publishers, signed: 0, opened: None };
        grower.append(&enrolments);
        grower
    }

    /// The ledger's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The ledger's own policy, as a file.
    pub fn policy(&self) -> String {
        std::fs::read_to_string(self.dir.join("policy.txt")).unwrap()
    }

    /// Lets go of the folder, so that another process can open it.
    pub fn close(&mut self) {
        if let Some(mut opened) = self.opened.take() {
            opened.writer.settle().unwrap();
        }
    }

    /// Appends decisions until there are so many entries.
    pub fn grow_to(&mut self, size: u64) {
        loop {
            let there = self.opened().reader.head().size().get();
            let Some(missing @ 1..) = size.checked_sub(there) else { return };
            let signed = self.sign(missing.min(ROUND));
            self.append(&signed);
        }
    }

    /// What each of these rounds takes from the first statement that is handed to the writer until the last is published,
    /// signed and admitted before; the quickest first.
    pub fn time_rounds(&mut self, rounds: u64) -> Vec<Taken> {
        let mut taken: Vec<Taken> = (0..rounds)
            .map(|_| {
                let signed = self.sign(ROUND);
                self.append(&signed)
            })
            .collect();
        taken.sort();
        taken
    }

    fn opened(&mut self) -> &mut Opened {
        let folder = self.dir.clone();
        self.opened.get_or_insert_with(|| open(folder))
    }

    /// The next decisions, of every provider in turn.
    fn sign(&mut self, many: u64) -> Vec<Signed> {
        let (first, time) = (self.signed, now());
        let providers = self.publishers.len() as u64;
        self.signed += many;
        let publishers = &self.publishers;
        // No provider leaves a number out: none may be 65,536 ahead of one that is missing.
        let sign = |at: u64| {
            let number = 1 + at / providers;
            publishers[(at % providers) as usize].sign(&decision(number), number, time)
        };
        (first..first + many).into_par_iter().map(sign).collect()
    }

    fn append(&mut self, signed: &[Signed]) -> Taken {
        let opened = self.opened();
        let admission = Admission::new(Origin::parse(ORIGIN).unwrap());
        let batch: Vec<SubmissionSlices<'_>> = signed
            .iter()
            .map(|signed| SubmissionSlices {
                statement: signed.statement(),
                addenda: signed.served().collect(),
            })
            .collect();
        let admitted: Vec<Admitted> = admission
            .admit_batch(&batch, &opened.reader.keys(), now())
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let (begun, cpu) = (Instant::now(), cpu_time());
        for admitted in admitted {
            opened.writer.submit(admitted);
        }
        while opened.writer.pooled() > 0 {
            for (_, answer) in opened.writer.round().unwrap().answers {
                assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
            }
        }
        Taken { time: begun.elapsed(), cpu: cpu_time() - cpu }
    }
}

/// Opens a ledger as a server does.
pub fn open(folder: PathBuf) -> Opened {
    let options = OpenOptions {
        folder,
        clock: Arc::new(SystemClock),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    };
    Ledger::open(&options).unwrap()
}

/// CPU time of this process so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn enrol(registrar: &Author, publisher: &Publisher, number: u64) -> Signed {
    let author = publisher.author();
    let enrolment = Enrolment {
        provider: author.issuer().clone(),
        name: format!("Provider {}", author.issuer()),
        roles: vec!["marketplace".to_owned()],
        country: "LU".to_owned(),
        key: *author.public_key(),
        request: author.request(now()),
        evidence: None,
        contact: None,
    };
    registrar.sign_own(&enrolment.draft(), Sequence::new(number).unwrap(), now()).unwrap()
}
