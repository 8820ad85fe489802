//! What the ids of turns were, as bytes: they outlive the records of a memo, which are for one version of the program.

use serde::{Deserialize, Serialize};

use super::{Before, Turn};
use crate::hash::ContentHash;
use crate::model::transcript::TurnId;

/// The form has a version of its own; another one is not read.
const MAGIC: &[u8] = b"podleaf turns 1\n";

/// The turns of one episode.
#[derive(Serialize, Deserialize)]
struct Published {
    guid: String,
    #[serde(with = "crate::model::transcript::turn_ids")]
    defaults: Vec<TurnId>,
    /// Nothing where they are the same.
    #[serde(with = "crate::model::transcript::turn_ids")]
    ids: Vec<TurnId>,
    /// Speaker and length of each.
    measures: Vec<(u32, u32)>,
}

/// Some episodes' turns as bytes: a line that names the form, a hash of the rest, the rest.
///
/// # Panics
/// Never: numbers and text serialise.
pub fn encode_turns(before: &Before) -> Vec<u8> {
    let published = before.iter().map(|(guid, turns)| {
        let is_default = turns.iter().all(|turn| turn.id == turn.default);
        let ids = if is_default { Vec::new() } else { turns.iter().map(|turn| turn.id).collect() };
        Published {
            guid: guid.clone(),
            defaults: turns.iter().map(|turn| turn.default).collect(),
            ids,
            measures: turns.iter().map(|turn| (turn.speaker, turn.length)).collect(),
        }
    });
    let payload = postcard::to_allocvec(&published.collect::<Vec<_>>()).expect("numbers and text serialise");
    let hash = ContentHash::of(&payload).bytes();
    [MAGIC, hash.as_slice(), payload.as_slice()].concat()
}

/// What [`encode_turns`] wrote. `None` for another form, and for what is torn or changed.
pub fn decode_turns(bytes: &[u8]) -> Option<Before> {
    let (hash, payload) = bytes.strip_prefix(MAGIC)?.split_at_checked(16)?;
    if ContentHash::of(payload).bytes() != hash {
        return None;
    }
    let published: Vec<Published> = postcard::from_bytes(payload).ok()?;
    let turns = |one: Published| {
        let ids = if one.ids.is_empty() { &one.defaults } else { &one.ids };
        let is_whole = ids.len() == one.defaults.len() && ids.len() == one.measures.len();
        let turns = one.defaults.iter().zip(ids).zip(&one.measures);
        let turns = turns.map(|((&default, &id), &(speaker, length))| Turn { default, id, speaker, length }).collect();
        is_whole.then_some((one.guid, turns))
    };
    published.into_iter().map(turns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_read_as_they_were_written_and_torn_ones_are_none() {
        let id = |text: &str| TurnId::new(text).unwrap();
        let turn = |default: &str, kept: &str| Turn { default: id(default), id: id(kept), speaker: 1, length: 300 };
        let before = Before::from([
            ("a".to_owned(), vec![turn("abcdef", "abcdef"), turn("bcdefgh", "zyxwvu")]),
            ("b".to_owned(), vec![turn("cdefgh", "cdefgh")]),
            ("c".to_owned(), Vec::new()),
        ]);
        let bytes = encode_turns(&before);
        assert_eq!(decode_turns(&bytes), Some(before));
        for len in 0..bytes.len() {
            assert_eq!(decode_turns(&bytes[..len]), None, "{len}");
            let mut other = bytes.clone();
            other[len] ^= 0x20;
            assert_eq!(decode_turns(&other), None, "{len}");
        }
    }
}
