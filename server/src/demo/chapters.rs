//! The chapters of the story. Each does what it tells.

use std::io;
use std::path::PathBuf;

use glasshouse_ledger::author::Author;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::key_file;
use glasshouse_ledger::registrar::Enrolment;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::ConsistencyProof;
use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::view::View;
use glasshouse_verifier::vkey::Vkey;
use serde::Deserialize;
use serde_json::json;

use super::cast::{self, PLAYERS, Player};
use super::forgery;
use super::scene::Folder;
use super::story::{Story, short};
use crate::client::log::RemoteLog;
use crate::commands::CommandError;
use crate::commands::provider::{file, registrar};
use crate::outbox::Outbox;
use crate::outbox::line::AuthoredLine;
use crate::outbox::publisher::{Publisher, Settings};
use crate::system_clock::SystemClock;

/// The decision that the receipts' chapter and the forgery's are about.
const BLOCK: &str = "puid:2022-09-03-kiwifarms";

/// A story that is being told.
pub(super) struct Telling<'a> {
    folder: &'a Folder,
    log: &'a RemoteLog,
    story: Story<'a>,
    is_new: bool,
    /// Whether the folder goes with the end of the story, before anybody can look into it.
    goes: bool,
    origin: Origin,
    vkey: Vkey,
    policy: Policy,
    receipts: Vec<PathBuf>,
    block: Option<PathBuf>,
    size: u64,
}

/// What `GET /api/v1/proofs/consistency` answers.
#[derive(Deserialize)]
struct Consistency {
    hashes: Vec<String>,
    checkpoint: String,
}

fn told(error: io::Error) -> CommandError {
    CommandError::Io { what: "telling the story".to_owned(), source: error }
}

/// Something did not go as the story says.
fn broken(what: impl std::fmt::Display) -> CommandError {
    CommandError::Refused(format!("the demonstration broke off: {what}"))
}

