//! Drawn pictures: ribbons, covers, QR codes. Numbers are integers, written without formatting: there are hundreds
//! of thousands of them in an archive.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

use crate::graph::people::Ink;
use crate::hash::ContentHash;
use crate::model::episode::Bar;
use crate::model::transcript::TurnId;
use crate::parse::digest::merged;
use crate::render::view::episode::QrView;
use crate::render::view::{BarPath, CoverPath, CoverView};

/// Side of a cover, in its own units.
const SIDE: u64 = 1200;
const LINES: u64 = 11;
const LEFT: u64 = 120;
const RIGHT: u64 = 1074;
const STEP: u64 = 87;
const GAP: u64 = 7;

/// An episode's cover is its transcript seen from far away: bars wrapped as the lines of a page.
pub(crate) fn cover(seed: &str, bars: &[Bar], inks: &[Ink], max_bars: usize) -> CoverView {
    let bars = merged(bars, max_bars);
    let total = sum(&bars).max(1);
    let room = LINES * (RIGHT - LEFT) - bars.len() as u64 * GAP;
    let mut paths = [String::new(), String::new(), String::new()];
    let (mut x, mut line) = (LEFT, 0);
    for bar in bars.iter() {
        let ink = match inks.get(usize::from(bar.speaker)) {
            Some(Ink { is_host: true, .. }) => 0,
            _ => 1 + usize::from(bar.speaker % 2),
        };
        let mut width = u64::from(bar.length) * room / total;
        while width > 0 && line < LINES {
            let part = width.min(RIGHT - x);
            if part > 2 {
                push(
                    &mut paths[ink],
                    &[("M", x), (" ", LEFT + line * STEP), ("h", part), ("v54h-", part), ("z", NONE)],
                );
            }
            width -= part;
            x += part + GAP;
            if x + 5 >= RIGHT {
                (x, line) = (LEFT, line + 1);
            }
        }
    }
    CoverView { palette: palette(seed), paths: layers(paths), image: None, srcset: None }
}

/// The cover of a show, or of an episode in which nobody speaks: sixteen tiles, some of them a leaf, by the hash of
/// the title.
pub(crate) fn leaves(title: &str) -> CoverView {
    let letters = ContentHash::of(title.as_bytes()).letters(20);
    let tile_side = SIDE as usize / 4;
    let mut paths = [String::new(), String::new(), String::new()];
    for (tile, value) in letters.bytes().take(16).enumerate() {
        let (x, y) = ((tile % 4) * tile_side, (tile / 4) * tile_side);
        let (x2, y2) = (x + tile_side, y + tile_side);
        let arc = format!("A{tile_side} {tile_side} 0 0 1");
        let leaf = match value % 5 {
            0 => continue,
            1 | 2 => format!("M{x} {y}{arc} {x2} {y2}{arc} {x} {y}"),
            3 => format!("M{x2} {y}{arc} {x} {y2}{arc} {x2} {y}"),
            _ => format!("M{x} {y}H{x2}{arc} {x} {y2}Z"),
        };
        paths[usize::from(value / 5 % 3)].push_str(&leaf);
    }
    CoverView { palette: 1 + letters.as_bytes()[19] % 6, paths: layers(paths), image: None, srcset: None }
}

fn palette(seed: &str) -> u8 {
    1 + (ContentHash::of(seed.as_bytes()).letters(1).as_bytes()[0] % 6)
}

fn layers(paths: [String; 3]) -> Vec<CoverPath> {
    paths.into_iter().zip(1..).filter(|(d, _)| !d.is_empty()).map(|(d, ink)| CoverPath { ink, d }).collect()
}

