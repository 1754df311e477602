//! Who gets in at a server's socket, and how: its TLS, its trusted proxies, its bound on the connections of one address.

use std::sync::Arc;

use crate::client_address::TrustedProxies;
use crate::limits::CONNECTIONS_PER_ADDRESS;
use crate::measure::Measure;
use crate::tls::Tls;

/// What a server does with a connection before it answers a request.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// What every connection begins with; `None`: plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// Peers that speak for others.
    pub proxies: TrustedProxies,
    /// Connections that one address may hold, where it is bounded at all.
    pub connections_per_address: usize,
    /// Counts whom it does not let in.
    pub measure: Option<Arc<Measure>>,
}

impl Default for Entrance {
    fn default() -> Entrance {
        Entrance {
            tls: None,
            proxies: TrustedProxies::default(),
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            measure: None,
        }
    }
}

impl Entrance {
    /// Counts a connection that was closed because its address has as many as it may.
    pub(crate) fn count_refused(&self) {
        self.measure.iter().for_each(|measure| measure.count("glasshouse_connections_refused_total", &[]));
    }

    /// Counts a connection that ended before its handshake did.
    pub(crate) fn count_failed_handshake(&self) {
        self.measure.iter().for_each(|measure| measure.count("glasshouse_tls_handshakes_failed_total", &[]));
    }
}
