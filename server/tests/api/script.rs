//! Script in every text field: one statement of each type says it wherever it can say anything, and nothing that shows it makes
//! markup of it.

use std::collections::BTreeSet;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_ledger::registrar;
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::fields::{FieldName, Form};
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};

use crate::markup::{Page, read_xml};
use crate::world::{About, World, decision_line, later, later_about, now, origin, sign};

/// Tags, an attribute that would run, quotes that would end one, and a sign that turns the writing round.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}";

fn url() -> String {
    format!("https://a.example/{HOSTILE}")
}

/// Sets so many texts of a line to what is hostile, none of them withheld.
fn hostile(line: &mut Value, texts: &[&str]) {
    for name in texts {
        let field = FieldName::find(name).unwrap();
        line[*name] = match field.form() {
            Form::Text => HOSTILE.into(),
            Form::Url => url().into(),
            Form::Texts | Form::Uris => json!([url()]),
            form => panic!("{name}: {form:?}"),
        };
        line["withheld"][*name] = false.into();
    }
}

/// A host's decision on a court's order, on the one European ground and on the other, and a refusal.
fn first_statements(by: &Author) -> [Signed; 3] {
    let both = [
        "decision_facts",
        "content_url",
        "source_identity",
        "instrument",
        "provision",
        "order_authority",
        "order_reference",
        "contact",
        "redress_url",
        "category_specification_other",
        "content_type_other",
        "decision_ground_reference_url",
        "decision_visibility_other",
        "decision_monetary_other",
        "attributed_to",
        "attribution_source",
        "attributed_puid",
        "items_list",
    ];
    let mut line = decision_line(1);
    let members = line.as_object_mut().unwrap();
    members.remove("infrastructure_measure");
    members.remove("withheld");
    members.extend(json!({"provider_role": "host", "subject": format!("url:{}", url()),
        "decision_visibility": ["DECISION_VISIBILITY_OTHER"], "decision_monetary": "DECISION_MONETARY_OTHER",
        "category_specification": ["KEYWORD_OTHER"], "content_type": ["CONTENT_TYPE_OTHER"], "content_date": "2022-09-01",
        "legal_basis": {"kind": "court_order", "order": {"authority_kind": "court", "country": "FR"}},
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "attribution": {"kind": "press"}, "items": 1,
        "withheld": {"subject": false}}).as_object().unwrap().clone());
    let mut illegal = line.clone();
    illegal["decision_ground"] = "DECISION_GROUND_ILLEGAL_CONTENT".into();
    hostile(&mut illegal, &both);
    hostile(&mut illegal, &["illegal_content_legal_ground", "illegal_content_explanation"]);
    let illegal = sign(by, &Draft::from_json(&illegal).unwrap(), 1);
    line["puid"] = "case-2".into();
    line["decision_ground"] = "DECISION_GROUND_INCOMPATIBLE_CONTENT".into();
    line["relates_to"] = json!([{"relation": "follows", "uri": url()}]);
    hostile(&mut line, &both);
    hostile(&mut line, &["incompatible_content_ground", "incompatible_content_explanation"]);
    line["withheld"]["relates_to_uri"] = false.into();
    let incompatible = sign(by, &Draft::from_json(&line).unwrap(), 2);
    let mut refusal = json!({"type": "no_action", "puid": "refused", "provider_role": "host", "category": "STATEMENT_CATEGORY_VIOLENCE",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "refusal_reason": "policy", "withheld": {}});
    hostile(&mut refusal, &["decision_facts", "refusal_explanation", "source_identity"]);
    [illegal, incompatible, sign(by, &Draft::from_json(&refusal).unwrap(), 3)]
}

/// What a provider says about these, about its numbers, and in secret.
fn later_statements(world: &World, first: &[Signed; 3]) -> Vec<Signed> {
    let by = &world.provider;
    let about =
        |kind: &str, number: u64, fields: Value| later(by, kind, number, About::Entry(&first[0]), fields);
    let own = |draft: &Draft, number: u64| by.sign_own(draft, Sequence::new(number).unwrap(), now()).unwrap();
    let mut secret = decision_line(13);
    hostile(&mut secret, &["decision_facts", "contact"]);
    let sealed = json!({"type": "sealed", "statement": secret});
    let declared = json!({"type": "declaration", "period_start": "2025-01-01", "period_end": "2025-01-31", "decisions_taken": 0,
        "not_published": 0, "declaration_explanation": HOSTILE, "withheld": {"declaration_explanation": false}});
    vec![
        about(
            "amendment",
            4,
            json!({"amendment_reason": "wrong_category", "decision_facts": HOSTILE,
            "order_authority": HOSTILE, "amendment_explanation": HOSTILE}),
        ),
        about(
            "outcome",
            5,
            json!({"procedure": "court", "result": "partially_reversed", "outcome_explanation": HOSTILE,
            "outcome_body": HOSTILE}),
        ),
        about(
            "lifted",
            6,
            json!({"end_date": "2024-04-01", "lifted_reason": "complied", "lifted_explanation": HOSTILE}),
        ),
        about("withdrawal", 7, json!({"withdrawal_explanation": HOSTILE})),
        later(
            by,
            "redaction",
            8,
            About::Entry(&first[2]),
            json!({"fields": ["source_identity"], "redaction_ground": "error",
            "requested_by": "provider", "redaction_explanation": HOSTILE}),
        ),
        own(&registrar::void(10, 12, "test", Some(HOSTILE)), 9),
        sign(by, &Draft::from_json(&sealed).unwrap(), 13),
        own(&Draft::from_json(&declared).unwrap(), 14),
    ]
}

