//! What feeds say of an episode as HTML.

use super::{Item, Source};
use crate::markup::{escape_html, map_links};

/// Bytes of a description (PSP-1, Apple).
const MAX_DESCRIPTION: usize = 4000;

/// A description as HTML of 4000 bytes at most, cut behind a word where it is longer.
pub(super) fn description(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts.iter().filter(|text| !text.trim().is_empty()) {
        let room = MAX_DESCRIPTION.saturating_sub(out.len() + "<p></p>".len());
        let cut = cut(text.trim(), room);
        if !cut.is_empty() {
            out.push_str("<p>");
            escape_html(cut, &mut out);
            out.push_str("</p>");
        }
    }
    out
}

/// The beginning of a text that has so many bytes at most when it is escaped: up to a space or a character that is
/// written without spaces.
fn cut(text: &str, max: usize) -> &str {
    let mut escaped = String::new();
    let (mut length, mut end) = (0, 0);
    for (at, c) in text.char_indices() {
        escaped.clear();
        escape_html(c.encode_utf8(&mut [0; 4]), &mut escaped);
        length += escaped.len();
        if length > max {
            return text[..end].trim_end();
        }
        if c.is_whitespace() || !c.is_ascii() {
            end = at + c.len_utf8();
        }
    }
    text
}

/// All that a feed tells of an episode: description, key points, sections. Never the transcript.
pub(super) fn content(item: &Item<'_>, source: &Source<'_>) -> String {
    let episode = &item.entry.episode;
    let mut out = String::new();
    paragraph(&episode.description, &mut out);
    if !episode.key_points.is_empty() {
        let mut points = String::new();
        for point in &episode.key_points {
            points.push_str("<li>");
            if let Some(lead) = &point.lead {
                points.push_str(&format!("<strong>{lead}</strong> "));
            }
            points.push_str(&format!("{}</li>", point.text));
        }
        out.push_str(&format!("<ul>{}</ul>", absolute_links(&points, item, source)));
    }
    let mut sections = item.sections().peekable();
    if sections.peek().is_some() {
        out.push_str("<ol>");
        for (section, title) in sections {
            out.push_str("<li><a href=\"");
            escape_html(&format!("{}#{}", item.url, section.id), &mut out);
            out.push_str("\">");
            if let Some(time) = section.time {
                out.push_str(&format!("{} ", time.clock()));
            }
            escape_html(title, &mut out);
            out.push_str("</a></li>");
        }
        out.push_str("</ol>");
    }
    item.disclosure.iter().for_each(|text| paragraph(text, &mut out));
    out
}

fn paragraph(text: &str, out: &mut String) {
    if !text.is_empty() {
        out.push_str("<p>");
        escape_html(text, out);
        out.push_str("</p>");
    }
}

/// Feed readers know no page that a link could be relative to.
fn absolute_links(html: &str, item: &Item<'_>, source: &Source<'_>) -> String {
    let folder = item.entry.episode.source.parent();
    map_links(html, |link| {
        if link.starts_with('#') {
            return Some(format!("{}{link}", item.url));
        }
        if link.contains(':') {
            return None;
        }
        let base = source.base_url.trim_end_matches('/');
        if let Some(below) = link.strip_prefix('/') {
            return Some(format!("{base}/{}", below.trim_start_matches('/')));
        }
        let (path, anchor) = link.find('#').map_or((link, ""), |at| link.split_at(at));
        let page = source.archive.linked_page(path, folder);
        Some(page.map_or_else(|| format!("{}{link}", item.url), |route| format!("{}{anchor}", source.url(route))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_cut_at_words() {
        assert_eq!(description(&["one < two", ""]), "<p>one &lt; two</p>");
        let words = description(&[&"word ".repeat(1000)]);
        assert!(words.len() <= 4000 && words.len() > 3990 && words.ends_with("word</p>"), "{}", words.len());
        let marks = description(&[&"& ".repeat(3000), "more"]);
        assert!(marks.len() <= 4000 && marks.ends_with("&amp;</p>"), "{}", marks.len());
        let han = description(&[&"我们".repeat(1000)]);
        assert!(han.len() <= 4000 && han.len() > 3990, "{}", han.len());
        assert!(description(&[&"x".repeat(5000)]).is_empty(), "one word is no description");
    }
}
