//! Days and instants that cannot be, held against each other and against the moment of filing.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::{FieldName, Form};
use glasshouse_verifier::instant::Instant;

use super::super::Draft;
use super::caution::Caution;
use super::finding::Finding;

/// The farthest that a clock on a wall is ahead of UTC, in seconds (UTC+14, Line Islands).
const EARLIEST_ZONE: u64 = 14 * 3_600;

/// The farthest that one is behind (UTC−12).
const LATEST_ZONE: u64 = 12 * 3_600;

/// How far an instant may lie ahead of the clock, in seconds: as far as the log lets a statement's own (spec/log.md).
const CLOCK_SKEW: u64 = 600;

/// Days that lie in the past when a statement is filed; the ends of restrictions do not.
const PAST_DAYS: [&str; 4] = ["content_date", "application_date", "period_start", "period_end"];

const ENDS: [FieldName; 4] = [
    FieldName::END_DATE_VISIBILITY_RESTRICTION,
    FieldName::END_DATE_MONETARY_RESTRICTION,
    FieldName::END_DATE_SERVICE_RESTRICTION,
    FieldName::END_DATE_ACCOUNT_RESTRICTION,
];

/// Everything about the draft's dates that cannot be if it is filed at `now`.
pub(super) fn check(draft: &Draft, now: u64, found: &mut Vec<Finding>) {
    check_filing(draft, now, found);
    let start = day(draft, FieldName::APPLICATION_DATE);
    if let Some(start) = start {
        check_decision(draft, start, found);
    }
    check_order(draft, now, found);
    check_embargoes(draft, now, found);
}

/// The days until which texts are withheld. Whether one has passed is counted in UTC, as the log does (spec/lifecycle.md).
fn check_embargoes(draft: &Draft, now: u64, found: &mut Vec<Finding>) {
    let decision = draft.sealed().unwrap_or(draft);
    let (start, today) = (day(decision, FieldName::APPLICATION_DATE), day_of(now));
    for (field, withholding) in draft.withheld() {
        let Some(until) = withholding.until().and_then(Day::parse) else { continue };
        let mut put = |rule, advice: String| {
            let path = format!("/withheld/{field}/until");
            found.push(Finding::caution(&path, rule, Some(until.to_string()), advice));
        };
        if let Some(start) = start.filter(|start| until < *start) {
            let what = "a text cannot be withheld until a day before the decision";
            put(Caution::EmbargoBeforeDecision, format!("application_date is {start}: {what}"));
        }
        if let Some(today) = today.filter(|today| until < *today) {
            let what = "the text would be overdue at once: is the year right?";
            put(
                Caution::EmbargoPassed,
                format!("it is {today} in UTC: {what} Without until there is no such day"),
            );
        }
    }
}

fn check_filing(draft: &Draft, now: u64, found: &mut Vec<Finding>) {
    let today = day_of(now.saturating_add(EARLIEST_ZONE));
    for field in PAST_DAYS.iter().filter_map(|name| FieldName::find(name)) {
        if let (Some(day), Some(today)) = (day(draft, field), today)
            && day > today
        {
            let advice = format!("the latest day anywhere on Earth is {today} now: is the year right?");
            let given = Some(day.to_string());
            found.push(Finding::caution(&format!("/{field}"), Caution::InTheFuture, given, advice));
        }
    }
    let instants = draft.fields().iter().filter(|(field, _)| field.form() == Form::Instant);
    for (field, item) in instants {
        found.extend(future_instant(&format!("/{field}"), item, now));
    }
}

fn future_instant(path: &str, item: &Item, now: u64) -> Option<Finding> {
    let given = item.as_unsigned().and_then(Instant::new)?;
    let advice = format!("it is {} now: is the year right?", written(now));
    let ahead = given.seconds() > now.saturating_add(CLOCK_SKEW);
    ahead.then(|| Finding::caution(path, Caution::InTheFuture, Some(given.to_string()), advice))
}

