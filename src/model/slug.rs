//! Names that are safe in addresses, and what the names of files say.

use std::borrow::Cow;

use deunicode::deunicode_char;
use pinyin::ToPinyin;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::language::Language;
use crate::model::time::Day;

/// How addresses are made from names that are not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Slugs {
    /// ASCII words of the name, else six characters of a hash.
    #[default]
    Ascii,
    /// The name as it is, NFC.
    Unicode,
    /// Chinese by pinyin, other scripts by their usual transcription.
    Pinyin,
}

const MAX_CHARS: usize = 80;
const MAX_BYTES: usize = 200;

/// The slug of a name. `None` where nothing usable is left, so that the caller has to fall back on a hash.
///
/// ```
/// use podleaf::model::slug::{Slugs, slug};
/// assert_eq!(slug("The bridge that hums", Slugs::Ascii).as_deref(), Some("the-bridge-that-hums"));
/// assert_eq!(slug("重庆的银行", Slugs::Pinyin).as_deref(), Some("chong-qing-de-yin-hang"));
/// assert_eq!(slug("重庆的银行", Slugs::Ascii), None);
/// ```
pub fn slug(text: &str, slugs: Slugs) -> Option<String> {
    match slugs {
        Slugs::Ascii => ascii_slug(text),
        Slugs::Unicode => unicode_slug(text),
        Slugs::Pinyin => pinyin_slug(text),
    }
}

/// A name as file systems see it that do not part upper and lower case, nor ways to encode an accent.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The ASCII words of a name, where at least half of its letters are Latin.
pub fn ascii_slug(text: &str) -> Option<String> {
    let composed: String = text.nfc().collect();
    let n_letters = composed.chars().filter(|c| c.is_alphabetic()).count();
    let n_latin = composed.chars().filter(|c| is_latin(*c)).count();
    if n_latin * 2 < n_letters {
        return None;
    }
    let mut words = WordJoiner::default();
    for c in composed.chars() {
        if c.is_ascii_alphanumeric() || is_latin(c) {
            deunicode_char(c).unwrap_or_default().chars().for_each(|c| words.push(c));
        } else if !matches!(c, '\'' | '’') {
            words.part();
        }
    }
    words.finish()
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || (c.is_alphabetic() && matches!(u32::from(c), 0xC0..=0x24F | 0x1E00..=0x1EFF))
}

fn unicode_slug(text: &str) -> Option<String> {
    let mut words = WordJoiner::default();
    for c in text.nfc().flat_map(char::to_lowercase).nfc() {
        if c.is_alphanumeric() || is_combining_mark(c) {
            words.push(c);
        } else if !matches!(c, '\'' | '’') {
            words.part();
        }
    }
    words.finish()
}

