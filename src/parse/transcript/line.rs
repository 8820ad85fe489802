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

/// Whether a character is Han, kana or hangul, or punctuation that goes with them.
pub fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether the text ends as a sentence does.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.ends_with(['。', '.', '！', '!', '？', '?', '，', ',', '；', ';', '…', '、'])
}

/// Whether the text is a time such as `[31:02]`, or `[57:26] to [58:16]`, and nothing else.
pub(super) fn is_bracketed_time(text: &str) -> bool {
    if !text.trim_start().starts_with(['\\', '[', '(']) {
        return false;
    }
    match text.split_once(" to ") {
        Some((from, to)) => is_one_time(from) && is_one_time(to),
        None => is_one_time(text),
    }
}

fn is_one_time(text: &str) -> bool {
    let inner = text.trim().trim_start_matches(['\\', '[', '(']).trim_end_matches(['\\', ']', ')', '.', ',']);
    text.trim_start().starts_with(['\\', '[', '(']) && is_clock(inner.trim_end_matches('\\'))
}

/// Whether the text is a clock time: `31:02`, `01:02:03`, `00:03:54.10`.
pub(super) fn is_clock(text: &str) -> bool {
    text.len() >= 4
        && text.len() <= 14
        && text.contains(':')
        && text.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.' || b == b',')
        && text.starts_with(|c: char| c.is_ascii_digit())
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

    #[test]
    fn times_in_brackets() {
        assert!(is_bracketed_time("\\[31:02\\]"));
        assert!(is_bracketed_time("[01:06:43.15]"));
        assert!(is_bracketed_time("\\[57:26\\] to \\[58:16\\]"));
        assert!(!is_bracketed_time("\\[57:26\\] to the end"));
        assert!(!is_bracketed_time("\\[laughs\\]"));
        assert!(!is_bracketed_time("31:02"));
    }
}
