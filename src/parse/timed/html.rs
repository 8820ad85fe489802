//! Transcripts in HTML, as Podcasting 2.0 has them: `<cite>` names a speaker, `<time>` a start, `<p>` holds words.
//!
//! Nothing of the markup comes through: only text is taken, and what a page has beside its text is passed over. A
//! speaker holds until the next `<cite>`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::markup::one_spaced;
use crate::model::time::MediaTime;
use crate::model::transcript::LineRole;
use crate::parse::dates::duration;
use crate::parse::timed::entity::push_decoded;
use crate::parse::timed::lines::lines_of;
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::times::{self, usable};
use crate::parse::timed::writer::{CueHead, Writer};
use crate::parse::timed::{TimedText, place};
use crate::source::{SourceFile, Span};

/// Elements whose text nobody says.
const PASSED_OVER: [&str; 17] = [
    "head", "title", "script", "style", "template", "noscript", "svg", "nav", "header", "footer", "button", "select",
    "textarea", "iframe", "form", "h1", "h2",
];
/// Elements that are part of a line.
const INLINE: [&str; 18] = [
    "a", "abbr", "b", "bdi", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "strong", "sub",
    "sup", "u",
];

/// Reads an HTML file. `None`, with a note, for one that names neither a speaker nor a time.
pub(super) fn parse_html(file: &SourceFile) -> (Option<TimedText>, Diagnostics) {
    let mut reader = Reader {
        source: &file.text,
        writer: Writer::default(),
        words: String::new(),
        within: Within::Words,
        attribute: None,
        speaker: None,
        start: None,
        at: None,
        has_structure: false,
        endless: Vec::new(),
    };
    reader.run();
    let Reader { mut writer, has_structure, .. } = reader;
    if !has_structure || writer.timed.cues.is_empty() {
        let message = "this HTML is no transcript: no episode is made of it";
        let note = Diagnostic::note("not-a-transcript", message).in_file(&file.path);
        let help = "a transcript in HTML names its speakers in `<cite>`, its times in `<time>`, and has words in `<p>`";
        return (None, Diagnostics::from_iter([note.help(help)]));
    }
    writer.timed.lines = lines_of(&file.text, writer.timed.cues.iter().map(|cue| cue.at), LineRole::Caption);
    times::check(&mut writer.timed, &mut writer.oddities);
    (Some(writer.timed), writer.oddities.into_diagnostics(file))
}

/// What the text at hand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Words,
    Cite,
    Time,
}

struct Reader<'h> {
    source: &'h str,
    writer: Writer,
    /// The text that is open, references resolved.
    words: String,
    within: Within,
    /// The `datetime` of the time that is open.
    attribute: Option<&'h str>,
    speaker: Option<u32>,
    start: Option<MediaTime>,
    /// Where the open text stands.
    at: Option<Span>,
    has_structure: bool,
    /// Elements, and comments, that nothing ends any more.
    endless: Vec<&'static str>,
}

