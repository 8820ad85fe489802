//! Times for a written transcript, from a timed one of the same recording.
//!
//! The words of both are matched: first those that occur once in either, then what lies between them. A stretch takes
//! the time of the words that it begins with. Where these are not matched it has none: a time is never a guess.

use std::ops::Range;

use crate::model::time::MediaTime;
use crate::model::transcript::{Item, Paragraph, TimeMark, Transcript};
use crate::parse::align::matching::{Pair, matching};
use crate::parse::align::words::{Word, heard, push_words};
use crate::parse::timed::TimedText;

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

/// Gives the turns and paragraphs of a written transcript their times; `text` is what its spans are of. How many of its
/// words in a hundred the timed text has as well: with less than [`LEAST_COVERAGE`] nothing has a time.
///
/// What turns say is matched; where nobody speaks, all text that is nobody's. Times never go back. Wide characters are
/// words, since no spaces part them.
pub fn align(text: &str, transcript: &mut Transcript, timed: &TimedText) -> u32 {
    let mut alignment = Alignment::new(text, transcript, timed);
    let coverage = alignment.coverage();
    if coverage >= LEAST_COVERAGE {
        alignment.give_times(transcript);
    }
    coverage
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
    /// Times of paragraphs, in the order of the text.
    marks: Vec<TimeMark>,
}

impl Alignment {
    fn new(text: &str, transcript: &Transcript, timed: &TimedText) -> Self {
        let mut written = Vec::new();
        let mut push = |paragraph: &Paragraph| push_words(text, paragraph.span, &mut written);
        let has_turns = transcript.turns().next().is_some();
        for item in transcript.sections.iter().flat_map(|section| &section.items) {
            match item {
                Item::Turn(turn) => turn.paragraphs.iter().for_each(&mut push),
                Item::Text(paragraph) if !has_turns => push(paragraph),
                Item::Text(_) | Item::Cue(_) => {}
            }
        }
        let (heard, times) = heard(timed);
        let pairs = matching(&written, &heard);
        let is_sure = sure(&pairs);
        Self { written, times, pairs, is_sure, marks: Vec::new() }
    }

    fn coverage(&self) -> u32 {
        (self.pairs.len() * 100 / self.written.len().max(1)) as u32
    }

    fn give_times(&mut self, transcript: &mut Transcript) {
        let has_turns = transcript.turns().next().is_some();
        for item in transcript.sections.iter_mut().flat_map(|section| &mut section.items) {
            match item {
                Item::Turn(turn) => {
                    // A turn that opens with an empty paragraph has none.
                    let mut paragraphs = turn.paragraphs.iter();
                    turn.start = paragraphs.next().and_then(|first| self.time(first));
                    paragraphs.for_each(|paragraph| self.mark(paragraph));
                }
                Item::Text(paragraph) if !has_turns => self.mark(paragraph),
                Item::Text(_) | Item::Cue(_) => {}
            }
        }
        transcript.marks = std::mem::take(&mut self.marks);
    }

    fn mark(&mut self, paragraph: &Paragraph) {
        self.marks.extend(self.time(paragraph).map(|start| TimeMark { at: paragraph.span.start, start }));
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
