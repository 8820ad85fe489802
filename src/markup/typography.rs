//! Chinese typography: full-width punctuation in texts that mix, and numbers bound to their units.

use std::borrow::Cow;
use std::ops::Range;

use crate::markup::is_han;

/// Whether a file mixes the two kinds of punctuation: an ASCII comma beside Han, and at least one `。`.
pub fn needs_mending(text: &str) -> bool {
    let beside_han = |idx: usize| {
        text[..idx].chars().next_back().is_some_and(is_han) || text[idx + 1..].chars().next().is_some_and(is_han)
    };
    let has_stop = memchr::memmem::find(text.as_bytes(), "。".as_bytes()).is_some();
    has_stop && memchr::memchr_iter(b',', text.as_bytes()).any(beside_han)
}

/// One paragraph with full-width punctuation where it belongs to Han text, and with [`bind_units`].
///
/// `, : ; ? !` change when the nearest letter before is Han, or the nearest after is Han and the paragraph is mostly Han;
/// round brackets and straight quotes as pairs or not at all; `...` becomes `……`. Numbers, times, URLs and code stay.
pub fn mend(text: &str) -> Cow<'_, str> {
    let is_candidate = |byte: u8| matches!(byte, b',' | b':' | b';' | b'?' | b'!' | b'(' | b'"' | b'\'' | b'.');
    if !text.bytes().any(is_candidate) || !text.chars().any(is_han) {
        return bind_units(text);
    }
    let mut mender = Mender::new(text);
    mender.marks();
    mender.ellipses();
    mender.brackets();
    mender.quotes('"', '“', '”');
    mender.quotes('\'', '‘', '’');
    match mender.finish() {
        Some(mended) => Cow::Owned(bind_units(&mended).into_owned()),
        None => bind_units(text),
    }
}

