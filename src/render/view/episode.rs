//! The view of an episode page. In templates: `episode`.

use serde::Serialize;

use crate::render::view::{CoverView, DateView, Link};

/// An episode page but for its transcript: what comes from records. Its hash is part of the page's key.
#[derive(Debug, Clone, Serialize)]
pub struct EpisodeView {
    /// The title.
    pub title: String,
    /// The title split where it breaks well, two parts at most.
    pub title_lines: Vec<String>,
    /// Language of the text.
    pub lang: String,
    /// The show.
    pub show: Link,
    /// `No. 42`, or null.
    pub number: Option<String>,
    /// `Season 2` with its link, or null.
    pub season: Option<Link>,
    /// When it came out, or null.
    pub date: Option<DateView>,
    /// `about 12 min`.
    pub reading_time: String,
    /// The declared description, or null.
    pub dek: Option<String>,
    /// Who is in it, hosts first.
    pub people: Vec<SpeakerView>,
    /// Topics.
    pub topics: Vec<Link>,
    /// Series.
    pub series: Vec<Link>,
    /// Key points.
    pub key_points: Vec<KeyPointView>,
    /// What is there to listen with.
    pub listen: ListenView,
    /// Contents, in the order of the page: key points, background, sections, listen.
    pub toc: Vec<TocEntry>,
    /// Share of talk by speaker, in order of appearance.
    pub legend: Vec<LegendEntry>,
    /// A reference to quote the episode by.
    pub citation: String,
    /// The permalink as people write it, or null without `base_url`.
    pub address: Option<String>,
    /// Translation of what: words, and a link where it is one; null where it is no translation.
    pub original: Option<Link>,
    /// The episode's files for apps and machines.
    pub formats: Vec<Link>,
    /// The sentence that says what a machine made, or null.
    pub synthetic: Option<String>,
    /// Episodes with people or topics in common; empty where nothing is related.
    pub related: Vec<RelatedView>,
    /// The episode before this one in its show, or null.
    pub previous: Option<PagerLink>,
    /// The episode after this one in its show, or null.
    pub next: Option<PagerLink>,
}

/// What is drawn from the episode's own text. In templates: `drawn`.
///
/// It follows from the sources and the speakers, which the page's key holds already.
#[derive(Debug, Clone, Serialize)]
pub struct DrawnView {
    /// The episode's picture.
    pub cover: CoverView,
    /// Who speaks when, or null where nobody does.
    pub ribbon: Option<RibbonView>,
}

/// The transcript part of an episode page. In templates: `transcript`.
#[derive(Debug, Clone, Serialize)]
pub struct TranscriptView {
    /// Where to listen, in the publisher's words.
    pub listen_html: Vec<String>,
    /// The background.
    pub background_html: Vec<String>,
    /// Sections in order.
    pub sections: Vec<SectionView>,
    /// Lines that nobody said.
    pub foot_html: Vec<String>,
    /// Whether turns have times and there is a recording to play from them.
    pub plays: bool,
}

/// A person of the episode.
#[derive(Debug, Clone, Serialize)]
pub struct SpeakerView {
    /// Colour: 1 is plain ink, 2 to 9 the eight hues; 0 for somebody who is named and does not speak.
    pub speaker: u8,
    /// The name.
    pub name: String,
    /// Language of the name, where it differs from the page's.
    pub lang: Option<String>,
    /// The person's page, or null.
    pub href: Option<String>,
    /// `host`, `guest`, a person's few words, or null.
    pub role: Option<String>,
    /// Whether the turns have no rule (the host, where roles are known).
    pub host: bool,
}

/// A key point.
#[derive(Debug, Clone, Serialize)]
pub struct KeyPointView {
    /// The bold opening, or null.
    pub lead_html: Option<String>,
    /// The rest.
    pub text_html: String,
}

