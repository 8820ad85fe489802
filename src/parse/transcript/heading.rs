//! Headings: Markdown marks, heading words, and numbers in front of a title.

use crate::parse::transcript::line::{RawLine, ends_sentence};
use crate::parse::words::{Block, Words};
use crate::source::Span;

/// A line that may be a heading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heading {
    /// What it announces, if a heading word says so.
    pub(super) block: Option<Block>,
    /// Its number.
    pub(super) number: Option<u32>,
    /// Its words, without marks and number.
    pub(super) title: Span,
    /// How sure it is by itself.
    pub(super) evidence: Evidence,
}

/// What makes a line a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// One `#`.
    FirstLevel,
    /// Two or more `#`.
    Marked,
    /// A heading word alone on its line, or before a colon.
    Word,
    /// `01 Title`, `第一章 …`, `Part 1`.
    Numbered,
    /// `1. Title`, `一、…`, `12 Title`: a heading only in a sequence, and only where a speaker follows.
    Counted,
}

const MAX_TITLE_BYTES: usize = 240;

/// Looks at one line by itself; `after_blank` has been checked by the caller.
pub(super) fn heading(text: &str, line: &RawLine, words: &Words) -> Option<Heading> {
    let span = line.span;
    let line = span.of(text);
    if line.len() > MAX_TITLE_BYTES {
        return None;
    }
    let first = line.chars().next()?;
    if first == '#' {
        return marked(text, span, words);
    }
    if let Some(block) = words.block(line.trim_matches('*').trim()) {
        return Some(Heading {
            block: Some(block),
            number: None,
            title: unstarred(text, span),
            evidence: Evidence::Word,
        });
    }
    if closing_with_title(line, words) {
        return Some(Heading { block: Some(Block::Closing), number: None, title: span, evidence: Evidence::Word });
    }
    if first.is_ascii_digit() || "第一二三四五六七八九十".contains(first) || first.is_ascii_uppercase() {
        return numbered(text, span, words);
    }
    None
}

fn marked(text: &str, span: Span, words: &Words) -> Option<Heading> {
    let line = span.of(text);
    let hashes = line.bytes().take_while(|&b| b == b'#').count();
    let rest = &line[hashes..];
    let inner = rest.trim().trim_end_matches('#').trim();
    let has_words = inner.contains(if hashes == 1 { char::is_alphabetic } else { char::is_alphanumeric });
    if hashes > 6 || !rest.starts_with(' ') || !has_words {
        return None;
    }
    let start = span.start as usize + line.len() - rest.trim_start().len();
    let title = Span::new(start, start + inner.len());
    let evidence = if hashes == 1 { Evidence::FirstLevel } else { Evidence::Marked };
    let plain = unstarred(text, title);
    let block =
        words.block(plain.of(text)).or_else(|| closing_with_title(plain.of(text), words).then_some(Block::Closing));
    if block.is_some() {
        return Some(Heading { block, number: None, title: plain, evidence });
    }
    let numbered = numbered(text, plain, words);
    let (number, title) = numbered.map_or((None, plain), |heading| (heading.number, heading.title));
    Some(Heading { block: None, number, title, evidence })
}

fn unstarred(text: &str, span: Span) -> Span {
    let line = span.of(text);
    let left = line.len() - line.trim_start_matches(['*', ' ']).len();
    let inner = line.trim_matches(['*', ' ']);
    Span::new(span.start as usize + left, span.start as usize + left + inner.len())
}

fn closing_with_title(line: &str, words: &Words) -> bool {
    let Some((word, title)) = line.split_once([':', '：']) else { return false };
    words.block(word) == Some(Block::Closing) && !title.trim().is_empty() && title.len() <= 120 && !ends_sentence(line)
}

fn numbered(text: &str, span: Span, words: &Words) -> Option<Heading> {
    let line = span.of(text);
    let (number, rest, evidence) = digits(line).or_else(|| chinese(line)).or_else(|| part(line, words))?;
    let title = rest.trim_start_matches([' ', '　', ':', '：', '.', '、', '-', '–', '—', '｜', '|']);
    if title.is_empty() || !title.contains(char::is_alphabetic) || title.chars().count() > 80 {
        return None;
    }
    if title.ends_with(['。', '，', ',', '；', ';', '、']) || (title.ends_with('.') && !title.ends_with("...")) {
        return None;
    }
    let start = span.end as usize - title.len();
    Some(Heading { block: None, number: Some(number), title: Span::new(start, span.end as usize), evidence })
}

fn digits(line: &str) -> Option<(u32, &str, Evidence)> {
    let n_digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 || n_digits > 2 {
        return None;
    }
    let number = line[..n_digits].parse().ok()?;
    let rest = &line[n_digits..];
    let mark = rest.chars().next()?;
    let evidence = match mark {
        ' ' | '　' if line.starts_with('0') => Evidence::Numbered,
        ' ' | '　' => Evidence::Counted,
        '.' | '．' | '、' if rest.len() > mark.len_utf8() => Evidence::Counted,
        _ => return None,
    };
    // `3.5 billion` and `1.` with the next sentence glued on are no headings.
    if mark == '.' && !rest[1..].starts_with([' ', '　']) {
        return None;
    }
    Some((number, rest, evidence))
}

