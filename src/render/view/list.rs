//! Views of pages that list: home, show, season, year, topic, series, person, people, topics; and plain pages.

use serde::Serialize;

use crate::render::view::episode::{KeyPointView, SpeakerView};
use crate::render::view::{BarPath, CoverView, DateView, Link, PaginationView};

/// The home page. In templates: `home`.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView {
    /// The site's title.
    pub title: String,
    /// What the site is, or null.
    pub dek: Option<String>,
    /// The newest episode, or null in an empty archive and on older pages.
    pub hero: Option<HeroView>,
    /// `12 episodes, 172,000 words`.
    pub summary: String,
    /// Ways into the archive: shows, topics, people who come often, years.
    pub facets: Vec<FacetView>,
    /// The list below the hero.
    pub list: ListView,
}

/// The newest episode, large.
#[derive(Debug, Clone, Serialize)]
pub struct HeroView {
    /// The episode.
    pub link: Link,
    /// Language of its text.
    pub lang: String,
    /// Its show.
    pub show: Link,
    /// `No. 42`, or null.
    pub number: Option<String>,
    /// When it came out, or null.
    pub date: Option<DateView>,
    /// How long to read.
    pub reading_time: String,
    /// A sentence about it, or null.
    pub dek: Option<String>,
    /// Its picture.
    pub cover: CoverView,
    /// Who is in it.
    pub people: Vec<SpeakerView>,
    /// Its key points.
    pub key_points: Vec<KeyPointView>,
}

/// A group of links with counts.
#[derive(Debug, Clone, Serialize)]
pub struct FacetView {
    /// Its heading.
    pub title: String,
    /// Its links.
    pub links: Vec<Link>,
    /// To all of them, where only some are shown; or null.
    pub all: Option<Link>,
}

/// Episodes in groups, newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListView {
    /// The groups: years, then those without a date.
    pub groups: Vec<GroupView>,
    /// Older and newer pages.
    pub pagination: PaginationView,
}

/// Episodes of a year.
#[derive(Debug, Clone, Serialize)]
pub struct GroupView {
    /// For `id` and `aria-labelledby`: `y2026`, `undated`.
    pub id: String,
    /// The heading: the year, or `Without a date`.
    pub title: String,
    /// To the year's page, or null.
    pub href: Option<String>,
    /// The episodes.
    pub items: Vec<ListItemView>,
}

/// An episode in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ListItemView {
    /// The episode.
    pub link: Link,
    /// The day without its year, or null.
    pub date: Option<DateView>,
    /// `Salt and Clocks 43`, or only the number on a show's own page; may be empty.
    pub show: String,
    /// Language of the show's name, where it differs from the page's.
    pub show_lang: Option<String>,
    /// Who speaks: `A, B` or `甲、乙`; may be empty.
    pub who: String,
    /// A sentence about it, shown on pages of one show, or null.
    pub dek: Option<String>,
    /// The ribbon in small, 100 bars at most: paths in a box of 1000 by 16.
    pub bars: Vec<BarPath>,
    /// `9,410 字`, `52 min`.
    pub size: String,
}

/// The page of a show, a season, a year, a topic or a series. In templates: `collection`.
#[derive(Debug, Clone, Serialize)]
pub struct CollectionView {
    /// A word above the title: `Show`, `Topic`; further bits after it, such as `2023 to 2026`.
    pub kicker: Vec<String>,
    /// The title.
    pub title: String,
    /// Language of the title, where it differs from the page's.
    pub lang: Option<String>,
    /// What it is about, or null.
    pub dek: Option<String>,
    /// Its picture, or null.
    pub cover: Option<CoverView>,
    /// Figures: `Episodes` 43.
    pub figures: Vec<FigureView>,
    /// Where to subscribe, seasons and so on.
    pub facets: Vec<FacetView>,
    /// The episodes.
    pub list: ListView,
}

/// A figure with its name. Either `text` or `links` is filled.
#[derive(Debug, Clone, Serialize)]
pub struct FigureView {
    /// What it counts.
    pub title: String,
    /// The figure.
    pub text: String,
    /// Or the people.
    pub links: Vec<Link>,
}

/// A person's page. In templates: `person`.
#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    /// A word above the name, and the years.
    pub kicker: Vec<String>,
    /// The name.
    pub name: String,
    /// Language of the name, where it differs from the page's.
    pub lang: Option<String>,
    /// Other names.
    pub other_names: Vec<Link>,
    /// In a few words, or null.
    pub dek: Option<String>,
    /// Episodes, words, usual share, with whom.
    pub figures: Vec<FigureView>,
    /// Links out.
    pub links: Vec<Link>,
    /// To all that the person said, or null where nothing is or search is left out.
    pub said: Option<Link>,
    /// Episodes, newest first.
    pub appearances: Vec<AppearanceView>,
    /// Older and newer pages.
    pub pagination: PaginationView,
}

/// The page that searches. In templates: `search`.
#[derive(Debug, Clone, Serialize)]
pub struct SearchView {
    /// The title.
    pub title: String,
    /// Ways into the archive, for whoever cannot search or does not yet know what for.
    pub facets: Vec<FacetView>,
}

/// A person in one episode.
#[derive(Debug, Clone, Serialize)]
pub struct AppearanceView {
    /// The episode.
    pub link: Link,
    /// Its show and number.
    pub show: String,
    /// When, or null.
    pub date: Option<DateView>,
    /// `78%`, or null for somebody who is named and does not speak.
    pub share: Option<String>,
    /// `spoke 78% of the episode`, or their part.
    pub share_text: String,
    /// Their first words there, or null.
    pub quote: Option<QuoteView>,
}

/// First words, with their place.
#[derive(Debug, Clone, Serialize)]
pub struct QuoteView {
    /// The words.
    pub text: String,
    /// Language of the words, where it differs from the page's.
    pub lang: Option<String>,
    /// To the turn; its words are the section's title.
    pub link: Link,
}

/// The list of people or of topics. In templates: `directory`.
#[derive(Debug, Clone, Serialize)]
pub struct DirectoryView {
    /// The title.
    pub title: String,
    /// `36 people`.
    pub summary: String,
    /// Entries by group: for people the initial, for topics one group without title.
    pub groups: Vec<FacetView>,
}

/// A plain page. In templates: `plain`.
#[derive(Debug, Clone, Serialize)]
pub struct PlainView {
    /// The title.
    pub title: String,
    /// The text.
    pub body_html: String,
}
