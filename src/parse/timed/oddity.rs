//! What is odd in a timed file: reported once for each kind, at its first place, with how often it occurs.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceFile, Span};

/// A kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::parse) enum Oddity {
    UnreadableTime,
    NegativeTime,
    AbsurdTime,
    UnorderedTime,
    PastEnd,
    EndBeforeStart,
    Overlap,
    NoTime,
    BadSegment,
    NoHeader,
    EmptyCue,
    NoBlankLine,
    NoNumber,
    OtherSeparator,
    Rolling,
}

/// The oddities of one file.
#[derive(Debug, Default)]
pub(super) struct Oddities(BTreeMap<Oddity, (Span, u32)>);

impl Oddities {
    /// Notes one case.
    pub(super) fn add(&mut self, oddity: Oddity, at: Span) {
        self.0.entry(oddity).or_insert((at, 0)).1 += 1;
    }

    /// One finding for each kind.
    pub(super) fn into_diagnostics(self, file: &SourceFile) -> Diagnostics {
        self.0.into_iter().map(|(oddity, (at, n))| diagnostic(oddity, n).at(file, at, label(n))).collect()
    }
}

fn label(n: u32) -> String {
    if n == 1 { String::new() } else { format!("the first of {n}") }
}

fn diagnostic(oddity: Oddity, n: u32) -> Diagnostic {
    let (one, many, help) = oddity.words();
    let message = if n == 1 { one.to_owned() } else { format!("{n} {many}") };
    let code = oddity.code();
    let doubtful = oddity <= Oddity::NoHeader;
    let diagnostic = if doubtful { Diagnostic::warning(code, message) } else { Diagnostic::note(code, message) };
    diagnostic.help(help)
}

impl Oddity {
    fn code(self) -> &'static str {
        if self <= Self::NoTime { "cue-time" } else { "cue-form" }
    }

    /// The message for one case, for many (behind their number), and what to do.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UnreadableTime => (
                "a time cannot be read: it is left out, the words are kept",
                "times cannot be read: they are left out, the words are kept",
                "write hours, minutes, seconds and milliseconds: `00:01:02.500`",
            ),
            Self::NegativeTime => (
                "a time is negative: it is left out, the words are kept",
                "times are negative: they are left out, the words are kept",
                "nothing is before the start of a recording: shift the times",
            ),
            Self::AbsurdTime => (
                "a time is past 24 hours: it is left out, the words are kept",
                "times are past 24 hours: they are left out, the words are kept",
                "correct the hours",
            ),
            Self::UnorderedTime => (
                "a cue is out of order in time with those around it: its time is left out, the words stay where they are",
                "cues are out of order in time with those around them: their times are left out, the words stay where they are",
                "correct the times, or put the cues in order",
            ),
            Self::PastEnd => (
                "a cue begins after the recording ends: its time is left out, the words are kept",
                "cues begin after the recording ends: their times are left out, the words are kept",
                "correct `duration` in the front matter, or the times",
            ),
            Self::EndBeforeStart => (
                "a cue ends before it begins: its end is left out",
                "cues end before they begin: their ends are left out",
                "correct the end",
            ),
            Self::Overlap => (
                "a cue begins before the one above it ends: both are read in the order of the file",
                "cues begin before the one above them ends: they are read in the order of the file",
                "where two people talk at once that is right; else correct the times",
            ),
            Self::NoTime => (
                "a text has no time: it is kept without one",
                "texts have no time: they are kept without one",
                "put a line `00:00:01.000 --> 00:00:02.000` above it, or take out the blank line before it",
            ),
            Self::BadSegment => (
                "a segment cannot be read: it is left out",
                "segments cannot be read: they are left out",
                "each is an object with text and times",
            ),
            Self::NoHeader => (
                "the file does not begin with `WEBVTT`: players will not take it",
                "files do not begin with `WEBVTT`",
                "make `WEBVTT` and a blank line its first two lines",
            ),
            Self::EmptyCue => ("a cue has no words", "cues have no words", "delete what is empty"),
            Self::NoBlankLine => (
                "a cue begins without a blank line before it",
                "cues begin without a blank line before them",
                "put a blank line between two cues",
            ),
            Self::NoNumber => (
                "a cue of SRT has no number above its time",
                "cues of SRT have no number above their time",
                "number them from 1",
            ),
            Self::OtherSeparator => (
                "a time has the other notation's mark before its milliseconds",
                "times have the other notation's mark before their milliseconds",
                "WebVTT takes a point, SRT a comma",
            ),
            Self::Rolling => (
                "rolling captions: a line that repeats the one before it was left out",
                "lines of rolling captions that repeat the one before them were left out",
                "every line is kept once",
            ),
        }
    }
}
