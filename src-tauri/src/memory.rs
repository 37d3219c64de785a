//! Memory that was needed for a moment goes back to the system.

/// A large buffer gets pages of its own and gives them back when it is freed, also after larger ones were freed: by
/// itself the allocator of Linux raises that limit each time and keeps ever larger buffers between the small ones.
/// Call it first.
pub(crate) fn keep_large_buffers_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    set_threshold();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "a call into the C library that takes two numbers")]
fn set_threshold() {
    /// The limit with which the allocator begins.
    const LARGE: libc::c_int = 128 * 1024;
    // SAFETY: it may be called at any time; 0 means that the number was not taken, and all is as before.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}

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