/// The bars of a ribbon as SVG: one link to a turn around one `rect` each, in per cent of the width. A host's are low.
///
/// It holds numbers and ids only, so that it is safe as it is.
pub(crate) fn ribbon(bars: &[Bar], inks: &[Ink], ids: &[TurnId]) -> String {
    let total = sum(bars).max(1);
    let mut out = String::with_capacity(bars.len() * 100);
    let mut before = 0;
    for bar in bars {
        let x = before * 10_000 / total;
        before += u64::from(bar.length);
        let end = before * 10_000 / total;
        let gap = if bars.len() > 120 { 4 } else { 22 };
        let width = (end - x).saturating_sub(gap).max(8);
        let ink = inks.get(usize::from(bar.speaker)).copied().unwrap_or_default();
        out.push_str("<a href=\"#");
        out.push_str(ids.get(bar.turn as usize).map_or("", TurnId::as_str));
        push(&mut out, &[("\" tabindex=\"-1\" data-speaker=\"", u64::from(ink.hue)), ("\"><rect x=\"", NONE)]);
        push_hundredths(&mut out, x);
        out.push_str("%\" width=\"");
        push_hundredths(&mut out, width);
        out.push_str(if ink.is_host { "%\" y=\"22.3\" height=\"13.7\"/></a>" } else { "%\" height=\"36\"/></a>" });
    }
    out
}

/// A ribbon in small, without links: one path a speaker, in a box of 1000 by 16.
pub(crate) fn small_ribbon(bars: &[Bar], inks: &[Ink]) -> Vec<BarPath> {
    let bars = merged(bars, 100);
    let total = sum(&bars).max(1);
    let mut paths: Vec<BarPath> = Vec::new();
    let mut before = 0;
    for bar in bars.iter() {
        let x = before * 1000 / total;
        before += u64::from(bar.length);
        let width = (before * 1000 / total - x).saturating_sub(2).max(1);
        let ink = inks.get(usize::from(bar.speaker)).copied().unwrap_or_default();
        let at = paths.iter().position(|path| path.speaker == ink.hue).unwrap_or_else(|| {
            paths.push(BarPath { speaker: ink.hue, d: String::with_capacity(512) });
            paths.len() - 1
        });
        let (top, height) = if ink.is_host { (10, 6) } else { (0, 16) };
        push(&mut paths[at].d, &[("M", x), (" ", top), ("h", width), ("v", height), ("h-", width), ("z", NONE)]);
    }
    paths
}

/// A QR code of an address, as one path that is drawn with lines of width 1. `None` where the address is too long.
///
/// The mask is the same for all: to try the eight of them costs more than the rest of a page, and readers take any.
pub(crate) fn qr(url: &str) -> Option<QrView> {
    let (segments, mask) = (QrSegment::make_segments(url), Some(Mask::new(3)));
    let code =
        QrCode::encode_segments_advanced(&segments, QrCodeEcc::Low, Version::MIN, Version::MAX, mask, true).ok()?;
    let size = code.size();
    let mut d = String::with_capacity(4096);
    for y in 0..size {
        push(&mut d, &[("M0 ", y as u64), (".5", NONE)]);
        let mut x = 0;
        for is_dark in [false, true].into_iter().cycle() {
            let run = (x..size).take_while(|&x| code.get_module(x, y) == is_dark).count() as i32;
            x += run;
            if x == size && !is_dark {
                break;
            }
            if run > 0 {
                push(&mut d, &[(if is_dark { "h" } else { "m" }, run as u64), (if is_dark { "" } else { " 0" }, NONE)]);
            }
        }
    }
    Some(QrView { size: size as usize, d, url: url.to_owned() })
}

fn sum(bars: &[Bar]) -> u64 {
    bars.iter().map(|bar| u64::from(bar.length)).sum()
}

/// No number after these words.
const NONE: u64 = u64::MAX;

fn push(out: &mut String, parts: &[(&str, u64)]) {
    for &(words, number) in parts {
        out.push_str(words);
        match number {
            NONE => {}
            0..10 => out.push(char::from(b'0' + number as u8)),
            _ => out.push_str(itoa::Buffer::new().format(number)),
        }
    }
}

