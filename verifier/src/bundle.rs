//! Entry bundles: up to 256 entries, each behind its length in 16 bits (c2sp.org/tlog-tiles).

use crate::bounds::{ENTRY_MAX, TILE_WIDTH};
use crate::fault::Fault;

/// Why bytes are no bundle, or entries fit in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not as many entries as the path promises.
    #[error("the bundle does not hold the number of entries that its path promises")]
    Width,
    /// The bytes end inside an entry or its length.
    #[error("the bundle ends inside an entry")]
    CutOff,
    /// An entry of more than 65,535 bytes.
    #[error("an entry has at most 65535 bytes")]
    EntryTooLarge,
}

impl BundleError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// The entries of a bundle of this width (1 to 256), as slices of `bytes`.
pub fn parse_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    if !(1..=TILE_WIDTH).contains(&width) {
        return Err(BundleError::Width);
    }
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(width) {
            return Err(BundleError::Width);
        }
        let (length, after) = rest.split_first_chunk::<2>().ok_or(BundleError::CutOff)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(BundleError::CutOff)?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() == usize::from(width) { Ok(entries) } else { Err(BundleError::Width) }
}

/// The bytes of a bundle of these entries: 1 to 256, each at most 65,535 bytes.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.is_empty() || entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::Width);
    }
    let mut bytes = Vec::with_capacity(entries.iter().map(|e| e.as_ref().len().min(ENTRY_MAX) + 2).sum());
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLarge)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_known_bundle() {
        let classic = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let entries: Vec<Vec<u8>> = classic.iter().map(|e| hex::decode(e).unwrap()).collect();
        let bytes = encode_bundle(&entries).unwrap();
        assert_eq!(
            hex::encode(&bytes),
            "00000001000001100002202100023031000440414243000850515253545556570010606162636465666768696a6b6c6d6e6f"
        );
        assert_eq!(parse_bundle(&bytes, 8).unwrap(), entries);
        for cut in 0..bytes.len() {
            assert!(parse_bundle(&bytes[..cut], 8).is_err(), "{cut}");
        }
        assert_eq!(parse_bundle(&bytes, 7), Err(BundleError::Width));
        assert_eq!(parse_bundle(&bytes, 9), Err(BundleError::Width));
        assert_eq!(parse_bundle(&bytes, 0), Err(BundleError::Width));
    }

    #[test]
    fn bounds_hold() {
        assert_eq!(encode_bundle::<&[u8]>(&[]), Err(BundleError::Width));
        assert_eq!(encode_bundle(&vec![b""; 257]), Err(BundleError::Width));
        assert!(encode_bundle(&[vec![0; 65_535]]).is_ok());
        assert_eq!(encode_bundle(&[vec![0; 65_536]]), Err(BundleError::EntryTooLarge));
    }
}
