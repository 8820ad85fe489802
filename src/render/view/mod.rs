//! Views: the whole input of a page. A template sees these structs, the interface words `t`, and nothing else.
//!
//! Every field is always present: a missing thing is `null` or empty, never left out.
//! Fields whose name ends in `_html` or `_svg` (and items of `paragraphs`) are HTML of the sanitiser, for `| safe`;
//! all others are text, which templates escape. `items_html`, `bars_svg`, `structured` and the `d` of drawn paths are placed as they are
//! and cannot be looked into: a template sees a placeholder.
//! Every `href` is ready: relative to the page, percent-encoded.

use serde::Serialize;

pub mod card;
pub mod episode;
pub mod list;

/// What every page has: the frame around its content. In templates: `site`.
#[derive(Debug, Clone, Serialize)]
pub struct SiteView {
    /// The site's title.
    pub title: String,
    /// Link to the home page.
    pub home: Link,
    /// The main menu, in order. The link of the part that the page is in has `current`.
    pub menu: Vec<Link>,
    /// The way to the page that searches, or null where there is none.
    pub search: Option<SearchLink>,
    /// Text in the foot, or null.
    pub foot_html: Option<String>,
    /// Extra markup for the head, from the config (the site's author is trusted), or null.
    pub head_html: Option<String>,
    /// The style sheet's address.
    pub stylesheet: String,
    /// A small classic script that runs before the first paint.
    pub early_script: String,
    /// The entry module, which the early script loads over HTTP only.
    pub module_script: String,
}

/// The way to the page that searches.
#[derive(Debug, Clone, Serialize)]
pub struct SearchLink {
    /// Its address.
    pub href: String,
    /// Whether this is the page.
    pub current: bool,
    /// Words of the interface for its scripts: a JSON object.
    pub words: String,
}

/// What the head of a page says of it. In templates: `page`.
#[derive(Debug, Clone, Serialize)]
pub struct HeadView {
    /// Which template family: `home`, `show`, `season`, `year`, `people`, `person`, `topics`, `topic`, `series`,
    /// `search`, `episode`, `plain`, `not_found`.
    pub kind: &'static str,
    /// The whole document title.
    pub title: String,
    /// For search engines; may be empty.
    pub description: String,
    /// Language of the page.
    pub lang: String,
    /// `rtl` or `ltr`.
    pub dir: &'static str,
    /// The way to the site's root: `""`, `../`, `../../`; on the 404 page the root path.
    pub root: String,
    /// The absolute address, or null without `base_url`.
    pub canonical: Option<String>,
    /// The page as Markdown, or null on the 404 page and the one that searches.
    pub markdown: Option<String>,
    /// Open Graph properties, in order; empty without `base_url`.
    pub og: Vec<Property>,
    /// Structured data as JSON that is safe inside of a `script`, or null without `base_url`. For `| safe`.
    pub structured: Option<String>,
    /// How Twitter shows the picture of `og`, or null where there is none: `summary_large_image`.
    pub twitter_card: Option<&'static str>,
    /// Feeds of what the page is about, and of the site; empty without `base_url`.
    pub feeds: Vec<FeedLink>,
    /// The way from the home page down to this page, without the page itself.
    pub crumbs: Vec<Link>,
}

/// A feed, for programs that read feeds.
#[derive(Debug, Clone, Serialize)]
pub struct FeedLink {
    /// What it is a feed of.
    pub title: String,
    /// Its address.
    pub href: String,
    /// Its media type.
    pub media_type: &'static str,
}

/// A property of the head.
#[derive(Debug, Clone, Serialize)]
pub struct Property {
    /// Such as `og:title`.
    pub name: &'static str,
    /// Its value.
    pub content: String,
}

/// A link with its words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Link {
    /// The words.
    pub title: String,
    /// Where it leads.
    pub href: String,
    /// Language of the words, where it differs from the page's.
    pub lang: Option<String>,
    /// Whether it leads to the page itself or the part of the site that it is in.
    pub current: bool,
    /// How many things are behind it, or null.
    pub count: Option<String>,
}

/// A date for people and for machines.
#[derive(Debug, Clone, Serialize)]
pub struct DateView {
    /// `2026-03-14`.
    pub iso: String,
    /// As the page's language writes it: `14 March 2026`, or without the year where the year stands above.
    pub text: String,
}

/// A picture of an episode or show: drawn from its text, or given by the publisher. One of the two is there.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CoverView {
    /// Which of the six palettes: 1 to 6. The ground is `.cover-ground`, a layer is `.cover-ink-N`.
    pub palette: u8,
    /// SVG path data for a 1200 × 1200 box, one for each ink, in drawing order.
    pub paths: Vec<CoverPath>,
    /// A picture file, or null.
    pub image: Option<String>,
    /// Smaller sizes of it with their widths, as `srcset` takes them, or null.
    pub srcset: Option<String>,
}

/// One layer of a drawn cover.
#[derive(Debug, Clone, Serialize)]
pub struct CoverPath {
    /// Which ink of the palette: 1 to 3.
    pub ink: u8,
    /// SVG path data.
    pub d: String,
}

/// A speaker's bars of a small ribbon.
#[derive(Debug, Clone, Serialize)]
pub struct BarPath {
    /// The speaker's colour: 1 is plain ink, 2 to 9 the eight hues.
    pub speaker: u8,
    /// SVG path data.
    pub d: String,
}

/// Where one is among the pages of a list. Pages are numbered from the oldest, so `older` counts down.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaginationView {
    /// To the page with older episodes, or null.
    pub older: Option<Link>,
    /// To the page with newer episodes, or null.
    pub newer: Option<Link>,
    /// `Page 3 of 7`, or null where there is one page only.
    pub label: Option<String>,
}
