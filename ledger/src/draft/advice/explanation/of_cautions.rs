//! The warnings and notes.

use super::super::caution::Caution;
use super::Words;

/// What a warning or a note means.
pub(super) fn words(caution: Caution) -> Words {
    use Caution as C;
    match caution {
        C::InTheFuture
        | C::ContentAfterDecision
        | C::EndBeforeStart
        | C::ActedOnAnotherDay
        | C::DeadlineBeforeReceipt
        | C::ReceiptBeforeIssue
        | C::NoticeAfterDecision
        | C::EmbargoPassed
        | C::EmbargoBeforeDecision => of_dates(caution),
        C::LooksLikeEmail
        | C::LooksLikePhone
        | C::LooksLikeIban
        | C::LooksLikeIpAddress
        | C::LooksLikeAccount
        | C::LooksLikeUrl
        | C::NotifierServed
        | C::IllegalContentLocator
        | C::LocatorInText => of_texts(caution),
        _ => of_lines(caution),
    }
}

fn of_dates(caution: Caution) -> Words {
    let (meaning, wrong, right) = match caution {
        Caution::InTheFuture => (
            "The day or the instant lies ahead of the clock, in every time zone. A decision, its content, an order and a notice are past when they are filed; most often the year is wrong.",
            r#"{"application_date": "2062-09-03"}"#,
            r#"{"application_date": "2022-09-03"}"#,
        ),
        Caution::ContentAfterDecision => (
            "content_date is the day on which the service began to hold the content, so it is not after application_date, the day from which the restriction applies.",
            r#"{"content_date": "2022-09-30", "application_date": "2022-09-03"}"#,
            r#"{"content_date": "2022-08-30", "application_date": "2022-09-03"}"#,
        ),
        Caution::EndBeforeStart => (
            "The restriction ends before application_date, the day from which it applies.",
            r#"{"application_date": "2022-09-03", "end_date_account_restriction": "2022-08-03"}"#,
            r#"{"application_date": "2022-09-03", "end_date_account_restriction": "2022-10-03"}"#,
        ),
        Caution::ActedOnAnotherDay => (
            "acted_at is the moment at which the measure took effect, application_date the day from which it applies: the same day, in some time zone.",
            r#"{"application_date": "2022-09-03", "acted_at": "2022-09-07T21:00:00Z"}"#,
            r#"{"application_date": "2022-09-03", "acted_at": "2022-09-03T21:00:00Z"}"#,
        ),
        Caution::DeadlineBeforeReceipt => (
            "The order's deadline had passed when the order came in. That can happen, but most often the two stand the wrong way round.",
            r#"{"order": {"received": "2026-03-02T10:00:00Z", "deadline": "2026-03-01T10:00:00Z", …}}"#,
            r#"{"order": {"received": "2026-03-01T10:00:00Z", "deadline": "2026-03-02T10:00:00Z", …}}"#,
        ),
        Caution::ReceiptBeforeIssue => (
            "The order came in before it was issued.",
            r#"{"order": {"issued": "2026-03-02T10:00:00Z", "received": "2026-03-01T10:00:00Z", …}}"#,
            r#"{"order": {"issued": "2026-03-01T10:00:00Z", "received": "2026-03-02T10:00:00Z", …}}"#,
        ),
        Caution::EmbargoPassed => (
            "The day until which the text is withheld has passed, in UTC: as soon as the line is published, the text is listed as overdue among what its provider owes. Without a day it is withheld without end.",
            r#"{"withheld": {"decision_facts": {"ground": "ongoing_investigation", "until": "2022-12-31"}}}"#,
            r#"{"withheld": {"decision_facts": {"ground": "ongoing_investigation", "until": "2099-12-31"}}}"#,
        ),
        Caution::EmbargoBeforeDecision => (
            "The day until which the text is withheld comes before application_date, the day from which the restriction applies; most often the year is wrong.",
            r#"{"application_date": "2099-03-03", "withheld": {"decision_facts": {"ground": "security", "until": "2098-06-01"}}}"#,
            r#"{"application_date": "2099-03-03", "withheld": {"decision_facts": {"ground": "security", "until": "2099-06-01"}}}"#,
        ),
        _ => (
            "The notice came in after application_date, the day of the decision on it.",
            r#"{"application_date": "2022-09-03", "notice_received": "2022-09-30T08:00:00Z"}"#,
            r#"{"application_date": "2022-09-03", "notice_received": "2022-08-30T08:00:00Z"}"#,
        ),
    };
    Words { meaning, wrong, right }
}

