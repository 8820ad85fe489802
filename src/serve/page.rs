//! What the server adds to a build's pages: the reload script's tag, and pages for faults.

use serde_json::{Value, json};

use super::hub::{Html, Opened, Reading};
use crate::diagnostic::{Diagnostic, Severity};
use crate::hash::{ContentHash, Hasher};
use crate::markup::escape_html;
use crate::path::percent_encoded;
use crate::site::SourceMap;

/// Where the reload script is; below no `base_url`.
pub(super) const SCRIPT_PATH: &str = "/.podleaf/reload.js";
/// Where the part of it is that only writers need.
pub(super) const WRITER_PATH: &str = "/.podleaf/writer.js";

/// The page with the tag of the reload script, which tells the script what it is on.
pub(super) fn with_script(html: &Html, opened: &Opened, generation: u64) -> Vec<u8> {
    let folder = opened.site.assets_folder();
    let tag = format!(
        "<script src=\"{SCRIPT_PATH}\" data-key=\"{}\" data-body=\"{}\" data-assets=\"{folder}\" data-scripts=\"{}\" \
         data-generation=\"{generation}\" defer></script>",
        html.key,
        body_hash(&html.bytes, folder),
        opened.scripts(),
    );
    inserted(&html.bytes, &tag)
}

fn inserted(html: &[u8], tag: &str) -> Vec<u8> {
    let end = |name: &str| memchr::memmem::rfind(html, name.as_bytes());
    let at = end("</body>").or_else(|| end("</BODY>")).unwrap_or(html.len());
    [&html[..at], tag.as_bytes(), &html[at..]].concat()
}

/// The hash of a page but for the name of the folder of assets: what is left is the same when only a style changed.
pub(super) fn body_hash(html: &[u8], assets_folder: &str) -> ContentHash {
    let folder = assets_folder.trim_start_matches('/').as_bytes();
    let mut hasher = Hasher::new();
    let mut start = 0;
    for at in memchr::memmem::find_iter(html, folder) {
        hasher.part(&html[start..at]);
        start = at + folder.len();
    }
    hasher.part(&html[start..]).finish()
}

/// A page that says what is wrong. It reloads as soon as the site was read again.
pub(super) fn fault_page(title: &str, errors: &[Diagnostic], reading: &Reading) -> Vec<u8> {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<style>\n:root { color-scheme: light dark; }\nbody { margin: \
         2rem auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }\npre { overflow-x: auto; \
         padding: .75rem; border: 1px solid; font: .875rem/1.4 ui-monospace, monospace; }\n</style>\n<title>",
    );
    escape_html(title, &mut out);
    out.push_str("</title>\n<h1>");
    escape_html(title, &mut out);
    out.push_str("</h1>\n");
    for error in errors {
        let finding = finding(error, reading);
        out.push_str("<h2>");
        escape_html(&error.message, &mut out);
        out.push_str("</h2>\n");
        if let Some(place) = finding["place"].as_str() {
            out.push_str("<p>");
            if let Some(editor) = finding["editor"].as_str() {
                out.push_str("<a href=\"");
                escape_html(editor, &mut out);
                out.push_str("\">");
                escape_html(place, &mut out);
                out.push_str("</a>");
            } else {
                escape_html(place, &mut out);
            }
            out.push_str("</p>\n");
        }
        if let Some(source) = finding["source"].as_str().filter(|source| !source.is_empty()) {
            out.push_str("<pre>");
            escape_html(source, &mut out);
            out.push_str("</pre>\n");
        }
        for help in &error.help {
            out.push_str("<p>");
            escape_html(help, &mut out);
            out.push_str("</p>\n");
        }
    }
    let tag = format!(
        "<script src=\"{SCRIPT_PATH}\" data-key=\"\" data-generation=\"{}\" defer></script>\n",
        reading.generation
    );
    out.push_str(&tag);
    out.into_bytes()
}

/// The address that opens a file in the editor, but for line and column: a path has none of these signs in it.
fn editor_address(path: &str, reading: &Reading) -> Option<String> {
    let address = reading.editor.as_deref()?;
    let full = percent_encoded(&reading.root.join(path).to_string_lossy());
    let full = if address.contains("/{path}") { full.trim_start_matches('/') } else { full.as_str() };
    Some(address.replace("{path}", full))
}

/// What the writer's script asks for: the line of each turn of a page, and what was found beside it.
pub(super) fn source_map(map: Option<&SourceMap>, reading: &Reading) -> Vec<u8> {
    let turns = map.into_iter().flat_map(|map| &map.turns);
    let turns: serde_json::Map<String, Value> = turns.map(|(id, line)| (id.to_string(), (*line).into())).collect();
    let findings = map.into_iter().flat_map(|map| &map.findings).map(|(turn, diagnostic)| {
        let mut finding = finding(diagnostic, reading);
        finding["turn"] = turn.map(|turn| turn.to_string()).into();
        finding
    });
    let (path, findings) = (map.map(|map| map.path.as_str()), findings.collect::<Vec<_>>());
    let editor = path.and_then(|path| editor_address(path, reading));
    json!({ "path": path, "editor": editor, "turns": turns, "findings": findings }).to_string().into_bytes()
}

/// A finding for the browser, all of it as plain text.
pub(super) fn finding(diagnostic: &Diagnostic, reading: &Reading) -> Value {
    let place = diagnostic.place.as_ref().filter(|place| place.line > 0);
    let path = diagnostic.path.as_ref().map(|path| path.as_str());
    let shown = path.map(|path| place.map_or_else(|| path.to_owned(), |p| format!("{path}:{}:{}", p.line, p.column)));
    let editor = path.and_then(|path| editor_address(path, reading)).map(|address| {
        let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
        address.replace("{line}", &line.to_string()).replace("{column}", &column.to_string())
    });
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    json!({
        "severity": severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "place": shown,
        "source": place.map(|place| place.source_line.as_str()),
        "label": place.map(|place| place.label.as_str()),
        "help": diagnostic.help,
        "editor": editor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::SitePath;

    #[test]
    fn the_tag_goes_to_the_end_of_the_body() {
        assert_eq!(inserted(b"<p></body></html>", "<x>"), b"<p><x></body></html>");
        assert_eq!(inserted(b"</body> </body>", "<x>"), b"</body> <x></body>");
        assert_eq!(inserted(b"<p>", "<x>"), b"<p><x>");
    }

    #[test]
    fn the_folder_of_assets_is_no_part_of_the_body() {
        let hash = |html: &str, folder| body_hash(html.as_bytes(), folder);
        let (old, new) = ("/assets/a1/", "/assets/b2/");
        assert_eq!(
            hash("<link href=\"../assets/a1/style.css\">x", old),
            hash("<link href=\"../assets/b2/style.css\">x", new)
        );
        assert_ne!(
            hash("<link href=\"../assets/a1/style.css\">x", old),
            hash("<link href=\"../assets/b2/style.css\">y", new)
        );
    }

    #[test]
    fn faults_are_text_and_lead_to_the_editor() {
        let reading = Reading {
            root: "/home/a b".into(),
            editor: Some("vscode://file/{path}:{line}".to_owned()),
            ..Reading::default()
        };
        let path = SitePath::new("x\"<b>.md").unwrap();
        let page = fault_page("T", &[Diagnostic::error("e", "<script>alert(1)</script>").in_file(&path)], &reading);
        let page = String::from_utf8(page).unwrap();
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("href=\"vscode://file/home/a%20b/x%22%3Cb%3E.md:1\""), "{page}");
    }
}
