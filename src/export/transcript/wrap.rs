//! Lines of captions.

use smallvec::{SmallVec, smallvec};

use crate::markup::{is_unspaced, joins};
use crate::swar::{position, within};

/// How long a line may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    /// Characters of full width in a line of them.
    pub(super) wide: usize,
    /// Characters of half width in a line of them.
    pub(super) narrow: usize,
}

/// What no line begins with: closing punctuation; and marks that begin another voice where a line begins with them.
const NOT_FIRST: &str = "，。、！？；：）】」』》〉”’…—・,.!?;:)]}%-–‐‑>&{";
/// What no line ends with.
const NOT_LAST: &str = "（【「『《〈“‘([{";

/// Parts a line into lines of a measure. Read again and joined as lines of a source are, they are the same words: a line
/// ends at a space, which it loses, or between two characters that join without one. What has no such place stays long.
pub(super) fn wrapped(text: &str, measure: Measure) -> SmallVec<[&str; 4]> {
    let limit = measure.wide * measure.narrow;
    // A character of full width has three bytes or more.
    if text.len() * measure.wide.max(measure.narrow.div_ceil(3)) <= limit {
        return smallvec![text];
    }
    let (mut lines, mut from, mut at, mut width) = (SmallVec::new(), 0, 0, 0);
    // The last place where the line may end: the end of its words, the beginning of the next ones, and the width of what
    // stands before these.
    let mut place: Option<(usize, usize, usize)> = None;
    let mut before: Option<char> = None;
    while let Some(c) = text[at..].chars().next() {
        if let Some(last) = before.filter(|_| at > from) {
            if last == ' ' {
                let words = text[from..at].trim_end_matches(' ');
                let is_parted = c != ' ' && !joins(words.chars().next_back(), Some(c)) && may_begin(c);
                place = if is_parted && !words.is_empty() { Some((from + words.len(), at, width)) } else { place };
            } else if !(last.is_ascii() && c.is_ascii())
                && (is_unspaced(last) || is_unspaced(c))
                && joins(Some(last), Some(c))
                && may_begin(c)
                && !NOT_LAST.contains(last)
                && c != ' '
            {
                place = Some((at, at, width));
            }
        }
        // No line ends within a word of ASCII: it is taken whole.
        let rest = &text.as_bytes()[at..];
        let word = &rest[..position(rest, |eight| within(eight, b' ', b' ') | eight).unwrap_or(rest.len())];
        let (last, n_chars, len) =
            word.last().map_or((c, 1, c.len_utf8()), |last| (char::from(*last), word.len(), word.len()));
        width += n_chars * if is_unspaced(c) { measure.narrow } else { measure.wide };
        if width > limit
            && c != ' '
            && let Some((end, next, before)) = place.take()
        {
            lines.push(&text[from..end]);
            (from, width) = (next, width - before);
        }
        at += len;
        before = Some(last);
    }
    lines.push(&text[from..]);
    lines
}

/// Whether a line may begin with a character. Most are letters of ASCII.
fn may_begin(c: char) -> bool {
    c.is_ascii_alphanumeric() || !NOT_FIRST.contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::markup::joined;

    const NARROW: Measure = Measure { wide: 6, narrow: 10 };

    #[test]
    fn lines_end_where_they_may() {
        let check = |text: &str, expected: &[&str]| assert_eq!(wrapped(text, NARROW).as_slice(), expected, "{text}");
        check("one two three four", &["one two", "three four"]);
        check("灯塔每七秒亮一次，这是约定。", &["灯塔每七秒亮", "一次，这是约", "定。"]);
        check("灯塔每七秒亮，这是", &["灯塔每七秒", "亮，这是"]);
        check("一二三四五「六七八」", &["一二三四五", "「六七八」"]);
        check("averyveryverylongword and", &["averyveryverylongword", "and"]);
        check("we sat - and left", &["we sat -", "and left"]);
        check("", &[""]);
    }

    proptest! {
        #[test]
        fn wrapped_lines_are_the_same_words(text in "([a-z]{1,9}|[一二三，。「」：]|[-,.?()…—]| ){0,40}") {
            let text = joined(&crate::markup::one_spaced(&text));
            prop_assert_eq!(joined(&wrapped(&text, NARROW).join("\n")), text);
        }
    }
}
