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

/// A panic's message may quote what it stumbled over, and that may be a key: only the place is told.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = place(panic.location());
        tracing::error!(%place, "something went wrong that should not have");
        say(&place);
    }));
}

fn place(location: Option<&std::panic::Location<'_>>) -> String {
    location.map_or_else(|| "an unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()))
}

#[allow(clippy::print_stderr, reason = "there may be no log yet, or none any more")]
fn say(place: &str) {
    eprintln!("Keyturn: something went wrong at {place}");
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// A test of its own process: the hook is everybody's.
    #[test]
    fn f56_a_panic_tells_its_place_and_nothing_of_what_it_was_about() {
        const CHILD: &str = "KEYTURN_TEST_PANICS";
        if std::env::var_os(CHILD).is_some() {
            quiet_panics();
            let value = format!("nl_live_c\u{e4}nary{}", "0".repeat(9));
            let ended = std::panic::catch_unwind(|| value[..10].len());
            assert!(ended.is_err());
            return;
        }
        let this = std::env::current_exe().unwrap();
        let name = "hardening::tests::f56_a_panic_tells_its_place_and_nothing_of_what_it_was_about";
        let child =
            std::process::Command::new(this).args([name, "--exact", "--nocapture"]).env(CHILD, "1").output();
        let child = child.unwrap();
        let said = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
        assert!(child.status.success(), "{said}");
        assert!(said.contains("something went wrong at src-tauri/src/hardening.rs:"), "{said}");
        assert!(!said.contains("nary"), "{said}");
    }
}
