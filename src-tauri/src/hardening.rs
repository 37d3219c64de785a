//! Before the first secret: no core dumps, and no other process of the same user may read this one's memory.

/// Switches off core dumps and tracing. A refusal is logged: the application still works.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn harden() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: setrlimit reads the struct that is passed, which outlives the call.
    let limited = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    // SAFETY: prctl with PR_SET_DUMPABLE takes plain integers and touches no memory of ours.
    let undumpable = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
    if limited != 0 || undumpable != 0 {
        tracing::warn!("could not switch off core dumps and tracing of this process");
    }
}

/// The other systems keep core dumps off by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn harden() {}

/// The variable with which WebDriver asks for a window that it can drive.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Whether WebDriver drives this window.
pub(crate) fn automated() -> bool {
    cfg!(feature = "automation") && std::env::var(AUTOMATION).as_deref() == Ok("true")
}

/// A shipped build ignores [`AUTOMATION`], whoever set it.
#[allow(unsafe_code)]
#[allow(clippy::disallowed_methods, reason = "called first of all, while this is the only thread")]
pub(crate) fn refuse_automation() {
    if !cfg!(feature = "automation") {
        // SAFETY: called first of all, while this is the only thread.
        unsafe { std::env::remove_var(AUTOMATION) };
    }
}
