//! The roles of lines in files whose lines mean nothing: JSON, HTML and XML.

use crate::model::transcript::{Line, LineRole};
use crate::source::Span;

/// Lines with a part of one of these stretches, which are in order, have their role; all others are what stands around
/// them.
pub(in crate::parse) fn lines_of(text: &str, stretches: impl Iterator<Item = Span>, role: LineRole) -> Vec<Line> {
    let mut stretches = stretches.peekable();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |len| start + len);
        while stretches.next_if(|stretch| stretch.end as usize <= start).is_some() {}
        let has_part = stretches.peek().is_some_and(|stretch| (stretch.start as usize) < end);
        let role = match text[start..end].trim() {
            "" => LineRole::Blank,
            _ if has_part => role,
            _ => LineRole::Data,
        };
        lines.push(Line { start: start as u32, role });
        start = end + 1;
    }
    lines
}

/// A line without white space around it. Most have none, and that is seen from two bytes.
pub(super) fn trimmed(line: &str) -> &str {
    match line.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => line,
        _ => line.trim(),
    }
}

/// Gives the lines of a stretch another role.
pub(in crate::parse) fn set_role(lines: &mut [Line], stretch: Span, role: LineRole) {
    let first = lines.partition_point(|line| line.start <= stretch.start).saturating_sub(1);
    let own = lines[first..].iter_mut().take_while(|line| line.start < stretch.end);
    own.filter(|line| line.role != LineRole::Blank).for_each(|line| line.role = role);
}
