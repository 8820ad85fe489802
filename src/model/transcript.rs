//! The text of an episode: sections, turns and cues, as spans of its source.
//!
//! A transcript borrows nothing and copies no text: every stretch is a [`Span`] of the file it was read from,
//! so that it is small, can be thrown away at once, and every word can be traced to its line.

use std::fmt;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::hash::ContentHash;
use crate::model::chapter::Chapter;
use crate::model::packed::Packed;
use crate::model::time::MediaTime;
use crate::source::Span;

/// All that a source file says, in the order in which it says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The title that the text itself gives (a first-level heading).
    pub title: Option<Span>,
    /// Where to listen, in the publisher's words.
    pub listen: Vec<Paragraph>,
    /// The key points, one each.
    pub key_points: Vec<Paragraph>,
    /// The background, by paragraphs.
    pub background: Vec<Paragraph>,
    /// Sections in order. Text before the first heading is in a section without title.
    pub sections: Vec<Section>,
    /// Lines at the end that nobody said.
    pub foot: Vec<Paragraph>,
    /// Speaker labels in order of first appearance; turns name them by index.
    pub speakers: Vec<Speaker>,
    /// Where paragraphs within turns, and those that are nobody's, begin on the media, in order; most sources have no
    /// such times.
    pub marks: Vec<TimeMark>,
    /// Chapters that a list in the text names, in order; nothing for a transcript from a record.
    #[serde(skip)]
    pub chapters: Vec<Chapter>,
    /// Every stretch that was taken for a time, in order; nothing for a transcript from a record.
    #[serde(skip)]
    pub clocks: Vec<Span>,
    /// Times that were not taken, in order; nothing for a transcript from a record.
    #[serde(skip)]
    pub time_faults: Vec<TimeFault>,
    /// Labels that are not written as labels are, in order; nothing for a transcript from a record.
    #[serde(skip)]
    pub doubts: Vec<Doubt>,
    /// The role of each line of the source, in order; nothing for a transcript from a record.
    #[serde(skip)]
    pub lines: Vec<Line>,
}

/// Where a paragraph within a turn, or one that is nobody's, begins on the media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeMark {
    /// Byte at which the paragraph begins: the start of its span.
    pub at: u32,
    /// Offset from the start of the media.
    pub start: MediaTime,
}

/// A time that cannot be true, and was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeFault {
    /// Why.
    pub kind: TimeFaultKind,
    /// The time as it is written.
    pub span: Span,
    /// Whether it is one of so many that no time of the source was taken.
    pub spoils_all: bool,
}

/// Why a time cannot be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeFaultKind {
    /// It is negative, or has minutes or seconds past 59.
    Impossible,
    /// It is past 24 hours.
    Late,
    /// It is out of order with those around it.
    Back,
}

/// A label that is not written as labels are, or words that may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// What is odd.
    pub kind: DoubtKind,
    /// All that is written as the label.
    pub written: Span,
    /// The part of it that is, or may be, the name.
    pub name: Span,
}

/// What is odd about a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtKind {
    /// More is bold than a name and its colon: `**Ann: I** think`, `**Ann: **`. Read as a label.
    Bold,
    /// Not bold, emphasised or without a colon, in a file of bold labels. Read as a label all the same.
    Unmarked,
    /// Only times follow the label, wherever it stands. Read as a cue.
    Times,
    /// A name with a colon among bold labels, which no bold label has. Not read as a label.
    Unread,
}

impl Transcript {
    /// The transcript as a record keeps it: without its lines, in some 2 KB an hour of speech. Spans count from the
    /// end of the one before, so that they are small numbers.
    pub fn packed(&mut self) -> Packed<Self> {
        let mut last = 0;
        self.for_each_span(|span| {
            let end = span.end;
            *span = span.moved(u32::wrapping_neg(last));
            last = end;
        });
        let packed = Packed::pack(self);
        self.count_spans_from_the_start();
        packed
    }

