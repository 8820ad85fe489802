//! A plain page as Markdown: its source, made safe.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::export::markdown::{escaped, href};
use crate::markup::safe_url;

/// A plain page from its text. `resolved` gives the page that a link leads to, where it is to a source of the site.
///
/// Markdown stays as it is written, but raw HTML becomes words, comments are left out, and an address that pages refuse
/// is no link.
pub fn plain(title: &str, body: &str, resolved: impl Fn(&str) -> Option<String>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, at) in Parser::new_ext(body, options).into_offset_iter() {
        match event {
            Event::Html(html) | Event::InlineHtml(html) if html.trim_start().starts_with("<!--") => {
                edits.push((at, String::new()));
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                let words = body[at.clone()].replace('<', "\\<").replace('&', "\\&");
                edits.push((at, words));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let Some(url) = safe_url(&dest_url) else {
                    // The bracket is a word.
                    let start = at.start + usize::from(body[at.clone()].starts_with('!'));
                    edits.push((start..start, "\\".to_owned()));
                    continue;
                };
                let written = body[at.clone()].rfind(&*dest_url).map(|found| at.start + found);
                let target = resolved(&url).zip(written);
                edits.extend(target.map(|(target, from)| (from..from + dest_url.len(), href(&target))));
            }
            _ => {}
        }
    }
    edits.sort_by_key(|(at, _)| at.start);
    let (mut out, mut copied) = (format!("# {}\n\n", escaped(title)), 0);
    for (at, words) in edits {
        if at.start >= copied {
            out.extend([&body[copied..at.start], &words]);
            copied = at.end;
        }
    }
    out.push_str(body[copied..].trim_end());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_as_it_is_written_but_does_nothing() {
        let check = |body: &str, expected: &str| {
            let resolved = |link: &str| (link == "../a.md").then(|| "../a/".to_owned());
            assert_eq!(plain("T", body, resolved), format!("# T\n\n{expected}\n"), "{body}");
        };
        check("A **b** [c](https://d.example/).", "A **b** [c](https://d.example/).");
        check("A [b](../a.md) c.", "A [b](../a/index.md) c.");
        check("<script>alert(1)</script>", "\\<script>alert(1)\\</script>");
        check("a <b>c</b> <!-- d --> e", "a \\<b>c\\</b>  e");
        check("[x](javascript:alert(1))", "\\[x](javascript:alert(1))");
        check("![x](data:text/html,a)", "!\\[x](data:text/html,a)");
        check("[![x](javascript:a)](https://b.example)", "[!\\[x](javascript:a)](https://b.example)");
    }
}