/// `1234` as `12.34`.
fn push_hundredths(out: &mut String, number: u64) {
    push(out, &[("", number / 100)]);
    let rest = (number % 100) as u8;
    if rest > 0 {
        out.push('.');
        out.push(char::from(b'0' + rest / 10));
        if !rest.is_multiple_of(10) {
            out.push(char::from(b'0' + rest % 10));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(n: u32) -> Vec<Bar> {
        (0..n).map(|turn| Bar { speaker: (turn % 3) as u16, length: 1 + turn % 90, turn }).collect()
    }

    #[test]
    fn hundredths_are_written_short() {
        let text = |number| {
            let mut out = String::new();
            push_hundredths(&mut out, number);
            out
        };
        assert_eq!([text(0), text(8), text(50), text(1234), text(10_000)], ["0", "0.08", "0.5", "12.34", "100"]);
    }

    #[test]
    fn a_ribbon_has_a_bar_for_each_turn_and_leads_to_it() {
        let inks = [Ink { hue: 1, is_host: true }, Ink { hue: 4, is_host: false }];
        let ids: Vec<TurnId> = (0..40).map(|n| TurnId::new(&format!("abc{n:03}")).unwrap()).collect();
        let svg = ribbon(&bars(40), &inks, &ids);
        assert_eq!(svg.matches("<rect ").count(), 40);
        assert!(ids.iter().all(|id| svg.contains(&format!("<a href=\"#{id}\""))));
        let ends: Vec<f64> =
            svg.split(" x=\"").skip(1).map(|part| part.split('%').next().unwrap().parse().unwrap()).collect();
        assert!(ends.iter().all(|x| (0.0..100.0).contains(x)));
    }

    #[test]
    fn a_code_says_its_address_to_a_reader() {
        for url in
            ["https://example.org/", "https://example.org/show/%E6%BD%AE/?x=1&y=2#k3f9qa", &"http://a.b/c".repeat(20)]
        {
            let view = qr(url).unwrap();
            let mut dark = vec![false; view.size * view.size];
            for (y, row) in view.d.split("M0 ").skip(1).enumerate() {
                let moves = row.strip_prefix(&format!("{y}.5")).unwrap();
                let mut x = 0;
                for (at, _) in moves.match_indices(['m', 'h']) {
                    let digits = moves[at + 1..].split(|c: char| !c.is_ascii_digit()).next().unwrap();
                    let run: usize = digits.parse().unwrap();
                    dark[y * view.size + x..][..run].fill(moves[at..].starts_with('h'));
                    x += run;
                }
            }
            const SCALE: usize = 4;
            let side = (view.size + 8) * SCALE;
            let grey = |x: usize, y: usize| {
                let at = |pixel: usize| (pixel / SCALE).checked_sub(4).filter(|&module| module < view.size);
                let is_dark = at(x).zip(at(y)).is_some_and(|(x, y)| dark[y * view.size + x]);
                if is_dark { 0 } else { 255 }
            };
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
            let codes = image.detect_grids();
            assert_eq!(codes[0].decode().unwrap().1, url);
        }
        assert!(qr(&"a".repeat(3000)).is_none());
    }

    #[test]
    fn a_cover_stays_in_its_box() {
        for n in [1, 7, 120, 300] {
            let view = cover("a", &bars(n), &[], 120);
            for number in view.paths.iter().flat_map(|path| path.d.split('M').skip(1)) {
                let mut parts = number.split([' ', 'h', 'v']).map(|part| part.trim_end_matches('z'));
                let (x, y, width): (u64, u64, u64) = (
                    parts.next().unwrap().parse().unwrap(),
                    parts.next().unwrap().parse().unwrap(),
                    parts.next().unwrap().parse().unwrap(),
                );
                assert!(x >= LEFT && x + width <= RIGHT && y + 54 < SIDE, "{number}");
            }
        }
    }
}
