//! Terms: what a text is found by. Words of scripts with spaces, and pairs of neighbours of scripts without.

use super::fold::{fold, is_of_word, is_unspaced};
use crate::swar::{EACH, position, within};

/// A longer word is known by its first characters.
pub const LONGEST_WORD: usize = 32;

/// Bytes of the longest term that is a number.
const SHORT: usize = 16;

/// A term as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term<'t> {
    /// A number with its bytes, and zeros behind them. The order of numbers is that of the bytes, of which none is 0.
    Short(u128),
    /// More bytes than fit in a number.
    Long(&'t [u8]),
}

impl<'t> Term<'t> {
    fn of(bytes: &'t [u8]) -> Self {
        if bytes.len() > SHORT { Self::Long(bytes) } else { Self::Short(number(bytes)) }
    }

    /// Its bytes.
    pub fn to_vec(self) -> Vec<u8> {
        match self {
            Self::Short(number) => {
                let (bytes, len) = short_bytes(number);
                bytes[..len].to_vec()
            }
            Self::Long(bytes) => bytes.to_vec(),
        }
    }
}

/// The bytes of a short term, and how many they are: those behind them are zeros.
pub(super) fn short_bytes(number: u128) -> ([u8; SHORT], usize) {
    (number.to_be_bytes(), SHORT - number.trailing_zeros() as usize / 8)
}

/// Hands on the terms of a text: each word, and of each run of Han, kana and hangul all pairs of neighbours and its last
/// character alone. So each character of a run begins a term.
pub fn terms(text: &str, mut take: impl FnMut(Term<'_>)) {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let is_ascii = |at: usize| bytes.get(at).is_none_or(u8::is_ascii);
    while at < bytes.len() {
        let start = at;
        at += n_alphanumeric(&bytes[at..]);
        if is_ascii(at) && is_ascii(at + 1) {
            match at - start {
                0 => {}
                len @ 1..=SHORT => take(Term::Short(lower_case(number(&bytes[start..]), len))),
                len => take(Term::Long(&bytes[start..start + len.min(LONGEST_WORD)].to_ascii_lowercase())),
            }
            at += 1;
        } else {
            // Folded are words with other characters, and what these may join, up to where neither can be.
            let end = (at + 1..bytes.len()).find(|&end| is_break(bytes[end]) && is_ascii(end + 1));
            at = end.unwrap_or(bytes.len());
            folded_terms(&text[start..at], |term| take(Term::of(term)));
        }
    }
}

/// The first bytes of a text as a number, with zeros behind its end.
fn number(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut head = [0; SHORT];
        head[..bytes.len()].copy_from_slice(bytes);
        head
    }))
}

/// How many letters and digits of ASCII a text begins with.
fn n_alphanumeric(bytes: &[u8]) -> usize {
    position(bytes, |eight| !alphanumeric(eight)).unwrap_or(bytes.len())
}

/// Sets the highest bit of each byte that is a letter or a digit of ASCII; the other bits mean nothing.
fn alphanumeric(bytes: u64) -> u64 {
    (within(bytes, b'0', b'9') | within(bytes | (EACH * 0x20), b'a', b'z')) & !bytes
}

/// The first `len` bytes of a number, of which each is a letter or a digit of ASCII, in lower case.
fn lower_case(bytes: u128, len: usize) -> u128 {
    const LETTER: u128 = u128::from_be_bytes([0x40; SHORT]);
    let word = bytes & (u128::MAX << (8 * (SHORT - len)));
    // Lower case has the next bit as well, and digits have not the first.
    word | (word & LETTER) >> 1
}

/// Whether words end at a byte, whatever is before it.
fn is_break(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// The terms of a text in any script.
fn folded_terms(text: &str, mut take: impl FnMut(&[u8])) {
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
        for letter in ["ä", "a", "Ba"] {
            let head: String = letter.to_lowercase().replace('ä', "a").chars().cycle().take(LONGEST_WORD).collect();
            assert_eq!(of(&letter.repeat(100)), head);
        }
    }

    #[test]
    fn a_word_is_a_number_where_it_fits() {
        for len in 1..=40 {
            let word: String = "Az09Zqxy".chars().cycle().take(len).collect();
            let expected: String = word.to_lowercase().chars().take(LONGEST_WORD).collect();
            for text in
                [word.clone(), format!("{word}. {word}!"), format!("@{word}[{word}`"), format!("{word}/{word}:{{")]
            {
                let n_words = text.matches(&word).count();
                assert_eq!(of(&text), vec![expected.as_str(); n_words].join(" "), "{text}");
            }
        }
    }

    #[test]
    fn what_is_taken_byte_by_byte_is_what_folding_gives() {
        let mut folded = Vec::new();
        let mut state = 7_u32;
        for _ in 0..4_000 {
            let text: String = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Among them what joins the character before it, and a sign with which it becomes another.
                    let from =
                        ['a', 'B', '7', 'm', ' ', ' ', '.', '=', 'é', '’', '\u{338}', '\u{301}', '你', '好', 'Ａ', 'ﬁ'];
                    from[state as usize >> 16 & 15]
                })
                .collect();
            folded.clear();
            folded_terms(&text, |term| folded.push(String::from_utf8(term.to_vec()).unwrap()));
            assert_eq!(of(&text), folded.join(" "), "{text:?}");
        }
    }
}
