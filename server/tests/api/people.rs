//! The pages: what holds for every one of them, in every language, for statements of every kind.

use std::collections::BTreeSet;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::json;

use crate::markup::Page;
use crate::world::{About, ORIGIN, World, decision_line, later, now, sign};

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn own(world: &World, kind: StatementType, sequence: u64, fields: &[(FieldName, Item)]) -> Signed {
    let draft =
        fields.iter().fold(Draft::new(kind), |draft, (name, value)| draft.with_field(*name, value.clone()));
    world.provider.sign_own(&draft, Sequence::new(sequence).unwrap(), now()).unwrap()
}

/// A decision on an order, a report of another's decision, a refusal, and something sealed, under the numbers 1 to 4.
fn first_statements(by: &Author) -> [Signed; 4] {
    let mut line = decision_line(1);
    line["legal_basis"] = json!({"kind": "court_order", "jurisdiction": "FR", "statute_id": "ELI/1",
        "order": {"authority_kind": "court", "country": "FR", "issued": "2022-09-01T08:00:00Z"}});
    line["order_authority"] = json!("Tribunal <b>de Paris</b>");
    line["category_specification"] = json!(["KEYWORD_CYBER_HARASSMENT", "KEYWORD_STALKING"]);
    line["redress"] = json!(["judicial"]);
    let ordered = sign(by, &Draft::from_json(&line).unwrap(), 1);
    let mut line = decision_line(2);
    line["attribution"] = json!({"kind": "press"});
    line["attributed_to"] = json!("Somebody & Co");
    line["relates_to"] = json!([{"relation": "reverses", "entry": ordered.leaf_hash().to_hex()}]);
    let reported = sign(by, &Draft::from_json(&line).unwrap(), 2);
    let refusal = json!({"type": "no_action", "puid": "refused", "provider_role": "cdn", "category": "STATEMENT_CATEGORY_VIOLENCE",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "refusal_reason": "policy", "decision_facts": "Nothing was done.", "withheld": {"decision_facts": false}});
    let refusal = sign(by, &Draft::from_json(&refusal).unwrap(), 3);
    let sealed = json!({"type": "sealed", "statement": decision_line(4)});
    let sealed = sign(by, &Draft::from_json(&sealed).unwrap(), 4);
    [ordered, reported, refusal, sealed]
}

/// A ledger with a statement of every kind that a provider makes, and what the registrar makes by itself. The first decision
/// is entry 2.
pub(crate) fn peopled() -> World {
    let world = World::with_provider();
    let by = &world.provider;
    let [ordered, reported, refusal, sealed] = first_statements(by);
    let amendment = later(
        by,
        "amendment",
        5,
        About::Entry(&ordered),
        json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "removed": ["territorial_scope"]}),
    );
    let outcome = later(
        by,
        "outcome",
        6,
        About::Entry(&ordered),
        json!({"procedure": "internal_complaint", "result": "partially_reversed", "outcome_explanation": "It went too far."}),
    );
    let lifted = later(
        by,
        "lifted",
        7,
        About::Numbers(1, 2),
        json!({"end_date": "2022-09-05", "lifted_reason": "own_error"}),
    );
    let erased = later(
        by,
        "redaction",
        8,
        About::Entry(&reported),
        json!({"fields": ["decision_facts"], "redaction_ground": "erasure_request", "requested_by": "data_subject"}),
    );
    let withdrawn = later(by, "withdrawal", 9, About::Entry(&outcome), json!({}));
    let text = |text: &str| Item::text(text.to_owned());
    let number = |number: u64| Item::Integer(number.into());
    let void = own(
        &world,
        StatementType::Void,
        10,
        &[
            (FieldName::FIRST, number(11)),
            (FieldName::LAST, number(12)),
            (FieldName::VOID_REASON, text("test")),
        ],
    );
    let declared = own(
        &world,
        StatementType::Declaration,
        13,
        &[
            (FieldName::PERIOD_START, text("2025-01-01")),
            (FieldName::PERIOD_END, text("2025-01-31")),
            (FieldName::DECISIONS_TAKEN, number(2)),
            (FieldName::NOT_PUBLISHED, number(0)),
            (FieldName::FIRST_SEQUENCE, number(1)),
            (FieldName::LAST_SEQUENCE, number(3)),
        ],
    );
    world.take(&[
        &ordered, &reported, &refusal, &sealed, &amendment, &outcome, &lifted, &erased, &withdrawn, &void,
        &declared,
    ]);
    world
}

