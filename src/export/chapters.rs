//! Where the parts of a recording begin, in the forms that players and people read.

use serde::Serialize;

use crate::export::transcript::{push_json, push_timing};
use crate::export::{Addresses, one_line};
use crate::graph::chapters::{Chapter, chapters};
use crate::graph::{Archive, Entry};
use crate::markup::escape_text;
use crate::model::time::MediaTime;

/// How long a last chapter is, in milliseconds, where it is not known when the recording ends: players end it with the
/// recording.
const LAST: u64 = 3_600_000;

#[derive(Serialize)]
struct Document<'d> {
    version: &'static str,
    title: &'d str,
    #[serde(rename = "podcastName")]
    podcast_name: &'d str,
    chapters: Vec<JsonChapter<'d>>,
}

#[derive(Serialize)]
struct JsonChapter<'c> {
    /// In seconds.
    #[serde(rename = "startTime")]
    start_time: f64,
    title: &'c str,
    /// The section in the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The chapters of an episode as Podcasting 2.0 has them (podcast-namespace, `docs/examples/chapters/jsonChapters.md`,
/// version 1.2). The specification takes absolute addresses only, so that there are none without one of the site.
pub fn json(archive: &Archive, entry: &Entry, addresses: Addresses<'_>) -> String {
    let page = addresses.absolute(&entry.route);
    let document = Document {
        version: "1.2.0",
        title: &entry.episode.title,
        podcast_name: &archive.shows[entry.show].title,
        chapters: chapters(&entry.episode).iter().map(|chapter| json_chapter(chapter, page.as_deref())).collect(),
    };
    let mut out = String::new();
    push_json(&document, &mut out);
    out.push('\n');
    out
}

fn json_chapter<'c>(chapter: &Chapter<'c>, page: Option<&str>) -> JsonChapter<'c> {
    JsonChapter {
        start_time: chapter.start.seconds(),
        title: chapter.title,
        url: page.map(|page| format!("{page}#{}", chapter.section)),
    }
}

/// The chapters of an episode as WebVTT, for a track of the kind `chapters`.
pub fn vtt(entry: &Entry) -> String {
    let chapters = chapters(&entry.episode);
    let mut out = "WEBVTT\n".to_owned();
    for (idx, chapter) in chapters.iter().enumerate() {
        let next = chapters.get(idx + 1).map(|next| next.start);
        let end = next.or(entry.episode.duration().filter(|end| *end > chapter.start));
        out.push('\n');
        push_timing(&mut out, chapter.start, end.unwrap_or(MediaTime(chapter.start.0 + LAST)), '.');
        escape_text(&one_line(chapter.title), &mut out);
        out.push('\n');
    }
    out
}

/// The chapters of an episode as lines of time and title, for the description of a video.
///
/// YouTube takes such lines where the first is at 00:00, there are three or more, and each is 10 s long or longer.
pub fn text(entry: &Entry) -> String {
    let mut out = String::new();
    for chapter in chapters(&entry.episode) {
        let minutes = chapter.start.0 / 60_000;
        if minutes < 10 {
            out.push('0');
        }
        chapter.start.push_clock(&mut out);
        out.extend([" ", &one_line(chapter.title), "\n"]);
    }
    out
}
