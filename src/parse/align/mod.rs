//! Times for a written transcript, from a timed one of the same recording.
//!
//! The words of both are matched: first those that occur once in either, then what lies between them. A stretch takes
//! the time of the words that it begins with. Where these are not matched it has none: a time is never a guess.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::time::MediaTime;
use crate::model::transcript::{Item, Paragraph, TimeMark, Transcript};
use crate::parse::align::matching::{Pair, matching};
use crate::parse::align::words::{Word, heard, push_words};
use crate::parse::timed::TimedText;
use crate::parse::words::Words;

mod matching;
mod words;

/// The share of its words in per cent that two texts of one recording have in common.
pub const LEAST_COVERAGE: u32 = 80;
/// Words within which a stretch must be matched to have a time.
const NEAR: u32 = 8;
/// Words that somebody who edits a sentence may leave out.
const FEW: u32 = 3;
/// Matched words in a row that are no chance.
const ROW: usize = 3;

/// Milliseconds by which a time of the written text may be another than that of the words that it stands at.
const APART: u64 = 10_000;

/// What came of an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The transcript has its times; so many of its words in a hundred were matched.
    Timed(u32),
    /// The timed text has too few of the words, in per cent.
    Unlike(u32),
    /// The same words are heard at other times than the transcript says: so many of so many of its times are apart.
    Apart(usize, usize),
}

/// Gives the turns and paragraphs of a written transcript their times; `text` is what its spans are of. With less than
/// [`LEAST_COVERAGE`] of its words in the timed text nothing has a time, nor where most times of its own are apart from
/// those of the timed text. A time of its own stays.
///
/// Cues that are sounds, by words such as `sounds` has them, are not compared. What turns say is matched; where nobody speaks, all text that is nobody's. Times never go back. Wide characters are
/// words, since no spaces part them.
pub fn align(text: &str, transcript: &mut Transcript, timed: &TimedText, sounds: &Words) -> Outcome {
    let alignment = Alignment::new(text, transcript, timed, sounds);
    let coverage = alignment.coverage();
    if coverage < LEAST_COVERAGE {
        return Outcome::Unlike(coverage);
    }
    let slots = alignment.slots(transcript);
    let both = || slots.iter().filter_map(|slot| Some(slot.own?.0.abs_diff(slot.heard?.0)));
    let (n_apart, n_both) = (both().filter(|apart| *apart > APART).count(), both().count());
    if n_apart * 2 > n_both {
        return Outcome::Apart(n_apart, n_both);
    }
    give_times(transcript, &slots);
    Outcome::Timed(coverage)
}

/// A turn or a paragraph, and when it begins.
struct Slot {
    /// Byte at which it begins.
    at: u32,
    /// As the text says.
    own: Option<MediaTime>,
    /// As the timed text says.
    heard: Option<MediaTime>,
}

/// Which words of a written text are which of a timed one.
struct Alignment {
    written: Vec<Word>,
    /// When each word of the timed text is heard.
    times: Vec<Option<MediaTime>>,
    /// Matched words, in the order of both texts.
    pairs: Vec<Pair>,
    /// Whether each pair stands in a row that is no chance.
    is_sure: Vec<bool>,
}

impl Alignment {
    fn new(text: &str, transcript: &Transcript, timed: &TimedText, sounds: &Words) -> Self {
        let mut written = Vec::new();
        let mut push = |paragraph: &Paragraph| push_words(text, paragraph.span, &mut written);
        let has_turns = transcript.turns().next().is_some();
        for item in items(transcript) {
            match item {
                Item::Turn(turn) => turn.paragraphs.iter().for_each(&mut push),
                Item::Text(paragraph) if !has_turns => push(paragraph),
                Item::Text(_) | Item::Cue(_) => {}
            }
        }
        let (heard, times) = heard(timed, sounds);
        let pairs = matching(&written, &heard);
        let is_sure = sure(&pairs);
        Self { written, times, pairs, is_sure }
    }

    fn coverage(&self) -> u32 {
        (self.pairs.len() * 100 / self.written.len().max(1)) as u32
    }

