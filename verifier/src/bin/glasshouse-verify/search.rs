//! `search`: asks a ledger which entries meet conditions, or how many. The answer is the server's word; with `--check` each
//! entry that it names is proved by its receipt.

mod asked;
mod bounded;
mod conditions;
mod counts;
#[cfg(test)]
mod fake;
mod hit;
mod hits;
mod list;
mod output;
mod question;
mod summary;
mod table;
mod walk;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::policy::Policy;

use self::asked::Asked;
use crate::answer::{Answer, Trouble};
use crate::place::check_url;
use crate::source::Source;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify search https://ledger.example category=STATEMENT_CATEGORY_SCAMS_AND_FRAUD territory=DE 'q=\"fake shop\" -refund'

  glasshouse-verify search https://ledger.example type=decision order=without --sort newest --check --policy policy.txt

  glasshouse-verify search https://ledger.example type=decision --counts provider,month

The conditions are those of the pages, feeds and exports: spec/http.md, under Lists, has the table of them, and a server that
refuses one says what it allows. All of them must hold; several values of one are separated by commas: any of them.

A search is the server's word. It may leave entries out, and nobody can tell from the answer: `glasshouse-verify export` makes
the same rows of a log that it has audited. With --check the receipt of each entry that is named is fetched and checked as
`receipt` does it, and has to say what the row says. What became of an entry (standing, and category and day where it was
amended) follows from other entries, and is not checked. Of the conditions those are that a receipt decides: type, provider,
numbers, sub, before, and of an entry that was not amended category, decision_ground, legal_basis, from and to.

In the table, an entry without a category has its type in parentheses there. With --json the rows stand in one object; with --all they are not
kept in memory: one object a line for each row, with \"event\": \"row\", and the answer in the last line.";

/// Ask a ledger which entries meet conditions, or how many; check each that it names.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The ledger's URL.
    #[arg(value_name = "URL")]
    place: String,
    /// Conditions, in the words of the pages; sent as they are.
    #[arg(value_name = "NAME=VALUE")]
    conditions: Vec<String>,
    /// Words of public texts: all must occur, "phrases", and -words that must not. The same as q=WORDS.
    #[arg(long, value_name = "WORDS", allow_hyphen_values = true)]
    q: Option<String>,
    /// In which order: oldest (the order of the log, if not given), newest, day, -day.
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true)]
    sort: Option<String>,
    /// How many rows one answer of the server may have, 1 to 1000: 100 if not given, 1000 with --all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=asked::LIMIT_MAX))]
    limit: Option<u64>,
    /// Go on behind this entry, in the order of the log.
    #[arg(long, value_name = "INDEX", conflicts_with = "cursor")]
    after: Option<u64>,
    /// Go on where an earlier answer with the same conditions and the same order ended.
    #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
    cursor: Option<String>,
    /// Follow the list to its end.
    #[arg(long)]
    all: bool,
    /// Count by one or two of these instead of listing, such as provider,month.
    #[arg(long, value_name = "A[,B]", conflicts_with_all = ["sort", "limit", "after", "cursor", "all", "check"])]
    counts: Option<String>,
    /// Fetch the receipt of each entry that is named, and check it against the row.
    #[arg(long)]
    check: bool,
    /// With --check: the log's verifier key, or a file that holds it, as of `receipt`.
    #[arg(long, value_name = "VKEY", conflicts_with = "policy")]
    log_key: Option<String>,
    /// With --check: a policy file, as of `receipt`.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Answer, Trouble> {
    search(arguments, json, &mut std::io::stdout().lock())
}

/// Rows go out as they come, the answer at the end.
fn search(arguments: &Arguments, json: bool, out: &mut dyn Write) -> Result<Answer, Trouble> {
    check_url(&arguments.place)?;
    let asked = Asked::of(arguments)?;
    let policy = policy(arguments)?;
    let source = Source::new(&arguments.place);
    let answer = match &arguments.counts {
        Some(by) => counts::count(&source, &asked, by),
        None => hits::list(&source, (&asked, policy.as_ref()), (json, out)),
    };
    Ok(answer.unwrap_or_else(|refused| *refused))
}

/// Whom the receipts have to satisfy; nothing where none is fetched.
fn policy(arguments: &Arguments) -> Result<Option<Policy>, Trouble> {
    match Trust::given(arguments.log_key.as_ref(), arguments.policy.as_ref()) {
        None if !arguments.check => Ok(None),
        Some(_) if !arguments.check => Err(Trouble(
            "a policy or a key is needed only with --check, which proves each entry by its receipt: add --check, or leave the \
             policy out, and believe the server"
                .to_owned(),
        )),
        Some(trust) => trust.policy().map(Some),
        None => Err(Trouble("--check needs --policy FILE or --log-key VKEY: whom to believe".to_owned())),
    }
}
