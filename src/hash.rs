//! Content hashes: what makes two versions of a file, or two inputs of a page, the same.
//!
//! XXH3 tells apart what chance makes, at the speed of memory; it is no seal. Whoever writes two versions of a file
//! with one hash, on purpose, gets no more than an old page: hashes are compared only for one path or one episode.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// A 128-bit XXH3 hash. Two things with one hash are taken to be the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash([u8; 16]);

impl ContentHash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes).to_be_bytes())
    }

    /// The first `len` characters (at most 24) of the hash in lower-case base 36, which begins with a letter.
    pub fn letters(&self, len: usize) -> String {
        const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut out = String::with_capacity(len);
        // Twelve digits of each half: 64-bit division is much the faster one.
        for (half, bytes) in self.0.chunks_exact(8).enumerate() {
            let mut number = u64::from_be_bytes(bytes.try_into().unwrap_or_default());
            for idx in half * 12..len.min(half * 12 + 12) {
                // Two divisions by a constant: one by a variable is several times as slow.
                let (rest, digit) = if idx == 0 { (number / 26, number % 26) } else { (number / 36, number % 36) };
                out.push(char::from(DIGITS[digit as usize]));
                number = rest;
            }
        }
        out
    }

    /// A hash that was made elsewhere.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The hash as bytes.
    pub fn bytes(&self) -> [u8; 16] {
        self.0
    }

    /// The first bytes as a number: it spreads things, and does not tell them apart.
    pub fn number(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }

    /// Appends what [`Display`](fmt::Display) writes.
    pub(crate) fn push_hex(&self, out: &mut String) {
        push_hex(&self.0, out);
    }

    /// Reads what [`Display`](fmt::Display) writes: 32 hexadecimal digits in lower case.
    ///
    /// ```
    /// use podleaf::hash::ContentHash;
    /// let hash = ContentHash::of(b"a");
    /// assert_eq!(ContentHash::from_hex(&hash.to_string()), Some(hash));
    /// assert_eq!(ContentHash::from_hex("a"), None);
    /// ```
    pub fn from_hex(text: &str) -> Option<Self> {
        let lower = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = lower.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(32);
        self.push_hex(&mut text);
        f.write_str(&text)
    }
}

/// Appends bytes as hexadecimal digits in lower case. Every build writes some for each of its files.
pub(crate) fn push_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(2 * bytes.len());
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Hashes several parts in order; each part is told apart from its neighbours by its length.
#[derive(Default)]
pub struct Hasher(Xxh3Default);

impl Hasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a hash.
    pub fn hash(&mut self, hash: ContentHash) -> &mut Self {
        self.0.update(&hash.0);
        self
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Adds a value as its JSON, in one piece: many small updates cost more than the JSON.
    ///
    /// # Panics
    /// Never for plain structs, lists and maps with string keys, which are all that is hashed.
    pub fn json(&mut self, value: &impl Serialize) -> &mut Self {
        let json = serde_json::to_vec(value).expect("a view serialises");
        self.0.update(&json);
        self.0.update(&[0]);
        self
    }

    /// The hash of all parts so far.
    pub fn finish(&self) -> ContentHash {
        ContentHash(self.0.digest128().to_be_bytes())
    }
}

/// Hashes the bytes of one thing that comes in pieces: the same hash as [`ContentHash::of`] all of them.
#[derive(Default)]
pub struct StreamHasher(Xxh3Default);

impl StreamHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes so far.
    pub fn finish(&self) -> ContentHash {
        ContentHash(self.0.digest128().to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let one = Hasher::new().part(b"ab").part(b"c").finish();
        let two = Hasher::new().part(b"a").part(b"bc").finish();
        assert_ne!(one, two);
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        let mut hasher = StreamHasher::new();
        hasher.update(b"pod");
        hasher.update(b"leaf");
        assert_eq!(hasher.finish(), ContentHash::of(b"podleaf"));
    }

    #[test]
    fn letters_begin_with_a_letter() {
        for n in 0..200_u32 {
            let id = ContentHash::of(&n.to_le_bytes()).letters(6);
            assert_eq!(id.len(), 6);
            assert!(id.starts_with(|c: char| c.is_ascii_lowercase()), "{id}");
        }
    }
}
