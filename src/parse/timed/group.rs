//! From cues to turns and paragraphs: cues of one speaker are a turn, and a pause or the end of a sentence parts it.

use std::collections::BTreeMap;

use crate::model::time::MediaTime;
use crate::model::transcript::{
    Cue, Item, LineRole, Paragraph, Paragraphs, Section, SectionKind, Speaker, TimeMark, Transcript, Turn,
};
use crate::parse::timed::{TimedCue, TimedText};
use crate::parse::words::Words;
use crate::source::Span;

/// A pause that parts paragraphs behind a sentence, in milliseconds.
const PAUSE: u64 = 1500;
/// A pause that parts them wherever it is.
const LONG_PAUSE: u64 = 4000;
/// Bytes past which a paragraph ends with its sentence.
const LONG: u32 = 450;
/// Bytes past which it ends with its cue: recognisers may set no full stop in an hour.
const TOO_LONG: u32 = 1500;

/// The transcript of a timed text, as spans of its words, in one section without title.
///
/// `name_of` gives the name that stands for a label, where there is one: `SPEAKER_00`. Labels of speakers and the roles
/// of lines have their places in the source. A cue that is no speech (`[Music]`, `♪ …`, `(laughter)`) is a cue; words
/// whose speaker is not known are nobody's.
pub fn grouped<'n>(timed: &TimedText, words: &Words, name_of: impl Fn(&str) -> Option<&'n str>) -> Transcript {
    let (items, speakers, marks) = (Vec::new(), Vec::new(), Vec::new());
    let mut grouper = Grouper { timed, items, speakers, marks, by_label: BTreeMap::new() };
    let names: Vec<&str> =
        timed.speakers.iter().map(|speaker| name_of(&speaker.label).unwrap_or(&speaker.label)).collect();
    let mut lines = timed.lines.clone();
    let mut last: Option<&TimedCue> = None;
    for cue in &timed.cues {
        let role = if is_sound(cue.text.of(&timed.text), words) {
            grouper.items.push(Item::Cue(Cue { start: cue.start, label: cue.text, text: None }));
            last = None;
            LineRole::Cue
        } else {
            let name = cue.speaker.map(|speaker| (names[speaker as usize], timed.speakers[speaker as usize].span));
            grouper.speech(cue, name, last);
            last = Some(cue);
            if name.is_some() { LineRole::Caption } else { LineRole::Unattributed }
        };
        let first = lines.partition_point(|line| line.start <= cue.at.start).saturating_sub(1);
        let own = lines[first..].iter_mut().take_while(|line| line.start < cue.at.end);
        own.filter(|line| line.role == LineRole::Caption).for_each(|line| line.role = role);
    }
    let Grouper { items, speakers, marks, .. } = grouper;
    let section = Section { kind: SectionKind::Plain, number: None, title: None, start: None, items };
    let sections = if section.items.is_empty() { Vec::new() } else { vec![section] };
    Transcript { sections, speakers, marks, lines, ..Transcript::default() }
}

struct Grouper<'g> {
    timed: &'g TimedText,
    items: Vec<Item>,
    speakers: Vec<Speaker>,
    marks: Vec<TimeMark>,
    by_label: BTreeMap<&'g str, u32>,
}

impl<'g> Grouper<'g> {
    /// Adds words. `last` is the cue before, where nothing stands between.
    fn speech(&mut self, cue: &TimedCue, name: Option<(&'g str, Span)>, last: Option<&TimedCue>) {
        let speaker = name.map(|(name, span)| self.speaker(name, span));
        let goes_on = last.is_some() && self.open_speaker() == Some(speaker);
        if let Some(last) = last.filter(|_| goes_on) {
            let timed = self.timed;
            if let Some(open) = self.open_paragraph().filter(|open| !parts(timed, open, last, cue)) {
                open.span.end = cue.text.end;
                return;
            }
        }
        let paragraph = Paragraph { span: cue.text };
        match (speaker, self.items.last_mut()) {
            (Some(_), Some(Item::Turn(turn))) if goes_on => turn.paragraphs.push(paragraph),
            (Some(speaker), _) => {
                let label = Span { start: cue.text.start, end: cue.text.start };
                return self.items.push(Item::Turn(Turn {
                    speaker,
                    start: cue.start,
                    label,
                    paragraphs: Paragraphs::from_elem(paragraph, 1),
                }));
            }
            (None, _) => self.items.push(Item::Text(paragraph)),
        }
        self.marks.extend(cue.start.map(|start| TimeMark { at: cue.text.start, start }));
    }

    fn speaker(&mut self, name: &'g str, span: Span) -> u32 {
        let next = self.speakers.len() as u32;
        let speaker = *self.by_label.entry(name).or_insert(next);
        if speaker == next {
            self.speakers.push(Speaker { label: name.to_owned(), span });
        }
        speaker
    }

    /// Whose words the last item is: `Some(None)` for nobody's.
    fn open_speaker(&self) -> Option<Option<u32>> {
        match self.items.last()? {
            Item::Turn(turn) => Some(Some(turn.speaker)),
            Item::Text(_) => Some(None),
            Item::Cue(_) => None,
        }
    }

    fn open_paragraph(&mut self) -> Option<&mut Paragraph> {
        match self.items.last_mut()? {
            Item::Turn(turn) => turn.paragraphs.last_mut(),
            Item::Text(paragraph) => Some(paragraph),
            Item::Cue(_) => None,
        }
    }
}

/// Whether a paragraph ends between two cues.
fn parts(timed: &TimedText, open: &Paragraph, last: &TimedCue, cue: &TimedCue) -> bool {
    let pause = match (last.end, cue.start) {
        (Some(MediaTime(end)), Some(MediaTime(start))) => start.saturating_sub(end),
        _ => 0,
    };
    let length = open.span.end - open.span.start;
    let ends = || ends_sentence(last.text.of(&timed.text));
    cue.opens || pause >= LONG_PAUSE || length >= TOO_LONG || (pause >= PAUSE || length >= LONG) && ends()
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '\'', '’', ')', '）', ']', '」', '』', '》', '*']);
    text.ends_with(['.', '!', '?', '。', '！', '？', '…', '♪'])
}

/// Whether a whole cue is no speech: in square brackets, between notes, or a sound in round brackets.
pub(in crate::parse) fn is_sound(text: &str, words: &Words) -> bool {
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return false;
    }
    let text = text.trim();
    let inside = |open: char, close: char| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains(open) && !inner.contains(close)).then_some(inner.trim())
    };
    if text.starts_with(['♪', '♫', '♬']) {
        return text.ends_with(['♪', '♫', '♬']);
    }
    let square = [('[', ']'), ('【', '】'), ('〔', '〕'), ('［', '］')];
    let round = [('(', ')'), ('（', '）'), ('*', '*')];
    square.into_iter().any(|(open, close)| inside(open, close).is_some())
        || round.into_iter().any(|(open, close)| {
            inside(open, close).is_some_and(|inner| words.is_sound(inner) || is_description(inner))
        })
}

/// `door opens`, `PHONE RINGING`: a few words that are no sentence. Somebody's aside begins and ends as one.
fn is_description(text: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let is_one_case = text.starts_with(char::is_lowercase) || !text.contains(char::is_lowercase);
    let is_letters = text.chars().all(|c| c.is_alphabetic() && c.is_ascii() || c == ' ');
    !text.is_empty() && is_letters && is_one_case && text.split(' ').count() <= MOST_WORDS
}
