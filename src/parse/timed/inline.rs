//! The words of one caption: tags, references and marks are read, and taken out; voices part it.

use smallvec::SmallVec;

use crate::markup::one_spaced;
use crate::model::time::MediaTime;
use crate::parse::timed::captions::SourceLine;
use crate::parse::timed::entity::{push_decoded, reference};
use crate::parse::timed::names::{Names, lead, style, voices};
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::place;
use crate::parse::timed::times::timestamp;
use crate::parse::timed::writer::{CueHead, Writer};
use crate::source::Span;
use crate::swar::{position, within};

/// Writes one caption as one cue for each voice in it.
///
/// A voice holds until another one begins, also in the captions that follow: hosts label a change of speaker only.
/// `>>` and `-` without a name begin the voice of somebody unknown. The first voice has the start of the caption, the
/// last one its end: when the others begin, nobody says.
pub(super) struct Pen<'p, 't> {
    writer: &'p mut Writer,
    names: &'p Names<'t>,
    source: &'t str,
    /// The start of the caption, until a cue has it.
    start: Option<MediaTime>,
    end: Option<MediaTime>,
    voice: Option<u32>,
    /// Whether `</v>` ended the voice.
    is_over: bool,
    opens: bool,
    /// The source of the open cue.
    at: Span,
    /// The byte of the source that is being read.
    here: u32,
    /// Since when the words from this byte on are heard.
    mark: Option<(MediaTime, usize)>,
    has_marks: bool,
}

impl<'p, 't> Pen<'p, 't> {
    pub(super) fn new(
        writer: &'p mut Writer,
        names: &'p Names<'t>,
        source: &'t str,
        (start, end): (Option<MediaTime>, Option<MediaTime>),
        voice: Option<u32>,
    ) -> Self {
        let (at, mark) = (Span::default(), None);
        Self {
            writer,
            names,
            source,
            start,
            end,
            voice,
            is_over: false,
            opens: false,
            at,
            here: 0,
            mark,
            has_marks: false,
        }
    }

