//! What must not be written, and what must be written beside it; read from the sources.

use std::path::Path;

use crate::{files, read, root, shown};

#[test]
fn core_neither_serializes_nor_touches_the_world() {
    let forbidden = [
        "serde",
        "Serialize",
        "Utc::now",
        "Local::now",
        "SystemTime::now",
        "Instant::now",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
    ];
    for path in files(&root().join("src-tauri/crates/core/src"), &[".rs"]) {
        for (number, line) in code(&read(&path)) {
            let found = forbidden.iter().find(|word| line.contains(*word));
            assert!(found.is_none(), "{}:{number}: core knows nothing of {found:?}", shown(&path));
        }
    }
}

#[test]
fn every_expose_says_why() {
    let mut silent = Vec::new();
    for path in
        files(&root().join("src-tauri"), &[".rs"]).iter().chain(&files(&root().join("tests"), &[".rs"]))
    {
        let text = read(path);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in code(&text) {
            if calls_expose(line) && !says_why(&lines[..number - 1]) {
                silent.push(format!("{}:{number}", shown(path)));
            }
        }
    }
    assert!(silent.is_empty(), "no `// EXPOSE: why` directly above: {silent:#?}");
}

/// Keys leave the vault for a request, the clipboard or the reveal window. A person puts them into a secret manager.
#[test]
fn nd28_what_exposes_a_secret_writes_no_file() {
    let writes = ["fs::write", "File::create", "OpenOptions"];
    for path in files(&root().join("src-tauri/crates"), &[".rs"])
        .iter()
        .chain(&files(&root().join("src-tauri/src"), &[".rs"]))
    {
        let text = read(path);
        let exposes = code(&text).any(|(_, line)| calls_expose(line));
        if shown(path).contains("tests") {
            continue;
        }
        let found = writes.iter().find(|write| code(&text).any(|(_, line)| line.contains(**write)));
        assert!(!exposes || found.is_none(), "{} exposes a secret and calls {found:?}", shown(path));
    }
}

#[test]
fn only_secret_rs_opens_the_box_itself() {
    let home = Path::new("src-tauri/crates/core/src/secret.rs");
    for path in files(&root().join("src-tauri"), &[".rs"]) {
        let opens = code(&read(&path)).any(|(_, line)| line.contains(concat!("expose", "_secret")));
        assert!(!opens || path.ends_with(home), "{} opens a secret without `expose`", shown(&path));
    }
}

#[test]
fn only_the_backend_file_imports_tauri() {
    let allowed = Path::new("ui/src/backend/index.ts");
    for path in files(&root().join("ui/src"), &[".ts", ".js", ".svelte", ".html"]) {
        if path.ends_with(allowed) {
            continue;
        }
        for quote in ['"', '\'', '`'] {
            let found = read(&path).contains(&format!("{quote}@tauri-apps/"));
            assert!(!found, "{} imports @tauri-apps; only {} may", shown(&path), allowed.display());
        }
    }
    assert!(read(&root().join(allowed)).contains("@tauri-apps/"), "{} moved", allowed.display());
}

#[test]
fn the_ui_talks_to_no_network_and_writes_no_html() {
    let forbidden = [
        "fetch(",
        "XMLHttpRequest",
        "WebSocket(",
        "EventSource(",
        "sendBeacon",
        "navigator.clipboard",
        "{@html",
        "innerHTML",
    ];
    for path in files(&root().join("ui/src"), &[".ts", ".svelte"]) {
        let name = shown(&path);
        if name.contains(".test.") || name.contains(".spec.") {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            let found = forbidden.iter().find(|word| stands_alone(line, word));
            assert!(found.is_none(), "{name}:{}: {found:?} is not for the web view", number + 1);
        }
    }
}

/// Numbered from 1, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !is_comment(line)).map(|(index, line)| (index + 1, line))
}

fn is_comment(line: &str) -> bool {
    ["//", "* ", "*/", "/*", "<!--"].iter().any(|start| line.trim_start().starts_with(start))
}

fn calls_expose(line: &str) -> bool {
    [concat!(".expose", "()"), concat!("Secret::", "expose")].iter().any(|call| line.contains(call))
}

/// The comment block that ends just above holds the reason. A statement may have begun on the lines between.
fn says_why(above: &[&str]) -> bool {
    let mut lines = above.iter().rev();
    for line in lines.by_ref() {
        if line.starts_with("//") {
            return line.starts_with("// EXPOSE: ")
                || lines.take_while(|it| it.starts_with("//")).any(|it| it.starts_with("// EXPOSE: "));
        }
        if line.is_empty() || line.ends_with([';', '{', '}']) {
            return false;
        }
    }
    false
}

/// `refetch(` is not `fetch(`.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == '$')
    })
}

#[test]
fn a_reason_stands_directly_above_its_statement() {
    assert!(says_why(&["let a = b;", "// EXPOSE: compared."]));
    assert!(says_why(&["// EXPOSE: compared, and a sentence that", "// needs two lines."]));
    assert!(says_why(&["// EXPOSE: sent.", "let reply = client"]));
    assert!(!says_why(&["// EXPOSE: for another one.", "let a = first;"]));
    assert!(!says_why(&["// Copies it.", "let a = b"]));
    assert!(!says_why(&[]));
}
