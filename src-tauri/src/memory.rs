//! Memory that was needed for a moment goes back to the system.

/// Gives back what a reading of many keys left behind. The allocator of Linux keeps freed memory for itself: after
/// 100,000 keys that is more than the list itself needs.
pub(crate) async fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if let Err(error) = tokio::task::spawn_blocking(trim).await {
        tracing::warn!(%error, "could not give memory back");
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "a call into the C library that takes a number and touches only free memory")]
fn trim() {
    // SAFETY: it may be called from any thread at any time.
    unsafe { libc::malloc_trim(0) };
}
