//! The floor of any Tauri application on Linux: a window of GTK with a web view that shows one plain page.
//!
//! Everything that costs and that a list of text never needs is off, as Keyturn has it off. No Tauri, no IPC,
//! no file of its own. `bare_window file:///…/page.html?n=10000`
#![allow(clippy::print_stderr, reason = "its only words are how it is to be called")]

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use gtk::prelude::*;
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebContext, WebView, WebViewExt};

    let Some(address) = std::env::args().nth(1) else {
        eprintln!("usage: bare_window URL");
        return std::process::ExitCode::FAILURE;
    };
    if let Err(error) = gtk::init() {
        eprintln!("bare_window: {error}");
        return std::process::ExitCode::FAILURE;
    }
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_title("Bare window");
    window.set_default_size(1280, 800);
    let view = WebView::with_context(&WebContext::new_ephemeral());
    if let Some(settings) = WebViewExt::settings(&view) {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        settings.set_enable_page_cache(false);
        settings.set_enable_media(false);
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
    }
    view.load_uri(&address);
    window.add(&view);
    window.connect_destroy(|_| gtk::main_quit());
    window.show_all();
    gtk::main();
    std::process::ExitCode::SUCCESS
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("bare_window: WebKitGTK is there on Linux only");
    std::process::ExitCode::FAILURE
}
