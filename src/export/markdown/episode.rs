//! An episode as Markdown: what our own reader reads as the same turns.

use crate::export::markdown::{escape, escaped, heading, link_to};
use crate::export::transcript::{Episode, Kind, Told, ToldSection, is_marked};
use crate::export::{Addresses, colon, one_line, speaker_names};
use crate::graph::{Archive, Entry};
use crate::model::person::Role;
use crate::model::time::MediaTime;
use crate::parse::read::ReadTranscript;
use crate::path::Route;
use crate::render::interface::Interface;

/// An episode's page, to be written as Markdown.
#[derive(Debug, Clone, Copy)]
pub struct EpisodePage<'p> {
    /// The archive that it is in.
    pub archive: &'p Archive,
    /// Its place there.
    pub entry: &'p Entry,
    /// Where the Markdown is.
    pub route: &'p Route,
    /// Words of the page's language.
    pub t: &'p Interface,
    /// Where the site is.
    pub addresses: Addresses<'p>,
}

/// The page with its front matter, from the transcript and the notes beside it.
pub fn episode(page: &EpisodePage<'_>, read: &ReadTranscript, notes: &[ReadTranscript]) -> String {
    let mut out = String::with_capacity(read.file.text.len() * 5 / 4 + 2048);
    let told = Episode { archive: page.archive, entry: page.entry, read };
    page.front_matter(&mut out);
    heading(&mut out, "#", &escaped(&page.entry.episode.title));
    paragraphs(&mut out, read, read.transcript.listen.iter().map(|p| p.span));
    let start = out.len();
    page.about(&mut out, read, notes);
    let sections = told.sections();
    if out.len() > start && sections.first().is_some_and(|section| section.title.is_none()) {
        heading(&mut out, "##", &escaped(&page.t.text("transcript")));
    }
    let names: Vec<String> = speaker_names(page.archive, page.entry).iter().map(|name| escaped(name)).collect();
    sections.iter().for_each(|section| page.section(&mut out, &told, section, &names));
    heading(&mut out, "##", &escaped(&page.t.text("related")));
    paragraphs(&mut out, read, read.transcript.foot.iter().map(|p| p.span));
    page.links(&mut out);
    out
}

fn paragraphs(out: &mut String, read: &ReadTranscript, spans: impl Iterator<Item = crate::source::Span>) {
    for span in spans {
        escape(&read.style.plain(span.of(&read.file.text)), out);
        out.push_str("\n\n");
    }
}

