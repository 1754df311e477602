//! The options of `serve` that are about who gets in: TLS, proxies, connections of one address.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::CommandError;
use crate::client_address::{Network, TrustedProxies};
use crate::entrance::Entrance;
use crate::ledger_server::{ServerError, ServerOptions};
use crate::tls::{Tls, TlsFiles};

/// What a connection meets before a request is answered.
#[derive(Debug, Args)]
pub(super) struct Entering {
    /// Serve over TLS with this certificate: a PEM file with the server's own first, then those between it and a root. SIGHUP has it
    /// and its key read anew; connections that are open go on.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,

    /// The certificate's private key, in PEM, readable by its owner alone.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,

    /// Address or network of a proxy that speaks for others, such as 127.0.0.1 or 192.0.2.0/24; may be given several times. Its
    /// connections are not counted by address, and the last address in its X-Forwarded-For is who asks. Without this no header is
    /// read, and connections from the machine itself are not counted.
    #[arg(long, value_name = "ADDRESS")]
    trusted_proxy: Vec<Network>,

    /// Most connections of one address at a time, of IPv6 of one /64. All together have 900.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=900))]
    connections_per_address: u16,
}

impl Entering {
    /// Reads the files.
    pub(super) fn add_to(&self, options: &mut ServerOptions) -> Result<(), CommandError> {
        let files = self.tls_certificate.clone().zip(self.tls_key.clone());
        let load = |(certificate, key)| Tls::load(TlsFiles { certificate, key });
        let tls = files.map(load).transpose().map_err(|error| ServerError::Tls(Box::new(error)))?;
        options.entrance = Entrance {
            tls: tls.map(Arc::new),
            proxies: TrustedProxies::new(self.trusted_proxy.clone()),
            connections_per_address: self.connections_per_address.into(),
            measure: None,
        };
        Ok(())
    }
}
