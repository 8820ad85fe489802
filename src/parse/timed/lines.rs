//! The roles of lines in files whose lines mean nothing: JSON and HTML.

use crate::model::transcript::{Line, LineRole};
use crate::parse::timed::TimedCue;

/// Lines with words of a cue are captions, all others are what stands around them.
pub(super) fn lines_of(text: &str, cues: &[TimedCue]) -> Vec<Line> {
    let mut cues = cues.iter().peekable();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |len| start + len);
        while cues.next_if(|cue| cue.at.end as usize <= start).is_some() {}
        let has_words = cues.peek().is_some_and(|cue| (cue.at.start as usize) < end);
        let role = match text[start..end].trim() {
            "" => LineRole::Blank,
            _ if has_words => LineRole::Caption,
            _ => LineRole::Data,
        };
        lines.push(Line { start: start as u32, role });
        start = end + 1;
    }
    lines
}
