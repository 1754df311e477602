//! What a receipt proves, and what it does not, in plain words.

use crate::addendum::Addendum;
use crate::entry::Entry;
use crate::fields::FieldName;
use crate::hash::LeafHash;
use crate::key::PublicKey;
use crate::origin::Origin;
use crate::policy::{TrustedCheckpoint, Witnessed};
use crate::size::{LeafIndex, TreeSize};
use crate::statement::Statement;
use crate::withheld::Withheld;

/// The result of verifying a receipt. "Is on record", not "is true".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    trusted: TrustedCheckpoint,
    index: LeafIndex,
    entry: Entry,
    keys: Vec<LeafIndex>,
    enrolment: Option<(LeafIndex, Statement)>,
    receipt_keys: Vec<PublicKey>,
    addenda: Vec<Addendum>,
    quorum_asked: bool,
}

impl Proved {
    pub(crate) fn new(
        trusted: TrustedCheckpoint,
        (index, entry): (LeafIndex, Entry),
        (keys, enrolment): (Vec<LeafIndex>, Option<(LeafIndex, Statement)>),
        receipt_keys: Vec<PublicKey>,
        addenda: Vec<Addendum>,
        quorum_asked: bool,
    ) -> Proved {
        Proved { trusted, index, entry, keys, enrolment, receipt_keys, addenda, quorum_asked }
    }

    /// The log that the statement is in.
    pub fn origin(&self) -> &Origin {
        self.trusted.signed().checkpoint().origin()
    }

    /// The size of the tree under the checkpoint.
    pub fn size(&self) -> TreeSize {
        self.trusted.signed().head().size()
    }

    /// The checkpoint, signed by the log and by these witnesses.
    pub fn checkpoint(&self) -> &TrustedCheckpoint {
        &self.trusted
    }

    /// The policy's witnesses that signed the checkpoint.
    pub fn witnesses(&self) -> &[Witnessed] {
        self.trusted.witnesses()
    }

    /// Where the statement stands in the log.
    pub fn index(&self) -> LeafIndex {
        self.index
    }

    /// The hash by which the log knows the statement.
    pub fn leaf_hash(&self) -> LeafHash {
        self.entry.leaf_hash()
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        self.entry.statement()
    }

    /// Of a provider's statement: where its key was enrolled, and the registrar's statement that did it.
    pub fn enrolment(&self) -> Option<(LeafIndex, &Statement)> {
        self.enrolment.as_ref().map(|(index, statement)| (*index, statement))
    }

    /// The changes of the log's own keys on which the trust in the enrolment, or in the registrar's statement, rests.
    pub fn keys(&self) -> &[LeafIndex] {
        &self.keys
    }

    /// The keys that the genesis, and the changes of keys that came along, name for COSE receipts, in the order of the log;
    /// those that nothing can be checked with are left out.
    pub fn receipt_keys(&self) -> &[PublicKey] {
        &self.receipt_keys
    }

    /// The texts that came along, each the one that the statement commits to.
    pub fn addenda(&self) -> &[Addendum] {
        &self.addenda
    }

    /// Of the texts that came along, those that the statement withholds from the public, and on what terms. They were
    /// shown to whoever has the receipt, or a later statement opened them.
    pub fn withheld(&self) -> impl Iterator<Item = (FieldName, &Withheld)> {
        let terms = self.statement().payload().withheld();
        self.addenda.iter().filter_map(|addendum| Some((addendum.field(), terms.get(&addendum.field())?)))
    }

    /// What was proved: one English sentence each.
    pub fn proved(&self) -> Vec<String> {
        let claims = self.statement().claims();
        let (origin, index, size) = (self.origin(), self.index, self.size());
        let mut list = vec![
            format!("This statement is on record in the log {origin}, at index {index} of {size}."),
            format!("It was made for this log and signed by a key of {}, and not changed since.", claims.iss),
        ];
        match &self.enrolment {
            Some((at, _)) => list.push(format!(
                "The log's registrar had enrolled that key at index {at}, upon a request that the key itself signed."
            )),
            None => list.push("It is the registrar's own statement.".to_owned()),
        }
        if !self.keys.is_empty() {
            let places: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
            list.push(format!(
                "The log's own keys changed at index {}: by the registrar's key before, or by the one that it had announced.",
                places.join(", ")
            ));
        }
        let witnesses: Vec<&str> = self.witnesses().iter().map(|witness| witness.name.as_str()).collect();
        if !witnesses.is_empty() {
            list.push(format!("These witnesses signed the same state of the log: {}.", witnesses.join(", ")));
        }
        for addendum in &self.addenda {
            list.push(format!("The text of {} is the one that was committed to.", addendum.field()));
        }
        for (field, terms) in self.withheld() {
            let until = terms.until.map(|day| format!(" until {day}")).unwrap_or_default();
            list.push(format!(
                "The statement withholds the text of {field} from the public{until}, on the ground {}: it was shown to the \
                 holder of this file, unless a later statement opened it to all.",
                terms.ground.as_str()
            ));
        }
        list
    }

    /// What was not proved: one English sentence each.
    pub fn not_proved(&self) -> Vec<String> {
        let mut list: Vec<String> = [
            "That the decision was right, or lawful.",
            "That what the statement and its texts say is true.",
            "That the registrar checked well whose key it enrolled.",
            "That the key was still in use at that index, and not retired or changed before: following the log can tell.",
            "That no amendment, reversal, redaction or end of the measure was recorded: following the log can tell.",
            "When it was signed: the time in it is the signer's own word.",
        ]
        .map(str::to_owned)
        .to_vec();
        if !self.quorum_asked {
            list.push(
                "That anyone but the log has seen this state of it: the policy asks for no witness."
                    .to_owned(),
            );
        }
        let absent = self.statement().payload().addenda().keys();
        for field in absent.filter(|field| !self.addenda.iter().any(|addendum| addendum.field() == **field)) {
            list.push(format!("What the text of {field} says: it is not in this receipt."));
        }
        list
    }
}
