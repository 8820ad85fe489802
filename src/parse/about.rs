//! What an episode says of itself: its title, a description, its key points.

use crate::model::episode::{EpisodeMeta, KeyPoint, TitleSource};
use crate::model::language::Language;
use crate::model::slug;
use crate::model::transcript::{Item, Paragraph};
use crate::parse::chapters::sections::is_list;
use crate::parse::read::ReadTranscript;

const DESCRIPTION_CHARS: usize = 200;

/// Title of an episode: declared, a heading, the words of the file's name, else speakers and first section.
pub(super) fn title(
    meta: &EpisodeMeta,
    main: &ReadTranscript,
    notes: &[ReadTranscript],
    language: &Language,
) -> (String, TitleSource) {
    if let Some(title) = &meta.title {
        return (title.clone(), TitleSource::FrontMatter);
    }
    let heading = std::iter::once(main).chain(notes).find_map(|read| Some((read, read.transcript.title?)));
    if let Some((read, span)) = heading {
        return (read.style.plain(span.of(&read.file.text)), TitleSource::Heading);
    }
    let path = &main.file.path;
    let stem = if path.stem() == "index" { path.parent().rsplit('/').next().unwrap_or_default() } else { path.stem() };
    let stem = slug::without_language(stem).filter(|_| main.written.is_some()).unwrap_or(stem);
    if let Some(title) = slug::title_from_stem(stem) {
        return (title, TitleSource::FileName);
    }
    let (list, colon) = if language.is_unspaced() { ("、", "：") } else { (", ", ": ") };
    let names: Vec<&str> = main.transcript.speakers.iter().take(3).map(|speaker| speaker.label.as_str()).collect();
    let names = names.join(list);
    let section = main.transcript.sections.iter().find_map(|section| section.title.as_ref());
    let section = section.map(|title| main.plain_title(title)).unwrap_or_default();
    let title = match (names.is_empty(), section.is_empty()) {
        (false, false) => format!("{names}{colon}{section}"),
        (false, true) => names,
        (true, false) => section,
        (true, true) => stem.to_owned(),
    };
    (title, TitleSource::SpeakersAndSection)
}

pub(super) fn description(main: &ReadTranscript, notes: &[ReadTranscript]) -> String {
    let background = std::iter::once(main).chain(notes).find_map(|read| Some((read, *read.background(true).next()?)));
    let first_words = || {
        let items = main.transcript.sections.iter().flat_map(|section| &section.items);
        let paragraph = items.filter_map(|item| match item {
            Item::Turn(turn) => turn.paragraphs.first(),
            Item::Text(paragraph) => Some(paragraph),
            Item::Cue(_) => None,
        });
        let is_list = |paragraph: &&Paragraph| is_list(paragraph.span, &main.file.text, &main.transcript.chapters);
        let mut paragraph = paragraph.filter(|paragraph| !is_list(paragraph));
        paragraph.next().map(|paragraph| (main, *paragraph))
    };
    let found = background.or_else(first_words);
    found
        .map(|(read, paragraph)| first_sentence(&read.style.plain(head(paragraph.span.of(&read.file.text), 1200))))
        .unwrap_or_default()
}

/// The first sentence, cut at a word where it is too long.
fn first_sentence(text: &str) -> String {
    let mut n_chars = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((idx, c)) = chars.next() {
        n_chars += 1;
        let end = idx + c.len_utf8();
        let closes = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()) && n_chars > 20,
            _ => false,
        };
        if closes {
            return text[..end].to_owned();
        }
        if n_chars >= DESCRIPTION_CHARS {
            break;
        }
    }
    shortened(text, DESCRIPTION_CHARS)
}

/// At most `max` characters, with an ellipsis where something is left out.
pub(super) fn shortened(text: &str, max: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(max) else { return text.trim().to_owned() };
    let head = &text[..cut];
    let head = match head.rfind(char::is_whitespace) {
        Some(space) if space * 2 > cut => &head[..space],
        _ => head,
    };
    format!("{}…", head.trim_end_matches(|c: char| c.is_whitespace() || ",;:，；：、".contains(c)))
}

pub(super) fn head(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

pub(super) fn key_points(read: &ReadTranscript) -> Vec<KeyPoint> {
    let html = |paragraph: &Paragraph| read.style.html(paragraph.span.of(&read.file.text));
    read.transcript.key_points.iter().map(|paragraph| with_lead(html(paragraph))).collect()
}

/// Splits a bold opening off the rest of a key point.
fn with_lead(html: String) -> KeyPoint {
    let parts = html.strip_prefix("<strong>").and_then(|rest| rest.split_once("</strong>"));
    match parts {
        Some((lead, rest)) if !lead.contains('<') => {
            KeyPoint { lead: Some(lead.to_owned()), text: rest.trim_start().to_owned() }
        }
        _ => KeyPoint { lead: None, text: html },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(first_sentence("海是蓝的。天也是。"), "海是蓝的。");
        assert_eq!(
            first_sentence("Dr. Li measured 3.5 metres of tide. Then more."),
            "Dr. Li measured 3.5 metres of tide."
        );
        let long = "word ".repeat(100);
        assert!(first_sentence(&long).ends_with("word…"));
    }
}
