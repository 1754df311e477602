//! What a log answers about a provider's completeness, held against what follows from its entries.

use glasshouse_verifier::size::TreeSize;
use serde::Deserialize;

use crate::finding::{Finding, Findings};
use crate::owed::Account;
use crate::source::{Source, SourceError};

/// Longest answer: thousands of declarations fit in.
const ANSWER_LIMIT: u64 = 16 << 20;

/// So many declarations are listed at least, where there are as many.
const LISTED: u64 = 1_000;

/// The members that are compared; a log may tell more.
#[derive(Debug, Deserialize)]
struct Told {
    size: Option<u64>,
    highest: u64,
    unbroken: u64,
    missing_count: u64,
    declarations: Vec<ToldDeclaration>,
    declaration_count: Option<u64>,
    embargoes: ToldEmbargoes,
}

#[derive(Debug, Deserialize)]
struct ToldDeclaration {
    index: u64,
    expected: u64,
    counted: u64,
    missing_count: u64,
}

#[derive(Debug, Deserialize)]
struct ToldEmbargoes {
    open: u64,
    overdue: u64,
    kept: u64,
    late: u64,
    redacted: u64,
}

/// Asks for each issuer and adds a finding for each difference; gives the issuers that could not be compared because the
/// log has grown meanwhile.
pub(crate) fn compare(
    source: &Source,
    size: TreeSize,
    accounts: &[Account],
    findings: &mut Findings,
) -> Result<Vec<String>, SourceError> {
    let mut grown = Vec::new();
    for account in accounts {
        let name = account.iss.authority();
        let path = format!("api/v1/providers/{name}/completeness");
        let mut differ = |what: String| {
            findings.add(Finding::whole("completeness", format!("{}: {what}", account.iss)));
        };
        let Some(bytes) = source.get(&path, ANSWER_LIMIT)? else {
            differ("the log tells nothing about its completeness".to_owned());
            continue;
        };
        match serde_json::from_slice::<Told>(&bytes) {
            Err(error) => differ(format!("the answer is no account of completeness: {error}")),
            Ok(told) if told.size.is_some_and(|told| told > size.get()) => {
                grown.push(account.iss.to_string())
            }
            Ok(told) => told.differences(size, account).into_iter().for_each(differ),
        }
    }
    Ok(grown)
}

impl Told {
    fn differences(&self, size: TreeSize, account: &Account) -> Vec<String> {
        let mut differences = Vec::new();
        let mut same = |what: &str, told: u64, follows: u64| {
            if told != follows {
                differences
                    .push(format!("the log tells {what} {told}, and from its entries follows {follows}"));
            }
        };
        let ours = &account.embargoes;
        if let Some(told) = self.size {
            same("size", told, size.get());
        }
        same("highest", self.highest, account.highest);
        same("unbroken", self.unbroken, account.unbroken);
        same("missing_count", self.missing_count, account.missing_count);
        // Its day may be another one than ours, so that what is open and what is overdue is compared together.
        let waiting = |open: u64, overdue: u64| open.saturating_add(overdue);
        let told = &self.embargoes;
        same(
            "open and overdue embargoes",
            waiting(told.open, told.overdue),
            waiting(ours.open, ours.overdue),
        );
        same("kept embargoes", told.kept, ours.kept);
        same("late embargoes", told.late, ours.late);
        same("redacted embargoes", told.redacted, ours.redacted);
        let count = account.declarations.len() as u64;
        same("declarations", self.declaration_count.unwrap_or(self.declarations.len() as u64), count);
        // A log may list the newest ones only, but not fewer than these.
        let listed = count.min(LISTED);
        if (self.declarations.len() as u64) < listed {
            same("so many declarations", self.declarations.len() as u64, listed);
        }
        let skipped = account.declarations.len().saturating_sub(self.declarations.len());
        for (told, held) in self.declarations.iter().zip(account.declarations.iter().skip(skipped)) {
            let index = held.declaration.index.get();
            same("a declaration at index", told.index, index);
            same(&format!("for the declaration {index} expected"), told.expected, held.expected());
            same(&format!("for the declaration {index} counted"), told.counted, held.counted);
            same(&format!("for the declaration {index} missing"), told.missing_count, held.missing_count);
        }
        differences
    }
}
