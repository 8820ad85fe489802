//! From the bytes of one file to typed values with their places. Nothing here looks at a second file, and nothing fails:
//! a parser returns what it could read and what is wrong with the rest.

mod about;
pub mod align;
pub mod chapters;
pub mod dates;
pub mod decode;
pub mod digest;
pub mod episode;
pub mod front_matter;
pub mod language;
pub mod measure;
mod media;
pub mod people;
mod podcast;
pub mod read;
pub mod show;
mod sibling;
mod telling;
pub mod timed;
mod timeline;
mod times;
pub mod transcript;
pub mod words;
