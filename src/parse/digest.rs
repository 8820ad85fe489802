//! How long an episode's speakers, sections and turns are, and its ribbon.

use std::borrow::Cow;

use crate::model::episode::{Bar, SectionOutline, SpeakerOutline};
use crate::model::packed::Packed;
use crate::model::time::MediaTime;
use crate::model::transcript::{Item, Section, SectionKind, Transcript, Turn};
use crate::parse::about::{head, shortened};
use crate::parse::measure::{Length, length};
use crate::parse::read::ReadTranscript;
use crate::parse::timeline;
use crate::parse::transcript::ids::section_ids;

/// Bars of a ribbon at most; neighbours are merged past it.
const MAX_BARS: usize = 300;
/// Characters that are shown of a speaker's first words.
const QUOTE_CHARS: usize = 90;
/// Bytes that a finding shows of a line behind its label.
const LINE_HEAD: usize = 40;

/// Lengths of an episode's speakers, sections and turns, from one walk over its text.
pub(super) struct Digest {
    pub(super) total: Length,
    pub(super) speakers: Vec<SpeakerOutline>,
    /// First turn, length and number of turns of each section.
    sections: Vec<(usize, u32, u32)>,
    bars: Vec<Bar>,
    /// Whether the bars are by time.
    pub(super) timed: bool,
}

impl Digest {
    pub(super) fn of(read: &ReadTranscript, duration: Option<MediaTime>) -> Self {
        let transcript = &read.transcript;
        let (total, speakers) = (Length::default(), outlines(read));
        let mut digest = Self { total, speakers, sections: Vec::new(), bars: Vec::new(), timed: false };
        for (section_idx, section) in transcript.sections.iter().enumerate() {
            let (first, mut spoken, mut n_turns) = (digest.bars.len(), 0, 0);
            for item in &section.items {
                match item {
                    Item::Turn(turn) => {
                        spoken += digest.turn(read, turn, section_idx as u32);
                        n_turns += 1;
                    }
                    Item::Text(paragraph) => {
                        let length = length(paragraph.span.of(&read.file.text));
                        spoken += length.chars;
                        digest.total += length;
                    }
                    Item::Cue(_) => {}
                }
            }
            digest.sections.push((first, spoken, n_turns));
        }
        digest.time(transcript, duration);
        for bar in &digest.bars {
            digest.speakers[usize::from(bar.speaker)].on_ribbon += u64::from(bar.length);
        }
        digest
    }

    /// Makes the bars as long as their turns take, where most turns have a time.
    fn time(&mut self, transcript: &Transcript, duration: Option<MediaTime>) {
        if transcript.turns().all(|turn| turn.start.is_none()) {
            return;
        }
        let turns: Vec<_> = transcript.turns().zip(&self.bars).map(|(turn, bar)| (turn.start, bar.length)).collect();
        let Some(lengths) = timeline::lengths(&turns, duration) else { return };
        self.bars.iter_mut().zip(lengths).for_each(|(bar, length)| bar.length = length);
        self.timed = true;
    }

    fn turn(&mut self, read: &ReadTranscript, turn: &Turn, section: u32) -> u32 {
        let text = &read.file.text;
        let mut spoken = Length::default();
        turn.paragraphs.iter().for_each(|paragraph| spoken += length(paragraph.span.of(text)));
        self.total += spoken;
        let outline = &mut self.speakers[turn.speaker as usize];
        outline.n_turns += 1;
        outline.length += spoken.chars;
        let is_first = outline.n_turns == 1;
        let wanted = is_first || (spoken.chars >= 30 && outline.first_words.chars().take(30).count() < 30);
        if let Some(paragraph) = turn.paragraphs.first().filter(|_| wanted) {
            outline.first_words = shortened(&read.style.plain(head(paragraph.span.of(text), 600)), QUOTE_CHARS);
            outline.first_turn = self.bars.len() as u32;
            outline.first_section = section;
        }
        let (speaker, length) = (turn.speaker.min(u32::from(u16::MAX)) as u16, spoken.chars.max(1));
        self.bars.push(Bar { speaker, length, turn: self.bars.len() as u32 });
        spoken.chars
    }

    /// The ribbon.
    pub(super) fn ribbon(&self) -> Packed<Vec<Bar>> {
        Packed::pack(&merged(&self.bars, MAX_BARS).into_owned())
    }

