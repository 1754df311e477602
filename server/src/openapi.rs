//! The OpenAPI description: generated from the routes, checked in as `server/openapi.json`, served from there.

use utoipa::OpenApi;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Paths, Ref, Required, ResponseBuilder};

use crate::routes;
use crate::texts::Language;

/// The checked-in description.
pub const TEXT: &str = include_str!("../openapi.json");

#[derive(OpenApi)]
#[openapi(
    // It shares a route with the issuer, so the router does not bring it.
    paths(routes::provider::completeness),
    info(
        title = "Glasshouse",
        description = "A public, append-only ledger of content-moderation decisions. Errors are problems (RFC 9457) whose \
                       `type` is `urn:glasshouse:problem:` and a stable slug.",
        license(name = "Apache-2.0 OR MIT")
    ),
    tags(
        (name = "log", description = "The log as files (C2SP tlog-tiles): cacheable, and the same from any mirror"),
        (name = "statements", description = "Statements, receipts and proofs"),
        (name = "scitt", description = "The SCITT reference API (RFC 9943, RFC 9942): COSE receipts and their keys"),
        (name = "operations", description = "For whoever runs the server"),
        (name = "pages", description = "For people"),
    )
)]
struct Description;

/// The description as it follows from the routes.
pub fn generate() -> utoipa::openapi::OpenApi {
    let (_, computed) = routes::described().split_for_parts();
    let mut whole = Description::openapi();
    whole.merge(computed);
    name_rests(&mut whole.paths);
    name_french(&mut whole.paths);
    static_paths(&mut whole.paths);
    failures(&mut whole.paths);
    known_answers(&mut whole.paths);
    whole
}

/// The description as text: indented JSON and a line feed.
///
/// # Errors
/// If it cannot be written as JSON, which would be a fault of ours.
pub fn generate_text() -> serde_json::Result<String> {
    Ok(generate().to_pretty_json()? + "\n")
}

/// A path's rest, `{*name}` to the router, is a parameter like any other to a reader.
fn name_rests(paths: &mut Paths) {
    paths.paths = std::mem::take(&mut paths.paths)
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
}

/// The French pages have the handlers of the English ones: each operation gets a name of its own.
fn name_french(paths: &mut Paths) {
    let french = Language::French.prefix();
    paths.paths = std::mem::take(&mut paths.paths)
        .into_iter()
        .map(|(path, mut item)| {
            let is_french =
                path.strip_prefix(french).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if let Some(page) = item.get.as_mut().filter(|get| is_french && is_page(get)) {
                page.operation_id = page.operation_id.take().map(|id| format!("{id}_in_french"));
                page.summary = page.summary.take().map(|summary| format!("In French: {summary}"));
            }
            (path, item)
        })
        .collect();
}

fn is_page(operation: &Operation) -> bool {
    operation.tags.iter().flatten().any(|tag| tag == "pages")
}

/// The static side has one handler for all of its paths, so its paths are described by hand.
fn static_paths(paths: &mut Paths) {
    let (text, bytes) = ("text/plain", "application/octet-stream");
    let level = ("level", "0 to 63.");
    let number =
        ("number", "Number in groups of three digits, all but the last with an `x`: `x001/x234/067`.");
    let part = ("part", "`.p/` and the width, 1 to 255, of a part; nothing for a full one of 256.");
    let mut add = |path: &str, summary: &str, media: &str, parameters: &[(&str, &str)]| {
        let operation = static_operation(summary, media, parameters);
        paths.add_path_operation(path, vec![HttpMethod::Get], operation);
    };
    let note = "The newest published checkpoint, a signed note. 503 `no-quorum` while a quorum is required and it has none.";
    add("/checkpoint", note, text, &[]);
    add("/vkey", "The log's key as vkey text.", text, &[]);
    let marker = "Empty: says that every entry ends with an index of its addenda.";
    add("/addenda.v1", marker, bytes, &[]);
    let tile = "A tile of hashes, 32 bytes each.";
    add("/tile/{level}/{number}{part}", tile, bytes, &[level, number, part]);
    let bundle = "A bundle of entries, each after its length (16 bits, big-endian). Compressed if the client takes gzip.";
    add("/tile/entries/{number}{part}", bundle, bytes, &[number, part]);
}

/// What can go wrong on every route that reads or writes the ledger, whatever is asked for.
fn failures(paths: &mut Paths) {
    const WITHOUT_LEDGER: [&str; 5] = ["/style.css", "/healthz", "/readyz", "/metrics", "/openapi.json"];
    for (path, item) in &mut paths.paths {
        if WITHOUT_LEDGER.contains(&path.as_str()) {
            continue;
        }
        for operation in item.get.iter_mut().chain(&mut item.post) {
            let known = &mut operation.responses.responses;
            for (status, meaning) in
                [("500", "`internal`"), ("503", "`overloaded`: the field Retry-After says when to try again")]
            {
                known.entry(status.to_owned()).or_insert_with(|| problem(meaning).into());
            }
        }
    }
}

/// What is sent to whoever has the answer already, on every route whose answers have an `ETag`.
fn known_answers(paths: &mut Paths) {
    const WITHOUT_TAG: [&str; 4] = ["/api/v1/export", "/healthz", "/readyz", "/metrics"];
    for (path, item) in &mut paths.paths {
        let Some(get) = item.get.as_mut().filter(|_| !WITHOUT_TAG.contains(&path.as_str())) else { continue };
        let known = ResponseBuilder::new().description("The field If-None-Match names what would be sent");
        get.responses.responses.entry("304".to_owned()).or_insert_with(|| known.build().into());
    }
}

fn problem(meaning: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(meaning).content("application/problem+json", content).build()
}

fn static_operation(summary: &str, media: &str, parameters: &[(&str, &str)]) -> Operation {
    let found = ResponseBuilder::new().description("Found").content(media, ContentBuilder::new().build());
    let absent = ResponseBuilder::new().description("`not-found`: the log does not hold this");
    let mut operation = OperationBuilder::new()
        .tag("log")
        .summary(Some(summary))
        .response("200", found.build())
        .response("404", absent.build());
    for (name, meaning) in parameters {
        let parameter = ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .description(Some(*meaning));
        operation = operation.parameter(parameter.build());
    }
    operation.build()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_checked_in_description_is_the_generated_one() {
        let generated = generate_text().unwrap();
        assert!(
            generated == TEXT,
            "server/openapi.json is out of date. To write it anew: cargo run -- openapi --out server/openapi.json"
        );
    }

    #[test]
    fn every_route_of_the_ledger_says_how_else_it_can_answer() {
        let description: serde_json::Value = serde_json::from_str(TEXT).unwrap();
        for (path, statuses) in [
            ("/api/v1/receipts/{entry}", ["500", "503"].as_slice()),
            ("/tile/entries/{number}{part}", &["500", "503"]),
            ("/addenda/{first}/{second}/{digest}", &["500", "503"]),
            ("/api/v1/statements", &["408", "500", "503"]),
        ] {
            let operations = description["paths"][path].as_object().unwrap();
            let operation = operations.get("post").or_else(|| operations.values().next()).unwrap();
            let responses = &operation["responses"];
            for status in statuses {
                let content = &responses[*status]["content"];
                assert!(content.get("application/problem+json").is_some(), "{path}: {status}");
            }
        }
        for (path, has_tag) in
            [("/api/v1/receipts/{entry}", true), ("/e/{entry}", true), ("/api/v1/export", false)]
        {
            let responses = &description["paths"][path]["get"]["responses"];
            assert_eq!(responses.get("304").is_some(), has_tag, "{path}");
        }
    }
}
