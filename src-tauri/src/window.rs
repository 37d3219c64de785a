//! The main window: made in code, so that the web view is set before it paints.

use std::path::Path;

use tauri::{
    AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, webview::NewWindowResponse,
};

use crate::hardening::automated;

pub(crate) const MAIN: &str = "main";

/// Builds the main window. It may show nothing but the application's own pages.
///
/// Its web view keeps nothing on disk. Under WebDriver it must use the shared context, which then lies in the
/// profile.
pub(crate) fn open_main(app: &AppHandle, profile: &Path) -> tauri::Result<WebviewWindow> {
    let builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()));
    let builder =
        if automated() { builder.data_directory(profile.join("webview")) } else { builder.incognito(true) };
    let window = builder
        .title("Keyturn")
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    lighten(&window)?;
    Ok(window)
}

/// Draws the main window's page as large as a person wants it, in per cent: as if the window were smaller.
pub(crate) fn zoom(app: &AppHandle, percent: u32) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.set_zoom(factor(percent)) {
        tracing::warn!(%error, "could not zoom the window");
    }
}

pub(crate) fn factor(percent: u32) -> f64 {
    f64::from(percent) / 100.0
}

/// Brings the main window to the front.
pub(crate) fn come_forward(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    tracing::info!("a second start: the window came forward");
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(%error, "could not bring the window forward");
        }
    }
}

/// Where the application's own pages are on this system: a scheme that no server can answer, and on Windows, where web
/// views know no other, a host that is answered before any server is asked.
const OWN: (&str, &str) = if cfg!(windows) { ("http", "tauri.localhost") } else { ("tauri", "localhost") };

/// Whether a page is one of the application's own. Everything else is refused, in either window: another scheme or a
/// port of the same host would be another program's page, without the policy.
pub(crate) fn is_ours(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let is_own = is_bare && (url.scheme(), url.host_str()) == (OWN.0, Some(OWN.1));
    is_own || (cfg!(not(feature = "custom-protocol")) && is_of_vite(url))
}

/// While the pages are developed they come from Vite.
fn is_of_vite(url: &Url) -> bool {
    url.scheme() == "http" && url.host_str() == Some("127.0.0.1") && url.port() == Some(14207)
}

/// Switches off what a list of text never needs; without a GPU also the accelerated path, which costs 80 MB there.
#[cfg(target_os = "linux")]
pub(crate) fn lighten(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    let has_gpu = std::fs::read_dir("/dev/dri").is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("renderD")))
    });
    window.with_webview(move |webview| {
        let Some(settings) = WebViewExt::settings(&webview.inner()) else { return };
        // The driver's screenshots never end under this policy.
        if !has_gpu && !automated() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        settings.set_enable_page_cache(false);
        settings.set_enable_media(false);
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
        settings.set_enable_html5_database(false);
        settings.set_enable_html5_local_storage(false);
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn lighten(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f49_only_the_applications_own_scheme_is_shown_and_no_port() {
        let table = [
            ("tauri://localhost/", cfg!(not(windows))),
            ("tauri://localhost/index.html#/keys", cfg!(not(windows))),
            ("http://tauri.localhost/index.html", cfg!(windows)),
            ("tauri://localhost:8080/", false),
            ("tauri://somebody@localhost/", false),
            ("tauri://elsewhere/", false),
            ("http://tauri.localhost:8080/", false),
            ("http://tauri.localhost:1/reveal.html", false),
            ("https://tauri.localhost/", false),
            ("https://tauri.localhost:8443/", false),
            ("http://tauri.localhost.example/", false),
            ("http://127.0.0.1:9/", false),
            ("http://localhost/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,<script>1</script>", false),
            ("javascript:alert(1)", false),
            ("about:blank", false),
            ("blob:tauri://localhost/1", false),
        ];
        for (address, expected) in table {
            assert_eq!(is_ours(&address.parse().unwrap()), expected, "{address}");
        }
    }
}