/// What is held against the day from which the decision applies.
fn check_decision(draft: &Draft, start: Day, found: &mut Vec<Finding>) {
    let mut put = |field: FieldName, rule, given: String, advice: String| {
        found.push(Finding::caution(&format!("/{field}"), rule, Some(given), advice));
    };
    if let Some(content) = day(draft, FieldName::CONTENT_DATE).filter(|content| *content > start) {
        let advice =
            format!("application_date is {start}: the content cannot be younger than the decision on it");
        put(FieldName::CONTENT_DATE, Caution::ContentAfterDecision, content.to_string(), advice);
    }
    for field in ENDS {
        if let Some(end) = day(draft, field).filter(|end| *end < start) {
            let advice = format!("application_date is {start}: a restriction cannot end before it begins");
            put(field, Caution::EndBeforeStart, end.to_string(), advice);
        }
    }
    if let Some(acted) = seconds(draft.fields().get(&FieldName::ACTED_AT)) {
        let days = (day_of(acted.saturating_sub(LATEST_ZONE)), day_of(acted.saturating_add(EARLIEST_ZONE)));
        if let (Some(first), Some(last)) = days
            && !(first..=last).contains(&start)
        {
            let advice =
                format!("application_date is {start}: it is the day on which the measure took effect");
            put(FieldName::ACTED_AT, Caution::ActedOnAnotherDay, written(acted), advice);
        }
    }
    if let Some(notice) = seconds(draft.fields().get(&FieldName::NOTICE_RECEIVED))
        && day_of(notice.saturating_sub(LATEST_ZONE)).is_some_and(|first| first > start)
    {
        let advice = format!("application_date is {start}: a notice cannot come in after the decision on it");
        put(FieldName::NOTICE_RECEIVED, Caution::NoticeAfterDecision, written(notice), advice);
    }
}

/// The instants of an order.
fn check_order(draft: &Draft, now: u64, found: &mut Vec<Finding>) {
    let Some(order) = draft.fields().get(&FieldName::LEGAL_BASIS).and_then(|basis| basis.get("order")) else {
        return;
    };
    for name in ["issued", "received"] {
        let path = format!("/legal_basis/order/{name}");
        found.extend(order.get(name).and_then(|item| future_instant(&path, item, now)));
    }
    let (issued, received) = (seconds(order.get("issued")), seconds(order.get("received")));
    if let (Some(issued), Some(received)) = (issued, received)
        && received < issued
    {
        let advice = format!("issued is {}: an order cannot come in before it is issued", written(issued));
        let given = Some(written(received));
        found.push(Finding::caution(
            "/legal_basis/order/received",
            Caution::ReceiptBeforeIssue,
            given,
            advice,
        ));
    }
    let deadline = seconds(order.get("deadline"));
    if let (Some(deadline), Some(received)) = (deadline, received)
        && deadline < received
    {
        let advice =
            format!("received is {}: the deadline had passed when the order came in", written(received));
        let given = Some(written(deadline));
        found.push(Finding::caution(
            "/legal_basis/order/deadline",
            Caution::DeadlineBeforeReceipt,
            given,
            advice,
        ));
    }
}

/// A day of the draft, if it is there and can be read.
fn day(draft: &Draft, field: FieldName) -> Option<Day> {
    Day::parse(draft.fields().get(&field)?.as_text()?)
}

fn seconds(item: Option<&Item>) -> Option<u64> {
    item?.as_unsigned().filter(|seconds| *seconds <= Instant::MAX)
}

fn written(seconds: u64) -> String {
    Instant::new(seconds).map(|instant| instant.to_string()).unwrap_or_default()
}

/// The day of an instant in UTC; `None` outside the days that a statement can name.
fn day_of(seconds: u64) -> Option<Day> {
    Day::parse(written(seconds).get(..10)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use glasshouse_verifier::statement_type::StatementType;

    use super::*;

    /// No type that is authored as a line has both fields, unless it corrects another.
    #[test]
    fn a_notice_after_the_decision_on_it() {
        let seconds = |text: &str| Instant::parse_rfc3339(text).unwrap().seconds();
        let draft = |notice: &str| {
            Draft::new(StatementType::NoAction)
                .with_field(FieldName::APPLICATION_DATE, Item::text("2026-03-01"))
                .with_field(FieldName::NOTICE_RECEIVED, Item::Integer(seconds(notice).into()))
        };
        let now = seconds("2026-03-10T09:00:00Z");
        for (notice, fires) in [("2026-03-02T11:59:59Z", false), ("2026-03-02T12:00:00Z", true)] {
            let mut found = Vec::new();
            check(&draft(notice), now, &mut found);
            let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
            assert_eq!(rules == ["notice-after-decision"], fires, "{notice}: {rules:?}");
        }
    }
}
