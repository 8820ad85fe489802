//! The files of an episode as transcripts: structure, and how the text becomes words on a page.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostic::Diagnostics;
use crate::markup;
use crate::markup::typography;
use crate::model::chapter::Chapter;
use crate::model::episode::{Episode, EpisodeMeta};
use crate::model::language::Language;
use crate::model::transcript::{Paragraph, Title, Transcript};
use crate::parse::chapters::sections::is_list;
use crate::parse::chapters::{ChapterFile, is_chapters, parse_chapters};
use crate::parse::episode::Inherited;
use crate::parse::front_matter::front_matter_end;
use crate::parse::timed::group::grouped;
use crate::parse::timed::{TimedCue, parse_timed};
use crate::parse::transcript::{Hints, parse_transcript};
use crate::source::{SourceFile, Span};

/// A transcript with the file that it was read from, and how its text is to be shown.
#[derive(Debug)]
pub struct ReadTranscript {
    /// The file. Of a timed transcript its text is the words alone.
    pub file: SourceFile,
    /// The file as it is written, where its text is not: labels of speakers and roles of lines have their places here.
    pub written: Option<SourceFile>,
    /// Where the text begins, past the front matter.
    pub body: usize,
    /// Its structure.
    pub transcript: Transcript,
    /// How its text becomes HTML.
    pub style: TextStyle,
    /// The language that a timed transcript declares.
    pub language: Option<Language>,
    /// The cues of a timed transcript, in order, with their own times; nothing for written text.
    pub cues: Vec<TimedCue>,
}

impl ReadTranscript {
    /// The file as it is written.
    pub fn source(&self) -> &SourceFile {
        self.written.as_ref().unwrap_or(&self.file)
    }

    /// The byte of the source that byte `at` of the text stands for: that of its cue, in a timed transcript.
    pub fn written_at(&self, at: u32) -> u32 {
        let next = self.cues.partition_point(|cue| cue.text.start <= at);
        next.checked_sub(1).map_or(at, |idx| self.cues[idx].at.start)
    }

    /// The paragraphs of the background. A list of chapters that are sections by now is none.
    pub fn background(&self, has_chapters: bool) -> impl Iterator<Item = &Paragraph> {
        let (text, chapters) = (&self.file.text, &self.transcript.chapters);
        let is_list = move |paragraph: &&Paragraph| has_chapters && is_list(paragraph.span, text, chapters);
        self.transcript.background.iter().filter(move |paragraph| !is_list(paragraph))
    }

    /// The words of a title, without markup.
    pub fn plain_title(&self, title: &Title) -> String {
        match title {
            Title::Written(span) => self.style.plain(span.of(&self.file.text)),
            Title::Chapter(title) => title.clone(),
        }
    }
}

/// How the text of a file becomes words on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// Inline Markdown, in `.md` files only.
    pub markdown: bool,
    /// Half-width punctuation beside Han is mended.
    pub mend: bool,
}

impl TextStyle {
    /// The text as HTML of the sanitiser.
    pub fn html(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 16);
        self.push_html(text, &mut out);
        out
    }

    /// Appends the text as HTML of the sanitiser; returns the number of links in it.
    pub fn push_html(self, text: &str, out: &mut String) -> usize {
        let text = self.mended(text);
        if self.markdown {
            return markup::inline_html(&text, out);
        }
        markup::escape_plain(&text, out);
        0
    }

    /// The words of the text, without markup; soft line breaks are joined.
    pub fn plain(self, text: &str) -> String {
        let text = self.mended(text);
        if self.markdown { markup::plain_text(&text) } else { markup::joined(&text) }
    }

    /// The text with the typography of its language, its markup and line breaks as they are.
    pub fn mended(self, text: &str) -> Cow<'_, str> {
        if self.mend { typography::mend(text) } else { Cow::Borrowed(text) }
    }
}