/// Every page of the English half.
fn paths(world: &World) -> Vec<String> {
    let size = world.get("/api/v1/stats").json()["size"].as_u64().unwrap();
    assert!(size >= 13);
    let entries = (0..size).map(|index| format!("/e/{index}"));
    let others = [
        "/",
        "/log",
        "/providers",
        "/providers/host.example",
        "/search",
        "/search?q=danger&type=decision,no_action&sort=-day&limit=1",
        "/search?q=nothingofthekind&from=2022-01-01",
        "/subjects/s:00112233445566778899aabbccddeeff",
        "/authorities",
        "/authorities?name=Tribunal%20%3Cb%3Ede%20Paris%3C%2Fb%3E",
        "/authorities?name=Nobody",
    ];
    let registrar = format!("/providers/{ORIGIN}");
    entries.chain(others.map(str::to_owned)).chain([registrar]).collect()
}

pub(crate) fn french(path: &str) -> String {
    if path == "/" { "/fr".to_owned() } else { format!("/fr{path}") }
}

fn read(world: &World, path: &str) -> Page {
    let reply = world.get(path);
    assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    assert_eq!(reply.header("content-security-policy"), Some(POLICY), "{path}");
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
    let html = String::from_utf8(reply.body).unwrap();
    assert!(
        !html.contains("<dt></dt>") && !html.contains("<dd></dd>"),
        "{path}: a row has no name or no value"
    );
    Page::read(&html)
}

