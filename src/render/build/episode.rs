//! The episode page.

use crate::graph::outputs::{self, ChapterFormat, FileSpec, PictureOf, Place, TranscriptFormat};
use crate::graph::people::Ink;
use crate::graph::related::Reason;
use crate::graph::{Entry, synthetic};
use crate::markup;
use crate::media;
use crate::model::episode::{Bar, SectionOutline};
use crate::model::person::Role;
use crate::model::time::MediaTime;
use crate::model::transcript::{Paragraph, SectionKind};
use crate::parse::read::ReadTranscript;
use crate::render::build::{Maker, percent};
use crate::render::turns::TurnWriter;
use crate::render::view::episode::*;
use crate::render::view::{CoverView, Link};
use crate::render::{drawing, drawings};

const TABLE_SPEAKERS: usize = 8;
const COVER_BARS: usize = 120;

impl Maker<'_> {
    pub(super) fn people(&self, entry: &Entry) -> Vec<SpeakerView> {
        let ink = |person| entry.speakers.iter().position(|s| *s == Some(person)).map(|idx| entry.inks[idx]);
        entry.people.iter().map(|&(person, role)| self.speaker(person, role, ink(person).unwrap_or_default())).collect()
    }

    pub(super) fn speaker(&self, person: usize, role: Option<Role>, ink: Ink) -> SpeakerView {
        let person = &self.archive.people.list[person];
        let role = match role {
            Some(Role::Host) => Some(self.t.text("host")),
            Some(Role::Guest) => Some(self.t.text("guest")),
            None => None,
        };
        SpeakerView {
            speaker: ink.hue,
            name: person.name.clone(),
            lang: self.title_language(&person.name),
            href: person.route.as_ref().map(|route| self.href(route)),
            role,
            host: ink.is_host,
        }
    }

    /// The speakers of an episode in the order of its transcript.
    pub fn speakers(&self, idx: usize) -> Vec<SpeakerView> {
        let entry = &self.archive.episodes[idx];
        let view = |(at, person): (usize, &Option<usize>)| match person {
            Some(person) => self.speaker(
                *person,
                entry.people.iter().find(|(listed, _)| listed == person).and_then(|(_, role)| *role),
                entry.inks[at],
            ),
            None => {
                let name = entry.episode.speakers[at].label.clone();
                SpeakerView {
                    speaker: entry.inks[at].hue,
                    lang: self.title_language(&name),
                    name,
                    href: None,
                    role: None,
                    host: entry.inks[at].is_host,
                }
            }
        };
        entry.speakers.iter().enumerate().map(view).collect()
    }

    pub(super) fn key_points(&self, entry: &Entry) -> Vec<KeyPointView> {
        entry
            .episode
            .key_points
            .iter()
            .map(|point| KeyPointView { lead_html: point.lead.clone(), text_html: point.text.clone() })
            .collect()
    }

    /// The large cover of an episode.
    pub(super) fn cover(&self, idx: usize) -> CoverView {
        let drawn = drawings::cover(self.archive, &self.archive.episodes[idx], COVER_BARS);
        self.with_picture(drawn, PictureOf::Episode(idx))
    }

    /// An episode page but for its transcript.
    pub fn episode(&self, idx: usize, speakers: &[SpeakerView]) -> EpisodeView {
        let entry = &self.archive.episodes[idx];
        let (episode, meta) = (&entry.episode, &entry.episode.meta);
        let show = &self.archive.shows[entry.show];
        let season = meta
            .season
            .and_then(|n| Some(self.link(&self.season_title(show, n), &show.route.join(&format!("season-{n}/"))?)));
        let total = episode.speakers.iter().map(|speaker| speaker.on_ribbon).sum::<u64>().max(1);
        let legend = episode.speakers.iter().zip(speakers).map(|(outline, view)| LegendEntry {
            speaker: view.speaker,
            name: view.name.clone(),
            percent: percent(outline.on_ribbon as f64 / total as f64),
        });
        let listen = self.listen(entry);
        let original = meta.original.as_ref().map(|original| {
            let is_url = original.contains("://");
            let title = self.t.fill(
                "translation_of",
                &[("name", if is_url { original.split('/').nth(2).unwrap_or(original) } else { original })],
            );
            Link {
                title: if is_url { title } else { self.t.fill("translation_of", &[("name", original)]) },
                href: if is_url { markup::safe_url(original).unwrap_or_default() } else { String::new() },
                ..Link::default()
            }
        });
        let details = [self.number(entry), self.date(entry, false).map(|date| date.text)].into_iter().flatten();
        let who = self.who(entry);
        let separator = self.t.text("item_separator");
        let cited = [
            ("people", who.as_str()),
            ("title", &episode.title),
            ("show", &show.title),
            ("details", &details.collect::<Vec<_>>().join(&separator)),
        ];
        let citation = without_gaps(&self.t.fill("citation", &cited));
        EpisodeView {
            title: episode.title.clone(),
            title_lines: title_lines(&episode.title),
            lang: episode.language.to_string(),
            show: self.show_link(show),
            number: self.number(entry),
            season,
            date: self.date(entry, false),
            reading_time: self.reading_time(entry),
            dek: meta.description.clone(),
            people: self.people(entry),
            topics: entry.topics.iter().map(|&topic| self.group_link(&self.archive.topics[topic])).collect(),
            series: entry.series.iter().map(|&series| self.group_link(&self.archive.series[series])).collect(),
            key_points: self.key_points(entry),
            toc: self.toc(entry, &listen),
            listen,
            legend: legend.collect(),
            citation,
            address: self.absolute(&entry.route),
            original,
            formats: self.formats(idx),
            synthetic: (!synthetic(entry, show).is_empty()).then(|| self.t.disclosure(synthetic(entry, show))),
            related: entry.related.iter().map(|related| self.related(related.episode, related.reason)).collect(),
            previous: entry.previous.map(|other| self.pager("previous", other)),
            next: entry.next.map(|other| self.pager("next", other)),
        }
    }

    /// The files beside the page, each by what it is: captions, chapters and text by their format.
    fn formats(&self, idx: usize) -> Vec<Link> {
        let entry = &self.archive.episodes[idx];
        let files = outputs::episode_files(&entry.episode, idx).into_iter();
        let link = |(name, spec)| {
            let title = match spec {
                FileSpec::Transcript(_, TranscriptFormat::Text) => self.t.text("format_text"),
                FileSpec::Transcript(_, TranscriptFormat::Html) => "HTML".to_owned(),
                FileSpec::Transcript(_, TranscriptFormat::Turns) => self.t.text("format_turns"),
                FileSpec::Transcript(_, TranscriptFormat::Vtt) => "WebVTT".to_owned(),
                FileSpec::Transcript(_, TranscriptFormat::Srt) => "SRT".to_owned(),
                FileSpec::Transcript(_, TranscriptFormat::Json) => "JSON".to_owned(),
                FileSpec::Markdown(_) => "Markdown".to_owned(),
                FileSpec::Chapters(_, ChapterFormat::Json) => self.t.text("format_chapters"),
                _ => return None,
            };
            Some(self.link(&title, &entry.route.join(name)?))
        };
        files.filter_map(link).collect()
    }

    /// What is drawn from the episode's own text.
    pub fn drawn(&self, idx: usize, speakers: &[SpeakerView]) -> DrawnView {
        let entry = &self.archive.episodes[idx];
        DrawnView { cover: self.cover(idx), ribbon: self.ribbon(entry, speakers) }
    }

    fn ribbon(&self, entry: &Entry, speakers: &[SpeakerView]) -> Option<RibbonView> {
        let (episode, bars) = (&entry.episode, entry.episode.bars());
        let total: u64 = bars.iter().map(|bar| u64::from(bar.length)).sum();
        let sections = episode.sections.iter().filter_map(|section| Some((section, section.title.as_ref()?)));
        let tick = |(section, title): (&SectionOutline, &String)| TickView {
            label: section.number.map_or_else(
                || title.chars().find(|c| c.is_alphanumeric()).map(String::from).unwrap_or_default(),
                |number| format!("{number:02}"),
            ),
            at: format!("{:.1}", section.start as f64 / total.max(1) as f64 * 100.0),
        };
        (total > 0).then(|| RibbonView {
            basis: self.t.text(if episode.timed { "by_time" } else { "by_characters" }),
            bars_svg: drawing::ribbon(&bars, &entry.inks, &episode.turn_ids),
            ticks: sections.map(tick).collect(),
            table: self.ribbon_table(entry, &bars, speakers),
        })
    }

    /// The ribbon in words: the share of each speaker in each section. The eight who speak most have a column.
    fn ribbon_table(&self, entry: &Entry, bars: &[Bar], speakers: &[SpeakerView]) -> RibbonTable {
        let episode = &entry.episode;
        let mut most: Vec<usize> = (0..episode.speakers.len()).collect();
        most.sort_by_key(|&idx| (std::cmp::Reverse(episode.speakers[idx].length), idx));
        most.truncate(TABLE_SPEAKERS);
        most.sort_unstable();
        let mut rows: Vec<(String, Vec<u64>, u64)> = Vec::new();
        let mut bars = bars.iter().peekable();
        let mut at = 0;
        for (idx, section) in episode.sections.iter().enumerate().filter(|(_, section)| section.n_turns > 0) {
            let end = episode.sections[idx + 1..].iter().map(|next| next.start).next().unwrap_or(u64::MAX);
            let (mut lengths, mut sum) = (vec![0; most.len()], 0);
            while let Some(bar) = bars.next_if(|_| at < end) {
                at += u64::from(bar.length);
                sum += u64::from(bar.length);
                if let Some(column) = most.iter().position(|&speaker| speaker == usize::from(bar.speaker)) {
                    lengths[column] += u64::from(bar.length);
                }
            }
            let title = section.title.clone().unwrap_or_else(|| self.t.text("transcript"));
            rows.push((title, lengths, sum));
        }
        let cells = |lengths: Vec<u64>, sum: u64| {
            lengths.into_iter().map(|length| percent(length as f64 / sum.max(1) as f64)).collect()
        };
        RibbonTable {
            speakers: most.into_iter().filter_map(|idx| Some(speakers.get(idx)?.name.clone())).collect(),
            rows: rows.into_iter().map(|(title, lengths, sum)| RowView { title, cells: cells(lengths, sum) }).collect(),
        }
    }

    pub(super) fn related(&self, other: usize, reason: Reason) -> RelatedView {
        let entry = &self.archive.episodes[other];
        let (key, name) = match reason {
            Reason::Series(idx) => ("related_series", self.archive.series[idx].title.as_str()),
            Reason::Person(idx) => ("related_person", self.archive.people.list[idx].name.as_str()),
            Reason::Topic(idx) => ("related_topic", self.archive.topics[idx].title.as_str()),
            Reason::Terms => ("related_terms", ""),
        };
        RelatedView {
            link: self.episode_link(entry),
            show: self.archive.shows[entry.show].title.clone(),
            reason: self.t.fill(key, &[("name", name)]),
            cover: self.with_picture(self.drawings.cover(self.archive, other), PictureOf::Episode(other)),
        }
    }

    pub(super) fn pager(&self, key: &str, other: usize) -> PagerLink {
        let entry = &self.archive.episodes[other];
        let label = match self.number(entry) {
            Some(number) => self.t.fill(&format!("{key}_number"), &[("number", &number)]),
            None => self.t.text(key),
        };
        PagerLink { label, link: self.episode_link(entry) }
    }

    /// The recording, on this site or elsewhere.
    pub(super) fn audio(&self, entry: &Entry) -> Option<AudioView> {
        let src = match outputs::recording(entry, self.config)?.0 {
            Place::Here(route) => self.href(&route),
            Place::Elsewhere(url) => url,
        };
        let media_type = media::media_type(&src).unwrap_or_default().to_owned();
        Some(AudioView { src, media_type })
    }

    pub(super) fn listen(&self, entry: &Entry) -> ListenView {
        let meta = &entry.episode.meta;
        let own = meta.listen_url.as_ref().and_then(|url| {
            Some(Link { title: self.t.text("listen"), href: markup::safe_url(url)?, ..Link::default() })
        });
        let links = own.into_iter().chain(self.subscribe(entry.show)).collect();
        let qr_url = meta.listen_url.clone().filter(|url| url.contains("://")).or_else(|| self.absolute(&entry.route));
        ListenView {
            audio: self.audio(entry),
            links,
            qr: qr_url.and_then(|url| drawing::qr(&url)),
            duration: entry.episode.duration().map(MediaTime::clock),
        }
    }

    pub(super) fn toc(&self, entry: &Entry, listen: &ListenView) -> Vec<TocEntry> {
        let block = |href: &str, key: &str| TocEntry {
            href: href.to_owned(),
            number: String::new(),
            title: self.t.text(key),
            length: None,
            time: None,
        };
        let mut toc = Vec::new();
        if !entry.episode.key_points.is_empty() {
            toc.push(block("#key", "key_points"));
        }
        if entry.episode.has_background {
            toc.push(block("#background", "background"));
        }
        let longest = entry.episode.sections.iter().map(|section| section.length).max().unwrap_or(1).max(1);
        let titled = entry.episode.sections.iter().filter_map(|section| Some((section, section.title.as_ref()?)));
        toc.extend(titled.map(|(section, title)| TocEntry {
            href: format!("#{}", section.id),
            number: section.number.map(|n| format!("{n:02}")).unwrap_or_default(),
            title: title.clone(),
            length: Some(format!("{}", u64::from(section.length) * 100 / u64::from(longest))),
            time: section.time.map(MediaTime::clock),
        }));
        if listen.audio.is_some() || !listen.links.is_empty() || listen.qr.is_some() || entry.episode.has_listen {
            toc.push(block("#listen", "listen"));
        }
        toc
    }

    /// The transcript part of an episode page.
    pub fn transcript(&self, idx: usize, speakers: &[SpeakerView], read: &ReadTranscript) -> TranscriptView {
        let entry = &self.archive.episodes[idx];
        let episode = &entry.episode;
        let is_timed = read.transcript.turns().any(|turn| turn.start.is_some());
        let audio = if is_timed { self.audio(entry) } else { None };
        let (text, folder) = (read.file.text.as_str(), read.file.path.parent());
        let linked = |html: String| self.linked(html, folder);
        let permalink = self.t.text("permalink");
        let times = (episode.turn_ids.as_slice(), read.transcript.marks.as_slice());
        let mut turns = TurnWriter::new((text, read.style), speakers, times, &permalink, &linked);
        let sections = read.transcript.sections.iter().zip(&episode.sections).map(|(section, outline)| SectionView {
            id: outline.id.clone(),
            number: section.number.map(|n| format!("{n:02}")).unwrap_or_default(),
            title_html: section.title.as_ref().map(|title| turns.title(title)),
            closing: section.kind == SectionKind::Closing,
            time: outline.time.map(|time| self.section_time(outline, time, audio.as_ref())),
            items_html: turns.section(&section.items),
        });
        let sections = sections.collect();
        let all = |paragraphs: &[Paragraph]| paragraphs.iter().map(|p| turns.html(p.span.of(text))).collect();
        TranscriptView {
            sections,
            listen_html: all(&read.transcript.listen),
            background_html: all(&read.transcript.background),
            foot_html: all(&read.transcript.foot),
            plays: audio.is_some(),
        }
    }

    /// The time of a section: a link into the recording where there is one, else to the section itself.
    fn section_time(&self, section: &SectionOutline, time: MediaTime, audio: Option<&AudioView>) -> TimeView {
        let text = time.clock();
        let file = audio.map(|audio| audio.src.split('#').next().unwrap_or_default());
        TimeView {
            href: match file {
                Some(file) => format!("{file}#t={}", time.0 / 1000),
                None => format!("#{}", section.id),
            },
            label: file.map(|_| self.t.fill("play_from", &[("time", &text)])),
            iso: time.iso(),
            text,
        }
    }
}

/// A filled sentence without the marks around what was empty.
fn without_gaps(text: &str) -> String {
    let mut text = text.trim_start_matches([':', '：', ' ']).to_owned();
    for (gap, mend) in [(", .", "."), ("，。", "。"), (",。", "。"), (", ,", ","), ("，，", "，")] {
        text = text.replace(gap, mend);
    }
    text
}

/// A title in two lines, where it has a colon to break at.
fn title_lines(title: &str) -> Vec<String> {
    let at = title.find(['：', ':', '—']).map(|idx| idx + title[idx..].chars().next().map_or(0, char::len_utf8));
    match at
        .filter(|&at| at < title.len() && title[at..].trim().chars().count() >= 3 && title[..at].chars().count() >= 3)
    {
        Some(at) if title.is_char_boundary(at) && !title[..at].ends_with('—') => {
            vec![title[..at].to_owned(), title[at..].trim_start().to_owned()]
        }
        _ => vec![title.to_owned()],
    }
}