/// Reads the transcript of a file, with the names that its own front matter adds.
pub fn read_transcript(file: SourceFile, people: &[String], labels: bool, inherited: &Inherited<'_>) -> ReadTranscript {
    let body = front_matter_end(&file);
    let own: BTreeSet<String>;
    let names = if people.is_empty() {
        inherited.names
    } else {
        own = inherited.names.iter().cloned().chain(people.iter().cloned()).collect();
        &own
    };
    let transcript = parse_transcript(&file, body, &Hints { words: inherited.words, names, labels });
    let mend = inherited.mend_punctuation.unwrap_or_else(|| typography::needs_mending(&file.text[body..]));
    let style = TextStyle { markdown: file.is_markdown(), mend };
    ReadTranscript { body, transcript, style, file, written: None, language: None, cues: Vec::new() }
}

/// Reads the transcript of a timed file, with what is odd in it. The file itself where it is none.
///
/// The front matter of the notes beside it says what its speakers are called, and when the recording ends.
pub fn read_timed(
    file: SourceFile,
    meta: &EpisodeMeta,
    inherited: &Inherited<'_>,
) -> (Result<ReadTranscript, SourceFile>, Diagnostics) {
    let (timed, mut diagnostics) = parse_timed(&file);
    let Some(mut timed) = timed else { return (Err(file), diagnostics) };
    if let Some(end) = meta.duration.as_ref().map(|end| end.value) {
        diagnostics.append(timed.cut_at(end, &file));
    }
    let name_of = |label: &str| {
        let is_label = |known: &str| known.eq_ignore_ascii_case(label);
        meta.speaker_names.iter().find(|(known, _)| is_label(known)).map(|(_, name)| name.as_str())
    };
    let transcript = grouped(&timed, inherited.words, name_of);
    let mend = inherited.mend_punctuation.unwrap_or_else(|| typography::needs_mending(&timed.text));
    let style = TextStyle { markdown: false, mend };
    let words = SourceFile { path: file.path.clone(), text: timed.text, hash: file.hash };
    let (written, language, cues) = (Some(file), timed.language, timed.cues);
    (Ok(ReadTranscript { body: 0, transcript, style, file: words, written, language, cues }), diagnostics)
}

/// Reads notes beside a transcript: no labels are looked for. Chapters that have no place in it are notes too.
pub fn read_notes(file: SourceFile, inherited: &Inherited<'_>) -> ReadTranscript {
    if is_chapters(&file) { read_chapters(file) } else { read_transcript(file, &[], false, inherited) }
}

/// A file of chapters as a background with a line for each.
pub(super) fn read_chapters(file: SourceFile) -> ReadTranscript {
    let ChapterFile { chapters, lines } = parse_chapters(&file).0;
    let mut transcript = Transcript { lines, ..Transcript::default() };
    let mut text = String::new();
    for chapter in chapters {
        let start = text.len();
        chapter.start.push_clock(&mut text);
        text.extend([" ", &chapter.title]);
        let at = Span::new(start, text.len());
        text.push('\n');
        transcript.background.push(Paragraph { span: at });
        transcript.chapters.push(Chapter { at, ..chapter });
    }
    let style = TextStyle { markdown: false, mend: false };
    let words = SourceFile { path: file.path.clone(), text, hash: file.hash };
    ReadTranscript { body: 0, transcript, style, file: words, written: Some(file), language: None, cues: Vec::new() }
}

/// The transcript of a record: as it was read for the record, but for the roles of lines.
pub fn recorded_transcript(file: SourceFile, episode: &Episode) -> Option<ReadTranscript> {
    let transcript = Transcript::unpacked(&episode.structure)?;
    let (body, markdown) = (front_matter_end(&file), file.is_markdown());
    let style = TextStyle { markdown, mend: episode.mends_punctuation };
    let Some(mut timed) = parse_timed(&file).0 else {
        let (written, cues) = (None, Vec::new());
        return Some(ReadTranscript { body, transcript, style, file, written, language: None, cues });
    };
    episode.meta.duration.iter().for_each(|end| _ = timed.cut_at(end.value, &file));
    let words = SourceFile { path: file.path.clone(), text: timed.text, hash: file.hash };
    let (style, written, cues) = (TextStyle { markdown: false, ..style }, Some(file), timed.cues);
    Some(ReadTranscript { body: 0, transcript, style, file: words, written, language: None, cues })
}
