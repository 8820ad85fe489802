//! Speaker labels: `**Name:** text` (T2), a name alone on a line (T1), `Name: text` (T7).

use crate::model::transcript::{Doubt, DoubtKind};
use crate::parse::transcript::line::{RawLine, ends_sentence, is_clock, is_wide};
use crate::parse::words::Words;
use crate::source::Span;

/// A label and what follows it on the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label {
    /// The name, without markup and colon.
    pub(super) name: Span,
    /// The rest of the line; empty where the label stands alone.
    pub(super) rest: Span,
    /// Whether a colon makes it a label; a bold name without one is a label only if the name is known.
    pub(super) has_colon: bool,
    /// What is odd about it.
    pub(super) doubt: Option<Doubt>,
}

const MAX_LABEL_BYTES: usize = 120;

/// Reads `**Name:** text`, `**Name**: text`, `**Name: **text`, `***Name:** text*` and `# **Name:** text`.
pub(super) fn bold_label(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    let unmarked = if whole.starts_with('#') { whole.trim_start_matches('#').trim_start() } else { whole };
    let inner = unmarked.strip_prefix("**")?;
    let emphasised = inner.starts_with('*');
    let inner = inner.trim_start_matches('*');
    let window = floor(inner, MAX_LABEL_BYTES);
    let is_bold = |at: &usize| inner[at + 1..window].starts_with('*');
    let close = memchr::memchr_iter(b'*', inner[..window].as_bytes()).find(is_bold)?;
    let bold = &inner[..close];
    let mut rest = inner[close..].trim_start_matches('*');
    let mut name = bold.trim();
    let mut has_colon = false;
    let outer = rest.trim_start();
    if let Some(after) = outer.strip_prefix([':', '：']) {
        (rest, has_colon) = (after, true);
    } else if let Some(before) = name.strip_suffix([':', '：']) {
        (name, has_colon) = (before.trim_end(), true);
    } else if let Some((before, speech)) = name.split_once([':', '：']) {
        // `**Name: I** think`: the bold runs on into the speech.
        (name, has_colon) = (before.trim_end(), true);
        rest = &inner[close - speech.len()..];
    }
    // `**Name: **` and `**Name::**`.
    name = name.trim_end_matches([':', '：', ' ']);
    if name.is_empty() || name.contains('\n') {
        return None;
    }
    let is_usual = bold.strip_prefix(name).is_some_and(|after| matches!(after, "" | ":" | "：" | " "));
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
    Some(Label { name, rest: span_of(text, rest), has_colon, doubt })
}

/// Reads `Name: text` and `主持人：欢迎`.
pub(super) fn colon_label(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    let window = floor(whole, MAX_LABEL_BYTES);
    let colon = whole[..window].find([':', '：'])?;
    let name = whole[..colon].trim_end();
    let mark = whole[colon..].chars().next()?;
    let rest = &whole[colon + mark.len_utf8()..];
    if mark == ':' && !(rest.is_empty() || rest.starts_with([' ', '\t', '　']) || rest.starts_with(is_wide)) {
        return None;
    }
    let rest = span_of(text, rest.trim());
    is_name(name).then(|| Label { name: span_of(text, name), rest, has_colon: true, doubt: None })
}

/// Reads a name alone on a line; the lines around it are the caller's to check.
pub(super) fn lone_name(text: &str, line: &RawLine) -> Option<Label> {
    let whole = line.span.of(text);
    let ok = whole.len() <= MAX_LABEL_BYTES && is_name(whole) && !ends_sentence(whole);
    let rest = Span { start: line.span.end, end: line.span.end };
    ok.then_some(Label { name: line.span, rest, has_colon: false, doubt: None })
}

/// Whether a label could be a name or a role: short, without the punctuation of sentences, not a time or a URL.
fn is_name(name: &str) -> bool {
    if name.is_empty() || is_clock(name) {
        return false;
    }
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
    /// The same label with what is odd about it, where nothing else is.
    pub(super) fn doubted(self, kind: DoubtKind) -> Self {
        let doubt = Doubt { kind, written: self.name, name: self.name };
        Self { doubt: self.doubt.or(Some(doubt)), ..self }
    }
}

/// Whether a label is surely a name: two capitalised words or more.
pub(super) fn is_full_name(name: &str) -> bool {
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

fn span_of(text: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + part.len())
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
        check("# **Break:** \\[14:22\\]", Some(("Break", "\\[14:22\\]")));
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