    pub(super) fn sections(&self, text: &str, read: &ReadTranscript) -> Vec<SectionOutline> {
        let ids = section_ids(text, &read.transcript.sections);
        let outlines = read.transcript.sections.iter().zip(ids).zip(&self.sections);
        let (mut start, mut n_before) = (0, 0);
        let mut start_of = |first: usize| {
            start += self.bars[n_before..first].iter().map(|bar| u64::from(bar.length)).sum::<u64>();
            n_before = first;
            start
        };
        outlines
            .map(|((section, id), &(first, length, n_turns))| SectionOutline {
                id,
                number: section.number,
                title: section.title.as_ref().map(|title| read.plain_title(title)),
                closing: section.kind == SectionKind::Closing,
                start: start_of(first),
                time: section.start.or_else(|| first_time(section)),
                length,
                n_turns,
            })
            .collect()
    }
}

/// The time of the first turn or cue of a section.
fn first_time(section: &Section) -> Option<MediaTime> {
    section.items.iter().find(|item| !matches!(item, Item::Text(_)))?.start(&[])
}

pub(super) fn outlines(read: &ReadTranscript) -> Vec<SpeakerOutline> {
    let mut line = 1;
    let mut at = 0;
    let source = &read.source().text;
    let text = source.as_bytes();
    let outline = |speaker: &crate::model::transcript::Speaker| {
        let start = speaker.span.start as usize;
        if start > at {
            line += memchr::memchr_iter(b'\n', &text[at..start]).count() as u32;
            at = start;
        }
        let from = source[..start].rfind('\n').map_or(0, |idx| idx + 1);
        let to = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |idx| start + idx);
        let line_head = head(source[from..to].trim_end(), speaker.span.end as usize - from + LINE_HEAD);
        SpeakerOutline {
            label: speaker.label.clone(),
            line,
            line_head: line_head.to_owned(),
            line_at: (start - from) as u32,
            n_turns: 0,
            length: 0,
            on_ribbon: 0,
            first_words: String::new(),
            first_turn: 0,
            first_section: 0,
        }
    };
    read.transcript.speakers.iter().map(outline).collect()
}

/// At most `max` bars: short neighbours become one, which keeps the longest one's speaker.
pub fn merged(bars: &[Bar], max: usize) -> Cow<'_, [Bar]> {
    if bars.len() <= max {
        return Cow::Borrowed(bars);
    }
    let total: u64 = bars.iter().map(|bar| u64::from(bar.length)).sum();
    let step = total.div_ceil(max as u64).max(1);
    let mut out: Vec<Bar> = Vec::with_capacity(max);
    let (mut open, mut done) = (0, 0_u64);
    for (idx, bar) in bars.iter().enumerate() {
        done += u64::from(bar.length);
        if done >= (out.len() as u64 + 1) * step {
            out.push(longest(&bars[open..=idx]));
            open = idx + 1;
        }
    }
    if open < bars.len() {
        out.push(longest(&bars[open..]));
    }
    Cow::Owned(out)
}

/// Neighbours as one bar, which is its longest one's. There is at least one.
fn longest(bars: &[Bar]) -> Bar {
    let mut longest = bars[0];
    let mut length = 0_u32;
    for bar in bars {
        length = length.saturating_add(bar.length);
        if bar.length > longest.length {
            longest = *bar;
        }
    }
    Bar { speaker: longest.speaker, length, turn: bars[0].turn }
}

/// Whether most turns, and most words that are nobody's, say when they are heard: themselves, or one of their paragraphs.
pub(super) fn has_times(transcript: &Transcript) -> bool {
    let (mut n_timed, mut n_items) = (0, 0);
    for item in transcript.sections.iter().flat_map(|section| &section.items) {
        let is_timed = match item {
            Item::Turn(turn) => {
                turn.start.is_some() || turn.paragraphs.iter().any(|p| p.mark(&transcript.marks).is_some())
            }
            Item::Text(paragraph) => paragraph.mark(&transcript.marks).is_some(),
            Item::Cue(_) => continue,
        };
        n_timed += usize::from(is_timed);
        n_items += 1;
    }
    timeline::is_timed(n_timed, n_items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_merge_without_losing_length() {
        let bar = |n: u32| Bar { speaker: (n % 3) as u16, length: 1 + n % 90, turn: n };
        let bars: Vec<Bar> = (0..1286).map(bar).collect();
        let total: u32 = bars.iter().map(|bar| bar.length).sum();
        let merged = merged(&bars, 300);
        assert!(merged.len() <= 300 && merged.len() > 200, "{}", merged.len());
        assert_eq!(merged.iter().map(|bar| bar.length).sum::<u32>(), total);
        assert!(merged.is_sorted_by(|one, next| one.turn < next.turn));
    }
}
