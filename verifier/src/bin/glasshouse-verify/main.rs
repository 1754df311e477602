//! `glasshouse-verify`: checks what a ledger says, believing nothing but bytes, a key or a policy, and arithmetic. From the
//! network `log`, `export` and `search` read, `receipt` where it is told so, and `conformance`; that last one alone posts and signs, and
//! signs nothing but checkpoints of a log that it makes up. What `search` tells is the server's word until it checks each hit.
//!
//! Exit status: 0 what was asked holds (or, of `search`, was answered), 1 it does not, 2 wrong usage or a file that cannot be read, 3 the log provably
//! contradicted itself (the proof is saved to a file), or `evidence` convicts, 4 a format that this version does not know.

mod answer;
mod audit;
mod audit_arguments;
mod audit_entries;
mod audit_past;
mod audit_state;
mod bundles;
mod clock;
mod completeness;
mod conformance;
mod consistency;
mod conviction;
mod copy_nodes;
mod copy_reader;
mod denial;
mod doubles;
mod doubt;
mod entry_file;
mod evidence;
mod evidence_file;
mod export;
mod file_kind;
mod finding;
mod follow;
mod found;
mod further;
mod in_hand;
mod inclusion;
mod input;
mod later;
mod log;
mod log_report;
mod lookout;
mod named;
mod other_log;
mod owed;
mod pauses;
mod place;
mod plural;
mod printable;
mod progress;
mod read_ahead;
mod receipt;
mod receipt_at;
mod scitt;
mod sealed;
mod search;
mod second_entries;
mod session;
mod settling;
mod signatures;
mod source;
mod split_view;
mod states;
mod text_check;
mod ticks;
mod tile_check;
mod tile_nodes;
mod timings;
mod tree_nodes;
mod trust;
mod unreached;
mod vantage;

use std::process::ExitCode;

use answer::{Answer, Trouble};
use clap::{Parser, Subcommand};

/// An audit drops on one core what another one parsed. With the system's allocator they wait for each other then: a fifth of
/// the time of an audit.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXIT_STATUS: &str = "\
Exit status:
  0  what was asked holds (`search`: was answered; `receipt --log`: the receipt holds, whatever is said beside it)
  1  it does not hold
  2  wrong usage, or a file that cannot be read or written
  3  the log provably contradicted itself; the proof is saved to a file (`evidence`: the file convicts)
  4  a format or type that this version does not know";

/// Checks receipts, proofs and checkpoints of a Glasshouse ledger offline, and a whole log as it is served.
#[derive(Parser)]
#[command(name = "glasshouse-verify", version, after_help = EXIT_STATUS)]
struct Command {
    /// Answer with one JSON object on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    task: Task,
}

/// The table of what can be asked; each task has its file.
#[derive(Subcommand)]
enum Task {
    Receipt(receipt::Arguments),
    Scitt(scitt::Arguments),
    Inclusion(inclusion::Arguments),
    Consistency(consistency::Arguments),
    Evidence(evidence::Arguments),
    Log(log::Arguments),
    Export(Box<export::Arguments>),
    Search(Box<search::Arguments>),
    Conformance(conformance::Arguments),
}

impl Task {
    fn run(&self, json: bool) -> Result<Answer, Trouble> {
        match self {
            Task::Receipt(arguments) => receipt::run(arguments),
            Task::Scitt(arguments) => scitt::run(arguments),
            Task::Inclusion(arguments) => inclusion::run(arguments),
            Task::Consistency(arguments) => consistency::run(arguments),
            Task::Evidence(arguments) => evidence::run(arguments),
            Task::Log(arguments) => log::run(arguments, json),
            Task::Export(arguments) => export::run(arguments, json),
            Task::Search(arguments) => search::run(arguments, json),
            Task::Conformance(arguments) => conformance::run(arguments),
        }
    }
}

fn main() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => return misread(&error),
    };
    let answer = command.task.run(command.json).unwrap_or_else(Trouble::into_answer);
    answer.print(command.json)
}

/// Says what is wrong with the arguments, to whoever asked for JSON in JSON; or helps.
fn misread(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if error.use_stderr() && wants_json {
        let answer = Trouble(error.render().to_string().trim_end().to_owned()).into_answer();
        return answer.print(true);
    }
    // Nobody listens any more if this fails; the exit status still tells.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
