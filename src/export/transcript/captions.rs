//! Captions: what is said between two times that are known.

use smallvec::{SmallVec, smallvec};

use crate::export::transcript::{Episode, Kind, Told, push_joined};
use crate::markup::joined;
use crate::model::time::MediaTime;
use crate::parse::timed::TimedCue;
use crate::source::Span;

/// Captions that begin so close to each other, in milliseconds, are one where they fit in a line: recognisers may give
/// each word a cue.
const SHORT: u64 = 2000;
/// Bytes of a line that captions are joined to.
const LINE: usize = 60;
/// Characters that are said in a second, and the shortest and longest time, for a last caption whose end nobody knows.
const CHARS_PER_SECOND: u64 = 15;
const SHORTEST: u64 = 1000;
const LONGEST: u64 = 10_000;

/// What is said between two times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// When it begins: a time that the source gives. Words before the first such time begin with the recording.
    pub start: MediaTime,
    /// When it ends, after its start: as the source says; else when the next caption begins, or the recording ends.
    pub end: MediaTime,
    /// Who says what. More than one voice where it is not known when the others begin.
    pub voices: Voices,
}

/// Voices in order. An hour has a thousand captions, nearly all of one voice.
pub type Voices = SmallVec<[Voice; 1]>;

/// The words of one speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Index into the episode's speakers; `None` for sounds and words that are nobody's.
    pub speaker: Option<usize>,
    /// The words, a line for each paragraph.
    pub paragraphs: SmallVec<[String; 1]>,
}

/// A stretch of a paragraph with its own time.
struct Piece {
    start: Option<MediaTime>,
    end: Option<MediaTime>,
    words: String,
    /// Whether it begins a paragraph.
    opens: bool,
}

/// A caption whose end is not settled.
struct Open {
    start: MediaTime,
    end: Option<MediaTime>,
    voices: Voices,
}

/// The captions of an episode, each beginning later than the one before.
///
/// What has no time of its own, or an earlier one, belongs to the caption before it. Of a timed source each of its cues
/// is one, but for those that follow each other within two seconds.
pub fn captions(episode: &Episode<'_>) -> Vec<Caption> {
    let mut open: Vec<Open> = Vec::new();
    for told in episode.sections().iter().flat_map(|section| &section.items) {
        for piece in pieces(episode, told) {
            push(&mut open, piece, told.speaker());
        }
    }
    let duration = episode.entry.episode.duration();
    let starts: Vec<MediaTime> = open.iter().skip(1).map(|caption| caption.start).collect();
    let mut next = starts.into_iter();
    let settled = open.into_iter().map(|Open { start, end, voices }| {
        let next = next.next();
        let end = end.or(next.or(duration)).filter(|end| *end > start);
        let end = end.or(next).unwrap_or_else(|| MediaTime(start.0 + time_to_say(&voices)));
        Caption { start, end, voices }
    });
    settled.collect()
}

fn push(open: &mut Vec<Open>, piece: Piece, speaker: Option<usize>) {
    let Some(last) = open.last_mut() else {
        let voices = smallvec![Voice { speaker, paragraphs: smallvec![piece.words] }];
        let end = piece.end.filter(|_| piece.start.is_some());
        return open.push(Open { start: piece.start.unwrap_or(MediaTime(0)), end, voices });
    };
    let is_short = |start: MediaTime| !piece.opens && start.0 < last.start.0 + SHORT && last.has_room_for(&piece.words);
    match piece.start.filter(|start| *start > last.start && !is_short(*start)) {
        Some(start) => {
            let voices = smallvec![Voice { speaker, paragraphs: smallvec![piece.words] }];
            open.push(Open { start, end: piece.end, voices });
        }
        None => last.add(piece, speaker),
    }
}

impl Open {
    fn has_room_for(&self, words: &str) -> bool {
        let line = self.voices.last().and_then(|voice| voice.paragraphs.last());
        line.is_some_and(|line| line.len() + words.len() < LINE && !line.ends_with(['.', '?', '!', '。', '？', '！']))
    }