/// The text with a non-breaking space between a number and its unit: `4 毫米`, `30 %`, `5 km`.
pub fn bind_units(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for idx in memchr::memchr_iter(b' ', text.as_bytes()) {
        let is_after_digit = idx > 0 && text.as_bytes()[idx - 1].is_ascii_digit();
        if is_after_digit && is_unit(&text[idx + 1..]) {
            out.push_str(&text[copied..idx]);
            out.push('\u{A0}');
            copied = idx + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

fn is_unit(text: &str) -> bool {
    match text.chars().next() {
        Some('%' | '‰' | '°' | '℃' | '℉') => return true,
        Some(c) if is_han(c) => return true,
        _ => {}
    }
    let word = &text[..text.bytes().take_while(|byte| byte.is_ascii_alphabetic()).count()];
    let follows = text[word.len()..].chars().next();
    let ends = follows.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '\'' && c != '-');
    ends && matches!(
        word,
        "nm" | "mm"
            | "cm"
            | "m"
            | "km"
            | "mg"
            | "g"
            | "kg"
            | "t"
            | "ml"
            | "l"
            | "L"
            | "ms"
            | "s"
            | "min"
            | "h"
            | "B"
            | "KB"
            | "kB"
            | "MB"
            | "GB"
            | "TB"
            | "PB"
            | "Hz"
            | "kHz"
            | "MHz"
            | "GHz"
            | "W"
            | "kW"
            | "MW"
            | "GW"
            | "kWh"
            | "V"
            | "A"
            | "K"
            | "px"
            | "pt"
            | "dB"
            | "bps"
            | "kbps"
            | "Mbps"
            | "Gbps"
    )
}

/// A paragraph by characters, with what is to be written in place of each.
struct Mender {
    chars: Vec<char>,
    is_safe: Vec<bool>,
    /// For each character its replacement, `Some(None)` to leave it out.
    changes: Vec<Option<Option<char>>>,
    mostly_han: bool,
    /// For each place whether the nearest letter before and after it is Han.
    han_before: Vec<bool>,
    han_after: Vec<bool>,
    double: Vec<usize>,
}

impl Mender {
    fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let is_safe = protected(&chars);
        let words = || chars.iter().zip(&is_safe).map(|(c, is_safe)| if *is_safe { ' ' } else { *c });
        let n_han = words().filter(|c| is_han(*c)).count();
        let n_other = words().filter(|c| c.is_alphabetic() && !is_han(*c)).count();
        let han_before = nearest_is_han(words());
        let mut han_after = nearest_is_han(words().rev());
        han_after.reverse();
        let changes = vec![None; chars.len()];
        // A Latin word has about five letters, a Chinese one two characters.
        let mostly_han = n_han * 5 > n_other * 2;
        Self { is_safe, changes, mostly_han, han_before, han_after, chars, double: Vec::new() }
    }

    fn finish(self) -> Option<String> {
        if self.changes.iter().all(Option::is_none) {
            return None;
        }
        let mut out = String::with_capacity(self.chars.len() * 3);
        for (idx, c) in self.chars.iter().enumerate() {
            match self.changes[idx] {
                None => out.push(*c),
                Some(Some(new)) => out.push(new),
                Some(None) => {}
            }
            if self.double.binary_search(&idx).is_ok() {
                out.push('…');
            }
        }
        Some(out)
    }

    fn at(&self, idx: usize) -> Option<char> {
        self.chars.get(idx).copied()
    }

    fn before(&self, idx: usize) -> Option<char> {
        idx.checked_sub(1).and_then(|idx| self.at(idx))
    }

    fn belongs_to_han(&self, idx: usize) -> bool {
        self.han_before[idx] || (self.han_after[idx] && self.mostly_han)
    }

    fn marks(&mut self) {
        for idx in 0..self.chars.len() {
            let full = match self.chars[idx] {
                ',' => '，',
                ':' => '：',
                ';' => '；',
                '?' => '？',
                '!' => '！',
                _ => continue,
            };
            let (before, after) = (self.before(idx), self.at(idx + 1));
            let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let in_number = is_digit(before) && is_digit(after);
            let in_word =
                matches!((before, after), (Some(a), Some(b)) if a.is_ascii_alphabetic() && b.is_ascii_alphanumeric());
            let is_picture = self.chars[idx] == '!' && after == Some('[');
            if !self.is_safe[idx] && !in_number && !in_word && !is_picture && self.belongs_to_han(idx) {
                self.replace(idx, full);
                self.drop_spaces_after(idx);
            }
        }
    }

    fn ellipses(&mut self) {
        let mut idx = 0;
        while idx < self.chars.len() {
            let n_dots = self.chars[idx..].iter().take_while(|c| **c == '.').count();
            if n_dots >= 3 && !self.is_safe[idx] && self.belongs_to_han(idx) {
                self.replace(idx, '…');
                self.double.push(idx);
                (idx + 1..idx + n_dots).for_each(|idx| self.changes[idx] = Some(None));
            }
            idx += n_dots.max(1);
        }
    }

    /// Pairs of round brackets that hold Han text, or stand between Han text.
    fn brackets(&mut self) {
        let mut open = Vec::new();
        for idx in 0..self.chars.len() {
            match self.chars[idx] {
                '(' if !self.is_safe[idx] => open.push(idx),
                ')' if !self.is_safe[idx] => {
                    if let Some(start) = open.pop() {
                        self.bracket_pair(start, idx);
                    }
                }
                _ => {}
            }
        }
    }

    fn bracket_pair(&mut self, start: usize, end: usize) {
        let content = &self.chars[start + 1..end];
        let is_number = content.iter().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | ' '));
        let holds_han = content.iter().any(|c| is_han(*c));
        let touches = |c: Option<&char>| c.is_some_and(|c| is_han(*c));
        let mut left = self.chars[..start].iter().rev().skip_while(|c| **c == ' ');
        let mut right = self.chars[end + 1..].iter().skip_while(|c| **c == ' ');
        let in_han = touches(left.next()) && right.next().is_none_or(|c| is_han(*c) || !c.is_alphanumeric());
        if is_number || !(holds_han || in_han) {
            return;
        }
        self.replace(start, '（');
        self.replace(end, '）');
        self.drop_spaces_after(end);
        if self.before(start) == Some(' ') && start > 1 && is_han(self.chars[start - 2]) {
            self.changes[start - 1] = Some(None);
        }
    }

    /// Straight quotes, taken in pairs; where their number is odd nobody can say which is which.
    fn quotes(&mut self, straight: char, opening: char, closing: char) {
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_apostrophe = |idx: usize| straight == '\'' && is_letter(self.before(idx));
        let places: Vec<usize> = (0..self.chars.len())
            .filter(|idx| self.chars[*idx] == straight && !self.is_safe[*idx])
            .filter(|idx| !(is_apostrophe(*idx) && is_letter(self.at(idx + 1))))
            .collect();
        if !places.len().is_multiple_of(2) {
            return;
        }
        for pair in places.chunks_exact(2) {
            let holds_han = self.chars[pair[0]..pair[1]].iter().any(|c| is_han(*c));
            let belongs = straight == '"' && self.belongs_to_han(pair[0]) && self.mostly_han;
            let is_inch = self.before(pair[0]).is_some_and(|c| c.is_ascii_digit());
            if (holds_han || belongs) && !is_inch {
                self.replace(pair[0], opening);
                self.replace(pair[1], closing);
            }
        }
    }

    fn replace(&mut self, idx: usize, new: char) {
        self.changes[idx] = Some(Some(new));
    }

    fn drop_spaces_after(&mut self, idx: usize) {
        let n_spaces = self.chars[idx + 1..].iter().take_while(|c| **c == ' ').count();
        // Two spaces before a line end are a line break.
        if self.at(idx + 1 + n_spaces).is_some_and(|c| c != '\n') {
            (idx + 1..=idx + n_spaces).for_each(|idx| self.changes[idx] = Some(None));
        }
    }
}

