//! One file for apps and machines, from the records and, where it holds a text, from the text that they name.

use super::page::without_title;
use super::{Site, Stale, text};
use crate::diagnostic::Diagnostic;
use crate::export::markdown::{self, EpisodePage};
use crate::export::text::{EpisodeText, episode_text};
use crate::export::{Addresses, archive, chapters, llms, transcript};
use crate::feed::{feed_bytes, host};
use crate::graph::outputs::{ChapterFormat, FileSpec, TranscriptFormat};
use crate::graph::pages::PageSpec;
use crate::parse::front_matter::front_matter_end;
use crate::path::Route;
use crate::source::World;

impl Site {
    pub(super) fn file(&self, world: &dyn World, route: &Route, spec: FileSpec) -> Result<Vec<u8>, Stale> {
        let body = match spec {
            FileSpec::Transcript(idx, TranscriptFormat::Turns) => {
                return self.with_text(world, idx, |text| text.to_json());
            }
            FileSpec::Transcript(idx, format) => self.transcript(world, idx, format)?,
            FileSpec::Chapters(idx, format) => self.chapters(idx, format),
            FileSpec::Markdown(page) => self.markdown(world, route, page)?,
            FileSpec::Llms => llms::llms(&self.archive, &self.listed_site()),
            FileSpec::ArchiveLines => archive::lines(&self.archive, self.addresses()),
            FileSpec::ArchiveSchema => archive::SCHEMA.to_owned(),
            FileSpec::Feed(scope, format) => {
                let bytes = self.with_feeds(|source| feed_bytes(source, scope, format)).ok_or(Stale::NoRoute)?;
                return bytes.map_err(|why| {
                    let error =
                        Diagnostic::error("broken-feed", format!("no app would read the feed `{route}`: {why}"));
                    Stale::Fault(Box::new(error.help("this is a fault of Podleaf: please report it with what it says")))
                });
            }
            FileSpec::Headers => host::headers(&self.frame.assets.folder),
            FileSpec::Redirects => host::redirects(self.redirects()),
            FileSpec::Card(of) => return self.card(route, of),
            FileSpec::Cover(show) => return self.cover(route, show),
            FileSpec::Picture(of, width) => return self.smaller(world, of, width),
        };
        Ok(body.into_bytes())
    }

    fn addresses(&self) -> Addresses<'_> {
        Addresses { base_url: self.frame.config.base_url.as_deref() }
    }

    fn listed_site(&self) -> llms::Site<'_> {
        let description = self.frame.config.description.as_deref();
        llms::Site { title: &self.frame.title, description, addresses: self.addresses() }
    }

    fn transcript(&self, world: &dyn World, idx: usize, format: TranscriptFormat) -> Result<String, Stale> {
        let entry = &self.archive.episodes[idx];
        let text = self.recorded(world, idx)?;
        let episode = transcript::Episode { archive: &self.archive, entry, read: &text.main };
        let captions = || text.captions(|| transcript::captions::captions(&episode));
        Ok(match format {
            TranscriptFormat::Text => transcript::text(&episode),
            TranscriptFormat::Html => transcript::html(&episode, self.addresses()),
            TranscriptFormat::Turns => return Err(Stale::NoRoute),
            TranscriptFormat::Vtt => transcript::vtt(&episode, captions()),
            TranscriptFormat::Srt => transcript::srt(&episode, captions()),
            TranscriptFormat::Json => transcript::json(&episode, captions()),
        })
    }

    fn chapters(&self, idx: usize, format: ChapterFormat) -> String {
        let entry = &self.archive.episodes[idx];
        match format {
            ChapterFormat::Json => chapters::json(&self.archive, entry, self.addresses()),
            ChapterFormat::Vtt => chapters::vtt(entry),
            ChapterFormat::Text => chapters::text(entry),
        }
    }

    fn markdown(&self, world: &dyn World, route: &Route, spec: PageSpec) -> Result<String, Stale> {
        let language = self.page_language(spec);
        let maker = self.maker(route, &language);
        Ok(match spec {
            PageSpec::Home(page) => markdown::home(&maker.home_view(page)),
            PageSpec::Show(..)
            | PageSpec::Season(..)
            | PageSpec::Year(..)
            | PageSpec::Topic(..)
            | PageSpec::Series(..) => markdown::collection(&maker.collection(spec).ok_or(Stale::NoRoute)?),
            PageSpec::Person(idx, page) => markdown::person(&maker.person(idx, page)),
            PageSpec::People => markdown::directory(&maker.people_view()),
            PageSpec::Topics => markdown::directory(&maker.topics_view()),
            PageSpec::Episode(idx) => {
                let entry = &self.archive.episodes[idx];
                let text = self.recorded(world, idx)?;
                let (archive, t, addresses) = (&self.archive, maker.t, self.addresses());
                markdown::episode(&EpisodePage { archive, entry, route, t, addresses }, &text.main, &text.notes)
            }
            PageSpec::Plain(idx) => {
                let plain = &self.archive.plain[idx];
                let file = text(world, &plain.source, plain.hash)?;
                let body = without_title(&file.text[front_matter_end(&file)..]);
                let folder = plain.source.parent();
                markdown::plain(&plain.title, body.trim_start(), |link| maker.resolved(link, folder))
            }
            PageSpec::Search | PageSpec::NotFound => return Err(Stale::NoRoute),
        })
    }

    /// Reads an episode's text and hands it on.
    pub(super) fn with_text<T>(
        &self,
        world: &dyn World,
        idx: usize,
        take: impl FnOnce(&EpisodeText<'_>) -> T,
    ) -> Result<T, Stale> {
        let text = self.recorded(world, idx)?;
        Ok(take(&episode_text(&self.archive, idx, &text.main, &text.notes)))
    }
}