    /// All that can have a time, in order. A turn without words is none of it.
    fn slots(&self, transcript: &Transcript) -> Vec<Slot> {
        let has_turns = transcript.turns().next().is_some();
        let mut slots = Vec::new();
        let mut push = |paragraph: &Paragraph, start: Option<MediaTime>, is_heard: bool| {
            let own = start.or_else(|| paragraph.mark(&transcript.marks));
            slots.push(Slot {
                at: paragraph.span.start,
                own,
                heard: if is_heard { self.time(paragraph) } else { None },
            });
        };
        for item in items(transcript) {
            match item {
                Item::Turn(turn) => {
                    let mut paragraphs = turn.paragraphs.iter();
                    paragraphs.next().into_iter().for_each(|first| push(first, turn.start, true));
                    paragraphs.for_each(|paragraph| push(paragraph, None, true));
                }
                Item::Text(paragraph) => push(paragraph, None, !has_turns),
                Item::Cue(_) => {}
            }
        }
        slots
    }

    /// When a paragraph begins, if one of its first words is surely matched: so many words before the first match as
    /// stand before it in the paragraph, but behind all words of what comes before.
    fn time(&self, paragraph: &Paragraph) -> Option<MediaTime> {
        let Range { start: from, end: to } = self.words_of(paragraph);
        let before = self.pairs.partition_point(|pair| pair.written < from);
        let near = before + self.pairs[before..].partition_point(|pair| pair.written < to.min(from + NEAR));
        let sure = self.pairs[(before..near).find(|&idx| self.is_sure[idx])?];
        // Matches before it may be chance, but not where they are as near to it in both texts.
        let is_close = |pair: &&Pair| sure.timed - pair.timed <= sure.written - pair.written + FEW;
        let first = self.pairs[before..near].iter().find(is_close)?;
        let earliest = before.checked_sub(1).map_or(0, |last| self.pairs[last].timed + 1);
        let begin = first.timed.saturating_sub(first.written - from).max(earliest);
        self.times[begin as usize]
    }

    /// The indexes of a paragraph's words.
    fn words_of(&self, paragraph: &Paragraph) -> Range<u32> {
        let index = |byte: u32| self.written.partition_point(|word| word.at < byte) as u32;
        index(paragraph.span.start)..index(paragraph.span.end)
    }
}

fn items(transcript: &Transcript) -> impl Iterator<Item = &Item> {
    transcript.sections.iter().flat_map(|section| &section.items)
}

/// Gives each turn and paragraph its own time, or else that of its words where this keeps the order.
fn give_times(transcript: &mut Transcript, slots: &[Slot]) {
    let (mut times, mut next_own) = (BTreeMap::new(), None);
    for slot in slots.iter().rev() {
        let is_before = |time: &MediaTime| next_own.is_none_or(|next| *time <= next);
        times.extend(slot.own.or(slot.heard.filter(is_before)).map(|time| (slot.at, time)));
        next_own = slot.own.or(next_own);
    }
    let mut last = MediaTime(0);
    for slot in slots {
        match times.get(&slot.at) {
            Some(&time) if slot.own.is_some() || time >= last => last = time,
            _ => _ = times.remove(&slot.at),
        }
    }
    for item in transcript.sections.iter_mut().flat_map(|section| &mut section.items) {
        if let Item::Turn(turn) = item
            && let Some(first) = turn.paragraphs.first()
        {
            turn.start = times.remove(&first.span.start);
        }
    }
    transcript.marks = times.into_iter().map(|(at, start)| TimeMark { at, start }).collect();
}

/// Whether each pair has neighbours on both sides, or two on one, that are neighbours in both texts.
fn sure(pairs: &[Pair]) -> Vec<bool> {
    let mut is_sure = Vec::with_capacity(pairs.len());
    let is_next = |one: &Pair, next: &Pair| one.written + 1 == next.written && one.timed + 1 == next.timed;
    for row in pairs.chunk_by(is_next) {
        is_sure.extend(std::iter::repeat_n(row.len() >= ROW, row.len()));
    }
    is_sure
}

#[cfg(test)]
mod tests;
