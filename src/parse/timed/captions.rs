//! WebVTT and SRT, with one tolerant parser: which lines are times, numbers, notes and words.
//!
//! Follows "WebVTT: The Web Video Text Tracks Format" where that says what a file means, and takes what players take
//! besides. Times are used as they stand; an `X-TIMESTAMP-MAP` maps them to a stream that is not ours.

use smallvec::SmallVec;

use crate::diagnostic::Diagnostics;
use crate::model::language::Language;
use crate::model::transcript::{Line, LineRole};
use crate::parse::timed::inline::Pen;
use crate::parse::timed::lines::trimmed;
use crate::parse::timed::names::Names;
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::times::{self, Timing, timing};
use crate::parse::timed::writer::Writer;
use crate::parse::timed::{TimedText, rolling};
use crate::source::{SourceFile, Span};

/// Lines that are looked at to tell captions from other text.
const HEAD_LINES: usize = 4;

/// Whether a text is captions: it begins with `WEBVTT`, or with a timing line and at most a number before it.
pub fn is_captions(text: &str) -> bool {
    let mut head = text.lines().filter(|line| !line.trim().is_empty()).take(HEAD_LINES);
    is_header(text) || head.any(|line| timing(line).is_some())
}

fn is_header(text: &str) -> bool {
    text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Reads captions. Never fails: text without a time is kept without one.
pub(super) fn parse_captions(file: &SourceFile) -> (TimedText, Diagnostics) {
    let text = file.text.as_str();
    let has_header = is_header(text);
    let is_vtt = has_header || file.path.extension().eq_ignore_ascii_case("vtt");
    let parser = Parser { lines: Lines { text, at: 0 }, is_vtt, names: Names::of(text), writer: Writer::default() };
    let mut writer = parser.run(has_header);
    if is_vtt && !has_header && !text.is_empty() {
        writer.oddities.add(Oddity::NoHeader, Span::new(0, text.find('\n').unwrap_or(text.len())));
    }
    rolling::merge(&mut writer);
    times::check(&mut writer.timed, &mut writer.oddities);
    (writer.timed, writer.oddities.into_diagnostics(file))
}

/// The lines of a text, with a look at those to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    /// Where the next line begins.
    pub(super) at: usize,
}

/// A line and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceLine<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl<'t> Lines<'t> {
    pub(super) fn take(&mut self) -> Option<SourceLine<'t>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at = start + len + 1;
        Some(SourceLine { start, text: &rest[..len] })
    }

    fn peek(mut self) -> Option<&'t str> {
        self.take().map(|line| line.text)
    }
}

/// A cue whose end is not reached.
struct OpenCue<'t> {
    timing: Option<Timing>,
    /// The timing line.
    at: Span,
    lines: SmallVec<[SourceLine<'t>; 2]>,
}

struct Parser<'t> {
    lines: Lines<'t>,
    is_vtt: bool,
    names: Names<'t>,
    writer: Writer,
}

impl<'t> Parser<'t> {
    fn run(mut self, has_header: bool) -> Writer {
        if has_header {
            self.header();
        }
        let mut voice = None;
        let mut open: Option<OpenCue<'t>> = None;
        let (mut after_blank, mut has_number) = (true, false);
        while let Some(line) = self.lines.take() {
            let words = trimmed(line.text);
            if words.is_empty() {
                self.role(line, LineRole::Blank);
                (after_blank, has_number) = (true, false);
            } else if let Some(timing) = timing(words) {
                self.role(line, LineRole::Timing);
                let at = Span::new(line.start, line.start + line.text.len());
                self.note_form(&timing, at, has_number, after_blank || has_number || open.is_none());
                voice = self.finish(open.take(), voice);
                open = Some(OpenCue { timing: Some(timing), at, lines: SmallVec::new() });
                (after_blank, has_number) = (false, false);
            } else if self.is_number(words, after_blank) {
                if !after_blank {
                    self.writer.oddities.add(Oddity::NoBlankLine, span(line));
                }
                self.role(line, LineRole::CueNumber);
                has_number = true;
            } else if after_blank && self.is_vtt && self.block(line) {
                // Comments, styles and regions end at a blank line, and are taken whole.
            } else {
                self.role(line, LineRole::Caption);
                if after_blank && open.as_ref().is_none_or(|cue| cue.timing.is_none() || !cue.lines.is_empty()) {
                    self.writer.oddities.add(Oddity::NoTime, span(line));
                }
                open.get_or_insert_with(|| OpenCue { timing: None, at: span(line), lines: SmallVec::new() })
                    .lines
                    .push(line);
                (after_blank, has_number) = (false, false);
            }
        }
        self.finish(open, voice);
        self.writer
    }

