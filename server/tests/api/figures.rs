//! Figures: each number is that of the list behind it, and reports of others' decisions are not counted as anybody's own.

use crate::people::{french, peopled};
use crate::world::World;

/// The rows of the figures of a page: where each leads, and its number.
fn rows(world: &World, path: &str) -> Vec<(String, u64)> {
    let html = String::from_utf8(world.get(path).body).unwrap();
    let mut rows = Vec::new();
    for figure in html.split("<figure").skip(1).map(|rest| rest.split("</figure>").next().unwrap()) {
        for row in figure.split("<tr>").skip(2) {
            let Some((_, link)) = row.split_once("<a href=\"") else { continue };
            let (link, rest) = link.split_once('"').unwrap();
            let (_, number) = rest.split_once("<td class=\"number\">").unwrap();
            let number = number.split('<').next().unwrap().parse().unwrap();
            rows.push((link.replace("&amp;", "&"), number));
        }
    }
    rows
}

#[test]
fn each_number_is_that_of_the_list_behind_it() {
    let world = peopled();
    for path in ["/", "/providers/host.example"] {
        for path in [path.to_owned(), french(path)] {
            let rows = rows(&world, &path);
            assert!(rows.len() >= 5, "{path}: {rows:?}");
            let mut own = 0;
            for (link, number) in rows {
                let (_, query) = link.split_once("/search?").unwrap();
                let list = world.get(&format!("/api/v1/statements?{query}&limit=1")).json();
                assert_eq!(list["total"], number, "{path}: {link}");
                own += usize::from(query.contains("attribution=none"));
            }
            assert!(own >= 2, "{path}: figures of decisions leave out what is reported of others'");
        }
    }
}

#[test]
fn the_front_page_counts_what_providers_filed() {
    let world = peopled();
    for (path, words) in [
        ("/", "One provider has filed 11 statements in log.example/takedowns."),
        ("/fr", "Un fournisseur a déposé 11 déclarations dans log.example/takedowns."),
    ] {
        let html = String::from_utf8(world.get(path).body).unwrap();
        assert!(html.contains(words), "{path}: {html}");
    }
    let html = String::from_utf8(World::with_provider().get("/").body).unwrap();
    assert!(html.contains("No provider has filed anything in log.example/takedowns yet."), "{html}");
}