fn pinyin_slug(text: &str) -> Option<String> {
    let composed: String = text.nfc().collect();
    let mut words = WordJoiner::default();
    let mut rest = composed.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((word, reading)) = HETERONYMS.iter().find(|(word, _)| rest.starts_with(word)) {
            words.word(reading);
            rest = &rest[word.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c.to_pinyin() {
            Some(reading) => words.word(reading.plain()),
            None if c.is_alphanumeric() => {
                deunicode_char(c).unwrap_or_default().trim().chars().for_each(|c| words.push(c));
            }
            None if matches!(c, '\'' | '’') => {}
            None => words.part(),
        }
    }
    words.finish()
}

/// Words in which a character is not read in its commonest way.
const HETERONYMS: &[(&str, &str)] = &[
    ("重庆", "chong-qing"),
    ("重新", "chong-xin"),
    ("重复", "chong-fu"),
    ("重启", "chong-qi"),
    ("重建", "chong-jian"),
    ("重逢", "chong-feng"),
    ("银行行长", "yin-hang-hang-zhang"),
    ("银行", "yin-hang"),
    ("行业", "hang-ye"),
    ("行家", "hang-jia"),
    ("同行", "tong-hang"),
    ("长江", "chang-jiang"),
    ("长城", "chang-cheng"),
    ("长期", "chang-qi"),
    ("长安", "chang-an"),
    ("长沙", "chang-sha"),
    ("长春", "chang-chun"),
    ("长短", "chang-duan"),
    ("长篇", "chang-pian"),
    ("漫长", "man-chang"),
    ("成长", "cheng-zhang"),
    ("增长", "zeng-zhang"),
    ("校长", "xiao-zhang"),
    ("音乐", "yin-yue"),
    ("乐队", "yue-dui"),
    ("乐器", "yue-qi"),
    ("快乐", "kuai-le"),
    ("厦门", "xia-men"),
    ("西藏", "xi-zang"),
    ("朝鲜", "chao-xian"),
    ("朝阳", "chao-yang"),
    ("还是", "hai-shi"),
    ("还有", "hai-you"),
    ("便宜", "pian-yi"),
    ("都市", "du-shi"),
    ("首都", "shou-du"),
    ("成都", "cheng-du"),
    ("会计", "kuai-ji"),
    ("调查", "diao-cha"),
    ("角色", "jue-se"),
    ("睡觉", "shui-jiao"),
    ("参差", "cen-ci"),
    ("出差", "chu-chai"),
    ("单田芳", "shan-tian-fang"),
];

/// Builds lower-case words joined by hyphens.
#[derive(Default)]
struct WordJoiner {
    out: String,
    n_chars: usize,
    parted: bool,
}

impl WordJoiner {
    fn push(&mut self, c: char) {
        for c in c.to_lowercase().filter(|c| c.is_alphanumeric() || is_combining_mark(*c)) {
            if self.n_chars >= MAX_CHARS || self.out.len() >= MAX_BYTES {
                return;
            }
            if self.parted && !self.out.is_empty() {
                self.out.push('-');
                self.n_chars += 1;
            }
            self.parted = false;
            self.out.push(c);
            self.n_chars += 1;
        }
    }

    fn part(&mut self) {
        self.parted = true;
    }

    fn word(&mut self, word: &str) {
        for syllable in word.split('-') {
            self.part();
            syllable.chars().for_each(|c| self.push(c));
        }
        self.part();
    }

    fn finish(mut self) -> Option<String> {
        if self.n_chars >= MAX_CHARS
            && let Some(end) = self.out.rfind('-').filter(|end| *end > self.out.len() / 2)
        {
            self.out.truncate(end);
        }
        let trimmed = self.out.trim_matches('-');
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }
}

/// Whether a file's name (without extension) says something in words. Numbers, dates and runs of hex digits do not.
pub fn has_words(stem: &str) -> bool {
    let rest = date_from_stem(stem).map_or(stem, |(_, rest)| rest);
    tokens(rest).any(is_word)
}

/// A title from a file's name, where that has words: without its date and number, spaces for hyphens.
///
/// ```
/// use podleaf::model::slug::title_from_stem;
/// assert_eq!(title_from_stem("042-the-bridge-that-hums").as_deref(), Some("The bridge that hums"));
/// assert_eq!(title_from_stem("000_c21e3c024b576673"), None);
/// ```
pub fn title_from_stem(stem: &str) -> Option<String> {
    if !has_words(stem) {
        return None;
    }
    let rest = date_from_stem(stem).map_or(stem, |(_, rest)| rest);
    let rest = without_number(rest);
    if rest.chars().any(|c| c.is_alphabetic() && !is_latin(c)) {
        return Some(rest.trim().to_owned());
    }
    let words: Vec<&str> = rest.split(['-', '_', ' ', '+']).filter(|word| !word.is_empty()).collect();
    let title = words.join(" ");
    if title.chars().any(char::is_uppercase) {
        return Some(title);
    }
    let mut chars = title.chars();
    Some(chars.next()?.to_uppercase().chain(chars).collect())
}

/// The name without a language at its end: `042` of `042.en` and `042.zh-Hans`. `None` where it has none.
pub fn without_language(stem: &str) -> Option<&str> {
    let (rest, tag) = stem.rsplit_once('.')?;
    let primary = tag.split(['-', '_']).next()?;
    (!rest.is_empty() && primary.len() == 2 && Language::new(tag).is_some()).then_some(rest)
}

/// The date that a file's name begins with, and the rest of the name.
pub fn date_from_stem(stem: &str) -> Option<(Day, &str)> {
    let digits = |range: std::ops::Range<usize>| {
        let part = stem.get(range)?;
        if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i16>().ok() } else { None }
    };
    let separator = stem.as_bytes().get(4).copied().unwrap_or_default();
    let (month, day, end) = if matches!(separator, b'-' | b'_' | b'.') && stem.as_bytes().get(7) == Some(&separator) {
        (digits(5..7)?, digits(8..10)?, 10)
    } else {
        (digits(4..6)?, digits(6..8)?, 8)
    };
    let year = digits(0..4).filter(|year| (1900..=2199).contains(year))?;
    let rest = &stem[end..];
    let day = Day { year, month: i8::try_from(month).ok()?, day: i8::try_from(day).ok()? };
    let ends = rest.is_empty() || rest.starts_with(['-', '_', ' ', '.', 'T']);
    (ends && is_in_calendar(day)).then(|| (day, rest.trim_start_matches(is_separator)))
}

