//! The first pass: what each line is. It collects what could be a label and counts; a name that occurs twice, or is
//! known from front matter or `people.toml`, is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::transcript::DoubtKind;
use crate::parse::transcript::Hints;
use crate::parse::transcript::heading::{Evidence, Heading, heading, list_mark};
use crate::parse::transcript::label::{Label, bold_label, colon_label, is_full_name, is_speaker_word, lone_name};
use crate::parse::transcript::line::{RawLine, is_bracketed_time};

/// What the first pass found on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    /// A speaker: a label, with or without words after it.
    Speaker(Label),
    /// A label that names a sound.
    Cue(Label),
    /// A heading.
    Heading(Heading),
    /// Words, or nothing.
    Words,
}

/// Which kind of label a file uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Bold,
    Lone,
    Colon,
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
        };
        if hints.labels {
            finder.choose_notation();
            finder.cues = finder.names.iter().copied().filter(|name| hints.words.is_cue(name)).collect();
        }
        finder
    }

    /// Bold labels win wherever there are two of them, since nothing else looks like one; else the more frequent.
    fn choose_notation(&mut self) {
        self.bold = self.raw.iter().map(|line| bold_label(self.text, line)).collect();
        let bold = self.count(|finder, idx| finder.bold[idx].filter(|label| label.has_colon));
        let n_bold: u32 = bold.values().sum();
        if n_bold >= 2 || (n_bold == 1 && self.markdown) {
            self.names = bold.into_keys().collect();
            self.notation = Notation::Bold;
            return;
        }
        let lone = self.accepted(self.count(Self::lone_at));
        let colon = self.accepted_colons();
        let (n_lone, n_colon): (u32, u32) = (lone.values().sum(), colon.values().sum());
        let n_paragraphs = self.raw.iter().filter(|line| line.after_blank && !line.is_blank()).count();
        if n_lone >= n_colon && n_lone > 0 {
            self.names = lone.into_keys().collect();
            self.notation = Notation::Lone;
        } else if n_colon > 0 && (colon.len() >= 2 || n_colon as usize * 3 >= n_paragraphs) {
            self.names = colon.into_keys().collect();
            self.notation = Notation::Colon;
        }
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
        let name = label.name.of(self.text);
        let other = self.hints.words.block(name).is_some() || self.hints.words.is_leftover(name);
        (!other && list_mark(name).is_none()).then_some(label)
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
            Notation::Lone => self.lone_at(idx).or_else(|| self.colon_at(idx)).filter(is_name),
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
        is_bracketed_time(label.rest.of(self.text)) && self.hints.words.is_cue(label.name.of(self.text))
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
        marks
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
            if self.cues.contains(name) && (bold || rest.is_empty()) || bold && self.is_timed_cue(&label) {
                return Mark::Cue(label);
            }
            let is_alone = self.raw.get(idx + 1).is_none_or(RawLine::is_blank);
            let times = is_alone && is_bracketed_time(rest);
            return if times { Mark::Cue(label.doubted(DoubtKind::Times)) } else { Mark::Speaker(label) };
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
                Mark::Cue(_) | Mark::Speaker(_) | Mark::Heading(_) | Mark::Words => {}
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
