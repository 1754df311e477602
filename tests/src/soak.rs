//! The soak: a ledger under a steady load for a long time, killed and started again all the while, then judged.
//!
//! Providers send at a steady rate and send again, under the same numbers, what was not answered. The server is killed with
//! SIGKILL every minute, while it has a request if one comes within two seconds, and started again on the same folder; a
//! witness goes and comes back; followers check every checkpoint and every entry as it appears; receipt readers ask for
//! entries at random. At the end ([`audit`]): every statement that was
//! sent is in the log exactly once, where its provider was told; every follower got to the end without seeing anything wrong;
//! `glasshouse-verify log` and `fsck` find nothing; nothing temporary is left; and the server took no more memory and no more
//! files in its last lives than in its first ([`generations`]).

pub mod arguments;
pub mod audit;
pub mod crew;
pub mod exactly_once;
pub mod generations;
pub mod provider;
pub mod report;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use self::arguments::Arguments;
use self::crew::Crew;
use self::generations::Generation;
use self::report::Report;
use crate::process::Process;
use crate::site::Site;
use crate::witnesses::Witnesses;
use crate::workload::Publisher;
use crate::world::World;

/// How long a kill that is due waits for a provider's request that it interrupts.
const KILL_WAIT: Duration = Duration::from_secs(2);

/// The ledger and what is killed of it.
#[derive(Debug)]
pub struct Soak {
    arguments: Arguments,
    world: World,
    site: Arc<Site>,
    server: Option<Process>,
    witnesses: Option<Witnesses>,
    generations: Vec<Generation>,
    /// How often the last witness was killed, and whether it is away.
    witness_kills: u64,
    witness_is_away: bool,
}

/// What is done at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Kill,
    Turn,
    Sample,
    End,
}

/// Runs it to its end, or until something is wrong.
///
/// # Errors
/// What does not hold, and where everything is left.
pub fn run(arguments: &Arguments) -> Result<Report, String> {
    let (mut soak, publishers) = Soak::start(arguments)?;
    let done = soak.go(publishers);
    if arguments.keep && done.is_ok() {
        eprintln!("everything is left in {}", soak.world.leave().display());
    }
    done.map_err(|wrong| format!("{wrong}\neverything is left in {}", soak.world.leave().display()))
}

impl Soak {
    /// Makes the ledger, enrols the providers, starts the witnesses.
    fn start(arguments: &Arguments) -> Result<(Soak, Vec<Publisher>), String> {
        let mut world = World::start(&arguments.program());
        let publishers = (0..arguments.providers).map(|at| world.enrol(&format!("soak-{at}"))).collect();
        if world.take_server().stop() != Some(0) {
            return Err("the server did not end well".to_owned());
        }
        let count = usize::try_from(arguments.witnesses).unwrap();
        let program = arguments.program();
        let witnesses = (count > 0).then(|| Witnesses::start(&program, world.scratch(), &world.dir(), count));
        let mut soak = Soak {
            arguments: arguments.clone(),
            world,
            site: Arc::default(),
            server: None,
            witnesses,
            generations: Vec::new(),
            witness_kills: 0,
            witness_is_away: false,
        };
        soak.serve()?;
        Ok((soak, publishers))
    }

    /// Begins another life of the server.
    fn serve(&mut self) -> Result<(), String> {
        let policy = self.witnesses.as_ref().map(|witnesses| witnesses.policy_file().to_str().unwrap());
        let interval = self.arguments.witness_interval.to_string();
        let more = policy.iter().flat_map(|policy| ["--policy", policy, "--witness-interval", &interval]);
        let more: Vec<&str> = more.collect();
        let begun = Instant::now();
        let server = Process::serve(&self.arguments.program(), &self.world.dir(), &more)
            .map_err(|why| format!("the server does not start again: {why}"))?;
        self.generations.push(Generation::new(begun.elapsed(), server.size_at_start()));
        self.site.open(server.url());
        self.server = Some(server);
        Ok(())
    }

