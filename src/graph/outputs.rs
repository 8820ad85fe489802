//! Files for apps and machines, beside the pages: which there are, and where.

use crate::config::Config;
use crate::graph::Archive;
use crate::graph::pages::PageSpec;
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
pub fn files(archive: &Archive, _config: &Config) -> Vec<(Route, FileSpec)> {
    let mut found = Vec::new();
    for (idx, entry) in archive.episodes.iter().enumerate() {
        let mut add = |name: &str, spec| found.extend(entry.route.join(name).map(|route| (route, spec)));
        add("turns.json", FileSpec::Transcript(idx, TranscriptFormat::Turns));
    }
    found
}
