//! Chapters: where parts of a recording begin, and what they are called.

use serde::{Deserialize, Serialize};

use crate::model::time::MediaTime;
use crate::source::Span;

/// One chapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Where it begins on the media.
    pub start: MediaTime,
    /// Its title, plain text; never empty.
    pub title: String,
    /// Where it is written, if it is in a text.
    pub at: Span,
}
