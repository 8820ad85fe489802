//! Labels of captions: `Name: words`, `- Name: words`, `>> NAME: words`.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::timed::captions::{Lines, SourceLine};
use crate::parse::timed::inline::style_len;
use crate::parse::timed::lines::trimmed;
use crate::parse::timed::times::timing;
use crate::parse::transcript::{is_full_name, is_name, is_wide};

const MAX_LABEL_BYTES: usize = 120;
const WIDE_COLON: &[u8] = "：".as_bytes();

/// The names that are labels in one file.
#[derive(Debug)]
pub(super) struct Names<'t>(BTreeSet<&'t str>);

/// What stands before the words of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lead<'t> {
    /// The line behind it.
    pub(super) rest: &'t str,
    /// `- `: one of the voices of a cue.
    pub(super) has_dash: bool,
    /// `>> `: another voice than before.
    pub(super) has_chevrons: bool,
}

impl<'t> Names<'t> {
    /// The names before a colon at the head of a line that occur twice, in a file where such labels are frequent; and
    /// beside them those that occur once and are surely names.
    pub(super) fn of(text: &'t str) -> Self {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        let (mut n_lines, mut labelled, mut last) = (0, "", "");
        let mut lines = Lines { text, at: 0 };
        while let Some(SourceLine { text: line, .. }) = lines.take() {
            n_lines += 1;
            // Most lines have no colon but that of a time.
            if timing(line).is_some() || memchr::memchr2(b':', WIDE_COLON[0], line.as_bytes()).is_none() {
                continue;
            }
            let labels = voices(line).filter_map(|voice| label(lead(voice).rest));
            // A line that rolls is shown again: that is no second label.
            for (name, _) in labels.filter(|_| line != last) {
                *counts.entry(name).or_insert(0) += 1;
                labelled = line;
            }
            last = labelled;
        }
        counts.retain(|name, _| is_name(name));
        let frequent = || counts.values().filter(|n| **n >= 2);
        let n_frequent: u32 = frequent().sum();
        // A cue has three lines or four; where one speaker alone has a label, most cues must have it.
        let is_rare = n_frequent * 300 < n_lines || frequent().count() == 1 && n_frequent * 9 < n_lines;
        if is_rare {
            return Self(BTreeSet::new());
        }
        let is_shouted = |name: &str| name.len() > 2 && !name.contains(char::is_lowercase) && name.is_ascii();
        let is_label = |name: &str, n: u32| n >= 2 || is_full_name(name) || is_shouted(name);
        Self(counts.into_iter().filter(|(name, n)| is_label(name, *n)).map(|(name, _)| name).collect())
    }

    /// The name at the head of a text, and what follows its colon.
    pub(super) fn at_head<'l>(&self, text: &'l str) -> Option<(&'l str, &'l str)> {
        if self.0.is_empty() {
            return None;
        }
        label(text).filter(|(name, _)| self.0.contains(name))
    }
}

/// What may be a label: words, their colon, and a space, a wide character or nothing behind it. Whether the words can be
/// a name is looked at once for all lines.
fn label(text: &str) -> Option<(&str, &str)> {
    let window = &text.as_bytes()[..text.len().min(MAX_LABEL_BYTES)];
    let is_colon = |at: &usize| window[*at] == b':' || text.is_char_boundary(*at) && text[*at..].starts_with('：');
    let colon = memchr::memchr2_iter(b':', WIDE_COLON[0], window).find(is_colon)?;
    let after = text[colon..].trim_start_matches([':', '：']);
    let is_wide_colon = window[colon] != b':';
    let parts = is_wide_colon || after.is_empty() || after.starts_with([' ', '\t', '　']) || after.starts_with(is_wide);
    parts.then(|| (text[..colon].trim_end(), after.trim_start()))
}

