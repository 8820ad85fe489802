//! Terms: what a text is found by. Words of scripts with spaces, and pairs of neighbours of scripts without.

use super::fold::{fold, is_of_word, is_unspaced};

/// A longer word is known by its first characters.
pub const LONGEST_WORD: usize = 32;

/// Hands on the terms of a text, as UTF-8: each word, and of each run of Han, kana and hangul all pairs of neighbours
/// and its last character alone. So each character of a run begins a term.
pub fn terms(text: &str, mut take: impl FnMut(&[u8])) {
    let mut word = Word::default();
    let mut before: Option<char> = None;
    fold(text, |c, _| {
        if is_of_word(c) && !is_unspaced(c) {
            if let Some(last) = before.take() {
                take(last.encode_utf8(&mut [0; 4]).as_bytes());
            }
            return word.push(c);
        }
        word.end(&mut take);
        let next = Some(c).filter(|c| is_unspaced(*c));
        if let Some(first) = std::mem::replace(&mut before, next) {
            let (mut pair, len) = ([0; 8], first.len_utf8());
            first.encode_utf8(&mut pair);
            let second = next.map_or(0, |second| second.encode_utf8(&mut pair[len..]).len());
            take(&pair[..len + second]);
        }
    });
    word.end(&mut take);
    if let Some(last) = before {
        take(last.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

#[derive(Default)]
struct Word {
    text: Vec<u8>,
    n_chars: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        if self.n_chars < LONGEST_WORD {
            self.n_chars += 1;
            self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn end(&mut self, take: &mut impl FnMut(&[u8])) {
        if self.n_chars > 0 {
            take(&self.text);
            self.text.clear();
            self.n_chars = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut found = Vec::new();
        terms(text, |term| found.push(String::from_utf8(term.to_vec()).unwrap()));
        found.join(" ")
    }

    #[test]
    fn words_are_whole_and_runs_are_pairs_with_their_last_character() {
        assert_eq!(of("Don’t panic, it's 3.14!"), "don t panic it s 3 14");
        assert_eq!(of("你好，世界"), "你好 好 世界 界");
        assert_eq!(of("用AI写歌"), "用 ai 写歌 歌");
        assert_eq!(of("カタカナとひらがな"), "カタ タカ カナ ナと とひ ひら らが がな な");
        assert_eq!(of("한국어 말"), "한국 국어 어 말");
        assert_eq!(of("हिन्दी"), "हिन्दी");
        assert_eq!(of(" … —— "), "");
    }

    #[test]
    fn a_long_word_is_known_by_its_head() {
        let word = "ä".repeat(100);
        assert_eq!(of(&word), "a".repeat(LONGEST_WORD));
    }
}
