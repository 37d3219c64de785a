//! What the window may do, and that it paints whatever the graphics are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use keyturn_tests::asked::Asked;
use keyturn_tests::desk::Desk;
use keyturn_tests::job::{self, Wanted};
use serde_json::{Value, json};
use tokio::net::TcpListener;

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

/// As people paste them from anywhere: nothing in it where a line could end.
const LONG: &str = "aVeryLongNameThatSomebodyHasPastedFromAnAddressWithoutAnyBlankInItWhereALineCouldEnd";

/// How much wider a dialog's content is than the dialog.
const SPILLED: &str =
    "const body = document.querySelector('[role=dialog] .body'); return body.scrollWidth - body.clientWidth";

#[tokio::test]
async fn a_name_without_a_blank_makes_no_dialog_wider() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    page.press("link", "Accounts").await?;
    page.press("button", "Edit").await?;
    page.fill("textbox", "Label", LONG).await?;
    page.press("button", "Save").await?;
    page.gone("dialog", "Edit account").await?;
    page.find("article", LONG).await?;
    for (screen, button, title) in [
        ("Accounts", "Edit", "Edit account"),
        ("Accounts", "Use another managing key", "Use another managing key"),
        ("Keys", "Create key", "Create key"),
    ] {
        page.press("link", screen).await?;
        page.press("button", button).await?;
        page.find("dialog", title).await?;
        assert_eq!(page.run(SPILLED, vec![]).await?, 0, "{title}");
        page.press("button", "Cancel").await?;
        page.gone("dialog", title).await?;
    }
    desk.close().await
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

#[tokio::test]
async fn f49_the_window_goes_to_no_page_of_another_program() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reached);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    for address in [
        format!("http://tauri.localhost:{port}/"),
        format!("https://tauri.localhost:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("tauri://localhost:{port}/"),
        "tauri://elsewhere/".to_owned(),
        "data:text/html,gone".to_owned(),
    ] {
        page.run(
            "const [to] = arguments; setTimeout(() => { location.href = to; }, 0)",
            vec![json!(address)],
        )
        .await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let here = page.client().current_url().await?;
        assert_eq!((here.scheme(), here.port()), ("tauri", None), "{address}: the page went to {here}");
        assert_eq!(here.host_str(), Some("localhost"), "{address}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0, "another program was asked");
    desk.close().await
}

/// What is asked before a managing key goes to a stranger.
const QUESTION: &str = "Keyturn: another address";

/// A script may call every command that the page may call, one after the other.
#[tokio::test]
async fn f48_no_chain_of_commands_sends_a_copied_key_to_another_address() -> Result<()> {
    let mut desk = Desk::new()?;
    let page = desk.open().await?;
    job::wait_for_keys(&page).await?;
    job::create(&page, &Wanted { name: "Wanted by a script", environment: "Live", scopes: &["leads:view"] })
        .await?;
    let secret = job::copy(&desk, &page).await?;
    let rehearsal = invoke(&page, "accounts", json!({})).await?["answer"][0]["id"].clone();
    let sink = TcpListener::bind("127.0.0.1:0").await?;
    let here = format!("http://{}", sink.local_addr()?);
    let connect = |address: &str, typed: Value| {
        json!({ "request": {
            "vendor": "naturalead", "label": "Elsewhere", "baseUrl": address, "managingKey": typed, "settings": {}
        } })
    };

    // The clipboard is not read back, wherever it would go, and whoever put it there again.
    for round in 0..2 {
        for (command, arguments) in [
            ("connect_account", connect(&here, Value::Null)),
            ("find_leak", json!({ "given": { "typed": null, "found": null } })),
            (
                "adopt_key",
                json!({ "request": { "accountId": rehearsal, "label": "x", "key": { "typed": null, "found": null } } }),
            ),
        ] {
            let answer = invoke(&page, command, arguments).await?;
            let refused = answer["refused"].as_str().unwrap_or_default();
            assert!(refused.contains("Keyturn copied"), "{command} in round {round}: {answer}");
            assert!(!answer.to_string().contains(&secret), "{command}");
        }
        locked_and_open(&page).await?;
        desk.put_on_clipboard(&format!(" {secret}\n"))?;
    }
    let nobody = tokio::time::timeout(Duration::from_millis(300), sink.accept()).await;
    assert!(nobody.is_err(), "somebody was asked");

    // A stranger's address is asked about outside the page, by its host.
    desk.put_on_clipboard("nl_live_not_copied_by_keyturn")?;
    let typed = json!(format!("nl_live_{}", "ab12".repeat(16)));
    begin(&page, "connect_account", connect("https://keyturn.invalid", typed.clone())).await?;
    Asked::find(QUESTION).await?.cancel().await?;
    let answer = outcome(&page).await?;
    assert!(answer.to_string().contains("othing was sent to keyturn.invalid"), "{answer}");

    begin(&page, "connect_account", connect("https://keyturn.invalid", typed.clone())).await?;
    let question = Asked::find(QUESTION).await?;
    let second = invoke(&page, "connect_account", connect("https://other.invalid", typed)).await?;
    assert!(second.to_string().contains("othing was sent to other.invalid"), "{second}");
    question.agree('s').await?;
    let answer = outcome(&page).await?;
    assert!(answer["refused"].is_string(), "{answer}");
    assert!(!answer.to_string().contains("othing was sent"), "a person agreed: {answer}");
    assert!(!Asked::is_there(QUESTION)?);
    desk.close().await
}

/// The clipboard is cleared by the lock; what was copied is still known after it.
async fn locked_and_open(page: &keyturn_tests::page::Page) -> Result<()> {
    for command in ["lock_vault", "unlock_vault"] {
        invoke(page, command, json!({})).await?;
    }
    Ok(())
}

/// Calls a command whose answer waits for a person.
async fn begin(page: &keyturn_tests::page::Page, command: &str, arguments: Value) -> Result<()> {
    let script = r"
        const [command, args] = arguments;
        window.__outcome = null;
        window.__TAURI_INTERNALS__.invoke(command, args).then(
          (answer) => { window.__outcome = { answer: answer ?? null }; },
          (error) => { window.__outcome = { refused: typeof error === 'string' ? error : JSON.stringify(error) }; },
        );
    ";
    page.run(script, vec![json!(command), arguments]).await?;
    Ok(())
}

/// What came of it.
async fn outcome(page: &keyturn_tests::page::Page) -> Result<Value> {
    for _ in 0..300 {
        let seen = page.run("return window.__outcome", vec![]).await?;
        if !seen.is_null() {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("nothing came of it")
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
