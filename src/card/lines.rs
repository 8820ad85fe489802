//! Lines of a title: SVG breaks none.

use super::font::width;

/// No line begins with these: what closes, and what goes with the character before it.
const NOT_FIRST: &str = "!%),.:;?]}¢°’”›»‰′″、。〉》」』】〕〗〞︶︺︾﹂﹄﹚﹜﹞！＂％＇），．：；？］｝～—…·々ー";
/// No line ends with these: what opens.
const NOT_LAST: &str = "([{‘“‹«〈《「『【〔〖〝（［｛￡￥";

/// Lines of a text with the size of their letters.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// The lines, from the top.
    pub lines: Vec<String>,
    /// The size of the letters, in the unit of the box.
    pub size: f32,
}

/// Sets a text into a box as large as fits: the first of the sizes at which all lines do; at the last one the end is
/// cut, and `…` says so.
pub fn fit(text: &str, (box_width, box_height): (f32, f32), sizes: &[f32], leading: f32) -> Lines {
    let mut cut = Lines { lines: Vec::new(), size: 0.0 };
    for (idx, &size) in sizes.iter().enumerate() {
        let (room, n_most) = (box_width / size, (box_height / (size * leading)).floor().max(1.0) as usize);
        let words = pieces(text);
        // Where there is no smaller size, a word is broken rather than cut.
        let words = if idx + 1 == sizes.len() { split(words, room) } else { words };
        let mut lines = broken(&words, room);
        if lines.len() <= n_most && lines.iter().all(|line| width(line) <= room) {
            return Lines { lines: balanced(&words, room, lines), size };
        }
        let rest = lines.split_off(n_most.min(lines.len()) - 1).join(" ");
        lines.push(truncated(&rest, room));
        let lines = lines.into_iter().map(|line| truncated(&line, room)).collect();
        cut = Lines { lines, size };
    }
    cut
}

/// The lines in nearly one length, where they are as many then.
fn balanced(words: &[&str], room: f32, lines: Vec<String>) -> Vec<String> {
    let (mut least, mut most, mut best) = (room / 2.0, room, lines);
    for _ in 0..5 {
        let middle = f32::midpoint(least, most);
        let narrow = broken(words, middle);
        if narrow.len() == best.len() && narrow.iter().all(|line| width(line) <= middle) {
            (most, best) = (middle, narrow);
        } else {
            least = middle;
        }
    }
    best
}

/// A text that is no wider than this at a size of 1, with `…` for what is left out.
pub fn truncated(text: &str, room: f32) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut left = room - width("…");
    for c in text.chars() {
        left -= width(c.encode_utf8(&mut [0; 4]));
        if left < 0.0 {
            break;
        }
        out.push(c);
    }
    let len = out.trim_end_matches(|c: char| c.is_whitespace() || NOT_LAST.contains(c)).len();
    out.truncate(len);
    out.push('…');
    out
}

/// Words with those that are wider than a line in parts that are not.
fn split(words: Vec<&str>, room: f32) -> Vec<&str> {
    let mut parts = Vec::with_capacity(words.len());
    for mut word in words {
        while width(word.trim_end()) > room {
            let mut left = room;
            let end = word.char_indices().find(|(at, c)| {
                left -= width(c.encode_utf8(&mut [0; 4]));
                left < 0.0 && *at > 0
            });
            let Some((end, _)) = end else { break };
            parts.push(&word[..end]);
            word = &word[end..];
        }
        parts.push(word);
    }
    parts
}

/// Words in lines that are no wider than this at a size of 1, but for words that are.
fn broken(words: &[&str], room: f32) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in words {
        if !line.is_empty() && width(line.trim_end()) + width(piece.trim_end()) + spaces(&line) > room {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// How wide the spaces at the end of a line are.
fn spaces(line: &str) -> f32 {
    width(&line[line.trim_end().len()..])
}

/// The pieces of a text that stay on one line: words with the space behind them, and wide characters with the
/// punctuation that belongs to them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if after.is_whitespace() || NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    before.is_whitespace() || is_wide(before) || is_wide(after)
}

/// Han, kana, hangul and full-width signs, between which a line may end.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, room: f32, expected: &[&str]) {
        assert_eq!(broken(&pieces(text), room), expected);
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_what_closes() {
        check("信号灯下的茶", 4.0, &["信号灯下", "的茶"]);
        check("一二三四，五", 4.0, &["一二三", "四，五"]);
        check("他说了《打错的电话》。", 4.0, &["他说了", "《打错的", "电话》。"]);
        check("第 21 期 Podleaf 播客", 5.0, &["第 21 期", "Podleaf 播", "客"]);
    }

    #[test]
    fn latin_breaks_at_spaces() {
        check("A piano nobody owns", 6.0, &["A piano", "nobody", "owns"]);
        check("A", 0.1, &["A"]);
        check("", 5.0, &[""]);
    }

    #[test]
    fn a_title_is_made_smaller_and_then_cut() {
        let sizes = [60.0, 40.0];
        let at = |text: &str| fit(text, (240.0, 100.0), &sizes, 1.2);
        assert_eq!(at("一二三四").size, 60.0);
        assert_eq!(at("一二三四五六七八九十").lines, ["一二三四五", "六七八九十"]);
        assert_eq!(at("一二三四五六七八九十一二三四五").lines, ["一二三四五六", "七八九十一…"]);
        assert_eq!(at("Donaudampfschifffahrt").lines.concat(), "Donaudampfschifffahrt");
        let word = at("Donaudampfschifffahrtsgesellschaft");
        assert!(word.lines.len() == 2 && word.lines[1].ends_with('…'), "{word:?}");
    }

    proptest! {
        #[test]
        fn no_title_overflows(text in "[a-zA-Z一-龥，。《》 …—]{0,300}") {
            let set = fit(&text, (640.0, 290.0), &[72.0, 60.0, 48.0], 1.2);
            prop_assert!(set.lines.len() as f32 * set.size * 1.2 <= 290.0);
            for line in &set.lines {
                prop_assert!(width(line) * set.size <= 640.5, "{line}");
            }
        }
    }
}
