//! What a command says while it waits for a log: on standard error, so that it never stands among results.

use serde_json::json;

use crate::client::waiting::Waiting;
use crate::commands::aside;

/// Writes a line of text, or of JSON.
pub(super) fn say(waiting: &Waiting, json: bool) {
    if json {
        let seconds = waiting.at_most.as_secs();
        let event = json!({"event": "waiting", "for": waiting.url, "reason": waiting.reason, "at_most_seconds": seconds});
        aside::tell(&event.to_string());
    } else {
        aside::tell(&waiting.to_string());
    }
}
