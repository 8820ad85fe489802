//! What is said in an episode, in the forms that players, people and programs read. All have the words of the page.

use crate::export::colon;
use crate::graph::{Archive, Entry};
use crate::markup::joins;
use crate::model::episode::SectionOutline;
use crate::model::language::Language;
use crate::model::time::MediaTime;
use crate::model::transcript::{Item, Paragraph, Section, TimeMark, TurnId, says_time};
use crate::parse::read::ReadTranscript;
use crate::source::Span;

pub mod captions;
mod html;
mod json;
mod srt;
mod text;
mod vtt;
mod wrap;

pub use html::html;
pub use json::json;
pub(super) use json::push_json;
pub use srt::srt;
pub use text::text;
pub(super) use vtt::push_timing;
pub use vtt::vtt;

/// An episode with its text.
#[derive(Debug, Clone, Copy)]
pub struct Episode<'e> {
    /// The archive that it is in.
    pub archive: &'e Archive,
    /// Its place there.
    pub entry: &'e Entry,
    /// Its text.
    pub read: &'e ReadTranscript,
}

/// A section as it is told.
#[derive(Debug)]
pub(super) struct ToldSection<'e> {
    pub(super) outline: &'e SectionOutline,
    pub(super) title: Option<String>,
    pub(super) items: Vec<Told<'e>>,
}

impl ToldSection<'_> {
    /// The title with its number before it.
    pub(super) fn heading(&self) -> Option<String> {
        let title = self.title.as_ref()?;
        Some(self.outline.number.map_or_else(|| title.clone(), |number| format!("{number:02} {title}")))
    }
}

/// A turn, a sound, or words that are nobody's.
#[derive(Debug)]
pub(super) struct Told<'e> {
    pub(super) kind: Kind<'e>,
    pub(super) start: Option<MediaTime>,
    /// Of a sound its label and what follows it. Each with the time that it begins at within the item.
    pub(super) paragraphs: Vec<(Option<MediaTime>, Span)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'e> {
    /// With its id and the index of its speaker.
    Turn(Option<&'e TurnId>, usize),
    Sound,
    Words,
}

impl<'e> Told<'e> {
    /// The id of a turn.
    pub(super) fn id(&self) -> Option<&'e str> {
        if let Kind::Turn(id, _) = self.kind { id.map(TurnId::as_str) } else { None }
    }

    /// Who speaks: index into the episode's speakers.
    pub(super) fn speaker(&self) -> Option<usize> {
        match self.kind {
            Kind::Turn(_, speaker) => Some(speaker),
            Kind::Sound | Kind::Words => None,
        }
    }
}

impl<'e> Episode<'e> {
    pub(super) fn language(&self) -> &'e Language {
        &self.entry.episode.language
    }

    /// The sections in the order of the page.
    pub(super) fn sections(&self) -> Vec<ToldSection<'e>> {
        let (mut ids, mut marks) = (self.entry.episode.turn_ids.iter(), self.read.transcript.marks.as_slice());
        let told = |(section, outline): (&'e Section, &'e SectionOutline)| ToldSection {
            outline,
            title: section.title.as_ref().map(|title| self.read.plain_title(title)),
            items: section.items.iter().map(|item| told(item, &mut ids, &mut marks)).collect(),
        };
        self.read.transcript.sections.iter().zip(&self.entry.episode.sections).map(told).collect()
    }

    /// The words of a stretch as the page shows them, without markup, on one line.
    pub(super) fn words(&self, span: Span) -> String {
        self.read.style.plain(span.of(&self.read.file.text))
    }

    /// When an item begins, but for a sound whose words say it themselves.
    pub(super) fn shown_start(&self, told: &Told<'_>) -> Option<MediaTime> {
        let mut written = told.paragraphs.iter().map(|(_, span)| span.of(&self.read.file.text));
        told.start.filter(|_| told.kind != Kind::Sound || !written.any(says_time))
    }

    /// The words of each paragraph of an item. A sound is one, in brackets.
    pub(super) fn paragraphs(&self, told: &Told<'_>) -> Vec<String> {
        let mut words: Vec<String> = told.paragraphs.iter().map(|(_, span)| self.words(*span)).collect();
        if told.kind == Kind::Sound {
            let is_marked = words.first().is_some_and(|label| is_marked(label));
            let sound = words.join(if is_marked { " " } else { colon(self.entry) });
            words = vec![if is_marked { sound } else { format!("[{sound}]") }];
        }
        words
    }
}

/// Whether the label of a sound says itself that it is none of the words: `[Music]`, `♪`.
pub(super) fn is_marked(label: &str) -> bool {
    label.starts_with(['[', '(', '（', '【', '〔', '［', '♪', '♫', '♬', '*'])
}

fn told<'i>(item: &Item, ids: &mut impl Iterator<Item = &'i TurnId>, marks: &mut &[TimeMark]) -> Told<'i> {
    let mut timed = |paragraph: &Paragraph| (mark(paragraph, marks), paragraph.span);
    match item {
        Item::Turn(turn) => Told {
            kind: Kind::Turn(ids.next(), turn.speaker as usize),
            start: turn.start,
            paragraphs: turn.paragraphs.iter().map(timed).collect(),
        },
        Item::Cue(cue) => {
            let spans = [Some(cue.label), cue.text].into_iter().flatten();
            Told { kind: Kind::Sound, start: cue.start, paragraphs: spans.map(|span| (None, span)).collect() }
        }
        Item::Text(paragraph) => {
            let (start, span) = timed(paragraph);
            Told { kind: Kind::Words, start, paragraphs: vec![(None, span)] }
        }
    }
}

/// The time of the next paragraph, if it has one.
fn mark(paragraph: &Paragraph, marks: &mut &[TimeMark]) -> Option<MediaTime> {
    let (mark, rest) = marks.split_first().filter(|(mark, _)| mark.at == paragraph.span.start)?;
    *marks = rest;
    Some(mark.start)
}

/// Appends words to a line as two lines of a source are joined.
fn push_joined(line: &mut String, words: &str) {
    if !line.is_empty() && !words.is_empty() && !joins(line.chars().next_back(), words.chars().next()) {
        line.push(' ');
    }
    line.push_str(words);
}
