//! The first pass: what each line is. It collects what could be a label and counts; a name that occurs twice, or is
//! known from front matter or `people.toml`, is one. Times are judged together, before anything is built on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::transcript::{DoubtKind, TimeFault};
use crate::parse::transcript::Hints;
use crate::parse::transcript::heading::{Evidence, heading, list_mark};
use crate::parse::transcript::label::{
    Label, bold_label, bracketed, colon_label, is_full_name, is_speaker_word, lone_name, timed_name,
};
use crate::parse::transcript::line::{RawLine, closes_sentence, span_of};
use crate::parse::transcript::mark::Mark;
use crate::parse::transcript::order::faults;
use crate::parse::transcript::stamp::{Stamp, note_time, only_times};
use crate::source::Span;

/// Which kind of label a file uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Bold,
    Lone,
    Colon,
    /// A name and a time, on one line or on two.
    Timed,
    None,
}

pub(super) struct Finder<'f> {
    text: &'f str,
    raw: &'f [RawLine],
    hints: &'f Hints<'f>,
    markdown: bool,
    /// Labels of the file's notation that count as names.
    names: BTreeSet<&'f str>,
    /// Those of them that name a sound.
    cues: BTreeSet<&'f str>,
    notation: Notation,
    /// The bold label of each line.
    bold: Vec<Option<Label>>,
    /// The name with a time and nothing else on each line.
    timed: Vec<Option<Label>>,
}

impl<'f> Finder<'f> {
    pub(super) fn new(text: &'f str, raw: &'f [RawLine], hints: &'f Hints<'f>, markdown: bool) -> Self {
        let mut finder = Self {
            text,
            raw,
            hints,
            markdown,
            names: BTreeSet::new(),
            cues: BTreeSet::new(),
            notation: Notation::None,
            bold: Vec::new(),
            timed: Vec::new(),
        };
        if hints.labels {
            finder.choose_notation();
            finder.cues = finder.names.iter().copied().filter(|name| hints.words.is_cue(name)).collect();
        }
        finder
    }

    /// Names with times win where they are as many as the rest, then bold labels wherever there are two of them, since
    /// nothing else looks like either; else the more frequent.
    fn choose_notation(&mut self) {
        self.bold = self.raw.iter().map(|line| bold_label(self.text, line)).collect();
        self.timed = self.raw.iter().map(|line| timed_name(self.text, line)).collect();
        let bold = self.count(|finder, idx| finder.bold[idx].filter(|label| label.has_colon));
        let n_bold: u32 = bold.values().sum();
        let is_bold = n_bold >= 2 || (n_bold == 1 && self.markdown);
        // Most files are of bold labels, and need no further look.
        if is_bold && self.n_times() * 2 <= n_bold as usize {
            self.names = bold.into_keys().collect();
            self.notation = Notation::Bold;
            return;
        }
        let alone = self.count(|finder, idx| finder.timed_at(idx).or_else(|| finder.lone_at(idx)));
        let timed = self.accepted_times(&alone);
        let n_timed: u32 = timed.values().sum();
        if is_bold && n_timed * 2 <= n_bold {
            self.names = bold.into_keys().collect();
            self.notation = Notation::Bold;
            return;
        }
        let lone = self.accepted(alone);
        let colon = self.accepted_colons();
        let (n_lone, n_colon): (u32, u32) = (lone.values().sum(), colon.values().sum());
        let n_paragraphs = self.raw.iter().filter(|line| line.after_blank && !line.is_blank()).count();
        if n_timed * 2 > n_colon.max(n_bold) {
            self.names = timed.into_keys().chain(lone.into_keys()).collect();
            self.notation = Notation::Timed;
        } else if n_lone >= n_colon && n_lone > 0 {
            self.names = lone.into_keys().collect();
            self.notation = Notation::Lone;
        } else if n_colon > 0 && (colon.len() >= 2 || n_colon as usize * 3 >= n_paragraphs) {
            self.names = colon.into_keys().collect();
            self.notation = Notation::Colon;
        }
    }

    /// Lines with a time and a name, or nothing else.
    fn n_times(&self) -> usize {
        self.timed.iter().flatten().count() + self.raw.iter().filter(|line| self.is_time(line)).count()
    }

    fn is_time(&self, line: &RawLine) -> bool {
        Stamp::alone(self.text, line.span.of(self.text)).is_some()
    }

