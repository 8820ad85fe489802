//! Transcripts as people type them: a name on its own line (T1), a bold label (T2), `Name: text` (T7), and
//! Markdown with headings. Every line gets a role; nothing is dropped in silence.
//!
//! Two passes over the lines. The first collects what could be a label and counts; a name that occurs twice, or is
//! known from front matter or `people.toml`, is one. The second gives each line its role and builds the sections.
//! Timed notations belong in modules beside `label`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::transcript::{Cue, Doubt, DoubtKind, Item, Turn};
use crate::model::transcript::{Line, LineRole, Paragraph, Section, SectionKind, Speaker, Transcript};
use crate::parse::transcript::heading::{Evidence, Heading, heading, list_mark};
use crate::parse::transcript::label::{
    Label, bold_label, bracketed, colon_label, is_full_name, is_speaker_word, lone_name,
};
use crate::parse::transcript::line::{RawLine, is_bracketed_time, lines};
use crate::parse::words::{Block, Words};
use crate::source::{SourceFile, Span};

pub mod clock;
mod heading;
pub mod ids;
mod label;
mod line;

pub use line::is_wide;

/// What a parser knows before it reads: the words of the site's languages and the names of people.
#[derive(Debug, Clone, Copy)]
pub struct Hints<'h> {
    /// Heading words, leftovers, cues.
    pub words: &'h Words,
    /// Names, aliases and ids of people, from `people.toml` and the episode's front matter.
    pub names: &'h BTreeSet<String>,
    /// Whether labels are looked for at all: not in notes beside a transcript.
    pub labels: bool,
}

/// Reads the text of `file` from byte `from` (past the front matter) on.
///
/// Never fails: text that no rule explains is kept as unattributed text.
///
/// ```
/// use std::collections::BTreeSet;
/// use podleaf::{hash::ContentHash, parse::{transcript::{Hints, parse_transcript}, words::Words}, path::SitePath, source::SourceFile};
///
/// let text = "Ann: Hello.\n\nBo: Good day.\n\nAnn: Bye.\n".to_owned();
/// let file = SourceFile { path: SitePath::new("a.txt").unwrap(), text, hash: ContentHash::of(b"") };
/// let (words, names) = (Words::new(&[]), BTreeSet::new());
/// let transcript = parse_transcript(&file, 0, &Hints { words: &words, names: &names, labels: true });
/// assert_eq!(transcript.turns().count(), 3);
/// assert_eq!(transcript.speakers[1].label, "Bo");
/// ```
pub fn parse_transcript(file: &SourceFile, from: usize, hints: &Hints<'_>) -> Transcript {
    let text = &file.text;
    let raw = lines(text, from);
    let markdown = file.is_markdown();
    let finder = Finder::new(text, &raw, hints, markdown);
    let marks = finder.marks();
    let mut builder = Builder::new(text, &raw, &marks, hints);
    for line in lines(&text[..from], 0) {
        builder.transcript.lines.push(Line { start: line.start, role: LineRole::FrontMatter });
    }
    builder.run();
    let is_words = |idx: &usize| marks[*idx] == Mark::Words;
    let unread = (0..raw.len()).filter(is_words).filter_map(|idx| finder.unread_at(idx)?.doubt);
    builder.transcript.doubts.extend(unread.map(|doubt| Doubt { kind: DoubtKind::Unread, ..doubt }));
    builder.finish()
}

/// What the first pass found on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mark {
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

