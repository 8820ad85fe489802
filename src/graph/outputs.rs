//! Files for apps and machines, beside the pages: which there are, and where.

use crate::config::Config;
use crate::graph::Archive;
use crate::graph::pages::PageSpec;
use crate::model::episode::CARD;
use crate::path::Route;

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
    found.extend(cards(archive, config).map(|of| (card_route(archive, of), FileSpec::Card(of))));
    found
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