    fn role(&mut self, line: SourceLine<'_>, role: LineRole) {
        self.writer.timed.lines.push(Line { start: line.start as u32, role });
    }

    /// The first block of WebVTT, up to a blank line or a time.
    fn header(&mut self) {
        while let Some(next) = self.lines.peek() {
            let is_blank = next.trim().is_empty();
            if is_blank || timing(next).is_some() {
                return;
            }
            let Some(line) = self.lines.take() else { return };
            if let Some(tag) = line.text.strip_prefix("Language:") {
                self.writer.timed.language = Language::new(tag.trim());
            }
            self.role(line, LineRole::CaptionHeader);
        }
    }

    /// A number, or in WebVTT any name, on the line before a time; a number alone, too.
    fn is_number(&self, words: &str, after_blank: bool) -> bool {
        let is_digits = words.bytes().all(|byte| byte.is_ascii_digit());
        if !(is_digits || self.is_vtt && after_blank) {
            return false;
        }
        match self.lines.peek() {
            Some(next) if timing(next).is_some() => true,
            Some(next) => is_digits && after_blank && next.trim().is_empty(),
            None => is_digits && after_blank,
        }
    }

    /// Takes a `NOTE`, `STYLE` or `REGION` block whole.
    fn block(&mut self, line: SourceLine<'t>) -> bool {
        let is_note =
            line.text.strip_prefix("NOTE").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        let role = match line.text.trim_end() {
            _ if is_note => LineRole::Comment,
            "STYLE" | "REGION" => LineRole::Style,
            _ => return false,
        };
        self.role(line, role);
        while self.lines.peek().is_some_and(|next| !next.trim().is_empty() && timing(next).is_none()) {
            if let Some(line) = self.lines.take() {
                self.role(line, role);
            }
        }
        true
    }

    fn note_form(&mut self, timing: &Timing, at: Span, has_number: bool, is_parted: bool) {
        let own = if self.is_vtt { b'.' } else { b',' };
        if timing.mark.is_some_and(|mark| mark != own) {
            self.writer.oddities.add(Oddity::OtherSeparator, at);
        }
        if !self.is_vtt && !has_number {
            self.writer.oddities.add(Oddity::NoNumber, at);
        }
        if !is_parted {
            self.writer.oddities.add(Oddity::NoBlankLine, at);
        }
    }

    /// Writes a cue; the voice of its last words.
    fn finish(&mut self, cue: Option<OpenCue<'t>>, voice: Option<u32>) -> Option<u32> {
        let Some(OpenCue { timing, at, lines }) = cue else { return voice };
        let start = timing.and_then(|timing| self.writer.usable(timing.start, at));
        let end = timing.and_then(|timing| self.writer.usable(timing.end, at));
        let n_cues = self.writer.timed.cues.len();
        let voice = Pen::new(&mut self.writer, &self.names, self.lines.text, (start, end), voice).write(&lines);
        if self.writer.timed.cues.len() == n_cues {
            self.writer.oddities.add(Oddity::EmptyCue, at);
        }
        voice
    }
}

fn span(line: SourceLine<'_>) -> Span {
    Span::new(line.start, line.start + line.text.len())
}