/// Parts a line from what marks its voice and its place: spaces, `{\an8}`, tags of its style, `-`, `>>`.
pub(super) fn lead(line: &str) -> Lead<'_> {
    let mut lead = Lead { rest: trimmed(line), has_dash: false, has_chevrons: false };
    loop {
        let rest = lead.rest;
        let first = rest.as_bytes().first();
        let after = match first {
            Some(b'<') => style_len(rest).map(|len| &rest[len..]),
            Some(b'{') => style(rest),
            Some(b'>' | b'&') => {
                let after = chevrons(rest);
                lead.has_chevrons |= after.is_some();
                after
            }
            Some(b'-' | 0xE2) if !lead.has_dash => {
                let after = rest.strip_prefix(['-', '–', '—', '‐', '‑']).filter(|after| begins_words(after));
                lead.has_dash |= after.is_some();
                after
            }
            _ => None,
        };
        match after {
            Some(after) => lead.rest = after.trim_start(),
            None => return lead,
        }
    }
}

fn begins_words(after: &str) -> bool {
    after.starts_with([' ', '[', '(', '<', '♪', '"', '“']) || after.starts_with(char::is_alphabetic)
}

/// What follows `{\an8}` and the like. There is no brace within braces, so that a line of them is read but once.
pub(super) fn style(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{\\")?;
    let close = memchr::memchr2(b'{', b'}', inner.as_bytes())?;
    inner[close..].strip_prefix('}')
}

/// What follows `>>` or `>>>`, also where they are written as references.
fn chevrons(text: &str) -> Option<&str> {
    let after = |text: &str, one: &str| {
        let rest = text.strip_prefix(one)?.strip_prefix(one)?;
        Some(text.len() - rest.trim_start_matches(one).len())
    };
    after(text, ">").or_else(|| after(text, "&gt;")).map(|len| &text[len..])
}

/// Parts a line where another voice begins in it: at chevrons behind the end of a sentence.
pub(super) fn voices(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let cut = next_voice(rest).unwrap_or(rest.len());
        let (voice, after) = rest.split_at(cut);
        rest = after;
        Some(voice)
    })
}

fn next_voice(text: &str) -> Option<usize> {
    let is_voice = |at: &usize| {
        let before = text[..*at].trim_end();
        let ends = before.ends_with(['.', '?', '!', '"', '”', ']', ')', '…', '-', '—', '。', '？', '！']);
        ends && chevrons(&text[*at..]).is_some()
    };
    memchr::memchr2_iter(b'>', b'&', text.as_bytes()).skip_while(|at| *at == 0).find(is_voice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_words() {
        let check = |line, rest, has_dash, has_chevrons| {
            assert_eq!(lead(line), Lead { rest, has_dash, has_chevrons }, "{line}");
        };
        check("  Hello. ", "Hello.", false, false);
        check("{\\an8}<i>- Hello.</i>", "Hello.</i>", true, false);
        check(">> ANN: Hello.", "ANN: Hello.", false, true);
        check("&gt;&gt;&gt; Hello.", "Hello.", false, true);
        check("-40 degrees", "-40 degrees", false, false);
        check("> quoted", "> quoted", false, false);
    }

    #[test]
    fn voices_in_a_line() {
        let parts = |line| voices(line).collect::<Vec<_>>();
        assert_eq!(parts(">> Yes. >> No. &gt;&gt; Oh!"), [">> Yes. ", ">> No. ", "&gt;&gt; Oh!"]);
        assert_eq!(parts("shift it by 8 >> 2"), ["shift it by 8 >> 2"]);
    }

    #[test]
    fn labels_are_frequent() {
        let names = |text: &'static str| Names::of(text).0.into_iter().collect::<Vec<_>>();
        assert_eq!(names("Ann: a\nBo: b\n- Ann: c\n>> Bo: d\nANNOUNCER: e\nWell: f"), ["ANNOUNCER", "Ann", "Bo"]);
        assert_eq!(names("主持人：一\n嘉宾：二\n主持人：三\n嘉宾：四"), ["主持人", "嘉宾"]);
        assert_eq!(names("Note: a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nNote: k\nl\nm\nn\no\np\nq\nr\ns\nt\nu"), [""; 0]);
    }
}