fn nearest_is_han(chars: impl Iterator<Item = char>) -> Vec<bool> {
    let mut nearest = false;
    chars
        .map(|c| {
            let before = nearest;
            if c.is_alphabetic() {
                nearest = is_han(c);
            }
            before
        })
        .collect()
}

/// Characters in code, addresses and what stands between angle brackets.
fn protected(chars: &[char]) -> Vec<bool> {
    let mut is_safe = vec![false; chars.len()];
    let mut idx = 0;
    while idx < chars.len() {
        let range = protected_from(chars, idx);
        is_safe[range.clone()].fill(true);
        idx = range.end.max(idx + 1);
    }
    is_safe
}

/// How far a search for the other end goes: what is longer is no code and no address, and time stays linear.
const REACH: usize = 500;

fn protected_from(chars: &[char], idx: usize) -> Range<usize> {
    let rest = &chars[idx..chars.len().min(idx + REACH)];
    let to = |close: char| rest.iter().skip(1).position(|c| *c == close).map_or(idx, |n| idx + n + 2);
    let starts = |word: &str| word.chars().zip(rest).filter(|(a, b)| a == *b).count() == word.chars().count();
    match chars[idx] {
        '`' => idx..to('`'),
        '<' => idx..to('>'),
        ']' if rest.get(1) == Some(&'(') => idx..to(')'),
        '[' if rest.get(1).is_some_and(char::is_ascii_digit) => idx..to(']'),
        'h' | 'm' | 'w' | 'f' if starts("http://") || starts("https://") || starts("mailto:") || starts("www.") => {
            let n_chars =
                rest.iter().take_while(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`')).count();
            let trailing =
                rest[..n_chars].iter().rev().take_while(|c| matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | ')'));
            idx..idx + n_chars - trailing.count()
        }
        _ => idx..idx,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let (mut n_cases, mut wrong) = (0, Vec::new());
        for line in
            include_str!("typography_cases.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
        {
            let (input, expected) = line.split_once(" => ").unwrap();
            let mended = mend(input).replace('\u{A0}', "~");
            if mended != expected {
                wrong.push(format!("{input} => {mended} (should be {expected})"));
            }
            assert_eq!(mend(&mend(input)), mend(input), "twice: {input}");
            n_cases += 1;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(n_cases >= 40, "{n_cases}");
    }

    #[test]
    fn a_file_mixes_or_not() {
        assert!(needs_mending("你好,世界。"));
        assert!(needs_mending("在 AI,我们。"));
        assert!(!needs_mending("你好,世界"));
        assert!(!needs_mending("你好，世界。1,000 hello, world"));
    }

    #[test]
    fn long_paragraphs_end() {
        for text in ["`好".repeat(200_000), "<好(".repeat(100_000), "](好".repeat(100_000), "http://好".repeat(50_000)]
        {
            assert!(!mend(&text).is_empty());
        }
    }
}
