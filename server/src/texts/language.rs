//! The languages that pages are written in.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::Uri;
use axum::http::request::Parts;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// At the root.
    English,
    /// Below `/fr`.
    French,
}

/// One text, or the texts of one page, in every language.
#[derive(Debug)]
pub(crate) struct Spoken<T> {
    /// In English.
    pub(crate) en: T,
    /// In French.
    pub(crate) fr: T,
}

impl<T> Spoken<T> {
    /// In that language.
    pub(crate) fn in_(&self, language: Language) -> &T {
        match language {
            Language::English => &self.en,
            Language::French => &self.fr,
        }
    }
}

impl Language {
    /// Every language, in the order of the switch.
    pub(crate) const ALL: [Language; 2] = [Language::English, Language::French];

    /// The tag in `lang` and `hreflang` (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
        }
    }

    /// What it calls itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::French => "Français",
        }
    }

    /// What its paths begin with.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Language::English => "",
            Language::French => "/fr",
        }
    }

    /// The path of a page in this language; `path` is that of the English one.
    pub(crate) fn path(self, path: &str) -> String {
        let path = of_this_server(path);
        match (self.prefix(), path.as_ref()) {
            ("", path) => path.to_owned(),
            (prefix, "/") => prefix.to_owned(),
            (prefix, path) => match path.strip_prefix('/') {
                Some(rest) if rest.starts_with('?') => format!("{prefix}{rest}"),
                _ => format!("{prefix}{path}"),
            },
        }
    }

    /// The language of a path, and the rest of it: the path of the English page.
    pub(crate) fn of_path(path: &str) -> (Language, Cow<'_, str>) {
        match path.strip_prefix("/fr") {
            Some("" | "/") => (Language::French, Cow::Borrowed("/")),
            Some(rest) if rest.starts_with('/') => (Language::French, of_this_server(rest)),
            _ => (Language::English, of_this_server(path)),
        }
    }
}

/// A path with one slash at its beginning. Behind two a browser reads the name of another server, and it takes a backslash
/// for a slash (WHATWG URL, "relative slash state").
fn of_this_server(path: &str) -> Cow<'_, str> {
    let rest = path.trim_start_matches(['/', '\\']);
    let begins = path.strip_prefix('/').is_some_and(|behind| behind.len() == rest.len());
    if begins { Cow::Borrowed(path) } else { Cow::Owned(format!("/{rest}")) }
}

/// Which page was asked for: its language, and where the same page is in another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The page's language.
    pub(crate) language: Language,
    /// Path and query of the English page.
    pub(crate) path: String,
}

impl Visit {
    /// What a URI asks for.
    pub(crate) fn of(uri: &Uri) -> Visit {
        let (language, path) = Language::of_path(uri.path());
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Visit { language, path: format!("{path}{query}") }
    }

    /// A path of this server, in the language of the page.
    pub(crate) fn link(&self, path: &str) -> String {
        self.language.path(path)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Self::Rejection> {
        // A nested router sees the path behind `/fr`; the whole one is kept beside it.
        let whole = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |whole| &whole.0);
        Ok(Visit::of(whole))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_path_has_one_in_each_language_and_back() {
        for path in ["/", "/e/3", "/search?q=a%20b", "/providers/a.example:8443", "/free", "/?x=1"] {
            for language in Language::ALL {
                let visit = Visit::of(&language.path(path).parse().unwrap());
                assert_eq!(visit, Visit { language, path: path.to_owned() });
            }
        }
        assert_eq!(Language::French.path("/"), "/fr");
        assert_eq!(Language::of_path("/french"), (Language::English, "/french".into()));
        assert_eq!(Language::of_path("/fr/"), (Language::French, "/".into()));
    }

    #[test]
    fn no_path_leads_to_another_server() {
        for path in [
            "//evil.example/verify",
            "/fr//evil.example/verify",
            "/\\evil.example/verify",
            "///\\evil.example/verify",
        ] {
            let visit = Visit::of(&path.parse().unwrap());
            assert_eq!(visit.path, "/evil.example/verify", "{path}");
            for language in Language::ALL {
                assert_eq!(
                    language.path(path.trim_start_matches("/fr")),
                    language.path("/evil.example/verify")
                );
            }
        }
        assert_eq!(Language::French.path("//?q=1"), "/fr?q=1");
        assert_eq!(of_this_server(""), "/");
    }
}
