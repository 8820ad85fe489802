//! Ids of turns and sections (design: "identity is an input"): taken from the words, before any output pass.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::Hasher;
use crate::model::transcript::{Section, Transcript};
use crate::parse::transcript::is_wide;

const OPENING_WORDS: usize = 12;
const OPENING_WIDE: usize = 24;

/// The id of each turn in order: `[a-z][a-z0-9]{5,7}`, a hash of the speaker's label and the turn's first 12 words
/// (24 wide characters). Equal openings are told apart by their order.
pub fn turn_ids(text: &str, transcript: &Transcript) -> Vec<String> {
    let mut seen: BTreeMap<(u32, String), u32> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let ids = transcript.turns().map(|turn| {
        let label = &transcript.speakers[turn.speaker as usize].label;
        let opening = opening(turn.paragraphs.iter().map(|paragraph| paragraph.span.of(text)));
        let order = seen.entry((turn.speaker, opening.clone())).or_insert(0);
        *order += 1;
        unused(&[label.as_bytes(), opening.as_bytes(), &order.to_le_bytes()], &mut used)
    });
    ids.collect()
}

/// The id of each section in order: `s-` and a hash of its title; its number is no part of it.
/// A section without a title has an empty id.
pub fn section_ids(text: &str, sections: &[Section]) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let ids = sections.iter().map(|section| {
        let Some(title) = section.title else { return String::new() };
        let title = title.of(text);
        let order = seen.entry(title).or_insert(0);
        *order += 1;
        format!("s-{}", unused(&[title.as_bytes(), &order.to_le_bytes()], &mut used))
    });
    ids.collect()
}

/// Six letters of the hash; where another opening has them already, seven, eight, or those of a salted hash.
fn unused(parts: &[&[u8]], used: &mut BTreeSet<String>) -> String {
    for salt in 0_u32.. {
        let mut hasher = Hasher::new();
        parts.iter().for_each(|part| _ = hasher.part(part));
        if salt > 0 {
            hasher.part(&salt.to_le_bytes());
        }
        let hash = hasher.finish();
        if let Some(id) = (6..=8).map(|len| hash.letters(len)).find(|id| !used.contains(id)) {
            used.insert(id.clone());
            return id;
        }
    }
    String::new()
}

fn opening<'t>(paragraphs: impl Iterator<Item = &'t str>) -> String {
    let mut out = String::with_capacity(96);
    let (mut n_words, mut n_wide) = (0, 0);
    for word in paragraphs.flat_map(str::split_whitespace) {
        if n_words == OPENING_WORDS {
            break;
        }
        n_words += 1;
        for c in word.chars() {
            n_wide += usize::from(is_wide(c));
            if n_wide > OPENING_WIDE {
                return out;
            }
            out.push(c);
        }
        out.push(' ');
    }
    out
}
