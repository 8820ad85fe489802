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
    // What the last two characters were.
    let mut last = [Class::Other; 2];
    let mut rest = text;
    while !rest.is_empty() {
        let n_ascii = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, after) = rest.split_at(n_ascii);
        last = add_ascii(ascii.as_bytes(), last, &mut length);
        let mut chars = after.chars();
        rest = after;
        while let Some(c) = chars.next().filter(|c| !c.is_ascii()) {
            rest = chars.as_str();
            let class = if is_wide(c) {
                length.chars += 1;
                length.wide += u32::from(!matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}'));
                Class::Other
            } else {
                length.chars += u32::from(!c.is_whitespace());
                match c {
                    '’' => Class::Inner,
                    _ if c.is_alphanumeric() => Class::Letter,
                    _ => Class::Other,
                }
            };
            length.words += u32::from(class == Class::Letter && begins(last));
            last = [last[1], class];
        }
    }
    length
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    /// Stands inside a word.
    Inner,
    Other,
}

fn begins(last: [Class; 2]) -> bool {
    !matches!(last, [_, Class::Letter] | [Class::Letter, Class::Inner])
}

const BLOCK: usize = 62;

/// Measures ASCII text in blocks, each with the classes of two bytes before it; written so that the compiler can use
/// vector instructions.
fn add_ascii(text: &[u8], mut last: [Class; 2], length: &mut Length) -> [Class; 2] {
    for block in text.chunks(BLOCK) {
        let (mut letters, mut inner) = ([0_u8; BLOCK + 2], [0_u8; BLOCK + 2]);
        for (idx, class) in last.into_iter().enumerate() {
            letters[idx] = u8::from(class == Class::Letter);
            inner[idx] = u8::from(class == Class::Inner);
        }
        let mut n_visible = 0_u8;
        for ((&byte, letter), inner) in block.iter().zip(&mut letters[2..]).zip(&mut inner[2..]) {
            let is_letter = ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10);
            *letter = u8::from(is_letter);
            *inner = u8::from((byte == b'\'') | (byte == b'-') | (byte == b'.') | (byte == b','));
            n_visible +=
                u8::from(!((byte == b' ') | (byte == b'\n') | (byte == b'\t') | (byte == b'\r') | (byte == 0x0C)));
        }
        let mut n_words = 0_u8;
        for idx in 0..BLOCK {
            n_words += letters[idx + 2] & !(letters[idx + 1] | (inner[idx + 1] & letters[idx])) & 1;
        }
        length.chars += u32::from(n_visible);
        length.words += u32::from(n_words);
        let class = |idx: usize| match (letters[idx], inner[idx]) {
            (1, _) => Class::Letter,
            (_, 1) => Class::Inner,
            _ => Class::Other,
        };
        last = [class(block.len()), class(block.len() + 1)];
    }
    last
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
    fn words_and_wide_characters() {
        assert_eq!(length("It's 3.5 km."), Length { chars: 10, words: 3, wide: 0 });
        assert_eq!(length("海是，蓝的 AI。"), Length { chars: 8, words: 1, wide: 4 });
        assert_eq!(length(""), Length::default());
        assert_eq!(length("a--b 'c' d’e, é1-f."), Length { chars: 16, words: 5, wide: 0 });
    }
}
