//! Speaker labels: `**Name:** text` (T2), a name alone on a line (T1), `Name: text` (T7), each with a time perhaps
//! (T3), and a name with a time and nothing else (T4, T6, T8, T9).

use crate::model::transcript::{Doubt, DoubtKind};
use crate::parse::transcript::line::{RawLine, ends_sentence, is_wide, span_of};
use crate::parse::transcript::stamp::{Stamp, only_times};
use crate::parse::words::Words;
use crate::source::Span;

/// A label and what follows it on the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label {
    /// The name, without markup and colon.
    pub(super) name: Span,
    /// The words on the rest of the line; empty where the label stands alone.
    pub(super) rest: Span,
    /// The rest of the line with a time that stands before the words.
    pub(super) after: Span,
    /// Whether a colon makes it a label; a bold name without one is a label only if the name is known.
    pub(super) has_colon: bool,
    /// The time that goes with it.
    pub(super) stamp: Option<Stamp>,
    /// Whether times and nothing else follow the colon: one of them may still be in `rest`.
    pub(super) has_only_times: bool,
    /// What is odd about it.
    pub(super) doubt: Option<Doubt>,
}

const MAX_LABEL_BYTES: usize = 120;

/// Reads `**Name:** text`, `**Name**: text`, `**Name: **text`, `***Name:** text*` and `# **Name:** text`, with a time
/// before the name, behind it or behind the colon.
pub(super) fn bold_label(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    let unmarked = if whole.starts_with('#') { whole.trim_start_matches('#').trim_start() } else { whole };
    let (mut stamp, unmarked) = headed(text, unmarked);
    let inner = unmarked.strip_prefix("**")?;
    let emphasised = inner.starts_with('*');
    let inner = inner.trim_start_matches('*');
    let window = floor(inner, MAX_LABEL_BYTES);
    let is_bold = |at: &usize| inner[at + 1..window].starts_with('*');
    let close = memchr::memchr_iter(b'*', &inner.as_bytes()[..window]).find(is_bold)?;
    let bold = &inner[..close];
    let mut rest = inner[close..].trim_start_matches('*');
    let mut name = bold.trim();
    let mut has_colon = false;
    let mut outer = rest.trim_start();
    // `**Name** (0:12): text`.
    if let Some((own, after)) = Stamp::at_head(text, outer).filter(|(_, after)| after.starts_with([':', '：'])) {
        (stamp, outer) = (Some(own), after);
    }
    if let Some(after) = outer.strip_prefix([':', '：']) {
        (rest, has_colon) = (after, true);
    } else if let Some(before) = name.strip_suffix([':', '：']) {
        (name, has_colon) = (before.trim_end(), true);
    } else if let Some((before, speech)) = split_at_colon(name) {
        // `**Name: I** think`: the bold runs on into the speech, white space at its end too.
        (name, has_colon) = (before.trim_end(), true);
        rest = &inner[bold.trim_end().len() - speech.len()..];
    }
    // `**Name: **` and `**Name::**`.
    name = name.trim_end_matches([':', '：', ' ']);
    if name.is_empty() || name.contains('\n') {
        return None;
    }
    let is_usual = bold.strip_prefix(name).is_some_and(|after| matches!(after, "" | ":" | "：" | " "));
    let (own, named) = headed(text, name);
    let (named, own) = Stamp::at_end(text, named).map_or((named, own), |(before, stamp)| (before, Some(stamp)));
    let name = if named.contains(char::is_alphabetic) { named } else { name };
    let stamp = own.filter(|_| name == named).or(stamp);
    let name = span_of(text, name);
    let doubt = if emphasised {
        Some(Doubt { kind: DoubtKind::Unmarked, written: name, name })
    } else {
        (!is_usual).then(|| Doubt { kind: DoubtKind::Bold, written: span_of(text, bold), name })
    };
    let mut rest = rest.trim();
    if emphasised {
        rest = rest.strip_suffix('*').unwrap_or(rest).trim_end();
    }
    let rest = span_of(text, rest);
    Some(Label { name, rest, after: rest, has_colon, stamp, has_only_times: false, doubt }.timed(text))
}

/// A time in brackets, or bare with white space behind it, before a label.
fn headed<'t>(text: &str, label: &'t str) -> (Option<Stamp>, &'t str) {
    Stamp::at_head(text, label).map_or((None, label), |(stamp, rest)| (Some(stamp), rest))
}

/// Splits at the first colon that parts no numbers.
fn split_at_colon(name: &str) -> Option<(&str, &str)> {
    let is_parting = |at: &usize| {
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        !(is_digit(name[..*at].chars().next_back()) && is_digit(name[*at..].chars().nth(1)))
    };
    let at = name.match_indices([':', '：']).map(|(at, _)| at).find(is_parting)?;
    let mark = name[at..].chars().next()?;
    Some((&name[..at], &name[at + mark.len_utf8()..]))
}