/// What the registrar says, with the numbers from 3 on; the last of it ends the log.
fn registrar_statements(world: &World, twice: (&Signed, &Signed)) -> Vec<Signed> {
    let provider = world.provider.issuer();
    let (entry, refused) = twice;
    let note = String::from_utf8(world.get("/checkpoint").body).unwrap();
    let drafts = [
        registrar::tick(&note),
        registrar::policy(HOSTILE, Some(HOSTILE)),
        registrar::key_retirement(provider, &world.provider.kid(), "left", None, Some(HOSTILE)),
        registrar::closure(HOSTILE, None),
    ];
    let own = |draft: &Draft, number: u64| {
        world.registrar.sign_own(draft, Sequence::new(number).unwrap(), now()).unwrap()
    };
    let conflict = registrar::conflict(provider, entry.leaf_hash(), refused.statement());
    let conflict = own(&conflict, 3);
    let rest = drafts.iter().zip(4..).map(|(draft, number)| own(draft, number));
    std::iter::once(conflict).chain(rest).collect()
}

/// A ledger in which everybody says it wherever they can.
fn hostile_world() -> World {
    let mut world = World::made();
    let folder = world.folder.path().join("ledger");
    std::fs::remove_dir_all(&folder).unwrap();
    let options = InitOptions {
        folder,
        origin: origin(),
        registrar_key: world.folder.path().join("registrar.key"),
        purpose: "test".to_owned(),
        policy: Some(HOSTILE.to_owned()),
        contact: Some(HOSTILE.to_owned()),
    };
    Ledger::init(&options, std::sync::Arc::new(SystemClock)).unwrap();
    world.start().unwrap();
    let enrolment = registrar::Enrolment {
        provider: world.provider.issuer().clone(),
        name: HOSTILE.to_owned(),
        roles: vec!["host".to_owned(), "cdn".to_owned()],
        country: "DE".to_owned(),
        key: *world.provider.public_key(),
        request: world.provider.request(now()),
        evidence: None,
        contact: Some(HOSTILE.to_owned()),
    };
    let enrolment = world.registrar.sign_own(&enrolment.draft(), Sequence::new(2).unwrap(), now()).unwrap();
    let first = first_statements(&world.provider);
    let later = later_statements(&world, &first);
    world.take(&[&enrolment]);
    world.take(&first.iter().chain(&later).collect::<Vec<_>>());
    // What was sealed is opened, with a text of its own.
    let said = json!({"fields": ["sealed_statement"], "disclosure_explanation": HOSTILE});
    let sealed = &later[6];
    let opening =
        later_about(&world.provider, "disclosure", 15, sealed, said, "provider:https://host.example");
    let text = sealed.addenda()[&FieldName::SEALED_STATEMENT].as_slice();
    let addenda = opening.served().chain([text]).collect();
    let batch = encode_batch(&[SubmissionSlices { statement: opening.statement(), addenda }]);
    let answer = world.post(&batch).json();
    assert_eq!(answer["results"][0]["status"], "accepted", "{answer}");
    let twice = world.decision(1);
    let answer = world.submit(&[&twice]).json();
    assert_eq!(answer["results"][0]["problem"]["status"], 409, "{answer}");
    world.take(&registrar_statements(&world, (&first[0], &twice)).iter().collect::<Vec<_>>());
    world
}