    /// What [`packed`](Self::packed) made. `None` where the bytes are of another version of the program.
    pub fn unpacked(packed: &Packed<Self>) -> Option<Self> {
        let mut transcript = packed.unpack()?;
        transcript.count_spans_from_the_start();
        Some(transcript)
    }

    fn count_spans_from_the_start(&mut self) {
        let mut last = 0;
        self.for_each_span(|span| {
            *span = span.moved(last);
            last = span.end;
        });
    }

    /// The spans of all items.
    fn for_each_span(&mut self, mut visit: impl FnMut(&mut Span)) {
        for item in self.sections.iter_mut().flat_map(|section| &mut section.items) {
            match item {
                Item::Turn(turn) => {
                    visit(&mut turn.label);
                    turn.paragraphs.iter_mut().for_each(|paragraph| visit(&mut paragraph.span));
                }
                Item::Cue(cue) => {
                    visit(&mut cue.label);
                    cue.text.iter_mut().for_each(&mut visit);
                }
                Item::Text(paragraph) => visit(&mut paragraph.span),
            }
        }
    }

    /// Whether its sections are chapters.
    pub fn has_chapters(&self) -> bool {
        self.sections.iter().any(|section| matches!(section.title, Some(Title::Chapter(_))))
    }

    /// All turns in order.
    pub fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.sections.iter().flat_map(|section| &section.items).filter_map(|item| match item {
            Item::Turn(turn) => Some(turn),
            Item::Cue(_) | Item::Text(_) => None,
        })
    }
}

/// The id of a turn in its page: six to eight lower-case letters and digits, the first a letter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TurnId([u8; 8]);

impl Ord for TurnId {
    /// By letters: as a number, which compares faster than bytes.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        u64::from_be_bytes(self.0).cmp(&u64::from_be_bytes(other.0))
    }
}

impl PartialOrd for TurnId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl TurnId {
    /// Takes an id that is spelled as one: `[a-z][a-z0-9]{5,7}`.
    pub fn new(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let fits = (6..=8).contains(&bytes.len()) && bytes[0].is_ascii_lowercase();
        let spelled = bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let mut id = [0; 8];
        (fits && spelled).then(|| id[..bytes.len()].copy_from_slice(bytes))?;
        Some(Self(id))
    }

    /// The first six letters of a hash.
    pub fn short(hash: &ContentHash) -> Self {
        let mut id = [0; 8];
        id[..6].copy_from_slice(hash.letters(6).as_bytes());
        Self(id)
    }

    /// The id as it stands in the page.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The id as bytes, for hashes: those of millions are made.
    pub fn as_bytes(&self) -> &[u8] {
        let len = 6 + self.0[6..].iter().take_while(|byte| **byte != 0).count();
        &self.0[..len]
    }

    /// Ids with a space behind each, to be hashed as one.
    pub fn in_a_row(ids: &[Self]) -> Vec<u8> {
        let mut row = Vec::with_capacity(ids.len() * 9);
        for id in ids {
            let mut word = [b' '; 9];
            word[..8].copy_from_slice(&id.0);
            let len = id.as_bytes().len();
            word[len] = b' ';
            row.extend_from_slice(&word[..=len]);
        }
        row
    }
}

impl fmt::Display for TurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Ids as one piece of eight bytes each: a memo holds hundreds of thousands.
pub(crate) mod turn_ids {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::TurnId;

    pub(crate) fn serialize<S: Serializer>(ids: &[TurnId], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TurnId>, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| TurnId(*bytes)).collect())
    }
}

impl fmt::Debug for TurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A speaker label of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// The label as it is first written, without markup.
    pub label: String,
    /// Where it is first written.
    pub span: Span,
}

/// A titled stretch of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// Its number as written; presentation only.
    pub number: Option<u32>,
    /// Its title without number, `None` for text before the first heading.
    pub title: Option<Title>,
    /// Where it begins on the media.
    pub start: Option<MediaTime>,
    /// What it holds.
    pub items: Vec<Item>,
}

