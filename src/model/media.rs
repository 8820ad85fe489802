//! Audio, video and pictures beside an episode, and what was read from them.

use serde::{Deserialize, Serialize};

use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::path::SitePath;
use crate::source::Stamp;

/// What a file of media is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MediaKind {
    Audio,
    Video,
    Picture,
}

/// A file that is published beside a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Its name.
    pub path: SitePath,
    /// What it is, by its name.
    pub kind: MediaKind,
    /// Its stamp when it was read; its length in bytes is there.
    pub stamp: Stamp,
    /// What it is, by its bytes.
    pub facts: Facts,
}

impl MediaFile {
    /// All that can be seen of it: what a page or a feed that names it depends on.
    pub fn seen(&self) -> (&SitePath, u64, &Facts) {
        (&self.path, self.stamp.size, &self.facts)
    }

    /// What was read, if it is audio or video.
    pub fn recording(&self) -> Option<&Recording> {
        if let Facts::Recording(recording) = &self.facts { Some(recording) } else { None }
    }

    /// What was read, if it is a picture.
    pub fn picture(&self) -> Option<&Picture> {
        if let Facts::Picture(picture) = &self.facts { Some(picture) } else { None }
    }
}

/// What the bytes of a file say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Facts {
    /// Of audio and video.
    Recording(Recording),
    /// Of a picture.
    Picture(Picture),
    /// Nothing: the format is known and is not read.
    Closed,
    /// Nothing: it is not what its name says, or is broken. The reason follows "it cannot be used:".
    Broken(String),
}

/// What a file of audio or video says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recording {
    /// How long it lasts; more than nothing.
    pub duration: Option<MediaTime>,
    /// Its title, plain text.
    pub title: Option<String>,
    /// Whether it holds a picture.
    pub has_picture: bool,
    /// Its chapters (ID3v2 `CHAP`) by their start, no two at one time. Each ends where the next begins.
    pub chapters: Vec<Chapter>,
}

/// What a picture says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its format by its bytes.
    pub format: PictureFormat,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether some of it may be transparent.
    pub has_alpha: bool,
}

/// A format of pictures that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum PictureFormat {
    Jpeg,
    Png,
    Webp,
    Gif,
}

impl PictureFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}
