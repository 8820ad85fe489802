//! Times as they stand in a text: with brackets before or behind words, or bare beside a name.

use crate::model::time::MediaTime;
use crate::parse::transcript::clock::Clock;
use crate::parse::transcript::line::span_of;
use crate::source::Span;

/// A time with its brackets, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// All that is written: brackets, backslashes, the time, and the address of a link around it.
    pub(super) span: Span,
    /// The time; `None` where it can be none: negative, or seconds past 59.
    pub(super) time: Option<MediaTime>,
    /// Whether it stands in brackets.
    pub(super) is_bracketed: bool,
}

/// Brackets that hold times; those of Markdown may have a backslash each.
const BRACKETS: [(char, char); 4] = [('[', ']'), ('(', ')'), ('（', '）'), ('【', '】')];
/// What may stand between a name and a bare time: `Name: 0:12`, `Name | 0:12`.
const SEPARATORS: [char; 7] = [':', '：', '|', '｜', '–', '—', '-'];

impl Stamp {
    /// The stamp at the head of `part`, a part of `text`, and what follows it without white space.
    pub(super) fn at_head<'t>(text: &str, part: &'t str) -> Option<(Self, &'t str)> {
        let starts = |c: char| c.is_ascii_digit() || "\\[(（【-−".contains(c);
        if !part.starts_with(starts) {
            return None;
        }
        let (len, time, is_bracketed) = match bracketed(part) {
            Some((len, time)) => (len, time, true),
            None => {
                let (len, time) = signed(part)?;
                let parted = part[len..].is_empty() || part[len..].starts_with(char::is_whitespace);
                (parted.then_some(len)?, time, false)
            }
        };
        let span = span_of(text, &part[..len]);
        Some((Self { span, time, is_bracketed }, part[len..].trim_start()))
    }

    /// The stamp at the end of `part`, a part of `text`, and what stands before it without white space.
    pub(super) fn at_end<'t>(text: &str, part: &'t str) -> Option<(&'t str, Self)> {
        let last = part.chars().next_back()?;
        if BRACKETS.iter().any(|&(_, close)| close == last) {
            let open = part.rfind(['[', '(', '（', '【'])?;
            let open = if part[..open].ends_with('\\') { open - 1 } else { open };
            let (len, time) = bracketed(&part[open..])?;
            let stamp = Self { span: span_of(text, &part[open..]), time, is_bracketed: true };
            return (open + len == part.len()).then(|| (part[..open].trim_end(), stamp));
        }
        if !last.is_ascii_digit() {
            return None;
        }
        let is_between = |c: char| !(c.is_ascii_digit() || ".,:：".contains(c));
        let at = part.rfind(is_between).map_or(0, |at| at + part[at..].chars().next().map_or(0, char::len_utf8));
        // `Name：00:12`: the colon of the name is no part of the time.
        let at = at + (part[at..].len() - part[at..].trim_start_matches([':', '：']).len());
        let sign = part[..at].strip_suffix(['-', '−']).filter(|before| before.ends_with(char::is_whitespace));
        let at = sign.map_or(at, str::len);
        let (len, time) = signed(&part[at..])?;
        let before = &part[..at];
        let is_parted = before.is_empty() || before.ends_with(char::is_whitespace) || before.ends_with(SEPARATORS);
        let stamp = Self { span: span_of(text, &part[at..]), time, is_bracketed: false };
        (is_parted && at + len == part.len()).then(|| (before.trim_end(), stamp))
    }

    /// The stamp that a part consists of, with an end mark perhaps: `(00:43):`, `\[31:02\].`
    pub(super) fn alone(text: &str, part: &str) -> Option<Self> {
        let (stamp, rest) = Self::at_head(text, part)?;
        matches!(rest, "" | ":" | "：" | "." | ",").then_some(stamp)
    }
}

/// The time, or the first of two, that a part consists of: `[31:02]`, `\[57:26\] to \[58:16\]`.
pub(super) fn only_times(text: &str, part: &str) -> Option<Stamp> {
    let (first, rest) = Stamp::at_head(text, part).filter(|(stamp, _)| stamp.is_bracketed)?;
    let second = rest.strip_prefix("to ").map_or(rest, str::trim_start);
    let alone = Stamp::alone(text, part).or_else(|| Stamp::alone(text, second).filter(|stamp| stamp.is_bracketed));
    alone.map(|_| first)
}

/// The time at the end of a note in brackets: `[inaudible 00:05:45]`.
pub(super) fn note_time(text: &str, note: &str) -> Option<Stamp> {
    let inner = note.trim_end_matches(['*', '.', '。']);
    let inner = inner.strip_suffix([']', ')', '）', '】', '〕'])?;
    let inner = inner.strip_suffix('\\').unwrap_or(inner);
    let (words, stamp) = Stamp::at_end(text, inner)?;
    words.contains(char::is_alphabetic).then_some(stamp)
}

