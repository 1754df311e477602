//! What a log tells its registrar about providers that signed two statements under one number.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::ClientError;
use super::log::RemoteLog;

/// A log keeps 1,000 double statements, and gives out 64 at once; more pages than this are no list with an end.
const MAX_PAGES: usize = 64;

/// A statement that was refused because another one of its issuer has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Who signed both.
    pub iss: String,
    /// Under which number.
    pub sequence: u64,
    /// The entry that is on record under the number.
    pub index: u64,
    /// Its leaf hash, hex.
    pub leaf_hash: String,
    /// The entry by which the registrar put the conflict on record, if it did.
    pub filed: Option<u64>,
    /// The refused statement: a COSE_Sign1, not checked.
    pub statement: Vec<u8>,
}

#[derive(Deserialize)]
struct Page {
    conflicts: Vec<Row>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    iss: String,
    sequence: u64,
    index: u64,
    leaf_hash: String,
    filed: Option<u64>,
    statement: String,
}

impl RemoteLog {
    /// All double statements that the log has kept. Nothing of it is checked: the caller looks at the statements.
    ///
    /// # Errors
    /// No answer, or none that a log gives.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, ClientError> {
        const PATH: &str = "/api/v1/conflicts";
        let unexpected = |what: &str| ClientError::Unexpected {
            url: format!("{}{PATH}", self.url()),
            what: what.to_owned(),
        };
        let mut conflicts = Vec::new();
        let mut path = PATH.to_owned();
        for _ in 0..MAX_PAGES {
            let page: Page = self.client().get_json(&path)?;
            for row in page.conflicts {
                let Row { iss, sequence, index, leaf_hash, filed, statement } = row;
                let statement =
                    STANDARD.decode(statement).map_err(|_| unexpected("a statement is not base64"))?;
                conflicts.push(Conflict { iss, sequence, index, leaf_hash, filed, statement });
            }
            match page.next {
                None => return Ok(conflicts),
                Some(next) if next.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    path = format!("{PATH}?after={next}");
                }
                Some(_) => return Err(unexpected("`next` is not a digest")),
            }
        }
        Err(unexpected("the list has no end"))
    }
}
