//! A reader of pages, as strict as the pages are: tags that close, attributes in quotes.

/// A page taken apart.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Every tag: its name and its attributes.
    pub(crate) tags: Vec<(String, Vec<(String, String)>)>,
    /// Texts in the language of the page: none that is somebody's own, in another language, or code.
    pub(crate) own_words: String,
    /// Values of `id`.
    pub(crate) ids: Vec<String>,
}

const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

/// What is no sentence of the page.
const NOT_WORDS: [&str; 3] = ["code", "pre", "style"];

impl Page {
    /// Reads a page. Fails where it is not well formed.
    #[track_caller]
    pub(crate) fn read(html: &str) -> Page {
        let mut page = Page::default();
        let mut open: Vec<(String, bool)> = Vec::new();
        let rest = html.strip_prefix("<!DOCTYPE html>").expect("a page begins with its type");
        for piece in rest.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece}"));
            if let Some(name) = tag.strip_prefix('/') {
                let (opened, _) = open.pop().unwrap_or_else(|| panic!("</{name}> closes nothing"));
                assert_eq!(opened, name, "{open:?}");
            } else {
                let (name, attributes) = read_tag(tag);
                let of =
                    |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
                page.ids.extend(of("id").cloned());
                let inside = open.last().is_some_and(|(_, skipped)| *skipped);
                let other = name != "html" && of("lang").is_some();
                let skipped = inside || other || NOT_WORDS.contains(&name.as_str());
                if !skipped {
                    for told in ["title", "aria-label", "placeholder"] {
                        page.own_words.extend(of(told).map(|text| format!(" {text} ")));
                    }
                }
                if !VOID.contains(&name.as_str()) {
                    open.push((name.clone(), skipped));
                }
                page.tags.push((name, attributes));
            }
            if !open.last().is_some_and(|(_, skipped)| *skipped) {
                page.own_words.push(' ');
                page.own_words.push_str(text);
            }
        }
        assert!(open.is_empty(), "never closed: {open:?}");
        page
    }

    /// The values of an attribute, of every tag.
    pub(crate) fn values<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        let all = self.tags.iter().flat_map(|(_, attributes)| attributes);
        all.filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Paths of this server that the page links.
    pub(crate) fn links(&self) -> Vec<String> {
        let links = self.values("href").chain(self.values("action"));
        links.filter(|link| link.starts_with('/')).map(|link| link.replace("&amp;", "&")).collect()
    }

    /// The words of [`Page::own_words`] in small letters.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        let words = self.own_words.split(|letter: char| !letter.is_alphabetic() && letter != '’');
        words.filter(|word| !word.is_empty()).map(str::to_lowercase)
    }
}

/// Reads XML 1.0 as feeds write it: a declaration, tags that close, quoted attributes, and no sign that has to be escaped. The
/// names of its tags; fails where it is not well formed.
#[track_caller]
pub(crate) fn read_xml(xml: &str) -> Vec<String> {
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    let rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>").expect("a declaration");
    for piece in rest.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece}"));
        check_references(text);
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}>");
            continue;
        }
        let (name, attributes) = read_tag(tag.strip_suffix('/').unwrap_or(tag));
        for (attribute, value) in &attributes {
            check_references(value);
            let twice = attributes.iter().filter(|(other, _)| other == attribute).count();
            assert_eq!(twice, 1, "<{tag}>: {attribute}");
        }
        if !tag.ends_with('/') {
            open.push(name.clone());
        }
        tags.push(name);
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    tags
}

/// Each `&` begins one of the references that everybody knows, and every character is one of XML.
#[track_caller]
fn check_references(text: &str) {
    for piece in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
        assert!(known.iter().any(|name| piece.starts_with(name)), "&{piece:.20}");
    }
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(allowed), "{text:?}");
}

#[track_caller]
fn read_tag(tag: &str) -> (String, Vec<(String, String)>) {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (attribute, behind) = rest.split_at(end);
        let (value, behind) = match behind.strip_prefix("=\"") {
            Some(quoted) => {
                quoted.split_once('"').unwrap_or_else(|| panic!("<{tag}>: {attribute} has no end"))
            }
            None => ("", behind),
        };
        attributes.push((attribute.to_owned(), value.to_owned()));
        rest = behind;
    }
    (name.to_owned(), attributes)
}
