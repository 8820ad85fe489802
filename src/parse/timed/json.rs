//! Transcripts in JSON, told by their shape: Podcasting 2.0, Whisper, WhisperX, whisper.cpp, Deepgram, AssemblyAI.
//!
//! Values are looked at only where a shape needs them, and borrow from the file. A value of the wrong kind costs its
//! segment, not the file. Words are taken as they are, times in seconds but where a shape has milliseconds.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::language::Language;
use crate::model::time::MediaTime;
use crate::model::transcript::LineRole;
use crate::parse::timed::lines::lines_of;
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::times;
use crate::parse::timed::value::{Entry, Raw, Unit, entries, entry, label, list, number, string, text_of, time};
use crate::parse::timed::writer::{CueHead, Writer};
use crate::parse::timed::{TimedText, place};
use crate::source::{SourceFile, Span};

const SHAPES: &str = "known are Podcasting 2.0 (`segments` with `startTime` and `body`), Whisper and WhisperX \
                      (`segments` with `start` and `text`), whisper.cpp (`transcription` with `offsets`), Deepgram \
                      (`results` with `utterances` or `channels`) and AssemblyAI (`utterances`, or `words` with `text`)";

/// Segments that are looked at to tell one shape from another.
const FEW: usize = 200;

/// The top of a file, with the keys of all shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'j"))]
struct Root<'j> {
    #[serde(borrow)]
    segments: Raw<'j>,
    transcription: Raw<'j>,
    results: Raw<'j>,
    utterances: Raw<'j>,
    words: Raw<'j>,
    chapters: Raw<'j>,
    // What other recognisers call theirs.
    monologues: Raw<'j>,
    transcript: Raw<'j>,
    transcripts: Raw<'j>,
    cues: Raw<'j>,
    text: Raw<'j>,
    language: Raw<'j>,
    language_code: Raw<'j>,
    result: Raw<'j>,
}

/// Reads a JSON file. `None` for chapters and other data, and for a file that is no JSON: what is wrong is said.
pub(super) fn parse_json(file: &SourceFile) -> (Option<TimedText>, Diagnostics) {
    let text = file.text.as_str();
    let root = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map(|segments| Root { segments: Some(segments), ..Root::default() })
    } else {
        serde_json::from_str::<Root<'_>>(text)
    };
    let root = match root {
        Ok(root) => root,
        Err(error) if error.is_data() => return (None, Diagnostics::from_iter([unknown(file, &Root::default())])),
        Err(error) => return (None, Diagnostics::from_iter([bad_json(file, &error)])),
    };
    let mut reader = Reader { source: text, writer: Writer::default(), ends_block: false };
    if !reader.shape(&root) {
        return (None, Diagnostics::from_iter([unknown(file, &root)]));
    }
    let Reader { mut writer, .. } = reader;
    writer.timed.lines = lines_of(text, writer.timed.cues.iter().map(|cue| cue.at), LineRole::Caption);
    times::check(&mut writer.timed, &mut writer.oddities);
    (Some(writer.timed), writer.oddities.into_diagnostics(file))
}

/// What is wrong with the syntax of JSON.
pub(in crate::parse) fn bad_json(file: &SourceFile, error: &serde_json::Error) -> Diagnostic {
    let message = if error.is_eof() { "the JSON ends in the middle: the file is cut off" } else { "this is no JSON" };
    let at = offset(&file.text, error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    Diagnostic::error("bad-json", message).at(file, Span::new(at, at), reason).help("export or download it again")
}

/// The byte at a line (from 1) and a column (in bytes, from 1).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let newline = |n: usize| memchr::memchr_iter(b'\n', text.as_bytes()).nth(n);
    let start = line.checked_sub(2).and_then(newline).map_or(0, |at| at + 1);
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Data that is no transcript is passed over with a note; what may be one is an error, since its words would be missed.
fn unknown(file: &SourceFile, root: &Root<'_>) -> Diagnostic {
    let diagnostic = if root.chapters.is_some() {
        Diagnostic::note("not-a-transcript", "these are chapters, not a transcript: no episode is made of them")
            .help("chapters belong to an episode whose file has the same name")
    } else if root.is_like_a_transcript() {
        Diagnostic::error("unknown-json", "this JSON is no transcript of a known shape").help(SHAPES)
    } else {
        Diagnostic::note("not-a-transcript", "this JSON is no transcript: no episode is made of it").help(SHAPES)
    };
    diagnostic.in_file(&file.path)
}

impl Root<'_> {
    fn is_like_a_transcript(&self) -> bool {
        let ours = [self.segments, self.transcription, self.results, self.utterances, self.words];
        let other = [self.monologues, self.transcript, self.transcripts, self.cues, self.text];
        ours.iter().chain(&other).any(Option::is_some)
    }
}

