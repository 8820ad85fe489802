//! Plain text.

use crate::export::transcript::Episode;
use crate::export::{colon, one_line, speaker_names};
use crate::model::time::MediaTime;

/// The transcript of an episode as people write one: title, show and date, then sections, names and times where they
/// are known.
pub fn text(episode: &Episode<'_>) -> String {
    let entry = episode.entry;
    let (names, colon) = (speaker_names(episode.archive, entry), colon(entry));
    let mut out = String::with_capacity(episode.read.file.text.len() * 5 / 4);
    out.extend([&*one_line(&entry.episode.title), "\n", &one_line(&episode.archive.shows[entry.show].title)]);
    if let Some(date) = entry.episode.meta.date {
        out.push_str(&format!(" · {}", date.day));
    }
    out.push('\n');
    for section in episode.sections() {
        if let Some(heading) = section.heading() {
            out.extend(["\n\n", &heading, "\n"]);
        }
        for told in &section.items {
            out.push('\n');
            push_start(&mut out, episode.shown_start(told));
            if let Some(name) = told.speaker().and_then(|speaker| names.get(speaker)) {
                out.extend([name, colon]);
            }
            let marks = told.paragraphs.iter().map(|(start, _)| *start);
            for (idx, (words, mark)) in episode.paragraphs(told).iter().zip(marks).enumerate() {
                if idx > 0 {
                    out.push('\n');
                }
                push_start(&mut out, mark);
                out.extend([words, "\n"]);
            }
            if told.paragraphs.is_empty() {
                out.push('\n');
            }
        }
    }
    out
}

fn push_start(out: &mut String, start: Option<MediaTime>) {
    if let Some(start) = start {
        out.push('[');
        start.push_clock(out);
        out.push_str("] ");
    }
}
