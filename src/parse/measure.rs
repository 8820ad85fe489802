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

/// Measures a stretch of text.
///
/// A word begins at a letter or digit, unless one stands right before it, with nothing or one of `'’-.,` between.
pub fn length(text: &str) -> Length {
    let mut length = Length::default();
    let mut last = [Class::Other; 2];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let block = &bytes[at..bytes.len().min(at + BLOCK)];
        if block.is_ascii() {
            last = add_ascii(block, last, &mut length);
            at += block.len();
            continue;
        }
        // `at` is always where a character begins.
        for c in text[at..].chars().take(BLOCK / 4) {
            at += c.len_utf8();
            let class = add(c, &mut length);
            length.words += u32::from(class == Class::Letter && begins(last));
            last = [last[1], class];
        }
    }
    length
}

/// [`Length::chars`] for where a few more do not matter: white space beyond ASCII counts too. At a tenth of the price.
pub fn n_chars(text: &str) -> usize {
    // Bytes above 0x7F that begin no character are -128 to -65.
    text.bytes().filter(|byte| byte.cast_signed() >= -64 && !matches!(byte, b' ' | b'\t' | b'\n')).count()
}

fn add(c: char, length: &mut Length) -> Class {
    if is_wide(c) {
        length.chars += 1;
        length.wide += u32::from(!matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}'));
        return Class::Other;
    }
    length.chars += u32::from(!c.is_whitespace());
    match c {
        '\'' | '’' | '-' | '.' | ',' => Class::Inner,
        _ if c.is_alphanumeric() => Class::Letter,
        _ => Class::Other,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Letter,
    /// Stands inside a word.
    Inner,
}

fn begins(last: [Class; 2]) -> bool {
    !matches!(last, [_, Class::Letter] | [Class::Letter, Class::Inner])
}

/// Bytes that are measured at once.
const BLOCK: usize = 64;

/// Measures at most one block of ASCII text after characters of two classes. Loops of one length and no branches, so
/// that the compiler uses vector instructions: this walks all text of an archive.
fn add_ascii(text: &[u8], last: [Class; 2], length: &mut Length) -> [Class; 2] {
    let mut block = [b' '; BLOCK];
    block[..text.len()].copy_from_slice(text);
    let is_space = |byte: u8| (byte == b' ') | (byte.wrapping_sub(0x09) < 5);
    let n_spaces: u8 = block.iter().map(|byte| u8::from(is_space(*byte))).sum();
    let mut letters = [0_u8; BLOCK + 2];
    let mut inner = [0_u8; BLOCK + 2];
    for (idx, class) in last.into_iter().enumerate() {
        letters[idx] = u8::from(class == Class::Letter);
        inner[idx] = u8::from(class == Class::Inner);
    }
    for idx in 0..BLOCK {
        let byte = block[idx];
        let is_letter = ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10);
        letters[idx + 2] = u8::from(is_letter);
        inner[idx + 2] = u8::from((byte == b'\'') | (byte == b'-') | (byte == b'.') | (byte == b','));
    }
    let begins = |idx: usize| letters[idx + 2] & !(letters[idx + 1] | (inner[idx + 1] & letters[idx]));
    let n_words: u8 = (0..BLOCK).map(begins).sum();
    length.chars += (BLOCK - usize::from(n_spaces)) as u32;
    length.words += u32::from(n_words);
    [text.len(), text.len() + 1].map(|idx| match (letters[idx], inner[idx]) {
        (1, _) => Class::Letter,
        (_, 1) => Class::Inner,
        _ => Class::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_part_words() {
        for n in 0..200 {
            let text = format!("{}it's 3.5 x", "a".repeat(n));
            assert_eq!(length(&text), Length { chars: n as u32 + 8, words: 3, wide: 0 }, "{n}");
        }
    }

    #[test]
    fn characters_alone_are_counted_as_well() {
        for text in ["", "It's 3.5 km.", "海是，蓝的 AI。", "a--b\n\t'c' d’e, é1-f.", "🎙 😀"] {
            assert_eq!(n_chars(text), length(text).chars as usize, "{text}");
        }
        assert_eq!((n_chars("海\u{3000}茶"), length("海茶").chars), (3, 2));
    }

    #[test]
    fn words_and_wide_characters() {
        assert_eq!(length("It's 3.5 km."), Length { chars: 10, words: 3, wide: 0 });
        assert_eq!(length("海是，蓝的 AI。"), Length { chars: 8, words: 1, wide: 4 });
        assert_eq!(length(""), Length::default());
        assert_eq!(length("a--b 'c' d’e, é1-f."), Length { chars: 16, words: 5, wide: 0 });
    }
}