fn is_in_calendar(day: Day) -> bool {
    let is_leap = day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0);
    let n_days = match day.month {
        2 => 28 + i8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=n_days).contains(&day.day)
}

/// The number that a file's name begins with: `042-…`, `ep-12`, `s02e03`, `第12期`.
pub fn number_from_stem(stem: &str) -> Option<u32> {
    let rest = date_from_stem(stem).map_or(stem, |(_, rest)| rest);
    let lower = rest.to_lowercase();
    let rest = after_episode_word(&lower);
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let follows = rest[n_digits..].chars().next();
    let ok = (1..=5).contains(&n_digits)
        && follows.is_none_or(|c| is_separator(c) || matches!(c, '期' | '集' | '回' | '话'));
    if ok { rest[..n_digits].parse().ok().filter(|number| *number > 0) } else { None }
}

/// A lower-case name from behind `ep`, `episode`, `s01e`, `第`, `#`.
fn after_episode_word(name: &str) -> &str {
    let name = match name.strip_prefix('s').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())) {
        Some(rest) if rest.starts_with('e') && name.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => rest,
        _ => name,
    };
    for word in ["episode", "ep", "e", "vol", "no", "第", "#"] {
        if let Some(rest) = name.strip_prefix(word) {
            let rest = rest.trim_start_matches(is_separator);
            if rest.starts_with(|c: char| c.is_ascii_digit()) {
                return rest;
            }
        }
    }
    name
}

/// The name without the number at its start; all of it where no word is left.
fn without_number(name: &str) -> &str {
    if number_from_stem(name).is_none() && !name.starts_with('0') {
        return name;
    }
    let lower = name.to_lowercase();
    let tail = after_episode_word(&lower).trim_start_matches(|c: char| c.is_ascii_digit());
    // Lower case may change the length of letters, but not of those before a number.
    let skipped = lower.len() - tail.len();
    let rest = name.get(skipped..).unwrap_or(name).trim_start_matches(is_separator);
    let is_unit = rest.starts_with(['期', '集', '回', '话']);
    let rest = if is_unit {
        rest.trim_start_matches(['期', '集', '回', '话']).trim_start_matches(is_separator)
    } else {
        rest
    };
    if tokens(rest).any(is_word) { rest } else { name }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | ' ' | '.' | '+' | '·' | '：' | ':' | '、')
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty())
}

