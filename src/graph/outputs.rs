//! Files for apps and machines, beside the pages: which there are, and where.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use rayon::prelude::*;

use crate::graph::chapters::chapters;
use crate::graph::pages::PageSpec;
use crate::graph::{Archive, Entry};
use crate::markup::safe_url;
use crate::media::artwork::widths;
use crate::model::episode::{CARD, Episode};
use crate::model::language::Language;
use crate::model::media::MediaFile;
use crate::path::{Route, percent_encoded};
use crate::source::Spanned;

/// One file to make. Numbers are indexes into the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileSpec {
    /// What is said in an episode.
    Transcript(usize, TranscriptFormat),
    /// Where the parts of an episode's recording begin.
    Chapters(usize, ChapterFormat),
    /// A page as Markdown.
    Markdown(PageSpec),
    /// What is new.
    Feed(Scope, FeedFormat),
    /// The picture that stands for a page where it is shared.
    Card(CardOf),
    /// The drawn cover of a show that has no picture of its own, for feeds.
    Cover(usize),
    /// A picture in a smaller width.
    Picture(PictureOf, u32),
    /// `llms.txt`: what is in the archive, for language models.
    Llms,
    /// `archive.jsonl`: a line for each episode.
    ArchiveLines,
    /// The JSON Schema of a line of `archive.jsonl`.
    ArchiveSchema,
    /// `_headers`: types and rules of access, for hosts that read it.
    Headers,
    /// `_redirects`: earlier addresses, for hosts that read it.
    Redirects,
}

/// A form of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum TranscriptFormat {
    Text,
    Html,
    /// `turns.json`: turns with their ids.
    Turns,
    Vtt,
    Srt,
    /// Podcasting 2.0.
    Json,
}

impl TranscriptFormat {
    /// All forms.
    pub const ALL: [Self; 6] = [Self::Text, Self::Html, Self::Turns, Self::Vtt, Self::Srt, Self::Json];

    /// Whether it says when each stretch of speech begins, so that it is of episodes with times alone.
    pub fn has_times(self) -> bool {
        matches!(self, Self::Vtt | Self::Srt | Self::Json)
    }

    /// The name of the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Text => "transcript.txt",
            Self::Html => "transcript.html",
            Self::Turns => "turns.json",
            Self::Vtt => "transcript.vtt",
            Self::Srt => "transcript.srt",
            Self::Json => "transcript.json",
        }
    }

    /// Its media type, with the charset that it is served with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Vtt => "text/vtt; charset=utf-8",
            Self::Srt => "application/x-subrip; charset=utf-8",
            Self::Turns | Self::Json => "application/json; charset=utf-8",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        bare(self.content_type())
    }
}

/// A form of chapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChapterFormat {
    /// Podcasting 2.0, version 1.2.
    Json,
    /// WebVTT chapters.
    Vtt,
    /// Lines of time and title, as descriptions of videos have them.
    Text,
}

impl ChapterFormat {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Json, Self::Vtt, Self::Text];

    /// The name of the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Json => "chapters.json",
            Self::Vtt => "chapters.vtt",
            Self::Text => "chapters.txt",
        }
    }

    /// Its media type, with the charset that it is served with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json+chapters; charset=utf-8",
            Self::Vtt => "text/vtt; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        bare(self.content_type())
    }
}

/// A form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum FeedFormat {
    Rss,
    Atom,
    Json,
}

impl FeedFormat {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// The name of the file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Rss => "feed.xml",
            Self::Atom => "atom.xml",
            Self::Json => "feed.json",
        }
    }

    /// Its media type, with the charset that it is served with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        bare(self.content_type())
    }
}

/// A media type without its parameters.
fn bare(content_type: &'static str) -> &'static str {
    content_type.split(';').next().unwrap_or_default()
}

/// What a feed is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All episodes.
    Site,
    /// The episodes of one language, by the index of [`Archive::languages`].
    Language(usize),
    /// The episodes of one show.
    Show(usize),
}

/// What a card is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CardOf {
    Site,
    Show(usize),
    Episode(usize),
}

