//! Everybody who talks to the server of a soak, each on a thread: providers, followers, receipt readers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use glasshouse_verifier::vkey::Vkey;

use super::Soak;
use super::exactly_once::Told;
use super::provider::{Pace, SendFigures, SoakProvider};
use crate::follower::Follower;
use crate::load::readers::Read;
use crate::read_error::ReadError;
use crate::receipt_reader::{ReceiptReader, ReceiptSource};
use crate::site::Site;
use crate::workload::Publisher;

/// Between two looks of a follower.
const FOLLOW_PAUSE: Duration = Duration::from_secs(1);

/// All threads.
#[derive(Debug)]
pub struct Crew {
    providers: Vec<JoinHandle<SoakProvider>>,
    /// Closed when every provider has ended.
    sending: Receiver<()>,
    /// Each gives the size that it checked.
    followers: Vec<JoinHandle<u64>>,
    readers: Vec<JoinHandle<()>>,
    figures: Figures,
}

/// What they measured.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Providers.
    pub sent: Arc<SendFigures>,
    /// Followers and receipt readers.
    pub read: Read,
    /// The sizes that the followers got to.
    pub followed: Vec<u64>,
}

impl Crew {
    /// Starts everybody. Who sees something wrong says so.
    pub(super) fn start(
        soak: &Soak,
        publishers: Vec<Publisher>,
        begun: Instant,
        fail: Sender<String>,
    ) -> Crew {
        let (arguments, figures) = (&soak.arguments, Figures::default());
        figures.sent.published.store(1, std::sync::atomic::Ordering::Relaxed);
        let (interval, count) = (arguments.interval(), publishers.len());
        let (sends, sending) = std::sync::mpsc::channel::<()>();
        let mut providers = Vec::new();
        for (at, publisher) in publishers.into_iter().enumerate() {
            // One behind the other, so that each moment has its share.
            let first = begun + interval.mul_f64(at as f64 / count as f64);
            let pace = Pace { first, interval, until: begun + arguments.duration(), batch: arguments.batch };
            let mut provider =
                SoakProvider::new(publisher, at as u64, arguments.mix, Arc::clone(&figures.sent));
            let (site, fail, sends) = (Arc::clone(&soak.site), fail.clone(), sends.clone());
            providers.push(std::thread::spawn(move || {
                let _sends = sends;
                if let Err(wrong) = provider.send(&site, pace) {
                    let _ = fail.send(format!("a provider: {wrong}"));
                }
                provider
            }));
        }
        let log = soak.world.dir().join("log.vkey");
        let log = Vkey::parse(std::fs::read_to_string(log).unwrap().trim_end()).unwrap();
        let mut followers = Vec::new();
        for _ in 0..arguments.followers {
            let follower = Follower::new(log.clone(), Arc::clone(&figures.read.follow));
            let (site, fail) = (Arc::clone(&soak.site), fail.clone());
            followers.push(std::thread::spawn(move || follow(follower, &site, &fail)));
        }
        let published = Arc::clone(&figures.sent.published);
        let source = ReceiptSource { policy: soak.world.policy(), log, published, check_one_in: 1 };
        let rate = arguments.receipt_rate / arguments.receipt_readers as f64;
        let mut readers = Vec::new();
        for seed in 0..arguments.receipt_readers {
            let mut reader = ReceiptReader::new(source.clone(), seed, Arc::clone(&figures.read.receipts));
            let (site, fail) = (Arc::clone(&soak.site), fail.clone());
            readers.push(std::thread::spawn(move || {
                if let Err(wrong) = reader.read(&site, rate) {
                    let _ = fail.send(format!("a receipt reader: {wrong}"));
                }
            }));
        }
        Crew { providers, sending, followers, readers, figures }
    }

    /// Waits until every provider has its last answer.
    ///
    /// # Errors
    /// What anybody saw that is wrong.
    pub fn await_providers(&self, failures: &Receiver<String>) -> Result<(), String> {
        loop {
            match self.sending.recv_timeout(Duration::from_millis(200)) {
                Err(RecvTimeoutError::Disconnected) => return failures.try_recv().map_or(Ok(()), Err),
                _ => failures.try_recv().map_or(Ok(()), Err)?,
            }
        }
    }

    /// Waits for everybody, once the site was ended; what each provider was told, and all figures.
    pub fn finish(self) -> (Vec<(String, Vec<Told>)>, Figures) {
        let providers = self.providers.into_iter().map(|thread| thread.join().unwrap());
        let told = providers.map(SoakProvider::into_told).collect();
        let followed = self.followers.into_iter().map(|thread| thread.join().unwrap()).collect();
        self.readers.into_iter().for_each(|thread| thread.join().unwrap());
        (told, Figures { followed, ..self.figures })
    }
}

/// Follows to the end, and looks once more then: the server still runs.
fn follow(mut follower: Follower, site: &Site, fail: &Sender<String>) -> u64 {
    let followed = follower.follow(site, FOLLOW_PAUSE);
    let last = site.address().map(|address| follower.look(&address.url));
    let last = match last {
        Some(Err(ReadError::Wrong(wrong))) => Err(wrong),
        _ => Ok(()),
    };
    if let Err(wrong) = followed.and(last) {
        let _ = fail.send(format!("a follower: {wrong}"));
    }
    follower.size()
}