fn is_word(token: &str) -> bool {
    if !token.is_ascii() {
        let lower: Cow<'_, str> = token.to_lowercase().into();
        let bare = lower.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '第' | '期' | '集' | '回' | '话'));
        return bare.chars().any(char::is_alphabetic);
    }
    let lower = token.to_ascii_lowercase();
    let letters = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    if matches!(letters, "" | "ep" | "episode" | "e" | "s" | "season" | "vol" | "no" | "track" | "index" | "untitled") {
        return false;
    }
    let has_digit = lower.bytes().any(|byte| byte.is_ascii_digit());
    let is_hex = lower.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_mixed = letters.bytes().any(|byte| byte.is_ascii_digit());
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    token.len() > 1
        && !(has_digit && is_hex && token.len() > 3)
        && !is_mixed
        && (token.len() < 9 || letters.contains(is_vowel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_slugs_need_latin_letters() {
        for (text, expected) in [
            ("The bridge that hums", Some("the-bridge-that-hums")),
            ("Don’t panic! It's C++", Some("dont-panic-its-c")),
            ("Ærøskøbing — Größe", Some("aeroskobing-grosse")),
            ("042", Some("042")),
            ("AI 时代", Some("ai")),
            ("人工智能AI", None),
            ("Привет", None),
            ("!!!", None),
            ("../../etc/passwd", Some("etc-passwd")),
            ("🎙", None),
        ] {
            assert_eq!(ascii_slug(text).as_deref(), expected, "{text}");
        }
        let long = ascii_slug(&"abcdefg ".repeat(40)).unwrap();
        assert!(long.len() <= 80 && long.ends_with("abcdefg"), "{long}");
    }

    #[test]
    fn other_slugs_keep_or_transcribe() {
        assert_eq!(slug("Café “一、二”.", Slugs::Unicode).as_deref(), Some("café-一-二"));
        assert_eq!(slug("cafe\u{301}", Slugs::Unicode).as_deref(), Some("café"));
        assert_eq!(slug("长江边的音乐会 2", Slugs::Pinyin).as_deref(), Some("chang-jiang-bian-de-yin-yue-hui-2"));
        assert_eq!(slug("Привет мир", Slugs::Pinyin).as_deref(), Some("privet-mir"));
        assert_eq!(slug("银行行长AI课", Slugs::Pinyin).as_deref(), Some("yin-hang-hang-zhang-ai-ke"));
        assert!(slug(&"字".repeat(300), Slugs::Unicode).unwrap().len() <= 203);
    }

    #[test]
    fn file_names_say_something_or_not() {
        for (stem, expected) in [
            ("042-the-bridge-that-hums", Some("The bridge that hums")),
            ("2026-03-14-zero", Some("Zero")),
            ("20260314_zero", Some("Zero")),
            ("changelog--friends-14", Some("Changelog friends 14")),
            ("ep-12-the-talk", Some("The talk")),
            ("s01e02 pilot", Some("Pilot")),
            ("The Daily", Some("The Daily")),
            ("大科技播客", Some("大科技播客")),
            ("042-大科技播客-一", Some("大科技播客-一")),
            ("第12期 开场", Some("开场")),
            ("gpt4-and-us", Some("Gpt4 and us")),
            ("000_c21e3c024b576673", None),
            ("042", None),
            ("ep-12", None),
            ("EP12", None),
            ("第12期", None),
            ("2026-03-14", None),
            ("550e8400-e29b-41d4-a716-446655440000", None),
            ("dQw4w9WgXcQ", None),
            ("", None),
            ("---", None),
        ] {
            assert_eq!(title_from_stem(stem).as_deref(), expected, "{stem}");
            assert_eq!(has_words(stem), expected.is_some(), "{stem}");
        }
    }

    #[test]
    fn file_names_have_dates_and_numbers() {
        let date = |stem| date_from_stem(stem).map(|(day, rest)| format!("{day} {rest}"));
        assert_eq!(date("2026-03-14-zero").as_deref(), Some("2026-03-14 zero"));
        assert_eq!(date("20260314").as_deref(), Some("2026-03-14 "));
        for stem in ["2026-02-30", "2026-3-14", "12345678", "2026031415", "一二三四", "2026", ""] {
            assert_eq!(date(stem), None, "{stem}");
        }
        for (stem, expected) in [
            ("042-a", Some(42)),
            ("ep-12", Some(12)),
            ("s02e03-x", Some(3)),
            ("第12期", Some(12)),
            ("2026-03-14-a", None),
            ("000_c21e", None),
            ("12monkeys", None),
            ("echo-3", None),
            ("Episode 7", Some(7)),
            ("2026-03-14-5-a", Some(5)),
        ] {
            assert_eq!(number_from_stem(stem), expected, "{stem}");
        }
    }
}
