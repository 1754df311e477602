//! The command line: one file per command.

pub mod adopt;
mod aside;
mod byte_size;
pub mod check;
pub mod declare;
pub mod demo;
pub mod disclose;
mod entering;
pub mod export;
mod failures;
mod filing;
pub mod fsck;
pub mod import;
pub mod init;
pub mod key;
pub mod openapi;
pub mod provider;
pub mod publish;
pub mod redact;
pub mod registrar;
mod right_log;
pub mod serve;
pub mod show;
mod small_file;
pub(crate) mod standard_output;
mod waiting;
mod which;
pub mod witness;
mod witnessing;

use crate::commands::standard_output::say;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A public, append-only ledger of content-moderation decisions.
#[derive(Debug, Parser)]
#[command(name = "glasshouse", version, propagate_version = true)]
#[command(after_help = "Exit status: 0 done, 1 refused, 2 usage or input/output.")]
pub struct CommandLine {
    /// Write results and errors as JSON, one object a line, on standard output (what waits for a log, and what is said
    /// beside lines that go there, on standard error).
    #[arg(long, global = true)]
    pub json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Serve(serve::Serve),
    Fsck(fsck::Fsck),
    Adopt(adopt::Adopt),
    Key(key::Key),
    Provider(provider::Provider),
    Check(check::Check),
    Registrar(registrar::Registrar),
    Publish(Box<publish::Publish>),
    Show(show::Show),
    Disclose(Box<disclose::Disclose>),
    Redact(Box<redact::Redact>),
    Declare(Box<declare::Declare>),
    Import(import::Import),
    Export(export::Export),
    Witness(witness::WitnessCommand),
    Openapi(openapi::Openapi),
}

/// Why a command did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// What was asked for is not allowed, or does not hold. Exit status 1.
    #[error("{0}")]
    Refused(String),
    /// The arguments cannot be what was meant. Exit status 2.
    #[error("{0}")]
    Usage(String),
    /// A file, a socket or a server did not do its part. Exit status 2.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the file's or server's name.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl CommandError {
    /// An input/output error, saying what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> CommandError {
        let what = what.into();
        move |source| CommandError::Io { what, source }
    }

    /// 1 or 2.
    pub fn exit_status(&self) -> u8 {
        match self {
            CommandError::Refused(_) => 1,
            CommandError::Usage(_) | CommandError::Io { .. } => 2,
        }
    }
}

/// Reads the process's arguments and runs the command. Arguments that make no sense end with status 2, `--help` with 0.
pub fn main() -> ExitCode {
    match CommandLine::try_parse() {
        Ok(line) => run(line),
        Err(error) => misread(&error),
    }
}

/// Says what is wrong with the arguments, to whoever asked for JSON also in JSON.
fn misread(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if error.use_stderr() && wants_json {
        let message = error.render().to_string();
        say!("{}", serde_json::json!({"event": "error", "message": message.trim_end(), "status": 2}));
    }
    // Nobody listens any more if this fails; the exit status still tells.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Runs a command that was read.
pub fn run(line: CommandLine) -> ExitCode {
    let json = line.json;
    let is_taken = matches!(&line.command, Command::Import(command) if command.fills_standard_output());
    let result = match line.command {
        Command::Demo(command) => command.run(json),
        Command::Init(command) => command.run(json),
        Command::Serve(command) => command.run(json),
        Command::Fsck(command) => command.run(json),
        Command::Adopt(command) => command.run(json),
        Command::Key(command) => command.run(json),
        Command::Provider(command) => command.run(json),
        Command::Check(command) => command.run(json),
        Command::Registrar(command) => command.run(json),
        Command::Publish(command) => command.run(json),
        Command::Show(command) => command.run(json),
        Command::Disclose(command) => command.run(json),
        Command::Redact(command) => command.run(json),
        Command::Declare(command) => command.run(json),
        Command::Import(command) => command.run(json),
        Command::Export(command) => command.run(json),
        Command::Witness(command) => command.run(json),
        Command::Openapi(command) => command.run(),
    };
    match result {
        Ok(()) => match standard_output::untold() {
            None => ExitCode::SUCCESS,
            Some(reason) => {
                aside::tell(&format!(
                    "glasshouse: standard output: {reason}: the command came to its end, and not all of what it did was told"
                ));
                ExitCode::from(2)
            }
        },
        Err(error) => {
            let status = error.exit_status();
            let event = serde_json::json!({"event": "error", "message": error.to_string(), "status": status});
            match (json, is_taken) {
                (true, true) => aside::tell(&event.to_string()),
                (true, false) => {
                    say!("{event}");
                    aside::tell(&format!("glasshouse: {error}"));
                }
                (false, _) => aside::tell(&format!("glasshouse: {error}")),
            }
            ExitCode::from(status)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does_and_shows_an_example() {
        let mut looked = 0;
        let mut open: Vec<(String, clap::Command)> = vec![("glasshouse".to_owned(), CommandLine::command())];
        while let Some((path, command)) = open.pop() {
            for inner in command.get_subcommands() {
                let path = format!("{path} {}", inner.get_name());
                let help = inner.clone().render_long_help().to_string();
                assert!(inner.get_about().is_some(), "{path} has no description");
                let examples = inner.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(examples.contains("Example"), "{path} shows no example");
                assert!(examples.contains(&path), "{path}: the example does not show the command");
                assert!(help.contains("Example"), "{path}: --help leaves the example out");
                for argument in inner.get_arguments() {
                    let name = argument.get_id();
                    assert!(argument.get_help().is_some(), "{path}: {name} has no description");
                }
                open.push((path, inner.clone()));
                looked += 1;
            }
        }
        assert!(looked >= 10, "{looked} commands");
    }
}
