//! How a subject is asked for: by the claim `sub`, by the published text that it stands for, or as people write a host.

use glasshouse_ledger::query::subjects_like;

/// A name that was given, and the host that it may be short for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SubjectName {
    given: String,
    /// `domain:` and the host, in lower case.
    meant: Option<String>,
}

impl SubjectName {
    /// Takes what was given.
    pub(crate) fn new(given: String) -> SubjectName {
        let meant =
            subjects_like(&given).into_iter().find(|meant| meant.starts_with("domain:") && *meant != given);
        SubjectName { given, meant }
    }

    /// As it was given.
    pub(crate) fn given(&self) -> &String {
        &self.given
    }

    /// Each spelling of it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.given).chain(&self.meant)
    }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn a_host_is_found_however_it_is_written() {
        for (given, subs) in [
            ("domain:forum.example", &["domain:forum.example"][..]),
            ("forum.example", &["forum.example", "domain:forum.example"]),
            ("Domain:Forum.Example", &["Domain:Forum.Example", "domain:forum.example"]),
            (" FORUM.example. ", &[" FORUM.example. ", "domain:forum.example"]),
            ("https://Forum.example/", &["https://Forum.example/", "domain:forum.example"]),
            ("http://forum.example", &["http://forum.example", "domain:forum.example"]),
            // An address with more behind the host is another thing than the host.
            ("https://forum.example/t/1", &["https://forum.example/t/1"]),
            ("https://forum.example//", &["https://forum.example//"]),
            ("asn:64496", &["asn:64496"]),
            ("s:00112233445566778899aabbccddeeff", &["s:00112233445566778899aabbccddeeff"]),
            ("A thread of 2022", &["A thread of 2022"]),
        ] {
            let name = SubjectName::new(given.to_owned());
            assert_eq!(name.names().map(String::as_str).collect::<Vec<_>>(), subs, "{given}");
            assert_eq!(name.given(), given);
        }
    }
}
