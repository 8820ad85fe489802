//! Runs: the postings of some episodes, by term.
//!
//! A run is the terms of one shard in byte order, cut into [`PARTS`] by their first byte. A term is
//!
//! ```text
//! bytes in common with the term before · further bytes · these bytes
//! episodes · first episode · from it to the last episode · bytes of postings · postings
//! ```
//!
//! Postings are, for each episode, how far it is from the one before (0 for the first), then its units: each as
//! `2 × (distance from the unit before) + (1 where more follow)`. All numbers as in `search/number.rs`.

use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

use super::number;
use super::terms::{Term, short_bytes, terms};
use crate::hash::ContentHash;

/// The first bytes at which the terms of a part begin: parts are merged in parallel.
pub const PARTS: [u8; 12] = [0, b'b', b'd', b'f', b'i', b'm', b'p', b's', b't', 0x80, 0xe6, 0xe8];

#[expect(clippy::disallowed_types, reason = "sorted before it is written; a tree takes twice as long")]
type Terms<T, V> = std::collections::HashMap<T, V, BuildHasherDefault<TermHasher>>;

/// Hashes one term in one go.
#[derive(Default)]
struct TermHasher(u64);

impl Hasher for TermHasher {
    fn write(&mut self, term: &[u8]) {
        self.0 = xxh3_64(term);
    }

