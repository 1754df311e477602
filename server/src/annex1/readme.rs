//! What stands beside the tables, in plain words: what they were counted from, what they leave out and why.

use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;

use super::table::path;
use super::{Counted, Scope};

/// What the tables cannot say.
const LIMITS: &str = "\
How it was counted

- Each row and column is a query, and its number is how many entries the query finds. The file ending in -queries.csv
  has the address of that list in every cell; put the address of a server of this log before it. A log grows: an
  amendment, an outcome or a withdrawal that was logged later changes what the lists find, not what stands here. New
  statements are left out of the lists by their last condition, before=.
- Fields are taken as amended: what an amendment that counts has put right is counted as it is right now.
- A decision is counted on its application_date, a complaint on the day when it was decided (decided_at), or where that
  is not said, on the day of the outcome.
- Every decision has one category, and is counted in its row. Additional categories are not counted, so that the
  categories add up to TOTAL. A decision can have several keywords and several restrictions: these rows and columns
  overlap. A keyword has a row under every category under which it was used.
- A statement that reports somebody else's decision (a mirror of another register, a reconstruction) is never counted for
  the provider whose decision it was.
- What was withdrawn is not counted: the issuer says that it was not its own.
- Where the legal basis is unstated, nobody said that there was no order. Such decisions are in no table.

Table 3, orders: decisions that carry out an order of a Member State. A log holds decisions, not orders: one order that
ten decisions carry out counts ten times, and one that nobody followed is not there.
Tables 5 and 6: decisions on the provider's own initiative (SOURCE_VOLUNTARY), without an order, on the ground of illegal
content (5) or of the terms (6). \"Solely automated means\" of detection is automated_detection = Yes: the statements do not
say whether nobody else helped.
Table 7, appeals: decisions about which a complaint or a dispute ended in the period. Complaints that are still open are
on no record. The median is over those outcomes that say both when the complaint came in and when it was decided; the
percentage is over those that say whether they were implemented.

Not here, because a log of decisions does not know it: tables 1, 2, 4, 8, 9, 10 and 11 (identification, notices received,
error rates, staff, users, qualitative information), and in table 7 suspensions of repeat offenders.
";

/// The text of `README.txt`.
pub fn text(origin: &Origin, head: &TreeHead, scope: &Scope, counted: &Counted) -> String {
    let provider = scope.provider.as_ref().map_or("all of the log", |provider| provider.as_str());
    let mut text = format!(
        "Tables of the harmonised transparency report, counted from a log\n\n\
         Log:       {origin}\nTree size: {}\nRoot:      {}\nProvider:  {provider}\nPeriod:    {} to {}\n\
         Categories of the vocabulary {}\n\n\
         Anyone who has this tree of the log counts the same.\n\n",
        head.size(),
        head.root().to_hex(),
        scope.from,
        scope.to,
        scope.version,
    );
    text.push_str("Files\n\n");
    for table in &counted.tables {
        text.push_str(&format!("- {0}.csv and {0}-queries.csv\n", table.name));
    }
    let (query, decisions) = &counted.decisions;
    text.push_str(&format!("\nDecisions of the period: {decisions}\n  {}\n", path(query)));
    text.push_str("Of these in no table, each for the first of these reasons that is true of it:\n");
    for group in &counted.left_out {
        text.push_str(&format!("- {}: {}\n  {}\n", group.count, group.reason, path(&group.query)));
    }
    text.push('\n');
    text.push_str(LIMITS);
    text
}