/// Whether there are real times to make captions of: most of what is said has one.
pub fn has_times(episode: &Episode) -> bool {
    episode.has_times
}

/// Whether there are chapters: see [`chapters`].
pub fn has_chapters(episode: &Episode) -> bool {
    !chapters(episode).is_empty()
}

/// The files of an episode beside its page, by name.
///
/// Text that has no times gives no captions: invented times would be false data.
pub fn episode_files(episode: &Episode, idx: usize) -> Vec<(&'static str, FileSpec)> {
    let (has_times, has_chapters) = (has_times(episode), has_chapters(episode));
    let transcripts = TranscriptFormat::ALL.into_iter().filter(|format| has_times || !format.has_times());
    let transcripts = transcripts.map(|format| (format.file_name(), FileSpec::Transcript(idx, format)));
    let chapters = ChapterFormat::ALL.into_iter().filter(|_| has_chapters);
    let chapters = chapters.map(|format| (format.file_name(), FileSpec::Chapters(idx, format)));
    let page = ("index.md", FileSpec::Markdown(PageSpec::Episode(idx)));
    std::iter::once(page).chain(transcripts).chain(chapters).collect()
}

/// The route of a page as Markdown. The page that stands for missing ones and the one that searches have none.
pub fn markdown_route(page: &Route, spec: PageSpec) -> Option<Route> {
    page.join("index.md").filter(|_| !matches!(spec, PageSpec::Search | PageSpec::NotFound))
}

/// All files for apps and machines, by route. `pages` are those of the archive.
pub fn files(archive: &Archive, pages: &BTreeMap<Route, PageSpec>, config: &Config) -> Vec<(Route, FileSpec)> {
    let of_episode = |(idx, entry): (usize, &Arc<Entry>)| {
        let files = episode_files(&entry.episode, idx).into_iter();
        files.filter_map(|(name, spec)| Some((entry.route.join(name)?, spec))).collect::<Vec<_>>()
    };
    let of_episodes = archive.episodes.par_iter().enumerate().flat_map_iter(of_episode);
    let mut files: Vec<(Route, FileSpec)> = of_episodes.collect();
    let others = pages.iter().filter(|(_, spec)| !matches!(spec, PageSpec::Episode(_)));
    files.extend(others.filter_map(|(page, spec)| Some((markdown_route(page, *spec)?, FileSpec::Markdown(*spec)))));
    let fixed = [
        ("/llms.txt", FileSpec::Llms),
        ("/archive.jsonl", FileSpec::ArchiveLines),
        ("/archive.schema.json", FileSpec::ArchiveSchema),
    ];
    files.extend(fixed.into_iter().filter_map(|(route, spec)| Some((Route::new(route)?, spec))));
    if config.base_url.is_some() {
        files.extend(feeds(archive));
    }
    files.extend(Route::new("/_headers").map(|route| (route, FileSpec::Headers)));
    let has_earlier = archive.episodes.iter().any(|e| !e.earlier.is_empty() || !e.episode.meta.aliases.is_empty());
    if has_earlier || archive.plain.iter().any(|page| !page.aliases.is_empty()) {
        files.extend(Route::new("/_redirects").map(|route| (route, FileSpec::Redirects)));
    }
    files.extend(cards(archive, config).map(|of| (card_route(archive, of), FileSpec::Card(of))));
    files.extend(pictures(archive, config));
    files
}

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PictureOf {
    Show(usize),
    Episode(usize),
}

impl PictureOf {
    /// The page that it is beside, and the file, if there is one.
    pub fn file(self, archive: &Archive) -> Option<(&Route, &MediaFile)> {
        match self {
            Self::Show(idx) => Some((&archive.shows[idx].route, archive.shows[idx].settings.artwork.as_ref()?)),
            Self::Episode(idx) => Some((&archive.episodes[idx].route, archive.episodes[idx].episode.picture()?)),
        }
    }

    /// Where it is published, if there is one.
    pub fn route(self, archive: &Archive) -> Option<Route> {
        let (page, file) = self.file(archive)?;
        page.join(file.path.file_name())
    }

