//! Whom a request comes from, as far as bounds by address ask: the connection's address, or what a trusted proxy says of it.
//!
//! An address lives as long as its connection, and in tables of what is being held. It is neither logged nor counted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

/// Where a trusted proxy says who asked it. Every proxy adds the address that it saw behind what came.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The bits of an IPv6 address that name a network; what follows its owner chooses at will (RFC 4291 section 2.5.1).
const IPV6_NETWORK: u8 = 64;

/// What one client is taken to have: an IPv4 address, or the /64 of an IPv6 one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client that has this address.
    pub(crate) fn of(address: IpAddr) -> ClientAddress {
        ClientAddress(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(leading(address.to_bits(), IPV6_NETWORK))),
        })
    }

    /// The address, or the first one of its network.
    pub(crate) fn get(self) -> IpAddr {
        self.0
    }
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                first == std::net::Ipv4Addr::from_bits(leading_v4(address.to_bits(), self.prefix))
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                first == Ipv6Addr::from_bits(leading(address.to_bits(), self.prefix))
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    /// Reads an address, or a network such as `192.0.2.0/24` or `2001:db8::/48`.
    fn from_str(text: &str) -> Result<Network, String> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let wrong = || "an IP address, or a network such as 192.0.2.0/24 or 2001:db8::/48".to_owned();
        let first: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits: u8 = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| wrong())?;
        if prefix > bits {
            return Err(wrong());
        }
        let network = Network { first, prefix };
        match network.contains(first) {
            true => Ok(network),
            false => Err(format!("an address whose bits behind the first {prefix} are 0")),
        }
    }
}

fn leading(bits: u128, prefix: u8) -> u128 {
    bits & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

fn leading_v4(bits: u32, prefix: u8) -> u32 {
    bits & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

/// Which peers are proxies that speak for others.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// These, and no others. With none, no header is read, and connections from the machine itself are not counted.
    pub fn new(networks: Vec<Network>) -> TrustedProxies {
        TrustedProxies(networks)
    }

    /// Whether the connections of this peer are bounded by its address. Those of a proxy are everybody's, and it has bounds of its
    /// own. As long as no proxy is named, one on the same machine is taken to be there.
    pub(crate) fn bound(&self, peer: IpAddr) -> bool {
        match self.0.is_empty() {
            true => !peer.to_canonical().is_loopback(),
            false => !self.trust(peer),
        }
    }

    /// Who asks. Of a trusted proxy's field the last address counts, which it wrote itself; what stands before that may have come
    /// with the request, and nobody believes it. A field that says no address leaves the proxy itself.
    pub(crate) fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let said = || {
            let field = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
            parse_address(field.rsplit(',').next()?.trim())
        };
        ClientAddress::of(self.trust(peer).then(said).flatten().unwrap_or(peer))
    }

    fn trust(&self, peer: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(peer))
    }
}

/// An address, as proxies write it: bare, in brackets, with or without a port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn of(text: &str) -> ClientAddress {
        ClientAddress::of(ip(text))
    }

    fn said(fields: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(FORWARDED_FOR, field.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_client_has_an_ipv4_address_or_64_bits_of_an_ipv6_one() {
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_like_it() {
        for (network, inside, outside) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "::ffff:192.0.2.7", "::192.0.2.7"),
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("0.0.0.0/0", "255.0.0.1", "2001:db8::"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"),
            ("::/0", "2001:db8::1", "192.0.2.7"),
            ("::1", "::1", "::2"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(ip(inside)) && !network.contains(ip(outside)), "{network:?}");
        }
        for wrong in
            ["", "192.0.2", "192.0.2.1/33", "192.0.2.1/24", "::/129", "::/-1", "192.0.2.0/", "localhost"]
        {
            wrong.parse::<Network>().unwrap_err();
        }
    }

    #[test]
    fn of_a_trusted_proxy_the_last_address_counts_and_of_nobody_else_any() {
        let proxies = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
        let client_of = |peer: &str, fields: &[&str]| proxies.client_of(ip(peer), &said(fields));
        assert_eq!(client_of("127.0.0.1", &["192.0.2.1, 192.0.2.2"]), of("192.0.2.2"));
        assert_eq!(client_of("127.0.0.1", &["192.0.2.1", "192.0.2.3"]), of("192.0.2.3"));
        assert_eq!(client_of("127.0.0.1", &["[2001:db8::1]:443"]), of("2001:db8::1"));
        assert_eq!(client_of("127.0.0.1", &["[2001:db8::1]"]), of("2001:db8::1"));
        assert_eq!(client_of("127.0.0.1", &["192.0.2.1, unknown"]), of("127.0.0.1"));
        assert_eq!(client_of("127.0.0.1", &[]), of("127.0.0.1"));
        assert_eq!(client_of("127.0.0.2", &["192.0.2.1"]), of("127.0.0.2"), "no proxy of ours");
        let none = TrustedProxies::default();
        assert_eq!(none.client_of(ip("127.0.0.1"), &said(&["192.0.2.1"])), of("127.0.0.1"));
    }

    #[test]
    fn connections_of_a_proxy_are_not_counted() {
        let named = TrustedProxies::new(vec!["192.0.2.7".parse().unwrap()]);
        assert!(
            !named.bound(ip("192.0.2.7")) && named.bound(ip("127.0.0.1")) && named.bound(ip("192.0.2.8"))
        );
        let none = TrustedProxies::default();
        assert!(!none.bound(ip("127.0.0.2")) && !none.bound(ip("::1")) && none.bound(ip("192.0.2.8")));
        assert!(!none.bound(ip("::ffff:127.0.0.1")));
    }
}