    fn count(&self, label_at: impl Fn(&Self, usize) -> Option<Label>) -> BTreeMap<&'f str, u32> {
        let mut counts = BTreeMap::new();
        for idx in 0..self.raw.len() {
            if let Some(label) = label_at(self, idx) {
                *counts.entry(label.name.of(self.text)).or_insert(0) += 1;
            }
        }
        counts
    }

    fn accepted(&self, counts: BTreeMap<&'f str, u32>) -> BTreeMap<&'f str, u32> {
        counts.into_iter().filter(|&(name, n)| n >= 2 || self.is_known(name)).collect()
    }

    /// Where most lines have a label, one that occurs once is a label as well: the caller, the child at the door.
    fn accepted_colons(&self) -> BTreeMap<&'f str, u32> {
        let counts = self.count(Self::colon_at);
        let n_labels: u32 = counts.values().sum();
        let n_lines = self.raw.iter().filter(|line| !line.is_blank()).count();
        let mostly = counts.len() >= 2 && n_labels >= 3 && n_labels as usize * 10 >= n_lines * 6;
        if mostly { counts } else { self.accepted(counts) }
    }

    /// Names with times, where one of them is surely a name: it occurs twice, with a time or without, or is known, or a
    /// colon behind brackets or further times below say so. A list of chapters has names and times as well.
    fn accepted_times(&self, alone: &BTreeMap<&'f str, u32>) -> BTreeMap<&'f str, u32> {
        let counts = self.count(Self::timed_at);
        if counts.is_empty() || counts.keys().any(|&name| alone.get(name) >= Some(&2) || self.is_known(name)) {
            return counts;
        }
        let n_times = self.raw.iter().filter(|line| self.is_time(line)).count();
        let labels: Vec<Label> = (0..self.raw.len()).filter_map(|idx| self.timed_at(idx)).collect();
        let n_above = labels.iter().filter(|label| label.stamp.is_none()).count();
        let is_sure = |label: &Label| label.has_colon || label.stamp.is_none() && n_times > n_above;
        if labels.iter().any(is_sure) { counts } else { BTreeMap::new() }
    }

    fn is_known(&self, name: &str) -> bool {
        self.hints.names.contains(name) || is_speaker_word(name, self.hints.words)
    }

    /// A name alone, after a blank line or a heading, with words on the next line.
    fn lone_at(&self, idx: usize) -> Option<Label> {
        let line = &self.raw[idx];
        let follows = self.raw.get(idx + 1).is_some_and(|next| !next.is_blank());
        if line.is_blank() || !follows {
            return None;
        }
        let free = line.after_blank || heading(self.text, &self.raw[idx - 1], self.hints.words).is_some();
        let label = lone_name(self.text, line).filter(|_| free)?;
        self.is_no_block(label.name.of(self.text)).then_some(label)
    }

    /// A name with its time on the line or below it, and words after them.
    fn timed_at(&self, idx: usize) -> Option<Label> {
        let label = match self.timed_name_at(idx) {
            Some(label) => label,
            None => self.lone_at(idx).filter(|_| self.is_time(&self.raw[idx + 1]))?,
        };
        let below = (idx + 1..self.raw.len()).find(|&at| !self.raw[at].is_blank());
        below.is_some_and(|below| self.timed[below].is_none()).then_some(label)
    }

    /// A name and a time; a bare one after a blank line or a heading, since a sentence may end in a time.
    fn timed_name_at(&self, idx: usize) -> Option<Label> {
        let label = self.timed[idx]?;
        let is_free = || {
            let above = idx.checked_sub(1).map(|above| &self.raw[above]);
            self.raw[idx].after_blank || above.is_some_and(|line| heading(self.text, line, self.hints.words).is_some())
        };
        let name = label.name.of(self.text);
        let fits = label.stamp.is_some_and(|stamp| stamp.is_bracketed) || is_free();
        (fits && self.is_no_block(name)).then_some(label)
    }

    fn is_no_block(&self, name: &str) -> bool {
        let other = self.hints.words.block(name).is_some() || self.hints.words.is_leftover(name);
        !other && list_mark(name).is_none()
    }

    fn colon_at(&self, idx: usize) -> Option<Label> {
        let line = &self.raw[idx];
        if line.is_blank() {
            return None;
        }
        let label = colon_label(self.text, line)?;
        self.hints.words.block(label.name.of(self.text)).is_none().then_some(label)
    }

    fn label_at(&self, idx: usize) -> Option<Label> {
        let is_name = |label: &Label| self.names.contains(label.name.of(self.text));
        match self.notation {
            Notation::None => None,
            Notation::Bold => match self.bold[idx] {
                Some(label) if label.has_colon => Some(label),
                Some(label) => is_name(&label).then(|| label.doubted(DoubtKind::Unmarked)),
                None => self.unmarked_at(idx).filter(|label| is_name(label) || self.is_timed_cue(label)),
            },
            Notation::Lone | Notation::Timed => {
                let is_label = |label: &Label| is_name(label) || self.is_timed_cue(label) || self.has_no_words(idx);
                let timed = self.timed_name_at(idx).filter(is_label);
                let lone = || self.lone_at(idx).filter(is_name);
                timed.or_else(lone).or_else(|| self.colon_at(idx).filter(is_name))
            }
            Notation::Colon => self.colon_at(idx).or_else(|| self.lone_at(idx)).filter(is_name),
        }
    }

    /// A name and a colon at the head of a paragraph, in a file of bold labels.
    fn unmarked_at(&self, idx: usize) -> Option<Label> {
        let label = self.raw[idx].after_blank.then(|| self.colon_at(idx)).flatten();
        label.map(|label| label.doubted(DoubtKind::Unmarked))
    }

    /// Whether a label names a sound, and times follow it.
    fn is_timed_cue(&self, label: &Label) -> bool {
        label.has_only_times && self.hints.words.is_cue(label.name.of(self.text))
    }

    /// Whether a name with a time is a paragraph of its own, and the next one has a time as well.
    fn has_no_words(&self, idx: usize) -> bool {
        let below = (idx + 1..self.raw.len()).find(|&at| !self.raw[at].is_blank());
        let is_alone = self.raw[idx].after_blank && self.ends_paragraph(idx);
        is_alone && self.notation == Notation::Timed && below.is_none_or(|below| self.timed[below].is_some())
    }

    /// Words that look like a label among bold ones, and are none.
    pub(super) fn unread_at(&self, idx: usize) -> Option<Label> {
        let label = if self.notation == Notation::Bold { self.unmarked_at(idx) } else { None };
        label.filter(|label| is_full_name(label.name.of(self.text)))
    }

    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = (0..self.raw.len()).map(|idx| self.mark(idx)).collect();
        self.restore_speakers(&mut marks);
        self.reject_stray_headings(&mut marks);
        self.reject_stray_times(&mut marks);
        marks
    }

    /// Takes times away that cannot be true, or all of them where too many cannot, and returns these.
    pub(super) fn judge_times(&self, marks: &mut [Mark]) -> Vec<TimeFault> {
        let stamps: Vec<(usize, Stamp)> =
            marks.iter().enumerate().filter_map(|(idx, mark)| Some((idx, mark.stamp()?))).collect();
        let (faults, is_right) = faults(&stamps.iter().map(|(_, stamp)| stamp.time).collect::<Vec<_>>());
        let mut found = Vec::new();
        for (&(idx, stamp), fault) in stamps.iter().zip(faults) {
            found.extend(fault.map(|kind| TimeFault { kind, span: stamp.span, spoils_all: !is_right }));
            if fault.is_some() || !is_right {
                marks[idx] = marks[idx].untimed();
            }
        }
        found
    }

    fn mark(&self, idx: usize) -> Mark {
        let line = &self.raw[idx];
        if line.is_blank() {
            return Mark::Words;
        }
        if let Some(label) = self.label_at(idx) {
            let name = label.name.of(self.text);
            let rest = label.rest.of(self.text);
            // Only a bold label can be a cue by its word: `Intro: …` in plain text may well be speech.
            let bold = self.notation == Notation::Bold;
            let is_alone = self.ends_paragraph(idx);
            let is_sound = self.cues.contains(name) && (bold || rest.is_empty());
            if is_sound || (bold || is_alone) && self.is_timed_cue(&label) {
                return Mark::Cue(label);
            }
            let is_sure = self.notation == Notation::Timed && self.names.contains(name);
            let times = is_alone && label.has_only_times && !is_sure;
            return if times { Mark::Cue(label.doubted(DoubtKind::Times)) } else { Mark::Speaker(label) };
        }
        if let Some(mark) = self.time_at(idx) {
            return mark;
        }
        let after_heading = line.after_blank
            || idx > 0
                && heading(self.text, &self.raw[idx - 1], self.hints.words)
                    .is_some_and(|h| h.evidence == Evidence::Word);
        if !after_heading {
            return Mark::Words;
        }
        let found = heading(self.text, line, self.hints.words);
        found
            .filter(|heading| self.markdown || heading.evidence != Evidence::FirstLevel || heading.block.is_some())
            .map_or(Mark::Words, Mark::Heading)
    }

    /// A time at the head of a paragraph, or a paragraph in brackets that ends in one. In a paragraph a time counts
    /// where a sentence ends before it; bare, it counts alone on its line, in a file of names with times.
    fn time_at(&self, idx: usize) -> Option<Mark> {
        let line = &self.raw[idx];
        let words = line.span.of(self.text);
        if self.notation == Notation::None
            || !words.starts_with(|c: char| c.is_ascii_digit() || "\\[(（【〔*-−".contains(c))
        {
            return None;
        }
        if line.after_blank && self.ends_paragraph(idx) && bracketed(words) && only_times(self.text, words).is_none() {
            return note_time(self.text, words).map(Mark::Note);
        }
        if let Some(stamp) = Stamp::alone(self.text, words) {
            let end = Span { start: line.span.end, end: line.span.end };
            return (stamp.is_bracketed || self.notation == Notation::Timed).then_some(Mark::Time(stamp, end));
        }
        let (stamp, rest) = Stamp::at_head(self.text, words).filter(|(stamp, _)| stamp.is_bracketed)?;
        let is_head = line.after_blank || closes_sentence(self.raw[idx - 1].span.of(self.text));
        (is_head && only_times(self.text, words).is_none()).then(|| Mark::Time(stamp, span_of(self.text, rest)))
    }

    fn ends_paragraph(&self, idx: usize) -> bool {
        self.raw.get(idx + 1).is_none_or(RawLine::is_blank)
    }

    /// Before the first speaker a time is words: a list of chapters, the hour of the recording.
    fn reject_stray_times(&self, marks: &mut [Mark]) {
        let first = marks.iter().position(|mark| matches!(mark, Mark::Speaker(_))).unwrap_or(marks.len());
        for mark in &mut marks[..first] {
            if matches!(mark, Mark::Time(..) | Mark::Note(_)) {
                *mark = Mark::Words;
            }
        }
    }

    /// A label with nothing but times is a cue, unless somebody of that name speaks.
    fn restore_speakers(&self, marks: &mut [Mark]) {
        let is_timed = |label: &Label| label.doubt.is_some_and(|doubt| doubt.kind == DoubtKind::Times);
        if !marks.iter().any(|mark| matches!(mark, Mark::Cue(label) if is_timed(label))) {
            return;
        }
        let name = |label: &Label| label.name.of(self.text);
        let speaking = |mark: &Mark| if let Mark::Speaker(label) = mark { Some(name(label)) } else { None };
        let speaking: BTreeSet<&str> = marks.iter().filter_map(speaking).collect();
        for mark in marks {
            match *mark {
                Mark::Cue(label) if is_timed(&label) => {
                    if speaking.contains(name(&label)) || self.is_known(name(&label)) {
                        *mark = Mark::Speaker(Label { doubt: None, ..label });
                    }
                }
                Mark::Cue(_) | Mark::Speaker(_) | Mark::Heading(_) | Mark::Time(..) | Mark::Note(_) | Mark::Words => {}
            }
        }
    }

    /// A counted heading needs the one before it (or to be the first) and a speaker, or a paragraph of its own, after it.
    fn reject_stray_headings(&self, marks: &mut [Mark]) {
        let mut last = None;
        for idx in 0..marks.len() {
            let Mark::Heading(heading) = marks[idx] else { continue };
            if heading.evidence != Evidence::Counted {
                last = heading.number.or(last);
                continue;
            }
            let number = heading.number.unwrap_or(0);
            let next_in_order = last.map_or(number <= 1, |last| number == last + 1);
            let speaker_follows = self.speaker_follows(marks, idx);
            if next_in_order && speaker_follows {
                last = Some(number);
            } else {
                marks[idx] = Mark::Words;
            }
        }
    }

    fn speaker_follows(&self, marks: &[Mark], idx: usize) -> bool {
        let next = (idx + 1..marks.len()).find(|&next| !self.raw[next].is_blank());
        next.is_some_and(|next| matches!(marks[next], Mark::Speaker(_) | Mark::Cue(_)))
    }
}