/// A part of a text that is public, and the same without it.
fn of_texts(caution: Caution) -> Words {
    let (meaning, wrong, right) = match caution {
        Caution::LooksLikeEmail => (
            "A text that anybody can read holds an e-mail address. contact may have one: it is the provider's.",
            r#"{"decision_facts": "A notice by jane@mail.example asked for it."}"#,
            r#"{"decision_facts": "A notice by the person shown asked for it."}"#,
        ),
        Caution::LooksLikePhone => (
            "A text that anybody can read holds what looks like a phone number.",
            r#"{"decision_facts": "The post gave her number, +49 30 123456."}"#,
            r#"{"decision_facts": "The post gave a private phone number."}"#,
        ),
        Caution::LooksLikeIban => (
            "A text that anybody can read holds an IBAN whose check digits are right.",
            r#"{"decision_facts": "It asked for money to DE89 3704 0044 0532 0130 00."}"#,
            r#"{"decision_facts": "It asked for money to a private account."}"#,
        ),
        Caution::LooksLikeIpAddress => (
            "A text that anybody can read holds an IP address, which may be a person's.",
            r#"{"decision_facts": "Posted from 203.0.113.77."}"#,
            r#"{"decision_facts": "Posted from an address of a home connection."}"#,
        ),
        Caution::LooksLikeAccount => (
            "A text that anybody can read names an account. The account belongs into subject, which is withheld.",
            r#"{"decision_facts": "@jane_doe posted it again."}"#,
            r#"{"decision_facts": "The account posted it again.", "subject": "account:jane_doe"}"#,
        ),
        Caution::LooksLikeUrl => (
            "A text that anybody can read holds a URL. Where the content lies belongs into content_url, which is withheld; the rules that it broke into decision_ground_reference_url. Links whose words name terms, policies or laws are passed over.",
            r#"{"decision_facts": "The page https://forum.example/t/17 gives her address."}"#,
            r#"{"decision_facts": "The page gives her address.", "content_url": "https://forum.example/t/17"}"#,
        ),
        Caution::NotifierServed => (
            "Article 17(3)(b) of the Digital Services Act: who sent the notice is told only where strictly necessary. source_identity is withheld unless the line says otherwise.",
            r#"{"source_identity": "Jane Doe", "withheld": {"source_identity": false}}"#,
            r#"{"source_identity": "Jane Doe"}"#,
        ),
        Caution::IllegalContentLocator => (
            "The content is illegal, and the line serves where it lies. That leads readers to it.",
            r#"{"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "content_url": "https://…", "withheld": {"content_url": false}}"#,
            r#"{"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "content_url": "https://…"}"#,
        ),
        _ => (
            "Under keywords of child abuse, intimate images, terrorism and the right to be forgotten, a locator is never served; this text is served and holds a URL or a host name.",
            r#"{"category_specification": ["KEYWORD_TERRORIST_CONTENT"], "decision_facts": "The video at video.example/v/17."}"#,
            r#"{"category_specification": ["KEYWORD_TERRORIST_CONTENT"], "decision_facts": "The video.", "content_url": "https://video.example/v/17"}"#,
        ),
    };
    Words { meaning, wrong, right }
}

