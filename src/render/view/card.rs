//! What the templates `card.svg` and `cover.svg` see. All texts are made of characters that the font of cards has, and
//! fit their place.

use serde::Serialize;

use super::{BarPath, CoverView};

/// A picture of 1200 × 630 that stands for a page where it is shared. In templates: `card`.
#[derive(Debug, Clone, Serialize)]
pub struct CardView {
    /// `ltr` or `rtl`: the side on which the text stands.
    pub dir: &'static str,
    /// The show of an episode, or null.
    pub show: Option<String>,
    /// The title of the site where nothing else says it, or null.
    pub site: Option<String>,
    /// The title in lines.
    pub title: TextView,
    /// A sentence below the title in lines; none for an episode.
    pub dek: TextView,
    /// Who speaks, in one line, or null.
    pub people: Option<String>,
    /// Number and date, in one line, or null.
    pub details: Option<String>,
    /// The drawn cover.
    pub cover: CoverView,
    /// The ribbon of an episode, one path a speaker, in a box of 1000 by 16.
    pub bars: Vec<BarPath>,
}

/// Lines of a text. Of a text that the font cannot show there are none.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TextView {
    /// The size of the letters.
    pub size: f32,
    /// The lines, from the top.
    pub lines: Vec<LineView>,
}

/// A line of a text.
#[derive(Debug, Clone, Serialize)]
pub struct LineView {
    /// The words.
    pub text: String,
    /// The height of its base line on the card.
    pub y: f32,
}
