//! Cards: the pictures that stand for pages where they are shared.

use crate::card::{Lines, fit, font, truncated};
use crate::graph::Archive;
use crate::graph::outputs::CardOf;
use crate::render::build::Maker;
use crate::render::view::CoverView;
use crate::render::view::card::{CardView, LineView, TextView};
use crate::render::{drawing, drawings};

/// Width of the column of text.
const COLUMN: f32 = 628.0;
/// Upper edge and height of the title, for an episode and for what has a sentence below it.
const TITLE_TOP: f32 = 122.0;
const TITLE_HEIGHT: f32 = 254.0;
const SHORT_TITLE_HEIGHT: f32 = 190.0;
/// The lower edge of the sentence.
const DEK_BOTTOM: f32 = 398.0;
const TITLE_SIZES: [f32; 6] = [72.0, 64.0, 56.0, 50.0, 44.0, 40.0];
const DEK_SIZES: [f32; 1] = [27.0];
const LEADING: f32 = 1.24;
/// As many bars as the cover on the episode's page has.
const COVER_BARS: usize = 120;
/// Size of the line of people, which is as large as any of the single lines.
const LINE_SIZE: f32 = 28.0;

impl Maker<'_> {
    /// A card, in the language of the page.
    pub fn card(&self, of: CardOf) -> CardView {
        let name = |&person: &usize| self.archive.people.list[person].name.clone();
        let count = |n: usize| self.t.count("n_episodes", n as u64);
        let (title, show, dek, people, details, cover, bars) = match of {
            CardOf::Episode(idx) => {
                let entry = &self.archive.episodes[idx];
                let details = [self.number(entry), self.date(entry, false).map(|date| date.text)];
                let details = details.into_iter().flatten().collect::<Vec<_>>().join(&self.t.text("item_separator"));
                let cover = drawings::cover(self.archive, entry, COVER_BARS);
                let bars = self.drawings.ribbon(self.archive, idx);
                let show = &self.archive.shows[entry.show].title;
                (entry.episode.title.as_str(), Some(show.as_str()), None, self.who(entry), details, cover, bars)
            }
            CardOf::Show(idx) => {
                let show = &self.archive.shows[idx];
                let people = self.t.list(&show.hosts.iter().take(5).map(name).collect::<Vec<_>>());
                let dek = show.settings.description.as_deref();
                (
                    show.title.as_str(),
                    None,
                    dek,
                    people,
                    count(show.episodes.len()),
                    drawing::leaves(&show.title),
                    Vec::new(),
                )
            }
            CardOf::Site => {
                let title = self.title;
                let dek = self.config.description.as_deref();
                let cover = drawing::leaves(title);
                (title, None, dek, String::new(), count(self.archive.episodes.len()), cover, Vec::new())
            }
        };
        let line = |text: &str| Some(truncated(&font::shown(text)?, COLUMN / LINE_SIZE));
        let dek = dek.and_then(font::shown);
        let height = if dek.is_some() { SHORT_TITLE_HEIGHT } else { TITLE_HEIGHT };
        let whole = title;
        let title = font::shown(title).map(|title| fit(&title, (COLUMN, height), &TITLE_SIZES, LEADING));
        let title = title.map(|lines| placed(lines, TITLE_TOP)).unwrap_or_default();
        let below = title.lines.last().map_or(TITLE_TOP, |line| line.y + title.size * 0.5);
        let dek = dek.map(|dek| fit(&dek, (COLUMN, DEK_BOTTOM - below), &DEK_SIZES, LEADING));
        CardView {
            dir: if self.language.is_right_to_left() { "rtl" } else { "ltr" },
            show: show.and_then(line),
            site: Some(self.title).filter(|site| ![show, Some(whole)].contains(&Some(site))).and_then(line),
            title,
            dek: dek.map(|lines| placed(lines, below)).unwrap_or_default(),
            people: line(&people),
            details: line(&details),
            cover,
            bars,
        }
    }

    /// The cover of a show that has no artwork.
    pub fn show_cover(&self, show: usize) -> CoverView {
        drawing::leaves(&self.archive.shows[show].title)
    }
}

/// The texts of a card that the font may lack characters of.
pub fn texts(archive: &Archive, idx: usize) -> impl Iterator<Item = &str> {
    let entry = &archive.episodes[idx];
    let people = entry.people.iter().take(5).map(|(person, _)| archive.people.list[*person].name.as_str());
    std::iter::once(entry.episode.title.as_str()).chain(people)
}

/// Lines below an edge.
fn placed(Lines { lines, size }: Lines, top: f32) -> TextView {
    let line = |(idx, text)| LineView { text, y: (top + size * (0.88 + LEADING * idx as f32)).round() };
    TextView { size, lines: lines.into_iter().enumerate().map(|(idx, text)| line((idx, text))).collect() }
}
