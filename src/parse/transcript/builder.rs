//! The second pass: gives each line its role and builds the sections.

use std::collections::BTreeMap;

use crate::model::time::MediaTime;
use crate::model::transcript::{
    Cue, Item, Line, LineRole, Paragraph, Paragraphs, Section, SectionKind, Speaker, TimeMark, Title, Transcript, Turn,
};
use crate::parse::transcript::Hints;
use crate::parse::transcript::heading::{Evidence, Heading, list_mark};
use crate::parse::transcript::label::{Label, bracketed};
use crate::parse::transcript::line::RawLine;
use crate::parse::transcript::mark::Mark;
use crate::parse::transcript::stamp::{Stamp, only_times};
use crate::parse::words::Block;
use crate::source::Span;

/// Where the second pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before anything that says what follows.
    Head,
    KeyPoints,
    Background,
    /// In a section; nobody speaks yet, or a cue came between.
    Section,
    /// In the turn that was begun last.
    Turn,
    /// After the last word that was said.
    Foot,
}

pub(super) struct Builder<'b> {
    text: &'b str,
    raw: &'b [RawLine],
    marks: &'b [Mark],
    hints: &'b Hints<'b>,
    /// Index of the last line that has a speaker.
    last_speaker: Option<usize>,
    first_speaker: usize,
    state: State,
    by_label: BTreeMap<&'b str, u32>,
    /// A time that goes with the next paragraph or note.
    next: Option<MediaTime>,
    /// The line that ends the comment that was begun last, or the number of lines.
    comment_end: Option<usize>,
    pub(super) transcript: Transcript,
}

impl<'b> Builder<'b> {
    pub(super) fn new(text: &'b str, raw: &'b [RawLine], marks: &'b [Mark], hints: &'b Hints<'b>) -> Self {
        let is_speaker = |mark: &Mark| matches!(mark, Mark::Speaker(_));
        Self {
            text,
            raw,
            marks,
            hints,
            last_speaker: marks.iter().rposition(is_speaker),
            first_speaker: marks.iter().position(is_speaker).unwrap_or(marks.len()),
            state: State::Head,
            by_label: BTreeMap::new(),
            next: None,
            comment_end: None,
            transcript: Transcript { lines: Vec::with_capacity(raw.len()), ..Transcript::default() },
        }
    }

    pub(super) fn run(&mut self) {
        let mut idx = 0;
        while idx < self.raw.len() {
            idx = self.take(idx);
        }
    }

    pub(super) fn finish(mut self) -> Transcript {
        self.transcript.sections.retain(|section| section.title.is_some() || !section.items.is_empty());
        self.transcript
    }

    fn role(&mut self, idx: usize, role: LineRole) {
        self.transcript.lines.push(Line { start: self.raw[idx].start, role });
    }

    /// Takes one line, or one paragraph, and returns the line after it.
    fn take(&mut self, idx: usize) -> usize {
        let line = self.raw[idx];
        if line.is_blank() {
            self.role(idx, LineRole::Blank);
            return idx + 1;
        }
        match self.marks[idx] {
            Mark::Heading(heading) => self.heading(idx, heading),
            Mark::Speaker(label) => self.speaker(idx, label),
            Mark::Cue(label) => self.cue(idx, label),
            Mark::Time(stamp, rest) if self.state == State::Turn => self.time(idx, stamp, rest),
            Mark::Note(stamp) => {
                self.next = stamp.time;
                let end = self.words(idx);
                self.next = None;
                end
            }
            Mark::Time(..) | Mark::Words => self.words(idx),
        }
    }

    fn heading(&mut self, idx: usize, heading: Heading) -> usize {
        let before_speech = idx < self.first_speaker;
        let role = match heading.block {
            Some(Block::KeyPoints) => {
                self.state = State::KeyPoints;
                LineRole::KeyPointsHeading
            }
            Some(Block::Background) => {
                self.state = State::Background;
                LineRole::BackgroundHeading
            }
            // Chapters are about the episode, as its background is.
            Some(Block::Chapters) => {
                self.state = State::Background;
                LineRole::ChaptersHeading
            }
            Some(Block::Transcript) => {
                self.state = State::Section;
                LineRole::TranscriptHeading
            }
            Some(Block::Related) => {
                self.state = State::Foot;
                LineRole::RelatedHeading
            }
            Some(Block::Closing) => {
                self.section(SectionKind::Closing, heading);
                LineRole::ClosingHeading
            }
            None if heading.evidence == Evidence::FirstLevel && self.transcript.title.is_none() && before_speech => {
                self.transcript.title = Some(heading.title);
                LineRole::Title
            }
            None => {
                self.section(SectionKind::Plain, heading);
                LineRole::SectionHeading
            }
        };
        self.role(idx, role);
        idx + 1
    }

