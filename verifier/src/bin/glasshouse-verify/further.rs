//! What is found out after the audit itself: what became of the entries, the texts, and the log's own account.

use crate::audit::Stop;
use crate::audit_arguments::AuditArguments;
use crate::completeness::compare;
use crate::owed::Account;
use crate::session::Session;
use crate::states::{Reread, SecondReading, States, count_named};
use crate::text_check::TextCounts;

/// The rest of what is told.
#[derive(Default)]
pub(crate) struct Further {
    /// `None` after an audit that did not reach the end.
    pub(crate) states: Option<States>,
    /// `None` if the texts were not fetched.
    pub(crate) texts: Option<TextCounts>,
    /// The issuers whose completeness could not be compared; `None` if none was to be.
    pub(crate) uncompared: Option<Vec<String>>,
    /// What ended the audit early.
    pub(crate) stopped: Option<Stop>,
}

/// Counts what became of the entries, fetches the texts, and asks for completeness, as far as that was asked for. After
/// an audit that did not reach the last entry, none of it can be told.
pub(crate) fn look_further(
    (arguments, compare_completeness): (&AuditArguments, bool),
    session: &mut Session,
    accounts: &[Account],
    outcome: Result<(), Stop>,
    progress: &dyn Fn(u64),
) -> Further {
    let mut further = Further { stopped: outcome.err(), ..Further::default() };
    let audit = &mut session.audit;
    let newest = session.newest.signed();
    if further.stopped.is_some() || audit.frontier.size() != newest.head().size() {
        return further;
    }
    if arguments.texts {
        let (bundles, head, registry) = (&audit.bundles, newest.head(), &audit.registry);
        match (SecondReading { bundles, head, registry }).run(&mut audit.found.findings, progress) {
            Ok(Reread { states, texts }) => (further.states, further.texts) = (Some(states), Some(texts)),
            Err(stop) => further.stopped = Some(stop),
        }
    } else {
        let found = &mut audit.found;
        match count_named(&found.states, found.named.places(), &audit.past, &audit.registry) {
            Ok(states) => further.states = Some(states),
            Err(stop) => further.stopped = Some(stop),
        }
    }
    if compare_completeness && further.stopped.is_none() {
        let source = audit.bundles.source();
        match compare(source, newest.head().size(), accounts, &mut audit.found.findings) {
            Ok(grown) => further.uncompared = Some(grown),
            Err(error) => further.stopped = Some(error.into()),
        }
    }
    further
}
