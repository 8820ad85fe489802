//! The whole text of an episode without markup, as `turns.json` publishes it and search indexes it.

use serde::Serialize;

use crate::export::transcript::{self, Kind, Told};
use crate::graph::Archive;
use crate::model::time::MediaTime;
use crate::parse::read::ReadTranscript;
use crate::source::Span;

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
#[expect(missing_docs, reason = "the names say it; times in seconds, the section by index, the hue as on pages")]
pub struct TurnText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    pub section: usize,
    pub text: Vec<String>,
}

/// The text of an episode, from its transcript and the notes beside it.
pub fn episode_text<'a>(
    archive: &'a Archive,
    idx: usize,
    main: &'a ReadTranscript,
    notes: &[ReadTranscript],
) -> EpisodeText<'a> {
    let entry = &archive.episodes[idx];
    let (mut sections, mut turns) = (Vec::new(), Vec::with_capacity(entry.episode.n_turns()));
    let episode = transcript::Episode { archive, entry, read: main };
    for (number, section) in episode.sections().into_iter().enumerate() {
        turns.extend(section.items.iter().map(|told| turn(&episode, number, told)));
        sections.push(SectionText {
            id: &section.outline.id,
            title: section.title.unwrap_or_default(),
            start: section.outline.time.map(MediaTime::seconds),
        });
    }
    let has_chapters = main.transcript.has_chapters();
    let words = |read: &ReadTranscript, span: Span| read.style.plain(span.of(&read.file.text));
    let of_all =
        |spans: &dyn Fn(&ReadTranscript) -> Vec<String>| std::iter::once(main).chain(notes).flat_map(spans).collect();
    EpisodeText {
        version: VERSION,
        guid: &entry.guid,
        title: &entry.episode.title,
        show: &archive.shows[entry.show].title,
        language: entry.episode.language.as_str(),
        date: entry.episode.meta.date.map(|date| date.day.to_string()),
        description: &entry.episode.description,
        people: entry.people.iter().map(|(person, _)| archive.people.list[*person].name.as_str()).collect(),
        topics: entry.topics.iter().map(|&topic| archive.topics[topic].title.as_str()).collect(),
        series: entry.series.iter().map(|&series| archive.series[series].title.as_str()).collect(),
        key_points: of_all(&|read| read.transcript.key_points.iter().map(|p| words(read, p.span)).collect()),
        notes: of_all(&|read| read.background(has_chapters).map(|p| words(read, p.span)).collect()),
        sections,
        turns,
    }
}

fn turn<'a>(episode: &transcript::Episode<'a>, section: usize, told: &Told<'a>) -> TurnText<'a> {
    let (archive, entry) = (episode.archive, episode.entry);
    let person = told.speaker().and_then(|speaker| *entry.speakers.get(speaker)?);
    let person = person.map(|idx| &archive.people.list[idx]);
    let label = || told.speaker().and_then(|speaker| entry.episode.speakers.get(speaker)).map(|own| own.label.as_str());
    TurnText {
        id: told.id(),
        speaker: person.map(|person| person.name.as_str()).or_else(label),
        person: person.map(|person| person.id.as_str()),
        hue: told.speaker().and_then(|speaker| entry.inks.get(speaker)).map(|ink| ink.hue),
        start: told.start.filter(|_| told.kind != Kind::Words).map(MediaTime::seconds),
        section,
        text: told.paragraphs.iter().map(|(_, span)| episode.words(*span)).collect(),
    }
}

impl EpisodeText<'_> {
    /// The bytes of `turns.json`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Hands on every text with the number of its unit: 0 is the title, 1 people, topics and series, 2 notes and titles
    /// of sections; then come the turns.
    pub fn units(&self, mut take: impl FnMut(u32, &str)) {
        take(0, self.title);
        self.people.iter().chain(&self.topics).chain(&self.series).for_each(|name| take(1, name));
        take(2, self.description);
        self.key_points.iter().chain(&self.notes).for_each(|text| take(2, text));
        self.sections.iter().for_each(|section| take(2, &section.title));
        for (unit, turn) in (3..).zip(&self.turns) {
            turn.text.iter().for_each(|text| take(unit, text));
        }
    }
}
