//! How long a text is: characters, words, and characters of scripts without spaces.

use std::ops::AddAssign;

use crate::parse::transcript::is_wide;

/// Lengths of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Length {
    /// Characters that are no white space.
    pub chars: u32,
    /// Words of scripts with spaces.
    pub words: u32,
    /// Han, kana and hangul characters.
    pub wide: u32,
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        self.chars += other.chars;
        self.words += other.words;
        self.wide += other.wide;
    }
}

const VISIBLE: u8 = 1;
const ALNUM: u8 = 2;
/// Stands inside a word, and begins none.
const INNER: u8 = 4;
const NOT_ASCII: u8 = 8;

const CLASSES: [u8; 256] = {
    let mut classes = [NOT_ASCII; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        let mut class = if byte.is_ascii_whitespace() { 0 } else { VISIBLE };
        if byte.is_ascii_alphanumeric() {
            class |= ALNUM;
        }
        if matches!(byte, b'\'' | b'-' | b'.' | b',') {
            class |= INNER;
        }
        classes[byte as usize] = class;
        byte += 1;
    }
    classes
};

/// Measures a stretch of text.
pub fn length(text: &str) -> Length {
    let mut length = Length::default();
    let mut in_word = 0_u8;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let class = CLASSES[usize::from(byte)];
        if class != NOT_ASCII {
            let is_word = ((class / ALNUM) | (class / INNER & in_word)) & 1;
            length.chars += u32::from(class & VISIBLE);
            length.words += u32::from(is_word & !in_word);
            in_word = is_word;
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        at += c.len_utf8();
        if is_wide(c) {
            length.chars += 1;
            length.wide += u32::from(!matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}'));
            in_word = 0;
        } else {
            length.chars += u32::from(!c.is_whitespace());
            let is_word = u8::from(c.is_alphanumeric() || (in_word == 1 && c == '’'));
            length.words += u32::from(is_word & !in_word);
            in_word = is_word;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_wide_characters() {
        assert_eq!(length("It's 3.5 km."), Length { chars: 10, words: 3, wide: 0 });
        assert_eq!(length("海是，蓝的 AI。"), Length { chars: 8, words: 1, wide: 4 });
        assert_eq!(length(""), Length::default());
    }
}