/// A cue that is not written yet.
#[derive(Debug)]
struct Found<'j> {
    entry: Entry<'j>,
    at: &'j str,
    speaker: Option<Cow<'j, str>>,
    opens: bool,
}

struct Reader<'j> {
    source: &'j str,
    writer: Writer,
    /// Whether the last text ended with a line break, which ends a block in Podcasting 2.0.
    ends_block: bool,
}

impl<'j> Reader<'j> {
    /// Reads the first shape that fits; `false` where none does.
    fn shape(&mut self, root: &Root<'j>) -> bool {
        let whisper_cpp = root.result.and_then(entry).and_then(|result| result.language);
        self.language([root.language, root.language_code, whisper_cpp]);
        if let Some(list) = root.segments.and_then(list).filter(|list| has_text(list)) {
            self.all(&list, Unit::Seconds);
        } else if let Some(list) = root.transcription.and_then(list).filter(|list| has_text(list)) {
            self.all(&list, Unit::Milliseconds);
        } else if let Some(list) = root.utterances.and_then(list).filter(|list| has_text(list)) {
            self.all(&list, unit_of(&list));
        } else if let Some(results) = root.results {
            return self.deepgram(results);
        } else if let Some(list) = root.words.and_then(list).filter(|list| has_text(list)) {
            let has_word = list.iter().find_map(|raw| entry(raw)).is_some_and(|entry| entry.word.is_some());
            self.all(&list, if has_word { Unit::Seconds } else { Unit::Milliseconds });
        } else {
            return false;
        }
        true
    }