    fn sample(&mut self) {
        if let (Some(server), Some(life)) = (&self.server, self.generations.last_mut()) {
            life.sample(server.id());
        }
    }

    fn go(&mut self, publishers: Vec<Publisher>) -> Result<Report, String> {
        let (fail, failures) = channel();
        let begun = Instant::now();
        let crew = Crew::start(self, publishers, begun, fail);
        let worked = self.work(begun, &failures);
        // What was begun is answered before everybody finishes, unless something is wrong already.
        let worked = worked.and_then(|()| crew.await_providers(&failures));
        let seconds = begun.elapsed().as_secs_f64();
        let settled = worked.and_then(|()| self.settle());
        self.site.end();
        let (told, figures) = crew.finish();
        settled?;
        if let Ok(wrong) = failures.try_recv() {
            return Err(wrong);
        }
        audit::judge(self, told, figures, seconds)
    }

    /// Kills and samples until the time is up.
    fn work(&mut self, begun: Instant, failures: &Receiver<String>) -> Result<(), String> {
        let every = |seconds: u64| Duration::from_secs(seconds);
        let (kill, sample) = (every(self.arguments.kill_every), every(self.arguments.sample_every));
        let turn = every(self.arguments.witness_turn);
        let end = begun + self.arguments.duration();
        // What comes first is done first where two are due: nothing is killed when nobody sends any more.
        let mut agenda = [
            (end, Deed::End),
            (begun + kill, Deed::Kill),
            (begun + turn, Deed::Turn),
            (begun + sample, Deed::Sample),
        ];
        loop {
            let next = agenda.iter_mut().min_by_key(|(at, _)| *at).expect("four deeds");
            match failures.recv_timeout(next.0.saturating_duration_since(Instant::now())) {
                Ok(wrong) => return Err(wrong),
                Err(RecvTimeoutError::Disconnected) => return Err("everybody has stopped".to_owned()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let (at, deed) = *next;
            next.0 = at
                + match deed {
                    Deed::Kill => kill,
                    Deed::Turn => turn,
                    Deed::Sample => sample,
                    Deed::End => return Ok(()),
                };
            match deed {
                Deed::Kill => self.kill()?,
                Deed::Turn => self.turn(),
                Deed::Sample | Deed::End => self.sample(),
            }
        }
    }

    /// Ends the server while it works on a request, as a power cut would, and starts it again.
    fn kill(&mut self) -> Result<(), String> {
        self.sample();
        // The first request to come, and then at each kill another moment of its life, from before the server has read it to
        // behind its answer.
        self.site.await_request(KILL_WAIT);
        let lives = u64::try_from(self.generations.len()).unwrap_or(0);
        std::thread::sleep(Duration::from_millis(lives * 17 % 60));
        self.site.await_request(KILL_WAIT);
        self.site.close();
        self.server.take().expect("the server runs").kill();
        self.serve()?;
        let life = self.generations.last().expect("it lives");
        eprintln!("life {} begins with {} entries", self.generations.len(), life.size);
        Ok(())
    }

    /// The last witness goes, or comes back.
    fn turn(&mut self) {
        let Some(witnesses) = &mut self.witnesses else { return };
        let last = usize::try_from(self.arguments.witnesses - 1).unwrap();
        match self.witness_is_away {
            true => witnesses.serve(last),
            false => {
                witnesses.kill(last);
                self.witness_kills += 1;
            }
        }
        self.witness_is_away = !self.witness_is_away;
    }

    /// Everything is answered: has all witnesses back and waits until they have signed the last tree.
    fn settle(&mut self) -> Result<(), String> {
        self.sample();
        if self.witness_is_away {
            self.turn();
        }
        let Some(witnesses) = &self.witnesses else { return Ok(()) };
        let url = self.server.as_ref().expect("the server runs").url();
        let size = audit::published_size(&self.world.dir())?;
        let watch = crate::load::cosigned::CosignWatch::start(url, witnesses.policy());
        watch.finish(size, &[]).map(drop)
    }
}
