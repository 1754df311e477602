//! The vocabulary as it is published.

use crate::world::World;

#[test]
fn the_whole_vocabulary_can_be_kept() {
    let world = World::new();
    let reply = world.get("/api/v1/vocabulary");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vocabulary.json");
    assert!(reply.body == std::fs::read(path).unwrap(), "not the specified vocabulary");
    let tag = reply.header("etag").unwrap();
    let again = world.get_with("/api/v1/vocabulary", "if-none-match", tag);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(world.get_with("/api/v1/vocabulary", "if-none-match", "\"other\"").status, 200);
}

#[test]
fn one_set_in_either_version() {
    let world = World::new();
    let set = world.get("/api/v1/vocabulary?set=category&version=1").json();
    assert_eq!((&set["set"], &set["vocabulary"]), (&"category".into(), &"dsa-tdb/1".into()));
    assert_eq!(set["codes"].as_array().unwrap().len(), 14);
    let newest = world.get("/api/v1/vocabulary?set=category").json();
    assert_eq!(newest["codes"].as_array().unwrap().len(), 16);
    assert_eq!(newest["codes"][0]["label"], "Animal welfare");
    let own = world.get("/api/v1/vocabulary?set=lifted_reason").json();
    assert!(own["vocabulary"].is_null());
    assert_eq!(own["codes"][0]["code"], "complied");
    assert!(own["codes"][0]["definition"].as_str().unwrap().ends_with('.'));
    for (query, path, rule) in [
        ("set=colour", "set", "not-a-code"),
        ("set=category&version=3", "version", "not-a-code"),
        ("version=1", "version", "needs"),
        ("set=category&set=result", "set", "duplicate"),
        ("q=x", "q", "unknown"),
    ] {
        let reply = world.get(&format!("/api/v1/vocabulary?{query}"));
        assert_eq!(reply.problem().0, 400, "{query}");
        let error = &reply.json()["errors"][0];
        assert_eq!((&error["path"], &error["rule"]), (&path.into(), &rule.into()), "{query}");
        assert!(error["allowed"].is_string());
    }
}