/// Reads `Name: text` and `主持人：欢迎`, with a time before the name, behind it or behind the colon.
pub(super) fn colon_label(text: &str, line: &RawLine) -> Option<Label> {
    let (stamp, whole) = headed(text, line.span.of(text));
    let window = floor(whole, MAX_LABEL_BYTES);
    let (name, mark, rest) = split_label(&whole[..window]).map(|(name, mark)| {
        let colon = name.len() + mark.len_utf8();
        (name, mark, &whole[colon..])
    })?;
    if mark == ':' && !(rest.is_empty() || rest.starts_with([' ', '\t', '　']) || rest.starts_with(is_wide)) {
        return None;
    }
    let own = Stamp::at_end(text, name).filter(|(_, stamp)| stamp.is_bracketed);
    let (name, stamp) = own.map_or((name, stamp), |(before, own)| (before, Some(own)));
    let (name, rest) = (name.trim_end(), rest.trim());
    let (named, rest) = (span_of(text, name), span_of(text, rest));
    let label = Label { name: named, rest, after: rest, has_colon: true, stamp, has_only_times: false, doubt: None };
    is_name(name).then(|| label.timed(text))
}

/// What stands before the first colon that is no part of a time in brackets: `Name (0:12): text`.
fn split_label(line: &str) -> Option<(&str, char)> {
    let colon = line.find([':', '：'])?;
    let in_brackets = || {
        let open = line[..colon].rfind(['[', '(', '（', '【'])?;
        let open = if line[..open].ends_with('\\') { open - 1 } else { open };
        let (_, after) = Stamp::at_head(line, &line[open..])?;
        after.starts_with([':', '：']).then(|| line.len() - after.len())
    };
    let colon =
        if line[..colon].ends_with(|c: char| c.is_ascii_digit()) { in_brackets().unwrap_or(colon) } else { colon };
    Some((&line[..colon], line[colon..].chars().next()?))
}

/// Reads a name alone on a line; the lines around it are the caller's to check.
pub(super) fn lone_name(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    if whole.len() > MAX_LABEL_BYTES {
        return None;
    }
    let name = whole.strip_prefix("**").and_then(|inner| inner.strip_suffix("**")).unwrap_or(whole);
    (is_name(name) && !ends_sentence(name)).then(|| Label::alone(text, line, name, None, false))
}

/// Reads a name and a time with nothing else: `Name (00:01:48)`, `Name (00:00):`, `Name: 00:00:00`, `Name  0:12`,
/// `00:00  Name`. It has a colon where one stands behind brackets, which nothing but a label does.
pub(super) fn timed_name(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    if whole.len() > MAX_LABEL_BYTES || !whole.contains([':', '：']) {
        return None;
    }
    let plain = whole.trim_matches('*');
    let around = [' ', '　', '\t', '*', ':', '：', '|', '｜', '–', '—', '-'];
    if let Some((stamp, name)) = Stamp::at_head(text, plain) {
        let name = name.trim_matches(around);
        return is_name(name).then(|| Label::alone(text, line, name, Some(stamp), false));
    }
    let ended = plain.trim_end_matches(around);
    let (name, stamp) = Stamp::at_end(text, ended)?;
    let has_colon = stamp.is_bracketed && plain[ended.len()..].contains([':', '：']);
    let name = name.trim_matches(around);
    is_name(name).then(|| Label::alone(text, line, name, Some(stamp), has_colon))
}

/// Whether a label could be a name or a role: short, without the punctuation of sentences, not a time or a URL.
pub(in crate::parse) fn is_name(name: &str) -> bool {
    let n_chars = name.chars().count();
    let n_wide = name.chars().filter(|&c| is_wide(c)).count();
    let n_words = name.split_whitespace().count();
    let short = if n_wide * 2 > n_chars { n_chars <= 14 } else { n_chars <= 40 && n_words <= 5 };
    let first = name.chars().next().unwrap_or(' ');
    let starts_well = is_wide(first) || (first.is_alphabetic() && !first.is_lowercase());
    let bad = |c: char| "。！？!?，,；;：:“”\"「」『』《》〈〉<>{}[]【】#*=/\\|…→@\t".contains(c);
    short && starts_well && name.contains(char::is_alphabetic) && !name.contains(bad)
}

impl Label {
    /// A label with nothing behind it on its line.
    fn alone(text: &str, line: &RawLine, name: &str, stamp: Option<Stamp>, has_colon: bool) -> Self {
        let rest = Span { start: line.span.end, end: line.span.end };
        Self {
            name: span_of(text, name),
            rest,
            after: rest,
            has_colon,
            stamp,
            has_only_times: stamp.is_some(),
            doubt: None,
        }
    }

