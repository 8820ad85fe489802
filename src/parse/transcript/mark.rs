//! What a line is, as the first pass says and the second one takes it.

use crate::parse::transcript::heading::Heading;
use crate::parse::transcript::label::Label;
use crate::parse::transcript::stamp::Stamp;
use crate::source::Span;

/// What the first pass found on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    /// A speaker: a label, with or without words after it.
    Speaker(Label),
    /// A label that names a sound.
    Cue(Label),
    /// A heading.
    Heading(Heading),
    /// A time, and words after it perhaps: a paragraph of the turn begins.
    Time(Stamp, Span),
    /// A note in brackets that says its time.
    Note(Stamp),
    /// Words, or nothing.
    Words,
}

impl Mark {
    pub(super) fn stamp(&self) -> Option<Stamp> {
        match self {
            Self::Speaker(label) | Self::Cue(label) => label.stamp,
            Self::Time(stamp, _) | Self::Note(stamp) => Some(*stamp),
            Self::Heading(_) | Self::Words => None,
        }
    }

    /// What is left of it where its time can be none.
    pub(super) fn untimed(self) -> Self {
        match self {
            Self::Speaker(label) => Self::Speaker(label.untimed()),
            Self::Cue(label) => Self::Cue(label.untimed()),
            Self::Time(..) | Self::Note(_) => Self::Words,
            Self::Heading(_) | Self::Words => self,
        }
    }
}
