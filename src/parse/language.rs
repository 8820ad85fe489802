//! The language of a text that does not declare it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::language::Language;

const SAMPLE_BYTES: usize = 4 * 1024;
const SAMPLE_WORDS: usize = 120;
/// The longest of the common words, in bytes.
const LONGEST: usize = 8;

/// The likely language of a text, from its first 4 KB: by script, by characters, for Latin letters by common words.
pub fn detect(text: &str) -> Language {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    let script = if sample.is_ascii() { Script::Latin } else { Scripts::of(sample).main() };
    let tag = match script {
        Script::Chinese if is_traditional(sample) => "zh-Hant",
        Script::Chinese => "zh-Hans",
        Script::Japanese => "ja",
        Script::Korean => "ko",
        Script::Cyrillic if sample.contains(['і', 'ї', 'є', 'І', 'Ї', 'Є']) => "uk",
        Script::Cyrillic => "ru",
        Script::Arabic if sample.contains(['پ', 'چ', 'گ', 'ی']) => "fa",
        Script::Arabic => "ar",
        Script::Hebrew => "he",
        Script::Greek => "el",
        Script::Thai => "th",
        Script::Devanagari => "hi",
        Script::Latin => by_common_words(sample),
    };
    Language::new(tag).unwrap_or_else(Language::english)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Chinese,
    Japanese,
    Korean,
    Cyrillic,
    Arabic,
    Hebrew,
    Greek,
    Thai,
    Devanagari,
}

/// Letters by script.
#[derive(Default)]
struct Scripts {
    latin: u32,
    han: u32,
    kana: u32,
    hangul: u32,
    cyrillic: u32,
    arabic: u32,
    hebrew: u32,
    greek: u32,
    thai: u32,
    devanagari: u32,
}

impl Scripts {
    fn of(text: &str) -> Self {
        let mut scripts = Self::default();
        for c in text.chars() {
            if c.is_ascii() {
                scripts.latin += u32::from(c.is_ascii_alphabetic());
                continue;
            }
            if !c.is_alphabetic() {
                continue;
            }
            let count = match u32::from(c) {
                0x370..=0x3FF => &mut scripts.greek,
                0x400..=0x52F => &mut scripts.cyrillic,
                0x590..=0x5FF => &mut scripts.hebrew,
                0x600..=0x77F => &mut scripts.arabic,
                0x900..=0x97F => &mut scripts.devanagari,
                0xE00..=0xE7F => &mut scripts.thai,
                0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F => &mut scripts.kana,
                0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => &mut scripts.hangul,
                0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => &mut scripts.han,
                _ => &mut scripts.latin,
            };
            *count += 1;
        }
        scripts
    }

    /// The script with most words: a Han or kana character counts as three letters.
    fn main(&self) -> Script {
        let east_asian = if self.kana * 10 > self.han { Script::Japanese } else { Script::Chinese };
        let counts = [
            (self.latin, Script::Latin),
            ((self.han + self.kana) * 3, east_asian),
            (self.hangul * 3 + self.han, Script::Korean),
            (self.cyrillic, Script::Cyrillic),
            (self.arabic, Script::Arabic),
            (self.hebrew, Script::Hebrew),
            (self.greek, Script::Greek),
            (self.thai, Script::Thai),
            (self.devanagari, Script::Devanagari),
        ];
        let mut main = (0, Script::Latin);
        for (count, script) in counts {
            if count > main.0 {
                main = (count, script);
            }
        }
        main.1
    }
}

/// Frequent characters that are written in one of the two ways only.
fn is_traditional(text: &str) -> bool {
    const TRADITIONAL: &str = "這個們來時說對開關學習還沒過為國現發點經樣應該實際問題間體聽講話讓見認識長東車書電視產業變將從後裡麼覺給難與義愛無萬頭";
    const SIMPLIFIED: &str = "这个们来时说对开关学习还没过为国现发点经样应该实际问题间体听讲话让见认识长东车书电视产业变将从后里么觉给难与义爱无万头";
    let (mut traditional, mut simplified) = (0, 0);
    for c in text.chars() {
        let (is_old, is_new) = (TRADITIONAL.contains(c), SIMPLIFIED.contains(c));
        traditional += u32::from(is_old && !is_new);
        simplified += u32::from(is_new && !is_old);
    }
    traditional > simplified
}

