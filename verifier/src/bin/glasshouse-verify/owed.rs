//! What follows for each issuer from a whole log: missing numbers, its own counts against what is on record, what it
//! withholds and for how long. None of it is the log's fault: these are the providers' to explain.

use glasshouse_verifier::day::Day;
use glasshouse_verifier::embargoes::EmbargoCounts;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::issuer_account::Completeness;
use glasshouse_verifier::registry::Registry;
use serde_json::{Value, json};

use crate::plural::counted;

/// As many ranges of missing numbers are listed of one issuer, and as many things that are owed in all.
const LISTED: usize = 1_000;

/// One issuer, as the log says.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) iss: Issuer,
    pub(crate) highest: u64,
    pub(crate) unbroken: u64,
    /// The first 1,000 ranges.
    pub(crate) missing: Vec<(u64, u64)>,
    pub(crate) missing_count: u64,
    pub(crate) declarations: Vec<Completeness>,
    pub(crate) embargoes: EmbargoCounts,
}

/// Every issuer that used a number, in their order.
pub(crate) fn accounts(registry: &Registry, on: Day) -> Vec<Account> {
    let mut accounts: Vec<Account> = registry
        .issuers()
        .map(|(iss, window)| {
            let gaps = window.missing(usize::MAX);
            let embargoes = registry.account(iss).map(|account| account.embargoes().on(on));
            Account {
                iss: iss.clone(),
                highest: window.highest(),
                unbroken: window.unbroken(),
                missing_count: gaps.iter().map(|(first, last)| last - first + 1).sum(),
                missing: gaps.into_iter().take(LISTED).collect(),
                declarations: registry.completeness(iss),
                embargoes: embargoes.unwrap_or_default(),
            }
        })
        .collect();
    accounts.sort_by(|one, next| one.iss.cmp(&next.iss));
    accounts
}

impl Account {
    /// The same for programs.
    pub(crate) fn to_json(&self) -> Value {
        let declarations: Vec<Value> = self.declarations.iter().map(declaration).collect();
        json!({
            "iss": self.iss.as_str(),
            "highest": self.highest,
            "unbroken": self.unbroken,
            "missing": self.missing,
            "missing_count": self.missing_count,
            "declarations": declarations,
            "embargoes": embargoes(&self.embargoes),
        })
    }

    /// What the issuer has to explain: a rule and words for each.
    fn owed(&self) -> Vec<(&'static str, String)> {
        let mut owed = Vec::new();
        for held in self.declarations.iter().filter(|held| !held.holds()) {
            let (index, expected, on_record) = (held.declaration.index, held.expected(), held.counted);
            let (start, end) = held.declaration.period;
            let missing = held.missing_count;
            owed.push((
                "declaration",
                format!(
                    "entry {index} declares {expected} for {start} to {end}; on record: {on_record}; of its numbers \
                     missing: {missing}"
                ),
            ));
        }
        if self.embargoes.overdue > 0 {
            let texts = counted(self.embargoes.overdue, "withheld text was", "withheld texts were");
            owed.push(("embargo", format!("{texts} to be kept until a day that has passed")));
        }
        if self.missing_count > 0 {
            let first: Vec<String> =
                self.missing.iter().take(3).map(|(first, last)| format!("{first} to {last}")).collect();
            let more = if self.missing.len() > 3 { " …" } else { "" };
            let (numbers, list) =
                (counted(self.missing_count, "number was", "numbers were"), first.join(", "));
            owed.push(("missing-numbers", format!("{numbers} given out and not filed: {list}{more}")));
        }
        owed
    }
}

/// What providers owe: issuer, rule, words; the first 1,000.
pub(crate) fn owed(accounts: &[Account]) -> Vec<(&Issuer, &'static str, String)> {
    let all = accounts
        .iter()
        .flat_map(|account| account.owed().into_iter().map(move |(rule, words)| (&account.iss, rule, words)));
    all.take(LISTED).collect()
}

/// The embargoes of all issuers together.
pub(crate) fn all_embargoes(accounts: &[Account]) -> EmbargoCounts {
    let mut sum = EmbargoCounts::default();
    accounts.iter().for_each(|account| sum += account.embargoes);
    sum
}

fn declaration(held: &Completeness) -> Value {
    let (declared, (start, end)) = (&held.declaration, held.declaration.period);
    let difference = i128::from(held.counted) - i128::from(held.expected());
    json!({
        "index": declared.index.get(),
        "period_start": start.to_string(),
        "period_end": end.to_string(),
        "numbers": declared.numbers.map(|(first, last)| [first.get(), last.get()]),
        "declared": declared.taken,
        "not_published": declared.not_published,
        "expected": held.expected(),
        "counted": held.counted,
        "difference": i64::try_from(difference).unwrap_or(i64::MAX),
        "missing": held.missing,
        "missing_count": held.missing_count,
    })
}

/// For programs.
pub(crate) fn embargoes(counts: &EmbargoCounts) -> Value {
    let EmbargoCounts { open, overdue, kept, late, redacted } = counts;
    json!({"open": open, "overdue": overdue, "kept": kept, "late": late, "redacted": redacted})
}