/// The types that are on record, and the fields whose text is hostile somewhere.
fn said(world: &World) -> (BTreeSet<StatementType>, BTreeSet<FieldName>) {
    let reader = world.server.as_ref().unwrap().reader();
    let (mut types, mut fields) = (BTreeSet::new(), BTreeSet::new());
    for index in 0..reader.head().size().get() {
        let index = glasshouse_verifier::size::LeafIndex::new(index).unwrap();
        let entry = reader.entry(index).unwrap().unwrap();
        let statement: &Statement = entry.statement();
        types.insert(statement.payload().kind());
        for text in reader.texts(&entry, index).unwrap() {
            if format!("{:?}", text.value()).contains("onerror") {
                fields.insert(text.field());
            }
        }
    }
    (types, fields)
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Every page of the English half, and searches for what is hostile in every parameter that takes words.
fn pages(size: u64) -> Vec<String> {
    let hostile = percent(HOSTILE);
    let mut paths: Vec<String> = (0..size).map(|index| format!("/e/{index}")).collect();
    paths.extend(
        ["/", "/log", "/providers", "/providers/host.example", "/authorities", "/search?sort=-day"]
            .map(str::to_owned),
    );
    paths.extend([
        format!("/authorities?name={hostile}"),
        format!("/subjects/{}", percent(&format!("url:{}", url()))),
        "/subjects/s:00112233445566778899aabbccddeeff".to_owned(),
        "/providers/log.example/takedowns".to_owned(),
        format!("/search?q={hostile}&authority={hostile}&subject={hostile}"),
        "/search?q=onerror".to_owned(),
    ]);
    paths
}

/// Fails if one text of one page, or a name in a feed, is written as markup: `PreEscaped`, or `escape` in `feed/xml.rs` without
/// one of its five signs.
#[test]
fn script_in_every_text_field_is_nothing_but_text() {
    let world = hostile_world();
    let size = world.get("/api/v1/stats").json()["size"].as_u64().unwrap();
    let (types, fields) = said(&world);
    // Keys are changed with the registrar's next key, and say nothing in words.
    let silent: Vec<_> = StatementType::ALL.into_iter().filter(|kind| !types.contains(kind)).collect();
    assert_eq!(silent, [StatementType::Keys]);
    let is_words =
        |field: &FieldName| matches!(field.form(), Form::Text | Form::Url | Form::Uris | Form::Texts);
    let mute: Vec<FieldName> = FieldName::all()
        .filter(|field| field.is_addendum() && is_words(field) && !fields.contains(field))
        .collect();
    assert!(mute.is_empty(), "fields that nobody said anything hostile in: {mute:?}");
    for path in pages(size) {
        for path in [path.clone(), if path == "/" { "/fr".to_owned() } else { format!("/fr{path}") }] {
            let reply = world.get(&path);
            assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
            let html = String::from_utf8(reply.body).unwrap();
            for (name, attributes) in &Page::read(&html).tags {
                assert!(!matches!(name.as_str(), "script" | "img"), "{path}: <{name}>");
                for (attribute, value) in attributes {
                    assert!(!attribute.starts_with("on"), "{path}: {attribute}");
                    assert!(!value.starts_with("javascript:"), "{path}: {value}");
                }
            }
            assert!(!html.contains("<script") && !html.contains("<img"), "{path}");
        }
    }
    // Two of them show it, so that the others are known to be looked at.
    for path in ["/e/2", "/fr/providers/host.example"] {
        let html = String::from_utf8(world.get(path).body).unwrap();
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}");
    }
    let style = String::from_utf8(world.get("/style.css").body).unwrap();
    assert!(
        style.contains("[lang=\"\"]") && style.contains("unicode-bidi: isolate"),
        "turned writing stays where it is"
    );
    data(&world, size);
}

/// Feeds are well-formed; what is for programs is said to be no page.
fn data(world: &World, size: u64) {
    let hostile = percent(HOSTILE);
    for query in ["", "?q=onerror", "?type=decision"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("?q={hostile}&authority={hostile}")])
    {
        for path in [format!("/feed.atom{query}"), format!("/fr/feed.atom{query}")] {
            let atom = String::from_utf8(world.get(&path).body).unwrap();
            let tags = read_xml(&atom);
            assert!(
                tags.iter().any(|tag| tag == "feed")
                    && !tags.iter().any(|tag| tag == "script" || tag == "img"),
                "{path}"
            );
        }
        let feed = world.get(&format!("/feed.json{query}")).json();
        assert!(!feed.to_string().contains("content_html"), "{feed}");
    }
    let entries = (0..size)
        .flat_map(|index| [format!("/api/v1/statements/{index}"), format!("/api/v1/receipts/{index}")]);
    let others = [
        "/api/v1/statements?q=onerror",
        "/api/v1/providers",
        "/api/v1/providers/host.example",
        "/feed.json",
        "/api/v1/counts?by=authority,subject",
        "/api/v1/export?format=jsonl&texts=with",
        "/api/v1/export?format=csv&texts=with",
    ];
    for path in entries.chain(others.map(str::to_owned)) {
        let reply = world.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        let kind = reply.header("content-type").unwrap();
        assert!(!kind.contains("html") && !kind.contains("xml"), "{path}: {kind}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        if kind.contains("json") && !kind.contains("ndjson") {
            reply.json();
        }
    }
    let rows = String::from_utf8(world.get("/api/v1/export?format=jsonl&texts=with").body).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len() as u64, size);
    assert!(rows.iter().any(|row| row["decision_facts"] == HOSTILE));
    // Quotes are doubled, so that each row has its cells.
    let csv = world.get("/api/v1/export?format=csv&texts=with").body;
    let mut read = csv::ReaderBuilder::new().from_reader(&csv[..]);
    let place = read.headers().unwrap().iter().position(|name| name == "decision_facts").unwrap();
    let cells: Vec<String> = read.records().map(|row| row.unwrap()[place].to_owned()).collect();
    assert!(cells.len() as u64 == size && cells.iter().any(|cell| cell == HOSTILE), "{cells:?}");
}
