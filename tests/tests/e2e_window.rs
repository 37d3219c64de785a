//! What the window may do, and that it paints whatever the graphics are.

use anyhow::{Context, Result};
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use serde_json::{Value, json};

/// Graphics as people have them: none for GTK, a driver that does not exist, an EGL platform that does not. Without
/// any EGL library at all WebKitGTK itself ends; no application on it can paint then.
const GRAPHICS: [(&str, &str); 3] =
    [("GDK_GL", "disable"), ("MESA_LOADER_DRIVER_OVERRIDE", "bogus"), ("EGL_PLATFORM", "bogus")];

#[tokio::test]
async fn w1_the_list_paints_whatever_the_graphics_are() -> Result<()> {
    for (name, value) in GRAPHICS {
        let mut desk = Desk::new()?;
        desk.set(name, value);
        let page = desk.open().await.with_context(|| format!("{name}={value}"))?;
        job::wait_for_keys(&page).await?;
        let picture = page.client().screenshot().await?;
        assert!(picture.len() > 10_000, "{name}={value}: the picture is empty: {} bytes", picture.len());
        desk.close().await?;
    }
    Ok(())
}

/// Commands that a page could try: those of every plugin that such applications have, and our own.
const FOREIGN: [&str; 14] = [
    "plugin:clipboard-manager|read_text",
    "plugin:clipboard-manager|write_text",
    "plugin:clipboard-manager|clear",
    "plugin:fs|read_text_file",
    "plugin:shell|execute",
    "plugin:shell|open",
    "plugin:opener|open_url",
    "plugin:http|fetch",
    "plugin:event|emit",
    "plugin:window|create",
    "plugin:webview|create_webview_window",
    "plugin:app|version",
    "revealed_secret",
    "close_reveal",
];

#[tokio::test]
async fn w2_an_injected_script_reaches_nothing_beyond_the_listed_commands() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Wanted by a script", environment: "Live", scopes: &["leads:view"] })
        .await?;
    let secret = job::copy(&desk, &page).await?;

    for command in FOREIGN {
        let answer =
            invoke(&page, command, json!({ "url": "http://127.0.0.1:9/", "path": "/etc/passwd" })).await?;
        assert!(
            answer["refused"].as_str().is_some_and(|words| words.contains("not allowed")),
            "{command}: {answer}"
        );
    }

    let unsaved = invoke(&page, "unsaved", json!({})).await?;
    let escrow = unsaved["answer"][0]["id"].clone();
    assert!(escrow.is_string(), "{unsaved}");
    for (command, arguments) in [
        ("start", json!({})),
        ("unsaved", json!({})),
        ("accounts", json!({})),
        ("operations", json!({})),
        ("vault", json!({})),
        ("copy_secret", json!({ "escrow": escrow })),
        ("reveal_secret", json!({ "escrow": escrow })),
        ("key_page", json!({ "key": unsaved["answer"][0]["key"]["id"] })),
    ] {
        let answer = invoke(&page, command, arguments).await?;
        assert!(answer.get("answer").is_some(), "{command}: {answer}");
        assert!(!answer.to_string().contains(&secret), "{command} answered with the secret");
    }

    let outward = page
        .run_async(
            r"
            const done = arguments[0];
            const results = {};
            const tries = {
              fetch: () => fetch('http://127.0.0.1:9/').then(() => 'went out', () => 'refused'),
              https: () => fetch('https://api.naturalead.ai/').then(() => 'went out', () => 'refused'),
              socket: () => new Promise((tell) => {
                try { const s = new WebSocket('ws://127.0.0.1:9/'); s.onopen = () => tell('went out'); s.onerror = () => tell('refused'); }
                catch { tell('refused'); }
              }),
              image: () => new Promise((tell) => {
                const i = new Image(); i.onload = () => tell('went out'); i.onerror = () => tell('refused'); i.src = 'http://127.0.0.1:9/x.png';
              }),
              script: () => new Promise((tell) => {
                const s = document.createElement('script'); s.textContent = 'window.__ran = true'; document.head.append(s);
                setTimeout(() => tell(window.__ran ? 'ran' : 'refused'), 50);
              }),
              evaluate: async () => { try { return new Function('return 1')() === 1 ? 'ran' : 'refused'; } catch { return 'refused'; } },
              opened: async () => (window.open('http://127.0.0.1:9/') ? 'went out' : 'refused'),
              frame: () => new Promise((tell) => {
                const f = document.createElement('iframe'); f.src = 'http://127.0.0.1:9/'; document.body.append(f);
                setTimeout(() => { let seen = 'refused'; try { if (f.contentDocument === null) seen = 'refused'; } catch { seen = 'refused'; } f.remove(); tell(seen); }, 200);
              }),
            };
            (async () => { for (const [name, attempt] of Object.entries(tries)) results[name] = await attempt(); done(results); })();
            ",
            vec![],
        )
        .await?;
    for (what, result) in outward.as_object().into_iter().flatten() {
        assert_eq!(result, "refused", "{what}");
    }

    page.run("setTimeout(() => { location.href = 'http://127.0.0.1:9/away'; }, 0)", vec![]).await?;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let here = page.client().current_url().await?;
    assert_eq!(here.scheme(), "tauri", "the page went to {here}");
    desk.close().await
}

async fn invoke(page: &keyturn_tests::page::Page, command: &str, arguments: Value) -> Result<Value> {
    page.run_async(
        r"
        const [command, args, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(command, args).then(
          (answer) => done({ answer: answer ?? null }),
          (error) => done({ refused: typeof error === 'string' ? error : JSON.stringify(error) }),
        );
        ",
        vec![json!(command), arguments],
    )
    .await
}