    fn language(&mut self, declared: [Raw<'j>; 3]) {
        let tag = |raw: &'j RawValue| Language::new(&string(raw)?);
        self.writer.timed.language = declared.into_iter().flatten().find_map(tag);
    }

    fn deepgram(&mut self, results: &'j RawValue) -> bool {
        #[derive(Deserialize)]
        #[serde(bound(deserialize = "'de: 'j"))]
        struct Results<'j> {
            #[serde(borrow)]
            utterances: Raw<'j>,
            channels: Raw<'j>,
        }
        let Ok(Results { utterances, channels }) = serde_json::from_str::<Results<'j>>(results.get()) else {
            return false;
        };
        let channels: Vec<Entry<'j>> =
            channels.and_then(list).unwrap_or_default().into_iter().filter_map(entry).collect();
        self.language([channels.first().and_then(|channel| channel.detected_language), None, None]);
        if let Some(list) = utterances.and_then(list).filter(|list| has_text(list)) {
            self.all(&list, Unit::Seconds);
            return true;
        }
        let n_channels = channels.len();
        let mut found = Vec::new();
        for (idx, channel) in channels.into_iter().enumerate() {
            let best = channel.alternatives.and_then(list).and_then(|list| entry(list.first()?));
            let own = best.map(|best| self.alternative(best)).unwrap_or_default();
            let name = (n_channels > 1).then(|| Cow::Owned(format!("Channel {idx}")));
            found.extend(
                own.into_iter().map(|found| Found { speaker: found.speaker.or_else(|| name.clone()), ..found }),
            );
        }
        if n_channels > 1 {
            // A channel is one voice of a talk; a word without a time stays behind the one before it.
            let mut last = f64::MIN;
            let starts: Vec<f64> = found
                .iter()
                .map(|found: &Found<'_>| {
                    last = found.entry.start.and_then(number).unwrap_or(last);
                    last
                })
                .collect();
            let mut order: Vec<usize> = (0..found.len()).collect();
            order.sort_by(|one, other| starts[*one].total_cmp(&starts[*other]));
            let mut slots: Vec<Option<Found<'_>>> = found.into_iter().map(Some).collect();
            found = order.into_iter().filter_map(|idx| slots[idx].take()).collect();
        }
        found.into_iter().for_each(|found| self.cue(found, Unit::Seconds, false));
        n_channels > 0
    }

    /// The sentences of Deepgram's paragraphs, or its words, or its text.
    fn alternative(&mut self, best: Entry<'j>) -> Vec<Found<'j>> {
        let inner = best.paragraphs.and_then(entry).and_then(|outer| outer.paragraphs).and_then(list);
        let mut found = Vec::new();
        for raw in inner.unwrap_or_default() {
            let Some(paragraph) = self.entry(raw) else { continue };
            let speaker = paragraph.speaker.and_then(label);
            let sentences = paragraph.sentences.and_then(list).unwrap_or_default();
            for (idx, raw) in sentences.into_iter().enumerate() {
                let entry = self.entry(raw);
                found.extend(entry.map(|entry| Found {
                    entry,
                    at: raw.get(),
                    speaker: speaker.clone(),
                    opens: idx == 0,
                }));
            }
        }
        if found.is_empty() {
            found = self.found(&best.words.and_then(list).unwrap_or_default());
        }
        if found.is_empty() {
            let at = best.transcript.map_or("", RawValue::get);
            found.extend((!at.is_empty()).then_some(Found { entry: best, at, speaker: None, opens: false }));
        }
        found
    }

    fn all(&mut self, list: &[&'j RawValue], unit: Unit) {
        let found = self.found(list);
        let n_spaced =
            found.iter().filter(|found| text_of(&found.entry).is_some_and(|raw| raw.get().starts_with("\" "))).count();
        let is_spaced = n_spaced * 3 >= found.len();
        found.into_iter().for_each(|found| self.cue(found, unit, is_spaced));
    }

    fn found(&mut self, list: &[&'j RawValue]) -> Vec<Found<'j>> {
        let mut found = Vec::with_capacity(list.len());
        for raw in list {
            let Some(entry) = self.entry(raw) else { continue };
            let channel = || Some(Cow::Owned(format!("Channel {}", entry.channel.and_then(number)?)));
            let speaker = entry.speaker.and_then(label).or_else(|| common_speaker(&entry)).or_else(channel);
            found.push(Found { entry, at: raw.get(), speaker, opens: false });
        }
        let channels: Vec<_> = found.iter().filter_map(|found| found.entry.channel.map(RawValue::get)).collect();
        if channels.windows(2).all(|pair| pair[0] == pair[1]) {
            // One channel is the whole recording, and no voice of it.
            let is_channel = |found: &&mut Found<'_>| found.entry.speaker.is_none() && found.entry.channel.is_some();
            found.iter_mut().filter(is_channel).for_each(|found| found.speaker = common_speaker(&found.entry));
        }
        found
    }

    /// A segment; one that is no object is noted.
    fn entry(&mut self, raw: &'j RawValue) -> Option<Entry<'j>> {
        let found = entry(raw);
        if found.is_none() {
            self.writer.oddities.add(Oddity::BadSegment, place(self.source, raw.get()));
        }
        found
    }

    /// Writes a cue. `is_spaced`: words begin with a space, so that a text without one goes on in the word before it.
    fn cue(&mut self, found: Found<'j>, unit: Unit, is_spaced: bool) {
        let Found { entry, at, speaker, opens } = found;
        let raw = text_of(&entry);
        let at = place(self.source, raw.map_or(at, RawValue::get));
        let words = entry.words.map(entries).unwrap_or_default();
        let Some(text) = raw.and_then(string).or_else(|| joined(&words)) else {
            let oddity = if raw.is_some() { Oddity::BadSegment } else { Oddity::EmptyCue };
            return self.writer.oddities.add(oddity, at);
        };
        let label_at = entry.speaker.map_or(at, |raw| place(self.source, raw.get()));
        let speaker = speaker.map(|label| self.writer.speaker(&label, label_at));
        let [start, end] = self.times(&entry, unit, at);
        if goes_on(&text, is_spaced) && !self.writer.timed.text.is_empty() {
            self.writer.open_glued();
        } else {
            self.writer.open();
        }
        let mut from = self.writer.timed.text.len();
        self.writer.push(text.trim());
        for word in &words {
            let time = word.start.and_then(|raw| time(raw, unit));
            let spelled = [word.punctuated_word, word.word, word.text].into_iter().flatten().find_map(string);
            let Some((Ok(time), spelled)) = time.zip(spelled) else { continue };
            from = self.writer.word_at(time, spelled.trim(), from);
        }
        let opens = opens || std::mem::replace(&mut self.ends_block, text.ends_with('\n'));
        if !self.writer.close(CueHead { start, end, speaker, at, opens }) {
            self.writer.oddities.add(Oddity::EmptyCue, at);
        }
    }

    fn times(&mut self, entry: &Entry<'j>, unit: Unit, at: Span) -> [Option<MediaTime>; 2] {
        let cpp = entry.offsets.or(entry.timestamps).and_then(self::entry);
        let (from, to) = cpp.map_or((None, None), |cpp| (cpp.from, cpp.to));
        let start = entry.start_time.or(entry.start).or(from);
        let end = entry.end_time.or(entry.end).or(to);
        [start, end].map(|raw| raw.and_then(|raw| time(raw, unit)).and_then(|time| self.writer.usable(time, at)))
    }
}

/// Whether a list is one of segments: it is empty, or one of the first has words.
fn has_text(list: &[&RawValue]) -> bool {
    let has_text = |raw: &&RawValue| entry(raw).is_some_and(|entry| text_of(&entry).is_some() || entry.words.is_some());
    list.is_empty() || list.iter().take(FEW).any(has_text)
}

/// The speaker of all words of a segment that have one, where the segment itself has none.
fn common_speaker<'j>(entry: &Entry<'j>) -> Option<Cow<'j, str>> {
    let mut speakers = entry.words.map(entries)?.into_iter().filter_map(|word| label(word.speaker?));
    let first = speakers.next()?;
    speakers.all(|other| other == first).then_some(first)
}

/// The words of a segment without text.
fn joined<'j>(words: &[Entry<'j>]) -> Option<Cow<'j, str>> {
    let words: Vec<Cow<'j, str>> = words.iter().filter_map(|word| string(text_of(word)?)).collect();
    let is_spaced = words.iter().any(|word| word.starts_with(' '));
    (!words.is_empty()).then(|| Cow::Owned(words.join(if is_spaced { "" } else { "\n" })))
}

/// Whether a text belongs to the word before it: a mark alone, or where words begin with a space, a word without one.
fn goes_on(text: &str, is_spaced: bool) -> bool {
    let is_mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '(' | '[' | '"' | '$' | '#' | '@' | '*' | '-');
    let runs_on = is_spaced && text.starts_with(|c: char| c.is_alphanumeric() || is_mark(c));
    runs_on || !text.is_empty() && text.chars().all(is_mark)
}

/// AssemblyAI counts whole milliseconds; others that call their segments utterances have seconds with a fraction.
fn unit_of(list: &[&RawValue]) -> Unit {
    let has_fraction =
        |raw: &&RawValue| entry(raw).and_then(|entry| entry.start).is_some_and(|raw| raw.get().contains('.'));
    if list.iter().take(FEW).any(has_fraction) { Unit::Seconds } else { Unit::Milliseconds }
}
