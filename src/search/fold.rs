//! Folding: what differs in writing and not in words is made the same, in texts and in queries.
//!
//! In order: compatibility forms and width (NFKC), case, accents, and Traditional to Simplified characters. The reader
//! in the browser (`static/js/search/fold.js`) does the same, step by step; `tests/search/folded.tsv` holds both to it.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Traditional characters, each followed by its simplified one (from OpenCC's `TSCharacters`, Apache-2.0).
const SIMPLIFIED: &str = include_str!("../../static/search/simplified.txt");

/// The table has characters of the basic plane from here on.
const FIRST_HAN: u32 = 0x3400;
const LAST_HAN: u32 = 0xffff;

static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = (FIRST_HAN..=LAST_HAN).map(|code| char::from_u32(code).unwrap_or('\0')).collect();
    let mut chars = SIMPLIFIED.trim_end().chars();
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        if let Some(slot) = table.get_mut((from as usize).wrapping_sub(FIRST_HAN as usize)) {
            *slot = to;
        }
    }
    table
});

/// Hands on the characters of a folded text, each with the byte of the text at which it begins.
pub fn fold(text: &str, mut take: impl FnMut(char, usize)) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let after = &rest[first.len_utf8()..];
        // Nothing joins what it follows below U+0300.
        let is_alone = after.as_bytes().first().is_none_or(|byte| *byte < 0xcc) || !after.starts_with(joins_before);
        if is_alone && first.is_ascii() {
            take(first.to_ascii_lowercase(), at);
            rest = after;
        } else if is_alone && is_plain(first) {
            take(simplified(first), at);
            rest = after;
        } else {
            let joined = after.find(|c| !joins_before(c)).unwrap_or(after.len());
            let (cluster, next) = rest.split_at(first.len_utf8() + joined);
            cluster.nfkc().for_each(|c| fold_char(c, |c| take(c, at)));
            rest = next;
        }
    }
}

/// A text, folded.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold(text, |c, _| out.push(c));
    out
}

/// Whether NFKC may join a character to the one before it.
fn joins_before(c: char) -> bool {
    c >= '\u{300}' && (is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}'))
}

/// Whether folding changes at most the form of a Han character.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

fn fold_char(c: char, mut take: impl FnMut(char)) {
    if is_unspaced(c) {
        return take(simplified(c));
    }
    for lower in c.to_lowercase() {
        for part in std::iter::once(lower).nfd().filter(|part| !matches!(part, '\u{300}'..='\u{36f}')) {
            match part {
                'ß' => "ss".chars().for_each(&mut take),
                'æ' => "ae".chars().for_each(&mut take),
                'œ' => "oe".chars().for_each(&mut take),
                'ø' => take('o'),
                'đ' => take('d'),
                'ł' => take('l'),
                'ı' => take('i'),
                'ς' => take('σ'),
                _ => take(part),
            }
        }
    }
}

fn simplified(c: char) -> char {
    TABLE.get((c as usize).wrapping_sub(FIRST_HAN as usize)).copied().unwrap_or(c)
}

/// Whether a folded character is of a script without spaces between words: Han, kana or hangul.
pub fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{3096}'
            | '\u{309d}'..='\u{309f}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{30fc}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// Whether a folded character is a part of a word of a script with spaces.
pub fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_writing_only_is_the_same() {
        for (written, expected) in [
            ("Ｆｕｌｌ Ｗｉｄｔｈ", "full width"),
            ("CAFÉ cafe\u{301}", "cafe cafe"),
            ("Straße ŁÓDŹ Ærø", "strasse lodz aero"),
            ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
            ("İstanbul ısı", "istanbul isi"),
            ("漢語 發展 皇后", "汉语 发展 皇后"),
            ("㈱ ① ﬁn", "(株) 1 fin"),
            ("ｶﾞｷﾞ がぎ か\u{3099}", "ガギ がぎ が"),
            ("한글 한글", "한글 한글"),
            ("Й й", "и и"),
            ("a\u{300}\u{301}b", "ab"),
            ("", ""),
        ] {
            assert_eq!(folded(written), expected, "{written}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing_and_places_rise() {
        let text = "Naïve ＡＢＣ 龍馬 ﬀ ½ ㌔ ｶﾞ 각 ẞ Ǆ ΐ";
        let once = folded(text);
        assert_eq!(folded(&once), once);
        let mut places = Vec::new();
        fold(text, |_, at| places.push(at));
        assert!(places.is_sorted() && places.iter().all(|&at| text.is_char_boundary(at)));
    }

    #[test]
    fn the_table_is_of_pairs_in_the_basic_plane_and_leads_to_its_ends() {
        let chars: Vec<char> = SIMPLIFIED.trim_end().chars().collect();
        assert!(chars.len() > 5_000 && chars.len().is_multiple_of(2));
        for pair in chars.chunks(2) {
            assert!(is_unspaced(pair[0]) && simplified(pair[1]) == pair[1], "{pair:?}");
            assert_eq!(simplified(pair[0]), pair[1]);
        }
    }
}