    fn section(&mut self, kind: SectionKind, heading: Heading) {
        let (number, title) = (heading.number, Some(Title::Written(heading.title)));
        self.transcript.sections.push(Section { kind, number, title, start: None, items: Vec::new() });
        self.state = State::Section;
    }

    fn speaker(&mut self, idx: usize, label: Label) -> usize {
        self.transcript.doubts.extend(label.doubt);
        let name = label.name.of(self.text);
        let next_index = self.transcript.speakers.len() as u32;
        let speaker = *self.by_label.entry(name).or_insert(next_index);
        if speaker == next_index {
            self.transcript.speakers.push(Speaker { label: name.to_owned(), span: label.name });
        }
        let alone = label.rest.start == label.rest.end;
        let role = match (alone, label.stamp) {
            (true, None) => LineRole::Speaker,
            (true, Some(_)) => LineRole::TimedSpeaker,
            (false, None) => LineRole::LabelledSpeech,
            (false, Some(_)) => LineRole::TimedLabelledSpeech,
        };
        self.role(idx, role);
        self.state = State::Turn;
        let start = self.start(&label);
        self.push(Item::Turn(Turn { speaker, start, label: label.name, paragraphs: Paragraphs::new() }));
        let end = self.paragraph_end(idx + 1);
        (idx + 1..end).for_each(|at| self.role(at, LineRole::Speech));
        let last = self.raw[end - 1].span.end;
        let start = if alone {
            self.raw.get(idx + 1).filter(|_| end > idx + 1).map(|line| line.span.start)
        } else {
            Some(label.rest.start)
        };
        if let Some(start) = start {
            // A rest that was cut short (`***Name:** text*`) keeps its own end.
            let end = if end == idx + 1 { label.rest.end } else { last };
            self.turn_paragraph(Span { start, end });
        }
        end
    }

    /// The time of a label, which is no part of its words.
    fn start(&mut self, label: &Label) -> Option<MediaTime> {
        let stamp = label.stamp?;
        // Of two times the words keep both.
        if stamp.span.start < label.rest.start || stamp.span.end > label.rest.end {
            self.transcript.clocks.push(stamp.span);
        }
        stamp.time
    }

    /// A time within a turn: the turn's own where nothing of it was said yet, else that of the next paragraph.
    fn time(&mut self, idx: usize, stamp: Stamp, rest: Span) -> usize {
        self.transcript.clocks.push(stamp.span);
        self.next = stamp.time;
        if let Some(turn) = self.turn().filter(|turn| turn.start.is_none() && turn.paragraphs.is_empty()) {
            turn.start = stamp.time;
            self.next = None;
        }
        if rest.start == rest.end {
            self.role(idx, LineRole::Time);
            return idx + 1;
        }
        let end = self.paragraph_end(idx + 1);
        self.role(idx, LineRole::TimedSpeech);
        (idx + 1..end).for_each(|at| self.role(at, LineRole::Speech));
        self.turn_paragraph(Span { start: rest.start, end: self.raw[end - 1].span.end });
        end
    }

    /// The turn that was begun last, if nothing came after it.
    fn turn(&mut self) -> Option<&mut Turn> {
        match self.transcript.sections.last_mut()?.items.last_mut()? {
            Item::Turn(turn) => Some(turn),
            Item::Cue(_) | Item::Text(_) => None,
        }
    }

    fn turn_paragraph(&mut self, span: Span) {
        let start = self.next.take();
        self.transcript.marks.extend(start.map(|start| TimeMark { at: span.start, start }));
        if let Some(turn) = self.turn() {
            turn.paragraphs.push(Paragraph { span });
        }
    }

    fn cue(&mut self, idx: usize, label: Label) -> usize {
        self.transcript.doubts.extend(label.doubt);
        self.role(idx, LineRole::Cue);
        let end = self.paragraph_end(idx + 1);
        (idx + 1..end).for_each(|at| self.role(at, LineRole::Cue));
        let last = if end == idx + 1 { label.rest.end } else { self.raw[end - 1].span.end };
        let rest = Span { start: label.rest.start, end: last };
        let text = (rest.start < rest.end).then_some(rest);
        let start = self.start(&label);
        self.push(Item::Cue(Cue { start, label: label.name, text }));
        self.state = State::Section;
        end
    }

