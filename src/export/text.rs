//! The whole text of an episode without markup, as `turns.json` publishes it and search indexes it.

use serde::Serialize;

use crate::graph::Archive;
use crate::model::transcript::{Item, Title};
use crate::parse::read::ReadTranscript;

/// The version of `turns.json`.
const VERSION: u32 = 1;

/// An episode as text. `docs/files.md` describes it for readers of the file.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it, and the page about the file")]
pub struct EpisodeText<'a> {
    pub version: u32,
    pub guid: &'a str,
    pub title: &'a str,
    pub show: &'a str,
    pub language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    pub description: &'a str,
    pub people: Vec<&'a str>,
    pub topics: Vec<&'a str>,
    pub series: Vec<&'a str>,
    pub key_points: Vec<String>,
    pub notes: Vec<String>,
    pub sections: Vec<SectionText<'a>>,
    pub turns: Vec<TurnText<'a>>,
}

/// A section; without a title, what stands before the first heading.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it; times in seconds")]
pub struct SectionText<'a> {
    pub id: &'a str,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
}

/// A turn; without an id, speech that is nobody's, or a cue.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it; times in seconds, the section by index")]
pub struct TurnText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    pub section: usize,
    pub text: Vec<String>,
}

/// The text of an episode, of which the transcript and then its notes were read.
pub fn episode_text<'a>(archive: &'a Archive, idx: usize, read: &[ReadTranscript]) -> EpisodeText<'a> {
    let entry = &archive.episodes[idx];
    let episode = &entry.episode;
    let speaker = |at: usize| match entry.speakers.get(at).copied().flatten() {
        Some(person) => Some(archive.people.list[person].name.as_str()),
        None => episode.speakers.get(at).map(|outline| outline.label.as_str()),
    };
    let person = |at: usize| Some(archive.people.list[entry.speakers.get(at).copied().flatten()?].id.as_str());
    let (mut sections, mut turns) = (Vec::new(), Vec::with_capacity(episode.n_turns()));
    let mut ids = episode.turn_ids.iter();
    if let Some(main) = read.first() {
        let plain = |span: crate::source::Span| main.style.plain(span.of(&main.file.text));
        for (number, section) in main.transcript.sections.iter().enumerate() {
            let outline = episode.sections.get(number);
            sections.push(SectionText {
                id: outline.map_or("", |outline| &outline.id),
                title: match &section.title {
                    Some(Title::Written(span)) => plain(*span),
                    Some(Title::Chapter(title)) => title.clone(),
                    None => String::new(),
                },
                start: outline.and_then(|outline| outline.time).map(|time| time.seconds()),
            });
            turns.extend(section.items.iter().map(|item| match item {
                Item::Turn(turn) => TurnText {
                    id: ids.next().map(|id| id.as_str()),
                    speaker: speaker(turn.speaker as usize),
                    person: person(turn.speaker as usize),
                    start: turn.start.map(|start| start.seconds()),
                    section: number,
                    text: turn.paragraphs.iter().map(|paragraph| plain(paragraph.span)).collect(),
                },
                Item::Text(paragraph) => {
                    TurnText { section: number, text: vec![plain(paragraph.span)], ..TurnText::default() }
                }
                Item::Cue(cue) => TurnText {
                    section: number,
                    start: cue.start.map(|start| start.seconds()),
                    text: std::iter::once(cue.label).chain(cue.text).map(plain).collect(),
                    ..TurnText::default()
                },
            }));
        }
    }
    let has_chapters = read.first().is_some_and(|main| main.transcript.has_chapters());
    let words = |read: &ReadTranscript, span: crate::source::Span| read.style.plain(span.of(&read.file.text));
    let of_all = |spans: &dyn Fn(&ReadTranscript) -> Vec<String>| read.iter().flat_map(spans).collect();
    EpisodeText {
        version: VERSION,
        guid: &entry.guid,
        title: &episode.title,
        show: &archive.shows[entry.show].title,
        language: episode.language.as_str(),
        date: episode.meta.date.map(|date| date.day.to_string()),
        description: &episode.description,
        people: entry.people.iter().map(|(person, _)| archive.people.list[*person].name.as_str()).collect(),
        topics: entry.topics.iter().map(|&topic| archive.topics[topic].title.as_str()).collect(),
        series: entry.series.iter().map(|&series| archive.series[series].title.as_str()).collect(),
        key_points: of_all(&|read| read.transcript.key_points.iter().map(|p| words(read, p.span)).collect()),
        notes: of_all(&|read| read.background(has_chapters).map(|p| words(read, p.span)).collect()),
        sections,
        turns,
    }
}

impl EpisodeText<'_> {
    /// The bytes of `turns.json`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
