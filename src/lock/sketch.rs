//! Sketches: 24 bytes by which nearly the same text is known again.

use crate::hash::{ContentHash, Hasher, push_hex};
use crate::model::episode::Episode;
use crate::model::transcript::TurnId;

const N: usize = 8;
/// So many equal values of eight make two texts nearly the same: about half of their turns.
const ENOUGH: usize = 4;
/// A text of fewer turns has no sketch: many monologues begin with the same words.
const FEW_TURNS: usize = 4;

/// The least of the hashes of all turn openings, under eight orders (MinHash): two texts share as many of the values
/// as they share turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch([u32; N]);

impl Sketch {
    /// The sketch of a text by the ids of its turns; `None` for fewer than four.
    pub fn of(ids: &[TurnId]) -> Option<Self> {
        if ids.len() < FEW_TURNS {
            return None;
        }
        let mut least = [u64::MAX; N];
        for id in ids {
            let token = mixed(id.as_bytes().iter().fold(0, |token, byte| token << 8 | u64::from(*byte)));
            for (order, least) in least.iter_mut().enumerate() {
                *least = (*least).min(mixed(token ^ (order as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            }
        }
        Some(Self(least.map(|least| (least & 0xff_ffff) as u32)))
    }

    /// Appends its 48 hexadecimal digits in lower case.
    pub(super) fn push_hex(&self, out: &mut String) {
        self.0.iter().for_each(|value| push_hex(&value.to_be_bytes()[1..], out));
    }

    /// Reads what a lock has of it: 48 hexadecimal digits in lower case.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != N * 6 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut values = [0; N];
        for (idx, value) in values.iter_mut().enumerate() {
            *value = u32::from_str_radix(&text[idx * 6..idx * 6 + 6], 16).ok()?;
        }
        Some(Self(values))
    }

    /// The values with their places, for a table of sketches.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, u32)> {
        self.0.into_iter().enumerate()
    }

    /// How many values two texts share, if these are enough to call them nearly the same.
    pub fn likeness(&self, other: &Self) -> Option<usize> {
        let n_equal = self.0.iter().zip(&other.0).filter(|(one, two)| one == two).count();
        (n_equal >= ENOUGH).then_some(n_equal)
    }
}

/// The finaliser of SplitMix64: a cheap hash of a number. This is walked for every turn of a changed episode.
fn mixed(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// The hash of what is said: the openings of all turns in order. Neither front matter nor the rest of a turn is in
/// it, so that few edits change a line of the lock.
///
/// A text of few turns may begin as others do, so that its amounts count as well; one without turns has little to go
/// by, so that its whole file is taken.
pub(super) fn text_hash(episode: &Episode) -> ContentHash {
    let mut hasher = Hasher::new();
    hasher.part(&TurnId::in_a_row(&episode.turn_ids));
    if episode.turn_ids.len() < FEW_TURNS {
        hasher.part(&episode.n_words.to_le_bytes()).part(&episode.n_han.to_le_bytes());
    }
    if let Some((_, hash)) = episode.read.first().filter(|_| episode.turn_ids.is_empty()) {
        hasher.part(&hash.bytes());
    }
    hasher.finish()
}
