//! Feeds held against what directories ask: Apple's and Spotify's guides, YouTube's intake, and PSP-1.
//!
//! The rules look at what a feed is written from, where each value's file and line are known; that the written feed says
//! the same, `read_back` looks at in each build that writes one, and a test at all of it.

use std::collections::BTreeMap;

use super::{Feed, Item};
use crate::diagnostic::Diagnostic;
use crate::model::podcast::ShowType;
use crate::model::time::Day;
use crate::path::SitePath;
use crate::source::Span;

/// A finding whose place in the file is not looked up yet.
#[derive(Debug)]
pub struct Finding {
    /// The finding, in its file.
    pub diagnostic: Diagnostic,
    /// What is meant in that file, and its text, where it stands there.
    pub at: Option<(Span, String)>,
}

/// What is wrong with the feed of a show. A rule that many episodes break is said once, with the newest of them.
///
/// `settings` is the show's `show.toml`, there or not; `today` the day after which nothing has come out.
pub fn lint(feed: &Feed<'_>, settings: &SitePath, today: Option<Day>) -> Vec<Finding> {
    let Some(show) = feed.show else { return Vec::new() };
    let mut found = Found::default();
    channel(feed, settings, &mut found);
    if show.settings.show_type == ShowType::Serial {
        let has_no_number = |item: &&Item<'_>| item.entry.episode.meta.episode.is_none_or(|number| number == 0);
        for item in feed.published().filter(has_no_number) {
            let message = "the show is `serial`, and the episode has no `episode` number";
            found.item("feed-number", item, None, message, "number the episodes from 1: `episode = 1`");
        }
    }
    for item in feed.published() {
        recording(item, &mut found);
        words(item, &mut found);
        if item.entry.episode.meta.date.is_none() {
            let message = "the episode has no date, and directories order by dates";
            found.item(
                "feed-date",
                item,
                None,
                message,
                "write `date = 2026-03-14`, or put the date into the file's name",
            );
        }
        if let (Some(date), Some(today)) = (item.entry.episode.meta.date, today)
            && date.day > today
        {
            let message = "the episode is dated in the future, and directories do not show it";
            found.item("feed-future", item, None, message, "build without `--future`, or change `date`");
        }
    }
    found.into_findings()
}

/// Two items with one recording: players take them for one episode.
pub fn same_recordings<'f>(items: impl Iterator<Item = &'f Item<'f>>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, &SitePath> = BTreeMap::new();
    let mut found = Vec::new();
    for item in items {
        let (Some(enclosure), source) = (&item.enclosure, &item.entry.episode.source) else { continue };
        if let Some(other) = first.insert(&enclosure.url, source) {
            let message = format!("`{}` is the recording of `{other}` and of `{source}`", enclosure.url);
            let error = Diagnostic::error("same-recording", message).in_file(source);
            found.push(error.help("give each episode a recording of its own; players take both for one episode"));
        }
    }
    found
}

/// What the settings of a show lack.
fn channel(feed: &Feed<'_>, file: &SitePath, found: &mut Found) {
    let mut say = |code, message: String, help: &str| {
        found.push(Diagnostic::warning(code, message).in_file(file).help(help), None);
    };
    let Some(show) = feed.show else { return };
    let title = feed.title;
    if feed.email.is_none() {
        let message = format!("the feed of `{title}` has no address of its owner, which YouTube and Spotify ask for");
        say("feed-email", message, "write `email = \"you@example.org\"`; everybody can read it");
    }
    if feed.categories.is_empty() {
        let message = format!("the feed of `{title}` has no category, which Apple asks for");
        say("feed-category", message, "write one of Apple's: `categories = [\"Society & Culture / Documentary\"]`");
    }
    if show.settings.explicit.is_none() && !feed.explicit {
        let message =
            format!("nothing says whether `{title}` is explicit, which Apple asks for; its feed says `false`");
        say("feed-explicit", message, "write `explicit = false` or `explicit = true`");
    }
    if feed.description == title {
        let message = format!("the feed of `{title}` has no description, which all directories ask for");
        say("feed-description", message, "say in `description` what the show is about");
    }
    if feed.description.len() > MAX_DESCRIPTION {
        let message =
            format!("the description of `{title}` has more than {MAX_DESCRIPTION} bytes, and its feed cuts it");
        say("feed-too-long", message, "say it in fewer words (PSP-1)");
    }
    if title.chars().count() > MAX_TITLE {
        let message = format!("the title of the show has more than {MAX_TITLE} characters");
        say("feed-too-long", message, "give it a shorter `title` (PSP-1)");
    }
    let is_open = feed.home.starts_with("http://") && !is_local(&feed.home);
    if is_open {
        let message = format!("the feed of `{title}` is at an address without encryption");
        say("feed-https", message, "give `base_url` with `https://`");
    }
    if show.settings.new_feed_url.as_deref().is_some_and(|new| feed.forms.iter().any(|(_, own)| own == new)) {
        let message = format!("`new_feed_url` of `{title}` is the feed's own address");
        say("feed-moved", message, "leave it out: the feed is where it has moved to");
    }
}

fn is_local(url: &str) -> bool {
    ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| url.starts_with(own))
}

