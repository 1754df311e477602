//! How many connections each address holds: so that one address cannot hold them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client_address::ClientAddress;

/// The places of each address. It has a row for an address only while that holds a connection, so never more rows than there are
/// connections; it is looked at when one begins or ends, and never for a request.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPlaces {
    held: Arc<Mutex<HashMap<ClientAddress, usize>>>,
    most: usize,
}

impl ConnectionPlaces {
    /// So many places for each address.
    pub(crate) fn new(most: usize) -> ConnectionPlaces {
        ConnectionPlaces { held: Arc::default(), most }
    }

    /// A place for one more connection; `None` if the address has as many as it may.
    pub(crate) fn take(&self, client: ClientAddress) -> Option<ConnectionPlace> {
        let mut held = self.lock();
        let count = held.get(&client).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        held.insert(client, count + 1);
        drop(held);
        Some(ConnectionPlace { places: self.clone(), client })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientAddress, usize>> {
        // Each change is whole before the lock is let go.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPlace {
    places: ConnectionPlaces,
    client: ClientAddress,
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        let mut held = self.places.lock();
        match held.get_mut(&self.client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.client)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn an_address_has_so_many_places_and_no_row_without_one() {
        let places = ConnectionPlaces::new(2);
        let of = |text: &str| ClientAddress::of(text.parse().unwrap());
        let first = places.take(of("192.0.2.1")).unwrap();
        let second = places.take(of("192.0.2.1")).unwrap();
        assert!(places.take(of("192.0.2.1")).is_none());
        let other = places.take(of("192.0.2.2")).unwrap();
        drop(first);
        let third = places.take(of("192.0.2.1")).unwrap();
        drop((second, third, other));
        assert!(places.lock().is_empty());
    }
}