/// Words that are frequent in one language and rare in the others, English first: it wins ties.
const COMMON_WORDS: &[(&str, &[&str])] = &[
    ("en", &["the", "and", "of", "to", "that", "is", "it", "you", "was", "for", "this", "with", "have", "are", "we"]),
    (
        "de",
        &["der", "die", "und", "das", "ist", "nicht", "ich", "ein", "zu", "wir", "mit", "auch", "auf", "wie", "sich"],
    ),
    ("fr", &["le", "les", "des", "et", "est", "une", "pas", "vous", "que", "qui", "dans", "pour", "nous", "du", "je"]),
    ("es", &["el", "los", "las", "y", "es", "una", "no", "que", "por", "con", "para", "pero", "muy", "del", "lo"]),
    ("pt", &["o", "os", "uma", "não", "e", "é", "que", "com", "para", "mas", "você", "muito", "do", "da", "em"]),
    ("it", &["il", "gli", "di", "che", "è", "non", "una", "per", "con", "ma", "sono", "della", "questo", "anche", "e"]),
];

fn by_common_words(text: &str) -> &'static str {
    /// Languages as bits, by their places in [`COMMON_WORDS`].
    static BY_WORD: LazyLock<BTreeMap<u64, u8>> = LazyLock::new(|| {
        let mut by_word = BTreeMap::new();
        for (idx, (_, words)) in COMMON_WORDS.iter().enumerate() {
            words.iter().for_each(|word| *by_word.entry(packed(word)).or_insert(0) |= 1 << idx);
        }
        by_word
    });
    let by_word = &*BY_WORD;
    let mut votes = [0_u32; COMMON_WORDS.len()];
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| (1..=LONGEST).contains(&word.len()));
    for word in words.take(SAMPLE_WORDS) {
        let key = if word.is_ascii() { packed(word) } else { packed(&word.to_lowercase()) };
        let languages = by_word.get(&key).copied().unwrap_or_default();
        votes.iter_mut().enumerate().for_each(|(idx, votes)| *votes += u32::from(languages >> idx & 1));
    }
    let mut best = 0;
    for (idx, count) in votes.iter().enumerate() {
        if *count > votes[best] + u32::from(best == 0) {
            best = idx;
        }
    }
    COMMON_WORDS[best].0
}

/// A word of at most [`LONGEST`] bytes as a number, whatever the case of its ASCII letters. A longer one, such as a
/// short one in lower case may be, is no common word: it is `u64::MAX`.
fn packed(word: &str) -> u64 {
    let mut bytes = [0; LONGEST];
    let Some(start) = bytes.get_mut(..word.len()) else { return u64::MAX };
    start.copy_from_slice(word.as_bytes());
    start.make_ascii_lowercase();
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (text, expected) in [
            ("", "en"),
            ("Podleaf", "en"),
            ("So that is what we have to do with the bridge, and it was hard.", "en"),
            ("Das ist nicht so einfach, und wir haben auch keine Zeit, die Brücke zu bauen.", "de"),
            ("Ce n’est pas une question de temps pour nous, et les gens qui sont dans la ville le savent.", "fr"),
            ("Pero no es una cosa que los niños hagan con el agua, y por eso lo digo.", "es"),
            ("Não é uma coisa que você faz com o mar, mas em Lisboa é muito bom.", "pt"),
            ("Non è una cosa che il mare fa per gli uomini, ma anche questo di notte.", "it"),
            ("你可以在 Bayt播客App 上收听本期播客的中文音频。这个时代", "zh-Hans"),
            ("這個時代的人們，還沒有聽過這樣的話。", "zh-Hant"),
            ("今日のゲストは山田さんです。よろしくお願いします。", "ja"),
            ("오늘의 손님은 김 선생님입니다.", "ko"),
            ("Сегодня мы говорим о мостах.", "ru"),
            ("Сьогодні ми говоримо про мости її міста.", "uk"),
            ("اليوم نتحدث عن الجسور", "ar"),
            ("היום נדבר על גשרים", "he"),
        ] {
            assert_eq!(detect(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_are_sampled() {
        assert_eq!(detect(&"字".repeat(1_000_000)).as_str(), "zh-Hans");
    }
}