    /// The same label with the time that its words begin with, where they do.
    fn timed(self, text: &str) -> Self {
        let rest = self.rest.of(text);
        let only = only_times(text, rest);
        let head = Stamp::at_head(text, rest).filter(|(stamp, _)| stamp.is_bracketed);
        let (stamp, rest) = match (only, head) {
            // Of two times the words keep both: `[57:26] to [58:16]`.
            (Some(first), _) if Stamp::alone(text, rest).is_none() => (Some(first), rest),
            (Some(only), _) => (Some(only), &rest[rest.len()..]),
            (None, Some((stamp, after))) => (Some(stamp), after),
            (None, None) => (self.stamp, rest),
        };
        Self { stamp, rest: span_of(text, rest), has_only_times: only.is_some(), ..self }
    }

    /// The same label where its time can be none: what stands among the words is one of them again.
    pub(super) fn untimed(self) -> Self {
        let Some(stamp) = self.stamp else { return self };
        if (self.after.start..self.after.end).contains(&stamp.span.start) {
            return Self { stamp: None, rest: self.after, ..self };
        }
        Self { stamp: Some(Stamp { time: None, ..stamp }), ..self }
    }

    /// The same label with what is odd about it, where nothing else is.
    pub(super) fn doubted(self, kind: DoubtKind) -> Self {
        let doubt = Doubt { kind, written: self.name, name: self.name };
        Self { doubt: self.doubt.or(Some(doubt)), ..self }
    }
}

/// Whether a label is surely a name: two capitalised words or more.
pub(in crate::parse) fn is_full_name(name: &str) -> bool {
    let is_capital = |word: &str| word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase);
    name.split_whitespace().count() >= 2 && name.split_whitespace().all(is_capital)
}

/// Whether a label says of itself that it is a speaker.
pub(super) fn is_speaker_word(name: &str, words: &Words) -> bool {
    words.is_speaker(name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' '))
}

/// A whole paragraph in brackets: a sound or a note. Returns the words without brackets and backslashes.
pub(super) fn bracketed(line: &str) -> bool {
    let inner = line.trim_matches('*').trim_end_matches(['.', '。']);
    let pairs = [("[", "]"), ("\\[", "\\]"), ("【", "】"), ("〔", "〕"), ("（", "）"), ("(", ")")];
    inner.len() <= 160
        && pairs.iter().any(|(open, close)| {
            let body = inner.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            body.is_some_and(|body| !body.is_empty() && !body.contains(open) && !body.contains(close))
        })
}

