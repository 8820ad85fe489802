//! Pages as Markdown, beside each: for programs that read text, and for people who take it along.
//!
//! All text is escaped, so that a reader of Markdown shows the words of the page and nothing else happens.

use crate::path::Route;
use crate::render::view::Link;

mod episode;
mod lists;
mod plain;

pub use episode::{EpisodePage, episode};
pub use lists::{collection, directory, home, person};
pub use plain::plain;

/// Bytes that may be marks wherever they stand.
const IS_MARK: [bool; 256] = {
    let (marks, mut table, mut at) = (b"\\`*[]<~_&", [false; 256], 0);
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

/// Appends text so that it is words in a line of Markdown, at its beginning as well.
pub(super) fn escape(text: &str, out: &mut String) {
    let start = out.len();
    let mut copied = 0;
    let (bytes, mut next) = (text.as_bytes(), 0);
    while let Some(len) = bytes[next..].iter().position(|byte| IS_MARK[usize::from(*byte)]) {
        let at = next + len;
        next = at + 1;
        let next_is = |is: fn(char) -> bool| text[next..].starts_with(is);
        let is_mark = match bytes[at] {
            // Within a word it is none.
            b'_' => !(next_is(char::is_alphanumeric) && text[..at].ends_with(char::is_alphanumeric)),
            b'&' => next_is(|next| next.is_ascii_alphanumeric() || next == '#'),
            _ => true,
        };
        if is_mark {
            out.extend([&text[copied..at], "\\"]);
            copied = at;
        }
    }
    out.push_str(&text[copied..]);
    if out[start..].starts_with(['#', '+', '-', '=', '>', '|', ':']) {
        out.insert(start, '\\');
    }
    let n_digits = out[start..].bytes().take_while(u8::is_ascii_digit).count();
    if n_digits > 0 && out[start + n_digits..].starts_with(['.', ')']) {
        out.insert(start + n_digits, '\\');
    }
}

/// Text escaped, on one line.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    escape(&super::one_line(text), &mut out);
    out
}

/// A link between pages as Markdown: to the twin of a page.
fn href(link: &str) -> String {
    let is_other = link.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':')) || link.starts_with("//");
    let path = link.split('#').next().unwrap_or_default();
    let target = match path.ends_with('/') && !is_other {
        true => format!("{path}index.md"),
        false => link.to_owned(),
    };
    target
        .chars()
        .map(|c| match c {
            '(' => "%28".to_owned(),
            ')' => "%29".to_owned(),
            '<' => "%3C".to_owned(),
            '>' => "%3E".to_owned(),
            '\\' => "%5C".to_owned(),
            _ => c.to_string(),
        })
        .collect()
}

/// A link as `[words](address)`; the words alone where it leads nowhere.
pub(super) fn link(title: &str, address: &str) -> String {
    let words = escaped(title);
    if address.is_empty() { words } else { format!("[{words}]({})", href(address)) }
}

fn link_to(from: &Route, title: &str, target: &Route) -> String {
    link(title, &from.link_to(target))
}

fn view_link(view: &Link) -> String {
    let count = view.count.as_ref().map(|count| format!(" ({count})"));
    link(&view.title, &view.href) + &count.unwrap_or_default()
}

fn heading(out: &mut String, level: &str, words: &str) {
    if !words.is_empty() {
        let len = out.trim_end_matches('\n').len();
        out.truncate(len);
        if len > 0 {
            out.push('\n');
        }
        out.extend(["\n", level, " ", words, "\n\n"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::plain_text;

    #[test]
    fn links_lead_to_twins() {
        for (page, twin) in [
            ("../", "../index.md"),
            ("./", "./index.md"),
            ("a/b/#s-x", "a/b/index.md"),
            ("a.mp3", "a.mp3"),
            ("https://a.example/b/", "https://a.example/b/"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("https://a.example/(b)", "https://a.example/%28b%29"),
        ] {
            assert_eq!(href(page), twin);
        }
    }

    #[test]
    fn escaped_text_is_the_same_words() {
        for text in [
            "# 1",
            "1. yes",
            "- no",
            "a*b*c",
            "[x](y)",
            "<b>",
            "AT&T &amp; &#0;",
            "\\",
            "`c`",
            "a_b_",
            "_a_ b_c",
            "2) x",
            "~~a~~",
        ] {
            assert_eq!(plain_text(&escaped(text)), text, "{}", escaped(text));
            let html = crate::markup::document_html(&escaped(text));
            let mut expected = String::new();
            crate::markup::escape_html(text, &mut expected);
            assert_eq!(html.replace("&#39;", "'"), format!("<p>{}</p>\n", expected.replace("&#39;", "'")), "{text}");
        }
    }
}
