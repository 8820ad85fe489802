//! Files for hosts that read them (Netlify, Cloudflare Pages): types and rules of access, and earlier addresses.

use crate::graph::outputs::{ChapterFormat, FeedFormat, TranscriptFormat};
use crate::path::{Route, percent_encoded};

/// `_headers`. Transcripts and chapters are read by players in browsers, from other sites.
pub fn headers(assets: &str) -> String {
    let rule = |path: &str, lines: &[&str]| {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("{path}\n{lines}")
    };
    let mut out =
        rule(&format!("{}*", percent_encoded(assets)), &["Cache-Control: public, max-age=31536000, immutable"]);
    let typed = |kind: &str| format!("Content-Type: {kind}");
    for (name, kind) in feeds() {
        for folder in ["", "/:show"] {
            out.push_str(&rule(&format!("{folder}/{name}"), &[&typed(kind), ANY_ORIGIN]));
        }
    }
    for (name, kind) in files() {
        for folder in ["/:episode", "/:show/:episode"] {
            out.push_str(&rule(&format!("{folder}/{name}"), &[&typed(kind), ANY_ORIGIN]));
        }
    }
    out
}

/// `_redirects`: a line for each earlier address. A host that serves files first shows the page that is there, which
/// leads on as well.
pub fn redirects<'r>(pairs: impl Iterator<Item = (&'r Route, &'r Route)>) -> String {
    pairs.map(|(from, to)| format!("{} {} 301\n", from.href(), to.href())).collect()
}

/// The type of a file that programs on other sites read, by its name; `None` for what they do not.
pub fn media_type(name: &str) -> Option<&'static str> {
    let name = name.rsplit('/').next().unwrap_or_default();
    feeds().chain(files()).find(|(own, _)| *own == name).map(|(_, kind)| kind)
}

const ANY_ORIGIN: &str = "Access-Control-Allow-Origin: *";

/// The forms of feeds: the names of their files, and their types.
fn feeds() -> impl Iterator<Item = (&'static str, &'static str)> {
    FeedFormat::ALL.into_iter().map(|format| (format.file_name(), format.content_type()))
}

/// The files beside an episode likewise.
fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let transcripts = TranscriptFormat::ALL.into_iter().map(|format| (format.file_name(), format.content_type()));
    transcripts.chain(ChapterFormat::ALL.into_iter().map(|format| (format.file_name(), format.content_type())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_makes_another_line() {
        let from = Route::new("/a b # 301 \u{2028}c\u{202e}/").unwrap();
        let to = Route::new("/x\u{85}y/").unwrap_or_else(Route::home);
        let text = redirects([(&from, &to)].into_iter());
        assert_eq!(text.lines().count(), 1);
        assert_eq!(text.split(' ').count(), 3);
        assert!(text.is_ascii() && text.ends_with(" 301\n"));
    }

    #[test]
    fn rules_are_paths_with_indented_lines() {
        let text = headers("/assets-abc/");
        assert!(text.starts_with("/assets-abc/*\n  Cache-Control: "));
        assert!(text.lines().all(|line| line.starts_with('/') || line.starts_with("  ") && line.contains(": ")));
        assert!(text.lines().filter(|line| line.starts_with('/')).count() <= 100, "what Cloudflare takes");
    }
}