fn of_lines(caution: Caution) -> Words {
    let (meaning, wrong, right) = match caution {
        Caution::KeywordOutsideCategory => (
            "The European documentation lists this keyword under another category than those that the line names. KEYWORD_OTHER goes with every category.",
            r#"{"category": "STATEMENT_CATEGORY_VIOLENCE", "category_specification": ["KEYWORD_PHISHING"]}"#,
            r#"{"category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "category_specification": ["KEYWORD_PHISHING"]}"#,
        ),
        Caution::KeywordListedNowhere => (
            "The European database takes this keyword, but since version 2 its documentation lists it under no category.",
            r#"{"category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "category_specification": ["KEYWORD_STALKING"]}"#,
            r#"{"category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "category_specification": ["KEYWORD_CYBER_STALKING"]}"#,
        ),
        Caution::OtherWithoutText => (
            "The keyword says that no keyword fits, and nothing says what does.",
            r#"{"category_specification": ["KEYWORD_OTHER"]}"#,
            r#"{"category_specification": ["KEYWORD_OTHER"], "category_specification_other": "Sale of exam papers"}"#,
        ),
        Caution::Article17Missing => (
            "Article 17(3) of the Digital Services Act lists what a statement of reasons has at least: (a) the restriction, where, how long; (b) facts, and whether there was a notice; (c) automated means; (d) the legal ground, or (e) the contractual ground, and why; (f) ways to object. It binds hosting services, and not where an order was followed.",
            r#"{"provider_role": "host", …}"#,
            r#"{"provider_role": "host", "redress": ["internal_complaint", "judicial"], "territorial_scope": ["DE"], …}"#,
        ),
        Caution::LeftOut => (
            "The European database drops this field without a word where it does not apply. It is left out here too, and said.",
            r#"{"source_type": "SOURCE_VOLUNTARY", "source_identity": "Jane Doe"}"#,
            r#"{"source_type": "SOURCE_VOLUNTARY"}"#,
        ),
        Caution::RoleLeftOut => (
            "publish fills the role in if the provider is enrolled in one role only; otherwise the line is wrong. check --role checks the line under that role, with the rules that the role brings.",
            r#"{"puid": "a", …}"#,
            r#"{"puid": "a", "provider_role": "reverse_proxy", …}"#,
        ),
        Caution::ReferenceToLaterLine => (
            "An earlier line of the file refers to this one. Lines are published in their order, and only what was published can be referred to.",
            "{\"puid\": \"b\", \"relates_to\": [{\"relation\": \"follows\", \"entry\": \"puid:a\"}], …}\n{\"puid\": \"a\", …}",
            "{\"puid\": \"a\", …}\n{\"puid\": \"b\", \"relates_to\": [{\"relation\": \"follows\", \"entry\": \"puid:a\"}], …}",
        ),
        Caution::SaidBefore => (
            "An earlier line of the file is of the same type, lifted or withdrawal, and names the same target, and no line withdraws that line in between. What has ended cannot end again: publish refuses the second line where it names one statement, and where it names a range it is published and changes nothing.",
            "{\"type\": \"lifted\", \"targets\": [{\"first\": 1, \"last\": 9}], …}\n{\"type\": \"lifted\", \"targets\": [{\"first\": 1, \"last\": 9}], …}",
            "{\"type\": \"lifted\", \"targets\": [{\"first\": 1, \"last\": 9}], …}",
        ),
        Caution::RepeatedLine => (
            "The same line stood in the file before. It is published once.",
            "{\"puid\": \"a\", …}\n{\"puid\": \"a\", …}",
            "{\"puid\": \"a\", …}",
        ),
        _ => (
            "The line refers to a puid that no line of the file had before. That is right if the line was published earlier: publish looks into its outbox, check cannot.",
            r#"{"relates_to": [{"relation": "reverses", "entry": "puid:2022-08-31"}]}"#,
            r#"{"relates_to": [{"relation": "reverses", "entry": "puid:2022-08-31-kiwifarms"}]}"#,
        ),
    };
    Words { meaning, wrong, right }
}
