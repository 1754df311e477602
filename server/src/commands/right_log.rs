//! Whether the log behind a URL is the one that an outbox publishes to: said before anything else that the wrong one would say.

use std::path::Path;

use crate::client::log::RemoteLog;
use crate::commands::CommandError;
use crate::outbox::record::Pin;

/// Compares the name and the key that the log shows with those that the outbox remembers from its first use.
///
/// # Errors
/// `Refused`, if it is another log or has another key; the log's.
pub(super) fn check(pin: Option<&Pin>, path: &Path, log: &RemoteLog) -> Result<(), CommandError> {
    let Some(pin) = pin else { return Ok(()) };
    let found = log.identity()?;
    let (path, url) = (path.display(), log.url());
    if found.origin != pin.origin {
        let (there, ours) = (&found.origin, &pin.origin);
        return Err(CommandError::Refused(format!(
            "{url} is another log: it is called {there}, and {path} publishes to {ours}. Give the URL of {ours}, or another outbox for {there}"
        )));
    }
    if found.vkey != pin.vkey {
        let (there, ours) = (&found.vkey, &pin.vkey);
        return Err(CommandError::Refused(format!(
            "{url} has the name of the log that {path} publishes to, and another key: {there} instead of {ours}. It is another log, or was made anew: publish nothing there before its operator has told you which key is right, and then with a new outbox"
        )));
    }
    Ok(())
}
