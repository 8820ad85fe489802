//! Cards and covers: pictures made from a text. What is in this module knows of fonts, lines and pixels only; what a
//! card says is made in `render`, and how it looks is the template `card.svg`.

pub mod font;
mod lines;
mod raster;

pub use lines::{Lines, fit, truncated};
pub use raster::png;

/// Width and height of a card in pixels, as Open Graph and Twitter show it largest.
pub const CARD: (u32, u32) = (1200, 630);
/// Width and height of a generated cover: the least that podcast directories take.
pub const COVER: (u32, u32) = (1400, 1400);
