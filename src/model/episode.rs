//! Episodes: what the rest of the site needs to know of one, without its text.

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::model::language::Language;
use crate::model::media::{MediaFile, MediaKind};
use crate::model::packed::Packed;
use crate::model::person::Credit;
use crate::model::podcast::{AlternateEnclosure, License, Location, SocialInteract, Soundbite, Synthetic, Txt};
use crate::model::time::{MediaTime, Published};
use crate::model::transcript::{Transcript, TurnId};
use crate::path::SitePath;
use crate::source::Spanned;

/// The file that stands for a page where it is shared.
pub const CARD: &str = "card.png";

/// One episode as lists, links and feeds see it: a few KB, whatever the length of its transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// The file that the episode is named for; all its addresses rest on this name.
    pub source: SitePath,
    /// The file that holds the turns (often `source`), if any does.
    pub transcript: Option<SitePath>,
    /// The files that were read for this record, with the hash of each: the transcript, then its notes.
    pub read: Vec<(SitePath, ContentHash)>,
    /// Timed files and chapters beside the transcript, with the hash of each, in the order in which they are tried.
    pub siblings: Vec<(SitePath, ContentHash)>,
    /// Files published beside the page, in the order of their paths: audio, video and pictures.
    pub media: Vec<MediaFile>,
    /// What the front matter declares.
    pub meta: EpisodeMeta,
    /// The title that pages show.
    pub title: String,
    /// Where the title comes from.
    pub title_from: TitleSource,
    /// Language of the text.
    pub language: Language,
    /// A sentence for lists and search engines: declared, or the first of the background or the first turn.
    pub description: String,
    /// Whether the file mixes half-width punctuation with Han text, so that the typography pass is on.
    pub mends_punctuation: bool,
    /// Key points as HTML of the sanitiser.
    pub key_points: Vec<KeyPoint>,
    /// Section titles in order, with their share of the text.
    pub sections: Vec<SectionOutline>,
    /// Who speaks, in order of first appearance.
    pub speakers: Vec<SpeakerOutline>,
    /// The structure of the transcript.
    pub structure: Packed<Transcript>,
    /// The id of each turn, in order.
    #[serde(with = "crate::model::transcript::turn_ids")]
    pub turn_ids: Vec<TurnId>,
    /// Hashes of up to 32 terms that are said again and again, in ascending order.
    pub telling_terms: Vec<u32>,
    /// The turns as bars of a ribbon, neighbours merged to 300 at most.
    pub bars: Packed<Vec<Bar>>,
    /// Whether the bars are by time: most turns say when they begin. Else they are by characters.
    pub timed: bool,
    /// Whether most of what is said has a time: of turns and of words that are nobody's.
    pub has_times: bool,
    /// Whether the page has a background block.
    pub has_background: bool,
    /// Whether a text of it may link to another file of the site: then its page depends on where files lead.
    pub links_to_files: bool,
    /// Whether the text says where to listen.
    pub has_listen: bool,
    /// Words in scripts with spaces.
    pub n_words: u32,
    /// Han, kana and hangul characters.
    pub n_han: u32,
}

impl Episode {
    /// All files that the record rests on, with the hash of each.
    pub fn inputs(&self) -> impl Iterator<Item = &(SitePath, ContentHash)> {
        self.read.iter().chain(&self.siblings)
    }

    /// The bars, to be drawn.
    pub fn bars(&self) -> Vec<Bar> {
        self.bars.unpack().unwrap_or_default()
    }

    /// The recording that lies beside the page, if any: the declared one, or the first.
    pub fn recording(&self) -> Option<&MediaFile> {
        recording(&self.meta, &self.media)
    }

    /// The picture that lies beside the page, if any: the declared one, or the first that is no card.
    pub fn picture(&self) -> Option<&MediaFile> {
        named(self.meta.image.as_ref(), &self.media, |file| {
            file.kind == MediaKind::Picture && file.path.file_name() != CARD
        })
    }

    /// How long the recording lasts, as declared or as the file beside the page says.
    pub fn duration(&self) -> Option<MediaTime> {
        let declared = self.meta.duration.as_ref().map(|duration| duration.value);
        declared.or_else(|| self.recording()?.recording()?.duration)
    }

    /// The number of turns.
    pub fn n_turns(&self) -> usize {
        self.turn_ids.len()
    }
}

/// The recording of an episode among its media, if any: the declared one, or the first.
pub fn recording<'m>(meta: &EpisodeMeta, media: &'m [MediaFile]) -> Option<&'m MediaFile> {
    named(meta.audio.as_ref(), media, |file| file.kind != MediaKind::Picture)
}

/// The file that is declared; where none is, the first of its kind.
fn named<'m>(
    declared: Option<&Spanned<String>>,
    media: &'m [MediaFile],
    is_kind: impl Fn(&MediaFile) -> bool,
) -> Option<&'m MediaFile> {
    media.iter().find(|file| match declared {
        Some(name) => file.path.file_name() == name.value,
        None => is_kind(file),
    })
}