fn floor(text: &str, max: usize) -> usize {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::transcript::line::lines;

    fn parts(text: &str, label: Option<Label>) -> Option<(&str, &str)> {
        label.map(|label| (label.name.of(text), label.rest.of(text)))
    }

    #[test]
    fn bold_labels_in_all_spellings() {
        let check = |text, expected| assert_eq!(parts(text, bold_label(text, &lines(text, 0)[0])), expected, "{text}");
        check("**Ann Li:** Hello.", Some(("Ann Li", "Hello.")));
        check("**Ann Li**: Hello.", Some(("Ann Li", "Hello.")));
        check("**Ann Li: ** Hello.", Some(("Ann Li", "Hello.")));
        check("**Ann Li:**Hello.", Some(("Ann Li", "Hello.")));
        check("**Ann Li:*** Hello.", Some(("Ann Li", "Hello.")));
        check("***Ann Li:** Hello.*", Some(("Ann Li", "Hello.")));
        check("# **Break:** \\[14:22\\]", Some(("Break", "")));
        check("**Ann Li: I** think", Some(("Ann Li", "I** think")));
        check("**名字：**你好", Some(("名字", "你好")));
        check("**Ann Li:: ** Hello.", Some(("Ann Li", "Hello.")));
        check("*Ann:* Hello", None);
        check("**:** Hello", None);
    }

    #[test]
    fn bold_that_is_more_than_a_label_is_odd() {
        let odd = |text: &'static str| {
            bold_label(text, &lines(text, 0)[0]).unwrap().doubt.map(|doubt| doubt.written.of(text))
        };
        assert_eq!(odd("**Ann Li:** Hello."), None);
        assert_eq!(odd("**Ann Li** : Hello."), None);
        assert_eq!(odd("***Ann Li:** Hello.*"), Some("Ann Li"));
        assert_eq!(odd("**Ann Li: I** think"), Some("Ann Li: I"));
        assert_eq!(odd("**Ann Li: **"), Some("Ann Li: "));
        assert_eq!(odd("**Ann Li::** Hello."), Some("Ann Li::"));
        for (text, rest) in [("**Ann Li: I** think", "I** think"), ("** Ann: ‘I ** think", "‘I ** think")] {
            let label = bold_label(text, &lines(text, 0)[0]).unwrap();
            assert_eq!(label.rest.of(text), rest, "no word is cut");
        }
    }

    #[test]
    fn colon_labels() {
        let check = |text, expected| assert_eq!(parts(text, colon_label(text, &lines(text, 0)[0])), expected, "{text}");
        check("Ann: Hello.", Some(("Ann", "Hello.")));
        check("主持人：欢迎", Some(("主持人", "欢迎")));
        check("主持人:欢迎", Some(("主持人", "欢迎")));
        check("Q: Why?", Some(("Q", "Why?")));
        check("https://example.com", None);
        check("12:30 we left", None);
        check("so I said: no", None);
        check("我说的是，其实：没有", None);
        check("<script>: x", None);
    }

    /// Name, milliseconds of the time, rest.
    fn timed(text: &str, label: Option<Label>) -> Option<(&str, Option<u64>, &str)> {
        let label = label?;
        Some((label.name.of(text), label.stamp?.time.map(|time| time.0), label.rest.of(text)))
    }

    #[test]
    fn labels_with_times() {
        let bold = |text: &'static str| timed(text, bold_label(text, &lines(text, 0)[0]));
        let colon = |text: &'static str| timed(text, colon_label(text, &lines(text, 0)[0]));
        for text in [
            "[00:12] **Ann Li**: Hello.",
            "**Ann Li:** [00:12] Hello.",
            "**Ann Li:** \\[00:12\\] Hello.",
            "**[00:12] Ann Li:** Hello.",
            "**Ann Li (00:12):** Hello.",
            "**Ann Li** (00:12): Hello.",
            "00:12 **Ann Li:** Hello.",
        ] {
            assert_eq!(bold(text), Some(("Ann Li", Some(12_000), "Hello.")), "{text}");
        }
        for text in [
            "[00:12] Ann Li: Hello.",
            "\\[00:00:12.0\\] Ann Li: Hello.",
            "Ann Li: [00:12] Hello.",
            "Ann Li (00:12): Hello.",
            "(00:12) Ann Li: Hello.",
            "00:12 Ann Li: Hello.",
        ] {
            assert_eq!(colon(text), Some(("Ann Li", Some(12_000), "Hello.")), "{text}");
        }
        assert_eq!(colon("【00：12】安娜：你好"), Some(("安娜", Some(12_000), "你好")));
        assert_eq!(colon("安娜（00:12）：你好"), Some(("安娜", Some(12_000), "你好")));
        assert_eq!(colon("Ann Li: 00:12"), None, "a bare time may be what is said");
        assert_eq!(bold("**Break:** [57:26] to [58:16]"), Some(("Break", Some(3_446_000), "[57:26] to [58:16]")));
    }

    #[test]
    fn names_with_times() {
        let check = |text: &'static str, has_colon| {
            let label = timed_name(text, &lines(text, 0)[0]);
            assert_eq!(label.map(|label| label.has_colon), Some(has_colon), "{text}");
            assert_eq!(timed(text, label), Some(("Ann Li", Some(12_000), "")), "{text}");
        };
        check("Ann Li (00:12)", false);
        check("Ann Li (00:12):", true);
        check("Ann Li [00:00:12.00]", false);
        check("Ann Li: 00:00:12", false);
        check("Ann Li  0:12", false);
        check("00:12  Ann Li", false);
        check("[00:12] Ann Li", false);
        check("**Ann Li** (00:12)", false);
        check("**Ann Li (0:12):**", true);
        check("Ann Li | 0:12", false);
        for text in ["Ann Li", "so we met at 10:30", "10:30", "(00:12)", "Ann Li: 00:12 Hello."] {
            assert_eq!(timed(text, timed_name(text, &lines(text, 0)[0])), None, "{text}");
        }
    }

    #[test]
    fn a_time_that_can_be_none_is_words_where_it_stands_among_them() {
        let text = "**Ann Li:** [00:12] Hello.";
        let label = bold_label(text, &lines(text, 0)[0]).unwrap().untimed();
        assert_eq!((label.rest.of(text), label.stamp), ("[00:12] Hello.", None));
        let text = "[00:12] **Ann Li:** Hello.";
        let label = bold_label(text, &lines(text, 0)[0]).unwrap().untimed();
        assert_eq!(timed(text, Some(label)), Some(("Ann Li", None, "Hello.")));
    }

    #[test]
    fn notes_in_brackets() {
        for yes in ["[Music]", "\\[laughs\\]", "（笑声）", "〔录音：渡船鸣笛〕"] {
            assert!(bracketed(yes), "{yes}");
        }
        for no in ["[a] and [b]", "[a](b)", "text", "()"] {
            assert!(!bracketed(no), "{no}");
        }
    }
}