    fn push(&mut self, item: Item) {
        self.next = None;
        if self.transcript.sections.is_empty() {
            let section =
                Section { kind: SectionKind::Plain, number: None, title: None, start: None, items: Vec::new() };
            self.transcript.sections.push(section);
        }
        if let Some(section) = self.transcript.sections.last_mut() {
            section.items.push(item);
        }
    }

    /// The first line from `idx` on that is blank or has a mark.
    fn paragraph_end(&self, idx: usize) -> usize {
        let stop = |at: &usize| self.raw[*at].is_blank() || self.marks[*at] != Mark::Words;
        (idx..self.raw.len()).find(stop).unwrap_or(self.raw.len())
    }

    fn words(&mut self, idx: usize) -> usize {
        let line = self.raw[idx].span.of(self.text);
        let is_head_or_tail = idx < self.first_speaker || self.last_speaker.is_none_or(|last| idx > last);
        if is_head_or_tail && self.hints.labels && self.hints.words.is_leftover(line) {
            self.role(idx, LineRole::Leftover);
            if self.last_speaker.is_some_and(|last| idx > last) {
                self.state = State::Foot;
            }
            return idx + 1;
        }
        if line.starts_with("<!--") {
            return self.comment(idx);
        }
        match self.state {
            State::KeyPoints => self.key_point(idx),
            State::Background | State::Foot | State::Head | State::Section | State::Turn => self.paragraph(idx),
        }
    }

    fn comment(&mut self, idx: usize) -> usize {
        let closes = |at: &usize| self.raw[*at].span.of(self.text).contains("-->");
        // The end that was found last is looked for again only from behind it.
        if self.comment_end.is_none_or(|end| end < idx) {
            self.comment_end = Some((idx..self.raw.len()).find(closes).unwrap_or(self.raw.len()));
        }
        let end = self.comment_end.filter(|end| *end < self.raw.len());
        let Some(end) = end.filter(|&end| self.raw[end].span.of(self.text).ends_with("-->")) else {
            return self.paragraph(idx);
        };
        (idx..=end).for_each(|at| self.role(at, LineRole::Comment));
        end + 1
    }

    /// One item: from its mark to the next mark or the end of its paragraph.
    fn key_point(&mut self, idx: usize) -> usize {
        let span = self.raw[idx].span;
        let mark = list_mark(span.of(self.text)).unwrap_or(0);
        let is_new = |at: usize| list_mark(self.raw[at].span.of(self.text)).is_some();
        let paragraph_end = self.paragraph_end(idx + 1);
        let end = (idx + 1..paragraph_end).find(|&at| is_new(at)).unwrap_or(paragraph_end);
        (idx..end).for_each(|at| self.role(at, LineRole::KeyPoint));
        let last = self.raw[end - 1].span.end;
        self.transcript.key_points.push(Paragraph { span: Span { start: span.start + mark as u32, end: last } });
        end
    }

    fn paragraph(&mut self, idx: usize) -> usize {
        let end = self.paragraph_end(idx + 1);
        let span = Span { start: self.raw[idx].span.start, end: self.raw[end - 1].span.end };
        let paragraph = Paragraph { span };
        let words = span.of(self.text);
        let role = match self.state {
            State::Turn if bracketed(words) && only_times(self.text, words).is_none() && self.turn_ends(end) => {
                self.push(Item::Cue(Cue { start: self.next, label: span, text: None }));
                self.state = State::Section;
                LineRole::Cue
            }
            State::Turn => {
                self.turn_paragraph(span);
                LineRole::Speech
            }
            State::Head if self.hints.words.says_listen(words) && words.len() <= 1000 => {
                self.transcript.listen.push(paragraph);
                LineRole::Listen
            }
            State::Background => {
                self.transcript.background.push(paragraph);
                LineRole::Background
            }
            State::Foot => {
                self.transcript.foot.push(paragraph);
                LineRole::Foot
            }
            State::Section if bracketed(words) && only_times(self.text, words).is_none() => {
                self.push(Item::Cue(Cue { start: self.next, label: span, text: None }));
                LineRole::Cue
            }
            State::Head | State::Section | State::KeyPoints => {
                self.push(Item::Text(paragraph));
                LineRole::Unattributed
            }
        };
        (idx..end).for_each(|at| self.role(at, role));
        end
    }

    /// Whether nothing of the present turn follows line `idx`.
    fn turn_ends(&self, idx: usize) -> bool {
        let next = (idx..self.raw.len()).find(|&at| !self.raw[at].is_blank());
        next.is_none_or(|next| !matches!(self.marks[next], Mark::Words | Mark::Time(..) | Mark::Note(_)))
    }
}