/// A stretch of a ribbon: one turn, or neighbours of whom one speaks longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Who speaks, or speaks longest: index into the episode's speakers.
    pub speaker: u16,
    /// Length in milliseconds where the episode is timed, else in characters; at least 1.
    pub length: u32,
    /// Index of the (first) turn.
    pub turn: u32,
}

/// Where an episode's title comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TitleSource {
    FrontMatter,
    Heading,
    FileName,
    SpeakersAndSection,
}

/// What the front matter of an episode and of its notes declares, checked and typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeMeta {
    /// The title.
    pub title: Option<String>,
    /// When it comes out.
    pub date: Option<Published>,
    /// When the text was last changed.
    pub updated: Option<Published>,
    /// Not to be published yet.
    pub draft: bool,
    /// The last part of the address.
    pub slug: Option<Spanned<String>>,
    /// A sentence about it.
    pub description: Option<String>,
    /// Topics, as written.
    pub tags: Vec<Spanned<String>>,
    /// Series, as written.
    pub series: Vec<Spanned<String>>,
    /// Season number.
    pub season: Option<u32>,
    /// Episode number.
    pub episode: Option<u32>,
    /// `full`, `trailer` or `bonus`.
    pub episode_type: Option<EpisodeType>,
    /// A local file name or a URL of the audio.
    pub audio: Option<Spanned<String>>,
    /// Length of the audio in bytes.
    pub audio_length: Option<Spanned<u64>>,
    /// Media type of the audio.
    pub audio_type: Option<String>,
    /// Length of the audio in time.
    pub duration: Option<Spanned<MediaTime>>,
    /// A local file name or a URL of a picture.
    pub image: Option<Spanned<String>>,
    /// Hosts, guests and other speakers, in that order.
    pub people: Vec<Credit>,
    /// The names of speakers that a timed transcript calls otherwise: label and name.
    pub speaker_names: Vec<(String, String)>,
    /// Whether it is explicit.
    pub explicit: Option<bool>,
    /// The language.
    pub language: Option<Language>,
    /// The original that this is a translation of: a URL or a name.
    pub original: Option<String>,
    /// Earlier routes that lead here.
    pub aliases: Vec<Spanned<String>>,
    /// The guid, where the episode has one already.
    pub guid: Option<Spanned<String>>,
    /// Where to listen, when that is not the audio.
    pub listen_url: Option<String>,
    /// What a machine made of it, where that is said.
    pub synthetic: Option<Vec<Synthetic>>,
    /// Whether directories shall not list it (`itunes:block`).
    pub block: bool,
    /// Its licence.
    pub license: Option<License>,
    /// Places that it is about or from.
    pub location: Vec<Location>,
    /// Stretches to play to people who do not know it.
    pub soundbites: Vec<Soundbite>,
    /// Where to give money: title and URL.
    pub funding: Vec<(String, String)>,
    /// The same content elsewhere, such as a video: title and URL.
    pub content_links: Vec<(String, String)>,
    /// The recording in other forms.
    pub alternate_enclosures: Vec<AlternateEnclosure>,
    /// Where people talk about it.
    pub social_interact: Vec<SocialInteract>,
    /// Texts for those who know their purpose.
    pub txt: Vec<Txt>,
    /// Place in the menu, for plain pages.
    pub menu: Option<i64>,
}

/// The kind of an episode, as feeds name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are Apple's")]
pub enum EpisodeType {
    Full,
    Trailer,
    Bonus,
}

/// One key point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPoint {
    /// Its bold opening, as HTML, where it has one.
    pub lead: Option<String>,
    /// The rest, as HTML.
    pub text: String,
}

/// A section as contents lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionOutline {
    /// Its id in the page: `s-…`.
    pub id: String,
    /// Its number as written.
    pub number: Option<u32>,
    /// Its title, plain text. `None` for text before the first heading.
    pub title: Option<String>,
    /// Whether it is the closing.
    pub closing: bool,
    /// Length of the ribbon before it, in the unit of its bars.
    pub start: u64,
    /// Where it begins on the media: its own time, or that of its first turn or cue.
    pub time: Option<MediaTime>,
    /// Characters spoken in it.
    pub length: u32,
    /// Turns in it.
    pub n_turns: u32,
}

/// What one speaker says in one episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerOutline {
    /// The label as first written.
    pub label: String,
    /// Line on which it is first written.
    pub line: u32,
    /// The head of that line, and where in it the label stands.
    pub line_head: String,
    /// Byte of `line_head` at which the label begins.
    pub line_at: u32,
    /// Turns.
    pub n_turns: u32,
    /// Characters spoken, without spaces.
    pub length: u32,
    /// Length of all their bars, in the unit of the bars.
    pub on_ribbon: u64,
    /// The opening of the first turn with something to quote, plain text.
    pub first_words: String,
    /// Index of that turn.
    pub first_turn: u32,
    /// Index of that turn's section.
    pub first_section: u32,
}
