//! Values of JSON, read where they are needed: segments, texts, times and labels of speakers.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::markup::one_spaced;
use crate::model::time::MediaTime;
use crate::parse::timed::oddity::Oddity;
use crate::parse::timed::times::{timestamp, usable_number};

/// A value that nobody has looked into.
pub(in crate::parse) type Raw<'j> = Option<&'j RawValue>;

/// A segment, an utterance, a sentence or a word, with the keys of all shapes.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'j"))]
pub(super) struct Entry<'j> {
    #[serde(borrow)]
    pub(super) start: Raw<'j>,
    pub(super) end: Raw<'j>,
    #[serde(rename = "startTime")]
    pub(super) start_time: Raw<'j>,
    #[serde(rename = "endTime")]
    pub(super) end_time: Raw<'j>,
    pub(super) body: Raw<'j>,
    pub(super) text: Raw<'j>,
    pub(super) transcript: Raw<'j>,
    pub(super) punctuated_word: Raw<'j>,
    pub(super) word: Raw<'j>,
    pub(super) speaker: Raw<'j>,
    pub(super) channel: Raw<'j>,
    pub(super) words: Raw<'j>,
    pub(super) offsets: Raw<'j>,
    pub(super) timestamps: Raw<'j>,
    // Deepgram's paragraphs, channels and alternatives.
    pub(super) sentences: Raw<'j>,
    pub(super) paragraphs: Raw<'j>,
    pub(super) alternatives: Raw<'j>,
    pub(super) detected_language: Raw<'j>,
    pub(super) language: Raw<'j>,
    // whisper.cpp
    pub(super) from: Raw<'j>,
    pub(super) to: Raw<'j>,
}

/// The unit of a shape's times, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Unit {
    Seconds,
    Milliseconds,
}

pub(super) fn entry(raw: &RawValue) -> Option<Entry<'_>> {
    if raw.get().starts_with('{') { serde_json::from_str(raw.get()).ok() } else { None }
}

pub(in crate::parse) fn list(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if raw.get().starts_with('[') { serde_json::from_str(raw.get()).ok() } else { None }
}

/// The objects of a list; what is none is left out.
pub(super) fn entries(raw: &RawValue) -> Vec<Entry<'_>> {
    let all = || list(raw).unwrap_or_default().into_iter().filter_map(entry).collect();
    serde_json::from_str(raw.get()).unwrap_or_else(|_| all())
}

pub(super) fn text_of<'j>(entry: &Entry<'j>) -> Raw<'j> {
    entry.body.or(entry.text).or(entry.transcript).or(entry.punctuated_word).or(entry.word)
}

/// Text, where the value is one.
pub(in crate::parse) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(raw.get()).ok().map(Cow::Owned)
}

pub(super) fn number(raw: &RawValue) -> Option<f64> {
    raw.get().trim_matches('"').trim().parse().ok()
}

/// A number, or a clock in quotes, which says its unit itself.
pub(in crate::parse) fn time(raw: &RawValue, unit: Unit) -> Option<Result<MediaTime, Oddity>> {
    match number(raw) {
        Some(number) if unit == Unit::Seconds => Some(usable_number(number * 1000.0)),
        Some(number) => Some(usable_number(number)),
        None => Some(string(raw).map_or(Err(Oddity::UnreadableTime), |text| timestamp(text.trim()))),
    }
}

/// The label of a speaker: as written, but for bare numbers and letters.
pub(super) fn label(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = string(raw).or_else(|| number(raw).map(|_| Cow::Borrowed(raw.get())))?;
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(one_spaced(&text)),
    };
    let is_bare = text.bytes().all(|byte| byte.is_ascii_digit()) || text.len() == 1 && text.is_ascii();
    match text.is_empty() || text.contains(char::is_control) {
        true => None,
        false if is_bare => Some(Cow::Owned(format!("Speaker {text}"))),
        false => Some(text),
    }
}