/// The title of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Title {
    /// As it stands in the text.
    Written(Span),
    /// As a chapter has it: plain text.
    Chapter(String),
}

impl Title {
    /// The title as it is written; `text` is that of the transcript.
    pub fn of<'t>(&'t self, text: &'t str) -> &'t str {
        match self {
            Self::Written(span) => span.of(text),
            Self::Chapter(title) => title,
        }
    }
}

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SectionKind {
    /// A stretch of the conversation.
    Plain,
    /// The last words.
    Closing,
}

/// One thing in a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// Somebody speaks.
    Turn(Turn),
    /// Something is heard that is not speech, or a note on the recording.
    Cue(Cue),
    /// Text that is nobody's for certain.
    Text(Paragraph),
}

impl Item {
    /// When it begins on the media; `marks` are the transcript's.
    pub fn start(&self, marks: &[TimeMark]) -> Option<MediaTime> {
        match self {
            Self::Turn(turn) => turn.start,
            Self::Cue(cue) => cue.start,
            Self::Text(paragraph) => paragraph.mark(marks),
        }
    }
}

/// The paragraphs of a turn. Most turns have one, which needs no room of its own: there are a million of them.
pub type Paragraphs = SmallVec<[Paragraph; 1]>;

/// One person speaking without a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Index into [`Transcript::speakers`].
    pub speaker: u32,
    /// Offset from the start of the media, where the source has times.
    pub start: Option<MediaTime>,
    /// Where the label stands.
    pub label: Span,
    /// What is said, by paragraphs, without labels. Empty where a label stands alone.
    pub paragraphs: Paragraphs,
}

/// A non-speech cue such as `Break`, with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    /// Offset from the start of the media, where the source has times.
    pub start: Option<MediaTime>,
    /// The words of the cue: label and what follows it.
    pub label: Span,
    /// Further words, such as the name of a song.
    pub text: Option<Span>,
}

/// Whether words of a cue are in brackets, and say their time themselves: `[inaudible 0:12]`, `[57:26] to [58:16]`.
pub fn says_time(words: &str) -> bool {
    words.starts_with(['[', '\\', '(', '（', '【'])
}

/// A paragraph: one span of consecutive source lines.
///
/// Single line breaks in it are soft: they become a space, or nothing between two Han characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// From its first word to its last.
    pub span: Span,
}

impl Paragraph {
    /// When it begins on the media, of the transcript's marks.
    pub fn mark(&self, marks: &[TimeMark]) -> Option<MediaTime> {
        let place = marks.binary_search_by_key(&self.span.start, |mark| mark.at).ok()?;
        Some(marks[place].start)
    }
}

/// One line of a source and what it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Byte at which the line begins.
    pub start: u32,
    /// What it is.
    pub role: LineRole,
}

/// What a line of a source was taken for. `podleaf check --explain` prints it with [`LineRole::reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`reason` says what each means, in the words that users see")]
pub enum LineRole {
    Blank,
    FrontMatter,
    Title,
    Listen,
    KeyPointsHeading,
    KeyPoint,
    BackgroundHeading,
    Background,
    TranscriptHeading,
    SectionHeading,
    ClosingHeading,
    RelatedHeading,
    Speaker,
    TimedSpeaker,
    LabelledSpeech,
    TimedLabelledSpeech,
    Time,
    TimedSpeech,
    Speech,
    Cue,
    Unattributed,
    Foot,
    Leftover,
    Comment,
    CaptionHeader,
    CueNumber,
    Timing,
    Caption,
    Repeat,
    Style,
    Data,
    ChaptersHeading,
    Chapter,
    BadChapter,
}