impl<'a> Telling<'a> {
    /// Reads what a reader of the ledger would be given: the policy.
    pub(super) fn new(
        folder: &'a Folder,
        log: &'a RemoteLog,
        story: Story<'a>,
        is_new: bool,
        once: bool,
    ) -> Result<Telling<'a>, CommandError> {
        let path = folder.policy();
        let text = std::fs::read_to_string(&path).map_err(CommandError::io(path.display().to_string()))?;
        let identity = log.identity()?;
        Ok(Telling {
            folder,
            log,
            story,
            is_new,
            goes: once && folder.is_temporary(),
            origin: Origin::parse(&identity.origin).map_err(broken)?,
            vkey: Vkey::parse(&identity.vkey).map_err(broken)?,
            policy: Policy::parse(&text).map_err(broken)?,
            receipts: Vec::new(),
            block: None,
            size: 0,
        })
    }

    pub(super) fn the_ledger(&mut self) -> Result<(), CommandError> {
        let folder = match self.goes {
            true => "a folder that goes when the story ends (--dir keeps one)".to_owned(),
            false => self.folder.path().display().to_string(),
        };
        self.write(|story| {
            story.say(&format!("Everything happens on this machine, in {folder}. The providers are made up."))
        })?;
        let opening = if self.is_new {
            "A ledger is made. Its first entry, the genesis, says which keys sign it and what it is for: a demonstration."
        } else {
            "The ledger of an earlier demonstration is opened again. Nothing in it is done twice."
        };
        let (origin, vkey) = (self.origin.to_string(), self.vkey.encode());
        let (url, public) = (self.log.url().to_owned(), self.folder.ledger().join("public"));
        let goes = self.goes;
        self.write(|story| {
            story.chapter("A ledger")?;
            story.say(opening)?;
            story.fact("origin", &origin)?;
            story.fact("its key", &vkey)?;
            story.fact("served at", &url)?;
            if goes { Ok(()) } else { story.fact("log files", &public.display().to_string()) }
        })
    }

    pub(super) fn the_providers(&mut self) -> Result<(), CommandError> {
        self.write(|story| {
            story.chapter("Three providers are admitted")?;
            story.say("Each proves to the registrar that it holds its key. The registrar's word for it goes on record.")
        })?;
        let registrar = registrar(&self.origin, key_file::read_pem(&self.folder.registrar_key())?)?;
        for player in &PLAYERS {
            let index = self.enrol(&registrar, player)?;
            let roles = player.roles.join(", ");
            self.write(|story| story.fact(&format!("entry {index}"), &format!("{} as {roles}", player.iss)))?;
        }
        Ok(())
    }

    fn enrol(&self, registrar: &Author, player: &Player) -> Result<u64, CommandError> {
        let author = Author::new(provider(player)?, self.origin.clone(), self.folder.key(player.short)?)?;
        let kid = author.kid().to_hex();
        let known = self.log.issuer(player.iss)?.into_iter().flat_map(|state| state.keys);
        if let Some(key) = known.into_iter().find(|key| key.kid == kid) {
            return Ok(key.from_index);
        }
        let now = SystemClock.now_ms() / 1_000;
        let enrolment = Enrolment {
            provider: author.issuer().clone(),
            name: player.name.to_owned(),
            roles: player.roles.iter().map(|role| (*role).to_owned()).collect(),
            country: player.country.to_owned(),
            key: *author.public_key(),
            request: author.request(now),
            evidence: None,
            contact: None,
        };
        Ok(file(self.log, registrar, &enrolment.draft(), now)?.index)
    }

    pub(super) fn the_case(&mut self) -> Result<(), CommandError> {
        self.write(|story| {
            story.chapter("A case that stands in no register")?;
            story.say(
                "In September 2022 a provider blocked the forum Kiwi Farms, without a court order, three days after \
                 saying in effect that it would not. Here is the case as it would stand on record: reconstructed from \
                 press coverage, signed with demonstration keys, and marked as both.",
            )
        })?;
        let runs = cast::case().map_err(broken)?;
        for run in runs {
            for (line, index) in run.lines.iter().zip(self.publish(&run.iss, &run.lines)?) {
                let host = run.iss.trim_start_matches("https://").trim_end_matches(".example").to_owned();
                let row = format!("{host:<16} {}", cast::digest_of(line.value()));
                self.write(|story| story.fact(&format!("entry {index}"), &row))?;
            }
        }
        self.write(|story| {
            story.say(
                "The refusal of 31 August is a decision like any other; the block of 3 September refers to it as what it \
                 reverses. \"There was no order\" is a fact that the provider signs: the basis says emergency.",
            )
        })
    }

    pub(super) fn the_mirror(&mut self) -> Result<(), CommandError> {
        let lines = cast::mirror().map_err(broken)?;
        let indexes = self.publish("https://archivist.example", &lines)?;
        let (Some(first), Some(last)) = (indexes.first(), indexes.last()) else {
            return Err(broken("the excerpt of the European database is empty"));
        };
        let counts = cast::platforms(&lines);
        let platforms: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let (count, entries) = (lines.len(), format!("{first} to {last}"));
        self.write(|story| {
            story.chapter("Real rows of the European database")?;
            story.say(&format!(
                "An archivist mirrors {count} statements of reasons of 1 July 2025 (European Commission, CC BY 4.0). Each \
                 names the platform and the address at which it stood. Their legal basis is \"unstated\", because the \
                 database has none and nothing is guessed."
            ))?;
            story.fact("entries", &entries)?;
            story.fact("platforms", &platforms.join(", "))
        })
    }

    /// Publishes lines through the provider's outbox, as `glasshouse publish` does. Gives the index of each.
    fn publish(&mut self, iss: &str, lines: &[AuthoredLine]) -> Result<Vec<u64>, CommandError> {
        let player = PLAYERS.iter().find(|player| player.iss == iss);
        let player = player.ok_or_else(|| broken(format!("{iss} is not of the cast")))?;
        let outbox = Outbox::open(&self.folder.outbox(player.short))?;
        let signer = (provider(player)?, self.folder.key(player.short)?);
        let watch = Box::new(|_: crate::outbox::event::Event<'_>| {});
        let clock = SystemClock;
        let mut publisher = Publisher::start(self.log, &clock, outbox, signer, Settings::default(), watch)?;
        let input: Vec<_> = lines.iter().cloned().map(Ok).collect();
        publisher.publish(&input)?;
        let mut indexes = Vec::new();
        for line in lines {
            let contents = publisher.outbox().contents();
            let known = contents.line(&line.id()).map(|known| known.sequence);
            let index = known.and_then(|sequence| contents.on_record().get(&sequence).copied());
            let (Some(sequence), Some(index)) = (known, index) else {
                return Err(broken(format!("line {} of {iss} is not on record", line.number())));
            };
            let receipt = publisher.outbox().receipts().path(sequence);
            if line.id() == BLOCK {
                self.block = Some(receipt.clone());
            }
            self.receipts.push(receipt);
            indexes.push(index);
        }
        publisher.finish()?;
        Ok(indexes)
    }

    pub(super) fn the_receipts(&mut self) -> Result<(), CommandError> {
        let goes = self.goes;
        for path in &self.receipts {
            self.check(path)?;
        }
        let path = self.block.clone().ok_or_else(|| broken("the block is not in the case"))?;
        let proved = self.check(&path)?;
        let count = self.receipts.len();
        self.write(|story| {
            story.chapter("Receipts")?;
            story.say(&format!(
                "Each of the {count} statements has a receipt: one file that can be checked offline, years from now, \
                 with nothing but policy.txt. The verifier checked all of them: {count} of {count} hold."
            ))?;
            match goes {
                // The story is over in a second, and the folder with it.
                true => story.say("The one of the block proves:")?,
                false => {
                    story.say("The one of the block:")?;
                    story.line(&path.display().to_string())?;
                    story.say("proves:")?;
                }
            }
            for sentence in proved.proved() {
                story.line(&format!("+ {sentence}"))?;
            }
            story.say("and does not prove:")?;
            for sentence in proved.not_proved() {
                story.line(&format!("- {sentence}"))?;
            }
            Ok(())
        })
    }

    fn check(&self, path: &PathBuf) -> Result<Proved, CommandError> {
        let bytes = std::fs::read(path).map_err(CommandError::io(path.display().to_string()))?;
        let receipt = Receipt::parse(&bytes).map_err(broken)?;
        receipt.verify(&self.policy).map_err(|error| broken(format!("{}: {error}", path.display())))
    }

    pub(super) fn the_forgery(&mut self) -> Result<(), CommandError> {
        let path = self.block.clone().ok_or_else(|| broken("the block is not in the case"))?;
        let bytes = std::fs::read(&path).map_err(CommandError::io(path.display().to_string()))?;
        self.write(|story| {
            story.chapter("A forgery")?;
            story.say("Somebody changes one byte in a copy of that receipt: first in the statement, then in its text.")
        })?;
        for (within, name) in [("entry", "forged-statement.json"), ("addenda", "forged-text.json")] {
            let forgery = forgery::change_one_byte(&bytes, within, &self.policy)
                .ok_or_else(|| broken("a changed receipt passed the check"))?;
            let copy = self.folder.path().join(name);
            std::fs::write(&copy, &forgery.bytes).map_err(CommandError::io(copy.display().to_string()))?;
            let (before, after) = forgery.change;
            let (position, step, why) = (forgery.position, forgery.step, forgery.why);
            self.write(|story| {
                story.fact(name, &format!("byte {position}: {before:?} became {after:?}"))?;
                story.fact("", &format!("REFUSED at step {step} of the check: {why}"))
            })?;
        }
        Ok(())
    }

    pub(super) fn the_history(&mut self, early: &[u8]) -> Result<(), CommandError> {
        let kept = self.folder.path().join("early-checkpoint.txt");
        if !kept.exists() {
            std::fs::write(&kept, early).map_err(CommandError::io(kept.display().to_string()))?;
        }
        let early = std::fs::read(&kept).map_err(CommandError::io(kept.display().to_string()))?;
        let early = SignedCheckpoint::open(&early, &self.vkey).map_err(broken)?;
        let from = early.head().size();
        let answer: Consistency =
            self.log.client().get_json(&format!("/api/v1/proofs/consistency?from={from}"))?;
        let newest = SignedCheckpoint::open(answer.checkpoint.as_bytes(), &self.vkey).map_err(broken)?;
        let hashes: Result<Vec<NodeHash>, _> =
            answer.hashes.iter().map(|hash| NodeHash::from_hex(hash)).collect();
        let hashes = hashes.map_err(broken)?;
        let count = hashes.len();
        let proof = ConsistencyProof::new(hashes).map_err(broken)?;
        let (old, new) = (early.head().root().to_hex(), newest.head().root().to_hex());
        let to = newest.head().size();
        View::new(early).advance(newest, &proof).map_err(broken)?;
        self.size = to.get();
        self.write(|story| {
            story.chapter("Nothing was rewritten on the way")?;
            story.say(
                "A reader kept the checkpoint of the moment when the providers had just been admitted, and asks for the \
                 proof that today's ledger begins with the same entries."
            )?;
            story.fact("then", &format!("{from} entries, root {}", short(&old)))?;
            story.fact("now", &format!("{to} entries, root {}", short(&new)))?;
            story.fact("proof", &format!("{count} hashes: it HOLDS"))
        })
    }

    pub(super) fn the_end(&mut self, once: bool) -> Result<(), CommandError> {
        let url = self.log.url().to_owned();
        let policy = self.folder.policy().display().to_string();
        let block = self.block.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let goes = self.folder.is_temporary();
        let run = "cargo run --release --";
        let verify = "cargo run --release --bin glasshouse-verify --";
        let mut commands = Vec::new();
        if once {
            commands.push(format!(
                "{run} demo                    the same, and the ledger stays up to be browsed"
            ));
            commands.push(format!("{run} demo --dir my-demo      the same, in a folder that stays"));
        } else {
            commands.push(format!("{url}/"));
            commands.push(format!("curl -fsS {url}/checkpoint"));
            commands.push(format!("curl -fsS {url}/api/v1/providers"));
            commands.push(format!("{verify} log {url} --policy {policy}"));
        }
        if !(once && goes) {
            commands.push(format!("{verify} receipt {block} --policy {policy}"));
        }
        commands.push(format!("{run} init --help             a ledger of your own"));
        commands.push(format!("{run} publish --help          decisions of your own"));
        self.write(|story| {
            story.chapter("What to try next")?;
            for command in &commands {
                story.line(command)?;
            }
            if !once {
                story.pause()?;
                let then = if goes { "; the temporary folder goes then" } else { "" };
                story.say(&format!("The ledger stays up. Ctrl-C ends it{then}."))?;
            }
            story.pause()
        })
    }

    /// How the story went, for programs.
    pub(super) fn facts(&self) -> serde_json::Value {
        json!({
            "event": "demo",
            "dir": (!self.goes).then(|| self.folder.path()),
            "url": self.log.url(),
            "origin": self.origin.to_string(),
            "size": self.size,
            "receipts": self.receipts.len(),
        })
    }

    fn write(&mut self, tell: impl FnOnce(&mut Story<'a>) -> io::Result<()>) -> Result<(), CommandError> {
        tell(&mut self.story).map_err(told)
    }
}

fn provider(player: &Player) -> Result<Issuer, CommandError> {
    Issuer::parse_provider(player.iss).map_err(broken)
}
