//! The page as HTML: plain, without scripts, every control labelled.

use std::fmt::Write;

use super::Desk;
use super::deeds::Made;
use crate::engine::{Key, Status};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
    color-scheme:light dark}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem}\
    tr{border-bottom:1px solid #8886}form{margin:0}input[readonly]{width:100%;font-family:monospace}\
    [role=status],[role=alert]{border:1px solid #8886;padding:1rem}";

/// The page with a token for its forms; with a new value, or with the words of a refusal.
pub(super) fn render(desk: &Desk, token: &str, made: Option<&Made>, refused: Option<&str>) -> String {
    let vendor = desk.dashboard.vendor;
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>API Keys – {vendor} \
         (rehearsal)</title><style>{STYLE}</style></head><body><main><h1>{vendor}: API Keys</h1>\
         <p>A rehearsal on this machine, in place of {vendor}'s own dashboard.</p>"
    );
    if let Some(made) = made {
        let label = escaped(&made.label);
        // EXPOSE: shown once, in the reply to the person who made it.
        let value = escaped(made.value.expose());
        push(
            &mut page,
            format_args!(
                "<section role=\"status\"><h2>New key: {label}</h2><label for=\"value\">API key</label>\
             <input id=\"value\" readonly value=\"{value}\" autocomplete=\"off\">\
             <p>Copy it now. It will not be shown again.</p></section>"
            ),
        );
    }
    if let Some(words) = refused {
        push(&mut page, format_args!("<p role=\"alert\">{}</p>", escaped(words)));
    }
    form(&mut page, desk, token);
    table(&mut page, desk, token);
    page.push_str("</main></body></html>");
    page
}

fn form(page: &mut String, desk: &Desk, token: &str) {
    let issue = desk.dashboard.issue;
    push(
        page,
        format_args!(
            "<h2>{issue}</h2><form method=\"post\" action=\"/dashboard/issue\">\
         <input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <p><label for=\"label\">Label</label> <input id=\"label\" name=\"label\" required maxlength=\"255\" \
         autocomplete=\"off\"></p>"
        ),
    );
    if desk.environments().len() > 1 {
        page.push_str("<p><label for=\"environment\">Environment</label> <select id=\"environment\" name=\"environment\">");
        for name in desk.environments() {
            push(page, format_args!("<option>{name}</option>"));
        }
        page.push_str("</select></p>");
    }
    push(page, format_args!("<p><button>{issue}</button></p></form>"));
}

fn table(page: &mut String, desk: &Desk, token: &str) {
    page.push_str(
        "<h2>Keys</h2><table><thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Environment</th>\
         <th scope=\"col\">Made</th><th scope=\"col\">Status</th><th scope=\"col\">Change</th></tr></thead><tbody>",
    );
    let now = desk.engine.now();
    let index = desk.engine.index();
    for key in index.keys_of(desk.account).iter().rev() {
        if !desk.dashboard.environments.contains(&key.environment.name) {
            continue;
        }
        let status = key.status(now);
        push(
            page,
            format_args!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>",
                escaped(&key.name),
                key.environment.name,
                key.created_at,
                match status {
                    Status::Active => "active",
                    Status::Revoked => "revoked",
                    Status::Expired => "expired",
                },
            ),
        );
        if status == Status::Active {
            button(page, token, key, "regenerate", desk.dashboard.regenerate);
            button(page, token, key, "revoke", desk.dashboard.revoke);
        }
        page.push_str("</td></tr>");
    }
    page.push_str("</tbody></table>");
}

/// A form of one button, if the vendor has that button.
fn button(page: &mut String, token: &str, key: &Key, deed: &str, words: Option<&str>) {
    let Some(words) = words else { return };
    let (id, label) = (escaped(&key.id), escaped(&key.name));
    push(
        page,
        format_args!(
            "<form method=\"post\" action=\"/dashboard/{deed}\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <input type=\"hidden\" name=\"id\" value=\"{id}\"><button aria-label=\"{words} {label}\">{words}</button></form>"
        ),
    );
}

/// Labels are whatever somebody typed.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn push(page: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = page.write_fmt(words);
}