    fn add(&mut self, piece: Piece, speaker: Option<usize>) {
        // It ends with its last words; where nobody says when, these last until something else begins.
        self.end = piece.end.map(|end| self.end.map_or(end, |own| own.max(end)));
        match self.voices.last_mut().filter(|voice| voice.speaker == speaker) {
            Some(voice) if piece.opens => voice.paragraphs.push(piece.words),
            Some(voice) => {
                let line = voice.paragraphs.last_mut();
                line.into_iter().for_each(|line| push_joined(line, &piece.words));
            }
            None => self.voices.push(Voice { speaker, paragraphs: smallvec![piece.words] }),
        }
    }
}

/// The pieces of an item, without those that have no words.
fn pieces(episode: &Episode<'_>, told: &Told<'_>) -> Vec<Piece> {
    if told.kind == Kind::Sound {
        let words = episode.paragraphs(told).concat();
        let end = told.paragraphs.first().and_then(|(_, span)| cues_of(episode, *span).first()?.end);
        return vec![Piece { start: told.start, end, words, opens: true }];
    }
    let mut pieces = Vec::with_capacity(told.paragraphs.len());
    for (idx, (mark, span)) in told.paragraphs.iter().enumerate() {
        let start = mark.or(told.start.filter(|_| idx == 0));
        paragraph(episode, *span, start, &mut pieces);
    }
    pieces.retain(|piece| !piece.words.is_empty());
    pieces
}

/// Parts a paragraph where a cue of its source begins on a line of its own.
fn paragraph(episode: &Episode<'_>, span: Span, start: Option<MediaTime>, pieces: &mut Vec<Piece>) {
    let raw = span.of(&episode.read.file.text);
    let cues = cues_of(episode, span);
    if cues.len() < 2 {
        let end = cues.first().and_then(|cue| cue.end);
        pieces.push(Piece { start, end, words: episode.words(span), opens: true });
        return;
    }
    // The typography of a paragraph is decided for all of it, and keeps its line breaks.
    let mended = episode.read.style.mended(raw);
    let mut breaks = memchr::memchr_iter(b'\n', mended.as_bytes());
    let (mut from, mut n_breaks, mut opens) = (0, 0, true);
    let mut begun: Option<&TimedCue> = None;
    let mut end = None;
    for cue in cues {
        let at = (cue.text.start - span.start) as usize;
        let is_own_line = at > 0 && raw[..at].trim_end_matches([' ', '\t']).ends_with('\n');
        if is_own_line && let Some(first) = begun {
            let n_before = memchr::memchr_iter(b'\n', &raw.as_bytes()[..at]).count();
            let cut = breaks.nth(n_before - n_breaks - 1).unwrap_or(mended.len());
            let start = if opens { start.or(first.start) } else { first.start };
            pieces.push(Piece { start, end, words: joined(&mended[from..cut]), opens });
            (from, n_breaks, opens, begun) = (cut, n_before, false, None);
        }
        begun = begun.or(Some(cue));
        end = cue.end;
    }
    let first = begun.and_then(|cue| cue.start);
    let start = if opens { start.or(first) } else { first };
    pieces.push(Piece { start, end, words: joined(&mended[from..]), opens });
}

/// The cues of the source that lie in a stretch of its text.
fn cues_of<'e>(episode: &Episode<'e>, span: Span) -> &'e [TimedCue] {
    let cues = &episode.read.cues;
    let from = cues.partition_point(|cue| cue.text.start < span.start);
    let to = cues.partition_point(|cue| cue.text.start < span.end);
    &cues[from..to]
}

fn time_to_say(voices: &[Voice]) -> u64 {
    let n_chars: usize = voices.iter().flat_map(|voice| &voice.paragraphs).map(|line| line.chars().count()).sum();
    (n_chars as u64 * 1000 / CHARS_PER_SECOND).clamp(SHORTEST, LONGEST)
}
