//! Media: which files are audio, video and pictures, and what their bytes say. Nothing is decoded to tell that.

pub mod artwork;
mod picture;
mod recording;
#[cfg(test)]
mod tests;
mod types;

pub use types::{kind, media_type};

use crate::model::media::{Facts, MediaKind};
use crate::source::ReadSeek;

/// What a file says of itself, whatever is in it: broken and hostile files give [`Facts::Broken`].
pub fn facts(kind: MediaKind, extension: &str, file: Box<dyn ReadSeek>) -> Facts {
    match kind {
        MediaKind::Audio | MediaKind::Video => recording::facts(extension, file),
        MediaKind::Picture => picture::facts(file),
    }
}

const EMPTY: &str = "it is empty";