    /// The widths in which pages offer it, and where.
    pub fn sizes(self, archive: &Archive) -> Vec<(u32, Route)> {
        let Some((page, file)) = self.file(archive) else { return Vec::new() };
        let name = |width| format!("{}-{width}.jpg", file.path.stem());
        let widths = file.picture().into_iter().flat_map(widths);
        widths.filter_map(|width| Some((width, page.join(&name(width))?))).collect()
    }
}

/// Where the picture of a show is: its own, or the drawn one.
pub fn artwork_route(archive: &Archive, show: usize) -> Option<Route> {
    PictureOf::Show(show).route(archive).or_else(|| archive.shows[show].route.join(COVER))
}

const COVER: &str = "cover.png";

/// Pictures in smaller widths; and covers of shows, which feeds need: without an address there are none.
fn pictures(archive: &Archive, config: &Config) -> impl Iterator<Item = (Route, FileSpec)> {
    let (shows, episodes) = (0..archive.shows.len(), 0..archive.episodes.len());
    let drawn = shows.clone().filter(|&idx| config.base_url.is_some() && archive.shows[idx].settings.artwork.is_none());
    let drawn = drawn.filter_map(|idx| Some((artwork_route(archive, idx)?, FileSpec::Cover(idx))));
    let all = shows.map(PictureOf::Show).chain(episodes.map(PictureOf::Episode));
    let sized = all
        .flat_map(|of| of.sizes(archive).into_iter().map(move |(width, route)| (route, FileSpec::Picture(of, width))));
    drawn.chain(sized)
}

/// Where a card is.
pub fn card_route(archive: &Archive, of: CardOf) -> Route {
    let page = match of {
        CardOf::Site => &Route::home(),
        CardOf::Show(idx) => &archive.shows[idx].route,
        CardOf::Episode(idx) => &archive.episodes[idx].route,
    };
    page.join(CARD).unwrap_or_else(Route::home)
}

/// The card that stands for a page.
pub fn card_of(archive: &Archive, page: PageSpec) -> CardOf {
    match page {
        PageSpec::Episode(idx) => CardOf::Episode(idx),
        PageSpec::Show(idx, _) | PageSpec::Season(idx, ..) if archive.shows[idx].route != Route::home() => {
            CardOf::Show(idx)
        }
        _ => CardOf::Site,
    }
}

/// Cards are of use where they have an address that others can fetch. A show at the root has that of the site.
fn cards(archive: &Archive, config: &Config) -> impl Iterator<Item = CardOf> {
    let shows = (0..archive.shows.len()).filter(|&idx| archive.shows[idx].route != Route::home());
    let episodes = (0..archive.episodes.len()).map(CardOf::Episode);
    let all = std::iter::once(CardOf::Site).chain(shows.map(CardOf::Show)).chain(episodes);
    all.filter(|_| config.cards && config.base_url.is_some())
}

/// The forms of a transcript that feeds name.
pub fn transcript_formats(episode: &Episode) -> &'static [TranscriptFormat] {
    use TranscriptFormat::{Html, Json, Srt, Vtt};
    if has_times(episode) { &[Html, Vtt, Srt, Json] } else { &[Html] }
}

/// Where a transcript is.
pub fn transcript_route(entry: &Entry, format: TranscriptFormat) -> Option<Route> {
    entry.route.join(format.file_name())
}

/// Feeds of shows, of the site and of its languages. A show at the root has the feed of the site.
fn feeds(archive: &Archive) -> Vec<(Route, FileSpec)> {
    let shows = (0..archive.shows.len()).map(Scope::Show);
    let languages = (0..archive.languages.len()).map(Scope::Language);
    let scopes =
        shows.chain([Scope::Site]).chain(languages).filter(|&scope| scope != Scope::Site || has_own_feed(archive));
    let forms = |scope| feed_formats(archive, scope).into_iter().map(move |format| (scope, format));
    let route = |(scope, format)| (feed_route(archive, scope, format), FileSpec::Feed(scope, format));
    scopes.flat_map(forms).map(route).collect()
}