impl LineRole {
    /// The role's name.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// Why a line gets this role.
    pub fn reason(self) -> &'static str {
        self.words().1
    }

    /// Whether the words of the line are left out of the page on purpose.
    pub fn is_dropped(self) -> bool {
        matches!(
            self,
            Self::Leftover | Self::RelatedHeading | Self::Comment | Self::Repeat | Self::Style | Self::BadChapter
        )
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Blank => ("blank", "parts paragraphs"),
            Self::FrontMatter => ("front matter", "between the fences at the top"),
            Self::Title => ("title", "the first first-level heading"),
            Self::Listen => ("listen", "says where to listen, before anybody speaks"),
            Self::KeyPointsHeading => ("key points heading", "a heading word for key points"),
            Self::KeyPoint => ("key point", "under the key points heading"),
            Self::BackgroundHeading => ("background heading", "a heading word for background"),
            Self::Background => ("background", "under the background heading"),
            Self::TranscriptHeading => {
                ("transcript heading", "a heading word for the transcript; the page has its own")
            }
            Self::SectionHeading => ("section heading", "a numbered or marked heading"),
            Self::ClosingHeading => ("closing heading", "a heading word for the closing"),
            Self::RelatedHeading => ("related heading, dropped", "the site fills this block itself"),
            Self::Speaker => ("speaker", "a name alone on its line, with text below"),
            Self::TimedSpeaker => ("speaker and time", "a name and when they begin, with text below"),
            Self::LabelledSpeech => ("speaker and speech", "a name and what they say"),
            Self::TimedLabelledSpeech => ("speaker, time and speech", "a name, when they begin and what they say"),
            Self::Time => ("time", "when the words below are said"),
            Self::TimedSpeech => ("time and speech", "continues the turn, from this time on"),
            Self::Speech => ("speech", "continues the turn"),
            Self::Cue => ("cue", "a sound or a note, not speech"),
            Self::Unattributed => ("unattributed", "no label says whose words these are"),
            Self::Foot => ("foot", "at the end, after a page leftover: nobody said it"),
            Self::Leftover => ("leftover, dropped", "a leftover of the page it was copied from"),
            Self::Comment => ("comment, dropped", "an HTML comment, or a note in captions"),
            Self::CaptionHeader => ("caption header", "the first block of WebVTT"),
            Self::CueNumber => ("cue number", "numbers or names the cue below"),
            Self::Timing => ("time", "when the words below are heard"),
            Self::Caption => ("caption", "words of a timed cue whose speaker is known"),
            Self::Repeat => ("repeated caption, dropped", "rolling captions show a line again when the next one comes"),
            Self::Style => ("style, dropped", "how and where captions look"),
            Self::Data => ("data", "around the words, not of them"),
            Self::ChaptersHeading => ("chapters heading", "a heading word for chapters"),
            Self::Chapter => {
                ("chapter", "a time and a title: a section, where turns have times and there are no others")
            }
            Self::BadChapter => ("chapter, dropped", "no time or no title that can be read, or a time out of order"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item((kind, spans): (u8, [Span; 2])) -> Item {
        let [first, second] = spans;
        match kind {
            0 => Item::Text(Paragraph { span: first }),
            1 => Item::Cue(Cue { start: None, label: first, text: Some(second) }),
            _ => {
                let paragraphs = Paragraphs::from_elem(Paragraph { span: second }, 1);
                Item::Turn(Turn { speaker: 0, start: Some(MediaTime(1)), label: first, paragraphs })
            }
        }
    }

    proptest! {
        #[test]
        fn a_packed_transcript_is_the_same_with_spans_in_any_order(
            items in prop::collection::vec((0..3_u8, prop::array::uniform2((0..=u32::MAX, 0..=u32::MAX))), 0..9),
        ) {
            let span = |(one, other): (u32, u32)| Span { start: one.min(other), end: one.max(other) };
            let items = items.into_iter().map(|(kind, spans)| item((kind, spans.map(span)))).collect();
            let section = Section { kind: SectionKind::Plain, number: None, title: None, start: None, items };
            let mut transcript = Transcript { sections: vec![section], ..Transcript::default() };
            let before = transcript.clone();
            let packed = transcript.packed();
            prop_assert_eq!(&transcript, &before);
            prop_assert_eq!(Transcript::unpacked(&packed), Some(before));
        }
    }
}
