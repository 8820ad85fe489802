//! Drawn pictures: an episode's cover is its transcript seen from far away.

use crate::hash::ContentHash;
use crate::render::view::{BarView, CoverPath, CoverView};

const LINES: usize = 11;
const LEFT: f64 = 12.0;
const RIGHT: f64 = 107.4;
const HEIGHT: f64 = 5.4;
const STEP: f64 = 8.73;

/// The cover of an episode from its bars: (ink, length), wrapped as the lines of a page.
pub(crate) fn cover(seed: &str, bars: &[(u8, u32)]) -> CoverView {
    let palette = 1 + (ContentHash::of(seed.as_bytes()).letters(1).as_bytes()[0] % 6);
    let total: u64 = bars.iter().map(|bar| u64::from(bar.1)).sum::<u64>().max(1);
    let room = LINES as f64 * (RIGHT - LEFT) - bars.len().min(200) as f64 * 0.7;
    let mut paths = [String::new(), String::new(), String::new()];
    let (mut x, mut line) = (LEFT, 0);
    for &(ink, length) in bars {
        let mut width = f64::from(length) / total as f64 * room;
        while width > 0.05 && line < LINES {
            let part = width.min(RIGHT - x);
            if part > 0.25 {
                let y = LEFT + line as f64 * STEP;
                let path = &mut paths[usize::from(ink.clamp(1, 3)) - 1];
                path.push_str(&format!("M{x:.1} {y:.1}h{part:.1}v{HEIGHT}h-{part:.1}z"));
            }
            width -= part;
            x += part + 0.7;
            if x >= RIGHT - 0.5 {
                (x, line) = (LEFT, line + 1);
            }
        }
    }
    let paths =
        paths.into_iter().zip(1..).filter(|(d, _)| !d.is_empty()).map(|(d, ink)| CoverPath { ink, d }).collect();
    CoverView { palette, paths, image: None }
}

/// The cover of a show: sixteen tiles, some of them a leaf, by the hash of its title.
pub(crate) fn show_cover(title: &str) -> CoverView {
    let letters = ContentHash::of(title.as_bytes()).letters(20);
    let bytes = letters.as_bytes();
    let mut paths = [String::new(), String::new(), String::new()];
    for (tile, &value) in bytes.iter().take(16).enumerate() {
        let (x, y) = ((tile % 4) * 30, (tile / 4) * 30);
        let (x2, y2) = (x + 30, y + 30);
        let leaf = match value % 5 {
            0 => continue,
            1 | 2 => format!("M{x} {y}A30 30 0 0 1 {x2} {y2}A30 30 0 0 1 {x} {y}"),
            3 => format!("M{x2} {y}A30 30 0 0 1 {x} {y2}A30 30 0 0 1 {x2} {y}"),
            _ => format!("M{x} {y}H{x2}A30 30 0 0 1 {x} {y2}Z"),
        };
        paths[usize::from(value / 5 % 3)].push_str(&leaf);
    }
    let paths =
        paths.into_iter().zip(1..).filter(|(d, _)| !d.is_empty()).map(|(d, ink)| CoverPath { ink, d }).collect();
    CoverView { palette: 1 + bytes[19] % 6, paths, image: None }
}

/// Bars as per cent of the whole, with a small gap between.
pub(crate) fn bars(bars: &[(u8, bool, u32)], ids: &[String]) -> Vec<BarView> {
    let total: f64 = bars.iter().map(|bar| f64::from(bar.2)).sum::<f64>().max(1.0);
    let gap = if bars.len() > 120 { 0.04 } else { 0.22 };
    let mut at = 0.0;
    let view = |(idx, &(speaker, low, length)): (usize, &(u8, bool, u32))| {
        let share = f64::from(length) / total * 100.0;
        let x = at;
        at += share;
        let width = (share - gap).max(0.08);
        let id = ids.get(idx).cloned().unwrap_or_default();
        BarView { id, speaker, x: format!("{x:.2}"), width: format!("{width:.2}"), low }
    };
    bars.iter().enumerate().map(view).collect()
}