fn recording(item: &Item<'_>, found: &mut Found) {
    let meta = &item.entry.episode.meta;
    let Some(enclosure) = &item.enclosure else { return };
    let at = meta.audio.as_ref().map(|audio| (audio.span, audio.value.clone()));
    if enclosure.is_remote && enclosure.length == 0 {
        let message = "the recording is elsewhere, and nothing says how long it is in bytes; the feed says 0";
        found.item("feed-length", item, at.clone(), message, "write the size of the file: `audio_length = 12345678`");
    }
    let has_type = meta.audio_type.is_some() || crate::media::media_type(&enclosure.url).is_some();
    if !has_type {
        let message = "nothing says what kind of file the recording is; the feed says `audio/mpeg`";
        found.item("feed-type", item, at.clone(), message, "write `audio_type = \"audio/mpeg\"`");
    } else if !TYPES.contains(&&*enclosure.media_type) {
        let message = "Apple and Spotify do not play recordings of this type";
        found.item("feed-type", item, at.clone(), message, "publish MP3 or M4A; others can be `alternate_enclosures`");
    }
    if enclosure.is_remote && enclosure.duration.is_none() {
        let message = "nothing says how long the recording lasts";
        found.item("feed-duration", item, at, message, "write `duration = \"1:02:03\"`");
    }
    for bite in &meta.soundbites {
        let is_past = enclosure.duration.is_some_and(|whole| bite.start.0 + bite.duration.0 > whole.0);
        if is_past {
            found.item(
                "feed-soundbite",
                item,
                None,
                "a soundbite ends after the recording",
                "correct its `start` or `duration`",
            );
        } else if !(15_000..=120_000).contains(&bite.duration.0) {
            found.item(
                "feed-soundbite",
                item,
                None,
                "a soundbite lasts 15 to 120 seconds",
                "give it another `duration`",
            );
        }
    }
}

fn words(item: &Item<'_>, found: &mut Found) {
    let episode = &item.entry.episode;
    if episode.title.chars().count() > MAX_TITLE {
        found.item("feed-too-long", item, None, "the title has more than 255 characters", "give it a shorter `title`");
    }
    if episode.meta.episode.is_some_and(|number| begins_with_number(&episode.title, number)) {
        let message = "the title begins with the number of the episode, which players show beside it (Apple)";
        found.item("feed-title", item, None, message, "leave the number out of `title`");
    }
    if episode.description.trim().is_empty() {
        found.item(
            "feed-description",
            item,
            None,
            "the episode has no description",
            "write a sentence in `description`",
        );
    }
    if item.people.iter().any(|person| person.name.chars().count() > MAX_NAME) {
        found.item(
            "feed-too-long",
            item,
            None,
            "a name has more than 128 characters",
            "shorten it, or give it an alias",
        );
    }
}

/// Whether a title begins with a number as if it were counted: `42. Title`, `#42`, `Episode 42`, `第42期`.
fn begins_with_number(title: &str, number: u32) -> bool {
    let lower = title.trim_start().to_lowercase();
    let marks = ["episode", "ep.", "ep", "no.", "#", "第", "vol.", ""];
    let rest = marks.iter().find_map(|mark| {
        lower.strip_prefix(mark).filter(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
    });
    let Some(rest) = rest.map(str::trim_start) else { return false };
    let has_mark = rest.len() < lower.len();
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest[n_digits..].chars().next();
    let is_counted = has_mark || after.is_none_or(|c| matches!(c, '.' | ':' | '：' | '、' | '-' | '–' | '—' | '|'));
    is_counted && rest[..n_digits].parse() == Ok(number)
}

/// Findings; those of episodes by rule.
#[derive(Default)]
struct Found {
    all: Vec<Finding>,
    rules: BTreeMap<(&'static str, &'static str), (usize, usize)>,
}

impl Found {
    fn push(&mut self, diagnostic: Diagnostic, at: Option<(Span, String)>) {
        self.all.push(Finding { diagnostic, at });
    }

    fn item(
        &mut self,
        code: &'static str,
        item: &Item<'_>,
        at: Option<(Span, String)>,
        message: &'static str,
        help: &str,
    ) {
        if let Some((_, n_more)) = self.rules.get_mut(&(code, message)) {
            *n_more += 1;
            return;
        }
        self.rules.insert((code, message), (self.all.len(), 0));
        self.push(Diagnostic::warning(code, message).in_file(&item.entry.episode.source).help(help), at);
    }

    fn into_findings(mut self) -> Vec<Finding> {
        for (first, n_more) in self.rules.into_values().filter(|(_, n_more)| *n_more > 0) {
            let message = &mut self.all[first].diagnostic.message;
            message.push_str(&format!("; so it is with {n_more} more of the show"));
        }
        self.all
    }
}

/// The `show.toml` of a show's folder.
pub fn settings_file(content_root: &str, folder: &str) -> Option<SitePath> {
    let parts = [content_root, folder, "show.toml"];
    SitePath::new(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
}

/// Bytes (PSP-1).
const MAX_DESCRIPTION: usize = 4000;
/// Characters (PSP-1).
const MAX_TITLE: usize = 255;
/// Characters (`docs/tags/person.md`).
const MAX_NAME: usize = 128;
/// Types that Apple lists.
const TYPES: [&str; 7] =
    ["audio/mpeg", "audio/x-m4a", "audio/m4a", "audio/mp4", "video/mp4", "video/x-m4v", "video/quicktime"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_titles_are_seen() {
        for title in ["42. Tea", "42: Tea", "#42 Tea", "Episode 42", "Ep. 42: Tea", "第42期 茶", "42"] {
            assert!(begins_with_number(title, 42), "{title}");
        }
        for title in ["42 umbrellas", "Tea 42", "43. Tea", "Epic 42", "1042. Tea", ""] {
            assert!(!begins_with_number(title, 42), "{title}");
        }
    }
}
