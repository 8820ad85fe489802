//! Puts a timed text together, cue by cue.

use std::collections::BTreeMap;

use crate::model::time::MediaTime;
use crate::model::transcript::Speaker;
use crate::parse::timed::oddity::{Oddities, Oddity};
use crate::parse::timed::{TimedCue, TimedText, TimedWord};
use crate::source::Span;

/// A timed text while it is read.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) timed: TimedText,
    pub(super) oddities: Oddities,
    by_label: BTreeMap<String, u32>,
    /// Where the text of the open cue begins.
    from: usize,
}

/// What is known of a cue besides its words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CueHead {
    pub(super) start: Option<MediaTime>,
    pub(super) end: Option<MediaTime>,
    pub(super) speaker: Option<u32>,
    pub(super) at: Span,
    pub(super) opens: bool,
}

impl Writer {
    /// The speaker of a label that stands at `span` of the source.
    pub(super) fn speaker(&mut self, label: &str, span: Span) -> u32 {
        if let Some(speaker) = self.by_label.get(label) {
            return *speaker;
        }
        let speaker = self.timed.speakers.len() as u32;
        self.timed.speakers.push(Speaker { label: label.to_owned(), span });
        self.by_label.insert(label.to_owned(), speaker);
        speaker
    }

    /// The time, or nothing where it cannot be true: that is noted.
    pub(super) fn usable(&mut self, time: Result<MediaTime, Oddity>, at: Span) -> Option<MediaTime> {
        time.map_err(|oddity| self.oddities.add(oddity, at)).ok()
    }

    /// Begins a cue, on a line of its own. What is pushed onto the text until [`Self::close`] is its words.
    pub(super) fn open(&mut self) {
        if !self.timed.text.is_empty() {
            self.timed.text.push('\n');
        }
        self.from = self.timed.text.len();
    }

    /// Begins a cue that goes on in the word that the last one ends with.
    pub(super) fn open_glued(&mut self) {
        self.from = self.timed.text.len();
    }

    /// Appends words to the open cue. What no line of a decoded file holds is a space.
    pub(super) fn push(&mut self, words: &str) {
        let is_odd =
            |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}');
        for part in words.split_inclusive(is_odd) {
            match part.strip_suffix(is_odd) {
                Some(part) => self.timed.text.extend([part, " "]),
                None => self.timed.text.push_str(part),
            }
        }
    }

    /// The words of the open cue so far.
    pub(super) fn words(&self) -> &str {
        &self.timed.text[self.from..]
    }

    /// Ends the cue; `false` where it has no words, and leaves nothing behind.
    pub(super) fn close(&mut self, head: CueHead) -> bool {
        let text = &mut self.timed.text;
        let words = text[self.from..].trim_end();
        text.truncate(self.from + words.len());
        let begin = words_begin(text, self.from);
        if begin == text.len() {
            let is_own_line = text[..self.from].ends_with('\n');
            text.truncate(self.from - usize::from(is_own_line));
            return false;
        }
        let CueHead { start, end, speaker, at, opens } = head;
        let span = Span::new(begin, text.len());
        self.timed.cues.push(TimedCue { start, end, speaker, text: span, at, opens });
        true
    }

    /// Gives a word that is spelled so behind byte `from` a time of its own; where it ends. A word that is spelled
    /// otherwise in the text has none.
    pub(super) fn word_at(&mut self, start: MediaTime, spelled: &str, from: usize) -> usize {
        const NEAR: usize = 200;
        let text = &self.timed.text;
        let mut end = text.len().min(from + NEAR + spelled.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let Some(at) = text[from..end].find(spelled).filter(|_| !spelled.is_empty()) else { return from };
        let word = Span::new(from + at, from + at + spelled.len());
        self.timed.words.push(TimedWord { start, text: word });
        word.end as usize
    }

    /// Gives the text from byte `from` to its present end a time of its own.
    pub(super) fn word(&mut self, start: MediaTime, from: usize) {
        let from = words_begin(&self.timed.text, from);
        let len = self.timed.text[from..].trim_end().len();
        if len > 0 {
            self.timed.words.push(TimedWord { start, text: Span::new(from, from + len) });
        }
    }
}

/// The first byte from `from` on that is no white space.
fn words_begin(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start().len()
}