struct Finder<'f> {
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
    fn new(text: &'f str, raw: &'f [RawLine], hints: &'f Hints<'f>, markdown: bool) -> Self {
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
    fn unread_at(&self, idx: usize) -> Option<Label> {
        let label = if self.notation == Notation::Bold { self.unmarked_at(idx) } else { None };
        label.filter(|label| is_full_name(label.name.of(self.text)))
    }

    fn marks(&self) -> Vec<Mark> {
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

struct Builder<'b> {
    text: &'b str,
    raw: &'b [RawLine],
    marks: &'b [Mark],
    hints: &'b Hints<'b>,
    /// Index of the last line that has a speaker.
    last_speaker: Option<usize>,
    first_speaker: usize,
    state: State,
    by_label: BTreeMap<&'b str, u32>,
    transcript: Transcript,
}

impl<'b> Builder<'b> {
    fn new(text: &'b str, raw: &'b [RawLine], marks: &'b [Mark], hints: &'b Hints<'b>) -> Self {
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
            transcript: Transcript { lines: Vec::with_capacity(raw.len()), ..Transcript::default() },
        }
    }

    fn run(&mut self) {
        let mut idx = 0;
        while idx < self.raw.len() {
            idx = self.take(idx);
        }
    }

    fn finish(mut self) -> Transcript {
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
            Mark::Words => self.words(idx),
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
        let (number, title) = (heading.number, Some(heading.title));
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
        self.role(idx, if alone { LineRole::Speaker } else { LineRole::LabelledSpeech });
        self.state = State::Turn;
        self.push(Item::Turn(Turn { speaker, start: None, label: label.name, paragraphs: Vec::new() }));
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

    fn turn_paragraph(&mut self, span: Span) {
        if let Some(Item::Turn(turn)) = self.transcript.sections.last_mut().and_then(|section| section.items.last_mut())
        {
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
        self.push(Item::Cue(Cue { start: None, label: label.name, text }));
        self.state = State::Section;
        end
    }

    fn push(&mut self, item: Item) {
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
        let end = (idx..self.raw.len()).find(closes);
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
            State::Turn if bracketed(words) && !is_bracketed_time(words) && self.turn_ends(end) => {
                self.push(Item::Cue(Cue { start: None, label: span, text: None }));
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
            State::Section if bracketed(words) && !is_bracketed_time(words) => {
                self.push(Item::Cue(Cue { start: None, label: span, text: None }));
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
        next.is_none_or(|next| self.marks[next] != Mark::Words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::path::SitePath;

    fn read(name: &str, text: &str) -> (SourceFile, Transcript) {
        let path = SitePath::new(name).unwrap();
        let file = SourceFile { path, text: text.to_owned(), hash: ContentHash::of(b"") };
        let (words, names) = (Words::new(&[]), BTreeSet::new());
        let transcript = parse_transcript(&file, 0, &Hints { words: &words, names: &names, labels: true });
        (file, transcript)
    }

    /// The structure in short: `# title`, `Name: words | words`, `(cue)`, `? text`, `! foot`.
    fn check(name: &str, text: &str, expected: &str) {
        let (file, transcript) = read(name, text);
        let text = &file.text;
        let words = |paragraph: &Paragraph| paragraph.span.of(text).replace('\n', "/");
        let mut out = Vec::new();
        out.extend(transcript.title.map(|title| format!("= {}", title.of(text))));
        out.extend(transcript.listen.iter().map(|p| format!("listen {}", words(p))));
        out.extend(transcript.key_points.iter().map(|p| format!("* {}", words(p))));
        out.extend(transcript.background.iter().map(|p| format!("background {}", words(p))));
        for section in &transcript.sections {
            let number = section.number.map(|n| format!("{n} ")).unwrap_or_default();
            out.extend(section.title.map(|title| format!("# {number}{}", title.of(text))));
            for item in &section.items {
                out.push(match item {
                    Item::Turn(turn) => {
                        let said: Vec<String> = turn.paragraphs.iter().map(words).collect();
                        format!("{}: {}", transcript.speakers[turn.speaker as usize].label, said.join(" | "))
                    }
                    Item::Cue(cue) => {
                        let rest = cue.text.map(|span| format!(" {}", span.of(text))).unwrap_or_default();
                        format!("({}{rest})", cue.label.of(text))
                    }
                    Item::Text(paragraph) => format!("? {}", words(paragraph)),
                });
            }
        }
        out.extend(transcript.foot.iter().map(|p| format!("! {}", words(p))));
        assert_eq!(out.join("\n"), expected.trim(), "\n{name}:\n{text}");
        let n_lines = lines(text, 0).len();
        assert_eq!(transcript.lines.len(), n_lines, "every line has a role");
        assert!(transcript.lines.is_sorted_by_key(|line| line.start));
    }

    #[test]
    fn a_plain_page_has_blocks_sections_and_turns() {
        check(
            "a.txt",
            "你可以在 App 上收听。\n\n核心要点\n\n1、甲说：海是蓝的。\n\n2、乙说不是。\n\n\n背景\n\n这一期谈海。\n\n\n01 海:两种看法\n\n甲乙\n海是蓝的。\n\nAnn Li\n不是。\n\n续一段,1024 = 2048\n\n\n尾声:再见\n\n甲乙\n再见。\n\nAnn Li\n好。\n\nLogo\n\n欢迎大家加入\n\n更多推荐",
            "
listen 你可以在 App 上收听。
* 甲说：海是蓝的。
* 乙说不是。
background 这一期谈海。
# 1 海:两种看法
甲乙: 海是蓝的。
Ann Li: 不是。 | 续一段,1024 = 2048
# 尾声:再见
甲乙: 再见。
Ann Li: 好。
! 欢迎大家加入",
        );
    }

    #[test]
    fn bold_labels_cues_and_continuations() {
        check(
            "a.md",
            "**Ann:** One.\n\nStill Ann.\n\n**Break:** \\[31:02\\]\n\n**Bo**: Two\nlines.\n\n\\[laughter\\]\n\n**Ann:** - yes\n\n# 1\n\n1. words",
            "
Ann: One. | Still Ann.
(Break \\[31:02\\])
Bo: Two/lines.
(\\[laughter\\])
Ann: - yes | # 1 | 1. words",
        );
    }

    #[test]
    fn colon_labels_with_counted_sections() {
        check(
            "a.md",
            "# Title\n\n一、开头\n\n主持人：欢迎\n\n嘉宾：谢谢，我说一句：好。\n\n二、结尾\n\n主持人：再见",
            "
= Title
# 1 开头
主持人: 欢迎
嘉宾: 谢谢，我说一句：好。
# 2 结尾
主持人: 再见",
        );
        check("b.txt", "Ann: a\nBo: b\nAnn: c\nmore", "Ann: a\nBo: b\nAnn: c/more");
    }

    #[test]
    fn text_without_labels_is_nobodys() {
        check("a.txt", "First.\n\nNote: this.\n\nLast.", "? First.\n? Note: this.\n? Last.");
        check("a.txt", "", "");
        check("a.md", "## Only\n\ntext", "# Only\n? text");
    }

    #[test]
    fn a_name_seen_once_is_no_name() {
        check("a.txt", "Ann\nhello\n\nBo\nhi\n\nAnn\nbye\n\nOnce\nupon", "Ann: hello | Bo/hi\nAnn: bye | Once/upon");
    }

    #[test]
    fn a_key_points_list_may_be_numbered_like_sections() {
        check(
            "a.md",
            "## Key points\n\n1. **One.** a\n2. Two b\n\n## 1. Start\n\n**Ann:** x\n\n**Bo:** y\n",
            "* **One.** a\n* Two b\n# 1 Start\nAnn: x\nBo: y",
        );
    }
}