impl<'h> Reader<'h> {
    fn run(&mut self) {
        let source = self.source;
        let mut rest = source;
        while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
            self.text(&rest[..at]);
            rest = &rest[at..];
            let after = if rest.starts_with("<!--") {
                self.behind_comment(rest)
            } else {
                Tag::at_head(rest).map(|tag| self.tag(tag, &rest[tag.len..]))
            };
            rest = after.unwrap_or_else(|| {
                self.text(&rest[..1]);
                &rest[1..]
            });
        }
        self.text(rest);
        self.end();
    }

    /// What follows the comment that a text begins with. `None` where it has no end.
    fn behind_comment(&mut self, text: &'h str) -> Option<&'h str> {
        if self.endless.contains(&"!--") {
            return None;
        }
        let end = text.find("-->");
        if end.is_none() {
            self.endless.push("!--");
        }
        end.map(|end| &text[end + 3..])
    }

    fn text(&mut self, text: &'h str) {
        let words = text.trim();
        if !words.is_empty() {
            let at = place(self.source, words);
            self.at = Some(Span { start: self.at.map_or(at.start, |open| open.start), end: at.end });
        }
        push_decoded(text, &mut self.words);
    }

    /// Takes a tag; what follows it.
    fn tag(&mut self, tag: Tag<'h>, after: &'h str) -> &'h str {
        let is = |name: &&str| tag.name.eq_ignore_ascii_case(name);
        if is(&"cite") || is(&"time") {
            self.end();
            self.has_structure = true;
            if !tag.is_end {
                self.within = if is(&"cite") { Within::Cite } else { Within::Time };
                self.attribute = tag.attribute("datetime");
            }
        } else if is(&"br") {
            self.words.push('\n');
        } else if !INLINE.iter().any(is) {
            self.end();
            let name = PASSED_OVER.iter().find(|name| is(name) && !self.endless.contains(name));
            if let Some(name) = name.filter(|_| !tag.is_end) {
                return behind(after, name).unwrap_or_else(|| {
                    self.endless.push(name);
                    after
                });
            }
        }
        after
    }

    /// Ends the text that is open.
    fn end(&mut self) {
        let words = std::mem::take(&mut self.words);
        let at = self.at.take().unwrap_or_default();
        match std::mem::replace(&mut self.within, Within::Words) {
            Within::Cite => {
                let label = one_spaced(&words);
                let label = label.trim_end_matches([':', '：', ' ']);
                self.speaker = (!label.is_empty()).then(|| self.writer.speaker(label, at));
            }
            Within::Time => {
                let text = self.attribute.take().unwrap_or(&words);
                let time = duration(text).ok_or(Oddity::UnreadableTime).and_then(|MediaTime(time)| usable(time, false));
                self.start = self.writer.usable(time, at);
            }
            Within::Words if words.trim().is_empty() => {}
            Within::Words => {
                self.writer.open();
                self.writer.push(&collapsed(&words));
                let (start, speaker) = (self.start.take(), self.speaker);
                self.writer.close(CueHead { start, end: None, speaker, at, opens: true });
            }
        }
    }
}

/// White space as a browser shows it; a line break stays one, since Chinese words join without a space.
fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.trim().chars() {
        match c {
            '\n' => gap = Some('\n'),
            _ if c.is_whitespace() => gap = gap.or(Some(' ')),
            _ => {
                out.extend(gap.take());
                out.push(c);
            }
        }
    }
    out
}

/// What follows the end of an element. `None` where it has no end.
fn behind<'h>(text: &'h str, name: &str) -> Option<&'h str> {
    let ends = |at: &usize| {
        let tail = text.as_bytes()[*at..].strip_prefix(b"</");
        let tail =
            tail.filter(|tail| tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes()));
        tail.is_some_and(|tail| tail.get(name.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric()))
    };
    let end = memchr::memchr_iter(b'<', text.as_bytes()).find(ends)?;
    let close = memchr::memchr(b'>', &text.as_bytes()[end..])?;
    Some(&text[end + close + 1..])
}

/// A tag: its name, and the text between its brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'h> {
    name: &'h str,
    is_end: bool,
    inner: &'h str,
    len: usize,
}

impl<'h> Tag<'h> {
    /// Reads `<name …>`, `</name>`, `<!doctype …>`. `None` for a `<` that begins none, which is text.
    fn at_head(text: &'h str) -> Option<Self> {
        let is_end = text[1..].starts_with('/');
        let from = 1 + usize::from(is_end);
        if !text[from..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
            return None;
        }
        let mut quote = None;
        let is_close = |byte: u8| {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>') => return true,
                _ => {}
            }
            false
        };
        let window = &text.as_bytes()[from..text.len().min(MAX_TAG_BYTES)];
        let first = memchr::memchr(b'>', window)?;
        // A quote that nothing closes does not swallow the file.
        let close = window.iter().copied().position(is_close).unwrap_or(first);
        let inner = &text[from..from + close];
        let name = inner.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        Some(Self { name, is_end, inner, len: from + close + 1 })
    }

    /// The value of an attribute.
    fn attribute(&self, name: &str) -> Option<&'h str> {
        let spelled = |at: &usize| {
            let (before, after) = self.inner.as_bytes().split_at(*at);
            before.len() >= name.len()
                && before[at - name.len()..].eq_ignore_ascii_case(name.as_bytes())
                && !after.is_empty()
        };
        let equals = memchr::memchr_iter(b'=', self.inner.as_bytes()).find(spelled)?;
        let value = self.inner[equals + 1..].trim_start();
        let quoted = |mark: char| value.strip_prefix(mark)?.split(mark).next();
        quoted('"').or_else(|| quoted('\'')).or_else(|| value.split_ascii_whitespace().next())
    }
}

const MAX_TAG_BYTES: usize = 10_000;