/// Whether the site has a feed that is not that of a show.
pub fn has_own_feed(archive: &Archive) -> bool {
    archive.shows.iter().all(|show| show.route != Route::home())
}

/// What all pages name the feeds of: the site, or the show at its root.
pub fn site_feed(archive: &Archive) -> Scope {
    let at_root = archive.shows.iter().position(|show| show.route == Route::home());
    at_root.map_or(Scope::Site, Scope::Show)
}

/// The forms of a feed that there are. RSS is for recordings; a language has nothing else.
pub fn feed_formats(archive: &Archive, scope: Scope) -> Vec<FeedFormat> {
    let (has_audio, has_others) = match scope {
        Scope::Site => (archive.shows.iter().any(|show| show.has_audio), !archive.episodes.is_empty()),
        Scope::Show(idx) => (archive.shows[idx].has_audio, !archive.shows[idx].episodes.is_empty()),
        Scope::Language(_) => {
            let mut episodes = episodes_of(archive, scope).into_owned().into_iter();
            (episodes.any(|idx| has_audio(&archive.episodes[idx].episode)), false)
        }
    };
    let rss = has_audio.then_some(FeedFormat::Rss);
    let others = [FeedFormat::Atom, FeedFormat::Json].into_iter().filter(|_| has_others);
    rss.into_iter().chain(others).collect()
}

/// Whether an episode has a recording, here or elsewhere.
pub fn has_audio(episode: &Episode) -> bool {
    let is_url = |audio: &Spanned<String>| audio.value.contains("://");
    episode.recording().is_some() || episode.meta.audio.as_ref().is_some_and(is_url)
}

/// Where a recording or a picture is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On this site.
    Here(Route),
    /// At this address.
    Elsewhere(String),
}

/// Where the recording of an episode is, with its file if it is one of the site's.
pub fn recording<'e>(entry: &'e Entry, config: &Config) -> Option<(Place, Option<&'e MediaFile>)> {
    if let Some(file) = entry.episode.recording() {
        let place = match &config.media_base_url {
            Some(base) => {
                Place::Elsewhere(format!("{}/{}", base.trim_end_matches('/'), percent_encoded(file.path.as_str())))
            }
            None => Place::Here(entry.route.join(file.path.file_name())?),
        };
        return Some((place, Some(file)));
    }
    Some((Place::Elsewhere(remote(entry.episode.meta.audio.as_ref())?), None))
}

/// Where the picture of an episode is.
pub fn picture(archive: &Archive, idx: usize) -> Option<Place> {
    let own = PictureOf::Episode(idx).route(archive).map(Place::Here);
    own.or_else(|| remote(archive.episodes[idx].episode.meta.image.as_ref()).map(Place::Elsewhere))
}

/// A declared address of the web.
fn remote(declared: Option<&Spanned<String>>) -> Option<String> {
    declared.filter(|url| url.value.contains("://")).and_then(|url| safe_url(&url.value))
}

/// The episodes of a feed, newest first.
pub fn episodes_of(archive: &Archive, scope: Scope) -> Cow<'_, [usize]> {
    let of = |language: &Language| {
        let is_of = |&idx: &usize| archive.episodes[idx].episode.language == *language;
        (0..archive.episodes.len()).filter(is_of).collect()
    };
    match scope {
        Scope::Site => Cow::Owned((0..archive.episodes.len()).collect()),
        Scope::Language(idx) => Cow::Owned(of(&archive.languages[idx])),
        Scope::Show(idx) => Cow::Borrowed(&archive.shows[idx].episodes),
    }
}

/// Where a feed is.
pub fn feed_route(archive: &Archive, scope: Scope, format: FeedFormat) -> Route {
    let page = match scope {
        Scope::Site => Route::home(),
        Scope::Language(idx) => {
            let tag = archive.languages[idx].as_str().to_ascii_lowercase();
            Route::new(format!("/{tag}/")).unwrap_or_else(Route::home)
        }
        Scope::Show(idx) => archive.shows[idx].route.clone(),
    };
    page.join(format.file_name()).unwrap_or_else(Route::home)
}
