//! The font of cards: which characters it has, and how wide they are. It is embedded, so that a card is the same on
//! every machine.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, Source};
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

/// Noto Sans CJK SC, cut to GB 2312, Latin and punctuation; `assets/fonts/README.md` says how.
pub(super) static BYTES: &[u8] = include_bytes!("../../assets/fonts/NotoSansCJKsc-Cards.otf");

/// The name of the font, as a template writes it.
pub const FAMILY: &str = "Noto Sans CJK SC";

/// What stands for a character that the font lacks, so that it does not vanish.
const LACKING: char = '□';

/// Units of the font in an em.
const EM: f32 = 1000.0;

static FONT: LazyLock<Option<Font>> = LazyLock::new(|| {
    let font = FontRef::new(BYTES).ok()?;
    Some(Font { charmap: font.charmap(), metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()) })
});

struct Font {
    charmap: skrifa::charmap::Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

/// The only fonts that a card can use.
pub(super) fn database() -> Arc<Database> {
    static DATABASE: LazyLock<Arc<Database>> = LazyLock::new(|| {
        let mut database = Database::new();
        database.load_font_source(Source::Binary(Arc::new(BYTES)));
        Arc::new(database)
    });
    Arc::clone(&DATABASE)
}

fn advance(c: char) -> Option<f32> {
    let font = FONT.as_ref()?;
    font.metrics.advance_width(font.charmap.map(c)?)
}

/// How wide a text is at a size of 1. Pairs that stand closer (kerning) make it a little narrower than that.
pub fn width(text: &str) -> f32 {
    text.chars().map(|c| advance(c).unwrap_or(EM)).sum::<f32>() / EM
}

/// Whether a character is drawn as something, or as nothing on purpose.
fn has(c: char) -> bool {
    c.is_whitespace() || advance(c).is_some()
}

/// Characters without a form of their own: joiners, marks of direction, selectors, soft hyphens.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The characters of a text that the font lacks, each once.
pub fn lacking(text: &str) -> String {
    let mut lacking = String::new();
    for c in text.chars().filter(|&c| !has(c) && !is_invisible(c)) {
        if !lacking.contains(c) {
            lacking.push(c);
        }
    }
    lacking
}

/// A text as a card can show it, in one line: a box stands for what the font lacks. `None` where little would be left:
/// most of its letters are lacking.
pub fn shown(text: &str) -> Option<String> {
    let (mut out, mut n_letters, mut n_lacking) = (String::with_capacity(text.len()), 0, 0);
    for c in text.chars() {
        match c {
            _ if c.is_whitespace() => out.push(' '),
            _ if has(c) => out.push(c),
            _ if is_invisible(c) => continue,
            _ => out.push(LACKING),
        }
        n_letters += usize::from(!c.is_whitespace());
        n_lacking += usize::from(!has(c));
    }
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    (!out.is_empty() && n_lacking * 2 <= n_letters).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_is_written_in_chinese_and_english() {
        assert_eq!(lacking("The quick brown fox: “it’s” — 42 %… Zoë Müller’s naïve café"), "");
        assert_eq!(lacking("信号灯下的茶：第 21 期，《打错的电话》——陈、李！？"), "");
        assert_eq!(lacking("𠮷野家 🎧🎧\u{fe0f}"), "𠮷🎧");
    }

    #[test]
    fn han_is_as_wide_as_high_and_latin_narrower() {
        assert_eq!(width("灯下"), 2.0);
        assert!(width("il") < width("mw") && width("mw") < 2.0);
        assert_eq!(width(""), 0.0);
    }

    #[test]
    fn what_is_lacking_is_a_box_unless_it_is_most() {
        assert_eq!(shown(" Tea\n with\t🍵 "), Some("Tea with □".to_owned()));
        assert_eq!(shown("a\u{200b}b\u{fffe}c"), Some("ab□c".to_owned()));
        assert_eq!(shown("שלום עולם"), None);
        assert_eq!(shown(" \u{feff}"), None);
    }
}