    /// Writes the lines; the voice that speaks last.
    pub(super) fn write(self, lines: &[SourceLine<'t>]) -> Option<u32> {
        match self.plain(lines) {
            Some((words, at)) => self.write_plain(&words, at),
            None => self.write_any(lines),
        }
    }

    /// The words of each line, and where they stand in the source, if nothing but words is in them, and the tag of the
    /// voice that speaks already. Most captions are so.
    fn plain(&self, lines: &[SourceLine<'t>]) -> Option<(SmallVec<[&'t str; 2]>, Span)> {
        let label = self.voice.map(|voice| self.writer.timed.speakers[voice as usize].label.as_str());
        // A tag ends before the first such sign, and a label has it from a reference.
        let label = label.filter(|label| !label.contains('>'));
        let (first, last) = (lines.first()?, lines.last()?);
        let words = lines.iter().map(|line| {
            let words = plain_words(line.text, label, line.start == last.start)?;
            self.names.at_head(line.text).is_none().then_some(words)
        });
        let words = words.collect::<Option<SmallVec<_>>>()?;
        let before = if first.text.starts_with('<') { VOICE.len() } else { 0 };
        Some((words, Span::new(first.start + before, last.start + last.text.len())))
    }

    fn write_plain(self, lines: &[&str], at: Span) -> Option<u32> {
        self.writer.open();
        for (idx, words) in lines.iter().enumerate() {
            self.writer.timed.text.extend([if idx == 0 { "" } else { "\n" }, words]);
        }
        self.writer.close(CueHead { start: self.start, end: self.end, speaker: self.voice, at, opens: false });
        self.voice
    }

    fn write_any(mut self, lines: &[SourceLine<'t>]) -> Option<u32> {
        let is_dialogue = lines.iter().skip(1).any(|line| lead(line.text).has_dash);
        self.begin();
        for line in lines {
            for (idx, words) in voices(line.text).enumerate() {
                self.line(words, is_dialogue, idx == 0);
            }
        }
        let end = self.end;
        self.finish(end);
        self.voice
    }

    fn begin(&mut self) {
        self.writer.open();
        self.at = Span { start: self.here, end: self.here };
        self.mark = self.start.map(|start| (start, self.writer.timed.text.len()));
    }

    fn finish(&mut self, end: Option<MediaTime>) {
        self.end_word();
        let head = CueHead { start: self.start, end, speaker: self.voice, at: self.at, opens: self.opens };
        if self.writer.close(head) {
            (self.start, self.opens) = (None, false);
        }
    }

    /// What follows is another voice.
    fn change(&mut self, voice: Option<u32>) {
        self.finish(None);
        (self.voice, self.is_over) = (voice, false);
        self.begin();
    }

    fn end_word(&mut self) {
        if let Some((start, from)) = self.mark.take().filter(|_| self.has_marks) {
            self.writer.word(start, from);
        }
    }

    fn line(&mut self, line: &'t str, is_dialogue: bool, is_new: bool) {
        let found = lead(line);
        self.here = place(self.source, line).start;
        let mut rest = if found.has_dash && !is_dialogue { line.trim() } else { found.rest };
        let is_other = found.has_chevrons || found.has_dash && is_dialogue;
        if let Some((name, after)) = self.names.at_head(found.rest) {
            let speaker = self.writer.speaker(name, place(self.source, name));
            self.label(speaker, is_other);
            rest = after;
        } else if is_other {
            self.change(None);
            self.opens = true;
        }
        if is_new && !self.writer.words().is_empty() {
            self.end_word();
            self.writer.timed.text.push('\n');
        }
        if !self.has_marks {
            self.mark = self.start.map(|start| (start, self.writer.timed.text.len()));
        }
        if self.writer.words().is_empty() {
            self.at = place(self.source, rest);
        }
        self.words(rest);
        self.at.end = place(self.source, rest).end;
    }

    fn label(&mut self, speaker: u32, opens: bool) {
        if self.voice != Some(speaker) || opens {
            self.change(Some(speaker));
        }
        self.opens |= opens;
    }

    fn words(&mut self, text: &'t str) {
        let mut rest = text;
        while let Some(at) = memchr::memchr3(b'<', b'&', b'{', rest.as_bytes()) {
            self.push(&rest[..at]);
            rest = &rest[at..];
            self.here = place(self.source, rest).start;
            let len = match rest.as_bytes()[0] {
                b'&' => reference(rest).map(|(character, len)| {
                    let mut buffer = [0; 4];
                    self.push(character.map_or("", |character| character.encode_utf8(&mut buffer)));
                    len
                }),
                b'{' => style(rest).map(|after| rest.len() - after.len()),
                _ => tag(rest).map(|(tag, len)| {
                    self.tag(tag);
                    len
                }),
            };
            let len = len.unwrap_or_else(|| {
                self.push(&rest[..1]);
                1
            });
            rest = &rest[len..];
        }
        self.here = place(self.source, rest).start;
        self.push(rest);
    }

    /// Appends words to the open cue, which begins with no white space.
    fn push(&mut self, words: &str) {
        if self.is_over && !words.trim().is_empty() {
            self.change(None);
        }
        let is_first = self.writer.words().is_empty();
        self.writer.timed.text.push_str(if is_first { words.trim_start() } else { words });
    }

    /// The speaker whom a tag names: most often the one who has spoken last.
    fn voice_of(&mut self, name: &'t str) -> Option<u32> {
        let is_plain = memchr::memchr(b'&', name.as_bytes()).is_none();
        let is_label = |voice: &u32| self.writer.timed.speakers[*voice as usize].label == name;
        if let Some(voice) = self.voice.filter(is_label).filter(|_| is_plain) {
            return Some(voice);
        }
        let mut label = String::new();
        push_decoded(name, &mut label);
        let label = one_spaced(&label);
        (!label.is_empty()).then(|| self.writer.speaker(&label, place(self.source, name)))
    }

    fn tag(&mut self, tag: Tag<'t>) {
        match tag {
            Tag::Voice(name) => {
                let Some(speaker) = self.voice_of(name) else { return };
                self.is_over = false;
                self.label(speaker, false);
                if self.writer.words().is_empty() {
                    self.at.start = place(self.source, name).start;
                }
            }
            Tag::EndVoice => self.is_over = true,
            Tag::Break => self.push("\n"),
            Tag::Mark(time) => {
                let here = self.at;
                if let Some(time) = self.writer.usable(time, here) {
                    self.has_marks = true;
                    self.end_word();
                    self.mark = Some((time, self.writer.timed.text.len()));
                }
            }
            Tag::Style => {}
        }
    }
}

/// The words of a line that holds nothing else but, maybe, the tag of this voice: no tags, references, marks of a change
/// of voice, and no white space around them.
fn plain_words<'t>(line: &'t str, label: Option<&str>, is_last: bool) -> Option<&'t str> {
    let words = match line.as_bytes().first()? {
        b'<' => line.strip_prefix(VOICE)?.strip_prefix(label?)?.strip_prefix('>')?,
        // Dashes of all kinds begin with a byte that other marks begin with as well.
        b'-' | 0xE2 => return None,
        _ => line,
    };
    let words = if is_last { words.strip_suffix("</v>").unwrap_or(words) } else { words };
    let is_special =
        |eight| (within(eight, b'<', b'>') | within(eight, b'&', b'&') | within(eight, b'{', b'{')) & !eight;
    let has_space = words.starts_with(char::is_whitespace) || line.ends_with(char::is_whitespace);
    (!words.is_empty() && !has_space && position(words.as_bytes(), is_special).is_none()).then_some(words)
}

/// The head of the tag of a voice.
const VOICE: &str = "<v ";

/// A tag of WebVTT, or of the HTML that SRT files have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag<'t> {
    /// `<v Name>`, `<v.loud Name>`.
    Voice(&'t str),
    EndVoice,
    /// `<00:00:01.000>`.
    Mark(Result<MediaTime, Oddity>),
    Break,
    /// How the words look: `<i>`, `<c.yellow>`, `<font color="red">`.
    Style,
}