/// The listen block.
#[derive(Debug, Clone, Serialize)]
pub struct ListenView {
    /// The audio, or null.
    pub audio: Option<AudioView>,
    /// Where to subscribe or listen, in order.
    pub links: Vec<Link>,
    /// QR code of the listen address or permalink, or null.
    pub qr: Option<QrView>,
    /// Length of the audio as a clock, or null.
    pub duration: Option<String>,
}

/// Audio for the native player.
#[derive(Debug, Clone, Serialize)]
pub struct AudioView {
    /// Its address.
    pub src: String,
    /// Its media type.
    pub media_type: String,
}

/// A QR code as one SVG path, drawn with lines of width 1.
#[derive(Debug, Clone, Serialize)]
pub struct QrView {
    /// Modules on a side, without a border.
    pub size: usize,
    /// SVG path data in modules.
    pub d: String,
    /// What it says.
    pub url: String,
}

/// One line of the contents.
#[derive(Debug, Clone, Serialize)]
pub struct TocEntry {
    /// `#…`.
    pub href: String,
    /// `01`, or `""`.
    pub number: String,
    /// The words.
    pub title: String,
    /// Length in per cent of the longest section, or null for blocks that are no sections.
    pub length: Option<String>,
    /// Where it begins on the media, or null.
    pub time: Option<String>,
}

/// A speaker's share.
#[derive(Debug, Clone, Serialize)]
pub struct LegendEntry {
    /// Colour.
    pub speaker: u8,
    /// Name.
    pub name: String,
    /// Per cent, such as `16%`.
    pub percent: String,
}

/// A mark on the ribbon where a section begins.
#[derive(Debug, Clone, Serialize)]
pub struct TickView {
    /// `01`, or the first character of a title without a number.
    pub label: String,
    /// Per cent of the width.
    pub at: String,
}

/// A row of the ribbon's table: a section.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// The section's title.
    pub title: String,
    /// Per cent of the section, for each speaker of the table.
    pub cells: Vec<String>,
}

/// The ribbon in words.
#[derive(Debug, Clone, Serialize)]
pub struct RibbonTable {
    /// Names: the eight who speak most, in order of appearance.
    pub speakers: Vec<String>,
    /// One row a section.
    pub rows: Vec<RowView>,
}

/// Who speaks when.
#[derive(Debug, Clone, Serialize)]
pub struct RibbonView {
    /// By what it measures: `by characters` or `by time`, in the interface language.
    pub basis: String,
    /// SVG of ours, for `| safe`: for each turn (neighbours merged past 300) a link to it around a `rect`.
    pub bars_svg: String,
    /// Where sections begin.
    pub ticks: Vec<TickView>,
    /// The same in words.
    pub table: RibbonTable,
}

/// A section.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// `s-…`; `""` for text before the first heading, which has no heading of its own.
    pub id: String,
    /// `01`, or `""`.
    pub number: String,
    /// The title, or null.
    pub title_html: Option<String>,
    /// Whether it is the closing.
    pub closing: bool,
    /// Where it begins on the media, or null.
    pub time: Option<TimeView>,
    /// Its turns, cues and unattributed text, in the markup of the contract.
    pub items_html: String,
}

/// A time on the media.
#[derive(Debug, Clone, Serialize)]
pub struct TimeView {
    /// `12:34`.
    pub text: String,
    /// `PT12M34S`.
    pub iso: String,
    /// Into the recording at this time (`….mp3#t=754`), or to the section where there is none.
    pub href: String,
    /// `Play from 12:34`, or null where there is no recording.
    pub label: Option<String>,
}

/// A related episode.
#[derive(Debug, Clone, Serialize)]
pub struct RelatedView {
    /// The episode.
    pub link: Link,
    /// Its show.
    pub show: String,
    /// Why it is related: `with Imogen Vask`, `also about tides`.
    pub reason: String,
    /// Its picture.
    pub cover: CoverView,
}

/// The way to the previous or next episode.
#[derive(Debug, Clone, Serialize)]
pub struct PagerLink {
    /// `Previous`, with the number where there is one.
    pub label: String,
    /// The episode.
    pub link: Link,
}