#[test]
fn every_page_is_well_formed_strict_and_says_its_language() {
    let world = peopled();
    for path in paths(&world) {
        for (path, language) in [(path.clone(), "en"), (french(&path), "fr")] {
            let page = read(&world, &path);
            let has = |name: &str| page.tags.iter().any(|(known, _)| known == name);
            assert!(!has("script") && !has("style") && !has("img") && !has("b") && !has("iframe"), "{path}");
            let attributes = page.tags.iter().flat_map(|(_, attributes)| attributes);
            for (name, value) in attributes {
                assert!(name != "style" && !name.starts_with("on"), "{path}: {name}");
                assert!(!value.starts_with("javascript:"), "{path}: {value}");
            }
            let [root] = page.tags.iter().filter(|(name, _)| name == "html").collect::<Vec<_>>()[..] else {
                panic!("{path}")
            };
            assert_eq!(root.1, [("lang".to_owned(), language.to_owned())], "{path}");
            assert_eq!(page.tags.iter().filter(|(name, _)| name == "h1").count(), 1, "{path}");
            let ids: BTreeSet<&String> = page.ids.iter().collect();
            assert_eq!(ids.len(), page.ids.len(), "{path}: an id stands twice");
            for anchor in page.values("href").filter_map(|href| href.strip_prefix('#')) {
                assert!(page.ids.iter().any(|id| id == anchor), "{path}: #{anchor}");
            }
            let described = ["for", "aria-labelledby", "aria-describedby"];
            for id in described.iter().flat_map(|name| page.values(name)).flat_map(|ids| ids.split(' ')) {
                assert!(page.ids.iter().any(|known| known == id), "{path}: {id}");
            }
            assert!(page.links().contains(&path), "{path} links itself in the switch of languages");
        }
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let world = peopled();
    let mut links = BTreeSet::new();
    for path in paths(&world) {
        for path in [path.clone(), french(&path)] {
            links.extend(read(&world, &path).links().into_iter().map(|link| (link, path.clone())));
        }
    }
    let mut followed = BTreeSet::new();
    for (link, from) in links {
        let link = link.split('#').next().unwrap().to_owned();
        if !followed.insert(link.clone()) {
            continue;
        }
        let reply = world.get(&link);
        assert_eq!(reply.status, 200, "{from} links {link}: {}", String::from_utf8_lossy(&reply.body));
    }
    assert!(followed.len() > 100, "only {} links followed", followed.len());
    assert!(["/verify", "/fr/verify"].iter().all(|path| followed.contains(*path)));
}

/// Words that are in nearly every English sentence and in no French one.
const ENGLISH: [&str; 26] = [
    "the",
    "of",
    "and",
    "is",
    "was",
    "were",
    "it",
    "this",
    "that",
    "by",
    "with",
    "for",
    "not",
    "has",
    "have",
    "are",
    "which",
    "from",
    "to",
    "been",
    "its",
    "who",
    "what",
    "when",
    "entry",
    "statement",
];

#[test]
fn the_french_pages_have_no_english_left() {
    let world = peopled();
    let mut words = 0;
    for path in paths(&world) {
        let page = read(&world, &french(&path));
        let english: Vec<String> = page.words().filter(|word| ENGLISH.contains(&word.as_str())).collect();
        assert!(english.is_empty(), "{path}: {english:?} in {}", page.own_words);
        words += page.words().count();
        let page = read(&world, &path);
        assert!(page.words().any(|word| ENGLISH.contains(&word.as_str())), "{path}: the test reads no words");
    }
    assert!(words > 3_000, "only {words} words were read");
}

#[test]
fn a_browser_is_told_of_problems_by_a_page_in_its_language() {
    let world = peopled();
    let redacted = world.get("/api/v1/statements/3").json()["payload"]["addenda"]["decision_facts"].clone();
    let redacted = redacted.as_str().unwrap();
    let text = format!("/addenda/{}/{}/{redacted}", &redacted[..2], &redacted[2..4]);
    for (path, status, language, words) in [
        ("/e/999999", 404, "en", "There is nothing here"),
        ("/fr/e/999999", 404, "fr", "Il n’y a rien ici"),
        ("/fr/nowhere", 404, "fr", "Il n’y a rien ici"),
        ("/providers/nobody.example", 404, "en", "There is nothing here"),
        ("/subjects/domain:nobody.example", 404, "en", "There is nothing here"),
        ("/fr/e/x%3Cb%3E", 400, "fr", "Cette demande est illisible"),
        ("/search?colour=red", 400, "en", "This request cannot be read"),
        ("/fr/authorities?x=1", 400, "fr", "Cette demande est illisible"),
        (&text, 451, "en", "This text was erased"),
    ] {
        let reply = world.get_as(path, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert_eq!(reply.header("content-security-policy"), Some(POLICY));
        assert_eq!((reply.header("cache-control"), reply.header("vary")), (Some("no-store"), Some("accept")));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        let html = String::from_utf8(reply.body).unwrap();
        let page = Page::read(&html);
        assert!(
            html.contains(&format!("<html lang=\"{language}\">")) && html.contains(words),
            "{path}: {html}"
        );
        assert!(!html.contains("<b>") && !page.ids.is_empty());
        if language == "fr" {
            assert!(!page.words().any(|word| ENGLISH.contains(&word.as_str())), "{path}: {}", page.own_words);
        }
        let program = world.get(path);
        assert_eq!(
            (program.status, program.header("content-type")),
            (status, Some("application/problem+json"))
        );
    }
    for (path, mended) in [
        ("/search?territory=FR,de&q=a%20b", "/search?territory=FR,DE&amp;q=a%20b"),
        ("/fr/search?teritory=DE", "/fr/search?territory=DE"),
        ("/search?sub=Forum.example", "/search?sub=domain:forum.example"),
        ("/search?q=a%26b&category=fraud", "/search?q=a%26b&amp;category=STATEMENT_CATEGORY_SCAMS_AND_FRAUD"),
    ] {
        let html = String::from_utf8(world.get_as(path, "text/html").body).unwrap();
        assert!(html.contains(&format!("href=\"{mended}\"")), "{path}: {html}");
    }
    let erased = world.get_as(&text, "text/html");
    assert!(erased.header("link").unwrap().contains("rel=\"blocked-by\""), "the fields stay");
    assert!(String::from_utf8(erased.body).unwrap().contains("href=\"/e/3\""));
    let program = world.get_as("/api/v1/statements/x", "text/html");
    assert_eq!(program.header("content-type"), Some("application/problem+json"));
}

#[test]
fn a_decision_says_every_point_in_plain_words() {
    let world = peopled();
    let html = String::from_utf8(world.get("/e/2").body).unwrap();
    for words in [
        "Proxying stopped: forum.example.com",
        "Order of a court",
        "Under the law of",
        "Court, France",
        "1 September 2022, 08:00 UTC",
        "Tribunal &lt;b&gt;de Paris&lt;/b&gt;",
        "Cyber harassment",
        "The restriction was ended.",
        "Host Example",
        "Nothing stands behind it but the registrar’s word.",
        "No witness has signed it.",
        "No text is offered, because this decision has ended",
        "@misc{glasshouse-",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // From its day on, without end: `check --completeness` calls that said.
    assert!(!html.contains("how long it lasts"), "{html}");
    let leaf = world.get("/api/v1/statements/2").json()["leaf_hash"].as_str().unwrap().to_owned();
    assert!(html.contains(&format!("https://{ORIGIN}/e/{leaf}")));
    assert_eq!(world.get(&format!("/e/{leaf}")).status, 200);
    let html = String::from_utf8(world.get("/fr/e/3").body).unwrap();
    for words in [
        "comme décision de Somebody &amp; Co",
        "Ceci rapporte la décision",
        "Effacé",
        "Revient sur",
        "demande d’effacement",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn receipts_are_downloaded_in_three_forms() {
    let world = peopled();
    for (form, accept) in [("whole", "*/*"), ("proof", "text/plain"), ("cose", "application/cose")] {
        let (linked, asked) = (
            world.get(&format!("/api/v1/receipts/2?form={form}")),
            world.get_as("/api/v1/receipts/2", accept),
        );
        assert_eq!(
            (linked.status, linked.header("content-type")),
            (200, asked.header("content-type")),
            "{form}"
        );
        assert!(form == "cose" || linked.body == asked.body, "{form}");
    }
    for query in ["form=paper", "shape=cose", "form=cose&form=cose"] {
        assert_eq!(world.get(&format!("/api/v1/receipts/2?{query}")).problem().0, 400, "{query}");
    }
}

#[test]
fn what_is_searched_for_stands_in_the_form_and_is_no_markup() {
    let world = peopled();
    let page =
        world.get("/search?authority=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&provider=&type=decision");
    let html = String::from_utf8(page.body).unwrap();
    assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""), "{html}");
    assert!(!html.contains("<script") && html.contains("<option value=\"decision\" selected>Decision"));
    let own = "<span>Décision</span>";
    let html = String::from_utf8(world.get("/fr/search?type=decision&q=danger").body).unwrap();
    assert!(
        html.contains(own) && html.contains("<span lang=\"\">danger</span>"),
        "our labels are French: {html}"
    );
    let html = String::from_utf8(world.get("/search?type=decision&limit=1").body).unwrap();
    assert!(html.contains("2 statements") && html.contains("rel=\"next\""), "{html}");
    let next = Page::read(&html).links().into_iter().find(|link| link.contains("cursor=")).unwrap();
    let html = String::from_utf8(world.get(&next).body).unwrap();
    assert!(html.contains("To the beginning of the list") && !html.contains("rel=\"next\""), "{html}");
}

#[test]
fn the_style_has_a_tag_and_an_address_of_its_version() {
    let world = World::new();
    let page = read(&world, "/");
    let address = page.links().into_iter().find(|link| link.starts_with("/style.css?")).unwrap();
    let style = world.get(&address);
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    let tag = style.header("etag").unwrap();
    assert_eq!(world.get_with("/style.css", "if-none-match", tag).status, 304);
}
