//! One URL of a policy, and the names under which the policy knows the keys behind it. A witness with two keys has two
//! names and one URL: it is asked once, and answers with a line for each.

use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

/// A URL, and who answers there.
#[derive(Debug, Clone)]
pub(crate) struct Station {
    /// The witness's prefix, without a slash at its end.
    pub(crate) url: String,
    /// In the policy's order; at least one.
    pub(crate) members: Vec<Member>,
}

/// One name of a policy.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its place among the policy's witnesses.
    pub(crate) at: usize,
    /// The policy's name.
    pub(crate) name: String,
    pub(crate) key: Vkey,
}

impl Station {
    /// The URLs of a policy, each once, in the order in which they come first. Witnesses without one are left out.
    pub(crate) fn all_of(policy: &Policy) -> Vec<Station> {
        let mut stations: Vec<Station> = Vec::new();
        for (at, witness) in policy.witnesses().iter().enumerate() {
            let Some(url) = witness.url() else { continue };
            let url = url.trim_end_matches('/');
            let member = Member { at, name: witness.name().to_owned(), key: witness.key().clone() };
            match stations.iter_mut().find(|station| station.url == url) {
                Some(station) => station.members.push(member),
                None => stations.push(Station { url: url.to_owned(), members: vec![member] }),
            }
        }
        stations
    }

    /// Everybody's name, for a sentence.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        names.join(" and ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_ledger::key_file::SecretKey;
    use glasshouse_verifier::vkey::VkeyKind;

    #[test]
    fn a_url_is_one_station_however_many_names_have_it() {
        let line = |number: u8, url: &str| {
            let key = SecretKey::from_seed(&[number; 32]);
            let vkey = Vkey::new("w.example", VkeyKind::Cosignature, key.public_bytes()).unwrap();
            format!("witness w{number} {} {url}\n", vkey.encode())
        };
        let log = Vkey::new("log.example", VkeyKind::Ed25519, SecretKey::from_seed(&[9; 32]).public_bytes());
        let mut text = format!("log {}\n", log.unwrap().encode());
        for (number, url) in
            [(1, "http://a.example/"), (2, "http://b.example"), (3, ""), (4, "http://a.example")]
        {
            text.push_str(&line(number, url));
        }
        let stations = Station::all_of(&Policy::parse(&format!("{text}quorum none\n")).unwrap());
        let found: Vec<(&str, String)> =
            stations.iter().map(|station| (station.url.as_str(), station.names())).collect();
        assert_eq!(
            found,
            [("http://a.example", "w1 and w4".to_owned()), ("http://b.example", "w2".to_owned())]
        );
        let places: Vec<usize> = stations[0].members.iter().map(|member| member.at).collect();
        assert_eq!(places, [0, 3]);
    }
}