impl EpisodePage<'_> {
    /// What is known of the episode, under the names that front matter has for it.
    fn front_matter(&self, out: &mut String) {
        let (episode, meta) = (&self.entry.episode, &self.entry.episode.meta);
        let mut line = |key: &str, value: Option<String>| {
            value.into_iter().for_each(|value| out.extend([key, ": ", &value, "\n"]));
        };
        line("---\ntitle", Some(quoted(&episode.title)));
        line("show", Some(quoted(&self.archive.shows[self.entry.show].title)));
        line("date", meta.date.map(|date| date.day.to_string()));
        line("season", meta.season.map(|season| season.to_string()));
        line("episode", meta.episode.map(|number| number.to_string()));
        line("duration", episode.duration().map(|duration| quoted(&duration.clock())));
        line("lang", Some(quoted(episode.language.as_str())));
        line("description", Some(quoted(&episode.description)).filter(|_| !episode.description.is_empty()));
        line("hosts", self.people(Some(Role::Host)));
        line("guests", self.people(Some(Role::Guest)));
        let titles =
            |groups: &[usize], all: &[crate::graph::Group]| list(groups.iter().map(|&group| all[group].title.as_str()));
        line("tags", titles(&self.entry.topics, &self.archive.topics));
        line("series", titles(&self.entry.series, &self.archive.series));
        line("guid", Some(quoted(&self.entry.guid)));
        line("canonicalurl", self.addresses.absolute(&self.entry.route).map(|url| quoted(&url)));
        out.push_str("---\n");
    }

    fn people(&self, role: Option<Role>) -> Option<String> {
        let people = self.entry.people.iter().filter(|(_, own)| *own == role);
        list(people.map(|(person, _)| self.archive.people.list[*person].name.as_str()))
    }

    /// Key points and background.
    fn about(&self, out: &mut String, read: &ReadTranscript, notes: &[ReadTranscript]) {
        let has_chapters = read.transcript.has_chapters();
        let all = || std::iter::once(read).chain(notes);
        if all().any(|read| !read.transcript.key_points.is_empty()) {
            heading(out, "##", &escaped(&self.t.text("key_points")));
            for read in all() {
                for point in &read.transcript.key_points {
                    out.push_str("- ");
                    escape(&read.style.plain(point.span.of(&read.file.text)), out);
                    out.push('\n');
                }
            }
        }
        if self.entry.episode.has_background {
            heading(out, "##", &escaped(&self.t.text("background")));
            paragraphs(out, read, read.transcript.background.iter().map(|p| p.span));
            notes.iter().for_each(|notes| paragraphs(out, notes, notes.background(has_chapters).map(|p| p.span)));
        }
    }

    fn section(&self, out: &mut String, told: &Episode<'_>, section: &ToldSection<'_>, names: &[String]) {
        heading(out, "##", &section.heading().map(|title| escaped(&title)).unwrap_or_default());
        for item in &section.items {
            match item.kind {
                Kind::Turn(..) => {
                    let name = item.speaker().and_then(|speaker| names.get(speaker)).map_or("", String::as_str);
                    // A space behind the stars makes them close in all readers of Markdown.
                    out.extend(["**", name, colon(self.entry).trim_end(), "** "]);
                    push_start(out, item.start);
                }
                Kind::Sound => {
                    sound(out, told, item);
                    continue;
                }
                Kind::Words => push_start(out, item.start),
            }
            for (idx, (words, (mark, _))) in told.paragraphs(item).iter().zip(&item.paragraphs).enumerate() {
                if idx > 0 {
                    out.push_str("\n\n");
                }
                push_start(out, *mark);
                escape(words, out);
            }
            let len = out.trim_end().len();
            out.truncate(len);
            out.push_str("\n\n");
        }
    }

    /// The pages that the page leads to.
    fn links(&self, out: &mut String) {
        let (archive, entry) = (self.archive, self.entry);
        let mut item = |key: &str, links: Vec<String>| {
            if !links.is_empty() {
                out.extend(["- ", &escaped(&self.t.text(key)), ": ", &links.join(", "), "\n"]);
            }
        };
        let to = |title: &str, target: &Route| link_to(self.route, title, target);
        let episode = |idx: usize| to(&archive.episodes[idx].episode.title, &archive.episodes[idx].route);
        let show = &archive.shows[entry.show];
        item("show", vec![to(&show.title, &show.route)]);
        let people = entry.people.iter().map(|(person, _)| &archive.people.list[*person]);
        item("people", people.filter_map(|person| Some(to(&person.name, person.route.as_ref()?))).collect());
        item(
            "topics",
            entry.topics.iter().map(|&idx| to(&archive.topics[idx].title, &archive.topics[idx].route)).collect(),
        );
        item(
            "series",
            entry.series.iter().map(|&idx| to(&archive.series[idx].title, &archive.series[idx].route)).collect(),
        );
        item("related", entry.related.iter().map(|related| episode(related.episode)).collect());
        item("previous", entry.previous.into_iter().map(episode).collect());
        item("next", entry.next.into_iter().map(episode).collect());
    }
}

/// A sound with its time: `**Break:** [15:27] Tide Song`; one in brackets as it is.
fn sound(out: &mut String, told: &Episode<'_>, item: &Told) {
    let words: Vec<String> = item.paragraphs.iter().map(|(_, span)| told.words(*span)).collect();
    let label = words.first().map_or("", String::as_str);
    if is_marked(label) {
        escape(&words.join(" "), out);
    } else {
        out.push_str("**");
        escape(label, out);
        out.push_str(":** ");
        push_start(out, item.start);
        words.iter().skip(1).for_each(|words| escape(words, out));
    }
    let len = out.trim_end().len();
    out.truncate(len);
    out.push_str("\n\n");
}

fn push_start(out: &mut String, start: Option<MediaTime>) {
    if let Some(start) = start {
        out.push('[');
        start.push_clock(out);
        out.push_str("] ");
    }
}

/// A text in quotes, as YAML and JSON both have it.
fn quoted(text: &str) -> String {
    serde_json::Value::String(one_line(text)).to_string()
}

/// A list of texts on one line; `None` where there are none.
fn list<'t>(texts: impl Iterator<Item = &'t str>) -> Option<String> {
    let texts: Vec<String> = texts.map(quoted).collect();
    (!texts.is_empty()).then(|| format!("[{}]", texts.join(", ")))
}
