//! Pages of memory of 2 MiB, which the allocator would ask the system for: the server lives of many small pieces that come and
//! go, so most of such a page is air, and all of it is set to zero before its first byte is used.

/// Declines them for the whole process. It takes a fifth less memory under load then, and no more time.
#[cfg(target_os = "linux")]
pub(crate) fn decline() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "huge pages of memory could not be declined");
    }
}

/// Nothing to decline here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn decline() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

    #[test]
    fn the_process_has_none_from_then_on() {
        super::decline();
        assert!(rustix::thread::transparent_huge_pages_are_disabled().unwrap());
    }
}
