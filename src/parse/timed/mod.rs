//! Transcripts with a time for each cue: captions, recogniser output, exports of hosts. One type for all of them.
//!
//! A notation is told by what a file holds, not by its name: captions are often called `.txt`, and JSON has a dozen
//! shapes. A parser never fails and never invents a time: a time that cannot be true is left out and reported, the
//! words stay. What is odd is reported once for each kind, with the first place and how often.

use crate::diagnostic::Diagnostics;
use crate::model::language::Language;
use crate::model::time::MediaTime;
use crate::model::transcript::{Line, Speaker};
use crate::parse::timed::captions::parse_captions;
use crate::parse::timed::html::parse_html;
use crate::parse::timed::json::parse_json;
use crate::parse::timed::oddity::Oddities;
use crate::parse::timed::times::check_end;
use crate::source::{SourceFile, Span};

mod captions;
pub(super) mod entity;
pub mod group;
mod html;
mod inline;
pub(super) mod json;
pub(super) mod lines;
mod names;
pub(super) mod oddity;
mod rolling;
pub(super) mod times;
pub(super) mod value;
mod writer;

/// What a timed file says: its words alone, and who says which of them when.
///
/// `text` holds the words and nothing else. Cues are stretches of it in the order of the file; they do not overlap, and
/// between two of them there is a line break, or nothing where a word runs on. It depends on the file alone, so that it
/// can be made again from the file whenever its words are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimedText {
    /// The words of all cues.
    pub text: String,
    /// Speaker labels in order of first appearance; their spans are in the source.
    pub speakers: Vec<Speaker>,
    /// The cues in the order of the file; none is empty.
    pub cues: Vec<TimedCue>,
    /// Words with times of their own, in the order of the text; most files have none.
    pub words: Vec<TimedWord>,
    /// The language that the file declares.
    pub language: Option<Language>,
    /// The role of each line of the source.
    pub lines: Vec<Line>,
}

/// One caption, or one segment of a recogniser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedCue {
    /// When it begins, where the source says so and it can be true. The starts of a file never go back.
    pub start: Option<MediaTime>,
    /// When it ends, after its start.
    pub end: Option<MediaTime>,
    /// Who speaks: index into [`TimedText::speakers`].
    pub speaker: Option<u32>,
    /// Its words: a stretch of [`TimedText::text`].
    pub text: Span,
    /// Where the words stand in the source.
    pub at: Span,
    /// Whether the source begins a paragraph, or another voice, here.
    pub opens: bool,
}

/// A word with a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedWord {
    /// When it begins.
    pub start: MediaTime,
    /// The word: a stretch of [`TimedText::text`].
    pub text: Span,
}

impl TimedText {
    /// Leaves out times past the end of the recording, and reports them; `file` is the one that this was read from.
    pub fn cut_at(&mut self, end: MediaTime, file: &SourceFile) -> Diagnostics {
        let mut oddities = Oddities::default();
        check_end(self, end, &mut oddities);
        oddities.into_diagnostics(file)
    }

    /// The words of a cue that have times of their own.
    pub fn words_of(&self, cue: &TimedCue) -> &[TimedWord] {
        let from = self.words.partition_point(|word| word.text.start < cue.text.start);
        let to = self.words.partition_point(|word| word.text.start < cue.text.end);
        &self.words[from..to]
    }
}

pub use captions::is_captions;

/// Extensions of timed transcripts, the surest ones first: JSON and HTML are many things.
const EXTENSIONS: [&str; 5] = ["vtt", "srt", "json", "html", "htm"];

/// Whether a file of this extension may be a timed transcript. Its content decides.
pub fn is_timed_name(extension: &str) -> bool {
    timed_rank(extension) < EXTENSIONS.len()
}

/// The place of an extension in the order in which the files of one episode are tried.
pub fn timed_rank(extension: &str) -> usize {
    EXTENSIONS.iter().position(|timed| extension.eq_ignore_ascii_case(timed)).unwrap_or(EXTENSIONS.len())
}

/// Reads a file as a timed transcript, with all that is odd in it.
///
/// `None` where it is none: written text, which nothing is said of; chapters and other data, which are reported.
///
/// ```
/// use podleaf::{hash::ContentHash, parse::timed::parse_timed, path::SitePath, source::SourceFile};
///
/// let text = "1\n00:00:01,000 --> 00:00:02,000\nGood day.\n".to_owned();
/// let file = SourceFile { path: SitePath::new("a.srt").unwrap(), text, hash: ContentHash::of(b"") };
/// let (timed, diagnostics) = parse_timed(&file);
/// assert_eq!(timed.unwrap().text, "Good day.");
/// assert!(diagnostics.is_empty());
/// ```
pub fn parse_timed(file: &SourceFile) -> (Option<TimedText>, Diagnostics) {
    let is_named = |name: &str| file.path.extension().eq_ignore_ascii_case(name);
    let are_captions = is_named("vtt") || is_named("srt");
    if is_captions(&file.text) || are_captions && !file.text.trim_start().starts_with(['{', '[', '<']) {
        let (timed, diagnostics) = parse_captions(file);
        return (Some(timed), diagnostics);
    }
    match file.text.trim_start().as_bytes().first() {
        Some(b'<') if are_captions => parse_html(file),
        Some(_) if is_named("json") || are_captions => parse_json(file),
        Some(_) if is_named("html") || is_named("htm") => parse_html(file),
        _ => (None, Diagnostics::new()),
    }
}

/// Where a part of a source stands in it.
pub(super) fn place(source: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - source.as_ptr() as usize;
    Span::new(start, start + part.len())
}
