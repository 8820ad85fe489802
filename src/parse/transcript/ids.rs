//! Ids of turns and sections (design: "identity is an input"): taken from the words, before any output pass.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{ContentHash, Hasher};
use crate::model::transcript::{Section, Transcript, TurnId};
use crate::parse::transcript::is_wide;

const OPENING_WORDS: usize = 12;
const OPENING_WIDE: usize = 24;

/// The id of each turn in order: `[a-z][a-z0-9]{5,7}`, a hash of the speaker's label and the turn's first 12 words
/// (24 wide characters). Equal openings are told apart by their order.
pub fn turn_ids(text: &str, transcript: &Transcript) -> Vec<TurnId> {
    let mut opening = String::with_capacity(128);
    let hashes = transcript.turns().map(|turn| {
        opening.clear();
        opening.push_str(&transcript.speakers[turn.speaker as usize].label);
        opening.push('\n');
        push_opening(turn.paragraphs.iter().map(|paragraph| paragraph.span.of(text)), &mut opening);
        ContentHash::of(opening.as_bytes())
    });
    let hashes: Vec<ContentHash> = hashes.collect();
    let ids: Vec<TurnId> = hashes.iter().map(TurnId::short).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    let repeated: BTreeSet<TurnId> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    let (mut used, mut orders) = (BTreeSet::new(), BTreeMap::new());
    let mut unused = |hash| unused(hash, &mut orders, |id| TurnId::new(id).filter(|id| used.insert(*id)));
    // Longer ids are given to repeated ones only, and never are six letters.
    ids.iter().zip(hashes).map(|(id, hash)| if repeated.contains(id) { unused(hash) } else { *id }).collect()
}

/// The id of each section in order: `s-` and a hash of its title; its number is no part of it.
/// A section without a title has an empty id.
pub fn section_ids(text: &str, sections: &[Section]) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut orders = BTreeMap::new();
    let ids = sections.iter().map(|section| {
        let Some(title) = &section.title else { return String::new() };
        let hash = ContentHash::of(title.of(text).as_bytes());
        unused(hash, &mut orders, |id| used.insert(id.to_owned()).then(|| format!("s-{id}")))
    });
    ids.collect()
}

/// Six letters of the hash; where they are taken, seven, eight, or those of a hash of the hash and a running number,
/// which goes on from the last one tried for the same hash.
fn unused<T>(hash: ContentHash, orders: &mut BTreeMap<ContentHash, u32>, take: impl FnMut(&str) -> Option<T>) -> T {
    let mut take = take;
    let letters = hash.letters(8);
    if let Some(taken) = (6..=8).find_map(|len| take(&letters[..len])) {
        return taken;
    }
    let order = orders.entry(hash).or_insert(0);
    loop {
        *order += 1;
        let letters = Hasher::new().part(&hash.bytes()).part(&order.to_le_bytes()).finish().letters(8);
        if let Some(taken) = take(&letters) {
            return taken;
        }
    }
}

fn push_opening<'t>(paragraphs: impl Iterator<Item = &'t str>, out: &mut String) {
    let (mut n_words, mut n_wide) = (0, 0);
    // Captions have a line break every ten words or so.
    for line in paragraphs.flat_map(|paragraph| paragraph.split('\n')) {
        let text = line.trim_start();
        let (plain, n_plain) = plain_words(text, OPENING_WORDS - n_words);
        n_words += n_plain;
        out.push_str(plain);
        let mut rest = &text[plain.len()..];
        while !rest.is_empty() && n_words < OPENING_WORDS {
            n_words += 1;
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            n_wide += word.chars().filter(|c| is_wide(*c)).count();
            if n_wide > OPENING_WIDE {
                push_wide(word, n_wide - OPENING_WIDE, out);
                return;
            }
            out.push_str(word);
            out.push(' ');
            rest = after.trim_start();
        }
        if n_words == OPENING_WORDS {
            return;
        }
    }
}

/// The first words of a text, at most `max`, if one space stands after each and they have no wide characters; and
/// their number.
fn plain_words(text: &str, max: usize) -> (&str, usize) {
    let (mut end, mut n_words) = (0, 0);
    for at in memchr::memchr_iter(b' ', text.as_bytes()).take(max) {
        if at == end {
            break;
        }
        (end, n_words) = (at + 1, n_words + 1);
    }
    // A control character or one beyond ASCII is negative, or less than a space.
    let is_ascii = text.as_bytes()[..end].iter().fold(true, |ascii, byte| ascii & (byte.cast_signed() >= 0x20));
    let is_plain = || text[..end].chars().all(|c| c == ' ' || !c.is_whitespace() && !is_wide(c));
    if is_ascii || is_plain() { (&text[..end], n_words) } else { ("", 0) }
}

/// Appends a word up to the first of its last `n_over` wide characters.
fn push_wide(word: &str, n_over: usize, out: &mut String) {
    let wide = word.char_indices().filter(|(_, c)| is_wide(*c)).map(|(at, _)| at);
    let cut = wide.collect::<Vec<_>>();
    out.push_str(&word[..cut[cut.len() - n_over]]);
}