fn chinese(line: &str) -> Option<(u32, &str, Evidence)> {
    let (inner, is_chapter) = line.strip_prefix('第').map_or((line, false), |inner| (inner, true));
    let end = inner.find(|c: char| !"零一二三四五六七八九十百0123456789".contains(c))?;
    let number = chinese_number(&inner[..end])?;
    let rest = &inner[end..];
    let mark = rest.chars().next()?;
    let after = &rest[mark.len_utf8()..];
    match mark {
        '章' | '节' | '部' | '讲' | '回' | '幕' | '節' | '講' if is_chapter => {
            let after = after.strip_prefix(['分', '份']).unwrap_or(after);
            after.starts_with([' ', '　', ':', '：', '、']).then_some((number, after, Evidence::Numbered))
        }
        '、' if !is_chapter && !inner.starts_with(|c: char| c.is_ascii_digit()) => {
            Some((number, after, Evidence::Counted))
        }
        _ => None,
    }
}

fn part<'t>(line: &'t str, words: &Words) -> Option<(u32, &'t str, Evidence)> {
    let (word, rest) = line.split_once(' ')?;
    if !words.is_part(word) {
        return None;
    }
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..n_digits)?.parse().ok()?;
    let after = &rest[n_digits..];
    after.starts_with([' ', ':', '.', '-', '–', '—']).then_some((number, after, Evidence::Numbered))
}

/// The value of a Chinese or ASCII numeral up to 99.
pub(super) fn chinese_number(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().filter(|&number| number < 1000);
    }
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).map(|value| value as u32);
    match text.split_once('十') {
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(single(tens)?)? };
            let ones = if ones.is_empty() { 0 } else { digit(single(ones)?)? };
            Some(tens * 10 + ones)
        }
        None => digit(single(text)?),
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// The length in bytes of a list mark at the head of a line (`1、` `1.` `1)` `(1)` `①` `一、` `-` `*` `•`),
/// with its white space, or `None`.
pub(super) fn list_mark(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let after_space = |len: usize| line[len..].starts_with([' ', '\t', '　']);
    let with_space = |len: usize| len + (line[len..].len() - line[len..].trim_start().len());
    match first {
        '-' | '*' | '+' if after_space(1) => Some(with_space(1)),
        '•' | '·' | '●' | '◦' => Some(with_space(first.len_utf8())),
        '①'..='⑳' => Some(with_space(first.len_utf8())),
        '(' | '（' => {
            let inner = &line[first.len_utf8()..];
            let end = inner.find([')', '）'])?;
            let close = inner[end..].chars().next()?;
            chinese_number(&inner[..end])?;
            Some(with_space(first.len_utf8() + end + close.len_utf8()))
        }
        _ => {
            let end = line.find(|c: char| !"零一二三四五六七八九十0123456789".contains(c))?;
            chinese_number(&line[..end])?;
            let mark = line[end..].chars().next()?;
            let len = end + mark.len_utf8();
            match mark {
                '、' | '．' => Some(with_space(len)),
                '.' | ')' if after_space(len) || !line[len..].starts_with(|c: char| c.is_ascii_digit()) => {
                    Some(with_space(len))
                }
                '）' => Some(with_space(len)),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::transcript::line::lines;

    fn check(line: &str, expected: Option<(Option<u32>, &str, Evidence)>) {
        let words = Words::new(&[]);
        let found = heading(line, &lines(line, 0)[0], &words);
        assert_eq!(found.map(|h| (h.number, h.title.of(line), h.evidence)), expected, "{line}");
    }

    #[test]
    fn headings_by_mark_word_and_number() {
        check("## The start", Some((None, "The start", Evidence::Marked)));
        check("## 2. The start", Some((Some(2), "The start", Evidence::Marked)));
        check("# 1", None);
        check("#hashtag", None);
        check("01 紧迫的时间线:两章", Some((Some(1), "紧迫的时间线:两章", Evidence::Numbered)));
        check("1. Title", Some((Some(1), "Title", Evidence::Counted)));
        check("1. I said so.", None);
        check("1024 = 2048", None);
        check("3.5 billion people", None);
        check("第十二章 海", Some((Some(12), "海", Evidence::Numbered)));
        check("一、海的声音", Some((Some(1), "海的声音", Evidence::Counted)));
        check("Part 2: The sea", Some((Some(2), "The sea", Evidence::Numbered)));
        check("尾声:在加速与刹车间寻找平衡", Some((None, "尾声:在加速与刹车间寻找平衡", Evidence::Word)));
        check("**Background**", Some((None, "Background", Evidence::Word)));
        check("一个人走在路上", None);
        check("第一次来", None);
    }

    #[test]
    fn list_marks() {
        for (line, rest) in
            [("1、海", "海"), ("1. sea", "sea"), ("(2) sea", "sea"), ("①海", "海"), ("三、海", "海"), ("- sea", "sea")]
        {
            assert_eq!(&line[list_mark(line).unwrap()..], rest);
        }
        for line in ["-sea", "1.5 m", "*emphasis* here", "一个人", "(sea)", "1024、"] {
            assert_eq!(list_mark(line).map(|len| &line[len..]), None, "{line}");
        }
    }
}
