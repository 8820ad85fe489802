//! The lines of a source: where each begins and ends, and what it looks like by itself.

use crate::source::Span;

/// One line without its white space at both ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawLine {
    /// Where the line begins, with its white space.
    pub(super) start: u32,
    /// The words of the line; empty for a blank line.
    pub(super) span: Span,
    /// Whether a blank line or nothing stands before it.
    pub(super) after_blank: bool,
}

impl RawLine {
    /// Whether there is nothing on the line.
    pub(super) fn is_blank(&self) -> bool {
        self.span.start == self.span.end
    }
}

/// The lines of `text` from byte `from` on.
pub(super) fn lines(text: &str, from: usize) -> Vec<RawLine> {
    let mut found = Vec::with_capacity((text.len() - from) / 64);
    let mut start = from;
    let mut after_blank = true;
    for end in memchr::memchr_iter(b'\n', &text.as_bytes()[from..]).map(|idx| from + idx).chain([text.len()]) {
        let line = &text[start..end];
        let trimmed_start = start + (line.len() - line.trim_start().len());
        let trimmed_end = (start + line.trim_end().len()).max(trimmed_start);
        let raw = RawLine { start: start as u32, span: Span::new(trimmed_start, trimmed_end), after_blank };
        after_blank = raw.is_blank();
        if start < text.len() {
            found.push(raw);
        }
        start = end + 1;
    }
    found
}

/// Where `part`, a part of `text`, stands in it.
pub(super) fn span_of(text: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + part.len())
}

/// Whether a character is Han, kana or hangul, or punctuation that goes with them.
pub fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether the text ends as a sentence does.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.ends_with(['。', '.', '！', '!', '？', '?', '，', ',', '；', ';', '…', '、'])
}

/// Whether a sentence is over at the end of the text.
pub(super) fn closes_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '”', '’', '」', '』', ')', '）', ']', '*'])
        .ends_with(['。', '.', '！', '!', '？', '?', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_words() {
        let text = "+++\n+++\n a \n\nb";
        let found: Vec<(&str, bool)> = lines(text, 8).iter().map(|l| (l.span.of(text), l.after_blank)).collect();
        assert_eq!(found, [("a", true), ("", false), ("b", true)]);
        assert!(lines("", 0).is_empty());
        assert_eq!(lines("a\n", 0).len(), 1);
    }
}
