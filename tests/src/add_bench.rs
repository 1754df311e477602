//! A throw-away ledger behind `POST /add`, which takes any bytes and answers an index: what other logs' load tools drive.
//!
//! A ledger has no such route, and no option for it: every entry carries a valid signature of a provider that was enrolled,
//! and there is no test mode. So this stands in front of an ordinary `glasshouse serve` and changes nothing in it. It wraps
//! the bytes in a decision, as base64 in the text `decision_facts`, signs that with the key of the bench's one provider, and
//! submits it as anybody would, together with what came in meanwhile. All that a ledger checks is checked, and paid for.
//! What is measured includes this program, which signs; and a leaf is the hash of the signed entry, not of the bytes.
//!
//! The ledger cannot be, become or be taken for a real one:
//! - It is made at the start in a temporary folder, and removed at the end. No folder can be given.
//! - Its origin is [`ORIGIN`], a name that can never exist (RFC 2606), and is in each of its checkpoints and statements; no
//!   policy of another log accepts them. Its purpose is `test`, and its rules in words say what it is.
//! - The registrar's keys are deleted as soon as the provider is enrolled; the provider's own never leaves the memory.

pub mod arguments;
pub mod collector;
pub mod front;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glasshouse_ledger::author::Signed;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::origin::Origin;

use crate::workload::{Publisher, decision, now};
use crate::world::World;

/// The origin of every bench.
pub const ORIGIN: &str = "add-bench.invalid";
/// Most bytes that one `POST /add` takes: in base64 they fit in a text of 5,000 characters.
pub const ADD_MAX: usize = 3_700;
/// Stands before the base64 in the text, so that no bytes at all are a text too.
pub const PREFIX: &str = "base64:";

const RULES: &str =
    "A ledger for measuring, without any meaning. Its one provider signs whatever bytes are posted to /add.";

/// A running ledger of a bench, and the provider that signs what arrives.
#[derive(Debug)]
pub struct Bench {
    world: World,
    signer: BenchSigner,
}

/// Signs bytes, each under the next number.
#[derive(Debug)]
pub struct BenchSigner(Publisher);

impl Bench {
    /// Makes the ledger, starts its server, enrols the provider, and deletes the registrar's keys.
    pub fn start(program: &Path) -> Bench {
        let rules = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(rules.path(), RULES).unwrap();
        let mut world = World::init_as(program, ORIGIN, &["--policy-text", rules.path().to_str().unwrap()]);
        world.serve();
        let (origin, key) = (Origin::parse(ORIGIN).unwrap(), SecretKey::generate().unwrap());
        let provider = Publisher::with_key("https://signs-anything.invalid", &origin, key);
        let signer = BenchSigner(world.admit(provider));
        for key in ["registrar.key", "registrar.key.next"] {
            std::fs::remove_file(world.scratch().join(key)).unwrap();
        }
        Bench { world, signer }
    }

    /// The ledger's own URL, where its checkpoint and tiles are.
    pub fn ledger_url(&self) -> &str {
        self.world.server().url()
    }

    /// Who signs, apart from the ledger that goes on running.
    pub fn split(self) -> (World, BenchSigner) {
        (self.world, self.signer)
    }
}

impl BenchSigner {
    /// The next number is used up for these bytes; what is signed under it is made by [`sign`](BenchSigner::sign).
    pub fn take_number(&mut self) -> u64 {
        let number = self.0.next_number();
        self.0.skip();
        number
    }

    /// Wraps bytes in a decision and signs it.
    pub fn sign(&self, bytes: &[u8], number: u64) -> Signed {
        let mut line = decision(number);
        line["decision_facts"] = format!("{PREFIX}{}", STANDARD.encode(bytes)).into();
        self.0.sign(&line, number, now())
    }
}