    fn write_u128(&mut self, term: u128) {
        let (high, low) = ((term >> 64) as u64, term as u64);
        // Two odd numbers without a pattern; both halves of the product depend on all bits.
        let product = u128::from(high ^ 0x9e37_79b9_7f4a_7c15) * u128::from(low ^ 0xd1b5_4a32_d192_ed03);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    // The length, which comes before the term.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A run that is being made.
#[derive(Debug, Default)]
pub struct RunBuilder {
    /// See [`Term::Short`].
    short: Terms<u128, Postings>,
    long: Terms<Box<[u8]>, Postings>,
    /// What was added last. It fits into a cache, as the terms of a shard do not: most words are found here.
    open: OpenEpisode,
}

/// The short terms of one episode.
#[derive(Debug, Default)]
struct OpenEpisode {
    episode: u32,
    by_term: Terms<u128, OpenTerm>,
    /// The terms in the order in which they came, each with the number of its units.
    found: Vec<(u128, u32)>,
    /// Terms by their place in `found`, each with a unit that has it.
    log: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct OpenTerm {
    place: u32,
    /// The last unit that has it.
    unit: Option<u32>,
}

#[derive(Debug)]
struct Postings {
    n_episodes: u32,
    first: u32,
    last: u32,
    /// The last unit, which is not in the bytes yet, and the one before it.
    unit: u32,
    unit_before: u32,
    bytes: Vec<u8>,
}

impl RunBuilder {
    /// Adds a text of an episode. Episodes come in the order of their numbers, and of each its units.
    pub fn add(&mut self, episode: u32, unit: u32, text: &str) {
        if episode != self.open.episode {
            self.close();
            self.open.episode = episode;
        }
        terms(text, |term| match term {
            Term::Short(term) => self.open.add(term, unit),
            Term::Long(term) => match self.long.get_mut(term) {
                Some(postings) => postings.add(episode, unit),
                None => _ = self.long.insert(term.into(), Postings::new(episode, unit)),
            },
        });
    }

    /// Adds the units of the open episode to the terms that they have.
    fn close(&mut self) {
        let OpenEpisode { episode, by_term, found, log } = &mut self.open;
        let mut starts = Vec::with_capacity(found.len());
        let mut n_before = 0;
        for (_, n_units) in &*found {
            starts.push(n_before);
            n_before += *n_units as usize;
        }
        let (mut units, mut ends) = (vec![0; log.len()], starts);
        for (place, unit) in log.drain(..) {
            let end = &mut ends[place as usize];
            units[*end] = unit;
            *end += 1;
        }
        for ((term, n_units), end) in found.drain(..).zip(ends) {
            let own = &units[end - n_units as usize..end];
            // A unit that is there already is not added again.
            let postings = self.short.entry(term).or_insert_with(|| Postings::new(*episode, own[0]));
            own.iter().for_each(|unit| postings.add(*episode, *unit));
        }
        by_term.clear();
    }

    /// The run, by part.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        self.close();
        let mut short: Vec<(u128, Postings)> = self.short.into_iter().collect();
        short.sort_unstable_by_key(|(term, _)| *term);
        let mut long: Vec<(Box<[u8]>, Postings)> = self.long.into_iter().collect();
        long.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut long = long.into_iter().peekable();
        let mut writer = RunWriter { parts: vec![Vec::new(); PARTS.len()], part: 0, before: Vec::new() };
        for (term, postings) in short {
            let (bytes, len) = short_bytes(term);
            let term = &bytes[..len];
            while let Some((before, postings)) = long.next_if(|(other, _)| **other < *term) {
                writer.push(&before, postings);
            }
            writer.push(term, postings);
        }
        long.for_each(|(term, postings)| writer.push(&term, postings));
        writer.parts
    }
}

impl OpenEpisode {
    fn add(&mut self, term: u128, unit: u32) {
        let place = self.found.len() as u32;
        let own = self.by_term.entry(term).or_insert_with(|| {
            self.found.push((term, 0));
            OpenTerm { place, unit: None }
        });
        if own.unit.replace(unit) != Some(unit) {
            self.found[own.place as usize].1 += 1;
            self.log.push((own.place, unit));
        }
    }
}

/// Writes terms, which come in byte order, into their parts.
struct RunWriter {
    parts: Vec<Vec<u8>>,
    part: usize,
    before: Vec<u8>,
}

impl RunWriter {
    fn push(&mut self, term: &[u8], mut postings: Postings) {
        let part = PARTS.partition_point(|first| *first <= term[0]) - 1;
        if part != self.part {
            self.before.clear();
            self.part = part;
        }
        let out = &mut self.parts[part];
        push_term(term, &mut self.before, out);
        postings.push_unit(false);
        number::push(postings.n_episodes, out);
        number::push(postings.first, out);
        number::push(postings.last - postings.first, out);
        number::push(postings.bytes.len() as u32, out);
        out.extend_from_slice(&postings.bytes);
    }
}

impl Postings {
    fn new(episode: u32, unit: u32) -> Self {
        Self { n_episodes: 1, first: episode, last: episode, unit, unit_before: 0, bytes: vec![0] }
    }

    fn add(&mut self, episode: u32, unit: u32) {
        if episode != self.last {
            self.push_unit(false);
            number::push(episode - self.last, &mut self.bytes);
            (self.n_episodes, self.last, self.unit_before, self.unit) = (self.n_episodes + 1, episode, 0, unit);
        } else if unit != self.unit {
            self.push_unit(true);
            (self.unit_before, self.unit) = (self.unit, unit);
        }
    }

    fn push_unit(&mut self, has_more: bool) {
        number::push((self.unit - self.unit_before) * 2 + u32::from(has_more), &mut self.bytes);
    }
}

/// A run as it is kept: its key, the length of each part, the parts.
pub fn stored(key: ContentHash, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + parts.iter().map(Vec::len).sum::<usize>());
    out.extend_from_slice(&key.bytes());
    parts.iter().for_each(|part| out.extend_from_slice(&(part.len() as u32).to_le_bytes()));
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// The length of the head of a stored run.
pub const HEAD: usize = 16 + 4 * PARTS.len();

/// The key and the lengths of the parts that the head of a stored run names.
pub fn stored_head(head: &[u8; HEAD]) -> (ContentHash, [usize; PARTS.len()]) {
    let mut key = [0; 16];
    key.copy_from_slice(&head[..16]);
    let mut lengths = [0; PARTS.len()];
    for (length, bytes) in lengths.iter_mut().zip(head[16..].chunks_exact(4)) {
        *length = bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
    }
    (ContentHash::from_bytes(key), lengths)
}

/// A term of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'r> {
    /// How many episodes have it.
    pub n_episodes: u32,
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
    /// Postings; the first episode is 0 away from nothing.
    pub postings: &'r [u8],
}

/// Reads a part of a run, term by term.
#[derive(Debug)]
pub struct RunReader<'r> {
    rest: &'r [u8],
    /// The term that was read last.
    pub term: Vec<u8>,
}

