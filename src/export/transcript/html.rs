//! HTML as Podcasting 2.0 has it (podcast-namespace, `docs/examples/transcripts/transcripts.md`): `cite` names a speaker,
//! `time` a start, `p` holds words. Its sample `<time>0:00</time>` is no valid HTML, so that each has a `datetime`.

use crate::export::transcript::Episode;
use crate::export::{Addresses, one_line, speaker_names};
use crate::markup::{escape_html, escape_text};
use crate::model::time::MediaTime;

/// The transcript of an episode as a document of its own, without scripts and styles. A `cite` holds until the next one;
/// an empty one says that what follows is nobody's.
pub fn html(episode: &Episode<'_>, addresses: Addresses<'_>) -> String {
    let names = speaker_names(episode.archive, episode.entry);
    let mut out = String::with_capacity(episode.read.file.text.len() * 3 / 2);
    head(episode, addresses, &mut out);
    let mut speaks = None;
    for section in episode.sections() {
        if let Some(heading) = section.heading() {
            element(&mut out, "h2", &heading);
        }
        for told in &section.items {
            match told.speaker().and_then(|speaker| names.get(speaker)) {
                Some(name) => element(&mut out, "cite", name),
                None if speaks.is_some() => out.push_str("<cite></cite>\n"),
                None => {}
            }
            speaks = told.speaker();
            push_time(&mut out, told.start);
            for (words, (mark, _)) in episode.paragraphs(told).iter().zip(&told.paragraphs) {
                push_time(&mut out, *mark);
                element(&mut out, "p", words);
            }
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn head(episode: &Episode<'_>, addresses: Addresses<'_>, out: &mut String) {
    let (language, title) = (episode.language(), one_line(&episode.entry.episode.title));
    let direction = if language.is_right_to_left() { " dir=\"rtl\"" } else { "" };
    out.extend(["<!doctype html>\n<html lang=\"", language.as_str(), "\"", direction, ">\n<head>\n"]);
    out.push_str("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
    element(out, "title", if title.is_empty() { "Transcript" } else { &title });
    if let Some(page) = addresses.absolute(&episode.entry.route) {
        out.push_str("<link rel=\"canonical\" href=\"");
        escape_html(&page, out);
        out.push_str("\">\n");
    }
    out.push_str("</head>\n<body>\n");
    element(out, "h1", if title.is_empty() { "Transcript" } else { &title });
}

fn element(out: &mut String, name: &str, words: &str) {
    out.extend(["<", name, ">"]);
    escape_text(words, out);
    out.extend(["</", name, ">\n"]);
}

/// Appends a time of all seconds: `<time datetime="PT62.5S">1:02</time>`.
fn push_time(out: &mut String, time: Option<MediaTime>) {
    let Some(time) = time else { return };
    out.push_str(&format!("<time datetime=\"PT{}", time.0 / 1000));
    if !time.0.is_multiple_of(1000) {
        out.push_str(format!(".{:03}", time.0 % 1000).trim_end_matches('0'));
    }
    out.push_str("S\">");
    time.push_clock(out);
    out.push_str("</time>\n");
}