const MAX_TAG_BYTES: usize = 200;
/// Tags that say how words look.
const STYLES: [&[u8]; 13] =
    [b"c", b"i", b"b", b"u", b"s", b"em", b"strong", b"font", b"ruby", b"rt", b"lang", b"span", b"p"];
/// Of `/strong`.
const LONGEST_NAME: usize = 7;

/// Reads a tag at the head of a text. `None` for a `<` that is none: unknown tags are words.
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let window = &text.as_bytes()[..text.len().min(MAX_TAG_BYTES)];
    let close = memchr::memchr(b'>', window)?;
    if text.starts_with(VOICE) {
        let name = text[VOICE.len()..close].trim_end_matches('/').trim();
        return Some((if name.is_empty() { Tag::Style } else { Tag::Voice(name) }, close + 1));
    }
    let inner = text[1..close].trim_end_matches('/').trim_end();
    if inner.starts_with(|c: char| c.is_ascii_digit()) {
        let is_time = inner.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b','));
        return is_time.then(|| (Tag::Mark(timestamp(inner)), close + 1));
    }
    let (name, annotation) = inner.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((inner, ""));
    let name = name.split('.').next().unwrap_or_default();
    let mut lower = [0; LONGEST_NAME];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let tag = match &*lower {
        b"v" if annotation.trim().is_empty() => Tag::Style,
        b"v" => Tag::Voice(annotation.trim()),
        b"/v" => Tag::EndVoice,
        b"br" => Tag::Break,
        name if STYLES.contains(&name.strip_prefix(b"/").unwrap_or(name)) => Tag::Style,
        _ => return None,
    };
    Some((tag, close + 1))
}

/// The length of a tag at the head of a text that says only how the words look.
pub(super) fn style_len(text: &str) -> Option<usize> {
    tag(text).filter(|(tag, _)| *tag == Tag::Style).map(|(_, len)| len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parse::timed::TimedText;
    use crate::parse::timed::captions::Lines;

    /// What is made of the lines of a text as one caption, after one of somebody's.
    fn written(text: &str, label: &str, is_any: bool) -> (TimedText, Option<u32>) {
        let (mut writer, names) = (Writer::default(), Names::of("Bo: a\nBo: b\nCy: c\nCy: d"));
        let voice = Some(writer.speaker(label, Span::new(0, 0)));
        let mut lines = Lines { text, at: 0 };
        let lines: Vec<_> = std::iter::from_fn(|| lines.take()).filter(|line| !line.text.trim().is_empty()).collect();
        let pen = Pen::new(&mut writer, &names, text, (Some(MediaTime(1)), Some(MediaTime(2))), voice);
        let voice = if is_any { pen.write_any(&lines) } else { pen.write(&lines) };
        (writer.timed, voice)
    }

    proptest! {
        #[test]
        fn plain_captions_are_written_as_all_are(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<v Ann Li>", "<v Ann>", "<v Bo>", "<v a&gt;b>", "<v a>b>", "</v>", "Hello", " ", "there.", "\n", "-", "–", "“No”", ">>", "&gt;&gt;", "Bo:",
                    "Cy: ", "<i>", "&amp;", "{\\an8}", "好。", "\u{3000}", "<00:01.500>", "7", "=",
                ]),
                0..9,
            ),
            label in prop::sample::select(vec!["Ann Li", "Bo", "a>b"]),
        ) {
            let text = parts.concat();
            prop_assert_eq!(written(&text, label, false), written(&text, label, true));
        }
    }

    #[test]
    fn most_captions_are_plain() {
        for (line, words) in [
            ("Hello.", Some("Hello.")),
            ("<v Ann Li>Hello.", Some("Hello.")),
            ("<v Ann Li>Hello.</v>", Some("Hello.")),
            ("你好。", Some("你好。")),
            ("<v Bo>Hello.", None),
            ("- Hello.", None),
            ("Tom &amp; Ann", None),
        ] {
            assert_eq!(plain_words(line, Some("Ann Li"), true), words, "{line}");
        }
    }

    #[test]
    fn tags_are_told_from_words() {
        let read = |text| tag(text).map(|(tag, _)| tag);
        assert_eq!(read("<v.loud.first Ann Li>Hi"), Some(Tag::Voice("Ann Li")));
        assert_eq!(read("<v>Hi"), Some(Tag::Style));
        assert_eq!(read("<00:01.500>Hi"), Some(Tag::Mark(Ok(MediaTime(1500)))));
        assert_eq!(read("<99:99>Hi"), Some(Tag::Mark(Err(Oddity::UnreadableTime))));
        assert_eq!(read("<font color=\"#fff\">Hi"), Some(Tag::Style));
        assert_eq!(read("<br/>"), Some(Tag::Break));
        for words in ["<3 you>", "< b", "<script>x", "<", "<i", "<2024-01>"] {
            assert_eq!(read(words), None, "{words}");
        }
    }
}
