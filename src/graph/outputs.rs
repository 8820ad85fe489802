//! Files for apps and machines, beside the pages: which there are, and where.

use std::borrow::Cow;

use crate::config::Config;
use crate::graph::pages::PageSpec;
use crate::graph::{Archive, Entry, Show};
use crate::model::episode::Episode;
use crate::model::language::Language;
use crate::path::{Route, SitePath};
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

/// A form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum FeedFormat {
    Rss,
    Atom,
    Json,
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

/// All files for apps and machines, by route.
pub fn files(archive: &Archive, config: &Config) -> Vec<(Route, FileSpec)> {
    let mut found = Vec::new();
    for (idx, entry) in archive.episodes.iter().enumerate() {
        let mut add = |name: &str, spec| found.extend(entry.route.join(name).map(|route| (route, spec)));
        add("turns.json", FileSpec::Transcript(idx, TranscriptFormat::Turns));
    }
    if config.base_url.is_some() {
        found.extend(feeds(archive));
    }
    found.extend(Route::new("/_headers").map(|route| (route, FileSpec::Headers)));
    let has_earlier = archive.episodes.iter().any(|e| !e.earlier.is_empty() || !e.episode.meta.aliases.is_empty());
    if has_earlier || archive.plain.iter().any(|page| !page.aliases.is_empty()) {
        found.extend(Route::new("/_redirects").map(|route| (route, FileSpec::Redirects)));
    }
    found
}

/// Whether files with times can be made of an episode: most of its turns say when they begin.
pub fn has_times(episode: &Episode) -> bool {
    episode.timed
}

/// Whether an episode has chapters: a section with a title says when it begins.
pub fn has_chapters(episode: &Episode) -> bool {
    episode.sections.iter().any(|section| section.title.is_some() && section.time.is_some())
}

/// The chapters of an episode for apps, below its page.
pub const CHAPTERS_JSON: &str = "chapters.json";

/// The forms of a transcript that feeds name.
pub fn transcript_formats(episode: &Episode) -> &'static [TranscriptFormat] {
    use TranscriptFormat::{Html, Json, Srt, Vtt};
    if has_times(episode) { &[Html, Vtt, Srt, Json] } else { &[Html] }
}

/// Where a transcript is.
pub fn transcript_route(entry: &Entry, format: TranscriptFormat) -> Option<Route> {
    entry.route.join(match format {
        TranscriptFormat::Text => "transcript.txt",
        TranscriptFormat::Html => "transcript.html",
        TranscriptFormat::Turns => "turns.json",
        TranscriptFormat::Vtt => "transcript.vtt",
        TranscriptFormat::Srt => "transcript.srt",
        TranscriptFormat::Json => "transcript.json",
    })
}

/// The picture of a show: where it is published, and its file.
pub fn show_image(show: &Show) -> Option<(Route, &SitePath)> {
    let path = show.settings.image.as_ref()?;
    Some((show.route.join(path.file_name())?, path))
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

/// The forms of a feed that there are. RSS is for recordings; a language has nothing else.
pub fn feed_formats(archive: &Archive, scope: Scope) -> Vec<FeedFormat> {
    let episodes = episodes_of(archive, scope);
    let has_audio = episodes.iter().any(|&idx| has_audio(&archive.episodes[idx].episode));
    let rss = has_audio.then_some(FeedFormat::Rss);
    let others = [FeedFormat::Atom, FeedFormat::Json];
    let others = others.into_iter().filter(|_| !matches!(scope, Scope::Language(_)) && !episodes.is_empty());
    rss.into_iter().chain(others).collect()
}

/// Whether an episode has a recording, here or elsewhere.
pub fn has_audio(episode: &Episode) -> bool {
    let is_url = |audio: &Spanned<String>| audio.value.contains("://");
    episode.recording().is_some() || episode.meta.audio.as_ref().is_some_and(is_url)
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
    let name = match format {
        FeedFormat::Rss => "feed.xml",
        FeedFormat::Atom => "atom.xml",
        FeedFormat::Json => "feed.json",
    };
    let page = match scope {
        Scope::Site => Route::home(),
        Scope::Language(idx) => {
            let tag = archive.languages[idx].as_str().to_ascii_lowercase();
            Route::new(format!("/{tag}/")).unwrap_or_else(Route::home)
        }
        Scope::Show(idx) => archive.shows[idx].route.clone(),
    };
    page.join(name).unwrap_or_else(Route::home)
}

/// The media type of a form of a feed.
pub fn feed_media_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Rss => "application/rss+xml",
        FeedFormat::Atom => "application/atom+xml",
        FeedFormat::Json => "application/feed+json",
    }
}