/// A time in brackets at the head of a text: its length, and the time.
fn bracketed(text: &str) -> Option<(usize, Option<MediaTime>)> {
    let unescaped = text.strip_prefix('\\').unwrap_or(text);
    let open = unescaped.chars().next()?;
    let &(_, close) = BRACKETS.iter().find(|(bracket, _)| *bracket == open)?;
    let inner = &unescaped[open.len_utf8()..];
    // `[(00:12)](https://…)`, `[00:12](https://…)`: a link of Markdown around a time.
    let nested = if open == '[' && text.starts_with('[') { bracketed_plainly(inner) } else { None };
    let (len, time) = nested.or_else(|| signed(inner))?;
    let rest = &inner[len..];
    let rest = rest.strip_prefix('\\').unwrap_or(rest).strip_prefix(close)?;
    let after_link = rest.strip_prefix('(').filter(|_| open == '[').and_then(|link| {
        let (address, after) = link.split_once(')')?;
        (address.contains("://") && !address.contains(char::is_whitespace)).then_some(after)
    });
    if nested.is_some() && after_link.is_none() {
        return None;
    }
    Some((text.len() - after_link.unwrap_or(rest).len(), time))
}

fn bracketed_plainly(text: &str) -> Option<(usize, Option<MediaTime>)> {
    let (len, time) = signed(text.strip_prefix('(')?)?;
    text[1 + len..].starts_with(')').then_some((len + 2, time))
}

/// A time at the head of a text, negative perhaps: then it is none.
fn signed(text: &str) -> Option<(usize, Option<MediaTime>)> {
    let unsigned = text.strip_prefix(['-', '−']);
    let clock = Clock::at_head(unsigned.unwrap_or(text))?;
    let sign = unsigned.map_or(0, |rest| text.len() - rest.len());
    Some((sign + clock.len, clock.time.filter(|_| unsigned.is_none())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Option<(Option<u64>, bool, &str)> {
        let (stamp, rest) = Stamp::at_head(text, text)?;
        assert_eq!(stamp.span.start, 0);
        Some((stamp.time.map(|time| time.0), stamp.is_bracketed, rest))
    }

    fn end(text: &str) -> Option<(&str, Option<u64>, bool)> {
        let (before, stamp) = Stamp::at_end(text, text)?;
        assert_eq!(stamp.span.end as usize, text.len());
        Some((before, stamp.time.map(|time| time.0), stamp.is_bracketed))
    }

    #[test]
    fn times_at_the_head() {
        assert_eq!(head("[00:12] Ann"), Some((Some(12_000), true, "Ann")));
        assert_eq!(head("\\[00:03:54.10\\] Ann"), Some((Some(234_100), true, "Ann")));
        assert_eq!(head("（00：12）安"), Some((Some(12_000), true, "安")));
        assert_eq!(head("[00:12](https://a.b/?t=12) Ann"), Some((Some(12_000), true, "Ann")));
        assert_eq!(head("[(00:12)](https://a.b/?t=12) Ann"), Some((Some(12_000), true, "Ann")));
        assert_eq!(head("(-00:12) Ann"), Some((None, true, "Ann")));
        assert_eq!(head("(00:75) Ann"), Some((None, true, "Ann")));
        assert_eq!(head("00:12  Ann"), Some((Some(12_000), false, "Ann")));
        for none in ["00:12Ann", "[12] Ann", "[00:12 Ann", "[(00:12)] Ann", "[inaudible 00:12]", "Ann", ""] {
            assert_eq!(head(none), None, "{none}");
        }
    }

    #[test]
    fn times_at_the_end() {
        assert_eq!(end("Ann (00:12)"), Some(("Ann", Some(12_000), true)));
        assert_eq!(end("Ann \\[00:12\\]"), Some(("Ann", Some(12_000), true)));
        assert_eq!(end("主持人（00:12）"), Some(("主持人", Some(12_000), true)));
        assert_eq!(end("Ann  0:12"), Some(("Ann", Some(12_000), false)));
        assert_eq!(end("Ann: 00:00:12.5"), Some(("Ann:", Some(12_500), false)));
        assert_eq!(end("主持人：00:12"), Some(("主持人：", Some(12_000), false)));
        assert_eq!(end("Ann -0:12"), Some(("Ann", None, false)));
        assert_eq!(end("Ann - 0:12"), Some(("Ann -", Some(12_000), false)));
        for none in ["Ann", "Ann 12", "Ann (12)", "Ann0:12", "at 10:30 PM", "(see 0:12)", ""] {
            assert_eq!(end(none), None, "{none}");
        }
    }

    #[test]
    fn times_of_cues() {
        let first = |text: &str| only_times(text, text).and_then(|stamp| stamp.time).map(|time| time.0);
        assert_eq!(first("\\[31:02\\]"), Some(1_862_000));
        assert_eq!(first("[01:06:43.15]"), Some(4_003_150));
        assert_eq!(first("\\[57:26\\] to \\[58:16\\]"), Some(3_446_000));
        for none in ["\\[57:26\\] to the end", "\\[laughs\\]", "31:02", "[31:02] A song"] {
            assert_eq!(first(none), None, "{none}");
        }
        let noted = |text: &str| note_time(text, text).and_then(|stamp| stamp.time).map(|time| time.0);
        assert_eq!(noted("\\[unintelligible 00:05:45.20\\]"), Some(345_200));
        assert_eq!(noted("（听不清 5:45）"), Some(345_000));
        assert_eq!(noted("[5:45]"), None);
        assert_eq!(noted("[laughs]"), None);
    }

    #[test]
    fn times_alone() {
        let alone = |text: &str| Stamp::alone(text, text).is_some();
        assert!(["(00:43):", "\\[31:02\\].", "[31:02]", "00:12"].into_iter().all(alone));
        assert!(!["(00:43) x", "[57:26] to [58:16]", "x"].into_iter().any(alone));
    }
}