impl<'r> RunReader<'r> {
    /// Reads from the beginning of a part.
    pub fn new(part: &'r [u8]) -> Self {
        Self { rest: part, term: Vec::new() }
    }

    /// How many bytes are yet to be read.
    pub fn n_left(&self) -> usize {
        self.rest.len()
    }

    /// The next term's entry; `None` at the end, or where the bytes are none that [`RunBuilder`] made.
    pub fn next_entry(&mut self) -> Option<Entry<'r>> {
        let (shared, len) = (number::take(&mut self.rest)?, number::take(&mut self.rest)?);
        self.term.truncate(shared as usize);
        self.term.extend_from_slice(number::take_bytes(&mut self.rest, len)?);
        let (n_episodes, first) = (number::take(&mut self.rest)?, number::take(&mut self.rest)?);
        let last = first.checked_add(number::take(&mut self.rest)?)?;
        let len = number::take(&mut self.rest)?;
        Some(Entry { n_episodes, first, last, postings: number::take_bytes(&mut self.rest, len)? })
    }
}

/// Writes a term as what it has more than the one before, whose place it takes.
pub(super) fn push_term(term: &[u8], before: &mut Vec<u8>, out: &mut Vec<u8>) {
    let shared = before.iter().zip(term).take_while(|(one, other)| one == other).count();
    number::push(shared as u32, out);
    number::push((term.len() - shared) as u32, out);
    out.extend_from_slice(&term[shared..]);
    before.clear();
    before.extend_from_slice(term);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[Vec<u8>]) -> Vec<(String, u32, u32, u32, Vec<u8>)> {
        let mut found = Vec::new();
        for part in parts {
            let mut reader = RunReader::new(part);
            while let Some(entry) = reader.next_entry() {
                let term = String::from_utf8(reader.term.clone()).unwrap();
                found.push((term, entry.n_episodes, entry.first, entry.last, entry.postings.to_vec()));
            }
            assert!(reader.rest.is_empty());
        }
        found
    }

    #[test]
    fn a_run_has_every_term_with_its_units_once() {
        let mut run = RunBuilder::default();
        run.add(3, 0, "Tea. Tea, tea!");
        run.add(3, 4, "tea time");
        run.add(3, 200, "tea");
        run.add(7, 1, "茶 tea");
        let found = read(&run.finish());
        let terms: Vec<&str> = found.iter().map(|(term, ..)| term.as_str()).collect();
        assert_eq!(terms, ["tea", "time", "茶"]);
        // 0 away: unit 0 and more, 4 on and more, 196 on; 4 away: unit 1.
        assert_eq!(found[0], ("tea".to_owned(), 2, 3, 7, vec![0, 1, 9, 0x88, 0x03, 4, 2]));
        assert_eq!(found[1], ("time".to_owned(), 1, 3, 3, vec![0, 8]));
        assert_eq!(found[2], ("茶".to_owned(), 1, 7, 7, vec![0, 2]));
    }

    #[test]
    fn torn_runs_end_early() {
        let mut run = RunBuilder::default();
        run.add(1, 1, "alpha beta gamma delta 你好世界");
        for part in run.finish() {
            for len in 0..part.len() {
                let mut reader = RunReader::new(&part[..len]);
                while reader.next_entry().is_some() {}
            }
        }
    }
}
